"""The plan of a case as one of its addressees sees it: lines, his last day to object, his own objections. Payees are masked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.fund.plans import store as plan_store
from auction.fund.plans.store import PlanLineView
from auction.fund.plans.tables import PlanObjectionRow
from auction.kernel.db import Transaction
from auction.law.periods import deadline_at, is_in_time


class OwnObjection(msgspec.Struct, frozen=True, kw_only=True):
    """One of his objections; ``state`` as at the court's desk."""

    line_number: int
    disputed_fen: int
    state: str
    raised_at: datetime


class OwnPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that was served on somebody; ``may_object`` while his days run and the plan is not settled."""

    plan_id: UUID
    number: int
    state: str
    asset: str
    party_id: UUID
    served_on: date
    window_ends_on: date
    may_object: bool
    money_fen: int
    lines: tuple[PlanLineView, ...]
    objections: tuple[OwnObjection, ...]


async def own_plan(tx: Transaction, case_id: UUID, party_ids: Collection[UUID]) -> OwnPlan | None:
    """Give the newest plan of the case that was served on one of these parts, ``None`` where none was."""
    plans = await plan_store.plans_of_case(tx, case_id)
    addressees = await tx.each([row.plan_id for row in plans], lambda plan_id: plan_store.addressees_of(tx, plan_id))
    for row in plans:
        for addressee in addressees[row.plan_id]:
            if addressee.party_id in party_ids and addressee.served_on and addressee.window_ends_on:
                (shown,), raised = await tx.together(
                    plan_store.plan_views(tx, [row]), _raised(tx, row.plan_id, party_ids)
                )
                in_time = is_in_time(tx.now, deadline_at(addressee.window_ends_on))
                return OwnPlan(
                    plan_id=row.plan_id,
                    number=row.number,
                    state=row.state,
                    asset=shown.asset,
                    party_id=addressee.party_id,
                    served_on=addressee.served_on,
                    window_ends_on=addressee.window_ends_on,
                    may_object=row.state == "drawn" and in_time,
                    money_fen=row.proceeds_fen + row.forfeited_fen,
                    lines=shown.lines,
                    objections=_objections(raised, shown.lines),
                )
    return None


async def _raised(tx: Transaction, plan_id: UUID, party_ids: Collection[UUID]) -> list[tuple[PlanObjectionRow, bool]]:
    """Give the own objections to a plan, oldest first, each with whether it was judged."""
    judgments, raised = await tx.together(plan_store.judgments_of(tx, plan_id), plan_store.objections_of(tx, plan_id))
    judged = {judgment.objection_id for judgment in judgments}
    return [(one, one.objection_id in judged) for one in raised if one.party_id in party_ids]


def _objections(
    raised: Collection[tuple[PlanObjectionRow, bool]], lines: Collection[PlanLineView]
) -> tuple[OwnObjection, ...]:
    numbers = {line.line_id: line.number for line in lines}
    return tuple(_objection(one, numbers[one.line_id], is_judged=is_judged) for one, is_judged in raised)


def _objection(row: PlanObjectionRow, line_number: int, *, is_judged: bool) -> OwnObjection:
    return OwnObjection(
        line_number=line_number,
        disputed_fen=row.disputed_fen,
        state="judged" if is_judged else row.state,
        raised_at=row.raised_at,
    )
