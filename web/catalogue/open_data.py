"""What leaves the catalogue as data: lots for programs and spreadsheets, and their hours for calendars. Pure.

1. Ids, names and units of a version never change; what is new is added. Amounts are fen, instants UTC.
2. A calendar names the lot, its hours and its page; whoever subscribes tells nobody who he is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from icalendar import Calendar, Event

from auction.sale.disclosure.public_lots import LotCard
from web.csv_cells import csv_table


class PublicLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot as committed when it was asked for; ``price_fen`` is what was paid, what stands, or what is asked."""

    lot_id: UUID
    case_id: UUID
    round_id: UUID
    case_number: str
    court: str
    asset_class: str
    round_kind: str
    round_number: int
    stage: str
    title_zh: str
    title_en: str
    reserve_fen: int
    deposit_fen: int
    price_fen: int
    bid_count: int | None
    opens_at: datetime
    ends_at: datetime
    page: str


def public_lot(card: LotCard, *, stage: str, price_fen: int, bid_count: int | None, ends_at: datetime) -> PublicLot:
    """Put together what is given out of a lot."""
    names = (
        "lot_id",
        "case_id",
        "round_id",
        "case_number",
        "court",
        "title_zh",
        "title_en",
        "reserve_fen",
        "deposit_fen",
    )
    return PublicLot(
        **{name: getattr(card, name) for name in names},
        asset_class=card.asset_class.value,
        round_kind=card.kind,
        round_number=card.number,
        stage=stage,
        price_fen=price_fen,
        bid_count=bid_count,
        opens_at=card.opens_at,
        ends_at=ends_at,
        page=f"/lots/{card.lot_id}",
    )


def as_csv(rows: Iterable[msgspec.Struct], type_: type[msgspec.Struct]) -> str:
    """Write rows of one struct as CSV under the names of its fields; no cell begins a formula."""
    columns = type_.__struct_fields__
    return csv_table(columns, ([_cell(getattr(row, name)) for name in columns] for row in rows))


def calendar_of(lots: Iterable[PublicLot], *, site_url: str, name: str, now: datetime, english: bool) -> bytes:
    """Write the hours of lots as an iCalendar: one event a round, which keeps its id when its hours move."""
    made = Calendar()
    made.add("prodid", "-//fapai//lots//ZH")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    for lot in lots:
        made.add_component(_event(lot, site_url, now, english=english))
    return bytes(made.to_ical())


def _event(lot: PublicLot, site_url: str, now: datetime, *, english: bool) -> Event:
    event = Event()
    event.add("uid", f"{lot.round_id}@fapai")
    event.add("dtstamp", now)
    event.add("dtstart", lot.opens_at)
    event.add("dtend", max(lot.ends_at, lot.opens_at))
    event.add("summary", lot.title_en if english and lot.title_en else lot.title_zh)
    event.add("location", lot.court)
    event.add("url", site_url.rstrip("/") + lot.page)
    return event


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else value
