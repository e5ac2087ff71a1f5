"""SQL of the catalogue: which lots fit a search, as committed when it is asked.

1. Of a lot whose round has ended, everything stands in its entry; of one whose round has not, price, end, number of bids and
   state are those of its committed room, read with it. So nothing that is filtered or sorted by is ever older than the page.
2. Lots that have not ended are few and are all looked at; those that have are walked in the order asked, by an index.
3. Lots are counted to `COUNT_MOST`; beyond it the page says *more than*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.types import Double, UserDefinedType

from auction.fund.loans import store as loans
from auction.kernel.clock import day_start, to_us
from auction.kernel.db import Transaction
from auction.sale.disclosure.public_lots import LotCard, card_from
from bidding.journal.views import Standing, standings
from web.catalogue.search import MAX_PAGE, PAGE_SIZE, Group, Search, Sort
from web.catalogue.tables import ROOMS, CataloguePlaceRow, CatalogueRow
from web.catalogue.words import READING, normal, tokens_of, wanted

KEEP_TOKENS: Final = text(
    "UPDATE sale.catalogue_entry e SET reading = :reading, tokens = array_to_tsvector(ARRAY("
    "SELECT jsonb_array_elements_text(r.tokens))) FROM jsonb_to_recordset(CAST(:read AS jsonb)) "
    "AS r (lot_id uuid, words text, tokens jsonb) WHERE e.lot_id = r.lot_id AND e.words = r.words"
)
COUNT_MOST: Final = 10_000
COURTS_MOST: Final = 100
READ_AT_ONCE: Final = 500
_E = CatalogueRow
_OPEN = select(ROOMS).where(text("phase NOT IN ('closed', 'withdrawn')")).subquery("open_room")
"""Rooms that are not over, by their partial index; written out, for a parameter would hide from the planner that the index fits."""
_OVER = (
    select(ROOMS).where(ROOMS.c.session_id == _E.session_id, _OPEN.c.session_id.is_(None)).limit(1).lateral("over_room")
)
"""The room of a lot whose room is over and whose result is still to come: looked up one by one, for they are few."""
_R = SimpleNamespace(
    **{name: func.coalesce(_OPEN.c[name], _OVER.c[name]) for name in [column.name for column in ROOMS.c]}
)
"""A live lot's room."""
_SOLD = ("sold", "ruled", "title_passed", "completed")
_UNANNOUNCED = ("draft", "listed", "decided")


class TsQuery(UserDefinedType[str]):
    """PostgreSQL's type of a text search."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name the type."""
        return "tsquery"


class Found(NamedTuple):
    """One page of lots, and how many there are (at most `COUNT_MOST`; ``is_more``: there are others)."""

    lots: tuple[LotCard, ...]
    rooms: Mapping[UUID, Standing]
    total: int
    is_more: bool
    page: int
    pages: int


class Places(NamedTuple):
    """What the filters offer: all provinces, and the cities and courts of the one asked for."""

    provinces: tuple[str, ...]
    cities: tuple[str, ...]
    courts: tuple[str, ...]


async def find(tx: Transaction, search: Search) -> Found:
    """Give one page of the lots that fit; a page beyond the last gives the last."""
    conditions = await _conditions(tx, search)
    ids, total = await _page_of(tx, search, conditions)
    pages = max(1, min(MAX_PAGE, -(-min(total, COUNT_MOST) // PAGE_SIZE)))
    page = min(search.page, pages)
    if page != search.page:
        ids, total = await _page_of(tx, _with_page(search, page), conditions)
    cards, rooms = await cards_of(tx, ids)
    return Found(tuple(cards), rooms, min(total, COUNT_MOST), total > COUNT_MOST, page, pages)


async def cards_of(tx: Transaction, ids: Sequence[UUID]) -> tuple[list[LotCard], dict[UUID, Standing]]:
    """Give the cards of these lots in this order, and how the rooms of their newest rounds stand."""
    entries = (await tx.session.scalars(select(_E).where(_E.lot_id.in_(list(ids))))).all()
    by_id = {entry.lot_id: entry for entry in entries}
    rooms = await standings(tx, [entry.session_id for entry in entries])
    return [card_from(vars(by_id[lot_id])) for lot_id in ids if lot_id in by_id], rooms


async def first_of(tx: Transaction, search: Search, *, most: int) -> tuple[list[LotCard], dict[UUID, Standing]]:
    """Give the first lots that fit, in the order asked, at most ``most``; the page of the search does not count."""
    ids, _ = await _page_of(tx, _with_page(search, 1), await _conditions(tx, search), size=most)
    return await cards_of(tx, ids)


async def announced_since(
    tx: Transaction, search: Search, since: datetime, *, without: Select[UUID], most: int
) -> list[UUID]:
    """Give the lots that fit, have not ended and were announced after ``since``, the newest first, but for those of ``without``."""
    conditions = [*await _conditions(tx, search), _E.announced_at > since, _E.lot_id.not_in(without)]
    live = _live(conditions, tx.now, search)
    return list((await tx.session.scalars(select(live.c.lot_id).order_by(live.c.key, live.c.lot_id).limit(most))).all())


async def places(tx: Transaction, province: str) -> Places:
    """Give what the filters offer."""
    shown = select(_P.province).distinct().where(_P.province != "").order_by(_P.province)
    provinces = tuple((await tx.session.scalars(shown)).all())
    if not province:
        return Places(provinces, (), ())
    within = select(_P.city, _P.court).where(_P.province == province).order_by(_P.city, _P.court)
    rows = (await tx.session.execute(within)).all()
    cities = dict.fromkeys(row.city for row in rows if row.city)
    return Places(provinces, tuple(cities), tuple(dict.fromkeys(row.court for row in rows))[:COURTS_MOST])


async def lent_on(tx: Transaction) -> frozenset[str]:
    """Give the classes of assets for which a lender offers a loan."""
    return frozenset(name for product in await loans.products(tx) for name in product.asset_classes)


async def read_waiting(tx: Transaction) -> int:
    """Read the words of entries that wait for it into tokens; gives how many, at most `READ_AT_ONCE`.

    An entry whose words change meanwhile stays waiting: the new words were not read.
    """
    waiting = select(_E.lot_id, _E.words).where(_E.reading < READING).order_by(_E.reading, _E.lot_id)
    rows = (await tx.session.execute(waiting.limit(READ_AT_ONCE))).all()
    read = [{"lot_id": str(row.lot_id), "words": row.words, "tokens": tokens_of(row.words)} for row in rows]
    await tx.session.execute(KEEP_TOKENS, {"read": msgspec.json.encode(read).decode(), "reading": READING})
    return len(rows)


async def write_anew(tx: Transaction) -> int:
    """Write all entries anew; gives how many were missing or stood otherwise, which is none unless something is wrong."""
    return int((await tx.session.execute(text("SELECT sale.refresh_catalogue(NULL)"))).scalar_one())


_P = CataloguePlaceRow


async def _page_of(
    tx: Transaction, search: Search, conditions: list[ColumnElement[bool]], *, size: int = PAGE_SIZE
) -> tuple[list[UUID], int]:
    live = _live(conditions, tx.now, search)
    settled = and_(_E.standing == "ended", *conditions, *_prices(search), _settled_group(search.group))
    first = (search.page - 1) * size
    walked = _settled_page(search.sort, settled, first + size)
    ranked = union_all(select(live.c.lot_id, live.c.rank, live.c.key), select(walked)).subquery()
    page = select(ranked.c.lot_id, ranked.c.rank, ranked.c.key).order_by(ranked.c.rank, ranked.c.key, ranked.c.lot_id)
    page_rows = page.limit(size).offset(first).subquery()
    counted = select(literal(1)).where(settled).limit(COUNT_MOST + 1).subquery()
    total = select(
        (
            select(func.count()).select_from(live).scalar_subquery()
            + select(func.count()).select_from(counted).scalar_subquery()
        ).label("total")
    ).subquery()
    asked = select(total.c.total, page_rows.c.lot_id).select_from(total.outerjoin(page_rows, true()))
    rows = (await tx.session.execute(asked.order_by(page_rows.c.rank, page_rows.c.key, page_rows.c.lot_id))).all()
    return [row.lot_id for row in rows if row.lot_id is not None], int(rows[0].total)


async def _conditions(tx: Transaction, search: Search) -> list[ColumnElement[bool]]:
    """Give what an entry itself must be; price, end and state of a live one are its room's (`_live`)."""
    asked = (
        ("asset_class", search.asset_class.value if search.asset_class else ""),
        ("province", search.province),
        ("city", search.city),
        ("kind", search.kind),
    )
    found: list[ColumnElement[bool]] = [getattr(_E, name) == value for name, value in asked if value]
    if search.words:
        found.append(_has_words(search.words))
    if search.court:
        named = select(_P.court).where(_P.court.icontains(search.court, autoescape=True))
        found.append(_E.court.in_(named))
    if search.first_refusal:
        found.append(_E.has_first_refusal.is_(True))
    if search.loan:
        found.append(_E.asset_class.in_(sorted(await lent_on(tx))))
    if search.until is not None:
        found.append(_E.opens_at < day_start(search.until + timedelta(days=1)))
    return found


def _has_words(words: str) -> ColumnElement[bool]:
    """Ask for the tokens; of an entry that is still to be read, for the words themselves."""
    asked = wanted(words)
    if not asked:
        return false()
    plain = [func.lower(_E.words).contains(word, autoescape=True) for word in normal(words).split()]
    return or_(_E.tokens.op("@@")(cast(asked, TsQuery())), and_(_E.reading == 0, *plain))


def _prices(search: Search, price: ColumnElement[Any] | None = None) -> list[ColumnElement[bool]]:
    """Hold price and end of an ended lot, or of a live one by its room, to what is asked."""
    of_lot = _E.price_fen if price is None else price
    found: list[ColumnElement[bool]] = []
    if search.least_yuan:
        found.append(of_lot >= search.least_yuan * 100)
    if search.most_yuan:
        found.append(of_lot <= search.most_yuan * 100)
    if search.since is not None and price is None:
        found.append(_E.ended_at >= day_start(search.since))
    return found


def _live(conditions: list[ColumnElement[bool]], now: datetime, search: Search) -> CTE:
    """Give the lots whose round has not ended, as their rooms stand, with their place in the order."""
    if search.group in (Group.SOLD, Group.FAILED):
        conditions = [*conditions, false()]
    price = case((_R.price_fen > 0, _R.price_fen), else_=_E.reserve_fen)
    end = func.coalesce(cast(_R.end_us, Double) / 1_000_000, func.extract("epoch", _E.closes_at), type_=Double)
    stage = _stage(now)
    bids = func.coalesce(_R.bid_count, 0)
    rank, key = _live_order(search.sort, stage=stage, end=end, price=price, bids=bids)
    fits = [*conditions, *_prices(search, price), *_live_group(search.group, stage)]
    if search.since is not None:
        fits.append(end >= day_start(search.since).timestamp())
    asked = select(_E.lot_id, _E.announced_at, rank.label("rank"), cast(key, Double).label("key"))
    joined = asked.outerjoin(_OPEN, _OPEN.c.session_id == _E.session_id).outerjoin(_OVER, true())
    return joined.where(_E.standing != "ended", *fits).cte("live").prefix_with("MATERIALIZED", dialect="postgresql")


def _stage(now: datetime) -> ColumnElement[str]:
    """Say how a live lot stands, as `web.pages.public.stage.stage_of` does."""
    over = and_(_R.phase == "running", _R.end_us <= to_us(now))
    return case(
        (_E.standing == "stopped", "stopped"),
        (or_(_R.phase == "closed", over), "settling"),
        (or_(_R.phase == "stopped", _R.halted), "stopped"),
        (_E.opens_at > now, "upcoming"),
        else_="open",
    )


def _live_group(group: Group, stage: ColumnElement[str]) -> list[ColumnElement[bool]]:
    if group is Group.ALL:
        return []
    return [stage == ("settling" if group is Group.ENDED else group.value)]


def _settled_group(group: Group) -> ColumnElement[bool]:
    if group in (Group.ALL, Group.ENDED):
        return true()
    if group is Group.SOLD:
        return _E.state.in_(_SOLD)
    if group is Group.FAILED:
        return or_(_E.state == "failed", and_(_E.state.in_(_UNANNOUNCED), _E.round_state == "failed"))
    return false()


def _live_order(
    sort: Sort,
    *,
    stage: ColumnElement[str],
    end: ColumnElement[Any],
    price: ColumnElement[Any],
    bids: ColumnElement[Any],
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Open lots by their end, lots to come and stopped ones by their opening, those to be confirmed with the ended ones."""
    if sort is not Sort.ENDS:
        announced = func.extract("epoch", _E.announced_at)
        keys = {Sort.NEWEST: -announced, Sort.CHEAPEST: price, Sort.DEAREST: -price, Sort.BIDS: -bids}
        return literal(0), keys[sort]
    rank = case((stage == "open", 0), (stage == "upcoming", 1), (stage == "stopped", 2), else_=3)
    opens = func.extract("epoch", _E.opens_at)
    return rank, case((stage == "open", end), (stage == "settling", -end), else_=opens)


def _settled_page(sort: Sort, settled: ColumnElement[bool], most: int) -> Any:  # noqa: ANN401 - a subquery of three columns
    """Walk the ended lots in the order asked, as far as the page reaches."""
    orders: dict[Sort, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
        Sort.ENDS: (_E.ended_at.desc(), -func.extract("epoch", _E.ended_at)),
        Sort.NEWEST: (_E.announced_at.desc(), -func.extract("epoch", _E.announced_at)),
        Sort.CHEAPEST: (_E.price_fen.asc(), +1 * _E.price_fen),
        Sort.DEAREST: (_E.price_fen.desc(), -_E.price_fen),
        Sort.BIDS: (_E.bid_count.desc(), -_E.bid_count),
    }
    order, key = orders[sort]
    rank = literal(3 if sort is Sort.ENDS else 0)
    asked = select(_E.lot_id, rank.label("rank"), cast(key, Double).label("key")).where(settled)
    return asked.order_by(order, _E.lot_id.asc()).limit(most).subquery()


def _with_page(search: Search, page: int) -> Search:
    return Search(**{**{name: getattr(search, name) for name in Search.__struct_fields__}, "page": page})
