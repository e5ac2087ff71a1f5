"""The parties' agreement: sealed, equal lists fix it, everything else is drawn; on the database too."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id, new_id
from tests.valuation.agencies import world
from valuation.agencies import register_store
from valuation.agencies.rules_of_court import DrawRules
from valuation.agencies.sub_lists import Level, SubListsThin
from valuation.draws.decide_sub_list import DecideSubList, SubListDecided, decide_sub_list
from valuation.draws.freeze_pool import PoolPublished
from valuation.selections import selection_store, store_of_draws
from valuation.selections.open_selection import MandateNotAppraisal
from valuation.selections.pool import PoolTooSmall
from valuation.selections.propose_agencies import ProposeAgencies, propose_agencies
from valuation.selections.proposing_agencies import AgenciesProposed
from valuation.selections.ranking import current_agency, ranked_agencies, replace_agency
from valuation.selections.record_agency_proposal import (
    ConfirmAgencyProposal,
    RecordAgencyProposal,
    confirm_agency_proposal,
    record_agency_proposal,
)
from valuation.selections.selection import AgenciesAgreed, Proposal, Standing, standing
from valuation.sides.speaking import Side

A, B, C = (world.agency_id(n) for n in (1, 2, 3))
NOW, SECOND = world.START, timedelta(seconds=1)


def stands(first: Proposal | None, second: Proposal | None, *, late: timedelta = -SECOND) -> Standing:
    """Say how the agreement stands so long after its end."""
    given = {world.APPLICANT: first, world.DEBTOR: second}
    asked: dict[UUID, Side] = {world.APPLICANT: "applicant", world.DEBTOR: "judgment_debtor"}
    return standing({party: one for party, one in given.items() if one is not None}, asked, at=NOW + late, until=NOW)


def three(*ids: object, within: Level | None = None) -> Proposal:
    """Name institutions."""
    return Proposal(agency_ids=ids, draw_within=within)  # type: ignore[arg-type] # ids


@pytest.mark.parametrize(
    ("first", "second", "state", "why"),
    [
        (three(A, B, C), three(A, B, C), "agreed", ""),
        (three(A, B, C), three(A, C, B), "draw", "unequal"),
        (three(A, B, C), three(), "draw", "declined"),
        (three(), three(), "draw", "declined"),
        (three(A, B, C), None, "open", "waiting"),
        (None, None, "open", "waiting"),
    ],
)
def test_only_equal_lists_in_equal_order_agree(first: Proposal, second: Proposal, state: str, why: str) -> None:
    """The order counts; a side that declines ends it."""
    found = stands(first, second)

    assert (found.state, found.why) == (state, why)


@pytest.mark.parametrize(("late", "state"), [(-SECOND, "open"), (timedelta(), "draw"), (SECOND, "draw")])
def test_time_ends_the_agreement(late: timedelta, state: str) -> None:
    """One side alone agrees with nobody when the time is over."""
    assert stands(three(A, B, C), None, late=late).state == state


def test_both_must_name_the_same_list() -> None:
    """One list named by both is drawn from; else the rule decides."""
    assert stands(three(within="province"), three(within="province")).draw_within == "province"
    assert stands(three(within="province"), three(within="city")).draw_within is None
    assert stands(three(within="province"), three()).draw_within is None


async def propose(db: Database, who: object, *numbers: int, within: Level | None = None) -> AgenciesProposed:
    """Let a party propose."""
    named = tuple(world.agency_id(n) for n in numbers)
    command = ProposeAgencies(command_id=new_id(), mandate_id=world.MANDATE, agency_ids=named, draw_within=within)
    return await propose_agencies(db, who, command, case_desk=world.DESK)  # type: ignore[arg-type] # an actor


async def opened(db: Database, count: int = 5) -> None:
    """Open the choice with so many institutions on the register."""
    await world.set_time(db, world.START)
    await world.enter(db, *(world.entry(n) for n in range(1, count + 1)))
    await world.open_step(db)
    await world.select(db)


async def test_equal_lists_are_the_choice(database: Database) -> None:
    """A party's own proposal and the other's paper agree: the three are ranked, and nothing is drawn."""
    await opened(database)
    first = await propose(database, world.PARTY_A, 2, 1, 3)
    paper = RecordAgencyProposal(
        command_id=new_id(),
        case_id=world.CASE,
        mandate_id=world.MANDATE,
        party_id=world.DEBTOR,
        agency_ids=tuple(world.agency_id(n) for n in (2, 1, 3)),
        document_sha256=world.PAPER,
    )
    paper_id = await record_agency_proposal(database, world.CLERK, paper, case_desk=world.DESK)
    second = await confirm(database, world.HANDLER, paper_id, 2, 1, 3)
    async with database.reading() as tx:
        ranked = await ranked_agencies(tx, appraisal_id=world.MANDATE)
        turn = await current_agency(tx, appraisal_id=world.MANDATE)

    assert (first.state, first.agency_ids) == ("open", ())
    assert second.state == "agreed"
    assert ranked is not None
    assert turn is not None
    assert (ranked.origin, ranked.draw_id) == ("agreement", None)
    assert ranked.agency_ids == second.agency_ids == tuple(world.agency_id(n) for n in (2, 1, 3))
    assert turn.agency_id == world.agency_id(2)
    with pytest.raises(AgenciesAgreed):
        await world.request(database)


async def confirm(
    db: Database, who: Actor, paper_id: UUID, *numbers: int, paper: str = world.PAPER, within: Level | None = None
) -> AgenciesProposed:
    """Type a paper once more, as the second person."""
    command = ConfirmAgencyProposal(
        command_id=new_id(),
        case_id=world.CASE,
        paper_id=paper_id,
        agency_ids=tuple(world.agency_id(n) for n in numbers),
        draw_within=within,
        document_sha256=paper,
    )
    return await confirm_agency_proposal(db, who, command, case_desk=world.DESK)


async def record(db: Database, who: Actor, party_id: UUID) -> UUID:
    """Type a party's paper."""
    paper = RecordAgencyProposal(
        command_id=new_id(),
        case_id=world.CASE,
        mandate_id=world.MANDATE,
        party_id=party_id,
        agency_ids=(A, B, C),
        document_sha256=world.PAPER,
    )
    return await record_agency_proposal(db, who, paper, case_desk=world.DESK)


async def test_one_person_does_not_agree_for_both_sides(database: Database) -> None:
    """Whoever recorded one side's paper records none of the other's, in whatever role; another person does."""
    await opened(database)
    first = await record(database, world.CLERK, world.APPLICANT)
    same = msgspec.structs.replace(world.HANDLER, person_id=world.CLERK.person_id)
    with pytest.raises(Refusal, match="agency_proposal_same_recorder"):
        await record(database, same, world.DEBTOR)
    await confirm(database, world.HANDLER, first, 1, 2, 3)
    with pytest.raises(Refusal, match="agency_proposal_same_recorder"):
        await record(database, same, world.DEBTOR)
    with pytest.raises(Refusal, match="agency_proposal_made"):
        await record(database, world.CLERK, world.APPLICANT)
    second = await record(database, world.HANDLER, world.DEBTOR)

    assert (await confirm(database, world.CLERK, second, 1, 2, 3)).state == "agreed"


async def test_typed_paper_counts_only_behind_a_second_person(database: Database) -> None:
    """Who typed it, another document, and another content confirm nothing; nothing is drawn while it waits."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    paper = await record(database, world.CLERK, world.DEBTOR)
    same = msgspec.structs.replace(world.HANDLER, person_id=world.CLERK.person_id)
    with pytest.raises(Refusal, match="second_person_needed"):
        await confirm(database, same, paper, 1, 2, 3)
    with pytest.raises(Refusal, match="typed_paper_other_scan"):
        await confirm(database, world.HANDLER, paper, 1, 2, 3, paper="0" * 64)
    with pytest.raises(Refusal, match="typed_paper_unknown"):
        await confirm(database, world.HANDLER, new_id(), 1, 2, 3)
    await world.set_time(database, world.START + timedelta(days=1))
    with pytest.raises(Refusal, match="agency_paper_waits"):
        await world.request(database)
    async with database.reading() as tx:
        assert await selection_store.spoken(tx, world.MANDATE) == [world.APPLICANT]

    assert (await confirm(database, world.HANDLER, paper, 1, 3, 2)).state == "differs"
    with pytest.raises(Refusal, match="typed_paper_looked_at"):
        await confirm(database, world.HANDLER, paper, 1, 2, 3)
    assert await world.request(database) == world.DRAW


async def test_paper_in_time_counts_though_confirmed_late(database: Database) -> None:
    """The second person's day makes nobody late: what was typed in time agrees until a draw is requested."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    paper = await record(database, world.CLERK, world.DEBTOR)
    await world.set_time(database, world.START + timedelta(days=2))

    assert (await confirm(database, world.HANDLER, paper, 1, 2, 3)).state == "agreed"


async def test_waiting_paper_of_who_spoke_himself_hinders_no_draw(database: Database) -> None:
    """A party that proposed at its own desk meanwhile needs no paper."""
    await opened(database)
    await record(database, world.CLERK, world.DEBTOR)
    await propose(database, world.PARTY_B)
    await world.set_time(database, world.START + timedelta(days=1))

    assert await world.request(database) == world.DRAW


async def test_no_proposal_after_the_draw_was_requested(database: Database) -> None:
    """A draw that stands, whatever clock let it be asked for: no agreement goes beside it."""
    await opened(database)
    await propose(database, world.PARTY_A)
    async with database.transaction() as tx:
        await tx.about_case(world.CASE)
        made = store_of_draws.requested(
            draw_id=world.DRAW,
            mandate_id=world.MANDATE,
            attempt=1,
            case_id=world.CASE,
            court="示例市第一法院",
            rules=DrawRules(),
            requested_by=world.HANDLER.person_id,
            handler=world.HANDLER.person_id,
            requested_at=tx.now,
        )
        await store_of_draws.add_draw(tx, made)

    with pytest.raises(Refusal, match="agency_proposal_after_draw"):
        await propose(database, world.PARTY_B, 1, 2, 3)


async def test_agreed_three_are_not_frozen_or_drawn(database: Database) -> None:
    """Where three are ranked a draw stops with a code, at the freezing and at the drawing."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    async with database.transaction() as tx:
        await tx.about_case(world.CASE)
        three = [(await register_store.register(tx))[one] for one in (A, B, C)]
        await selection_store.add_ranks(tx, world.MANDATE, three, origin="agreement", draw_id=None)

    with pytest.raises(Refusal, match="draw_agencies_ranked"):
        await world.freeze(database)


async def test_who_failed_on_the_asset_is_not_agreed_on(database: Database) -> None:
    """The parties' three in another choice are none of those whose turn ended before."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    await propose(database, world.PARTY_B, 1, 2, 3)
    async with database.transaction() as tx:
        await tx.about_case(world.CASE)
        for _ in range(3):
            await replace_agency(tx, appraisal_id=world.MANDATE, reason_code="late", document_sha256=world.PAPER)
    second = named_id("second choice")
    await world.order_choice(database, second)
    await world.select(database, mandate_id=second)
    named = tuple(world.agency_id(n) for n in (1, 4, 5))
    command = ProposeAgencies(command_id=new_id(), mandate_id=second, agency_ids=named)

    with pytest.raises(Refusal, match="failed_this_mandate"):
        await propose_agencies(database, world.PARTY_A, command, case_desk=world.DESK)


async def test_proposals_are_sealed_in_the_database(database: Database) -> None:
    """What a side named cannot be read from its row."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    async with database.engine.connect() as line:
        [row] = (await line.exec_driver_sql("SELECT sealed FROM valuation.agency_proposal")).all()

    assert str(world.agency_id(1)).encode() not in bytes(row.sealed)


@pytest.mark.parametrize(
    ("who", "numbers", "code"),
    [
        (world.STRANGER, (1, 2, 3), "draw_no_party"),
        (world.PARTY_T, (1, 2, 3), "draw_no_party"),
        (world.CLERK, (1, 2, 3), "role_lacking"),
        (world.PARTY_A, (1, 2), "agency_proposal_malformed"),
        (world.PARTY_A, (1, 2, 2), "agency_proposal_malformed"),
        (world.PARTY_A, (1, 2, 99), "agency_proposal_malformed"),
    ],
)
async def test_wrong_proposals_are_refused(
    database: Database, who: object, numbers: tuple[int, ...], code: str
) -> None:
    """Only a side of the case proposes, and only three different institutions of the list."""
    await opened(database)

    with pytest.raises(Refusal, match=code):
        await propose(database, who, *numbers)


async def test_each_side_proposes_once_and_in_time(database: Database) -> None:
    """A second proposal and a late one are refused."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    with pytest.raises(Refusal, match="agency_proposal_made"):
        await propose(database, world.PARTY_A, 1, 2, 4)
    await world.set_time(database, world.START + timedelta(days=1))

    with pytest.raises(Refusal, match="agency_proposal_late"):
        await propose(database, world.PARTY_B, 1, 2, 3)


async def test_choice_belongs_to_an_appraisal_under_way(database: Database) -> None:
    """Without the entrusted appraisal no institution is chosen, and a choice is opened once."""
    await world.set_time(database, world.START)
    with pytest.raises(MandateNotAppraisal):
        await world.select(database)
    await world.open_step(database)
    await world.select(database)

    with pytest.raises(Refusal, match="selection_already_open"):
        await world.select(database)


async def drawn_from(db: Database) -> PoolPublished:
    """Request and freeze."""
    await world.request(db)
    await world.commit_court(db)
    await world.commit_second(db)
    return await world.freeze(db)


async def test_thin_lists_wait_for_the_court(database: Database) -> None:
    """Two in city and province are no pool; after a recorded decision the national list is drawn from."""
    await world.set_time(database, world.START)
    await world.enter(database, world.entry(1), world.entry(2), world.entry(3, province="他省", city="他市"))
    await world.open_step(database)
    await world.select(database)
    await world.set_time(database, world.START + timedelta(days=1))
    with pytest.raises(SubListsThin):
        await drawn_from(database)
    decision = DecideSubList(
        command_id=new_id(),
        case_id=world.CASE,
        mandate_id=world.MANDATE,
        level="national",
        reason="省内机构不足",
        document_sha256=world.PAPER,
    )
    await decide_sub_list(database, world.PRESIDING, decision)
    with pytest.raises(SubListDecided):
        await decide_sub_list(database, world.BUREAU, decision)
    await world.freeze(database)
    async with database.reading() as tx:
        pool = (await store_of_draws.draw(tx, world.DRAW)).frozen_pool

    assert [(place.name, place.count) for place in pool.sub_list.places] == [("示例市", 2), ("示例省", 2), ("全国", 3)]
    assert len(pool.members) == 3


async def decide(db: Database, level: Literal["province", "national"] = "national") -> None:
    """Decide on a wider list."""
    command = DecideSubList(
        command_id=new_id(),
        case_id=world.CASE,
        mandate_id=world.MANDATE,
        level=level,
        reason="认为范围应当扩大",
        document_sha256=world.PAPER,
    )
    await decide_sub_list(db, world.PRESIDING, command)


@pytest.mark.parametrize(("in_city", "in_province", "needed"), [(3, 0, False), (2, 8, False), (2, 7, True)])
async def test_court_decides_only_where_lists_are_thin(
    database: Database, in_city: int, in_province: int, needed: bool
) -> None:
    """Three in the city, or ten in the province, and the court widens nothing; one fewer, and it may."""
    near = [world.entry(n) for n in range(1, in_city + 1)]
    far = [world.entry(n, city="邻市") for n in range(11, in_province + 11)]
    await world.prepare(database, agencies=[*near, *far])
    if not needed:
        with pytest.raises(Refusal, match="sub_list_decision_not_needed"):
            await decide(database)
        return
    await decide(database)

    async with database.reading() as tx:
        assert await selection_store.decided_level(tx, world.MANDATE) == "national"


async def test_court_does_not_replace_the_list_of_both_sides(database: Database) -> None:
    """Both named the province's list, thin as it is, and three can be drawn from it: the court names no other."""
    near = [world.entry(n) for n in range(1, 3)]
    await world.set_time(database, world.START)
    await world.enter(database, *near, world.entry(3, city="邻市"), world.entry(4, province="他省", city="他市"))
    await world.open_step(database)
    await world.select(database)
    for who in (world.PARTY_A, world.PARTY_B):
        await propose(database, who, within="province")

    with pytest.raises(Refusal, match="sub_list_decision_not_needed"):
        await decide(database)


async def test_court_waits_for_the_parties_and_does_not_change_a_frozen_pool(database: Database) -> None:
    """No decision while the parties may agree, and none after the pool was published."""
    await world.set_time(database, world.START)
    await world.enter(database, *(world.entry(n) for n in range(1, 4)))
    await world.open_step(database)
    await world.select(database)
    with pytest.raises(Refusal, match="agency_agreement_open"):
        await decide(database)
    await world.set_time(database, world.START + timedelta(days=1))
    await drawn_from(database)

    with pytest.raises(Refusal, match="sub_list_decision_late"):
        await decide(database)


async def test_pool_under_three_is_not_frozen(database: Database) -> None:
    """Three on the list, one of them with an expired licence: refused, and nothing is published."""
    await world.prepare(
        database,
        agencies=[
            world.entry(1),
            world.entry(2),
            world.entry(3, licence_until=world.START.date()),
        ],
    )
    with pytest.raises(PoolTooSmall):
        await drawn_from(database)
    async with database.reading() as tx:
        ranks = await selection_store.ranks(tx, world.MANDATE)

    assert ranks == []


@pytest.mark.parametrize(("purpose", "profession"), [("audit_firm", "audit"), ("auxiliary_provider", "auxiliary")])
async def test_other_institutions_are_drawn_alike(database: Database, purpose: str, profession: str) -> None:
    """Audit firms and auxiliary providers need no appraisal and no appraisers; else the draw is the same."""
    await world.set_time(database, world.START)
    await world.enter(database, *(world.entry(n, professions=(profession,), appraisers=()) for n in range(1, 5)))
    with pytest.raises(Refusal, match="selection_malformed"):
        await world.select(database, purpose=purpose, profession="real_estate")
    await world.select(database, purpose=purpose, profession=profession)
    await world.set_time(database, world.START + timedelta(days=1))
    await drawn_from(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)

    assert len((await world.execute(database)).picks) == 3
