"""Have the reports of a lapsed price issued anew: the same asset, the platforms on the list, three days (参考价 11(4))."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from valuation.inquiries import course_store as store
from valuation.inquiries import store as inquiries
from valuation.inquiries.fees.sale_record import SaleRecord
from valuation.inquiries.platforms import Platform
from valuation.inquiries.start_online_inquiry import InquiryStarted, ask_all, listed_among
from valuation.inquiries.validity import check_lapsed
from valuation.methods.step_store import open_reissue, step

GROUND = "参考价 11(4)"


class ReissueInquiry(Command, frozen=True, kw_only=True):
    """Ask the platforms again: the price that this inquiry made has lapsed."""

    inquiry_id: UUID


class NothingToReissue(Conflict):
    """The inquiry made no price, or it was issued anew before."""

    code = "nothing_to_reissue"
    article = "参考价 11(4)"
    zh = "该询价没有形成参考价，或者已经要求重新出具。"
    en = "This inquiry made no price, or its reports were asked for anew before."


async def reissue_inquiry(
    db: Database, actor: Actor, command: ReissueInquiry, *, platforms: Sequence[Platform], sale: SaleRecord
) -> InquiryStarted:
    """Begin an inquiry that takes the lapsed one's place; it is served, objected to and fixed like any other.

    Raises `NothingToReissue`, `PriceStillValid`, `AnnouncedInTime`, `NoPlatformListed`, `StepRunning`.
    Source: 参考价 11(4), 27.
    """
    require_role(actor, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> InquiryStarted:
        lapsed = await inquiries.inquiry(tx, command.inquiry_id)
        await tx.about_case(lapsed.case_id)
        price = await store.price_of(tx, command.inquiry_id)
        if price is None or await store.is_reissued(tx, command.inquiry_id):
            raise NothingToReissue
        reference_price_id, valid_until = price
        check_lapsed(
            valid_until,
            today=local_day(tx.now),
            announced_on=await sale.first_announced_on(tx, reference_price_id),
        )
        return await _begin(tx, lapsed, platforms)

    return await db.carry_out(actor, command, work, InquiryStarted)


async def _begin(tx: Transaction, lapsed: inquiries.Inquiry, platforms: Sequence[Platform]) -> InquiryStarted:
    asked = await listed_among(tx, platforms)
    opened = await open_reissue(tx, await step(tx, lapsed.inquiry_id), ground=GROUND, step_id=new_id())
    begun = inquiries.Inquiry(
        inquiry_id=opened.step_id,
        case_id=lapsed.case_id,
        asset_id=lapsed.asset_id,
        ground=GROUND,
        features=lapsed.features,
        addressees=lapsed.addressees,
        state="asking",
        started_at=tx.now,
        reissue_of=lapsed.inquiry_id,
    )
    return await ask_all(tx, begun, asked)
