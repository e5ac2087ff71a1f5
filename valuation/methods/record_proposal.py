"""Record a party's proposal that came on paper: sealed like one that the party typed (参考价 4)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.methods import agreement_store as store
from valuation.methods.agreement import Proposal
from valuation.methods.propose_price import ProposalTaken, take_proposal


class RecordProposal(Command, frozen=True, kw_only=True):
    """One party's price and the fingerprint of the paper that it signed."""

    step_id: UUID
    party_id: UUID
    amount_fen: int
    valid_until: date
    document_sha256: str


async def record_proposal(db: Database, actor: Actor, command: RecordProposal) -> ProposalTaken:
    """Seal a proposal that an officer typed from a paper; refuses what `valuation.methods.propose_price` refuses."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> ProposalTaken:
        await tx.about_case((await store.agreement(tx, command.step_id)).case_id)
        proposal = Proposal(amount_fen=command.amount_fen, valid_until=command.valid_until)
        paper = command.document_sha256
        return await take_proposal(tx, command.step_id, command.party_id, proposal, document_sha256=paper)

    return await db.carry_out(actor, command, work, ProposalTaken)
