"""Fix a reference price: whatever the method, here it becomes the price, is recorded, and the sale is told (参考价 2, 27, 30, 34)."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import text

from auction.contracts import ReferencePrice
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue
from auction.kernel.money import Money
from auction.law.periods import deadline_at, is_in_time
from valuation.methods.step_store import end_step
from valuation.methods.steps import Step
from valuation.objections.store import agency_of_step, price_of_step
from valuation.record.keep_record import keep_record


class PriceLapsed(Conflict):
    """The validity of a result ended before it could become the price."""

    code = "price_lapsed_before_fixing"
    article = "参考价 27"
    zh = "该结果已于 {until} 有效期届满，不得确定为参考价。"
    en = "The result was valid until {until} and can no longer become the reference price."


async def fix_price(
    tx: Transaction, step: Step, *, amount_fen: int, valid_until: date, evidence_sha256: str
) -> ReferencePrice:
    """Fix the price of a step once, end the step, and tell the sale in the same transaction; again: the same price.

    Raises:
        PriceLapsed: its validity is over. Source: 参考价 27.
        MoneyOutOfRange: the amount is beyond what a price can be.
    """
    fixed = await price_of_step(tx, step.step_id)
    if fixed is not None:
        return fixed
    if not is_in_time(tx.now, deadline_at(valid_until)):
        raise PriceLapsed(until=valid_until.isoformat())
    price = ReferencePrice(
        reference_price_id=named_id("reference price", str(step.step_id)),
        case_id=step.case_id,
        asset_id=step.asset_id,
        method=step.method,
        amount_fen=Money(amount_fen).fen,
        fixed_at=tx.now,
        valid_until=valid_until,
        evidence_sha256=evidence_sha256,
        agency_id=await agency_of_step(tx, step.step_id),
    )
    await _add(tx, step, price)
    await end_step(tx, step.step_id, "priced")
    await keep_record(tx, price)
    await enqueue(tx, "sale.take_reference_price", price)
    return price


async def _add(tx: Transaction, step: Step, price: ReferencePrice) -> None:
    inquiry_id = step.step_id if step.method == "online_inquiry" else None
    await tx.session.execute(
        text(
            "INSERT INTO valuation.reference_price (reference_price_id, case_id, asset_id, method, inquiry_id, step_id, "
            "amount_fen, fixed_at, valid_until, evidence_sha256) VALUES (:reference_price_id, :case_id, :asset_id, :method, "
            ":inquiry_id, :step_id, :amount_fen, :fixed_at, :valid_until, :evidence_sha256)"
        ),
        {**msgspec.structs.asdict(price), "inquiry_id": inquiry_id, "step_id": step.step_id},
    )
