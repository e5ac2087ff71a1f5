"""Record a side's proposal that came on paper, or that a side refuses or cannot be found (参考价 16)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotPermitted
from valuation.agencies.papers import require_paper
from valuation.agencies.sub_lists import Level
from valuation.selections import selection_store
from valuation.selections.cases import CaseDesk, NoPartyOfCase, PartyOfCase
from valuation.selections.proposing_agencies import AgenciesProposed, take_proposal
from valuation.selections.selection import Proposal, Selection

RECORDERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)


class RecordAgencyProposal(Command, frozen=True, kw_only=True):
    """What stands in the paper; no institutions: this side will not agree, or could not be found."""

    case_id: UUID
    mandate_id: UUID
    party_id: UUID
    agency_ids: tuple[UUID, ...]
    draw_within: Level | None = None
    document_sha256: str


class RecorderOfBothSides(NotPermitted):
    """The papers of both sides are not recorded by one natural person: he would agree for both."""

    code = "agency_proposal_same_recorder"
    article = "参考价 16; house: two persons"
    zh = "另一方的书面意见由您登记；双方的书面意见应当由不同的自然人登记。"
    en = "You recorded the other side's paper; the papers of the two sides are recorded by two natural persons."


async def record_agency_proposal(
    db: Database, actor: Actor, command: RecordAgencyProposal, *, case_desk: CaseDesk
) -> AgenciesProposed:
    """Record a paper; it has the same force as the party's own proposal. Raises what `take_proposal` raises, and `RecorderOfBothSides`."""
    require_role(actor, *RECORDERS)
    require_paper(command.document_sha256)

    async def work(tx: Transaction) -> AgenciesProposed:
        await tx.about_case(command.case_id)
        selection = await selection_store.selection_in(tx, command.mandate_id, command.case_id)
        case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
        party = next((one for one in case.parties if one.party_id == command.party_id), None)
        if party is None:
            raise NoPartyOfCase
        await _require_two_recorders(tx, actor, selection, party)
        proposal = Proposal(agency_ids=command.agency_ids, draw_within=command.draw_within)
        return await take_proposal(tx, actor, selection, party, proposal, command.document_sha256)

    return await db.carry_out(actor, command, work, AgenciesProposed)


async def _require_two_recorders(tx: Transaction, actor: Actor, selection: Selection, party: PartyOfCase) -> None:
    """Refuse that one natural person speaks for both sides by their papers. Source: 参考价 16."""
    if party.side is None:
        raise NoPartyOfCase
    if await selection_store.recorded_other_side(tx, selection.mandate_id, party.side, actor.person_id):
        raise RecorderOfBothSides
