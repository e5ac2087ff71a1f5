"""Resume a stopped round at a published hour."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from auction.contracts import ResumeOrder
from auction.fund.deposits.apply_deposit import charge_authorised, move_end
from auction.fund.loans.tell_room import tell_of_limits
from auction.fund.stays.stays import require_lot_moving
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases import store as cases
from auction.sale.cases.cases import require_text
from auction.sale.cases.seizures import check_outlasts
from auction.sale.columns import add
from auction.sale.lots.tables import LotRow, ResumptionRow, RoundRow
from auction.sale.lots.third_party_claims import require_may_resume
from auction.sale.lots.venue import OPEN_ROUND, OpenRound
from auction.sale.rounds import store
from auction.sale.rounds.rounds import (
    RESUME_SESSION,
    NotStopped,
    RoundState,
    check_resumption,
    end_after_stops,
)


class ResumeRound(Command, frozen=True, kw_only=True):
    """Publish that the round goes on at ``resumes_at``; its ground ended on ``ground_ended_on``."""

    round_id: UUID
    ground_ended_on: date
    resumes_at: datetime
    reason: str


async def resume_round(db: Database, actor: Actor, command: ResumeRound) -> datetime:
    """Publish the hour and order it of the room; the round is open again when the hour has come.

    Raises: `NotStopped`, `ThirdPartyClaimPending`, `ThirdPartyClaimFounded`, `GroundEndMisdated`, `ResumesTooSoon`, `ResumesTooLate`, `FieldMissing`, and the refusals of
    `check_outlasts`. Source: 网拍 28, 36; 查扣冻 26, 27.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER, Role.BUREAU_HEAD)
    reason = require_text("resumption.reason", command.reason, limit=2000)

    async def work(tx: Transaction) -> datetime:
        round_row, lot = await store.open_round(tx, command.round_id)
        stop = await store.newest_stop(tx, command.round_id)
        if round_row.state != RoundState.STOPPED or stop is None:
            raise NotStopped
        if await store.resumption_of(tx, stop.stop_id) is not None:
            raise NotStopped
        await require_may_resume(tx, lot.asset_id)
        await require_lot_moving(tx, lot.case_id, lot.lot_id)
        check_resumption(
            now=tx.now,
            stopped_on=local_day(stop.stopped_at),
            ground_ended_on=command.ground_ended_on,
            resumes_at=command.resumes_at,
            calendar=COURT_CALENDAR,
        )
        await _check_seizure(tx, lot, round_row, stopped_at=stop.stopped_at, resumes_at=command.resumes_at)
        row = ResumptionRow(
            stop_id=stop.stop_id,
            ground_ended_on=command.ground_ended_on,
            reason=reason,
            resumes_at=command.resumes_at,
            published_at=tx.now,
        )
        await add(tx, row)
        await move_end(tx, command.round_id, closes_at=await store.scheduled_end(tx, lot, round_row))
        await charge_authorised(tx, command.round_id)
        await tell_of_limits(tx, command.round_id)
        order = ResumeOrder(
            session_id=round_row.session_id,
            lot_id=round_row.lot_id,
            round_id=round_row.round_id,
            resumes_at=command.resumes_at,
        )
        await enqueue(tx, RESUME_SESSION, order)
        await enqueue(tx, OPEN_ROUND, OpenRound(round_id=round_row.round_id), due_at=command.resumes_at)
        return command.resumes_at

    return await db.carry_out(actor, command, work, datetime)


async def _check_seizure(
    tx: Transaction, lot: LotRow, round_row: RoundRow, *, stopped_at: datetime, resumes_at: datetime
) -> None:
    """Refuse unless the seizure lasts until the resumed round has ended, taken as if nobody had bid before the stop."""
    case = await cases.case_row(tx, lot.case_id)
    ends_at = end_after_stops(
        await store.scheduled_end(tx, lot, round_row), opens_at=round_row.opens_at, stops=[(stopped_at, resumes_at)]
    )
    check_outlasts(
        await cases.seizures_of(tx, lot.asset_id),
        court=case.court,
        on=local_day(tx.now),
        needed=local_day(ends_at),
    )
