"""Beside the main case: a lot whose deposit no card can carry, announced, opened, and left open for visitors."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from auction.kernel.clock import local, local_day
from web.demonstration.act_bidding import pay_by_transfer
from web.demonstration.act_listing import Schedule, Terms, schedule_from
from web.demonstration.people import person
from web.demonstration.person import StepRefused
from web.demonstration.plan import working_day
from web.demonstration.stage import Stage

VISITOR = person("bidder5")
OPENS_AFTER_DAYS = 45
STAYS_OPEN = timedelta(days=60)


def long_schedule(listed_on: date) -> Schedule:
    """Compute the days of a lot that opens while the main case is being settled, and stays open for weeks."""
    plain = schedule_from(listed_on)
    opens_at = local(working_day(plain.announced_on, days_later=OPENS_AFTER_DAYS), 10)
    return msgspec.structs.replace(plain, opens_at=opens_at, closes_at=opens_at + STAYS_OPEN)


async def register_without_card(stage: Stage, schedule: Schedule, terms: Terms) -> None:
    """A bidder finds no card offered above the provider's limit, and pays by transfer."""
    day = working_day(schedule.announced_on, days_later=7)
    registered = await stage.site.do(
        VISITOR.username,
        "sale/register-bidder",
        registration_id=stage.id_of("registration", VISITOR.username),
        lot_id=stage.id_of("lot"),
        accepts_warnings=True,
        undertakes_eligibility=True,
    )
    deposit_id = UUID(registered["deposit_id"])
    refused = await _try_card(stage, deposit_id)
    stage.teller.step(
        on=day,
        zh=f"第二件拍品的保证金超过单笔银行卡上限，对任何人均不提供银行卡：{refused['zh']}",
        en=f"The second lot's deposit is above the card limit, so cards are offered to nobody: {refused['en']}",
        article=refused["article"],
        amount_fen=terms.deposit_fen,
    )
    await pay_by_transfer(stage, VISITOR, deposit_id)
    await stage.site.until(
        VISITOR.username,
        f"/api/lots/{stage.id_of('lot')}/my-registration",
        lambda found: found["bidder_code"] is not None,
    )
    stage.teller.step(
        on=day,
        zh=f"该竞买人转账至虚拟子账户后取得竞买资格；该拍品自{local_day(schedule.opens_at)}起开放竞价，可供手工体验",
        en=f"He pays by transfer and is admitted; this lot is open from {local_day(schedule.opens_at)} on, for visitors",
        article="网拍 17, 18",
        amount_fen=terms.deposit_fen,
    )


async def _try_card(stage: Stage, deposit_id: UUID) -> dict[str, str]:
    try:
        await stage.site.do(
            VISITOR.username,
            "fund/start-card-payment",
            deposit_id=deposit_id,
            payment_id=stage.id_of("card payment", VISITOR.username),
        )
    except StepRefused as refusal:
        if refusal.problem.get("code") in ("card_above_limit", "deposit_not_pending"):
            return refusal.problem
        raise
    raise AssertionError("a card was offered above the provider's limit")
