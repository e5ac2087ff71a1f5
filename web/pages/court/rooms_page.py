"""What the court sees of its rooms: measured outages with their evidence, what the rooms gave back by themselves, reports.

Nothing is extended by a machine beyond rules 11 and 12: where bidders lost time, more is *proposed*, and the court orders
it as it orders any stop and resumption, or does not (网拍 28).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Role
from auction.kernel.errors import NotFound
from auction.sale.case_access import require_part
from auction.sale.rounds.rounds import RUNNING, RoundState
from auction.sale.rounds.store import rooms_of_cases
from auction.sale.views import RoundShown
from web.auth.guards import roles
from web.display import lasted
from web.injected import TheActor, TheDb, TheWiring
from web.pages import desk_words as words
from web.pages.availability_shown import PRIVATE_CACHE, SECOND_US, MeasuredShown, evidence_answer, measured_shown
from web.pages.case_file import LotFile, file_of
from web.pages.desk import desk_page
from web.pages.readers import CASE_READERS
from web.pages.room_reports import OpenReport, RoomReport, to_answer
from web.texts import _

ANSWERERS = frozenset({Role.CASE_HANDLER, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD})


class RoomUnknown(NotFound):
    """The case has no such room."""

    code = "case_room_unknown"
    article = "house: a room is looked at in its own case"
    zh = "该案没有这个竞价现场。"
    en = "The case has no such room."


class RoomShown(msgspec.Struct, frozen=True, kw_only=True):
    """One room on the desk."""

    round_id: UUID
    title: str
    kind: str
    measured: MeasuredShown
    reports: tuple[RoomReport, ...]
    proposal: str
    """What is proposed to the court; empty: nothing."""
    may_extend: bool

    @property
    def open_reports(self) -> list[OpenReport]:
        """The reports that wait for an answer, those that one answer covers as one."""
        return to_answer(self.reports)


@get("/court/cases/{case_id:uuid}/rooms", opt=dict(roles(*CASE_READERS)), include_in_schema=False)
async def show_rooms(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the rooms of a case, the newest round of each lot first."""
    async with db.reading(asks_once=True) as tx:
        case, file = await tx.together(require_part(tx, actor, case_id), file_of(tx, case_id, actor.person_id))
        shown = [(lot, one) for lot in file.lots for one in reversed(lot.lot.rounds)]
        measured_in = await tx.each([one.session_id for _, one in shown], lambda room: measured_shown(tx, room))
        found = [(lot, one, measured_in[one.session_id]) for lot, one in shown]
    return desk_page(
        request,
        "court/rooms.html",
        case=case,
        rooms=[_room(lot, one, measured, file.reports) for lot, one, measured in found if measured is not None],
        may_answer=not actor.roles.isdisjoint(ANSWERERS),
    )


@get(
    "/court/cases/{case_id:uuid}/rooms/{session_id:uuid}/availability.json",
    opt=dict(roles(*CASE_READERS)),
    include_in_schema=False,
)
async def download_evidence(
    case_id: FromPath[UUID],
    session_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    db: TheDb,
    actor: TheActor,
    wiring: TheWiring,
) -> Response[bytes]:
    """Give the evidence file of a room of this case, as far as it was measured."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        if session_id not in await rooms_of_cases(tx, [case_id]):
            raise RoomUnknown
    known = request.headers.get("if-none-match", "")
    return await evidence_answer(db, session_id, wiring.keys.evidence, if_none_match=known, cache=PRIVATE_CACHE)


def _room(lot: LotFile, one: RoundShown, measured: MeasuredShown, reports: tuple[RoomReport, ...]) -> RoomShown:
    of_round = tuple(report for report in reports if report.round_id == one.round_id)
    is_open = any(report.answer is None for report in of_round)
    may_extend = one.state in RUNNING and not measured.is_over
    return RoomShown(
        round_id=one.round_id,
        title=words.in_language(lot.terms.title_zh, lot.terms.title_en) if lot.terms else _("拍品"),
        kind=one.kind,
        measured=measured,
        reports=of_round,
        proposal=proposal(measured, one.state) if measured.outages and is_open else "",
        may_extend=may_extend,
    )


def proposal(measured: MeasuredShown, state: RoundState) -> str:
    """Say what was measured, what of it bidders have got back, and what is proposed to the court for the rest."""
    told = _("测得中断合计{total}，其中竞价已被停止的{stopped}，现场已自动补回的{given}，其余{lost}未补回。").format(
        total=lasted(sum(outage.seconds for outage in measured.outages)),
        stopped=_whole(sum(outage.stopped_us for outage in measured.outages)),
        given=_whole(sum(outage.given_us for outage in measured.outages)),
        lost=_whole(sum(outage.lost_us for outage in measured.outages)),
    )
    if state in RUNNING and not measured.is_over:
        return told + _(
            "平台只作自动补足；需要更多时间的，由法院决定暂缓，并公布恢复时间，恢复后按所余时间继续，至少五分钟。"
        )
    return told + _("竞价已经结束。是否影响成交，由法院审查（网拍第31条第2项）。")


def _whole(length_us: int) -> str:
    return lasted(-(-length_us // SECOND_US))
