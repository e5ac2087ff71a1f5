"""Start an online inquiry: all listed platforms are asked at the same moment (参考价 10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from auction.law.calendar import COURT_CALENDAR
from valuation.facts.require_facts import require_facts
from valuation.inquiries import store
from valuation.inquiries.deadlines import Term, term_end
from valuation.inquiries.online_inquiry import NoPlatformListed
from valuation.inquiries.platforms import PURPOSE, AssetFeatures, Mandate, Platform, check_mandate
from valuation.listed_platforms import store as register
from valuation.listed_platforms.recipients import check_recipients
from valuation.methods.step_store import open_step, open_step_of
from valuation.methods.steps import Step


class StartOnlineInquiry(Command, frozen=True, kw_only=True):
    """Ask all platforms for the value of an asset; ``addressees`` will be served the reports (参考价 21)."""

    case_id: UUID
    asset_id: UUID
    features: AssetFeatures
    addressees: tuple[UUID, ...]


class InquiryStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The inquiry, who was asked, and when the answers are due."""

    inquiry_id: UUID
    platforms: tuple[str, ...]
    deadline_at: datetime
    ground: str


class AskPlatform(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job ``valuation.ask_platform``."""

    inquiry_id: UUID
    platform_id: str
    tries: int = 0
    """How often the mandate was carried in vain."""


class InquiryDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job ``valuation.close_inquiry``."""

    inquiry_id: UUID


class InquiryRunning(Conflict):
    """The asset already has an inquiry that is not over."""

    code = "inquiry_running"
    article = "参考价 10"
    zh = "该财产已有正在进行的网络询价。"
    en = "An inquiry for this asset is already under way."


async def start_online_inquiry(
    db: Database, actor: Actor, command: StartOnlineInquiry, *, platforms: Sequence[Platform]
) -> InquiryStarted:
    """Ask all ``platforms`` at once, in one transaction with the jobs that carry the mandates.

    Raises `FactsIncomplete` before the facts are established, `MethodOutOfOrder` where another method comes first,
    `NoPlatformListed`, `PlatformUnconnected`, `InquiryRunning`, `StepRunning`, `PriceStands`. Source: 参考价 3, 7, 10.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDICIAL_TECHNOLOGY)
    if not platforms:
        raise NoPlatformListed

    async def work(tx: Transaction) -> InquiryStarted:
        await tx.about_case(command.case_id)
        await require_facts(tx, command.asset_id)
        running = await open_step_of(tx, command.asset_id)
        if running is not None and running.method == "online_inquiry":
            raise InquiryRunning
        asked = await listed_among(tx, platforms)
        step = await open_step(
            tx, case_id=command.case_id, asset_id=command.asset_id, method="online_inquiry", step_id=new_id()
        )
        return await ask_all(tx, begun_by(command, step, tx), asked)

    return await db.carry_out(actor, command, work, InquiryStarted)


def begun_by(command: StartOnlineInquiry, step: Step, tx: Transaction) -> store.Inquiry:
    """Give the inquiry that a command begins."""
    return store.Inquiry(
        inquiry_id=step.step_id,
        case_id=command.case_id,
        asset_id=command.asset_id,
        ground=step.ground,
        features=command.features,
        addressees=command.addressees,
        state="asking",
        started_at=tx.now,
    )


async def ask_all(tx: Transaction, begun: store.Inquiry, platforms: Sequence[Platform]) -> InquiryStarted:
    """Record the inquiry, and enqueue all mandates and its closing with it; raises `MandateIncomplete`.

    Source: 参考价 10, 11(1), 11(4).
    """
    term: Term = "inquiry_days" if begun.reissue_of is None else "inquiry_reissue_days"
    started = InquiryStarted(
        inquiry_id=begun.inquiry_id,
        platforms=tuple(platform.platform_id for platform in platforms),
        deadline_at=term_end(term, local_day(tx.now), COURT_CALENDAR),
        ground=begun.ground,
    )
    check_mandate(
        Mandate(
            inquiry_id=begun.inquiry_id,
            features=begun.features,
            purpose=PURPOSE,
            deadline_at=started.deadline_at,
            reissue_of=begun.reissue_of,
        )
    )
    await store.add_inquiry(tx, begun)
    for platform in platforms:
        await store.add_ask(tx, started.inquiry_id, platform, deadline_at=started.deadline_at)
        await enqueue(
            tx, "valuation.ask_platform", AskPlatform(inquiry_id=started.inquiry_id, platform_id=platform.platform_id)
        )
    await enqueue(tx, "valuation.close_inquiry", InquiryDue(inquiry_id=started.inquiry_id), due_at=started.deadline_at)
    return started


async def listed_among(tx: Transaction, platforms: Sequence[Platform]) -> list[Platform]:
    """Give the connected platforms that are on the list, which are all that are on it.

    A connected platform that never stood on the list is entered as of today; one that was removed stays out (参考价 9).
    Raises `NoPlatformListed`, `PlatformUnconnected`. Source: 参考价 8, 10.
    """
    listed = await register.list_connected(tx, [(one.platform_id, one.name) for one in platforms])
    asked = [platform for platform in platforms if platform.platform_id in listed]
    check_recipients(listed, {platform.platform_id: tx.now for platform in asked})
    if not asked:
        raise NoPlatformListed
    return asked
