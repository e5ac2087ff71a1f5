"""Propose a price as a party: once, sealed until all are in or the time is over (参考价 4)."""

from __future__ import annotations

from datetime import date, datetime
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
from valuation.sides.speaking import SpeaksThroughOther


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

    Raises `NotThatParty`, `NotInvited`, `SpeaksThroughOther`, `ProposalLate`, `AgreementOver`, `ProposalRepeated`, `ProposalMalformed`.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> ProposalTaken:
        agreement = await store.agreement(tx, command.step_id)
        await tx.about_case(agreement.case_id)
        await require_party(tx, parties, actor, case_id=agreement.case_id, party_id=command.party_id)
        proposal = Proposal(amount_fen=command.amount_fen, valid_until=command.valid_until)
        return await take_proposal(tx, command.step_id, Given(party_id=command.party_id, proposal=proposal, at=tx.now))

    return await db.carry_out(actor, command, work, ProposalTaken)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with whose it is and since when it is there; the rest is of a paper that officers typed."""

    party_id: UUID
    proposal: Proposal
    at: datetime
    document_sha256: str | None = None
    recorded_by: UUID | None = None
    paper_id: UUID | None = None


async def take_proposal(tx: Transaction, step_id: UUID, given: Given) -> ProposalTaken:
    """Check and seal one proposal in a transaction that holds the case; see `propose_price` for what is refused."""
    await check_may_propose(tx, step_id, given.party_id, at=given.at)
    check_proposal(given.proposal, today=local_day(given.at))
    await store.add_proposal(
        tx,
        step_id=step_id,
        party_id=given.party_id,
        proposal=given.proposal,
        proposed_at=given.at,
        document_sha256=given.document_sha256,
        recorded_by=given.recorded_by,
        paper_id=given.paper_id,
    )
    invited, proposed = await store.invited(tx, step_id), await store.proposed_at(tx, step_id)
    if len(proposed) == len(invited):
        await enqueue(tx, "valuation.close_agreement", AgreementDue(step_id=step_id))
    return ProposalTaken(proposed=len(proposed), invited=len(invited))


async def check_may_propose(tx: Transaction, step_id: UUID, party_id: UUID, *, at: datetime) -> None:
    """Refuse who was not asked, is late, or has proposed."""
    agreement = await store.agreement(tx, step_id)
    own = next((party for party in await store.parties_of(tx, step_id) if party.party_id == party_id), None)
    if own is None:
        raise NotInvited
    if own.represented_by is not None:
        raise SpeaksThroughOther
    check_time(at, until=agreement.until, deadline_at=agreement.deadline_at)
    if agreement.state != "open":
        raise AgreementOver
    if party_id in await store.proposed_at(tx, step_id):
        raise ProposalRepeated
