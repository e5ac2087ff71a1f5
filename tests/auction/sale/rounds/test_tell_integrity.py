"""What the sale hands over when a round is over: the roster with the outcome, never before, each fate once; and one word: linked or not."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from auction.contracts import RoundFate, RoundRoster
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.persons import identity_of
from auction.sale.cases.parties import PartyRole
from auction.sale.links.store import party_token
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds.linked_codes import LinkedCodes
from auction.sale.rounds.tell_integrity import PublishedRounds, ensure_roster, send_roster
from auction.sale.title.tell_fate import send_fate
from tests.auction.sale.guards.test_doors import decided, declare, joint, refused
from tests.auction.sale.world import CLOSES_AT, RESERVE, World

TAKE_ROSTER = "bidding.take_roster"


async def test_roster_comes_with_the_outcome_and_never_before(world: World) -> None:
    """Nothing joins codes to parties while the round runs; the outcome's transaction hands over all admitted codes, silent ones too."""
    published = await world.announced()
    winner, _, code = await world.admitted()
    _, _, silent = await world.admitted("赵示例")
    await world.register(await world.bidder("钱示例", date(1980, 2, 2)))
    before = await world.jobs(TAKE_ROSTER)

    await world.close(world.outcome(published, code))

    (job,) = await world.jobs(TAKE_ROSTER)
    roster: RoundRoster = job.decode(RoundRoster)
    assert before == []
    assert [entry.code for entry in roster.entries] == sorted([code, silent])
    token = await world.read(lambda tx: _token(tx, winner.person_id))
    assert {entry.code: entry.party for entry in roster.entries}[code] == token
    assert all(entry.deposited_at is not None for entry in roster.entries)
    assert (roster.round_id, roster.reserve_fen, roster.closes_at) == (published.round_id, RESERVE.fen, CLOSES_AT)
    assert len(roster.debtors) == 1
    assert roster.reference_fen > 0
    assert roster.agency == ""


async def test_roster_names_the_agency_of_the_price_by_token(world: World) -> None:
    """One agency is one token whatever the lot, and not its id; a price that no agency made names none."""
    agency_id = new_id()
    world.agency_id = agency_id
    published = await world.announced()
    _, _, code = await world.admitted()

    await world.close(world.outcome(published, code))

    roster: RoundRoster = (await world.jobs(TAKE_ROSTER))[0].decode(RoundRoster)

    async def token(tx: Transaction) -> str:
        return tx.sealer.commit(f"agency:{agency_id}")

    assert roster.agency == await world.read(token)
    assert str(agency_id) not in roster.agency
    assert roster.agency not in {entry.party for entry in roster.entries}


async def test_a_repeated_outcome_sends_no_second_roster(world: World) -> None:
    """The same outcome again, and a roster that is asked for again, leave one job."""
    published = await world.announced()
    _, _, code = await world.admitted()
    await world.close(world.outcome(published, code))
    await world.close(world.outcome(published, code))

    await ensure_roster(world.db, published.round_id)

    assert len(await world.jobs(TAKE_ROSTER)) == 1


async def test_no_roster_without_an_outcome(world: World) -> None:
    """Asked before the close, nothing is sent; a direct call stops."""
    published = await world.announced()
    await world.admitted()

    async def send(tx: Transaction) -> None:
        row = await tx.session.get(RoundRow, published.round_id)
        assert row is not None
        await send_roster(tx, row)

    await ensure_roster(world.db, published.round_id)
    with pytest.raises(AssertionError, match="before the outcome"):
        await world.db.transact(send)

    assert await world.jobs(TAKE_ROSTER) == []


async def test_each_fate_is_told_once(world: World) -> None:
    """The same fate twice is one job; another fate is another."""
    round_id = new_id()
    await world.db.transact(lambda tx: send_fate(tx, round_id, "paid"))
    await world.db.transact(lambda tx: send_fate(tx, round_id, "paid"))
    await world.db.transact(lambda tx: send_fate(tx, round_id, "set_aside"))

    told = [job.decode(RoundFate) for job in await world.jobs("bidding.take_fate")]
    assert sorted(one.fate for one in told) == ["paid", "set_aside"]


async def test_published_terms_name_nobody(world: World) -> None:
    """What the watch reads of a running round is its published terms."""
    published = await world.announced()
    await world.admitted()

    seen = await world.read(lambda tx: PublishedRounds().published_round(tx, published.session_id))
    none = await world.read(lambda tx: PublishedRounds().published_round(tx, new_id()))

    assert none is None
    assert seen is not None
    assert (seen.round_id, seen.case_id, seen.asset_class) == (published.round_id, world.case_id, "home")
    assert not {"entries", "debtors", "party"} & set(seen.__struct_fields__)


@pytest.mark.parametrize("is_linked", [False, True])
async def test_linked_codes_answers_yes_or_no_from_decisions(world: World, is_linked: bool) -> None:
    """Two codes are linked when the court decided so, else not; asking stores nothing."""
    published = await world.announced()
    one, _, first = await world.admitted()
    other, _, second = await world.admitted("赵示例")
    if is_linked:
        await _decide(world, one.person_id, other.person_id)

    answer = await world.read(lambda tx: LinkedCodes().are_linked(tx, published.session_id, first, second))

    assert answer is is_linked
    assert PartyRole.JUDGMENT_DEBTOR in world.parties


async def test_roster_names_decided_links_by_token(world: World) -> None:
    """Parties of whom the court decided that they are one are paired on the roster, by their tokens."""
    published = await world.announced()
    one, _, code = await world.admitted()
    other, _, _ = await world.admitted("赵示例")
    await world.admitted("孙示例")
    await _decide(world, one.person_id, other.person_id)

    await world.close(world.outcome(published, code))

    roster: RoundRoster = (await world.jobs(TAKE_ROSTER))[0].decode(RoundRoster)
    tokens = sorted([await world.read(lambda tx: _token(tx, who.person_id)) for who in (one, other)])  # noqa: B023
    assert roster.links == ((tokens[0], tokens[1]),)


async def test_roster_gives_declared_joint_bidders_one_word(world: World) -> None:
    """A declared group bears one word, also the member whom the court let have a code of his own; who declared nothing bears none."""
    published = await world.announced()
    first, registered, code = await world.admitted()
    _, _, alone = await world.admitted("赵示例")
    second = await world.bidder("孙共同")
    _, number = await world.read(lambda tx: identity_of(tx, second.person_id))
    await declare(world, first, registered.registration_id, joint(number, 4000))
    await decided(world, await refused(world, second), second, uphold=True)
    apart = await world.register(second)
    await world.pay_deposit(apart)

    await world.close(world.outcome(published, code))

    roster: RoundRoster = (await world.jobs(TAKE_ROSTER))[0].decode(RoundRoster)
    words = {entry.code: entry.joint_group for entry in roster.entries}
    (own,) = set(words) - {code, alone}
    assert words[code] == words[own] != ""
    assert words[alone] == ""
    known = await world.rows(
        "SELECT commitment FROM sale.joint_member UNION SELECT identity_commitment FROM kernel.person"
    )
    assert words[code] not in {row.commitment for row in known}


async def _token(tx: Transaction, person_id: UUID) -> str:
    return party_token(tx, person_id)


async def _decide(world: World, one: UUID, other: UUID) -> None:
    await world.rows(
        "WITH put AS (INSERT INTO sale.decided_link (link_id, case_id, low_person_id, high_person_id, relation, reason, low_heard_on, "
        "high_heard_on, record_ref, decided_by, decided_at) VALUES (:id, :case, LEAST(CAST(:one AS uuid), CAST(:other AS uuid)), "
        "GREATEST(CAST(:one AS uuid), CAST(:other AS uuid)), 'one_controller', 'r', :day, :day, 'n', :id, now()) RETURNING 1) SELECT * FROM put",
        id=new_id(),
        case=world.case_id,
        one=one,
        other=other,
        day=date(2026, 1, 5),
    )
