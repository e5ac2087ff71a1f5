"""Ask one platform: carry the mandate to it, outside any transaction, again and again until its term ends.

1. A mandate that did not get there is carried again after a pause that doubles up to `LONGEST_PAUSE`; each try is a job of its
   own, arranged in the same transaction that notes the failure of the one before, so that a restart loses none.
2. Nobody is asked after the end: when the platform's term is over, when the inquiry is (参考价 11, 29), or once it has the mandate.
3. While the inquiry is stayed nobody is asked; its end asks anew whom the mandate has not reached (28).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from auction.law.periods import is_in_time
from valuation.inquiries import store, term_store
from valuation.inquiries.platforms import PURPOSE, Mandate, Platform
from valuation.inquiries.start_online_inquiry import AskPlatform

ASK = "valuation.ask_platform"
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
DOUBLINGS_MOST = 10
"""More doublings than lead to the longest pause are not counted."""

log = get_log("valuation.inquiries")


async def handle_ask_platform(db: Database, platforms: Mapping[str, Platform], job: Job) -> None:
    """Send one mandate under the inquiry's id; what goes wrong on the other side arranges the next try (rules 1 to 3)."""
    ask: AskPlatform = job.decode(AskPlatform)
    async with db.reading() as tx:
        mandate = await _mandate(tx, ask)
        business_at = tx.now
    if mandate is None:
        return
    try:
        await platforms[ask.platform_id].ask(mandate, business_at=business_at)
    except FaultOfOthers as fault:
        log.warning("mandate_not_carried", inquiry_id=str(ask.inquiry_id), tries=ask.tries + 1, fault=repr(fault)[:300])
        await db.transact(lambda tx: _arrange(tx, ask, only_once_as=job.command_id("next try")))
        return
    await db.transact(lambda tx: store.mark_received(tx, ask.inquiry_id, ask.platform_id))


async def _mandate(tx: Transaction, ask: AskPlatform) -> Mandate | None:
    """Give the mandate to carry now, ``None`` where nobody is to be asked any more, or not now (rules 2, 3)."""
    inquiry = await store.inquiry(tx, ask.inquiry_id)
    deadline_at = await store.ask_deadline(tx, ask.inquiry_id, ask.platform_id)
    if inquiry.state != "asking" or not is_in_time(tx.now, deadline_at):
        return None
    if await term_store.is_stayed(tx, ask.inquiry_id) or ask.platform_id not in await store.unreached(
        tx, ask.inquiry_id
    ):
        return None
    return Mandate(
        inquiry_id=ask.inquiry_id,
        features=inquiry.features,
        purpose=PURPOSE,
        deadline_at=deadline_at,
        reissue_of=inquiry.reissue_of,
    )


async def _arrange(tx: Transaction, failed: AskPlatform, *, only_once_as: UUID) -> None:
    """Arrange the try after one that failed, once, unless the term is over by then (rules 1, 2)."""
    again = AskPlatform(inquiry_id=failed.inquiry_id, platform_id=failed.platform_id, tries=failed.tries + 1)
    at = tx.now + pause_after(again.tries)
    if is_in_time(at, await store.ask_deadline(tx, again.inquiry_id, again.platform_id)):
        await enqueue(tx, ASK, again, due_at=at, only_once_as=only_once_as)


def pause_after(tries: int) -> timedelta:
    """Give the pause after so many tries that failed, one at least: it doubles, and stays bounded."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, DOUBLINGS_MOST)), LONGEST_PAUSE)
