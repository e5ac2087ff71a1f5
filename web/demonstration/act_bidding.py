"""Act three: registrations, deposits by card and by bank, a day of bidding over WebSockets, the close."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from auction.kernel.clock import SHANGHAI, from_us, local_day
from bidding.rooms.wire import DecisionMessage
from bidding.rules.reasons import Code
from bidding.rules.session import BidKind
from web.demonstration.act_listing import Schedule, Terms
from web.demonstration.bidder_socket import BidderSocket
from web.demonstration.people import BIDDERS, CARD_BIDDERS, TENANT, WINNER, Person
from web.demonstration.person import TooSlow
from web.demonstration.plan import working_day
from web.demonstration.stage import Stage

LOAN_ASKED: dict[str, object] = {
    "product_id": "sample-home",
    "price_limit_fen": 250_000_000,
    "wish_fen": 110_000_000,
    "months": 240,
    "income_fen": 2_500_000,
    "other_debt_fen": 0,
    "born_on": "1988-06-01",
}
"""What the later buyer asks a lender for, and says of himself."""
OWN_MONEY_FEN = 200_000_000
LOOK_S = 0.2
LOOKS = 450
"""Most looks at a room that is to close: the patience of every other step, in looks."""
PASSING = frozenset({Code.STOPPED, Code.NOT_ADMITTED})
"""An emergency pause ends once somebody is in the room (bid-core 12); an admission whose worker died is handed to the next."""
BIDS_ANEW = 300
"""Most bids in the place of one that was refused so."""
ALONE = timedelta(minutes=5)
"""After a rebuild a room that nobody enters goes on after this long (bidding J-8)."""


@dataclass(frozen=True)
class Planned:
    """One bid of the demonstration: when (from opening, or before the scheduled end), by whom, how many steps up."""

    at: timedelta
    before_end: bool
    who: str
    steps: int
    kind: BidKind = "bid"
    refused: str = ""
    """The code with which it must be refused; empty: it must be accepted."""


def _after(hours: int, minutes: int, who: str, steps: int, kind: BidKind = "bid", refused: str = "") -> Planned:
    return Planned(timedelta(hours=hours, minutes=minutes), False, who, steps, kind, refused)


def _late(seconds: int, who: str, steps: int, refused: str = "") -> Planned:
    return Planned(timedelta(seconds=-seconds), True, who, steps, "bid", refused)


SCRIPT = (
    _after(0, 10, "bidder1", 0),
    _after(0, 11, "bidder1", 1, refused="own_lead"),
    _after(2, 0, "bidder2", 1),
    _after(5, 0, "bidder3", 2),
    _after(9, 0, TENANT.username, 0, kind="match"),
    _after(20, 0, "bidder4", 3),
    _late(240, "bidder1", 1),
    _late(120, "bidder2", 5),
    _late(60, "bidder1", 1),
    _late(-180, "bidder2", 10),
)
"""Late ones are seconds before the *scheduled* end; each of them moves the end to its own arrival plus five minutes."""


async def register_all(stage: Stage, schedule: Schedule, terms: Terms) -> None:
    """Five people register; four pay by card and one, by his own choice, to his virtual sub-account."""
    day = working_day(schedule.announced_on, days_later=7)
    await stage.come_to(day, 11)
    for who in BIDDERS:
        registered = await stage.site.do(
            who.username,
            "sale/register-bidder",
            registration_id=stage.id_of("registration", who.username),
            lot_id=stage.id_of("lot"),
            accepts_warnings=True,
            undertakes_eligibility=True,
        )
        deposit_id = UUID(registered["deposit_id"])
        if who in CARD_BIDDERS:
            await _pay_by_card(stage, who, deposit_id)
        else:
            await pay_by_transfer(stage, who, deposit_id)
        mine = await stage.site.until(
            who.username,
            f"/api/lots/{stage.id_of('lot')}/my-registration",
            lambda found: found["bidder_code"] is not None,
        )
        how = (
            ("银行卡", "by card") if who in CARD_BIDDERS else ("银行转账至虚拟子账户", "by transfer to his sub-account")
        )
        stage.teller.step(
            on=day,
            zh=f"竞买人报名、{how[0]}缴纳保证金，取得竞买代码 {mine['bidder_code']}",
            en=f"A bidder registers and pays the deposit {how[1]}; code {mine['bidder_code']}",
            article="网拍 17, 18",
            amount_fen=terms.deposit_fen,
        )
    await _ask_for_a_loan(stage, schedule)


async def _pay_by_card(stage: Stage, who: Person, deposit_id: UUID) -> None:
    await stage.site.do(
        who.username,
        "fund/start-card-payment",
        deposit_id=deposit_id,
        payment_id=stage.id_of("card payment", who.username),
    )
    shown = await stage.site.until(
        who.username,
        f"/api/fund/deposits/{deposit_id}",
        lambda found: any(payment["provider_id"] for payment in found["payments"]),
    )
    if shown["deposit"]["state"] == "pending":
        await stage.partners.pay_by_card(shown["payments"][0]["provider_id"])


async def pay_by_transfer(stage: Stage, who: Person, deposit_id: UUID) -> None:
    """Open the deposit's sub-account and pay into it from the bidder's own account."""
    await stage.site.do(who.username, "fund/open-virtual-account", deposit_id=deposit_id)
    shown = await stage.site.until(
        who.username, f"/api/fund/deposits/{deposit_id}", lambda found: found["account_number"] is not None
    )
    await stage.partners.transfer(
        key=f"deposit-{deposit_id}",
        from_account=who.account_number,
        from_name=who.name,
        to_account=shown["account_number"],
        amount_fen=shown["deposit"]["amount_fen"],
        remark=shown["deposit"]["reference"],
    )


async def _ask_for_a_loan(stage: Stage, schedule: Schedule) -> None:
    """The later buyer asks for a pre-approval before the sale."""
    loan = await stage.site.do(
        WINNER.username,
        "fund/apply-for-loan",
        registration_id=stage.id_of("registration", WINNER.username),
        **LOAN_ASKED,
    )
    approved = await stage.site.until(
        WINNER.username, f"/api/fund/loans/{loan['loan_id']}", lambda found: found["approved_fen"] is not None
    )
    stage.teller.step(
        on=working_day(schedule.announced_on, days_later=7),
        zh="一名竞买人申请法拍贷并获预审批",
        en="A bidder applies for an auction loan and is pre-approved",
        article="法〔2016〕401号 4",
        amount_fen=approved["approved_fen"],
    )
    await stage.site.do(
        WINNER.username,
        "fund/set-spending-limit",
        registration_id=stage.id_of("registration", WINNER.username),
        own_fen=OWN_MONEY_FEN,
        enforced=True,
    )


async def bid_for_a_day(stage: Stage, schedule: Schedule, terms: Terms) -> None:
    """Bid over real sockets, with business time moved from bid to bid; late bids move the end."""
    lot_id = stage.id_of("lot")
    sockets = {who.username: BidderSocket(stage.site, who.username, lot_id) for who in BIDDERS}
    price_fen = terms.reserve_fen
    try:
        for number, planned in enumerate(SCRIPT):
            at = (schedule.closes_at if planned.before_end else schedule.opens_at) + planned.at
            amount_fen = price_fen + planned.steps * terms.increment_fen
            if await _is_over(stage):
                return
            await stage.wait_until(at)
            answer = await _bid(stage, sockets[planned.who], number, amount_fen, planned.kind)
            _check(planned, answer)
            _tell(stage, planned, sockets[planned.who].code, amount_fen, answer)
            if answer.accepted:
                price_fen = amount_fen
    finally:
        for socket in sockets.values():
            await socket.close()


async def _bid(stage: Stage, socket: BidderSocket, number: int, amount_fen: int, kind: BidKind) -> DecisionMessage:
    """Bid, and bid anew while it is refused for what passes by itself (`PASSING`)."""
    for again in range(BIDS_ANEW):
        bid_id = stage.id_of("bid", str(number), *([str(again)] if again else []))
        answer = await socket.bid(bid_id, amount_fen, kind=kind)
        if answer.code not in PASSING:
            return answer
        await asyncio.sleep(LOOK_S)
    raise TooSlow("the room stays stopped, or the bidder is not admitted")


async def _is_over(stage: Stage) -> bool:
    lot = await stage.site.get("", f"/api/lots/{stage.id_of('lot')}")
    return lot["line"]["state"] not in ("announced", "open")


def _check(planned: Planned, answer: DecisionMessage) -> None:
    if answer.accepted == bool(planned.refused) or answer.code != planned.refused:
        raise AssertionError(f"{planned} was answered {answer.code or 'accepted'}")


def _tell(stage: Stage, planned: Planned, code: str, amount_fen: int, answer: DecisionMessage) -> None:
    at = from_us(answer.at_us)
    if planned.refused:
        stage.teller.step(
            on=local_day(at),
            zh=f"{code} 出价被拒：{answer.zh}",
            en=f"{code} is refused: {answer.en}",
            article=answer.article,
        )
        return
    match = planned.kind == "match"
    end = from_us(answer.end_us).astimezone(SHANGHAI).strftime("%H:%M:%S")
    moved = f"，结束时间顺延至北京时间 {end}" if planned.before_end else ""
    moved_en = f"; the end moves to {end} Beijing time" if planned.before_end else ""
    stage.teller.step(
        on=local_day(at),
        zh=f"{code} {'以同一价格行使优先购买权' if match else '出价'}{moved}",
        en=f"{code} {'matches the leading price by right of first refusal' if match else 'bids'}{moved_en}",
        article="网拍 21" if match else "网拍 20",
        amount_fen=amount_fen,
    )


async def close_the_round(stage: Stage, schedule: Schedule) -> dict[str, Any]:
    """Let the end pass; the outcome is recorded, the confirmation published, the losers released. Gives the lot."""
    lot = await _come_to_the_close(stage)
    confirmation = lot["confirmation"]
    day = local_day(schedule.closes_at)
    stage.teller.step(
        on=day,
        zh=f"竞价结束成交，买受代码 {confirmation['buyer_code']}；成交确认书以买受人真实身份公示",
        en=f"Sold to {confirmation['buyer_code']}; the confirmation is published in the buyer's real name",
        article="网拍 22",
        amount_fen=confirmation["hammer_price_fen"],
    )
    return lot


async def _come_to_the_close(stage: Stage) -> dict[str, Any]:
    """Let business time come to the end that the room shows, again if a pause moved it, until the sale is confirmed."""
    for _ in range(LOOKS):
        lot: dict[str, Any] = await stage.site.get("", f"/api/lots/{stage.id_of('lot')}")
        if lot["confirmation"] is not None:
            return lot
        end = from_us(lot["room"]["end_us"]) + timedelta(seconds=1)
        if lot["room"]["phase"] == "stopped":
            end += ALONE
        if await stage.now() < end:
            await stage.wait_until(end)
        await asyncio.sleep(LOOK_S)
    raise TooSlow("the round does not close")


async def see_losers_released(stage: Stage, schedule: Schedule, terms: Terms) -> int:
    """See the deposits of all others on their way back within 24 hours; gives how many."""
    released = 0
    await stage.wait_until(schedule.closes_at + timedelta(hours=3))
    for who in BIDDERS:
        if who == WINNER:
            continue
        mine = await stage.site.get(who.username, f"/api/lots/{stage.id_of('lot')}/my-registration")
        await stage.site.until(
            who.username,
            f"/api/fund/deposits/{mine['deposit_id']}",
            lambda found: found["deposit"]["state"] == "released" and found["deposit"]["refunded"],
        )
        released += 1
    stage.teller.step(
        on=local_day(schedule.closes_at),
        zh=f"{released}名未成交竞买人的保证金在24小时内原路退还并经渠道确认",
        en=f"The deposits of {released} others are back where they came from, confirmed, within 24 hours",
        article="网拍 23",
        amount_fen=released * terms.deposit_fen,
    )
    return released
