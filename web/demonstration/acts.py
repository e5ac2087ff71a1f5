"""The whole play, act after act, and how it ended."""

from __future__ import annotations

import msgspec

from web.demonstration import act_bidding, act_listing, act_money, act_price, act_second
from web.demonstration.act_listing import Schedule, Terms
from web.demonstration.stage import Stage
from web.demonstration.telling import SilentTeller


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


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """A lot on its way: its price, its terms, its days."""

    price_fen: int
    schedule: Schedule
    terms: Terms


async def play(stage: Stage) -> Ending:
    """Drive the case from its opening to the last fen; a second case beside it leaves a lot open for visitors."""
    # The second case does the same steps on the same days; only what differs is told.
    second = stage.beside(SilentTeller())
    main, beside = await _announce(stage, second)
    await act_bidding.register_all(stage, main.schedule, main.terms)
    await act_second.register_without_card(second.told_by(stage.teller), beside.schedule, beside.terms)
    await act_bidding.bid_for_a_day(stage, main.schedule, main.terms)
    lot = await act_bidding.close_the_round(stage, main.schedule)
    released = await act_bidding.see_losers_released(stage, main.schedule, main.terms)
    hammer_fen = lot["confirmation"]["hammer_price_fen"]
    await act_money.pay_the_price(stage, main.schedule, hammer_fen)
    await act_money.pass_the_title(stage, main.schedule)
    lines = await act_money.distribute(stage, main.schedule)
    paid_fen = await act_money.pay_out(stage, lines)
    verified = await act_money.verify_the_journal(stage, sold_for_fen=hammer_fen)
    return Ending(
        case=stage.case_number,
        lot=str(stage.id_of("lot")),
        reference_price_fen=main.price_fen,
        reserve_fen=main.terms.reserve_fen,
        hammer_fen=hammer_fen,
        bids=lot["room"]["bid_count"],
        deposits_released=released,
        payouts_fen=paid_fen,
        books="balanced" if await act_money.books_are_straight(stage) else "not balanced",
        journal="verified" if verified else "not verified",
    )


async def _announce(stage: Stage, second: Stage) -> tuple[Announced, Announced]:
    """Take both cases from their opening to the notice, side by side: time only runs forward."""
    both = (stage, second)
    for one in both:
        await act_price.open_the_case(one)
        await act_price.record_the_asset(one)
        await act_price.establish_the_facts(one)
    inquiries = [await act_price.agree_and_ask(one) for one in both]
    for one, inquiry_id in zip(both, inquiries, strict=True):
        await act_price.await_reports(one, inquiry_id)
    for one, inquiry_id in zip(both, inquiries, strict=True):
        await act_price.take_the_mean(one, inquiry_id)
    for one, inquiry_id in zip(both, inquiries, strict=True):
        await act_price.serve_the_reports(one, inquiry_id)
    prices = [await act_price.fix_the_price(one, inquiry_id) for one, inquiry_id in zip(both, inquiries, strict=True)]
    listed_on = await act_price.day_after_price(stage, inquiries[0])
    schedules = (act_listing.schedule_from(listed_on), act_second.long_schedule(listed_on))
    terms = []
    for one, price_fen, schedule in zip(both, prices, schedules, strict=True):
        terms.append(await act_listing.list_the_lot(one, price_fen, schedule))
        await act_listing.confirm_the_tenant(one, listed_on)
        await act_listing.rule_and_notify(one, schedule)
    for one, schedule in zip(both, schedules, strict=True):
        await act_listing.publish(one, schedule)
    made = [
        Announced(price_fen=price_fen, schedule=schedule, terms=term)
        for price_fen, schedule, term in zip(prices, schedules, terms, strict=True)
    ]
    return made[0], made[1]
