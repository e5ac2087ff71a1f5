"""The whole play, act after act, and how it ended."""

from __future__ import annotations

import msgspec

from web.demonstration import act_bidding, act_listing, act_money, act_price
from web.demonstration.stage import Stage


class Ending(msgspec.Struct, kw_only=True):
    """How the case ended, in the fields that ``fapai demo --json`` prints."""

    case: str
    lot: str
    reference_price_fen: int
    reserve_fen: int
    hammer_fen: int
    bids: int
    deposits_released: int
    payouts_fen: int
    books: str
    journal: str


async def play(stage: Stage) -> Ending:
    """Drive the case from its opening to the last fen."""
    await act_price.open_the_case(stage)
    await act_price.record_the_asset(stage)
    await act_price.establish_the_facts(stage)
    inquiry_id = await act_price.agree_and_ask(stage)
    await act_price.take_the_mean(stage, inquiry_id)
    price_fen = await act_price.fix_the_price(stage, inquiry_id)
    listed_on = await act_price.day_after_price(stage, inquiry_id)
    schedule, terms = await act_listing.list_the_lot(stage, price_fen, listed_on)
    await act_listing.confirm_the_tenant(stage, listed_on)
    await act_listing.rule_and_notify(stage, schedule)
    await act_listing.publish(stage, schedule)
    await act_bidding.register_all(stage, schedule, terms)
    await act_bidding.bid_for_a_day(stage, schedule, terms)
    lot = await act_bidding.close_the_round(stage, schedule)
    released = await act_bidding.see_losers_released(stage, schedule, terms)
    hammer_fen = lot["confirmation"]["hammer_price_fen"]
    await act_money.pay_the_price(stage, schedule, hammer_fen)
    await act_money.pass_the_title(stage, schedule)
    lines = await act_money.distribute(stage, schedule)
    paid_fen = await act_money.pay_out(stage, lines, schedule)
    verified = await act_money.journal_verifies(stage, sold_for_fen=hammer_fen)
    stage.teller.step(
        on=await stage.today(),
        zh="下载竞价日志并离线核验：链、签名、规则逐行一致" if verified else "竞价日志未通过核验",
        en="The bidding journal is downloaded and verified off line" if verified else "The journal does NOT verify",
        article="网拍 20(3), 29",
    )
    return Ending(
        case=stage.plan.case_number,
        lot=str(stage.id_of("lot")),
        reference_price_fen=price_fen,
        reserve_fen=terms.reserve_fen,
        hammer_fen=hammer_fen,
        bids=lot["room"]["bid_count"],
        deposits_released=released,
        payouts_fen=paid_fen,
        books="balanced" if await act_money.books_are_straight(stage) else "not balanced",
        journal="verified" if verified else "not verified",
    )
