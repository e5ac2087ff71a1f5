"""Queries of bills to the treasury, and their view."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select

from auction.fund.bills.bills import BillKind, BillUnknown
from auction.fund.bills.tables import TreasuryBillEndRow, TreasuryBillRow
from auction.fund.claims.claims import ClaimKind
from auction.fund.claims.tables import ClaimRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause
from auction.fund.ledger.tables import EntryRow, PostingRow
from auction.fund.plans.store import won_by_judgments
from auction.fund.plans.tables import FallenShareRow, PlanLineRow, PlanRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money
from auction.kernel.persons import masked_of
from auction.law.fees import BandPart

NOT_ENFORCED = tuple(
    kind.value
    for kind in (
        *(ClaimKind.SALE_COST, ClaimKind.APPRAISAL_ADVANCE, ClaimKind.SALE_TAX, ClaimKind.TAX_REIMBURSEMENT),
        *(ClaimKind.CO_OWNER_SHARE, ClaimKind.HOUSING, ClaimKind.THIRD_PARTY),
    )
)
"""Kinds whose money is no enforcement of a claim; the fee is not computed on it."""


class BillShown(msgspec.Struct, frozen=True, kw_only=True):
    """A bill as officers read it; its payer is masked. ``state``: open, paid or cancelled."""

    bill_id: UUID
    number: int
    kind: str
    payer_masked: str
    enforced_fen: int | None
    amount_fen: int
    bands: tuple[BandPart, ...]
    """The bands by which it was computed; none where the court fixed it."""
    basis: str
    state: str
    receipt_number: str | None
    paid_on: date | None
    reason: str | None
    issued_at: datetime


async def bill_row(tx: Transaction, bill_id: UUID) -> TreasuryBillRow:
    """Give a bill. Raises `BillUnknown`."""
    row = await tx.session.get(TreasuryBillRow, bill_id)
    if row is None:
        raise BillUnknown(bill_id=bill_id)
    return row


async def bill_end(tx: Transaction, bill_id: UUID) -> TreasuryBillEndRow | None:
    """Give how a bill ended; ``None`` while it is open."""
    return await tx.session.get(TreasuryBillEndRow, bill_id, populate_existing=True)


async def bills_of_case(tx: Transaction, case_id: UUID) -> tuple[BillShown, ...]:
    """Give the bills of a case in the order of their numbers."""
    found = select(TreasuryBillRow).where(TreasuryBillRow.case_id == case_id).order_by(TreasuryBillRow.number)
    return tuple([await bill_shown(tx, row) for row in await tx.session.scalars(found)])


async def bill_shown(tx: Transaction, row: TreasuryBillRow) -> BillShown:
    """Show a bill."""
    end = await bill_end(tx, row.bill_id)
    return BillShown(
        bill_id=row.bill_id,
        number=row.number,
        kind=row.kind,
        payer_masked=await masked_of(tx, row.payer_person_id),
        enforced_fen=row.enforced_fen,
        amount_fen=row.amount_fen,
        bands=msgspec.convert(row.working["bands"], tuple[BandPart, ...]),
        basis=row.basis,
        state="open" if end is None else end.outcome,
        receipt_number=None if end is None else end.receipt_number,
        paid_on=None if end is None else end.paid_on,
        reason=None if end is None else end.reason,
        issued_at=row.issued_at,
    )


async def next_bill_number(tx: Transaction, case_id: UUID) -> int:
    """Give the number of the next bill of a case; the caller holds the case."""
    newest = select(func.coalesce(func.max(TreasuryBillRow.number), 0)).where(TreasuryBillRow.case_id == case_id)
    return int((await tx.session.execute(newest)).scalar_one()) + 1


async def is_fine_billed(tx: Transaction, document_id: UUID) -> bool:
    """Whether a decision on a fine has its bill."""
    found = select(TreasuryBillRow.bill_id).where(
        TreasuryBillRow.document_id == document_id, TreasuryBillRow.kind == BillKind.FINE.value
    )
    return await tx.session.scalar(found) is not None


async def is_receipt_used(tx: Transaction, receipt_number: str) -> bool:
    """Whether a treasury receipt paid a bill already."""
    found = select(TreasuryBillEndRow.bill_id).where(TreasuryBillEndRow.receipt_number == receipt_number)
    return await tx.session.scalar(found) is not None


async def fee_billed(tx: Transaction, case_id: UUID) -> Money:
    """Sum what bills asked of the enforcement fee by bands, cancelled ones left out."""
    cancelled = select(TreasuryBillEndRow.bill_id).where(TreasuryBillEndRow.outcome == "cancelled")
    found = await tx.session.execute(
        select(func.coalesce(func.sum(TreasuryBillRow.amount_fen), 0)).where(
            TreasuryBillRow.case_id == case_id,
            TreasuryBillRow.kind == BillKind.ENFORCEMENT_FEE.value,
            TreasuryBillRow.bill_id.not_in(cancelled),
        )
    )
    return Money(int(found.scalar_one()))


async def enforced_in_plans(tx: Transaction, case_id: UUID) -> Money:
    """Sum what settled plans gave the applicants' claims, with what of it went to rewards, less what did not stay with them (`_lost_again`)."""
    of_applicants = select(ClaimRow.claim_id).where(
        ClaimRow.case_id == case_id, ClaimRow.by_applicant, ClaimRow.kind.not_in(NOT_ENFORCED)
    )
    rewards = select(ClaimRow.claim_id).where(ClaimRow.out_of_claim_id.in_(of_applicants), ~ClaimRow.by_applicant)
    found = await tx.session.execute(
        select(func.coalesce(func.sum(PlanLineRow.share_fen), 0))
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(
            PlanRow.case_id == case_id,
            PlanRow.state == "settled",
            PlanLineRow.claim_id.in_(of_applicants) | PlanLineRow.claim_id.in_(rewards),
        )
    )
    lines = select(PlanLineRow.line_id).where(
        PlanLineRow.claim_id.in_(of_applicants) | PlanLineRow.claim_id.in_(rewards)
    )
    return Money(int(found.scalar_one())) + await won_by_judgments(tx, lines) - await _lost_again(tx, case_id, lines)


async def _lost_again(tx: Transaction, case_id: UUID, lines: Select[UUID]) -> Money:
    """Give what of these lines fell by undoings, or went to an administrator: it was not enforced, and what is distributed anew would count twice."""
    fell = FallenShareRow.held_fen + FallenShareRow.paid_fen + FallenShareRow.set_off_fen
    fallen = await tx.session.execute(select(func.coalesce(func.sum(fell), 0)).where(FallenShareRow.line_id.in_(lines)))
    line_ids = (await tx.session.scalars(lines)).all()
    owed_in = [Account(AccountKind.CLAIMS_PAYABLE, case_id, line_id).code for line_id in line_ids]
    handed = await tx.session.execute(
        select(func.coalesce(func.sum(PostingRow.amount_fen), 0))
        .join(EntryRow, EntryRow.entry_id == PostingRow.entry_id)
        .where(EntryRow.cause == Cause.BANKRUPTCY_HANDED_OVER.value, PostingRow.account_code.in_(owed_in))
    )
    return Money(int(fallen.scalar_one())) + Money(int(handed.scalar_one()))
