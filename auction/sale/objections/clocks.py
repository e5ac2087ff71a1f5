"""Periods that run because of objections: docketing, decision, and the stop that a docketed claim orders."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotRow
from auction.sale.objections import store
from auction.sale.objections.objections import ObjectionKind, ObjectionState, decide_by, docket_by
from auction.sale.objections.store import OnFile

RUNNING = frozenset({LotState.ANNOUNCED.value, LotState.OPEN.value})


class Due(NamedTuple):
    """What is due: kind, article, both texts, last day, lot."""

    kind: str
    article: str
    zh: str
    en: str
    due_on: date
    lot_id: UUID | None


async def dues_of_objections(tx: Transaction, case_id: UUID) -> list[Due]:
    """Give what the court has to do about the objections of a case. Source: 异议复议规定 2; CPL 236, 238; 网拍 36."""
    dues: list[Due] = []
    for held in await store.of_cases(tx, [case_id]):
        dues += _court_due(held)
        dues += await _stop_due(tx, held)
    return dues


def _court_due(held: OnFile) -> list[Due]:
    row = held.row
    if held.state is ObjectionState.RAISED:
        on = docket_by(row.raised_at)
        return [Due("objection_docketing", "异议复议规定 2", "异议立案审查", "docket an objection", on, row.lot_id)]
    if held.docketing is not None and held.state in (ObjectionState.DOCKETED, ObjectionState.BEFORE_PANEL):
        on = decide_by(held.docketing.docketed_at)
        return [Due("objection_decision", "CPL 236, 238", "对异议作出裁定", "decide an objection", on, row.lot_id)]
    return []


async def _stop_due(tx: Transaction, held: OnFile) -> list[Due]:
    """A docketed claim stops the sale on the day of its docketing; a founded one ends the stopped round."""
    if held.row.kind != ObjectionKind.THIRD_PARTY_CLAIM or held.docketing is None or held.row.lot_id is None:
        return []
    lot = await tx.session.get(LotRow, held.row.lot_id)
    assert lot is not None, "a claim names a lot"
    if held.state in (ObjectionState.DOCKETED, ObjectionState.BEFORE_PANEL) and lot.state in RUNNING:
        on = local_day(held.docketing.docketed_at)
        text = ("因案外人异议停止拍卖", "stop the sale because of a third-party claim")
        return [Due("claim_stops_sale", "网拍 36", *text, on, lot.lot_id)]
    if held.state is ObjectionState.UPHELD and lot.state in RUNNING | {LotState.STOPPED.value}:
        assert held.ruling is not None, "an upheld claim has its ruling"
        text = ("案外人异议成立，撤回拍卖", "withdraw the sale: the third-party claim is founded")
        return [Due("claim_ends_sale", "CPL 238", *text, local_day(held.ruling.decided_at), lot.lot_id)]
    return []
