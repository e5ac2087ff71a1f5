"""The public list of lots: filter, search, pages; works without scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from litestar import Request, get
from litestar.response import Template

from auction.kernel.clock import from_us
from auction.sale.cases.assets import AssetClass
from auction.sale.disclosure.public_lots import Group, LotCard, LotPage, LotSearch, find_lots
from bidding.journal.views import Standing, standings
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.pages.public import words
from web.pages.public.stage import ENDED_WITH_PRICE, STAGES, Stage, stage_of
from web.pages.public.words import CLASSES, Named
from web.rendering import page
from web.texts import N_

GROUPS: dict[str, str] = {
    "all": N_("全部"),
    "open": N_("竞价中"),
    "upcoming": N_("即将开始"),
    "stopped": N_("已暂停"),
    "ended": N_("已结束"),
}
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


@get("/lots", opt=dict(PUBLIC), include_in_schema=False)
async def show_lots(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the lots that fit."""
    search = read_search(request)
    async with db.reading() as tx:
        found = await find_lots(tx, search)
        rooms = await standings(tx, [card.session_id for card in found.lots])
        now = tx.now
    return page(
        "public/lots.html",
        say=words,
        search=search,
        found=found,
        cards=[shown_card(card, rooms.get(card.session_id), now) for card in found.lots],
        groups=GROUPS,
        classes=CLASSES,
        now=now,
        pagination=pagination_of(search, found),
    )


def read_search(request: Request[Any, Any, Any]) -> LotSearch:
    """Read the search from the address; what is not understood is left out, so that old links keep working."""
    given = request.query_params
    group, asset_class, number = given.get("state", "all"), given.get("class", ""), given.get("page", "1")
    return LotSearch(
        group=cast(Group, group if group in GROUPS else "all"),
        asset_class=AssetClass(asset_class) if asset_class in CLASSES else None,
        words=" ".join(str(given.get("q", ""))[:60].split()),
        page=int(number) if number.isascii() and number.isdecimal() and len(number) <= 4 else 1,
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
    price_fen, price_name = card.reserve_fen, N_("起拍价")
    if stage in ENDED_WITH_PRICE and card.hammer_price_fen is not None:
        price_fen, price_name = card.hammer_price_fen, N_("成交价")
    elif room is not None and room.price_fen:
        price_fen, price_name = room.price_fen, N_("当前价")
    ends_at = card.closes_at if room is None else from_us(room.end_us)
    return ShownCard(card, stage, STAGES[stage], price_fen, price_name, ends_at, room.bid_count if room else None)


def pagination_of(search: LotSearch, found: LotPage) -> dict[str, Any]:
    """Give the pages around the present one as the pagination component takes them."""
    shown = sorted(
        {1, found.pages, *range(max(1, found.page - NEIGHBOURS), min(found.pages, found.page + NEIGHBOURS) + 1)}
    )
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number > before + 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "href": _href(search, number), "current": number == found.page})
    return {
        "items": items,
        "previous": _href(search, found.page - 1) if found.page > 1 else "",
        "next": _href(search, found.page + 1) if found.page < found.pages else "",
    }


def _href(search: LotSearch, number: int) -> str:
    asked = {"state": search.group, "class": search.asset_class or "", "q": search.words, "page": str(number)}
    return "/lots?" + urlencode({name: value for name, value in asked.items() if value and value != "all"})
