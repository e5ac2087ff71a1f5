"""The three ranked institutions of a mandate, and whose turn it is (参考价 16, 17, 19, 23).

1. There are three, in order, by agreement of the parties or by draw; they never change.
2. The first has the turn. A replacement is the next in the same order, never a new draw; its reason is published.
3. Whoever may not act when its turn comes (barred, suspended, licence over, conflict, failed on this asset before) is passed
   over with that reason; the first is looked at when the mandate is sent, too.
4. After the third there is no rule in the text: nobody has the turn, and the court decides.
"""

from __future__ import annotations

from typing import Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from valuation.agencies import register_store
from valuation.selections import selection_store
from valuation.selections.pool import Asked, Reason, why_not
from valuation.selections.selection_store import Origin, RankRow

TurnEnd = Literal["declined", "no_answer", "late", "recused", "objection_upheld"]
ReplacementReason = TurnEnd | Reason
REPLACEMENT_REASONS: tuple[str, ...] = (*get_args(TurnEnd), *get_args(Reason))


class RankedAgency(msgspec.Struct, frozen=True, kw_only=True):
    """The institution that has the turn."""

    appraisal_id: UUID
    rank: int
    agency_id: UUID
    name: str
    licence_no: str


class RankedAgencies(msgspec.Struct, frozen=True, kw_only=True):
    """The three institutions of a mandate in their order, and where the order comes from."""

    appraisal_id: UUID
    agency_ids: tuple[UUID, ...]
    origin: Origin
    draw_id: UUID | None
    """``None``: by agreement."""


class AgenciesNotRanked(Conflict):
    """Neither agreement nor draw has chosen the institutions yet."""

    code = "agencies_not_ranked"
    article = "参考价 16"
    zh = "该委托尚未选定评估机构。"
    en = "The institutions of this mandate have not been chosen yet."


async def ranked_agencies(tx: Transaction, *, appraisal_id: UUID) -> RankedAgencies | None:
    """Give the three institutions of a mandate, ``None``: not chosen yet."""
    rows = await selection_store.ranks(tx, appraisal_id)
    if not rows:
        return None
    return RankedAgencies(
        appraisal_id=appraisal_id,
        agency_ids=tuple(row.agency_id for row in rows),
        origin=rows[0].origin,
        draw_id=rows[0].draw_id,
    )


async def current_agency(tx: Transaction, *, appraisal_id: UUID) -> RankedAgency | None:
    """Give the institution whose turn it is; ``None``: not chosen yet, or all three failed (`has_all_failed`)."""
    return has_turn(await selection_store.ranks(tx, appraisal_id))


async def has_all_failed(tx: Transaction, *, appraisal_id: UUID) -> bool:
    """Whether the institutions were chosen and each turn is over: the court decides (rule 4)."""
    rows = await selection_store.ranks(tx, appraisal_id)
    return bool(rows) and has_turn(rows) is None


async def take_turn(tx: Transaction, *, appraisal_id: UUID) -> RankedAgency | None:
    """Give the first of those left who may act today, and pass over the others with their published reason (rule 3).

    ``None``: nobody may act, the court decides. The transaction is about the mandate's case (`Transaction.about_case`).
    Raises `AgenciesNotRanked` when nobody has the turn. Source: 参考价 15, 16, 22.
    """
    left = [row for row in await selection_store.ranks(tx, appraisal_id) if row.replaced_for is None]
    if not left:
        raise AgenciesNotRanked
    return await _next_able(tx, appraisal_id, left)


async def replace_agency(
    tx: Transaction, *, appraisal_id: UUID, reason_code: ReplacementReason, document_sha256: str | None
) -> RankedAgency | None:
    """End the turn of the present institution, for a published reason, and give the next; ``None``: the court decides.

    The transaction is about the mandate's case (`Transaction.about_case`). Raises `AgenciesNotRanked` when nobody has
    the turn. Source: 参考价 17, 19(3), 23; 评估规范 (reasons are published).
    """
    assert reason_code in REPLACEMENT_REASONS, f"{reason_code!r} is no published reason"
    rows = await selection_store.ranks(tx, appraisal_id)
    present = has_turn(rows)
    if present is None:
        raise AgenciesNotRanked
    await selection_store.add_replacement(
        tx, appraisal_id, present.rank, reason=reason_code, document_sha256=document_sha256
    )
    return await _next_able(tx, appraisal_id, [row for row in rows if row.rank > present.rank])


async def _next_able(tx: Transaction, appraisal_id: UUID, left: list[RankRow]) -> RankedAgency | None:
    """Give the first of those left who may act now, and pass over the others with their reason (rule 3)."""
    selection = await selection_store.selection(tx, appraisal_id)
    asked = Asked(
        purpose=selection.purpose,
        case_id=selection.case_id,
        on=local_day(tx.now),
        failed=await selection_store.failed_before(tx, selection),
    )
    agencies = await register_store.register(tx)
    for row in left:
        exclusion = why_not(agencies[row.agency_id], asked)
        if exclusion is None:
            return _ranked(row)
        await selection_store.add_replacement(tx, appraisal_id, row.rank, reason=exclusion.reason, document_sha256=None)
    return None


def has_turn(rows: list[RankRow]) -> RankedAgency | None:
    """Give the first of the three, by rank, whose turn is not over; ``None``: nobody is left (rules 2, 4)."""
    return next((_ranked(row) for row in rows if row.replaced_for is None), None)


def _ranked(row: RankRow) -> RankedAgency:
    return RankedAgency(
        appraisal_id=row.mandate_id,
        rank=row.rank,
        agency_id=row.agency_id,
        name=row.name,
        licence_no=row.licence_no,
    )
