"""Lots as everybody may see them: those with a notice, each with its newest round and the terms of that round.

1. A lot is public from its first notice on; terms of a later listing stay hidden until their own notice.
2. While a later listing is prepared the lot stands as its last round left it.
3. Numbers of registrants move in steps of `COUNTER_STEP`, so that nobody reads a code's payment time from them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, func, select

from auction.kernel.db import Transaction
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.tables import AssetRow, CaseRow
from auction.sale.lots.lots import PUBLIC_STATES, LotState, LotUnknown, RoundKind
from auction.sale.lots.tables import ListingRow, LotRow, OutcomeRow, RoundRow
from auction.sale.rounds.tables import RegistrationRow
from auction.sale.title.tables import SettingAsideRow

COUNTER_STEP = timedelta(minutes=10)

_S = LotState
_AFTER_ROUND = {"failed": _S.FAILED, "sold": _S.DEFAULTED, "withdrawn": _S.WITHDRAWN}
"""How a lot stands whose next listing is being prepared, by its last round (rule 2)."""


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


async def card_of(tx: Transaction, lot_id: UUID) -> LotCard:
    """Give a public lot, or refuse (`LotUnknown`)."""
    return (await cards_of(tx, [lot_id]))[lot_id]


async def cards_of(tx: Transaction, lot_ids: Collection[UUID]) -> dict[UUID, LotCard]:
    """Give public lots by id with one query, or refuse (`LotUnknown`) if one of them is none."""
    rows = (await tx.session.execute(_cards(lot_ids))).mappings().all() if lot_ids else ()
    cards = {row["lot_id"]: card_from(dict(row)) for row in rows}
    for lot_id in lot_ids:
        if lot_id not in cards:
            raise LotUnknown(lot_id=lot_id)
    return cards


def registrants_until_step(now: datetime, round_id: UUID) -> Select[int]:
    """Ask how many registered for a round up to the last full step (rule 3)."""
    step_s = int(COUNTER_STEP.total_seconds())
    until = datetime.fromtimestamp(int(now.timestamp()) // step_s * step_s, tz=now.tzinfo)
    counted = select(func.count()).select_from(RegistrationRow)
    return counted.where(RegistrationRow.round_id == round_id, RegistrationRow.registered_at < until)


def _cards(lot_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Ask for these lots; their newest rounds are looked for among their own alone, not among those of all lots."""
    numbers = select(RoundRow.lot_id, func.max(RoundRow.number).label("number")).where(RoundRow.lot_id.in_(lot_ids))
    newest = numbers.group_by(RoundRow.lot_id).subquery()
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
        .where(LotRow.lot_id.in_(lot_ids))
    )  # fmt: skip


def card_from(row: Mapping[str, Any]) -> LotCard:
    """Make the card of a row that has all its values, with the state as everybody may see it (rule 2)."""
    state = LotState(row["state"])
    if state not in PUBLIC_STATES:
        state = _S.SET_ASIDE if row["was_set_aside"] else _AFTER_ROUND.get(row["round_state"], _S.FAILED)
    values = {name: row[name] for name in LotCard.__struct_fields__ if name not in ("state", "asset_class")}
    return LotCard(**values, state=state, asset_class=AssetClass(row["asset_class"]))
