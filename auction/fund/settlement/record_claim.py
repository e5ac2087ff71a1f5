"""Record a claim on the proceeds of a case, or withdraw one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from auction.fund.case_file import APPLICANT, require_party
from auction.fund.claims.claims import (
    OFFICERS,
    ClaimKind,
    ClaimOfTaxOffice,
    ClaimUnknown,
    require_complete,
    require_place,
)
from auction.fund.claims.tables import ClaimRow, TaxAssessmentRow
from auction.fund.deposits.store import add
from auction.fund.set_offs.set_offs import ClaimSetOff
from auction.fund.set_offs.settle_set_offs import open_set_offs
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money


class RecordClaim(Command, frozen=True, kw_only=True):
    """Record this claim.

    ``ranked_on``: day of registration of a security (absent: unregistered), or on which an old tax fell due.
    ``seizure_order``: place in the order of seizure, for enterprises (Interp. 514). ``basis``: the title or the reason;
    ``evidence_sha256``: fingerprint of the document that proves it.
    """

    claim_id: UUID
    case_id: UUID
    party_id: UUID
    person_id: UUID
    kind: ClaimKind
    amount_fen: int
    basis: str
    evidence_sha256: str
    ranked_on: date | None = None
    seizure_order: int | None = None


class WithdrawClaim(Command, frozen=True, kw_only=True):
    """Take a claim off the record; plans already settled stay as they are."""

    claim_id: UUID
    case_id: UUID


async def record_claim(db: Database, actor: Actor, command: RecordClaim) -> UUID:
    """Record a claim and give its id.

    Raises `AmountNotPositive`, `ClaimIncomplete`, `SeizureOrderMalformed`, `PartyNotOfCase`. Source: Interp. 507.
    """
    require_role(actor, *OFFICERS)
    require_complete(command.kind, ranked_on=command.ranked_on)
    require_place(command.seizure_order)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await add_claim(tx, command)
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)


async def add_claim(tx: Transaction, command: RecordClaim) -> None:
    """Put the claim on record within the caller's transaction; who claims is compared with the file.

    Raises `PartyNotOfCase`.
    """
    party = await require_party(tx, case_id=command.case_id, party_id=command.party_id, person_id=command.person_id)
    await add(
        tx,
        ClaimRow(
            claim_id=command.claim_id,
            case_id=command.case_id,
            party_id=command.party_id,
            person_id=command.person_id,
            kind=command.kind.value,
            amount_fen=Money.positive(command.amount_fen).fen,
            ranked_on=command.ranked_on,
            seizure_order=command.seizure_order,
            by_applicant=party.role == APPLICANT,
            basis=command.basis,
            evidence_sha256=command.evidence_sha256,
            state="recorded",
            recorded_at=tx.now,
        ),
    )


async def withdraw_claim(db: Database, actor: Actor, command: WithdrawClaim) -> UUID:
    """Withdraw a claim and give its id. Raises `ClaimUnknown`, `ClaimOfTaxOffice`, `ClaimSetOff`."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        row = await tx.session.get(ClaimRow, command.claim_id)
        if row is None or row.case_id != command.case_id or row.state != "recorded":
            raise ClaimUnknown(claim_id=command.claim_id)
        taxes = select(TaxAssessmentRow.assessment_id).where(TaxAssessmentRow.claim_id == command.claim_id)
        if await tx.session.scalar(taxes) is not None:
            raise ClaimOfTaxOffice(claim_id=command.claim_id)
        if row.person_id in await open_set_offs(tx, command.case_id, paid_only=False):
            raise ClaimSetOff(claim_id=command.claim_id)
        row.state = "withdrawn"
        await tx.session.flush()
        return row.claim_id

    return await db.carry_out(actor, command, work, UUID)
