"""Stay an inquiry, and go on with it: no term runs meanwhile, and no price is fixed (参考价 28)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from auction.law.periods import deadline_at
from valuation.inquiries import course_store as store
from valuation.inquiries import store as inquiries
from valuation.inquiries import term_store
from valuation.inquiries.close_inquiry import close_if_over
from valuation.inquiries.corrections.demand_correction import close_correction_if_over
from valuation.inquiries.start_online_inquiry import AskPlatform, InquiryDue
from valuation.inquiries.take_platform_report import CLOSE_CORRECTION

RUNNING = frozenset({"asking", "closed", "correcting"})
"""States in which an inquiry can be stayed or withdrawn."""
JUDGES = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)


class StayInquiry(Command, frozen=True, kw_only=True):
    """Stay the inquiry on the ground that the paper shows."""

    inquiry_id: UUID
    ground: store.StayGround
    document_sha256: str


class ResumeInquiry(Command, frozen=True, kw_only=True):
    """The ground of the stay has ended."""

    inquiry_id: UUID


class StayEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The new end of the term that runs, ``None`` where none runs."""

    deadline_at: datetime | None


class InquiryOver(Conflict):
    """The inquiry has ended: with a price, without one, or withdrawn."""

    code = "inquiry_over"
    article = "参考价 28, 29"
    zh = "该询价已经结束。"
    en = "This inquiry has ended."


class InquiryStayed(Conflict):
    """The inquiry is stayed already."""

    code = "inquiry_stayed"
    article = "参考价 28"
    zh = "该询价已经暂缓。"
    en = "This inquiry is stayed already."


class InquiryNotStayed(Conflict):
    """The inquiry is not stayed."""

    code = "inquiry_not_stayed"
    article = "参考价 28"
    zh = "该询价没有暂缓。"
    en = "This inquiry is not stayed."


async def stay_inquiry(db: Database, actor: Actor, command: StayInquiry) -> UUID:
    """Stay an inquiry that runs; a term that was over before ends first. Raises `InquiryOver`, `InquiryStayed`.

    Source: 参考价 28.
    """
    require_role(actor, *JUDGES)

    async def work(tx: Transaction) -> UUID:
        await running(tx, command.inquiry_id)
        await close_if_over(tx, command.inquiry_id)
        await close_correction_if_over(tx, command.inquiry_id)
        await running(tx, command.inquiry_id)
        if await term_store.is_stayed(tx, command.inquiry_id):
            raise InquiryStayed
        stay = store.Stay(
            stay_id=new_id(),
            inquiry_id=command.inquiry_id,
            ground=command.ground,
            document_sha256=command.document_sha256,
        )
        await store.add_stay(tx, stay)
        return stay.stay_id

    return await db.carry_out(actor, command, work, UUID)


async def resume_inquiry(db: Database, actor: Actor, command: ResumeInquiry) -> StayEnded:
    """End the stay: its days are deducted from the terms that ran; raises `InquiryOver`, `InquiryNotStayed`.

    What fell due meanwhile is planned anew. Source: 参考价 28.
    """
    require_role(actor, *JUDGES)

    async def work(tx: Transaction) -> StayEnded:
        inquiry = await running(tx, command.inquiry_id)
        if not await store.end_stay(tx, command.inquiry_id):
            raise InquiryNotStayed
        deadline = await term_store.move_terms(tx, command.inquiry_id)
        await _plan(tx, inquiry, deadline)
        return StayEnded(deadline_at=deadline)

    return await db.carry_out(actor, command, work, StayEnded)


async def _plan(tx: Transaction, inquiry: inquiries.Inquiry, deadline: datetime | None) -> None:
    due = InquiryDue(inquiry_id=inquiry.inquiry_id)
    if inquiry.state == "asking":
        for platform_id in await inquiries.unreached(tx, inquiry.inquiry_id):
            again = AskPlatform(inquiry_id=inquiry.inquiry_id, platform_id=platform_id)
            await enqueue(tx, "valuation.ask_platform", again)
        await enqueue(tx, "valuation.close_inquiry", due, due_at=deadline)
        if not await inquiries.awaited(tx, inquiry.inquiry_id):
            await enqueue(tx, "valuation.close_inquiry", due)
    elif inquiry.state == "correcting":
        await enqueue(tx, CLOSE_CORRECTION, due, due_at=deadline)
        await enqueue(tx, CLOSE_CORRECTION, due)
    else:
        last = await store.last_window_day(tx, inquiry.inquiry_id, inquiry.addressees)
        if last is not None:
            await enqueue(tx, "valuation.fix_reference_price", due, due_at=max(tx.now, deadline_at(last)))


async def running(tx: Transaction, inquiry_id: UUID) -> inquiries.Inquiry:
    """Give an inquiry that runs, its case locked; raises `InquiryUnknown`, `InquiryOver`."""
    await tx.about_case((await inquiries.inquiry(tx, inquiry_id)).case_id)
    inquiry = await inquiries.inquiry(tx, inquiry_id)
    if inquiry.state not in RUNNING:
        raise InquiryOver
    return inquiry
