"""What the court reads of technical trouble in its rooms, and how it answers (网拍 28)."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from bidding.journal.tables import IncidentRow, SessionRow
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_court_pages import send
from tests.web.pages.desks.test_step_pages import step_at
from web.pages import desk_words


async def record_room(court: CourtWorld) -> SessionRow:
    """Record the session of the court's present round."""
    (room,) = await court.rows("SELECT session_id, lot_id, round_id FROM sale.round")

    async def work(tx: Transaction) -> SessionRow:
        row = SessionRow(
            session_id=room.session_id,
            lot_id=room.lot_id,
            round_id=room.round_id,
            shard=0,
            terms="{}",
            genesis=b"\0" * 32,
            digest=b"\0" * 32,
            recorded_at=tx.now,
            opens_us=1,
            end_us=2,
        )
        tx.session.add(row)
        return row

    return await court.db.transact(work)


async def report(court: CourtWorld, room: SessionRow, kind: str, facts: str = "{}") -> None:
    """Let the bidding zone store an incident; the database reports it."""

    async def work(tx: Transaction) -> None:
        row = IncidentRow(incident_id=new_id(), shard=0, session_id=room.session_id, facts=facts)
        row.kind, row.at = kind, tx.now
        tx.session.add(row)

    await court.db.transact(work)


async def test_report_stands_on_the_desk_until_it_is_answered(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The judge finds the report on the desk and in the file, answers it by form, and the desk is clear."""
    await court.announced()
    room = await record_room(court)
    await report(court, room, "stall", '{"sequence":7,"since_us":1790000000000000,"end_us":1790000300000000}')
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
    assert row.said.count("'::text") == len(desk_words.ROOM_REPORTS)


def _report_id(page: httpx.Response) -> str:
    return page.text.split("answer-room-report?report_id=")[1].split('"')[0]
