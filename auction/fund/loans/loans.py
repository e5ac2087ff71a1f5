"""Auction loans: their states, and what may be committed and drawn. Pure.

1. applied → approved | refused (the lender's pre-approval, before the sale) → committing → committed (his letter,
   after the close) → drawing → received (his money is in the case account). Any open state may be cancelled.
2. A commitment is never above the pre-approval, nor above the price.
3. A draw is never above the commitment, nor above what is still missing to the price.
4. A refusal of credit is the buyer's risk: it changes nothing about his duty to pay (网拍 24, 25).
5. A lender's officer sees the loans of his own institution, and no other's.
6. Loans do not fit the prepaid sell-off (practice 33): the price is due before the bidding; see `applications` 5.
7. A pre-approval is a signed letter with a limit and a last day; after that day nothing is committed under it.
8. An application, a commitment and a draw have a last day of their own. Once it has passed, buyer and lender are told, each once, and from
   the commitment on the court, too; the loan goes on, and its borrower may take back what nobody answers.
9. Once his money is in the price a loan ends with the purchase only: its borrower does not give it up, for the lender's
   mortgage follows from it.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

import msgspec

from auction.fund.loans.lender import BridgeMoney
from auction.fund.loans.schedule import MAX_MONTHS
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.kernel.money import Money


class LoanState(StrEnum):
    """State of a loan; the value is stable and stored."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    COMMITTING = "committing"
    COMMITTED = "committed"
    DRAWING = "drawing"
    RECEIVED = "received"
    CANCELLED = "cancelled"


MOVES: dict[LoanState, frozenset[LoanState]] = {
    LoanState.APPLIED: frozenset({LoanState.APPROVED, LoanState.REFUSED, LoanState.CANCELLED}),
    LoanState.APPROVED: frozenset({LoanState.COMMITTING, LoanState.CANCELLED}),
    LoanState.COMMITTING: frozenset({LoanState.COMMITTED, LoanState.APPROVED, LoanState.CANCELLED}),
    LoanState.COMMITTED: frozenset({LoanState.DRAWING, LoanState.CANCELLED}),
    LoanState.DRAWING: frozenset({LoanState.RECEIVED, LoanState.COMMITTED, LoanState.CANCELLED}),
    LoanState.RECEIVED: frozenset({LoanState.CANCELLED}),
    LoanState.REFUSED: frozenset(),
    LoanState.CANCELLED: frozenset(),
}
"""Rule 1 as a table; the database holds the same."""


class LoanUnknown(NotFound):
    """There is no such loan, or it is another's."""

    code = "loan_unknown"
    article = "house: D7"
    zh = "没有该笔法拍贷申请。"
    en = "There is no such auction loan."


class LenderUnnamed(NotPermitted):
    """The officer's role does not say for which lender he acts."""

    code = "lender_unnamed"
    article = "house: a lender sees its own loans only"
    zh = "您的贷款银行岗位未载明所属机构，请由两名管理员重新授予。"
    en = "Your lender's role does not name an institution; two administrators have to grant it anew."


class LoanProductUnknown(NotFound):
    """The lender does not offer such a loan."""

    code = "loan_product_unknown"
    article = "house: D7"
    zh = "没有该贷款产品。"
    en = "There is no such loan product."


class LoanMoveNotAllowed(Conflict):
    """The loan's state does not allow this."""

    code = "loan_move_not_allowed"
    article = "house: a status moves along its table"
    zh = "贷款目前为“{from_state}”，不能变更为“{to_state}”。"
    en = "The loan is {from_state}; it cannot become {to_state}."


class LoanInPrice(Conflict):
    """The lender's money is a part of the price: he is secured by the new mortgage, which follows from this loan."""

    code = "loan_in_price"
    article = "house loans: whose money is in the price is secured with the transfer; 拍变 28"
    zh = "贷款已汇入案款账户并计入价款，不能放弃；抵押登记随过户一并办理。"
    en = "The lender's money is a part of the price; the loan cannot be given up, and its mortgage is filed with the transfer."


class LoanAboveCommitment(Conflict):
    """More was asked than the lender approved or committed."""

    code = "loan_above_commitment"
    article = "house: money.md 5, a draw is within the commitment"
    zh = "金额 {asked} 超过可用额度 {limit}。"
    en = "{asked} is more than the {limit} that the lender stands for."


class LoanAboveBalance(Conflict):
    """More was asked than is still missing to the price."""

    code = "loan_above_balance"
    article = "house: money.md 5, a draw is within the balance"
    zh = "金额 {asked} 超过尚欠尾款 {limit}。"
    en = "{asked} is more than the {limit} still missing to the price."


class LoanApprovalLapsed(Conflict):
    """The pre-approval is older than its letter says that it holds."""

    code = "loan_approval_lapsed"
    article = "house loans: a pre-approval has its last day"
    zh = "贷款预审批已于{until}到期，须由贷款银行重新审批；未获贷款不免除付款义务，逾期未付视为悔拍。"
    en = "The pre-approval ended on {until}; the lender has to approve anew. Without a loan the price is due all the same; not paying it is a default."


class LoanProductTaken(Conflict):
    """Another lender offers a product under this id."""

    code = "loan_product_taken"
    article = "house: a product never changes hands"
    zh = "该产品编号已被使用。"
    en = "This product id is in use."


class LoanProductMalformed(Malformed):
    """A product's field is empty or out of its bounds."""

    code = "loan_product_malformed"
    article = "house loans: the lender's product"
    zh = "贷款产品的“{field}”缺失或超出范围。"
    en = "The product's {field} is missing or out of its bounds."


class LoanTermInvalid(Malformed):
    """The term is longer than the product allows."""

    code = "loan_term_invalid"
    article = "house: the lender's product"
    zh = "贷款期限应为 1 至 {limit} 个月。"
    en = "The term is 1 to {limit} months."


class LoanProduct(msgspec.Struct, frozen=True, kw_only=True):
    """What a lender offers; rates are exact text (``385/10000`` a year)."""

    product_id: str
    lender_id: str
    """The institution, by the id of the partners' file; a product never changes hands."""
    lender: str
    """Its name, as its payments carry it."""
    name_zh: str
    name_en: str
    method: str
    annual_rate: str
    max_share: str
    """Share of the appraised value that is lent at most."""
    max_months: int
    asset_classes: tuple[str, ...]
    cutoff_working_days: int
    """An application comes this many working days before registration ends."""
    max_age_and_term_years: int
    draw_working_days: int
    """The lender pays within so many working days after a draw was asked."""
    approval_working_days: int
    """The lender answers an application within so many working days."""
    commitment_working_days: int
    """The lender answers within so many working days whether he commits."""
    bridges: bool
    """Whether the lender arranges bridge money for a prepaid sell-off."""


class LoanView(msgspec.Struct, frozen=True, kw_only=True):
    """A loan as its borrower, its lender and the court see it."""

    loan_id: UUID
    product_id: str
    case_id: UUID
    round_id: UUID
    registration_id: UUID
    state: LoanState
    price_limit_fen: int
    approved_fen: int | None
    approved_until: date | None
    committed_fen: int | None
    drawn_fen: int | None
    received_fen: int
    reference: str
    reason: str | None
    months: int
    wish_fen: int | None
    """How much the borrower wishes to borrow; ``None``: asked for before that was asked."""
    asset_class: str | None
    value_fen: int | None
    annual_rate: str | None
    method: str | None
    applied_at: datetime
    approval_sha256: str | None
    """Fingerprint of the pre-approval letter."""
    commitment_sha256: str | None
    """Fingerprint of the commitment letter."""
    draw_asked_at: datetime | None
    draw_due_at: datetime | None
    """The first instant at which a draw is late."""
    answer_due_at: datetime | None
    """The first instant at which the lender's answer to what was asked last is late."""
    bridge_ref: str = ""
    """The agreement on bridge money that the borrower named; empty outside a prepaid sell-off."""
    bridge: BridgeMoney | None = None
    """What the lender's letter confirms of bridge money."""

    def is_unanswered(self, now: datetime) -> bool:
        """Whether the lender has not said in time whether he approves or commits (rule 8)."""
        waits = self.state in (LoanState.APPLIED, LoanState.COMMITTING)
        return waits and self.answer_due_at is not None and now >= self.answer_due_at

    def is_late(self, now: datetime) -> bool:
        """Whether the lender has not paid in time what was drawn (rule 8)."""
        return self.state is LoanState.DRAWING and self.draw_due_at is not None and now >= self.draw_due_at


def require_move(current: LoanState, to: LoanState) -> None:
    """Raise `LoanMoveNotAllowed` unless the table allows it (rule 1)."""
    if to not in MOVES[current]:
        raise LoanMoveNotAllowed(from_state=current.value, to_state=to.value)


def require_not_in_price(current: LoanState) -> None:
    """Raise `LoanInPrice` if the lender's money is applied to the price (rule 9)."""
    if current is LoanState.RECEIVED:
        raise LoanInPrice


def require_approved_on(approved_until: date | None, today: date) -> None:
    """Raise `LoanApprovalLapsed` after the last day of the pre-approval (rule 7)."""
    if approved_until is not None and today > approved_until:
        raise LoanApprovalLapsed(until=approved_until)


def require_within(asked: Money, *, stood_for: Money, missing: Money) -> None:
    """Raise `LoanAboveCommitment` or `LoanAboveBalance` unless both limits hold (rules 2 and 3)."""
    if asked > stood_for:
        raise LoanAboveCommitment(asked=asked, limit=stood_for)
    if asked > missing:
        raise LoanAboveBalance(asked=asked, limit=missing)


PRODUCT_ID = re.compile(r"[a-z0-9-]{3,40}")
NAME_LIMIT = 80
DAYS_MOST = 60
YEARS_LEAST, YEARS_MOST = 18, 120


def check_product(product: LoanProduct) -> None:
    """Refuse a product that nobody could apply for, or that says more than all of the value (`LoanProductMalformed`)."""
    share, rate = read_ratio(product.max_share), read_ratio(product.annual_rate)
    faults = {
        "product_id": PRODUCT_ID.fullmatch(product.product_id) is None,
        "name_zh": not 0 < len(product.name_zh.strip()) <= NAME_LIMIT,
        "name_en": not 0 < len(product.name_en.strip()) <= NAME_LIMIT,
        "max_share": not 0 < share <= 1,
        "annual_rate": rate < 0,
        "max_months": not 1 <= product.max_months <= MAX_MONTHS,
        "asset_classes": not product.asset_classes or len(set(product.asset_classes)) < len(product.asset_classes),
        "cutoff_working_days": not 1 <= product.cutoff_working_days <= DAYS_MOST,
        "draw_working_days": not 1 <= product.draw_working_days <= DAYS_MOST,
        "approval_working_days": not 1 <= product.approval_working_days <= DAYS_MOST,
        "commitment_working_days": not 1 <= product.commitment_working_days <= DAYS_MOST,
        "max_age_and_term_years": not YEARS_LEAST <= product.max_age_and_term_years <= YEARS_MOST,
    }
    for field, is_wrong in faults.items():
        if is_wrong:
            raise LoanProductMalformed(field=field)


def read_ratio(text: str) -> Fraction:
    """Read an exact ratio as the product stores it."""
    over, _, under = text.partition("/")
    return Fraction(int(over), int(under))
