"""Propose a price as a party: once, sealed until all are in or the time is over (参考价 4)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from valuation.agreements import agreement_store as store
from valuation.agreements.agreement import (
    AgreementOver,
    NotInvited,
    Proposal,
    ProposalRepeated,
    check_proposal,
    check_time,
)
from valuation.agreements.invite_to_agree import AgreementDue
from valuation.parties import Parties, require_party


class ProposePrice(Command, frozen=True, kw_only=True):
    """One party's price, typed by itself."""

    step_id: UUID
    party_id: UUID
    amount_fen: int
    valid_until: date


class ProposalTaken(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many parties have proposed."""

    proposed: int
    invited: int


async def propose_price(db: Database, actor: Actor, command: ProposePrice, *, parties: Parties) -> ProposalTaken:
    """Seal the actor's own proposal; the last one lets the agreement be closed at once.

    Raises `NotThatParty`, `NotInvited`, `ProposalLate`, `AgreementOver`, `ProposalRepeated`, `ProposalMalformed`.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> ProposalTaken:
        agreement = await store.agreement(tx, command.step_id)
        await tx.about_case(agreement.case_id)
        await require_party(tx, parties, actor, case_id=agreement.case_id, party_id=command.party_id)
        proposal = Proposal(amount_fen=command.amount_fen, valid_until=command.valid_until)
        return await take_proposal(
            tx, command.step_id, command.party_id, proposal, document_sha256=None, recorded_by=None
        )

    return await db.carry_out(actor, command, work, ProposalTaken)


async def take_proposal(
    tx: Transaction,
    step_id: UUID,
    party_id: UUID,
    proposal: Proposal,
    *,
    document_sha256: str | None,
    recorded_by: UUID | None,
) -> ProposalTaken:
    """Check and seal one proposal in a transaction that holds the case; see `propose_price` for what is refused."""
    invited = await store.invited(tx, step_id)
    await _check(tx, step_id, party_id, invited)
    check_proposal(proposal, today=local_day(tx.now))
    await store.add_proposal(
        tx,
        step_id=step_id,
        party_id=party_id,
        proposal=proposal,
        document_sha256=document_sha256,
        recorded_by=recorded_by,
    )
    proposed = len(await store.proposed_at(tx, step_id))
    if proposed == len(invited):
        await enqueue(tx, "valuation.close_agreement", AgreementDue(step_id=step_id))
    return ProposalTaken(proposed=proposed, invited=len(invited))


async def _check(tx: Transaction, step_id: UUID, party_id: UUID, invited: dict[UUID, str]) -> None:
    agreement = await store.agreement(tx, step_id)
    if party_id not in invited:
        raise NotInvited
    check_time(tx.now, until=agreement.until, deadline_at=agreement.deadline_at)
    if agreement.state != "open":
        raise AgreementOver
    if party_id in await store.proposed_at(tx, step_id):
        raise ProposalRepeated
