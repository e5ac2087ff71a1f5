"""One door makes prices, and lets no lapsed one through."""

from __future__ import annotations

from datetime import date

import pytest

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from tests.valuation.appraisals import stage
from tests.valuation.methods.ground import ASSET, CASE, find, prepare
from valuation.methods.step_store import open_step
from valuation.objections.fix_price import PriceLapsed, fix_price

LAST = date(2027, 3, 20)


async def fix(tx: Transaction) -> int:
    """Open a step and fix its price, valid until the last day."""
    await tx.about_case(CASE)
    step = await open_step(tx, case_id=CASE, asset_id=ASSET, method="entrusted_appraisal", step_id=new_id())
    return (await fix_price(tx, step, amount_fen=100, valid_until=LAST, evidence_sha256="e" * 64)).amount_fen


@pytest.mark.parametrize("is_over", [False, True])
async def test_price_is_fixed_within_its_validity_only(database: Database, is_over: bool) -> None:
    """The last second is in time, the first instant after the last day is refused with its article."""
    await prepare(database)
    await find(database, "appraisal_compelled")
    if not is_over:
        await stage.go(database, LAST, 23, 59, 59)
        assert await database.transact(fix) == 100
        return
    await stage.go(database, date(2027, 3, 21), 0)
    with pytest.raises(PriceLapsed):
        await database.transact(fix)
