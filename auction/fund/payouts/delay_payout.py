"""Pay a case's money later: the handler asks with a ground, bureau head or vice-president decides, the handler says when it ended.

1. One request of a case is open at a time, and a request stops no clock (clocks rule 3).
2. Who asked does not decide; a person is compared, not an account.
3. When the ground has ended, the money is paid within ten days (clocks rule 4).

Source: 执行款物 10(2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.deposits.store import add
from auction.fund.payouts.clocks import APPROVERS, Delay, DelayGround, require_delay, require_ground
from auction.fund.payouts.escrow import OwnRequest
from auction.fund.payouts.tables import PayoutDelayRow, PayoutDelayStepRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed, NotFound


class DelayUnknown(NotFound):
    """There is no such request, or it is not where this step needs it."""

    code = "payout_delay_unknown"
    article = "执行款物 10(2)"
    zh = "没有该项延缓发放申请，或者其所处阶段不能办理此步骤。"
    en = "There is no such request to pay later, or it is not this step's turn."


class DelayOpen(Conflict):
    """Another delay of this case is asked for or runs."""

    code = "payout_delay_open"
    article = "执行款物 10(2)"
    zh = "本案已有待批或者正在执行的延缓发放，须先办结。"
    en = "A delay of this case is asked for or runs already; it ends first."


class DelayEndWrong(Malformed):
    """The ground ended on a day to come, or before the delay was asked for."""

    code = "payout_delay_end_wrong"
    article = "执行款物 10(2)"
    zh = "事由消除之日不得早于提出之日，也不得晚于今日。"
    en = "The ground ended on the day of the request at the earliest, and today at the latest."


class ExplanationMissing(Malformed):
    """The facts behind the ground are missing."""

    code = "payout_delay_unexplained"
    article = "执行款物 10(2)"
    zh = "须写明延缓发放的具体情况。"
    en = "Say what the facts are on which the money is paid later."


class AskPayoutDelay(Command, frozen=True, kw_only=True):
    """Ask to pay this case's money later, on this ground."""

    delay_id: UUID
    case_id: UUID
    ground: str
    explanation: str


class DecidePayoutDelay(Command, frozen=True, kw_only=True):
    """Approve or refuse a request."""

    delay_id: UUID
    case_id: UUID
    decision: Literal["approved", "refused"]


class EndPayoutDelay(Command, frozen=True, kw_only=True):
    """Say on which day the ground ended."""

    delay_id: UUID
    case_id: UUID
    ended_on: date


class DelayView(msgspec.Struct, frozen=True, kw_only=True):
    """A delay as it stands: ``asked``, ``approved``, ``refused`` or ``ended``."""

    delay_id: UUID
    case_id: UUID
    ground: DelayGround
    explanation: str
    asked_by: UUID
    asked_at: datetime
    state: Literal["asked", "approved", "refused", "ended"]
    decided_by: UUID | None
    decided_role: Role | None
    decided_at: datetime | None
    ended_on: date | None

    @property
    def counts(self) -> Delay | None:
        """The delay as clocks take it; ``None`` where it stops none."""
        if self.state not in ("approved", "ended"):
            return None
        return Delay(self.ground, self.ended_on)


async def ask_payout_delay(db: Database, actor: Actor, command: AskPayoutDelay) -> DelayView:
    """Ask and show the request. Raises `NoDelayGround`, `ExplanationMissing`, `DelayOpen`."""
    require_role(actor, Role.CASE_HANDLER)
    ground = require_ground(command.ground)
    if not command.explanation.strip():
        raise ExplanationMissing

    async def work(tx: Transaction) -> DelayView:
        await tx.about_case(command.case_id)
        if any(view.state in ("asked", "approved") for view in await delays_of(tx, command.case_id)):
            raise DelayOpen(case_id=command.case_id)
        row = PayoutDelayRow(
            delay_id=command.delay_id,
            case_id=command.case_id,
            ground=ground.value,
            explanation=command.explanation.strip(),
            asked_by=actor.person_id,
            asked_at=tx.now,
        )
        await add(tx, row)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, DelayView)


async def decide_payout_delay(db: Database, actor: Actor, command: DecidePayoutDelay) -> DelayView:
    """Decide a request and show it. Raises `DelayUnknown`, `OwnRequest`, `DelayNotApproved`. Source: 执行款物 10(2)."""
    require_role(actor, *APPROVERS)

    async def work(tx: Transaction) -> DelayView:
        row = await _in_state(tx, command.case_id, command.delay_id, "asked")
        if row.asked_by == actor.person_id:
            raise OwnRequest
        role = next(role for role in APPROVERS if role in actor.roles)
        if command.decision == "approved":
            require_delay(row.ground, approved_by=role)
        await _take_step(tx, row, command.decision, actor, role, local_day(tx.now))
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, DelayView)


async def end_payout_delay(db: Database, actor: Actor, command: EndPayoutDelay) -> DelayView:
    """Note the end of the ground: from here ten days run. Raises `DelayUnknown`, `DelayEndWrong`."""
    require_role(actor, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> DelayView:
        row = await _in_state(tx, command.case_id, command.delay_id, "approved")
        if not local_day(row.asked_at) <= command.ended_on <= local_day(tx.now):
            raise DelayEndWrong
        await _take_step(tx, row, "ended", actor, Role.CASE_HANDLER, command.ended_on)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, DelayView)


async def delays_of(tx: Transaction, case_id: UUID) -> tuple[DelayView, ...]:
    """Give the delays of a case, newest first."""
    return (await delays_of_cases(tx, [case_id])).get(case_id, ())


async def delays_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, tuple[DelayView, ...]]:
    """Give the delays of those of the cases that have any, each case's newest first."""
    found = (
        select(PayoutDelayRow)
        .where(PayoutDelayRow.case_id.in_(list(case_ids)))
        .order_by(PayoutDelayRow.asked_at.desc())
    )
    delays: dict[UUID, tuple[DelayView, ...]] = {}
    for view in await _views(tx, (await tx.session.scalars(found)).all()):
        delays[view.case_id] = (*delays.get(view.case_id, ()), view)
    return delays


async def _in_state(tx: Transaction, case_id: UUID, delay_id: UUID, state: str) -> PayoutDelayRow:
    await tx.about_case(case_id)
    row = await tx.session.get(PayoutDelayRow, delay_id)
    if row is None or row.case_id != case_id or (await _view(tx, row)).state != state:
        raise DelayUnknown(delay_id=delay_id)
    return row


async def _take_step(tx: Transaction, row: PayoutDelayRow, step: str, actor: Actor, role: Role, on_day: date) -> None:
    taken = PayoutDelayStepRow(
        delay_id=row.delay_id, step=step, person_id=actor.person_id, role=role.value, on_day=on_day, at=tx.now
    )
    await add(tx, taken)


async def _view(tx: Transaction, row: PayoutDelayRow) -> DelayView:
    return (await _views(tx, [row]))[0]


async def _views(tx: Transaction, rows: Sequence[PayoutDelayRow]) -> list[DelayView]:
    found = select(PayoutDelayStepRow).where(PayoutDelayStepRow.delay_id.in_([row.delay_id for row in rows]))
    taken: dict[UUID, dict[str, PayoutDelayStepRow]] = {}
    for step in await tx.session.scalars(found):
        taken.setdefault(step.delay_id, {})[step.step] = step
    return [_stands(row, taken.get(row.delay_id, {})) for row in rows]


def _stands(row: PayoutDelayRow, steps: Mapping[str, PayoutDelayStepRow]) -> DelayView:
    """Show a delay as its steps leave it."""
    decided = steps.get("approved") or steps.get("refused")
    ended = steps.get("ended")
    state: Literal["asked", "approved", "refused", "ended"] = "asked"
    if ended is not None:
        state = "ended"
    elif decided is not None:
        state = "approved" if decided.step == "approved" else "refused"
    return DelayView(
        delay_id=row.delay_id,
        case_id=row.case_id,
        ground=DelayGround(row.ground),
        explanation=row.explanation,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=state,
        decided_by=None if decided is None else decided.person_id,
        decided_role=None if decided is None else Role(decided.role),
        decided_at=None if decided is None else decided.at,
        ended_on=None if ended is None else ended.on_day,
    )
