"""Record a party's proposal that came on paper: sealed like one that the party typed (参考价 4).

One officer types the paper; it counts when another, who types it from the scan once more, comes to the same. So nobody has to be
shown what is sealed.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotPermitted
from auction.kernel.jobs import enqueue
from valuation.agencies.papers import require_paper
from valuation.agreements import agreement_store as store
from valuation.agreements.agreement import Proposal, check_proposal
from valuation.agreements.invite_to_agree import AgreementDue
from valuation.agreements.propose_price import Given, check_may_propose, take_proposal
from valuation.papers import store as papers
from valuation.papers.typed_papers import TypedPaper, check_second

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)


class RecordProposal(Command, frozen=True, kw_only=True):
    """One party's price and the fingerprint of the paper that it signed."""

    step_id: UUID
    party_id: UUID
    amount_fen: int
    valid_until: date
    document_sha256: str


class ConfirmProposal(Command, frozen=True, kw_only=True):
    """What stands in the scan of this fingerprint, typed by the second person without seeing what the first typed."""

    case_id: UUID
    paper_id: UUID
    amount_fen: int
    valid_until: date
    document_sha256: str


class ProposalCompared(msgspec.Struct, frozen=True, kw_only=True):
    """Whether both persons typed the same; where not, the paper never counts and is typed anew."""

    state: Literal["counts", "differs"]


class TypedPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of a paper, and for which party."""

    party_id: UUID
    proposal: Proposal


class BothSidesByOne(NotPermitted):
    """One natural person would make both sides speak, or decide on what he typed for one."""

    code = "both_sides_by_one"
    article = "参考价 4; house: a paper needs two persons (practice 8)"
    zh = "双方的书面材料不得由同一人录入，录入人也不得审查议价结果。"
    en = "The papers of both sides are not typed by one person, and whoever typed one does not decide on the result."


async def record_proposal(db: Database, actor: Actor, command: RecordProposal) -> UUID:
    """Type a proposal from its paper, sealed; it counts for nothing yet. Gives the paper's id.

    Raises `BothSidesByOne`, `PaperNeeded`, and what `valuation.agreements.propose_price` refuses.
    """
    require_role(actor, *OFFICERS)
    require_paper(command.document_sha256)

    async def work(tx: Transaction) -> UUID:
        case_id = (await store.agreement(tx, command.step_id)).case_id
        await tx.about_case(case_id)
        proposal = Proposal(amount_fen=command.amount_fen, valid_until=command.valid_until)
        await _check_recorder(tx, actor.person_id, command.step_id, command.party_id)
        await check_may_propose(tx, command.step_id, command.party_id, at=tx.now)
        check_proposal(proposal, today=local_day(tx.now))
        paper = await papers.type_paper(
            tx,
            actor,
            "price_proposal",
            TypedPrice(party_id=command.party_id, proposal=proposal),
            case_id=case_id,
            subject_id=command.step_id,
            document_sha256=command.document_sha256,
        )
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)


async def confirm_proposal(db: Database, actor: Actor, command: ConfirmProposal) -> ProposalCompared:
    """Confirm a paper as the second person: then it has the force of the party's own proposal, as of its recording.

    Raises `TypedPaperUnknown`, `TypedPaperLookedAt`, `SecondPersonNeeded`, `PaperOfOtherScan`, `BothSidesByOne`, and what
    `valuation.agreements.propose_price` refuses.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> ProposalCompared:
        await tx.about_case(command.case_id)
        paper = await papers.paper(tx, command.case_id, command.paper_id, "price_proposal")
        check_second(paper, actor, document_sha256=command.document_sha256)
        typed = msgspec.json.decode(paper.content, type=TypedPrice)
        agrees = typed.proposal == Proposal(amount_fen=command.amount_fen, valid_until=command.valid_until)
        await papers.add_check(tx, paper, checked_by=actor.person_id, agrees=agrees)
        if agrees:
            await _take(tx, paper, typed)
        await enqueue(tx, "valuation.close_agreement", AgreementDue(step_id=paper.subject_id))
        return ProposalCompared(state="counts" if agrees else "differs")

    return await db.carry_out(actor, command, work, ProposalCompared)


async def _take(tx: Transaction, paper: TypedPaper, typed: TypedPrice) -> None:
    await _check_recorder(tx, paper.recorded_by, paper.subject_id, typed.party_id)
    given = Given(
        party_id=typed.party_id,
        proposal=typed.proposal,
        at=paper.recorded_at,
        document_sha256=paper.document_sha256,
        recorded_by=paper.recorded_by,
        paper_id=paper.paper_id,
    )
    await take_proposal(tx, paper.subject_id, given)


async def waiting_parties(tx: Transaction, step_id: UUID) -> list[UUID]:
    """Give the parties whose paper waits for its second person and who have not proposed otherwise since."""
    proposed = await store.proposed_at(tx, step_id)
    waiting = await papers.waiting_about(tx, step_id, "price_proposal")
    parties = [msgspec.json.decode(paper.content, type=TypedPrice).party_id for paper in waiting]
    return [party_id for party_id in parties if party_id not in proposed]


async def _check_recorder(tx: Transaction, person_id: UUID, step_id: UUID, party_id: UUID) -> None:
    """Refuse the officer who typed a paper of the other side, a waiting one too: nobody alone makes both sides agree."""
    sides = {party.party_id: party.side for party in await store.parties_of(tx, step_id)}
    by_side = await store.recorders(tx, step_id)
    for paper in await papers.waiting_about(tx, step_id, "price_proposal"):
        typed = msgspec.json.decode(paper.content, type=TypedPrice)
        by_side.setdefault(sides.get(typed.party_id, ""), set()).add(paper.recorded_by)
    if any(person_id in persons for other, persons in by_side.items() if other != sides.get(party_id)):
        raise BothSidesByOne
