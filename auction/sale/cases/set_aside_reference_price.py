"""Note that a ruling set a reference price aside: from here nothing is listed or announced on it (参考价 25)."""

from __future__ import annotations

from auction.contracts import PriceSetAside
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.cases.tables import PriceSetAsideRow
from auction.sale.columns import add

SET_ASIDE_REFERENCE_PRICE = "sale.set_aside_reference_price"


async def handle_price_set_aside(db: Database, job: Job) -> None:
    """Handle the job `SET_ASIDE_REFERENCE_PRICE`, before or after the price itself came; a repeated one changes nothing."""
    news = job.decode(PriceSetAside)

    async def work(tx: Transaction) -> None:
        await tx.about_case(news.case_id)
        if await tx.session.get(PriceSetAsideRow, news.reference_price_id) is not None:
            return
        row = PriceSetAsideRow(
            reference_price_id=news.reference_price_id,
            case_id=news.case_id,
            asset_id=news.asset_id,
            ground=news.ground,
            document_sha256=news.document_sha256,
            set_aside_at=news.set_aside_at,
            noted_at=tx.now,
        )
        await add(tx, row)

    await db.transact(work)
