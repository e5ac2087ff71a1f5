"""A product and an application for it, as tests of loans need them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from auction.fund.loans.applications import LoanBasis
from auction.fund.loans.apply_for_loan import ApplyForLoan
from auction.fund.loans.loans import LoanProduct
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id

LIMIT = 1_200_000_00
WISH = LIMIT * 7 // 10
PRODUCT = LoanProduct(
    product_id="home-30",
    lender_id="lender-1",
    lender="示范商业银行",
    name_zh="法拍住房贷",
    name_en="auction home loan",
    method="equal_instalments",
    annual_rate="385/10000",
    max_share="7/10",
    max_months=360,
    asset_classes=("home",),
    cutoff_working_days=5,
    max_age_and_term_years=65,
    draw_working_days=5,
    approval_working_days=3,
    commitment_working_days=3,
    bridges=False,
)


def basis(
    value_fen: int = LIMIT, *, asset_class: str = "home", is_prepaid: bool = False
) -> Callable[[Transaction, UUID], Awaitable[LoanBasis]]:
    """Give what the sale says of a round."""

    async def basis_of(tx: Transaction, round_id: UUID) -> LoanBasis:
        del tx, round_id
        return LoanBasis(asset_class=asset_class, value_fen=value_fen, is_prepaid=is_prepaid)

    return basis_of


def application(registration_id: UUID, **other: object) -> ApplyForLoan:
    """Give an application that passes, but for what is said otherwise."""
    given: dict[str, object] = {
        "command_id": new_id(),
        "registration_id": registration_id,
        "product_id": "home-30",
        "price_limit_fen": LIMIT,
        "wish_fen": WISH,
        "months": 360,
        "income_fen": 30_000_00,
        "other_debt_fen": 0,
        "born_on": date(1992, 3, 1),
    }
    return ApplyForLoan(**{**given, **other})  # type: ignore[arg-type] # of the fields' types, as given above
