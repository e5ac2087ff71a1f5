"""Demand a correction (补正) of all reports within three days, and end the wait for it (参考价 11(3), 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.law.calendar import COURT_CALENDAR
from valuation.inquiries import correction_store, store, term_store
from valuation.inquiries.close_inquiry import store_result
from valuation.inquiries.counting import PlatformPart
from valuation.inquiries.deadlines import term_end
from valuation.inquiries.part_store import DemandGround
from valuation.inquiries.platforms import Platform
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.inquiries.take_platform_report import CLOSE_CORRECTION

DEMAND = "valuation.demand_correction"


class DemandDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `DEMAND`."""

    inquiry_id: UUID
    demand_id: UUID
    platform_id: str


async def demand_correction(
    tx: Transaction, inquiry_id: UUID, ground: DemandGround, parts: Sequence[PlatformPart]
) -> tuple[str, ...]:
    """Send back every report that came in time; the inquiry waits three days. Gives the platforms. Source: 参考价 12."""
    wrong = [(part.platform_id, part.version) for part in parts if part.outcome == "in_time"]
    demand = correction_store.Demand(
        demand_id=named_id("correction", str(inquiry_id), ground),
        inquiry_id=inquiry_id,
        ground=ground,
        deadline_at=term_end("inquiry_correction_days", local_day(tx.now), COURT_CALENDAR),
        reports=wrong,
    )
    await correction_store.add_demand(tx, demand)
    for platform_id, _version in wrong:
        due = DemandDue(inquiry_id=inquiry_id, demand_id=demand.demand_id, platform_id=platform_id)
        await enqueue(tx, DEMAND, due)
    await enqueue(tx, CLOSE_CORRECTION, InquiryDue(inquiry_id=inquiry_id), due_at=demand.deadline_at)
    return tuple(platform_id for platform_id, _version in wrong)


async def handle_demand_correction(db: Database, platforms: Mapping[str, Platform], job: Job) -> None:
    """Carry one demand to its platform; a fault of the other side raises, and the job is tried again under the same key."""
    due: DemandDue = job.decode(DemandDue)
    async with db.reading() as tx:
        business_at = tx.now
    await platforms[due.platform_id].demand_correction(due.inquiry_id, key=str(due.demand_id), business_at=business_at)

    async def note(tx: Transaction) -> None:
        await correction_store.mark_told(tx, due.demand_id, due.platform_id)

    await db.transact(note)


async def handle_close_correction(db: Database, job: Job) -> None:
    """End the wait for corrections that fell due."""
    await close_correction(db, job.decode(InquiryDue).inquiry_id)


async def close_correction(db: Database, inquiry_id: UUID) -> bool:
    """End the wait once all corrections are in, or their term is over; ``False`` while it goes on, or after its end.

    What was corrected waits for the court's check; nothing corrected in time is failure. Source: 参考价 11(3), 12.
    """

    async def work(tx: Transaction) -> bool:
        await tx.about_case((await store.inquiry(tx, inquiry_id)).case_id)
        return await close_correction_if_over(tx, inquiry_id)

    return await db.transact(work)


async def close_correction_if_over(tx: Transaction, inquiry_id: UUID) -> bool:
    """Do what `close_correction` does in a transaction that holds the case."""
    demand = await correction_store.open_demand(tx, inquiry_id)
    if (await store.inquiry(tx, inquiry_id)).state != "correcting" or demand is None:
        return False
    if await term_store.is_stayed(tx, inquiry_id):
        return False
    demand_id, deadline_at = demand
    if tx.now < deadline_at and await correction_store.uncorrected(tx, demand_id):
        return False
    await correction_store.close_demand(tx, demand_id)
    await store_result(tx, inquiry_id)
    return True
