"""Open data: lots and results as JSON, CSV and calendars, under addresses that keep their meaning (``/api/public/v1``).

What leaves here stands on public pages already: no code, no person. Searches take the fields of the list's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from auction.sale.disclosure.case_progress import CaseProgress, case_progress
from auction.sale.disclosure.public_lots import LotCard, card_of
from bidding.journal.views import Standing, standings
from web.auth.guards import PUBLIC
from web.catalogue import results, store
from web.catalogue.open_data import PublicLot, as_csv, calendar_of, public_lot
from web.catalogue.results import Figures, Heading, Result
from web.catalogue.search import Group, Search, read_search
from web.injected import TheDb, TheWiring
from web.pages.public.lots_page import shown_card
from web.pages.public.words import CLASSES, KINDS
from web.rate import PER_MINUTE
from web.rendering import page
from web.texts import N_, _, current_locale

LOTS_MOST: Final = 2_000
"""Most lots of one file; who needs more narrows the search."""
EVENTS_MOST: Final = 500
ADDRESSES: Final = (
    ("/api/public/v1/lots", "/api/public/v1/lots", N_("拍品，分页；查询条件与拍品页的地址相同（JSON）")),
    ("/api/public/v1/lots/{lot_id}", "", N_("一件拍品的现状（JSON）")),
    ("/api/public/v1/cases/{case_id}", "", N_("案件进展：已公告的拍品和各自经过的步骤（JSON）")),
    ("/api/public/v1/results?year=", "/api/public/v1/results", N_("一年的拍卖结果（JSON）")),
    ("/lots.csv", "/lots.csv", N_("拍品（CSV）")),
    ("/results.csv", "/results.csv", N_("拍卖结果（CSV）")),
    ("/lots.ics", "/lots.ics", N_("开拍日历（iCalendar）")),
)
"""Addresses with an example that may be followed, and what each gives."""
CSV: Final = "text/csv; charset=utf-8"
ICS: Final = "text/calendar; charset=utf-8"
HEADINGS: Final = {
    Heading.COURT: N_("按法院"),
    Heading.ASSET_CLASS: N_("按标的类别"),
    Heading.KIND: N_("按拍卖阶段"),
}


class PublicLots(msgspec.Struct, frozen=True, kw_only=True):
    """One page of lots; ``is_more``: there are more than ``total``."""

    total: int
    is_more: bool
    page: int
    pages: int
    lots: list[PublicLot]


class PublicResults(msgspec.Struct, frozen=True, kw_only=True):
    """How the rounds of a year ended, the newest first."""

    year: int
    results: list[Result]


@get(
    "/api/public/v1/lots",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="public_v1_lots",
    summary="Announced lots",
)
async def give_lots(request: Request[Any, Any, Any], db: TheDb) -> PublicLots:
    """Give one page of the lots that fit.

    Takes the fields of ``/lots``: q, state, class, province, city, court, round, min, max, from, to, right, loan, sort, page.
    """
    async with db.reading() as tx:
        found = await store.find(tx, read_search(request.query_params))
        lots = [_public(card, found.rooms, tx.now) for card in found.lots]
    return PublicLots(total=found.total, is_more=found.is_more, page=found.page, pages=found.pages, lots=lots)


@get(
    "/api/public/v1/lots/{lot_id:uuid}",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="public_v1_lot",
    summary="One announced lot",
)
async def give_lot(lot_id: FromPath[UUID], db: TheDb) -> PublicLot:
    """Give a lot as its newest round stands."""
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        return _public(card, await standings(tx, [card.session_id]), tx.now)


@get(
    "/api/public/v1/results",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="public_v1_results",
    summary="Results of rounds",
)
async def give_results(db: TheDb, year: FromQuery[str] = "") -> PublicResults:
    """Give how the rounds of a year (four digits; else the present one) ended."""
    async with db.reading() as tx:
        asked = results.year_of(tx.now, year)
        return PublicResults(year=asked, results=await results.results(tx, year=asked))


@get(
    "/api/public/v1/cases/{case_id:uuid}",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="public_v1_case",
    summary="Progress of a case",
)
async def give_case(case_id: FromPath[UUID], db: TheDb) -> CaseProgress:
    """Give the announced lots of a case with the public steps of each, in their order."""
    async with db.reading() as tx:
        return await case_progress(tx, case_id)


@get("/open-data", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def show_open_data() -> Template:
    """Say what is given out, under which addresses, with which promises and how often."""
    return page("public/open_data.html", addresses=ADDRESSES, most=PER_MINUTE)


@get("/lots.csv", opt=dict(PUBLIC), include_in_schema=False)
async def download_lots(request: Request[Any, Any, Any], db: TheDb) -> Response[bytes]:
    """Give the lots that fit as a table."""
    async with db.reading() as tx:
        cards, rooms = await store.first_of(tx, read_search(request.query_params), most=LOTS_MOST)
        lots = [_public(card, rooms, tx.now) for card in cards]
    return _file(as_csv(lots, PublicLot), "fapai-lots.csv")


@get("/results.csv", opt=dict(PUBLIC), include_in_schema=False)
async def download_results(db: TheDb, year: FromQuery[str] = "") -> Response[bytes]:
    """Give the results of a year as a table."""
    async with db.reading() as tx:
        asked = results.year_of(tx.now, year)
        found = await results.results(tx, year=asked)
    return _file(as_csv(found, Result), f"fapai-results-{asked}.csv")


@get("/lots.ics", opt=dict(PUBLIC), include_in_schema=False)
async def subscribe_lots(request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring) -> Response[bytes]:
    """Give the hours of the lots that fit and have not ended."""
    search = read_search(request.query_params)
    async with db.reading() as tx:
        found = [await store.first_of(tx, each, most=EVENTS_MOST) for each in _running(search)]
        lots = [_public(card, rooms, tx.now) for cards, rooms in found for card in cards]
        now = tx.now
    english = current_locale() == "en"
    body = calendar_of(lots, site_url=wiring.settings.site_url, name=_("法拍拍品日历"), now=now, english=english)
    return Response(body, media_type=ICS)


@get("/lots/{lot_id:uuid}/calendar.ics", opt=dict(PUBLIC), include_in_schema=False)
async def subscribe_lot(lot_id: FromPath[UUID], db: TheDb, wiring: TheWiring) -> Response[bytes]:
    """Give the hours of one lot."""
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        lot, now = _public(card, await standings(tx, [card.session_id]), tx.now), tx.now
    english = current_locale() == "en"
    body = calendar_of([lot], site_url=wiring.settings.site_url, name=lot.title_zh, now=now, english=english)
    return Response(body, media_type=ICS)


@get("/results", opt=dict(PUBLIC), include_in_schema=False)
async def show_results(db: TheDb, year: FromQuery[str] = "") -> Template:
    """Show the figures of a year, and where the data are."""
    async with db.reading() as tx:
        asked = results.year_of(tx.now, year)
        tables = [(name, _named(h, await results.figures(tx, h, year=asked))) for h, name in HEADINGS.items()]
        present = results.year_of(tx.now, "")
    return page("public/results.html", year=asked, present=present, tables=tables, lots_most=LOTS_MOST)


def _running(search: Search) -> list[Search]:
    """Ask for open lots and for those to come; for one of them where only that was asked, for none where others were."""
    wanted = {Group.ALL: (Group.OPEN, Group.UPCOMING), Group.OPEN: (Group.OPEN,), Group.UPCOMING: (Group.UPCOMING,)}
    return [msgspec.structs.replace(search, group=group) for group in wanted.get(search.group, ())]


def _named(heading: Heading, found: list[Figures]) -> list[tuple[str, Figures]]:
    names = {Heading.ASSET_CLASS: CLASSES, Heading.KIND: KINDS}.get(heading, {})
    return [(_(names[each.name]) if each.name in names else each.name, each) for each in found]


def _public(card: LotCard, rooms: Mapping[UUID, Standing], now: datetime) -> PublicLot:
    shown = shown_card(card, rooms.get(card.session_id), now)
    return public_lot(
        card, stage=shown.stage.value, price_fen=shown.price_fen, bid_count=shown.bid_count, ends_at=shown.ends_at
    )


def _file(text: str, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type=CSV, headers=headers)


OPEN_DATA = (
    give_case,
    show_open_data,
    give_lots,
    give_lot,
    give_results,
    download_lots,
    download_results,
    subscribe_lots,
    subscribe_lot,
    show_results,
)
