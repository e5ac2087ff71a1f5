"""Ask one platform: carry the mandate to it, outside any transaction, as often as it takes."""

from __future__ import annotations

from collections.abc import Mapping

from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from valuation.inquiries import store
from valuation.inquiries.platforms import PURPOSE, Mandate, Platform
from valuation.inquiries.start_online_inquiry import AskPlatform


async def handle_ask_platform(db: Database, platforms: Mapping[str, Platform], job: Job) -> None:
    """Send one mandate; a fault of the other side raises, and the job is tried again under the same inquiry id."""
    ask = job.decode(AskPlatform)
    async with db.reading() as tx:
        inquiry = await store.inquiry(tx, ask.inquiry_id)
        mandate = Mandate(
            inquiry_id=ask.inquiry_id,
            features=inquiry.features,
            purpose=PURPOSE,
            deadline_at=await store.ask_deadline(tx, ask.inquiry_id, ask.platform_id),
            reissue_of=inquiry.reissue_of,
        )
        business_at = tx.now
    if inquiry.state == "withdrawn":
        return
    await platforms[ask.platform_id].ask(mandate, business_at=business_at)

    async def note(tx: Transaction) -> None:
        await store.mark_received(tx, ask.inquiry_id, ask.platform_id)

    await db.transact(note)
