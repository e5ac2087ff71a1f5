"""Withdraw an inquiry: the platforms are told, nothing is owed, and the step ends (参考价 29, 31)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.signed_calls import PartnerRefused
from valuation.inquiries import course_store as store
from valuation.inquiries.platforms import Platform
from valuation.inquiries.start_online_inquiry import AskPlatform
from valuation.inquiries.stops.stay_inquiry import JUDGES, running
from valuation.methods.step_store import end_step

TELL = "valuation.withdraw_mandate"
NOT_FOUND = 404


class WithdrawInquiry(Command, frozen=True, kw_only=True):
    """Withdraw the inquiry on the ground that the paper shows."""

    inquiry_id: UUID
    ground: store.WithdrawalGround
    document_sha256: str


class InquiryEnded(msgspec.Struct, frozen=True, kw_only=True):
    """Which platforms are told."""

    told: tuple[str, ...]


async def withdraw_inquiry(db: Database, actor: Actor, command: WithdrawInquiry) -> InquiryEnded:
    """End an inquiry that runs, stayed or not, without a price; raises `InquiryOver`. Source: 参考价 29."""
    require_role(actor, *JUDGES)

    async def work(tx: Transaction) -> InquiryEnded:
        known = (await running(tx, command.inquiry_id)).state != "asking"
        await store.end_stay(tx, command.inquiry_id)
        await store.withdraw(tx, command.inquiry_id, ground=command.ground, document_sha256=command.document_sha256)
        await end_step(tx, command.inquiry_id, "withdrawn", command.ground, result_known=known)
        asked = tuple(platform_id for platform_id, _name in await store.platforms_of(tx, command.inquiry_id))
        for platform_id in asked:
            await enqueue(tx, TELL, AskPlatform(inquiry_id=command.inquiry_id, platform_id=platform_id))
        return InquiryEnded(told=asked)

    return await db.carry_out(actor, command, work, InquiryEnded)


async def handle_withdraw_mandate(db: Database, platforms: Mapping[str, Platform], job: Job) -> None:
    """Tell one platform; a fault of the other side raises, and the job is tried again."""
    told: AskPlatform = job.decode(AskPlatform)
    async with db.reading() as tx:
        business_at = tx.now
    try:
        await platforms[told.platform_id].withdraw(told.inquiry_id, business_at=business_at)
    except PartnerRefused as refused:
        # The mandate never got there: there is nothing to take back.
        if refused.status != NOT_FOUND:
            raise
