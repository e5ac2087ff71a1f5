"""Objections on their way through court, agency and association, on a real database; which figure counts in the end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest

from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import CLERK, FIRST, HANDLER, JUDGE
from tests.valuation.appraisals.test_journey import to_object
from tests.valuation.appraisals.test_procedure import pause, resume, served
from tests.valuation.methods.ground import APPLICANT, DEBTOR, PAPER, TENANT
from valuation.agencies.staff.staff_store import parts_of
from valuation.appraisals.disputes import decide_objection as deciding
from valuation.appraisals.disputes import explain_objection as explaining
from valuation.appraisals.disputes import object_to_report as objecting
from valuation.appraisals.disputes import review_report as reviewing
from valuation.appraisals.reports.submit_report import (
    CorrectionNeeded,
    CorrectReport,
    ExplainReport,
    ReportHandedIn,
    correct_report,
    explain_report,
)
from valuation.appraisals.rules.agency_view import agency_view
from valuation.appraisals.rules.case_file import objection_of
from valuation.appraisals.rules.disputes import AnyGround, ObjectionNotAdmitted
from valuation.appraisals.rules.figures import figure_that_counts
from valuation.objections.decide_objection import ObjectionNotOpen
from valuation.objections.objections import NotServedYet, ObjectionLate

DISPUTED_ON = date(2027, 3, 10)


async def objected(db: Database, *grounds: AnyGround) -> tuple[UUID, UUID]:
    """Serve a report and let the debtor object on 10 March; gives appraisal and objection."""
    appraisal_id = await served(db)
    await stage.go(db, DISPUTED_ON)
    return appraisal_id, await to_object(db, appraisal_id, DEBTOR, *grounds)


async def decide(db: Database, appraisal_id: UUID, objection_id: UUID, *upheld: AnyGround) -> None:
    """Decide an objection as the court."""
    command = deciding.DecideReportObjection(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        objection_id=objection_id,
        upheld=upheld,
        document_sha256=PAPER,
    )
    await deciding.decide_report_objection(db, JUDGE, command)


async def forward(db: Database, appraisal_id: UUID, objection_id: UUID) -> None:
    """Pass an objection on."""
    command = deciding.ForwardObjection(command_id=new_id(), appraisal_id=appraisal_id, objection_id=objection_id)
    await deciding.forward_objection(db, CLERK, command)


async def explain(db: Database, appraisal_id: UUID, objection_id: UUID) -> None:
    """Explain as the first agency."""
    command = explaining.ExplainObjection(
        command_id=new_id(),
        mandate_id=await stage.mandate_id(db, appraisal_id),
        objection_id=objection_id,
        text="已说明",
        document_sha256=PAPER,
    )
    await explaining.explain_objection(db, FIRST, command)


async def state_of(db: Database, appraisal_id: UUID, objection_id: UUID) -> tuple[str, str | None]:
    """Give where an objection stands, and how it was settled."""
    found = objection_of(await stage.read(db, appraisal_id), objection_id)
    assert found is not None
    return found.state, found.settled


async def basis(db: Database, appraisal_id: UUID) -> str | None:
    """Give why the figure counts that counts."""
    figure = figure_that_counts(await stage.read(db, appraisal_id))
    return None if figure is None else figure.basis


async def test_upheld_qualification_comes_before_substance(database: Database) -> None:
    """A mixed objection is not forwarded before it is decided; upheld, the next agency starts and the report counts no more."""
    db = database
    appraisal_id, objection_id = await objected(db, "unqualified", "result")
    other = await to_object(db, appraisal_id, TENANT, "method")
    with pytest.raises(ObjectionNotOpen):
        await forward(db, appraisal_id, objection_id)
    with pytest.raises(deciding.UpheldGroundUnfit):
        await decide(db, appraisal_id, objection_id, "result")
    await decide(db, appraisal_id, objection_id, "unqualified")
    file = await stage.read(db, appraisal_id)

    assert await state_of(db, appraisal_id, objection_id) == ("settled", "upheld")
    assert await state_of(db, appraisal_id, other) == ("settled", "without_object")
    assert file.mandates[0].over is not None
    assert file.mandates[0].over.ground == "objection_upheld"
    assert file.mandates[0].over.return_by == date(2027, 3, 15)
    assert (file.paper, await basis(db, appraisal_id)) == (None, None)


async def test_report_done_again_counts_and_may_be_objected_to(database: Database) -> None:
    """The next agency's report opens new windows, and its figure counts as done again."""
    db = database
    appraisal_id, objection_id = await objected(db, "procedure")
    await decide(db, appraisal_id, objection_id, "procedure")
    await stage.accept(db, stage.NEXT, await stage.mandate_id(db, appraisal_id))
    await stage.inspect(db, stage.NEXT, appraisal_id, date(2027, 3, 20))
    await stage.submit(db, stage.NEXT, appraisal_id, stage.report(2, date(2027, 3, 20), value_fen=300_000_000))
    await stage.check(db, appraisal_id)
    with pytest.raises(NotServedYet):
        await to_object(db, appraisal_id, DEBTOR, "procedure")
    await stage.serve_all(db, date(2027, 3, 22))
    await stage.go(db, date(2027, 3, 30))
    await stage.look(db, appraisal_id)

    assert await basis(db, appraisal_id) == "redone"
    assert [price[0] for price in await stage.prices(db)] == [300_000_000]


async def test_rejected_mixed_objection_goes_on_to_the_agency(database: Database) -> None:
    """Not upheld on procedure, its substance is forwarded and explained in five days."""
    db = database
    appraisal_id, objection_id = await objected(db, "procedure", "result")
    await decide(db, appraisal_id, objection_id)
    await forward(db, appraisal_id, objection_id)
    found = objection_of(await stage.read(db, appraisal_id), objection_id)

    assert found is not None
    assert (found.state, found.explain_by) == ("forwarded", date(2027, 3, 15))


async def test_silent_agency_leads_to_review(database: Database) -> None:
    """A second after the fifth day an explanation is refused, and time itself notes the silence; whom to ask, the court decides."""
    db = database
    appraisal_id, objection_id = await objected(db, "result")
    await forward(db, appraisal_id, objection_id)
    await stage.go(db, date(2027, 3, 15), 23, 59, 59)
    await stage.look(db, appraisal_id)
    assert await state_of(db, appraisal_id, objection_id) == ("forwarded", None)
    await stage.go(db, date(2027, 3, 16), 0)
    with pytest.raises(explaining.ExplanationLate):
        await explain(db, appraisal_id, objection_id)
    await stage.look(db, appraisal_id)

    assert await state_of(db, appraisal_id, objection_id) == ("to_review", None)
    assert await stage.prices(db) == []


async def test_stay_makes_no_silence(database: Database) -> None:
    """Ten days of a stay are deducted from the agency's five days, and from the objector's: nobody was silent meanwhile."""
    db = database
    appraisal_id, objection_id = await objected(db, "result")
    await forward(db, appraisal_id, objection_id)
    pause_id = await pause(db, appraisal_id, date(2027, 3, 10))
    await stage.go(db, date(2027, 3, 18))
    await stage.look(db, appraisal_id)
    await resume(db, appraisal_id, pause_id, date(2027, 3, 20))
    await stage.go(db, date(2027, 3, 24), 23, 59, 59)
    await stage.look(db, appraisal_id)
    assert await state_of(db, appraisal_id, objection_id) == ("forwarded", None)
    await explain(db, appraisal_id, objection_id)
    await stage.serve(db, DEBTOR, date(2027, 3, 24), kind="explanation")
    await stage.go(db, date(2027, 3, 26))
    again = await pause(db, appraisal_id, date(2027, 3, 26))
    await stage.go(db, date(2027, 4, 10))
    await stage.look(db, appraisal_id)
    await resume(db, appraisal_id, again, date(2027, 4, 12))
    await stage.look(db, appraisal_id)
    assert await state_of(db, appraisal_id, objection_id) == ("explained", None)
    dispute = explaining.DisputeExplanation(
        command_id=new_id(), appraisal_id=appraisal_id, objection_id=objection_id, document_sha256=PAPER
    )
    await explaining.dispute_explanation(db, CLERK, dispute)

    assert await state_of(db, appraisal_id, objection_id) == ("to_review", None)


async def test_explanation_that_is_not_disputed_stands(database: Database) -> None:
    """Five days after its service, without a word, the report's figure becomes the price."""
    db = database
    appraisal_id, objection_id = await objected(db, "result")
    await forward(db, appraisal_id, objection_id)
    await explain(db, appraisal_id, objection_id)
    await stage.go(db, date(2027, 4, 20))
    await stage.look(db, appraisal_id)
    assert await stage.prices(db) == [], "an explanation that reached nobody starts no clock"
    await stage.serve(db, DEBTOR, date(2027, 4, 20), kind="explanation")
    await stage.go(db, date(2027, 4, 27), 0)  # the fifth day is a Sunday
    dispute = explaining.DisputeExplanation(
        command_id=new_id(), appraisal_id=appraisal_id, objection_id=objection_id, document_sha256=PAPER
    )
    with pytest.raises(ObjectionLate):
        await explaining.dispute_explanation(db, CLERK, dispute)
    await stage.look(db, appraisal_id)

    assert await state_of(db, appraisal_id, objection_id) == ("settled", "explained")
    assert len(await stage.prices(db)) == 1


async def reviewed(db: Database) -> UUID:
    """Let a silent agency's report be reviewed, and have to be corrected; gives the appraisal."""
    appraisal_id, objection_id = await objected(db, "method")
    await forward(db, appraisal_id, objection_id)
    await stage.go(db, date(2027, 3, 16))
    await stage.look(db, appraisal_id)
    asked = reviewing.AskReview(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        association="示例估价师协会",
        conclude_by=date(2027, 4, 15),
        document_sha256=PAPER,
    )
    review_id = (await reviewing.ask_review(db, HANDLER, asked)).made_id
    assert review_id is not None
    with pytest.raises(reviewing.NothingToReview):
        await reviewing.ask_review(db, HANDLER, msgspec.structs.replace(asked, command_id=new_id()))
    await stage.go(db, date(2027, 4, 6))
    concluded = reviewing.RecordReview(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        review_id=review_id,
        conclusion="to_correct",
        document_sha256=PAPER,
    )
    await reviewing.record_review(db, CLERK, concluded)
    return appraisal_id


async def test_corrected_figure_counts_and_admits_no_objection(database: Database) -> None:
    """What a review had corrected is served on everybody, opens no window, and becomes the price (24, 26)."""
    db = database
    appraisal_id = await reviewed(db)
    order = (await stage.read(db, appraisal_id)).open_order
    assert order is not None
    with pytest.raises(ReportHandedIn):
        await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 4, 6)))
    command = CorrectReport(
        command_id=new_id(),
        mandate_id=await stage.mandate_id(db, appraisal_id),
        order_id=order.order_id,
        report=stage.report(1, date(2027, 4, 6), value_fen=310_000_000),
    )
    prepared = await correct_report(db, FIRST, command)
    await stage.confirm(db, FIRST, command.mandate_id, prepared)
    await stage.check(db, appraisal_id)
    await stage.serve(db, APPLICANT, date(2027, 4, 7))
    objection = objecting.ObjectToReport(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        party_id=APPLICANT,
        against="correction",
        grounds=("result",),
        document_sha256=PAPER,
    )
    with pytest.raises(ObjectionNotAdmitted):
        await objecting.object_to_report(db, CLERK, objection)
    await stage.go(db, date(2027, 4, 8))
    await stage.look(db, appraisal_id)
    assert await stage.prices(db) == [], "not everybody has the corrected report"
    await stage.serve(db, DEBTOR, date(2027, 4, 8))
    await stage.serve(db, TENANT, date(2027, 4, 8))
    await stage.look(db, appraisal_id)

    assert await basis(db, appraisal_id) == "corrected"
    assert [price[0] for price in await stage.prices(db)] == [310_000_000]


@pytest.mark.parametrize("found_by", ["review", "objection"])
async def test_negated_figure_is_not_explained_into_a_price(database: Database, found_by: str) -> None:
    """What a review or an upheld objection found is corrected: words are refused, not offered, and settle nothing."""
    db = database
    if found_by == "review":
        appraisal_id = await reviewed(db)
    else:
        appraisal_id, objection_id = await objected(db, "scope_wrong")
        await decide(db, appraisal_id, objection_id, "scope_wrong")
    file = await stage.read(db, appraisal_id)
    assert file.open_order is not None
    mandate = await stage.mandate_id(db, appraisal_id)
    command = ExplainReport(
        command_id=new_id(),
        mandate_id=mandate,
        order_id=file.open_order.order_id,
        text="报告无误",
        document_sha256=PAPER,
    )
    async with db.reading() as tx:
        view = agency_view(file, mandate, own=await parts_of(tx, FIRST), now=tx.now, calendar=COURT_CALENDAR)
    with pytest.raises(CorrectionNeeded):
        await explain_report(db, FIRST, command)
    await stage.look(db, appraisal_id)

    assert ("correct" in view.may, "explain" in view.may) == (True, False)
    assert (len((await stage.read(db, appraisal_id)).open_objections), await stage.prices(db)) == (1, [])


async def test_upheld_basics_are_corrected_by_the_same_agency(database: Database) -> None:
    """An upheld objection to basics orders a correction in three days; the mandate stays."""
    db = database
    appraisal_id, objection_id = await objected(db, "basics_wrong")
    mandate = await stage.mandate_id(db, appraisal_id)
    await decide(db, appraisal_id, objection_id, "basics_wrong")
    file = await stage.read(db, appraisal_id)

    assert await stage.mandate_id(db, appraisal_id) == mandate
    assert file.open_order is not None
    assert (file.open_order.ground, file.open_order.due_on) == ("objection", date(2027, 3, 15))


async def test_day_six_is_late_unless_day_five_is_a_day_off(database: Database) -> None:
    """Served on a Tuesday, day five is a Sunday: Monday is in time, Tuesday is not; who was never served has no window."""
    db = database
    appraisal_id = await served(db)
    await stage.go(db, date(2027, 3, 15), 23, 59, 59)
    await to_object(db, appraisal_id, DEBTOR, "result")
    await stage.go(db, date(2027, 3, 16), 0)
    with pytest.raises(ObjectionLate):
        await to_object(db, appraisal_id, APPLICANT, "result")
    with pytest.raises(NotServedYet):
        await to_object(db, appraisal_id, new_id(), "result")
