"""Record a party's proposal that came on paper, or that the party refuses or cannot be found (参考价 16).

One officer types the paper; it counts when another, who types it from the scan once more, comes to the same. So nobody has to be
shown what is sealed.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotPermitted
from valuation.agencies.papers import require_paper
from valuation.agencies.sub_lists import Level
from valuation.papers import store as papers
from valuation.papers.typed_papers import check_second
from valuation.selections import selection_store
from valuation.selections.cases import CaseDesk, NoPartyOfCase, PartyOfCase
from valuation.selections.proposing_agencies import (
    AgenciesProposed,
    Given,
    check_may_propose,
    check_named,
    take_proposal,
)
from valuation.selections.selection import Proposal, Selection
from valuation.sides.speaking import Side

RECORDERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
DIFFERS = "differs"
"""What the second person typed is not what the first did: the paper never counts, and is typed anew."""


class RecordAgencyProposal(Command, frozen=True, kw_only=True):
    """What stands in the paper; no institutions: this party will not agree, or could not be found."""

    case_id: UUID
    mandate_id: UUID
    party_id: UUID
    agency_ids: tuple[UUID, ...]
    draw_within: Level | None = None
    document_sha256: str


class ConfirmAgencyProposal(Command, frozen=True, kw_only=True):
    """What stands in the scan of this fingerprint, typed by the second person without seeing what the first typed."""

    case_id: UUID
    paper_id: UUID
    agency_ids: tuple[UUID, ...]
    draw_within: Level | None = None
    document_sha256: str


class TypedProposal(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of a paper, and for which party."""

    party_id: UUID
    proposal: Proposal


class RecorderOfBothSides(NotPermitted):
    """The papers of both sides are not recorded by one natural person: he would agree for both."""

    code = "agency_proposal_same_recorder"
    article = "参考价 16; house: two persons"
    zh = "另一方的书面意见由您登记；双方的书面意见应当由不同的自然人登记。"
    en = "You recorded the other side's paper; the papers of the two sides are recorded by two natural persons."


async def record_agency_proposal(
    db: Database, actor: Actor, command: RecordAgencyProposal, *, case_desk: CaseDesk
) -> UUID:
    """Type a paper, sealed; it counts for nothing yet. Gives its id.

    Raises what `check_may_propose` and `check_named` raise, `PaperNeeded` and `RecorderOfBothSides`.
    """
    require_role(actor, *RECORDERS)
    require_paper(command.document_sha256)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        selection = await selection_store.selection_in(tx, command.mandate_id, command.case_id)
        party = await _party(tx, selection, command.party_id, case_desk)
        side = await check_may_propose(tx, selection, party, at=tx.now)
        await _require_two_recorders(tx, actor.person_id, selection, side)
        proposal = Proposal(agency_ids=command.agency_ids, draw_within=command.draw_within)
        await check_named(tx, selection, proposal)
        paper = await papers.type_paper(
            tx,
            actor,
            "agency_proposal",
            TypedProposal(party_id=command.party_id, proposal=proposal),
            case_id=command.case_id,
            subject_id=command.mandate_id,
            document_sha256=command.document_sha256,
        )
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)


async def confirm_agency_proposal(
    db: Database, actor: Actor, command: ConfirmAgencyProposal, *, case_desk: CaseDesk
) -> AgenciesProposed:
    """Confirm a paper as the second person: then it has the force of the party's own proposal, as of its recording.

    Raises `TypedPaperUnknown`, `TypedPaperLookedAt`, `SecondPersonNeeded`, `PaperOfOtherScan`, `RecorderOfBothSides` and what
    `take_proposal` raises.
    """
    require_role(actor, *RECORDERS)

    async def work(tx: Transaction) -> AgenciesProposed:
        await tx.about_case(command.case_id)
        paper = await papers.paper(tx, command.case_id, command.paper_id, "agency_proposal")
        check_second(paper, actor, document_sha256=command.document_sha256)
        typed = msgspec.json.decode(paper.content, type=TypedProposal)
        agrees = typed.proposal == Proposal(agency_ids=command.agency_ids, draw_within=command.draw_within)
        await papers.add_check(tx, paper, checked_by=actor.person_id, agrees=agrees)
        if not agrees:
            return AgenciesProposed(state=DIFFERS, agency_ids=())
        selection = await selection_store.selection_in(tx, paper.subject_id, command.case_id)
        party = await _party(tx, selection, typed.party_id, case_desk)
        if party.side is not None:
            await _require_two_recorders(tx, paper.recorded_by, selection, party.side)
        given = Given(
            party=party,
            proposal=typed.proposal,
            by=paper.recorded_by,
            at=paper.recorded_at,
            document_sha256=paper.document_sha256,
            paper_id=paper.paper_id,
        )
        return await take_proposal(tx, selection, given)

    return await db.carry_out(actor, command, work, AgenciesProposed)


async def waiting_parties(tx: Transaction, mandate_id: UUID) -> list[UUID]:
    """Give the parties whose paper waits for its second person and who have not proposed otherwise since."""
    spoken = await selection_store.spoken(tx, mandate_id)
    waiting = await papers.waiting_about(tx, mandate_id, "agency_proposal")
    parties = [msgspec.json.decode(paper.content, type=TypedProposal).party_id for paper in waiting]
    return [party_id for party_id in parties if party_id not in spoken]


async def _party(tx: Transaction, selection: Selection, party_id: UUID, case_desk: CaseDesk) -> PartyOfCase:
    case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
    party = next((one for one in case.parties if one.party_id == party_id), None)
    if party is None:
        raise NoPartyOfCase
    return party


async def _require_two_recorders(tx: Transaction, person_id: UUID, selection: Selection, side: Side) -> None:
    """Refuse that one natural person types the papers of both sides, waiting ones too. Source: 参考价 16."""
    if await selection_store.recorded_other_side(tx, selection.mandate_id, side, person_id):
        raise RecorderOfBothSides
    sides = {party.party_id: party.side for party in await selection_store.asked_of(tx, selection.mandate_id)}
    for paper in await papers.waiting_about(tx, selection.mandate_id, "agency_proposal"):
        typed = msgspec.json.decode(paper.content, type=TypedProposal)
        if paper.recorded_by == person_id and sides.get(typed.party_id) != side:
            raise RecorderOfBothSides
