"""Answer a report of technical trouble in a room: seen and enough, stopped by the court's own order, or to be reviewed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from auction.contracts import RoomReported
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.lots.tables import ReportAnswerRow
from auction.sale.rounds import store

Measure = Literal["noted", "stopped", "review"]


class RoomReports(Protocol):
    """Where reports of rooms are kept: in the bidding zone."""

    async def report(self, tx: Transaction, report_id: UUID) -> RoomReported | None:
        """Give a report, ``None`` if there is no such one."""
        ...


class ReportUnknown(NotFound):
    """There is no such report of this round."""

    code = "room_report_unknown"
    article = "网拍 28"
    zh = "该拍次没有这份竞价现场报告。"
    en = "There is no such report of this round's room."


class ReportAnswered(Conflict):
    """The report was answered before."""

    code = "room_report_answered"
    article = "网拍 28"
    zh = "该报告已处理。"
    en = "This report was answered before."


class StopNotOrdered(Conflict):
    """The court says that it stopped the round, and no order since the report says so."""

    code = "stop_not_ordered"
    article = "网拍 28"
    zh = "报告之后法院未作出暂缓、中止或者撤回，请先作出并用印决定书，办理停止后再答复。"
    en = "No order of the court has stopped this round since the report; order the stop first, then answer."


class AnswerRoomReport(Command, frozen=True, kw_only=True):
    """Say what the court does about a report; ``reason`` stands in the file."""

    report_id: UUID
    round_id: UUID
    measure: Measure
    reason: str


async def answer_room_report(db: Database, actor: Actor, command: AnswerRoomReport, *, reports: RoomReports) -> UUID:
    """Store the court's answer, once, for this report and those that it covers (`RoomReported.alike`).

    An extension itself is ordered by stopping and resuming the round.

    Raises: `ReportUnknown`, `ReportAnswered`, `StopNotOrdered`, `RoundUnknown`, `FieldMissing`. Source: 网拍 28.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER, Role.BUREAU_HEAD)
    reason = require_text("report_answer.reason", command.reason, limit=2000)

    async def work(tx: Transaction) -> UUID:
        round_row, _lot = await store.open_round(tx, command.round_id)
        report = await reports.report(tx, command.report_id)
        if report is None or report.session_id != round_row.session_id:
            raise ReportUnknown(report_id=command.report_id)
        answered = await store.report_answers(tx, [command.round_id])
        if command.report_id in answered:
            raise ReportAnswered(report_id=command.report_id)
        if command.measure == "stopped":
            await _require_stop_since(tx, command.round_id, report.reported_at)
        open_ones = [report_id for report_id in report.alike if report_id not in answered]
        await add(tx, *(_row(tx, actor, command, reason, report_id) for report_id in open_ones))
        return command.report_id

    return await db.carry_out(actor, command, work, UUID)


async def _require_stop_since(tx: Transaction, round_id: UUID, reported_at: datetime) -> None:
    stop = await store.newest_stop(tx, round_id)
    if stop is None or stop.stopped_at < reported_at:
        raise StopNotOrdered


def _row(tx: Transaction, actor: Actor, command: AnswerRoomReport, reason: str, report_id: UUID) -> ReportAnswerRow:
    return ReportAnswerRow(
        report_id=report_id,
        round_id=command.round_id,
        measure=command.measure,
        reason=reason,
        account_id=actor.account_id,
        answered_at=tx.now,
    )
