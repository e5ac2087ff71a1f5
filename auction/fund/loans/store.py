"""Queries of loans."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from auction.fund.loans.applications import may_ask_again
from auction.fund.loans.lender import bridge_in
from auction.fund.loans.loans import LoanProduct, LoanProductUnknown, LoanState, LoanUnknown, LoanView, require_move
from auction.fund.loans.tables import LoanNoticeRow, LoanProductRow, LoanRow
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction


async def product_row(tx: Transaction, product_id: str) -> LoanProductRow:
    """Give a product that is offered. Raises `LoanProductUnknown`."""
    row = await tx.session.get(LoanProductRow, product_id)
    if row is None or not row.offered:
        raise LoanProductUnknown(product_id=product_id)
    return row


async def products(tx: Transaction) -> list[LoanProduct]:
    """Give all products that are offered."""
    rows = await tx.session.execute(
        select(LoanProductRow).where(LoanProductRow.offered).order_by(LoanProductRow.product_id)
    )
    return [product_of(row) for row in rows.scalars()]


async def products_of_lender(tx: Transaction, lender_id: str) -> list[LoanProductRow]:
    """Give the products of one institution, withdrawn ones too."""
    rows = await tx.session.execute(
        select(LoanProductRow).where(LoanProductRow.lender_id == lender_id).order_by(LoanProductRow.product_id)
    )
    return list(rows.scalars())


async def product_of_loan(tx: Transaction, product_id: str) -> LoanProduct:
    """Give the product of a loan, offered or not."""
    row = await tx.session.get(LoanProductRow, product_id)
    assert row is not None, "a loan has its product"
    return product_of(row)


def product_of(row: LoanProductRow) -> LoanProduct:
    """Show a product."""
    shown = {name: getattr(row, name) for name in LoanProduct.__struct_fields__}
    return LoanProduct(**{**shown, "asset_classes": tuple(row.asset_classes)})


async def record_product(tx: Transaction, product: LoanProduct) -> None:
    """Put a product on offer, or replace its terms for new applications."""
    shown = {name: getattr(product, name) for name in product.__struct_fields__}
    await tx.session.merge(LoanProductRow(**{**shown, "asset_classes": list(product.asset_classes)}, offered=True))
    await tx.session.flush()


async def loan_row(tx: Transaction, loan_id: UUID) -> LoanRow:
    """Give a loan as it stands. Raises `LoanUnknown`."""
    row = await tx.session.get(LoanRow, loan_id, populate_existing=True)
    if row is None:
        raise LoanUnknown(loan_id=loan_id)
    return row


async def own_loan(tx: Transaction, actor: Actor, loan_id: UUID) -> LoanRow:
    """Give the caller's own loan; the lock of its case comes first. Raises `LoanUnknown`, also for another's."""
    await tx.about_case(await case_of_loan(tx, loan_id))
    row = await loan_row(tx, loan_id)
    if row.person_id != actor.person_id:
        raise LoanUnknown(loan_id=loan_id)
    return row


async def case_of_loan(tx: Transaction, loan_id: UUID) -> UUID:
    """Give the case of a loan; its lock comes first. Raises `LoanUnknown`."""
    found = await tx.session.execute(select(LoanRow.case_id).where(LoanRow.loan_id == loan_id))
    case_id = found.scalar_one_or_none()
    if case_id is None:
        raise LoanUnknown(loan_id=loan_id)
    return case_id


async def loans_of_round(tx: Transaction, round_id: UUID) -> Sequence[LoanRow]:
    """Give the loans asked for a round, oldest first."""
    found = await tx.session.execute(select(LoanRow).where(LoanRow.round_id == round_id).order_by(LoanRow.applied_at))
    return found.scalars().all()


async def loans_of_person(tx: Transaction, person_id: UUID, registration_id: UUID) -> Sequence[LoanRow]:
    """Give a borrower's own loans for a registration, oldest first."""
    found = await tx.session.execute(
        select(LoanRow)
        .where(LoanRow.person_id == person_id, LoanRow.registration_id == registration_id)
        .order_by(LoanRow.applied_at, LoanRow.loan_id)
    )
    return found.scalars().all()


async def loans_of_case(tx: Transaction, case_id: UUID) -> Sequence[LoanRow]:
    """Give the loans that a lender committed for purchases of a case, oldest first."""
    found = await tx.session.execute(
        select(LoanRow)
        .where(LoanRow.case_id == case_id, LoanRow.commitment_no.is_not(None))
        .order_by(LoanRow.applied_at, LoanRow.loan_id)
    )
    return found.scalars().all()


async def note_told(tx: Transaction, loan_id: UUID, *, kind: str, subject: str, told: str) -> bool:
    """Note that somebody was told something about a loan; false: he was told before."""
    noted = await tx.session.execute(
        text(
            "INSERT INTO fund.loan_notice (loan_id, kind, subject, told, at) VALUES (:id, :kind, :subject, :told, :now) "
            "ON CONFLICT DO NOTHING RETURNING 1"
        ),
        {"id": loan_id, "kind": kind, "subject": subject, "told": told, "now": tx.now},
    )
    return noted.scalar_one_or_none() is not None


async def notices_of(tx: Transaction, loan_ids: Sequence[UUID]) -> Sequence[LoanNoticeRow]:
    """Give what was told about loans, oldest first."""
    found = await tx.session.execute(
        select(LoanNoticeRow).where(LoanNoticeRow.loan_id.in_(loan_ids)).order_by(LoanNoticeRow.at, LoanNoticeRow.kind)
    )
    return found.scalars().all()


async def lender_of_product(tx: Transaction, product_id: str) -> str:
    """Give the institution whose product it is, offered or not."""
    found = await tx.session.execute(select(LoanProductRow.lender_id).where(LoanProductRow.product_id == product_id))
    return found.scalar_one()


async def loans_of_lender(tx: Transaction, lender_id: str, *, limit: int, offset: int) -> Sequence[LoanRow]:
    """Give the loans of one institution's products, newest first."""
    found = await tx.session.execute(
        select(LoanRow)
        .join(LoanProductRow, LoanProductRow.product_id == LoanRow.product_id)
        .where(LoanProductRow.lender_id == lender_id)
        .order_by(LoanRow.applied_at.desc(), LoanRow.loan_id)
        .limit(limit)
        .offset(offset)
    )
    return found.scalars().all()


async def move_loan(tx: Transaction, row: LoanRow, to: LoanState, *, event: str) -> None:
    """Move a loan along the table of allowed moves and store the event. Raises `LoanMoveNotAllowed`."""
    before = LoanState(row.state)
    require_move(before, to)
    row.state = to.value
    await tx.session.flush()
    await record_move(tx, row.loan_id, before=before, after=to, event=event)


async def record_move(
    tx: Transaction, loan_id: UUID, *, before: LoanState | None, after: LoanState, event: str
) -> None:
    """Append one event of a loan."""
    await tx.session.execute(
        text(
            "INSERT INTO fund.loan_move (loan_id, number, from_state, to_state, event, at) "
            "SELECT :id, coalesce(max(number), 0) + 1, :before, :after, :event, :now FROM fund.loan_move "
            "WHERE loan_id = :id"
        ),
        {
            "id": loan_id,
            "before": None if before is None else before.value,
            "after": after.value,
            "event": event,
            "now": tx.now,
        },
    )


def loan_view(row: LoanRow) -> LoanView:
    """Show a loan."""
    return LoanView(
        loan_id=row.loan_id,
        product_id=row.product_id,
        case_id=row.case_id,
        round_id=row.round_id,
        registration_id=row.registration_id,
        state=LoanState(row.state),
        price_limit_fen=row.price_limit_fen,
        approved_fen=row.approved_fen,
        approved_until=row.approved_until,
        committed_fen=row.committed_fen,
        drawn_fen=row.drawn_fen,
        received_fen=row.received_fen,
        reference=row.reference,
        reason=row.reason,
        months=row.months,
        wish_fen=row.wish_fen,
        asset_class=row.asset_class,
        value_fen=row.value_fen,
        annual_rate=row.annual_rate,
        method=row.method,
        applied_at=row.applied_at,
        approval_sha256=row.approval_sha256,
        commitment_sha256=None if row.letter is None else row.letter.get("sha256"),
        draw_asked_at=row.draw_asked_at,
        draw_due_at=row.draw_due_at,
        answer_due_at=row.answer_due_at,
        bridge_ref=row.bridge_ref,
        bridge=bridge_in(row.approval_letter) if row.bridge_ref else None,
    )


async def asked_before(tx: Transaction, registration_id: UUID, product_id: str) -> Sequence[LoanRow]:
    """Give what was asked of one lender for a registration, the first application first."""
    found = select(LoanRow).where(LoanRow.registration_id == registration_id, LoanRow.product_id == product_id)
    return (await tx.session.scalars(found.order_by(LoanRow.applied_at, LoanRow.loan_id))).all()


def refused_because(loans: Sequence[LoanRow]) -> list[str | None]:
    """Give why each of these was refused; ``None``: it was not."""
    return [loan.reason if loan.state == LoanState.REFUSED.value else None for loan in loans]


def products_answered(loans: Sequence[LoanRow]) -> set[str]:
    """Give the products among one registration's loans whose lender is not asked again (`applications`, rule 6)."""
    products = {loan.product_id for loan in loans}
    of = {product_id: [loan for loan in loans if loan.product_id == product_id] for product_id in products}
    return {product_id for product_id, asked in of.items() if not may_ask_again(refused_because(asked))}
