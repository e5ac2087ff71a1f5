"""Apply for an auction loan: a pre-approval by the lender, before the sale."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.deposits import store as deposits
from auction.fund.deposits.tables import RouteRow
from auction.fund.gateway import ProviderRefused
from auction.fund.loans import store
from auction.fund.loans.lender import Approval, ApprovalAsked, Lender
from auction.fund.loans.loans import LoanState, LoanTermInvalid, LoanUnknown, LoanView
from auction.fund.loans.tables import LoanRow
from auction.fund.references import make_reference
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money

ASK_APPROVAL = "fund.ask_approval"


class ApplyForLoan(Command, frozen=True, kw_only=True):
    """Ask this product's lender how much he would lend for this registration, up to a price."""

    registration_id: UUID
    product_id: str
    price_limit_fen: int
    months: int


class LoanAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the jobs about a loan; ``look`` counts the looks at an open outcome."""

    loan_id: UUID
    look: int = 0


async def apply_for_loan(db: Database, actor: Actor, command: ApplyForLoan) -> LoanView:
    """Ask for a pre-approval; once per registration and product.

    Raises `DepositUnknown`, `LoanUnknown` (another's registration), `LoanProductUnknown`, `LoanTermInvalid`.
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> LoanView:
        deposit = await deposits.deposit_of_registration(tx, command.registration_id)
        await tx.about_case(deposit.case_id)
        if deposit.person_id != actor.person_id:
            raise LoanUnknown(registration_id=command.registration_id)
        product = await store.product_row(tx, command.product_id)
        if not 1 <= command.months <= product.max_months:
            raise LoanTermInvalid(limit=product.max_months)
        loan_id = named_id("loan", str(command.registration_id), command.product_id)
        known = await tx.session.get(LoanRow, loan_id)
        if known is not None:
            return store.loan_view(known)
        row = LoanRow(
            loan_id=loan_id,
            product_id=product.product_id,
            case_id=deposit.case_id,
            lot_id=deposit.lot_id,
            round_id=deposit.round_id,
            registration_id=deposit.registration_id,
            person_id=deposit.person_id,
            price_limit_fen=Money.positive(command.price_limit_fen).fen,
            months=command.months,
            reference=make_reference("loan", loan_id),
            received_fen=0,
            state=LoanState.APPLIED.value,
            applied_at=tx.now,
        )
        await deposits.add(tx, row)
        await store.record_move(tx, loan_id, before=None, after=LoanState.APPLIED, event="applied")
        await deposits.add(
            tx,
            RouteRow(route=row.reference, kind="loan", subject_id=loan_id, case_id=row.case_id, opened_at=tx.now),
        )
        await enqueue(tx, ASK_APPROVAL, LoanAsked(loan_id=loan_id))
        return store.loan_view(row)

    return await db.carry_out(actor, command, work, LoanView)


async def handle_ask_approval(db: Database, lender: Lender, job: Job) -> None:
    """Ask the lender and note his answer."""
    loan_id = job.decode(LoanAsked).loan_id
    async with db.reading() as tx:
        row = await store.loan_row(tx, loan_id)
    if row.state != LoanState.APPLIED.value:
        return
    asked = ApprovalAsked(
        key=f"approval:{loan_id}",
        bidder_ref=str(named_id("bidder at lender", str(row.person_id), row.product_id)),
        lot_ref=str(row.lot_id),
        price_limit_fen=row.price_limit_fen,
    )
    try:
        approval: Approval | None = await lender.approve(asked)
        reason = "declined"
    except ProviderRefused as refused:
        approval, reason = None, refused.code
    await db.transact(lambda tx: _note(tx, loan_id, approval, reason))


async def _note(tx: Transaction, loan_id: UUID, approval: Approval | None, reason: str) -> None:
    await tx.about_case(await store.case_of_loan(tx, loan_id))
    row = await store.loan_row(tx, loan_id)
    if row.state != LoanState.APPLIED.value:
        return
    if approval is None or approval.state == "declined":
        row.reason = reason
        await store.move_loan(tx, row, LoanState.REFUSED, event="refused")
        return
    row.approval_no, row.approved_until = approval.approval_no, approval.valid_until
    row.approved_fen = min(approval.approved_fen, row.price_limit_fen)
    await store.move_loan(tx, row, LoanState.APPROVED, event="approved")
