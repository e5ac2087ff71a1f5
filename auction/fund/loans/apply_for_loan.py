"""Apply for an auction loan: a pre-approval by the lender, before the sale."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import msgspec

from auction.fund.deposits import store as deposits
from auction.fund.deposits.tables import DepositRow, RouteRow
from auction.fund.gateway import ProviderRefused
from auction.fund.loans import applications as rules
from auction.fund.loans import store
from auction.fund.loans.answer_clock import start_approval_clock, stop_clock
from auction.fund.loans.asking import LoanAsked, approval_key, asking
from auction.fund.loans.lender import Approval, ApprovalAsked, Lenders
from auction.fund.loans.loans import LoanState, LoanTermInvalid, LoanUnknown, LoanView, read_ratio
from auction.fund.loans.schedule import repayment_schedule
from auction.fund.loans.tables import LoanProductRow, LoanRow
from auction.fund.loans.tell_room import tell_of_limit
from auction.fund.references import make_reference
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money
from auction.kernel.persons import identity_of
from auction.law.periods import deadline_at

ASK_APPROVAL = "fund.ask_approval"
NATURAL = "natural"
BRIDGE_LIMIT = 200

BasisOf = Callable[[Transaction, UUID], Awaitable[rules.LoanBasis]]
"""What the sale says of a round; given by the sale's part."""


class BorrowerNotNatural(Conflict):
    """Products of auction loans are for natural persons."""

    code = "loan_borrower_not_natural"
    article = "house loans: natural persons, one bank's product sheet"
    zh = "法拍贷产品仅面向自然人。"
    en = "Auction loans are for natural persons."


class BridgeNotOffered(Conflict):
    """The product does not bridge a prepaid sell-off."""

    code = "loan_bridge_not_offered"
    article = "house loans: the lender's product; 变卖衔接 5"
    zh = "该贷款产品不提供过桥资金安排。"
    en = "This product comes without an arrangement of bridge money."


class ApplyForLoan(Command, frozen=True, kw_only=True):
    """Ask this product's lender for a loan of ``wish_fen`` for this registration, on a price of at most ``price_limit_fen``.

    ``bridge_ref`` names the agreement on bridge money in a prepaid sell-off, which the lender's letter must confirm; empty elsewhere.
    """

    registration_id: UUID
    product_id: str
    price_limit_fen: int
    wish_fen: int
    months: int
    income_fen: int
    other_debt_fen: int
    born_on: date
    bridge_ref: str = ""


async def apply_for_loan(db: Database, actor: Actor, command: ApplyForLoan, *, basis_of: BasisOf) -> LoanView:
    """Ask for a pre-approval; once per registration and product, and anew only where an agreement on bridge money was not confirmed.

    Raises `DepositUnknown`, `LoanUnknown` (another's registration), `LoanProductUnknown`, `LoanTermInvalid`,
    `BorrowerNotNatural`, `BridgeNotOffered`, and the refusals of `applications`.
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> LoanView:
        deposit = await deposits.deposit_of_registration(tx, command.registration_id)
        await tx.about_case(deposit.case_id)
        if deposit.person_id != actor.person_id:
            raise LoanUnknown(registration_id=command.registration_id)
        asked = await store.asked_before(tx, command.registration_id, command.product_id)
        if not rules.may_ask_again(store.refused_because(asked)):
            return store.loan_view(asked[-1])
        loan_id = _loan_id(command, number=len(asked))
        product = await store.product_row(tx, command.product_id)
        basis = await basis_of(tx, deposit.round_id)
        await _check(tx, command, product, basis, deposit)
        row = _row(tx, loan_id, command, product, basis, deposit)
        await start_approval_clock(tx, row)
        await deposits.add(tx, row)
        await store.record_move(tx, loan_id, before=None, after=LoanState.APPLIED, event="applied")
        await deposits.add(
            tx,
            RouteRow(route=row.reference, kind="loan", subject_id=loan_id, case_id=row.case_id, opened_at=tx.now),
        )
        await enqueue(tx, ASK_APPROVAL, LoanAsked(loan_id=loan_id))
        return store.loan_view(row)

    return await db.carry_out(actor, command, work, LoanView)


def _loan_id(command: ApplyForLoan, *, number: int) -> UUID:
    """Give the id of an application; ``number`` says how many came before it."""
    again = (str(number),) if number else ()
    return named_id("loan", str(command.registration_id), command.product_id, *again)


async def _check(
    tx: Transaction, command: ApplyForLoan, product: LoanProductRow, basis: rules.LoanBasis, deposit: DepositRow
) -> None:
    """Check an application in the order of the rules of `applications`."""
    today = local_day(tx.now)
    kind, _ = await identity_of(tx, deposit.person_id)
    if kind != NATURAL:
        raise BorrowerNotNatural
    if basis.asset_class not in product.asset_classes:
        raise rules.LoanClassNotLent
    names_bridge = bool(command.bridge_ref.strip())
    rules.require_fits(is_prepaid=basis.is_prepaid, is_bridged=names_bridge)
    if names_bridge and not product.bridges:
        raise BridgeNotOffered
    rules.require_in_time(today, local_day(deposit.closes_at), working_days=product.cutoff_working_days)
    if not 1 <= command.months <= product.max_months:
        raise LoanTermInvalid(limit=product.max_months)
    rules.require_term(command.months, basis.asset_class, on=today)
    age = rules.age_on(command.born_on, today)
    rules.require_age(age, command.months, limit_years=product.max_age_and_term_years)
    asked = _asked(command, basis)
    rules.require_share(asked, share=read_ratio(product.max_share), on=today)
    _check_income(command, product, asked.amount, today)


def _asked(command: ApplyForLoan, basis: rules.LoanBasis) -> rules.Asked:
    return rules.Asked(
        amount=Money.positive(command.wish_fen),
        price=Money.positive(command.price_limit_fen),
        value=Money(basis.value_fen),
        asset_class=basis.asset_class,
    )


def _check_income(command: ApplyForLoan, product: LoanProductRow, amount: Money, today: date) -> None:
    if command.income_fen <= 0 or command.other_debt_fen < 0:
        raise rules.MeansMalformed(field="income_fen")
    first, *_ = repayment_schedule(
        amount,
        annual_rate=read_ratio(product.annual_rate),
        months=command.months,
        method="equal_principal" if product.method == "equal_principal" else "equal_instalments",
    )
    income, debt = Money(command.income_fen), Money(command.other_debt_fen)
    rules.require_income(income, first.payment, debt, on=today)


def _row(
    tx: Transaction,
    loan_id: UUID,
    command: ApplyForLoan,
    product: LoanProductRow,
    basis: rules.LoanBasis,
    deposit: DepositRow,
) -> LoanRow:
    """Make the loan, with the terms of the product as they are now."""
    means = rules.Means(income_fen=command.income_fen, other_debt_fen=command.other_debt_fen, born_on=command.born_on)
    return LoanRow(
        loan_id=loan_id,
        product_id=product.product_id,
        case_id=deposit.case_id,
        lot_id=deposit.lot_id,
        round_id=deposit.round_id,
        registration_id=deposit.registration_id,
        person_id=deposit.person_id,
        price_limit_fen=command.price_limit_fen,
        wish_fen=command.wish_fen,
        months=command.months,
        asset_class=basis.asset_class,
        value_fen=basis.value_fen,
        max_share=product.max_share,
        annual_rate=product.annual_rate,
        method=product.method,
        draw_working_days=product.draw_working_days,
        approval_working_days=product.approval_working_days,
        commitment_working_days=product.commitment_working_days,
        bridge_ref=command.bridge_ref.strip()[:BRIDGE_LIMIT],
        means_sealed=tx.sealer.seal(msgspec.json.encode(means).decode()),
        reference=make_reference("loan", loan_id),
        received_fen=0,
        state=LoanState.APPLIED.value,
        applied_at=tx.now,
    )


async def handle_ask_approval(db: Database, lenders: Lenders, job: Job) -> None:
    """Ask the lender and note his answer; a silent one is asked on for as long as the borrower waits."""
    asked = job.decode(LoanAsked)
    await asking(db, job, asked, lambda: _ask(db, lenders, asked.loan_id))


async def _ask(db: Database, lenders: Lenders, loan_id: UUID) -> None:
    async with db.reading() as tx:
        row = await store.loan_row(tx, loan_id)
        if row.state != LoanState.APPLIED.value:
            return
        sealed = row.means_sealed
        means = None if sealed is None else msgspec.json.decode(tx.sealer.open(sealed), type=rules.Means)
        lender = lenders[await store.lender_of_product(tx, row.product_id)]
    if means is None:
        await db.transact(lambda tx: _note(tx, loan_id, None, "means_missing"))
        return
    try:
        approval: Approval | None = await lender.approve(_approval_asked(row, means))
        reason = "declined"
    except ProviderRefused as refused:
        approval, reason = None, refused.code
    await db.transact(lambda tx: _note(tx, loan_id, approval, reason))


def _approval_asked(row: LoanRow, means: rules.Means) -> ApprovalAsked:
    assert row.asset_class is not None and row.value_fen is not None and row.wish_fen is not None, "asked for by rule"
    return ApprovalAsked(
        key=approval_key(row.loan_id),
        product_id=row.product_id,
        bidder_ref=str(named_id("bidder at lender", str(row.person_id), row.product_id)),
        lot_ref=str(row.lot_id),
        asset_class=row.asset_class,
        value_fen=row.value_fen,
        price_limit_fen=row.price_limit_fen,
        wish_fen=row.wish_fen,
        months=row.months,
        income_fen=means.income_fen,
        other_debt_fen=means.other_debt_fen,
        born_on=means.born_on,
        bridge_ref=row.bridge_ref,
    )


async def _note(tx: Transaction, loan_id: UUID, approval: Approval | None, reason: str) -> None:
    await tx.about_case(await store.case_of_loan(tx, loan_id))
    row = await store.loan_row(tx, loan_id)
    if row.state != LoanState.APPLIED.value:
        return
    await stop_clock(tx, row)
    if approval is None or approval.state == "declined" or approval.letter is None:
        row.reason = reason
        await store.move_loan(tx, row, LoanState.REFUSED, event="refused")
        return
    assert row.wish_fen is not None, "what was asked for by rule names its amount"
    if row.bridge_ref and not await _is_bridged(tx, row, approval):
        row.reason = rules.BRIDGE_NOT_CONFIRMED
        await store.move_loan(tx, row, LoanState.REFUSED, event="refused")
        return
    row.approval_no, row.approved_until = approval.approval_no, approval.valid_until
    row.approved_fen = min(approval.approved_fen, row.wish_fen)
    row.approval_letter, row.approval_sha256 = approval.letter, approval.letter["sha256"]
    await store.move_loan(tx, row, LoanState.APPROVED, event="approved")
    await tell_of_limit(tx, row.registration_id)
    await tell_of_limit(tx, row.registration_id, at=deadline_at(approval.valid_until))


async def _is_bridged(tx: Transaction, row: LoanRow, approval: Approval) -> bool:
    assert row.wish_fen is not None, "what was asked for by rule names its amount"
    deposit = await deposits.deposit_of_registration(tx, row.registration_id)
    approved = Money(min(approval.approved_fen, row.wish_fen))
    ends_on = local_day(deposit.closes_at)
    return rules.is_bridged(approval.bridge, reference=row.bridge_ref, approved=approved, ends_on=ends_on)
