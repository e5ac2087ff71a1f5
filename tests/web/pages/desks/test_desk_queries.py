"""What the finance desk asks of the database: nothing by case or line, and no limit that old, done work fills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from auction.fund.payouts.standing import payouts_made, standing_cases
from auction.fund.settlement import views
from auction.fund.settlement.views import payable_lines
from auction.kernel.db import Database
from tests.web.pages.desks.court_world import CourtWorld


@contextmanager
def queries(db: Database) -> Iterator[list[str]]:
    """Collect the SELECTs that a database is asked meanwhile."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def test_lines_that_are_paid_hide_no_line_that_is_not(court: CourtWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many settled lines are paid already, what is left to pay stands on the desk."""
    await court.settled()
    before = await court.read(lambda tx: payable_lines(tx, [court.case_id]))
    await court.prepared(before[0].line.kind)
    monkeypatch.setattr(views, "DESK_LIMIT", 1)
    after = await court.read(lambda tx: payable_lines(tx, [court.case_id]))

    assert len(before) > 1
    assert [line.line for line in after] == [before[1].line]


async def test_lines_to_pay_are_asked_for_together(court: CourtWorld) -> None:
    """The lines to pay cost the same few queries, however many they are."""
    await court.settled()
    with queries(court.db) as asked:
        lines = await court.read(lambda tx: payable_lines(tx, [court.case_id]))
    with queries(court.db) as for_none:
        await court.read(lambda tx: payable_lines(tx, []))

    assert len(lines) > 2
    assert len(asked) == len(for_none)


async def test_standing_cases_are_asked_for_together(court: CourtWorld) -> None:
    """The list of money that stands costs five queries (cases, courts, their days, delays, their steps); figures cost no more."""
    await court.settled()
    with queries(court.db) as asked:
        found = await court.read(standing_cases)
    with queries(court.db) as for_figures:
        await court.read(payouts_made)

    assert [case.case_id for case in found] == [court.case_id]
    assert len(asked) <= 5 + 1  # the clock of the installation
    assert len(for_figures) <= 5 + 1
