"""Reports of technical trouble in rooms, joined with the cases that they are of and with what the court said to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.clock import from_us
from auction.kernel.db import Transaction
from auction.sale.rounds.store import ReportAnswer, report_answers, rooms_of_cases
from bidding.journal.court_reports import ANSWERED_TOGETHER, Facts, court_reports
from web.display import clock_time_ms, day, lasted
from web.texts import N_, _


class RoomReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report on the desk; ``answer`` is ``None`` until the court has said what it does."""

    report_id: UUID
    case_id: UUID
    lot_id: UUID
    round_id: UUID
    kind: str
    reported_at: datetime
    facts: Facts
    answer: ReportAnswer | None
    alike: int = 1
    """How many unanswered reports of this kind and room one answer covers, this newest one among them."""

    @property
    def said(self) -> list[str]:
        """Give the facts in words, in the language of this request; what is for machines only is left out."""
        told = ((name, self.facts[name]) for name in _SAID if name in self.facts)
        return [_(_SAID[name]).format(fact=_in_words(name, fact)) for name, fact in told]


class OpenReport(RoomReport, frozen=True, kw_only=True):
    """A report that waits for its answer, with the earlier ones that the same answer covers."""

    covered: tuple[RoomReport, ...] = ()


_SAID: dict[str, str] = {
    "began_us": N_("开始：{fact}"),
    "result": N_("现象：{fact}"),
    "since_us": N_("计时停走：{fact}"),
    "received_us": N_("网关收到：{fact}"),
    "decided_us": N_("现场裁断：{fact}"),
    "end_us": N_("截止时间：{fact}"),
    "left_us": N_("剩余时间：{fact}"),
    "sequence": N_("竞价日志第{fact}号"),
    "code": N_("竞买代码：{fact}"),
    "reason": N_("原因代码：{fact}"),
    "ground": N_("事由代码：{fact}"),
}
"""Facts of reports that a judge reads, in their order."""


_RESULTS: dict[str, str] = {
    "no_answer": N_("出价得不到答复"),
    "unreachable": N_("无法连接"),
    "stale": N_("出价得不到保存"),
    "stalled": N_("时钟不一致，停止受理"),
    "room_stalled": N_("计时停走"),
    "room_rebuilding": N_("现场重建中"),
    "room_missing": N_("现场重建中"),
    "wrong_epoch": N_("现场重建中"),
}
"""What a probe saw, in words; any other is the code of the answer."""


def _in_words(name: str, fact: str | int) -> str:
    if name == "left_us":
        return lasted(int(fact) // 1_000_000)
    if name == "result" and fact in _RESULTS:
        return _(_RESULTS[str(fact)])
    if name.endswith("_us"):
        at = from_us(int(fact))
        return f"{day(at)} {clock_time_ms(at)}"
    return str(fact)


async def reports_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> tuple[RoomReport, ...]:
    """Give what was reported of the rooms of these cases, the newest first."""
    rooms = await rooms_of_cases(tx, case_ids)
    answers, reports = await tx.together(
        report_answers(tx, [room.round_id for room in rooms.values()]), court_reports(tx, rooms)
    )
    return tuple(
        RoomReport(
            report_id=report.report_id,
            case_id=rooms[report.session_id].case_id,
            lot_id=rooms[report.session_id].lot_id,
            round_id=rooms[report.session_id].round_id,
            kind=report.kind,
            reported_at=report.reported_at,
            facts=report.facts,
            answer=answers.get(report.report_id),
        )
        for report in reports
    )


def to_answer(reports: Iterable[RoomReport]) -> list[OpenReport]:
    """Give the unanswered reports in the order of the newest, those of a kind that comes in rows as their newest one.

    A bid that was refused too late, a disagreement: each such report is read and answered by itself.
    """
    found: dict[tuple[UUID, str, UUID | None], list[RoomReport]] = {}
    for report in reports:
        if report.answer is None:
            alone = None if report.kind in ANSWERED_TOGETHER else report.report_id
            found.setdefault((report.round_id, report.kind, alone), []).append(report)
    return [_as_one(newest, tuple(earlier)) for newest, *earlier in found.values()]


def _as_one(newest: RoomReport, earlier: tuple[RoomReport, ...]) -> OpenReport:
    told = {name: getattr(newest, name) for name in newest.__struct_fields__}
    return OpenReport(**{**told, "alike": 1 + len(earlier), "covered": earlier})
