"""An inquiry whose mean lapsed before it could be the price: its job ends in peace, and the court withdraws it (参考价 27, 29)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.kernel.clock import MICROSECOND, day_start
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.valuation.inquiries.test_course import PRESIDING
from tests.valuation.test_online_inquiry import closed_and_served, job
from valuation.inquiries import store
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.inquiries.stops.withdraw_inquiry import WithdrawInquiry, withdraw_inquiry
from valuation.objections.fix_price import PriceLapsed
from valuation.objections.fix_reference_price import fix_reference_price, handle_fix_reference_price
from valuation.objections.store import price_of_step

LAPSED = day_start(date(2028, 1, 1))
"""First instant after the last day of the reports' validity, 31 December 2027."""


@pytest.mark.parametrize(("late", "is_priced"), [(-MICROSECOND, True), (timedelta(0), False), (MICROSECOND, False)])
async def test_lapsed_mean_stays_without_a_price(database: Database, late: timedelta, *, is_priced: bool) -> None:
    """Up to the last instant of its validity the mean is fixed; from then on the handler leaves it, without a fault."""
    inquiry_id = (await closed_and_served(database)).inquiry_id
    await move_clock(database, to=LAPSED + late, freeze=True)
    await handle_fix_reference_price(database, job("valuation.fix_reference_price", InquiryDue(inquiry_id=inquiry_id)))
    async with database.reading() as tx:
        priced = await price_of_step(tx, inquiry_id)
        inquiry = await store.inquiry(tx, inquiry_id)

    assert (priced is not None) is is_priced
    assert inquiry.state == ("fixed" if is_priced else "closed")


async def test_lapsed_inquiry_is_refused_by_name_and_withdrawn(database: Database) -> None:
    """Asked directly it is refused with its code; withdrawing ends it."""
    inquiry_id = (await closed_and_served(database)).inquiry_id
    await move_clock(database, to=LAPSED, freeze=True)
    with pytest.raises(PriceLapsed):
        await fix_reference_price(database, inquiry_id)
    ending = WithdrawInquiry(command_id=new_id(), inquiry_id=inquiry_id, ground="debt_paid", document_sha256="a" * 64)
    await withdraw_inquiry(database, PRESIDING, ending)
    async with database.reading() as tx:
        assert (await store.inquiry(tx, inquiry_id)).state == "withdrawn"
