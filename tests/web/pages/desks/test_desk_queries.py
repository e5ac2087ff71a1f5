"""What the finance desk asks of the database: nothing by case or line, and no limit that old, done work fills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.publish_unclaimed import PublishUnclaimed, publish_unclaimed, unclaimed_shares
from auction.fund.payouts.standing import payouts_made, standing_cases
from auction.fund.payouts.views import payout_file, payouts_of_case
from auction.fund.settlement import views
from auction.fund.settlement.views import payable_lines
from auction.kernel.db import Database
from auction.kernel.ids import new_id
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
    await court.assessed()
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


async def test_payouts_are_asked_for_together(court: CourtWorld) -> None:
    """Two payouts with their chains cost the same queries as one."""
    await court.settled()
    await court.signed(await court.prepared("ordinary"), Step.APPROVE)
    with queries(court.db) as for_one:
        await court.read(lambda tx: payouts_of_case(tx, court.case_id))
    await court.signed(await court.prepared("mortgage"), Step.APPROVE, Step.CHECK)
    with queries(court.db) as for_two:
        found = await court.read(lambda tx: payouts_of_case(tx, court.case_id))

    assert sorted(len(payout.steps) for payout in found) == [2, 3]
    assert len(for_two) == len(for_one)


async def test_account_that_is_confirmed_no_more_leaves_nothing_to_sign(court: CourtWorld) -> None:
    """The sign page offers no fingerprint for a payout whose account confirmation was replaced meanwhile."""
    await court.settled()
    payout = await court.prepared()
    before = await court.read(lambda tx: payout_file(tx, payout.disbursement_id))
    await court.rows(
        "UPDATE fund.payee_account SET state = 'replaced' WHERE payee_account_id = "
        "(SELECT payee_account_id FROM fund.disbursement WHERE disbursement_id = :id) RETURNING 1",
        id=payout.disbursement_id,
    )
    after = await court.read(lambda tx: payout_file(tx, payout.disbursement_id))

    assert before.signed_sha256 == payout.signed_sha256
    assert after.signed_sha256 is None


async def test_unclaimed_shares_are_asked_for_together(court: CourtWorld) -> None:
    """Two shares on the public list cost the same queries as one: everybody may ask for it."""
    plan = await court.settled()
    asked, shown = [], []
    for kind in ("ordinary", "mortgage"):
        line = next(line for line in plan.lines if line.kind == kind)
        publish = PublishUnclaimed(
            command_id=new_id(), unclaimed_id=new_id(), line_id=line.line_id, explanation="查找未果"
        )
        await publish_unclaimed(court.db, court.handler, publish)
        with queries(court.db) as found:
            shown.append(len(await court.read(unclaimed_shares)))
        asked.append(len(found))

    assert shown == [1, 2]
    assert asked[0] == asked[1]
