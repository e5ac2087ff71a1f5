"""The court answers reports of technical trouble in a room (网拍 28)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from auction.contracts import RoomReported
from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted
from auction.kernel.ids import new_id
from auction.sale.rounds.answer_room_report import (
    AnswerRoomReport,
    Measure,
    ReportAnswered,
    ReportUnknown,
    StopNotOrdered,
    answer_room_report,
)
from auction.sale.rounds.store import report_answers, rooms_of_cases
from tests.auction.sale.rounds.test_stop_round import stop
from tests.auction.sale.world import World

TICK = timedelta(microseconds=1)


class Reports:
    """The bidding zone's reports, made up."""

    def __init__(self, session_id: UUID, reported_at: datetime) -> None:
        """Know one report."""
        newest = new_id()
        self.earlier = new_id()
        self.known = RoomReported(
            report_id=newest, session_id=session_id, reported_at=reported_at, alike=(self.earlier, newest)
        )

    async def report(self, tx: Transaction, report_id: UUID) -> RoomReported | None:
        """Give the one report."""
        return self.known if report_id == self.known.report_id else None


async def reported(world: World) -> Reports:
    """A report of the present round's room, of now."""
    rooms = await world.read(lambda tx: rooms_of_cases(tx, [world.case_id]))
    room = next(room for room in rooms.values() if room.round_id == world.round_id)
    return Reports(room.session_id, await world.read(_now))


async def _now(tx: Transaction) -> datetime:
    return tx.now


async def answer(world: World, reports: Reports, measure: Measure, **changes: UUID) -> UUID:
    """Let the presiding judge answer."""
    command = AnswerRoomReport(
        command_id=new_id(),
        report_id=changes.get("report_id", reports.known.report_id),
        round_id=world.round_id,
        measure=measure,
        reason="示例理由",
    )
    return await answer_room_report(world.db, world.presiding, command, reports=reports)


async def test_answer_is_stored_once(world: World) -> None:
    """An answer stands with its measure and reason, for the earlier ones of its kind too; a second one is refused."""
    await world.announced()
    reports = await reported(world)

    await answer(world, reports, "noted")

    found = await world.read(lambda tx: report_answers(tx, [world.round_id]))
    assert found[reports.known.report_id].measure == "noted"
    assert set(found) == {reports.earlier, reports.known.report_id}
    with pytest.raises(ReportAnswered):
        await answer(world, reports, "review")


@pytest.mark.parametrize("offset", [-TICK, timedelta(0), TICK])
async def test_stopped_means_an_order_since_the_report(world: World, offset: timedelta) -> None:
    """Nobody answers *stopped* without an order of the court; one from before the report is none."""
    await world.announced()
    reports = await reported(world)
    with pytest.raises(StopNotOrdered):
        await answer(world, reports, "stopped")
    await stop(world, "deferral", ground="emergency")
    stopped_at = (await world.rows("SELECT stopped_at FROM sale.stop"))[0].stopped_at
    later = Reports(reports.known.session_id, stopped_at + offset)
    if offset > timedelta(0):
        with pytest.raises(StopNotOrdered):
            await answer(world, later, "stopped")
    else:
        assert await answer(world, later, "stopped") == later.known.report_id


async def test_report_of_another_room_is_unknown(world: World) -> None:
    """A report is answered in its own round only."""
    await world.announced()
    with pytest.raises(ReportUnknown):
        await answer(world, Reports(new_id(), await world.read(_now)), "noted")
    with pytest.raises(ReportUnknown):
        await answer(world, await reported(world), "noted", report_id=new_id())


async def test_clerk_answers_nothing(world: World) -> None:
    """Only who may stop a round answers."""
    await world.announced()
    reports = await reported(world)
    command = AnswerRoomReport(
        command_id=new_id(), report_id=reports.known.report_id, round_id=world.round_id, measure="noted", reason="示例"
    )
    with pytest.raises(NotPermitted):
        await answer_room_report(world.db, world.clerk, command, reports=reports)
