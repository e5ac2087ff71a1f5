"""SQL of the way to a price: steps, circumstances, requests, and the newest price of an asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from valuation.methods.order import Circumstance, Side, Standing, ground_for
from valuation.methods.steps import (
    METHODS,
    Method,
    StandingPrice,
    Step,
    StepUnknown,
    check_open,
    spent,
    way_number,
)
from valuation.sides.store import representatives


async def open_step(tx: Transaction, *, case_id: UUID, asset_id: UUID, method: Method, step_id: UUID) -> Step:
    """Open the next step of an asset's way; the case is locked before (`Transaction.about_case`).

    Raises `StepRunning`, `PriceStands`, `MethodOutOfOrder`. Source: 参考价 4–7, 14, 27.
    """
    steps = await steps_of(tx, asset_id)
    check_open(steps, await newest_price(tx, asset_id), today=local_day(tx.now))
    ground = ground_for(method, await standing_of(tx, asset_id))
    step = Step(
        step_id=step_id,
        case_id=case_id,
        asset_id=asset_id,
        ordinal=len(steps) + 1,
        method=method,
        ground=ground,
        opened_at=tx.now,
    )
    return await _add_step(tx, step)


async def open_reissue(tx: Transaction, lapsed: Step, *, ground: str, step_id: UUID) -> Step:
    """Open a step that makes the lapsed price of ``lapsed`` anew by its own method: the order is not asked again.

    Raises `StepRunning`, `PriceStands`. Source: 参考价 11(4), 19(4), 27.
    """
    steps = await steps_of(tx, lapsed.asset_id)
    check_open(steps, await newest_price(tx, lapsed.asset_id), today=local_day(tx.now))
    step = Step(
        step_id=step_id,
        case_id=lapsed.case_id,
        asset_id=lapsed.asset_id,
        ordinal=len(steps) + 1,
        method=lapsed.method,
        ground=ground,
        opened_at=tx.now,
    )
    return await _add_step(tx, step)


async def _add_step(tx: Transaction, step: Step) -> Step:
    await tx.session.execute(
        text(
            "INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at) "
            "VALUES (:step_id, :case_id, :asset_id, :ordinal, :method, :ground, :opened_at)"
        ),
        {
            name: getattr(step, name)
            for name in ("step_id", "case_id", "asset_id", "ordinal", "method", "ground", "opened_at")
        },
    )
    return step


async def end_step(
    tx: Transaction,
    step_id: UUID,
    outcome: Literal["priced", "failed", "withdrawn"],
    reason: str | None = None,
    *,
    result_known: bool = False,
) -> None:
    """End a step; one that has ended stays as it ended. ``result_known``: somebody could know what is withdrawn."""
    await tx.session.execute(
        text(
            "UPDATE valuation.method_step SET outcome = :outcome, reason = :reason, ended_at = :now, result_known = :known "
            "WHERE step_id = :step_id AND outcome IS NULL"
        ),
        {"step_id": step_id, "outcome": outcome, "reason": reason, "now": tx.now, "known": result_known},
    )


async def step(tx: Transaction, step_id: UUID) -> Step:
    """Give one step; raises `StepUnknown`."""
    rows = await tx.session.execute(
        text(
            "SELECT step_id, case_id, asset_id, ordinal, method, ground, opened_at, outcome, reason, ended_at, result_known "
            "FROM valuation.method_step WHERE step_id = :id"
        ),
        {"id": step_id},
    )
    found = rows.one_or_none()
    if found is None:
        raise StepUnknown
    return Step(**found._mapping)


async def steps_of(tx: Transaction, asset_id: UUID) -> list[Step]:
    """Give all steps of an asset in their order."""
    rows = await tx.session.execute(
        text(
            "SELECT step_id, case_id, asset_id, ordinal, method, ground, opened_at, outcome, reason, ended_at, result_known "
            "FROM valuation.method_step WHERE asset_id = :id ORDER BY ordinal"
        ),
        {"id": asset_id},
    )
    return [Step(**row._mapping) for row in rows]


async def open_step_of(tx: Transaction, asset_id: UUID) -> Step | None:
    """Give the step that is under way, ``None`` where none is."""
    return next((one for one in await steps_of(tx, asset_id) if one.outcome is None), None)


async def newest_price(tx: Transaction, asset_id: UUID) -> StandingPrice | None:
    """Give the newest price of an asset, ``None`` before the first."""
    rows = await tx.session.execute(
        text(
            "SELECT p.step_id, p.valid_until, s.reference_price_id IS NOT NULL AS set_aside FROM valuation.reference_price p "
            "LEFT JOIN valuation.price_set_aside s USING (reference_price_id) WHERE p.asset_id = :id "
            "ORDER BY p.fixed_at DESC, p.reference_price_id LIMIT 1"
        ),
        {"id": asset_id},
    )
    found = rows.one_or_none()
    if found is None:
        return None
    return StandingPrice(**found._mapping)


async def standing_of(tx: Transaction, asset_id: UUID) -> Standing:
    """Give where an asset stands on the way that is under way."""
    steps = await steps_of(tx, asset_id)
    circumstances, requests = await tx.together(circumstances_of(tx, asset_id), requests_of(tx, asset_id, steps))
    return Standing(failed=frozenset(spent(steps)), circumstances=frozenset(circumstances), requests=requests)


@dataclass(frozen=True, kw_only=True)
class CircumstanceRecorded:
    """One circumstance as an officer recorded it, with its paper; the newest of a kind counts."""

    circumstance_id: UUID
    case_id: UUID
    asset_id: UUID
    kind: Circumstance
    holds: bool
    statement: str
    document_sha256: str


async def add_circumstance(tx: Transaction, recorded: CircumstanceRecorded, *, paper_id: UUID) -> None:
    """Let a circumstance count from now on; two persons vouch for its paper."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.circumstance (circumstance_id, case_id, asset_id, kind, holds, statement, document_sha256, "
            "recorded_at, paper_id) VALUES (:circumstance_id, :case_id, :asset_id, :kind, :holds, :statement, "
            ":document_sha256, :now, :paper_id)"
        ),
        {**recorded.__dict__, "now": tx.now, "paper_id": paper_id},
    )


async def circumstances_of(tx: Transaction, asset_id: UUID) -> list[Circumstance]:
    """Give the circumstances that hold: of each kind the newest counts."""
    rows = await tx.session.execute(
        text(
            "SELECT kind FROM (SELECT DISTINCT ON (kind) kind, holds FROM valuation.circumstance WHERE asset_id = :id "
            "ORDER BY kind, recorded_at DESC, circumstance_id DESC) newest WHERE holds ORDER BY kind"
        ),
        {"id": asset_id},
    )
    return [row.kind for row in rows]


@dataclass(frozen=True, kw_only=True)
class MethodRequest:
    """One party's written request for a method."""

    asset_id: UUID
    ordinal: int
    """Number of the way for which it asks (`valuation.methods.steps.way_number`)."""
    attempt: int
    """1 + how often the method was spent in this way before: a request is spent with the attempt for which it asked."""
    method: Method
    side: Side
    case_id: UUID
    party_id: UUID
    agreed_on: date
    document_sha256: str
    asked_of: tuple[UUID, ...]
    """Who of the side has to ask, as the file has it now (`valuation.sides.speaking`)."""


async def add_request(tx: Transaction, request: MethodRequest, *, paper_id: UUID | None) -> None:
    """Record one party's request, once in a way; ``paper_id`` ``None``: the party typed it itself."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.method_request (asset_id, ordinal, attempt, method, side, case_id, party_id, agreed_on, "
            "document_sha256, recorded_at, asked_of, paper_id) VALUES (:asset_id, :ordinal, :attempt, :method, :side, "
            ":case_id, :party_id, :agreed_on, :document_sha256, :now, :asked_of, :paper_id) "
            "ON CONFLICT (asset_id, ordinal, method, attempt, side, party_id) DO NOTHING"
        ),
        {**request.__dict__, "asked_of": list(request.asked_of), "now": tx.now, "paper_id": paper_id},
    )


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How far a side is with its request for the coming attempt at a method."""

    method: Method
    side: Side
    asked: frozenset[UUID]
    asked_of: frozenset[UUID] | None
    """Who has to ask, as the newest request of the side found it; ``None``: one spoke for all, as it was."""

    @property
    def is_complete(self) -> bool:
        """Whether everybody of the side asked who has to."""
        return self.asked_of is None or self.asked_of <= self.asked


async def askings_of(tx: Transaction, asset_id: UUID, steps: Sequence[Step]) -> list[Asking]:
    """Give how far each side is with each method for which anybody of it asked, in the way that is under way."""
    rows = await tx.session.execute(
        text(
            "SELECT case_id, method, side, attempt, party_id, asked_of FROM valuation.method_request "
            "WHERE asset_id = :id AND ordinal = :ordinal ORDER BY recorded_at, party_id"
        ),
        {"id": asset_id, "ordinal": way_number(steps)},
    )
    coming = {method: next_attempt(steps, method) for method in METHODS}
    counting: dict[tuple[Method, Side], list[tuple[UUID, list[UUID] | None]]] = {}
    all_rows = rows.all()
    stated = await representatives(tx, all_rows[0].case_id) if all_rows else {}
    for row in all_rows:
        if row.attempt == coming[row.method]:
            counting.setdefault((row.method, row.side), []).append((row.party_id, row.asked_of))
    return [_asking(method, side, found, stated) for (method, side), found in counting.items()]


def _asking(
    method: Method, side: Side, found: Sequence[tuple[UUID, list[UUID] | None]], stated: Mapping[UUID, UUID]
) -> Asking:
    """Work out one side: who stated since that another speaks for him has asked when that one has."""
    asked = {party_id for party_id, _ in found}
    asked |= {party_id for party_id, other in stated.items() if other in asked}
    asked_of = None if any(of is None for _, of in found) else frozenset(found[-1][1] or ())
    return Asking(method=method, side=side, asked=frozenset(asked), asked_of=asked_of)


async def requests_of(tx: Transaction, asset_id: UUID, steps: Sequence[Step]) -> dict[Method, frozenset[Side]]:
    """Give which sides asked, every party of them, for the coming attempt at which method, in the way that is under way."""
    found = [one for one in await askings_of(tx, asset_id, steps) if one.is_complete]
    return {method: frozenset(one.side for one in found if one.method == method) for method in METHODS}


def next_attempt(steps: Sequence[Step], method: Method) -> int:
    """Give the number of the coming attempt at a method in this way, from 1."""
    return 1 + spent(steps).count(method)
