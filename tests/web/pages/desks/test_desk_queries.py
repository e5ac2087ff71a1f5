"""What the finance desk asks of the database: nothing by case or line, and no limit that old, done work fills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event, text

from auction.fund.claims.claims import ClaimKind
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.publish_unclaimed import PublishUnclaimed, publish_unclaimed, unclaimed_shares
from auction.fund.payouts.standing import payouts_made, standing_cases
from auction.fund.payouts.views import payout_file, payouts_of_case
from auction.fund.settlement import views
from auction.fund.settlement.views import payable_lines
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.parties import PartyRole
from tests.questions import put_to_postgres
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from web.pages.steps.offered import StageOffered, offered_steps
from web.pages.steps.read_known import read_known, read_money_known
from web.pages.steps.step_form import Stage

CASE_MONEY_QUERIES = 62
"""Most questions that the page of a case's money puts to the database: one for each kind of thing on it."""
CASE_FILE_QUERIES = 99
"""The same of the page of the whole file, for one asset and one lot."""


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

    assert len(lines) > 2
    assert len(asked) <= 2 + 1  # the lines, the names of their payees, and the clock of the installation


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


async def test_case_pages_ask_a_bounded_number_of_questions(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """More claims, more lines of the plan and more payouts cost the pages of a case no question more."""
    await court.settled()
    await court.signed(await court.prepared("ordinary"), Step.APPROVE)
    await court.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, Money.yuan(1_000))
    await sign_in(desk, "judge1")
    pages = {f"/finance/cases/{court.case_id}": CASE_MONEY_QUERIES, f"/court/cases/{court.case_id}": CASE_FILE_QUERIES}
    asked: dict[bool, dict[str, int]] = {False: {}, True: {}}
    for grown in (False, True):
        if grown:
            await court.signed(await court.prepared("mortgage"), Step.APPROVE, Step.CHECK)
            for _ in range(3):
                await court.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, Money.yuan(1_000))
        for path in pages:
            assert (await desk.get(path)).status_code == 200  # a statement travels with others once it is known
            with put_to_postgres() as found:
                assert (await desk.get(path)).status_code == 200
            asked[grown][path] = len(found)

    assert asked[True] == asked[False]
    assert all(asked[True][path] <= most for path, most in pages.items()), asked


async def test_snapshot_that_asks_once_answers_as_any_other(court: CourtWorld) -> None:
    """The same question with the same values is put once, with other values again, and rows, scalars and texts come back alike."""
    await court.settled()
    question = text("SELECT number, cause FROM fund.entry WHERE case_id = :case AND number <= :most ORDER BY number")
    answers = []
    with queries(court.db) as asked:
        async with court.db.reading(asks_once=True) as tx:
            for most in (2, 2, 3):
                rows = await tx.session.execute(question, {"case": court.case_id, "most": most})
                answers.append(rows.all())
            lines = [await payable_lines(tx, [court.case_id]) for _ in range(2)]
    plain = await court.read(lambda tx: payable_lines(tx, [court.case_id]))

    assert [len(rows) for rows in answers] == [2, 2, 3]
    assert [line.line for line in lines[0]] == [line.line for line in lines[1]] == [line.line for line in plain]
    assert sum("fund.entry" in statement for statement in asked) == 2
    assert sum("fund.plan_line" in statement for statement in asked) == 1


@pytest.mark.parametrize("stage", ["announced", "settled"])
async def test_money_page_offers_what_the_whole_file_offers(court: CourtWorld, stage: str) -> None:
    """The part of a case that the money page reads is enough: it offers the same steps as the whole file."""
    await getattr(court, stage)()
    for actor in (court.actors[name] for name in ("judge1", "finance1", "vice1")):
        whole = await court.read(lambda tx, who=actor: read_known(tx, court.case_id, who.person_id, {}))  # type: ignore[misc]
        part = await court.read(lambda tx: read_money_known(tx, court.case_id, {}))
        for insider in (True, False):
            steps = [_money_steps(offered_steps(actor, known, insider=insider)) for known in (whole, part)]
            assert steps[0] == steps[1]


def _money_steps(offered: tuple[StageOffered, ...]) -> list[str]:
    """Give the steps of the money stage, and those of others to which the page of a case's money links."""
    linked = ("/add-party", "/ask-panel-default", "/open-case-account")
    return [
        step.href
        for stage in offered
        for step in stage.steps
        if stage.stage is Stage.MONEY or step.href.endswith(linked)
    ]
