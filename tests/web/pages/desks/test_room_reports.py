"""What the court reads of technical trouble in its rooms, and how it answers (网拍 28)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import httpx
import msgspec
import pytest

from auction.contracts import BiddingTerms
from auction.kernel.clock import to_us
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.sale.rounds.rounds import RoundState
from bidding.availability.evidence import check_evidence
from bidding.journal.court_reports import INCIDENT_KINDS
from bidding.journal.tables import IncidentRow, SessionRow
from bidding.journal.views import Interruption
from bidding.rules.session import terms_of
from tests.auction.sale.world import CLOSES_AT, OPENS_AT
from tests.bidding.availability.measured import KEY, measure
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_court_pages import send
from tests.web.pages.desks.test_step_pages import step_at
from web.pages import desk_words
from web.pages.availability_shown import MeasuredShown, OutageShown, Stood, stood
from web.pages.court.rooms_page import proposal
from web.pages.room_reports import RoomReport, to_answer
from web.wiring import Wiring


async def record_room(court: CourtWorld) -> SessionRow:
    """Record the session of the court's present round."""
    (room,) = await court.rows("SELECT session_id, lot_id, round_id FROM sale.round")
    written = terms_of(
        BiddingTerms(
            session_id=room.session_id,
            lot_id=room.lot_id,
            round_id=room.round_id,
            rule_set="spc-2016",
            start_price_fen=1_000_000,
            increment_fen=10_000,
            opens_at=OPENS_AT,
            closes_at=CLOSES_AT,
        )
    )
    terms = msgspec.json.encode(written).decode()

    async def work(tx: Transaction) -> SessionRow:
        row = SessionRow(
            session_id=room.session_id,
            lot_id=room.lot_id,
            round_id=room.round_id,
            shard=0,
            terms=terms,
            genesis=b"\0" * 32,
            digest=b"\0" * 32,
            recorded_at=tx.now,
            opens_us=to_us(OPENS_AT),
            end_us=to_us(CLOSES_AT),
        )
        tx.session.add(row)
        return row

    return await court.db.transact(work)


async def report(court: CourtWorld, room: SessionRow, kind: str, facts: str = "{}") -> None:
    """Let the bidding zone store an incident; the database reports it."""

    async def work(tx: Transaction) -> None:
        row = IncidentRow(incident_id=new_id(), shard=0, session_id=room.session_id, facts=facts)
        row.kind = kind
        tx.session.add(row)

    await court.db.transact(work)


async def test_report_stands_on_the_desk_until_it_is_answered(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The judge finds reports of one kind as one on the desk, answers them by form at once, and the desk is clear."""
    await court.announced()
    room = await record_room(court)
    for sequence in (5, 6, 7):
        facts = f'{{"sequence":{sequence},"since_us":1790000000000000,"end_us":1790000300000000}}'
        await report(court, room, "stall", facts)
    await sign_in(desk, "judge1")
    before = await desk.get("/court")
    answer = await send(
        desk,
        f"{step_at(court, 'answer-room-report')}",
        report_id=_report_id(before),
        measure="noted",
        reason="示例理由",
    )
    after = await desk.get("/court")
    file = await desk.get(f"/court/cases/{court.case_id}")

    assert "待答复竞价现场报告1项" in before.text
    assert "提交迟延，竞价计时停走" in before.text
    assert "竞价日志第7号" in before.text
    assert "一并答复的此前报告（2项）" in before.text
    assert "竞价日志第6号" in before.text.split("一并答复的此前报告")[1]
    assert "连同此前同类共3项" in before.text
    assert answer.status_code == 303, answer.text
    assert "待答复竞价现场报告" not in after.text
    assert "已知悉，无须另行处理：示例理由" in file.text


async def test_judge_without_part_reads_no_report(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Reports stand on the desks of those only who have a part in the case."""
    court.handler = msgspec.structs.replace(court.handler, person_id=court.actors["finance1"].person_id)
    await court.announced()
    await report(court, await record_room(court), "platform_pause")
    await sign_in(desk, "judge1")
    page = await desk.get("/court")

    assert page.status_code == 200
    assert "平台紧急暂停" not in page.text


@pytest.mark.parametrize("kind", sorted(desk_words.ROOM_REPORTS))
async def test_every_kind_has_its_name(court: CourtWorld, kind: str) -> None:
    """Each kind of incident that the database takes has a name in both languages, and no other has one."""
    (row,) = await court.rows(
        "SELECT pg_get_constraintdef(oid) AS said FROM pg_constraint WHERE conname = 'incident_kind_check'"
    )

    assert f"'{kind}'" in row.said
    assert kind in INCIDENT_KINDS
    assert row.said.count("'::text") == len(desk_words.ROOM_REPORTS)


async def test_outage_is_shown_with_proposal_and_evidence(
    court: CourtWorld, desk: httpx.AsyncClient, wiring: Wiring
) -> None:
    """The judge sees a measured outage, what is proposed and the ways to order it; the evidence file checks (bid-core 23)."""
    await court.announced()
    room = await record_room(court)
    opened_us = to_us(OPENS_AT)
    await measure(court.db, room.session_id, "." * 30 + "x" * 95 + "." * 30, from_us=opened_us + 60_000_000)
    await court.at(OPENS_AT + timedelta(minutes=10))
    await sign_in(desk, "judge1")
    page = await desk.get(f"/court/cases/{court.case_id}/rooms")
    file = await desk.get(f"/court/cases/{court.case_id}/rooms/{room.session_id}/availability.json")
    desks = await desk.get("/court")

    assert page.status_code == 200, page.text
    for text in (
        "1分35秒",
        "提请法院决定",
        "测得中断合计1分35秒",
        "其余1分35秒未补回",
        "办理暂缓",
        "公布恢复时间",
        "竞价现场实测中断",
        "未测时间",
    ):
        assert text in page.text, text
    assert "竞价现场实测中断" in desks.text
    evidence = wiring.keys.evidence
    found = check_evidence(file.content, {KEY.key_id: KEY.public, evidence.key_id: evidence.public})
    assert found.is_right, found.why
    assert file.headers["cache-control"] == "no-store"
    assert file.headers["x-fingerprint-sha256"] == hashlib.sha256(file.content).hexdigest()


async def test_evidence_of_other_cases_is_not_there(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A session that is not of this case has no file here."""
    await court.announced()
    await record_room(court)
    await sign_in(desk, "judge1")
    answer = await desk.get(f"/court/cases/{court.case_id}/rooms/{new_id()}/availability.json")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("state", "is_over", "said"),
    [
        (RoundState.OPEN, False, "由法院决定暂缓"),
        (RoundState.OPEN, True, "竞价已经结束"),
        (RoundState.SOLD, True, "网拍第31条第2项"),
    ],
)
def test_proposal_depends_on_whether_more_time_can_be_given(state: RoundState, *, is_over: bool, said: str) -> None:
    """While the round runs a deferral is proposed, afterwards a review; never more than a proposal."""
    at = OPENS_AT
    outage = OutageShown(began_at=at, ended_at=at + timedelta(seconds=90), seconds=90, given=None)
    measured = MeasuredShown(
        session_id=new_id(),
        is_over=is_over,
        from_at=at,
        through_at=at + timedelta(hours=1),
        percent="97.500",
        outages=(outage,),
        not_measured="0分0秒",
        interruptions=(),
    )

    assert said in proposal(measured, state)
    assert "1分30秒" in proposal(measured, state)


def test_only_what_nobody_gave_back_is_called_lost() -> None:
    """A moved clock and a rebuilt room's wake-up give time back; a stop by order is no loss; an ordered resumption gives none."""
    moved = [
        Interruption(event="resumed", at_us=900, end_us=2000, since_us=950),
        Interruption(event="stopped", at_us=700, end_us=0, ground="emergency", since_us=700),
        Interruption(event="resumed", at_us=500, end_us=1800, since_us=510),
        Interruption(event="stopped", at_us=430, end_us=0, ground="rebuild", since_us=400),
        Interruption(event="clock_changed", at_us=200, end_us=1500, since_us=100),
    ]

    assert stood(moved, through_us=3000) == [
        Stood(100, 200, moved[4]),
        Stood(400, 510, moved[2]),
        Stood(700, 950, None),
    ]
    assert stood(moved[1:2], through_us=3000) == [Stood(700, 3000, None)]


def test_reports_that_are_decisions_are_answered_one_by_one() -> None:
    """Outages, stalls, rebuilds and clocks of a room are one item that lists what it covers; every other is by itself."""
    round_id = new_id()

    def of(kind: str) -> RoomReport:
        return RoomReport(
            report_id=new_id(),
            case_id=new_id(),
            lot_id=new_id(),
            round_id=round_id,
            kind=kind,
            reported_at=OPENS_AT,
            facts={},
            answer=None,
        )

    reports = [of(kind) for kind in ("outage", "late_decision", "outage", "disagreement", "late_decision", "outage")]
    found = to_answer(reports)

    assert [one.kind for one in found] == ["outage", "late_decision", "disagreement", "late_decision"]
    assert [(one.alike, len(one.covered)) for one in found] == [(3, 2), (1, 0), (1, 0), (1, 0)]
    assert found[0].covered == (reports[2], reports[5])


def _report_id(page: httpx.Response) -> str:
    return page.text.split("answer-room-report?report_id=")[1].split('"')[0]
