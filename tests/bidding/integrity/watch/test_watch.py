"""The watch: records only of rounds that are over, screened once; live findings from what is committed, told once, also after a crash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.contracts import FindingRaised, PublishedRound, RosterEntry, RoundFate, RoundRoster
from auction.kernel.clock import from_us
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.fitting import fit_baselines
from bidding.integrity.watch import run_nightly as nightly
from bidding.integrity.watch import store
from bidding.integrity.watch.raise_and_tell import findings_on
from bidding.integrity.watch.run_nightly import run_nightly
from bidding.integrity.watch.screen_round import screen_round
from bidding.integrity.watch.take_fate import RosterNotYet, take_fate
from bidding.integrity.watch.take_roster import RosterBeforeClose, take_roster
from bidding.integrity.watch.watch_rooms import RoomWatch
from bidding.journal.close_session import close_session
from bidding.live.move_clock import move_clock
from bidding.rules.session import SessionTerms
from tests.bidding.integrity.screens.rounds import ordinary
from tests.bidding.journal.world import MINUTE_US, START_FEN, STEP_FEN, World

CASE = new_id()
NOTE = "sale.note_finding"


def roster(terms: SessionTerms, *codes: str, **changes: object) -> RoundRoster:
    """Make the roster of a session."""
    told = RoundRoster(
        session_id=terms.session_id,
        round_id=terms.round_id,
        lot_id=terms.lot_id,
        case_id=CASE,
        kind="first_auction",
        asset_class="residential",
        place="浙01",
        reserve_fen=START_FEN,
        increment_fen=STEP_FEN,
        deposit_fen=START_FEN // 10,
        reference_fen=START_FEN * 10 // 7,
        opens_at=from_us(terms.opens_at_us),
        closes_at=from_us(terms.closes_at_us),
        debtors=("d" * 64,),
        agency="",
        previous_round_id=None,
        entries=tuple(RosterEntry(code=code, party=f"party-{code}") for code in codes),
    )
    return msgspec.structs.replace(told, **changes)


class Sale:
    """The sale as the watch asks it: published terms, and which codes are linked."""

    def __init__(self, terms: SessionTerms, *linked: str) -> None:
        self._terms = terms
        self._linked = set(linked)
        self.asked: list[tuple[str, str]] = []

    async def published_round(self, _tx: Transaction, session_id: UUID) -> PublishedRound | None:
        """Give the terms of the one session."""
        if session_id != self._terms.session_id:
            return None
        told = roster(self._terms)
        return PublishedRound(**{name: getattr(told, name) for name in PublishedRound.__struct_fields__})

    async def are_linked(self, _tx: Transaction, _session_id: UUID, first: str, second: str) -> bool:
        """Say whether both are named."""
        self.asked.append((first, second))
        return {first, second} <= self._linked


async def over(world: World, *codes: str, bids: str = "", steps: int = 1) -> SessionTerms:
    """Run a session to its close with one bid of each letter, and work up its outcome."""
    async with world.committer():
        await world.owned()
        terms = await world.open(*codes)
        for number, code in enumerate(bids):
            assert (await world.bid(terms, code, number * steps)).reason is None
        await world.committed(terms.session_id, 1 + len(codes) + len(bids))
        await world.settled(terms)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        await world.committed(terms.session_id, 2 + len(codes) + len(bids))
    await close_session(world.db, terms.session_id)
    return terms


async def fitted(world: World, records: list[RoundRecord]) -> Baselines:
    """Store controls fitted on these rounds."""
    baselines = fit_baselines(records)
    await world.db.transact(lambda tx: store.put_controls(tx, baselines))
    return baselines


async def words(world: World) -> list[FindingRaised]:
    """Give the words sent to the judge."""
    rows = await world.fetch("SELECT payload FROM kernel.job WHERE kind = $1 ORDER BY job_id", NOTE)
    return [msgspec.json.decode(bytes(row["payload"]), type=FindingRaised) for row in rows]


async def test_roster_before_the_close_is_refused(world: World) -> None:
    """A roster of a session that still runs is not stored: before the close nobody joins codes to parties (网拍 18(2))."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        with pytest.raises(RosterBeforeClose):
            await take_roster(world.db, roster(terms, "A", "B"))

    assert await world.fetch("SELECT 1 FROM bidding.round_record") == []


async def test_roster_twice_is_one_record_with_its_tape(world: World) -> None:
    """Taken twice, the record stands once, with every code of the roster and every bid of the journal, and is screened once."""
    terms = await over(world, "A", "B", "C", bids="ABA")
    first = await take_roster(world.db, roster(terms, "A", "B", "C"))
    second = await take_roster(world.db, roster(terms, "A", "B", "C"))

    async with world.db.reading() as tx:
        row = await store.record_row(tx, terms.round_id)
        assert row is not None
        record = await store.record(tx, row)
    assert (first, second) == (True, False)
    assert (record.silent_codes, record.buyer_code) == (("C",), "A")
    assert [bid.amount_fen for bid in record.bids] == [START_FEN, START_FEN + STEP_FEN, START_FEN + 2 * STEP_FEN]
    assert record.hammer_fen == START_FEN + 2 * STEP_FEN
    assert record.closes_at == from_us(terms.closes_at_us)
    assert len(await world.fetch("SELECT 1 FROM kernel.job WHERE kind = 'bidding.screen_round'")) == 1


async def test_fates_end_alike_in_any_order(world: World) -> None:
    """Before the roster a fate waits; twice, late or out of order, what happened last stands."""
    terms = await over(world, "A", bids="A")
    paid = RoundFate(round_id=terms.round_id, fate="paid", at=datetime(2026, 3, 1, tzinfo=UTC))
    aside = RoundFate(round_id=terms.round_id, fate="set_aside", at=paid.at + timedelta(days=20))
    with pytest.raises(RosterNotYet):
        await take_fate(world.db, paid)
    await take_roster(world.db, roster(terms, "A"))

    changed = [await take_fate(world.db, fate) for fate in (aside, paid, aside)]

    assert changed == [True, False, False]
    (row,) = await world.fetch("SELECT fate, fate_at FROM bidding.round_record")
    assert (row["fate"], row["fate_at"]) == ("set_aside", aside.at)


async def test_suppressed_round_is_found_at_the_close_and_told_once(world: World) -> None:
    """Eight qualified, one bid, a low price: one finding, one word to the judge, however often the job runs."""
    await fitted(world, ordinary(1500))
    codes = tuple("ABCDEFGH")
    terms = await over(world, *codes, bids="A")
    await take_roster(world.db, roster(terms, *codes))

    first = await screen_round(world.db, terms.round_id)
    again = await screen_round(world.db, terms.round_id)

    async with world.db.reading() as tx:
        found = await findings_on(tx, str(terms.round_id))
    assert [finding.screen for finding in found] == ["suppressed_competition"]
    assert (len(first), again) == (1, ())
    assert [(word.case_id, word.screen) for word in await words(world)] == [(CASE, "suppressed_competition")]


async def test_decided_links_on_the_roster_are_found_at_the_close(world: World) -> None:
    """Two parties that the court decided to be one held a code each: the judge is told, though no history is there."""
    terms = await over(world, "A", "B", "C", bids="C")
    await take_roster(world.db, roster(terms, "A", "B", "C", links=(("party-A", "party-B"),)))

    await screen_round(world.db, terms.round_id)

    assert [word.screen for word in await words(world)] == ["linked_codes"]


async def test_ordinary_round_tells_nobody(world: World) -> None:
    """A round like others makes no word to anybody."""
    await fitted(world, ordinary(800))
    terms = await over(world, "A", "B", bids="ABABABABABABABABABABABABABABABABABABABABAB")
    await take_roster(world.db, roster(terms, "A", "B"))

    await screen_round(world.db, terms.round_id)

    assert await words(world) == []


async def test_live_findings_survive_a_crash_of_the_watch(world: World) -> None:
    """A watch that dies and begins anew finds the same in what is committed, and nothing twice."""
    await fitted(world, ordinary(1500))
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B", "C")
        await world.bid(terms, "A", 0)
        await world.bid(terms, "B", 100)
        await world.committed(terms.session_id, 6)
        first = await RoomWatch(world.db, Sale(terms), Sale(terms)).look()
        second = await RoomWatch(world.db, Sale(terms), Sale(terms)).look()

    told = {word.screen for word in await words(world)}
    assert first > 0
    assert second == 0
    assert told == {"solo_ladder", "value_overrun"}
    assert {word.case_id for word in await words(world)} == {CASE}


async def test_watch_joins_no_code_to_a_party_before_the_close(world: World) -> None:
    """While a room runs a finding names codes only, and no record of the round stands."""
    await fitted(world, ordinary(1500))
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        await world.bid(terms, "A", 0)
        await world.bid(terms, "B", 200)
        await world.committed(terms.session_id, 5)
        await RoomWatch(world.db, Sale(terms), Sale(terms)).look()

    async with world.db.reading() as tx:
        found = await findings_on(tx, str(terms.round_id))
    assert found
    assert {party for finding in found for party in (*finding.subject.parties, *finding.subject.debtors)} == set()
    assert await world.fetch("SELECT 1 FROM bidding.round_record") == []


async def test_last_two_linked_are_told_and_asked_once(world: World) -> None:
    """When only two codes are left near the end, the sale is asked once whether they are linked; yes is told at once."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B", "C", terms=await world.terms(minutes=4))
        await world.bid(terms, "C", 0)
        for step in range(1, 7):
            await world.bid(terms, "AB"[step % 2], step)
        await world.committed(terms.session_id, 11)
        sale = Sale(terms, "A", "B")
        watch = RoomWatch(world.db, sale, sale)
        await watch.look()
        await world.bid(terms, "B", 8)
        await world.committed(terms.session_id, 12)
        await watch.look()

    assert sale.asked == [("A", "B")]
    assert [word.screen for word in await words(world)] == ["last_two_linked"]


async def test_nightly_fits_the_controls_anew(world: World) -> None:
    """The nightly run stores controls of what is over; the next watch reads them."""
    terms = await over(world, "A", "B", bids="AB")
    await take_roster(world.db, roster(terms, "A", "B"))

    await run_nightly(world.db)

    async with world.db.reading() as tx:
        name, controls = await store.newest_controls(tx)
    assert name is not None
    assert controls.fitted_on == 1
    assert controls.history.sold_all == 1
    assert controls.history.seen == {}


async def test_nightly_reads_on_page_after_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rounds than one page holds are all compared, those that closed in one instant too; beyond the limit the newest are."""
    instant = datetime(2026, 3, 1, tzinfo=UTC)
    terms = await over(world, "A", "B", bids="AB")

    async def five(tx: Transaction) -> None:
        for number in range(5):
            told = roster(terms, "A", "B", round_id=new_id(), session_id=new_id())
            await store.put_roster(tx, told, instant + timedelta(days=number // 2))

    await world.db.transact(five)
    monkeypatch.setattr(nightly, "LOOK_BACK", timedelta(days=36_500))
    monkeypatch.setattr(nightly, "PAGE", 2)
    counts = []
    for most in (100, 3):
        monkeypatch.setattr(nightly, "MOST_ROUNDS", most)
        await run_nightly(world.db)
        async with world.db.reading() as tx:
            counts.append((await store.newest_controls(tx))[1].fitted_on)

    assert counts == [5, 3]
