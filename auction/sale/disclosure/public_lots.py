"""Lots as everybody may see them: those with a notice, each with its newest round and the terms of that round.

1. A lot is public from its first notice on; terms of a later listing stay hidden until their own notice.
2. While a later listing is prepared the lot stands as its last round left it.
3. Numbers of registrants move in steps of `COUNTER_STEP`, so that nobody reads a code's payment time from them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select

from auction.kernel.db import Transaction
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.tables import AssetRow, CaseRow
from auction.sale.lots.lots import PUBLIC_STATES, LotState, LotUnknown, RoundKind
from auction.sale.lots.tables import ListingRow, LotRow, OutcomeRow, RoundRow
from auction.sale.rounds.tables import RegistrationRow
from auction.sale.title.tables import SettingAsideRow

PAGE_SIZE = 12
MAX_PAGE = 1_000
MAX_WORDS = 5
MAX_QUERY = 60
COUNTER_STEP = timedelta(minutes=10)

Group = Literal["all", "upcoming", "open", "stopped", "ended"]
_S = LotState
_RUNNING = (_S.ANNOUNCED.value, _S.OPEN.value)
_AFTER_ROUND = {"failed": _S.FAILED, "sold": _S.DEFAULTED, "withdrawn": _S.WITHDRAWN}
"""How a lot stands whose next listing is being prepared, by its last round (rule 2)."""


class LotSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; ``words`` all occur in title, address, court or case number."""

    group: Group = "all"
    asset_class: AssetClass | None = None
    words: str = ""
    page: int = 1


class LotCard(msgspec.Struct, frozen=True, kw_only=True):
    """A lot in a list, as its newest notice offers it."""

    lot_id: UUID
    case_id: UUID
    asset_id: UUID
    round_id: UUID
    session_id: UUID
    case_number: str
    court: str
    asset_class: AssetClass
    state: LotState
    kind: RoundKind
    number: int
    version: int
    title_zh: str
    title_en: str
    reserve_fen: int
    deposit_fen: int
    opens_at: datetime
    closes_at: datetime
    hammer_price_fen: int | None


class LotPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list."""

    lots: tuple[LotCard, ...]
    total: int
    page: int
    pages: int


async def find_lots(tx: Transaction, search: LotSearch) -> LotPage:
    """Give one page of the public lots that fit: open ones first, then those to come, then the rest."""
    fitting = _cards().where(*_conditions(search, tx.now))
    total = int((await tx.session.scalar(select(func.count()).select_from(fitting.subquery()))) or 0)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, search.page), pages, MAX_PAGE)
    shown = fitting.order_by(*_order(tx.now)).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = (await tx.session.execute(shown)).mappings().all()
    return LotPage(lots=tuple(_card(row) for row in rows), total=total, page=page, pages=pages)


async def card_of(tx: Transaction, lot_id: UUID) -> LotCard:
    """Give a public lot, or refuse (`LotUnknown`)."""
    row = (await tx.session.execute(_cards().where(LotRow.lot_id == lot_id))).mappings().one_or_none()
    if row is None:
        raise LotUnknown(lot_id=lot_id)
    return _card(row)


async def registrant_count(tx: Transaction, round_id: UUID) -> int:
    """Count the registrations of a round up to the last full step (rule 3)."""
    step_s = int(COUNTER_STEP.total_seconds())
    until = datetime.fromtimestamp(int(tx.now.timestamp()) // step_s * step_s, tz=tx.now.tzinfo)
    counted = select(func.count()).select_from(RegistrationRow)
    counted = counted.where(RegistrationRow.round_id == round_id, RegistrationRow.registered_at < until)
    return int((await tx.session.scalar(counted)) or 0)


def _cards() -> Select[*tuple[Any, ...]]:
    newest = select(RoundRow.lot_id, func.max(RoundRow.number).label("number")).group_by(RoundRow.lot_id).subquery()
    return (
        select(
            LotRow.lot_id, LotRow.case_id, LotRow.asset_id, LotRow.state,
            RoundRow.round_id, RoundRow.session_id, RoundRow.kind, RoundRow.number, RoundRow.version,
            RoundRow.state.label("round_state"), RoundRow.opens_at, RoundRow.closes_at,
            CaseRow.case_number, CaseRow.court, AssetRow.asset_class,
            ListingRow.terms["title_zh"].astext.label("title_zh"),
            ListingRow.terms["title_en"].astext.label("title_en"),
            ListingRow.reserve_fen, ListingRow.deposit_fen, OutcomeRow.hammer_price_fen,
            SettingAsideRow.round_id.is_not(None).label("was_set_aside"),
        )
        .join(newest, newest.c.lot_id == LotRow.lot_id)
        .join(RoundRow, and_(RoundRow.lot_id == LotRow.lot_id, RoundRow.number == newest.c.number))
        .join(ListingRow, and_(ListingRow.lot_id == LotRow.lot_id, ListingRow.version == RoundRow.version))
        .join(CaseRow, CaseRow.case_id == LotRow.case_id)
        .join(AssetRow, AssetRow.asset_id == LotRow.asset_id)
        .outerjoin(OutcomeRow, OutcomeRow.round_id == RoundRow.round_id)
        .outerjoin(SettingAsideRow, SettingAsideRow.round_id == RoundRow.round_id)
    )  # fmt: skip


def _card(row: Any) -> LotCard:  # noqa: ANN401 - a row mapping
    state = LotState(row["state"])
    if state not in PUBLIC_STATES:
        state = _S.SET_ASIDE if row["was_set_aside"] else _AFTER_ROUND.get(row["round_state"], _S.FAILED)
    values = {name: row[name] for name in LotCard.__struct_fields__ if name not in ("state", "asset_class")}
    return LotCard(**values, state=state, asset_class=AssetClass(row["asset_class"]))


def _conditions(search: LotSearch, now: datetime) -> list[ColumnElement[bool]]:
    found = [_in_group(search.group, now)] if search.group != "all" else []
    if search.asset_class is not None:
        found.append(AssetRow.asset_class == search.asset_class.value)
    return found + [_has_word(word) for word in search.words[:MAX_QUERY].split()[:MAX_WORDS]]


def _has_word(word: str) -> ColumnElement[bool]:
    texts = (
        *(ListingRow.terms["title_zh"].astext, ListingRow.terms["title_en"].astext),
        *(AssetRow.title, AssetRow.address, CaseRow.court, CaseRow.case_number),
    )
    return or_(false(), *(text.icontains(word, autoescape=True) for text in texts))


def _in_group(group: Group, now: datetime) -> ColumnElement[bool]:
    running = LotRow.state.in_(_RUNNING)
    if group == "upcoming":
        return and_(running, RoundRow.opens_at > now)
    if group == "open":
        return and_(running, RoundRow.opens_at <= now)
    if group == "stopped":
        return LotRow.state == _S.STOPPED.value
    return LotRow.state.not_in((*_RUNNING, _S.STOPPED.value))


def _order(now: datetime) -> tuple[ColumnElement[Any], ...]:
    """Open lots by their end, lots to come by their opening, ended ones with the newest first."""
    rank = case((_in_group("open", now), 0), (_in_group("upcoming", now), 1), (_in_group("stopped", now), 2), else_=3)
    closes, opens = func.extract("epoch", RoundRow.closes_at), func.extract("epoch", RoundRow.opens_at)
    by_time = case((_in_group("ended", now), -closes), (_in_group("open", now), closes), else_=opens)
    return (rank, by_time, LotRow.lot_id.asc())
