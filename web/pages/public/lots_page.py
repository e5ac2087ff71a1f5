"""The public list of lots: search, filters, order, pages; the address holds all of it, and it works without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Request, get
from litestar.response import Template

from auction.kernel.clock import from_us
from auction.sale.disclosure.public_lots import LotCard
from auction.sale.pictures.store import Cover, covers_of
from bidding.journal.views import Standing
from web.auth.guards import PUBLIC
from web.catalogue import store
from web.catalogue.search import Search, address_of, fields_of, query_of, read_search
from web.following.following import followed_search
from web.injected import TheDb
from web.pages.public import words
from web.pages.public.stage import ENDED_WITH_PRICE, RUNNING, STAGES, Stage, stage_of
from web.pages.public.words import CLASSES, KINDS, Named
from web.rendering import page
from web.texts import N_, _

GROUPS: dict[str, str] = {
    "all": N_("全部"),
    "open": N_("竞价中"),
    "upcoming": N_("即将开始"),
    "stopped": N_("已暂停"),
    "ended": N_("已结束"),
    "sold": N_("已成交"),
    "failed": N_("流拍"),
}
SORTS: dict[str, str] = {
    "ends": N_("即将截止的在前"),
    "newest": N_("最新公告的在前"),
    "cheapest": N_("价格从低到高"),
    "dearest": N_("价格从高到低"),
    "bids": N_("出价次数从多到少"),
}
ASKED: dict[str, str] = {
    "q": N_("关键词"),
    "state": N_("状态"),
    "class": N_("标的类别"),
    "province": N_("省份"),
    "city": N_("城市"),
    "court": N_("法院"),
    "round": N_("拍卖阶段"),
    "min": N_("最低价（元）"),
    "max": N_("最高价（元）"),
    "from": N_("起始日期"),
    "to": N_("截止日期"),
    "right": N_("有优先购买权人"),
    "loan": N_("可申请贷款"),
}
"""What each field of the address asks, in the order of the form."""
NEIGHBOURS = 2


class ShownCard(NamedTuple):
    """A card with the committed state of its room."""

    card: LotCard
    stage: Stage
    named: Named
    price_fen: int
    price_name: str
    ends_at: datetime
    bid_count: int | None
    cover: Cover | None = None
    """The first picture, where one is shown."""


class Condition(NamedTuple):
    """One thing that was asked, in words, and the address of the search without it."""

    name: str
    value: str
    without: str


@get("/lots", opt=dict(PUBLIC), include_in_schema=False)
async def show_lots(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the lots that fit."""
    search = read_search(request.query_params)
    first = msgspec.structs.replace(search, page=1)
    async with db.reading() as tx:
        found = await store.find(tx, search)
        covers = await covers_of(tx, [card.lot_id for card in found.lots])
        places = await store.places(tx, search.province)
        lent_on = await store.lent_on(tx)
        now = tx.now
    return page(
        "public/lots.html",
        say=words,
        search=search,
        found=found,
        cards=[
            shown_card(card, found.rooms.get(card.session_id), now)._replace(cover=covers.get(card.lot_id))
            for card in found.lots
        ],
        conditions=conditions_of(search),
        offered={"groups": GROUPS, "sorts": SORTS, "classes": CLASSES, "kinds": KINDS, "places": places},
        lent_on=lent_on,
        exports={
            "csv": address_of(first, "/lots.csv"),
            "calendar": address_of(first, "/lots.ics"),
            "follow": f"/my/following?{urlencode({'search': followed_search(query_of(first))})}",
        },
        now=now,
        pagination=pagination_of(search, found.page, found.pages),
    )


def shown_card(card: LotCard, room: Standing | None, now: datetime) -> ShownCard:
    """Put lot and room together."""
    stage = stage_of(
        card.state,
        opens_at=card.opens_at,
        now=now,
        phase="recorded" if room is None else room.phase,
        end_us=0 if room is None else room.end_us,
        halted=room is not None and room.halted,
    )
    price_fen, price_name = _price(card, stage, room)
    ends_at = card.closes_at if room is None else from_us(room.end_us)
    bid_count = None if room is None or stage is Stage.WITHDRAWN else room.bid_count
    return ShownCard(card, stage, STAGES[stage], price_fen, price_name, ends_at, bid_count)


def _price(card: LotCard, stage: Stage, room: Standing | None) -> tuple[int, str]:
    """Give the price by which the list is also filtered and sorted: what was paid, what stands, or what is asked."""
    if stage in ENDED_WITH_PRICE and card.hammer_price_fen is not None:
        return card.hammer_price_fen, N_("成交价")
    if stage in {*RUNNING, Stage.SETTLING} and room is not None and room.price_fen:
        return room.price_fen, N_("当前价")
    return card.reserve_fen, N_("起拍价")


def conditions_of(search: Search) -> list[Condition]:
    """Give what was asked in words, each with the way to ask without it; a city falls with its province."""
    first = msgspec.structs.replace(search, page=1)
    given = fields_of(first)
    return [
        Condition(_(ASKED[name]), _said(name, given[name]), _without(given, name)) for name in ASKED if name in given
    ]


def _said(name: str, value: str) -> str:
    named: Mapping[str, Mapping[str, str]] = {"state": GROUPS, "class": CLASSES, "round": KINDS}
    if name in named:
        return _(named[name][value])
    if name in ("right", "loan"):
        return _("是")
    return f"¥{int(value):,}" if name in ("min", "max") else value


def _without(given: Mapping[str, str], name: str) -> str:
    left_out = {name, "city"} if name == "province" else {name}
    return address_of(read_search({key: value for key, value in given.items() if key not in left_out}))


def pagination_of(search: Search, number: int, pages: int) -> dict[str, Any]:
    """Give the pages around the present one as the pagination component takes them."""
    near = range(max(1, number - NEIGHBOURS), min(pages, number + NEIGHBOURS) + 1)
    items: list[dict[str, Any]] = []
    shown = sorted({1, pages, *near})
    for before, each in zip([0, *shown], shown, strict=False):
        if each > before + 1:
            items.append({"ellipsis": True})
        items.append({"number": each, "href": _href(search, each), "current": each == number})
    return {
        "items": items,
        "previous": _href(search, number - 1) if number > 1 else "",
        "next": _href(search, number + 1) if number < pages else "",
    }


def _href(search: Search, number: int) -> str:
    return address_of(msgspec.structs.replace(search, page=number))
