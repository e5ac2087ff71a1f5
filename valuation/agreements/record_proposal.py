"""Record a party's proposal that came on paper: sealed like one that the party typed (参考价 4)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotPermitted
from valuation.agreements import agreement_store as store
from valuation.agreements.agreement import Proposal
from valuation.agreements.propose_price import ProposalTaken, take_proposal


class RecordProposal(Command, frozen=True, kw_only=True):
    """One party's price and the fingerprint of the paper that it signed."""

    step_id: UUID
    party_id: UUID
    amount_fen: int
    valid_until: date
    document_sha256: str


class BothSidesByOne(NotPermitted):
    """One natural person would make both sides speak, or decide on what he typed for one."""

    code = "both_sides_by_one"
    article = "参考价 4; house: a paper needs two persons (practice 8)"
    zh = "双方的书面材料不得由同一人录入，录入人也不得审查议价结果。"
    en = "The papers of both sides are not typed by one person, and whoever typed one does not decide on the result."


async def record_proposal(db: Database, actor: Actor, command: RecordProposal) -> ProposalTaken:
    """Seal a proposal that an officer typed from a paper.

    Raises `BothSidesByOne`, and what `valuation.agreements.propose_price` refuses.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> ProposalTaken:
        await tx.about_case((await store.agreement(tx, command.step_id)).case_id)
        proposal = Proposal(amount_fen=command.amount_fen, valid_until=command.valid_until)
        await _check_recorder(tx, actor, command)
        return await take_proposal(
            tx,
            command.step_id,
            command.party_id,
            proposal,
            document_sha256=command.document_sha256,
            recorded_by=actor.person_id,
        )

    return await db.carry_out(actor, command, work, ProposalTaken)


async def _check_recorder(tx: Transaction, actor: Actor, command: RecordProposal) -> None:
    """Refuse the officer who typed a paper of the other side: nobody alone makes both sides agree."""
    side = (await store.invited(tx, command.step_id)).get(command.party_id)
    by_side = await store.recorders(tx, command.step_id)
    if any(actor.person_id in persons for other, persons in by_side.items() if other != side):
        raise BothSidesByOne
