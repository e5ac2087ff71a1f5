"""Offer a loan product, replace its terms for new applications, or take it off: the lender's own officers do."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from auction.fund.loans import store
from auction.fund.loans.estimate import parse_rate
from auction.fund.loans.loans import (
    LenderUnnamed,
    LoanProduct,
    LoanProductTaken,
    LoanProductUnknown,
    check_product,
)
from auction.fund.loans.schedule import Method
from auction.fund.loans.tables import LoanProductRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction

PERCENT = 100


class OfferLoanProduct(Command, frozen=True, kw_only=True):
    """Offer a product of the officer's own lender; the same id replaces its terms for new applications."""

    product_id: str
    name_zh: str
    name_en: str
    method: Method
    annual_rate_percent: str
    """A percentage with at most four decimals, such as ``3.1``."""
    max_share_percent: int
    max_months: int
    asset_classes: tuple[str, ...]
    cutoff_working_days: int
    max_age_and_term_years: int
    draw_working_days: int
    approval_working_days: int
    commitment_working_days: int
    bridges: bool


class WithdrawLoanProduct(Command, frozen=True, kw_only=True):
    """Take a product off; loans that were asked for go on."""

    product_id: str


class ProductStands(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it stands."""

    product: LoanProduct
    offered: bool


def own_lender(actor: Actor) -> str:
    """Give the officer's own lender. Raises `RoleLacking`, `LenderUnnamed`."""
    require_role(actor, Role.LENDER)
    if actor.institution is None:
        raise LenderUnnamed
    return actor.institution


async def offer_loan_product(
    db: Database, actor: Actor, command: OfferLoanProduct, *, lender_names: Mapping[str, str]
) -> ProductStands:
    """Offer a product. Raises `LenderUnnamed`, `RateMalformed`, `LoanProductMalformed`, `LoanProductTaken`."""
    lender_id = own_lender(actor)
    product = LoanProduct(
        product_id=command.product_id,
        lender_id=lender_id,
        lender=lender_names.get(lender_id, lender_id),
        name_zh=command.name_zh.strip(),
        name_en=command.name_en.strip(),
        method=command.method,
        annual_rate=_ratio(parse_rate(command.annual_rate_percent)),
        max_share=f"{command.max_share_percent}/{PERCENT}",
        max_months=command.max_months,
        asset_classes=command.asset_classes,
        cutoff_working_days=command.cutoff_working_days,
        max_age_and_term_years=command.max_age_and_term_years,
        draw_working_days=command.draw_working_days,
        approval_working_days=command.approval_working_days,
        commitment_working_days=command.commitment_working_days,
        bridges=command.bridges,
    )
    check_product(product)

    async def work(tx: Transaction) -> ProductStands:
        known = await tx.session.get(LoanProductRow, product.product_id)
        if known is not None and known.lender_id != lender_id:
            raise LoanProductTaken(field="product_id")
        await store.record_product(tx, product)
        return ProductStands(product=product, offered=True)

    return await db.carry_out(actor, command, work, ProductStands)


async def withdraw_loan_product(db: Database, actor: Actor, command: WithdrawLoanProduct) -> ProductStands:
    """Take a product off. Raises `LenderUnnamed`, `LoanProductUnknown` (another lender's, too)."""
    lender_id = own_lender(actor)

    async def work(tx: Transaction) -> ProductStands:
        row = await tx.session.get(LoanProductRow, command.product_id)
        if row is None or row.lender_id != lender_id:
            raise LoanProductUnknown(product_id=command.product_id)
        row.offered = False
        await tx.session.flush()
        return ProductStands(product=store.product_of(row), offered=False)

    return await db.carry_out(actor, command, work, ProductStands)


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
