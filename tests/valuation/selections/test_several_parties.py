"""Several parties on a side choose institutions: each is asked, all must agree, or one was stated for the others."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id, new_id
from tests.valuation.agencies import world
from tests.valuation.methods.ground import CaseFile
from valuation.selections import selection_store
from valuation.selections.cases import CaseOfDraw, PartyOfCase
from valuation.selections.open_selection import OpenSelection, open_selection
from valuation.selections.propose_agencies import ProposeAgencies, propose_agencies
from valuation.selections.proposing_agencies import AgenciesProposed
from valuation.selections.ranking import ranked_agencies
from valuation.selections.selection import Proposal, standing
from valuation.sides.speaking import Side
from valuation.sides.state_representative import (
    ConfirmRepresentative,
    StateRepresentative,
    confirm_representative,
    state_representative,
)

SECOND = named_id("draw test party", "second debtor")
PARTY_C = world.actor("second debtor", Role.PARTY)
LATER = named_id("draw test party", "later debtor")
PARTY_L = world.actor("later debtor", Role.PARTY)
NOW = world.START


class Desk(world.Desk):
    """The case with a second debtor, and perhaps one who joined later."""

    def __init__(self, *later: PartyOfCase) -> None:
        """Add those who joined."""
        self.later = later

    async def case_of_draw(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> CaseOfDraw:
        """Give the case."""
        case = await super().case_of_draw(tx, case_id, asset_id)
        second = PartyOfCase(party_id=SECOND, person_id=PARTY_C.person_id, side="judgment_debtor")
        return CaseOfDraw(
            court=case.court,
            case_no=case.case_no,
            asset=case.asset,
            handler=case.handler,
            parties=(*case.parties, second, *self.later),
        )


DESK = Desk()


async def opened(db: Database) -> None:
    """Open the choice among three parties."""
    await world.set_time(db, NOW)
    await world.enter(db, *(world.entry(n) for n in range(1, 6)))
    await world.open_step(db)
    command = OpenSelection(
        command_id=new_id(),
        case_id=world.CASE,
        asset_id=world.ASSET,
        mandate_id=world.MANDATE,
        profession="real_estate",
        province="示例省",
        city="示例市",
        place_reason="登记机关的答复没有写明所在地",
        proposals_until=NOW + timedelta(days=1),
    )
    await open_selection(db, world.HANDLER, command, case_desk=DESK)


async def propose(db: Database, who: Actor, *numbers: int, desk: Desk = DESK) -> AgenciesProposed:
    """Let a party propose."""
    named = tuple(world.agency_id(n) for n in numbers)
    command = ProposeAgencies(command_id=new_id(), mandate_id=world.MANDATE, agency_ids=named)
    return await propose_agencies(db, who, command, case_desk=desk)


def said(*proposals: tuple[UUID, tuple[int, ...]]) -> tuple[str, str]:
    """Give state and reason of what these parties of three said, before the time is over."""
    asked: dict[UUID, Side] = {
        world.APPLICANT: "applicant",
        world.DEBTOR: "judgment_debtor",
        SECOND: "judgment_debtor",
    }
    given = {party: Proposal(agency_ids=tuple(world.agency_id(n) for n in named)) for party, named in proposals}
    found = standing(given, asked, at=NOW, until=NOW + timedelta(days=1))
    return found.state, found.why


def test_all_of_a_side_must_name_the_same() -> None:
    """One who is silent keeps it open, one who differs or declines leads to the draw, all alike agree."""
    first, second = (world.APPLICANT, (1, 2, 3)), (world.DEBTOR, (1, 2, 3))

    assert said(first, second) == ("open", "waiting")
    assert said(first, second, (SECOND, (1, 2, 3))) == ("agreed", "")
    assert said(first, second, (SECOND, (1, 3, 2))) == ("draw", "unequal")
    assert said(first, second, (SECOND, ())) == ("draw", "declined")


def test_no_side_agrees_with_itself() -> None:
    """Without anybody on the other side nothing is agreed, however equal the lists."""
    same = Proposal(agency_ids=tuple(world.agency_id(n) for n in (1, 2, 3)))
    found = standing({world.DEBTOR: same}, {world.DEBTOR: "judgment_debtor"}, at=NOW, until=NOW + timedelta(days=1))

    assert (found.state, found.why) == ("open", "waiting")


async def test_first_debtor_does_not_speak_for_the_second(database: Database) -> None:
    """Nothing is ranked after two of three; the third makes it the choice of all."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    early = await propose(database, world.PARTY_B, 1, 2, 3)
    async with database.reading() as tx:
        before = await ranked_agencies(tx, appraisal_id=world.MANDATE)
    last = await propose(database, PARTY_C, 1, 2, 3)

    assert (early.state, before) == ("open", None)
    assert (last.state, len(last.agency_ids)) == ("agreed", 3)


async def test_second_debtor_who_differs_leads_to_the_draw(database: Database) -> None:
    """When all are in and one differs nobody needs to wait for the time to end."""
    await opened(database)
    await propose(database, world.PARTY_A, 1, 2, 3)
    await propose(database, world.PARTY_B, 1, 2, 3)

    assert (await propose(database, PARTY_C, 3, 2, 1)).state == "draw"


async def test_represented_debtor_is_not_asked(database: Database) -> None:
    """A paper of two persons lets the first speak for the second, who is then refused."""
    await world.set_time(database, NOW)
    file = CaseFile(
        (world.APPLICANT, "a", "applicant"), (world.DEBTOR, "b", "judgment_debtor"), (SECOND, "c", "judgment_debtor")
    )

    class Parties(CaseFile):
        async def of_case(self, tx: Transaction, case_id: UUID) -> list:  # type: ignore[type-arg] # parties
            return list(file._parties)

    stating = StateRepresentative(
        command_id=new_id(),
        case_id=world.CASE,
        party_id=SECOND,
        representative_id=world.DEBTOR,
        document_sha256=world.PAPER,
    )
    paper = await state_representative(database, world.HANDLER, stating, parties=Parties())
    seen = ConfirmRepresentative(command_id=new_id(), case_id=world.CASE, paper_id=paper, document_sha256=world.PAPER)
    await confirm_representative(database, world.CLERK, seen, parties=Parties())
    await opened(database)
    with pytest.raises(Refusal, match="party_speaks_through_other"):
        await propose(database, PARTY_C, 1, 2, 3)
    await propose(database, world.PARTY_A, 1, 2, 3)

    assert (await propose(database, world.PARTY_B, 1, 2, 3)).state == "agreed"


async def test_who_joins_later_is_not_asked_in_this_choice(database: Database) -> None:
    """Asked are the parties as the file had them when the choice was opened."""
    await opened(database)
    joined = PartyOfCase(party_id=LATER, person_id=PARTY_L.person_id, side="judgment_debtor")
    with pytest.raises(Refusal, match="agency_proposal_not_asked"):
        await propose(database, PARTY_L, 1, 2, 3, desk=Desk(joined))
    async with database.reading() as tx:
        asked = await selection_store.asked_of(tx, world.MANDATE)

    assert {party.party_id for party in asked} == {world.APPLICANT, world.DEBTOR, SECOND}
