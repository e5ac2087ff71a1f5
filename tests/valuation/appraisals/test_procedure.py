"""What time and decisions do to an appraisal, on a real database: pauses, extensions, lateness, failure, re-issue."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import CLERK, FIRST, HANDLER, JUDGE, NEXT, THIRD
from tests.valuation.appraisals.test_journey import Sold
from tests.valuation.methods.ground import APPLICANT, ASSET, DEBTOR, PAPER, find
from valuation.agencies.decide_change import DecideChange, decide_change
from valuation.agencies.propose_suspension import ProposeSuspension, propose_suspension
from valuation.appraisals import store
from valuation.appraisals.fees.state_fee import FeeNotDue, FeeOutcomeDiffers, StateFee, state_fee
from valuation.appraisals.keep_history import AppraisalOver
from valuation.appraisals.mandates import extend_term as extending
from valuation.appraisals.mandates.answer_mandate import (
    DeclineMandate,
    NoteMandateReceived,
    decline_mandate,
    note_mandate_received,
)
from valuation.appraisals.mandates.ask_court import AskCourt, ask_court
from valuation.appraisals.mandates.inspect_site import (
    RecordInspection,
    TellInspection,
    record_inspection,
    tell_inspection,
)
from valuation.appraisals.mandates.mandate_agency import MandateAgency, mandate_agency
from valuation.appraisals.mandates.replace_agency import AgencyStillInTime, ReplaceAgency, replace_silent_agency
from valuation.appraisals.procedure import end_appraisal as ending
from valuation.appraisals.procedure import pause_appraisal as pausing
from valuation.appraisals.procedure.start_appraisal import ReissueNotDue, ReissueReport, reissue_report
from valuation.appraisals.reports.submit_report import (
    AppraisalPaused,
    ReportHandedIn,
    ReportLate,
    SiteNotInspected,
)
from valuation.appraisals.rules.clocks import clocks
from valuation.appraisals.rules.inspections import Inspection, InspectionMisdated, InspectionNotTold, WitnessMissing
from valuation.appraisals.rules.limits import ExtensionAskedLate, ExtensionPending
from valuation.appraisals.store import AppraisalUnknown
from valuation.appraisals.views import published_mandates
from valuation.methods.step_store import step
from valuation.methods.steps import PriceStands
from valuation.selections.selection_store import ranks
from web.sample_agencies import sample_agency_id

DAY = timedelta(days=1)
LAST = date(2027, 3, 31)
"""The thirtieth day after 1 March, a Wednesday."""


class Announced:
    """A sale that was announced at this instant; ``None``: never."""

    def __init__(self, at: datetime | None) -> None:
        """Take the instant."""
        self.at = at

    async def first_announced_at(self, tx: Transaction, asset_id: UUID, *, since: datetime) -> datetime | None:
        """Give it, unless it lies before."""
        return None if self.at is None or self.at < since else self.at


async def accepted(db: Database) -> tuple[UUID, UUID]:
    """Let the first agency accept on 1 March; gives appraisal and mandate."""
    appraisal_id = await stage.begin(db)
    mandate = await stage.send(db, appraisal_id)
    await stage.accept(db, FIRST, mandate)
    return appraisal_id, mandate


async def served(db: Database) -> UUID:
    """Let the first agency's report reach everybody on 9 March."""
    appraisal_id, _mandate = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 8)))
    await stage.check(db, appraisal_id)
    await stage.serve_all(db, date(2027, 3, 9))
    return appraisal_id


async def pause(db: Database, appraisal_id: UUID, day: date) -> UUID:
    """Defer the appraisal for missing material."""
    command = pausing.PauseAppraisal(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        kind="appraisal_deferral",
        ground="materials_wrong",
        from_day=day,
        document_sha256=PAPER,
    )
    made = (await pausing.pause_appraisal(db, HANDLER, command)).made_id
    assert made is not None
    return made


async def ask(db: Database, mandate: UUID, days: int = 15) -> UUID:
    """Ask for more days as the first agency."""
    command = extending.AskExtension(
        command_id=new_id(), mandate_id=mandate, days=days, reason="标的复杂", document_sha256=PAPER
    )
    made = (await extending.ask_extension(db, FIRST, command)).made_id
    assert made is not None
    return made


async def decide(db: Database, appraisal_id: UUID, request_id: UUID, days: int) -> None:
    """Grant days."""
    command = extending.DecideExtension(
        command_id=new_id(), appraisal_id=appraisal_id, request_id=request_id, granted_days=days
    )
    await extending.decide_extension(db, HANDLER, command)


# Time ----------------------------------------------------------------------------------------------------------------


async def test_question_stops_no_clock_but_a_deferral_does(database: Database) -> None:
    """Asking for material changes nothing; ten days of deferral for it are deducted, and no report is taken meanwhile."""
    db = database
    appraisal_id, mandate = await accepted(db)
    question = AskCourt(command_id=new_id(), mandate_id=mandate, for_material=True, text="缺少房屋平面图")
    await ask_court(db, FIRST, question)
    file = await stage.read(db, appraisal_id)
    assert file.mandate is not None
    assert file.report_end(file.mandate, COURT_CALENDAR) == LAST

    await stage.go(db, date(2027, 3, 10))
    pause_id = await pause(db, appraisal_id, date(2027, 3, 10))
    with pytest.raises(AppraisalPaused):
        await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 10)))
    await stage.go(db, date(2027, 3, 20))
    command = pausing.ResumeAppraisal(
        command_id=new_id(), appraisal_id=appraisal_id, pause_id=pause_id, on_day=date(2027, 3, 20)
    )
    await pausing.resume_appraisal(db, HANDLER, command)
    file = await stage.read(db, appraisal_id)

    assert file.mandate is not None
    assert file.report_end(file.mandate, COURT_CALENDAR) == COURT_CALENDAR.first_working_day(LAST + 10 * DAY)


async def test_nobody_is_late_while_the_clock_stands(database: Database) -> None:
    """A look at the old end finds the clock standing and takes nothing away."""
    appraisal_id, mandate = await accepted(database)
    await stage.go(database, LAST)
    await pause(database, appraisal_id, LAST)
    await stage.go(database, LAST + 10 * DAY)
    await stage.look(database, appraisal_id)

    assert await stage.mandate_id(database, appraisal_id) == mandate


async def test_extension_asked_in_time_holds_lateness_up_until_it_is_decided(database: Database) -> None:
    """The last instant of the fifth day before counts; undecided nobody is late; refused afterwards, the next one is asked."""
    db = database
    appraisal_id, mandate = await accepted(db)
    await stage.go(db, LAST - 5 * DAY, 23, 59, 59)
    request = await ask(db, mandate)
    with pytest.raises(ExtensionPending):
        await ask(db, mandate)
    await stage.go(db, LAST + 3 * DAY)
    await stage.look(db, appraisal_id)
    assert await stage.mandate_id(db, appraisal_id) == mandate

    await decide(db, appraisal_id, request, 0)
    await stage.look(db, appraisal_id)
    file = await stage.read(db, appraisal_id)
    assert file.mandates[0].over is not None
    assert file.mandates[0].over.ground == "late"
    assert file.mandate is not None
    assert file.mandate.agency_id != file.mandates[0].agency_id


async def test_extension_asked_a_second_late_is_refused(database: Database) -> None:
    """The first instant of the fourth day before the end is too late."""
    _appraisal_id, mandate = await accepted(database)
    await stage.go(database, LAST - 4 * DAY, 0)

    with pytest.raises(ExtensionAskedLate):
        await ask(database, mandate)


async def test_granted_extension_moves_the_end_and_its_look(database: Database) -> None:
    """Fifteen days granted: the report is taken on the new last day, and refused a day later."""
    db = database
    appraisal_id, mandate = await accepted(db)
    await decide(db, appraisal_id, await ask(db, mandate), 15)
    end = date(2027, 4, 15)
    assert stage.at(end + DAY, 0) in await stage.looks_due(db)

    await stage.go(db, end, 23, 59, 59)
    with pytest.raises(SiteNotInspected):
        await stage.submit(db, FIRST, appraisal_id, stage.report(1, end))
    await stage.go(db, end + DAY, 0)
    with pytest.raises(ReportLate):
        await stage.submit(db, FIRST, appraisal_id, stage.report(1, end))


# Agencies ------------------------------------------------------------------------------------------------------------


async def test_silent_agency_is_replaced_by_decision_only(database: Database) -> None:
    """Before its day is over it may answer; afterwards the court, not time, asks the next one."""
    db = database
    appraisal_id = await stage.begin(db)
    mandate = await stage.send(db, appraisal_id, answer_by=date(2027, 3, 5))
    command = ReplaceAgency(command_id=new_id(), appraisal_id=appraisal_id, document_sha256=PAPER)
    await stage.go(db, date(2027, 3, 5), 23, 59, 59)
    with pytest.raises(AgencyStillInTime):
        await replace_silent_agency(db, HANDLER, command)
    await stage.go(db, date(2027, 3, 6), 0)
    await stage.look(db, appraisal_id)
    assert await stage.mandate_id(db, appraisal_id) == mandate
    await replace_silent_agency(db, HANDLER, command)

    assert await stage.mandate_id(db, appraisal_id) != mandate


@pytest.mark.parametrize(
    ("answer_by", "lasts_until"),
    [(date(2027, 3, 3), None), (date(2027, 3, 4), date(2027, 3, 4)), (date(2027, 3, 6), date(2027, 3, 8))],
)
async def test_agency_has_three_working_days_to_answer(
    database: Database, answer_by: date, lasts_until: date | None
) -> None:
    """Asked on a Monday, it has until Thursday at least; a last day that is a day off rolls over."""
    appraisal_id = await stage.begin(database)
    if lasts_until is None:
        with pytest.raises(Refusal, match="appraisal_answer_day_early"):
            await stage.send(database, appraisal_id, answer_by=answer_by)
        return
    await stage.send(database, appraisal_id, answer_by=answer_by)
    mandate = (await stage.read(database, appraisal_id)).mandate

    assert mandate is not None
    assert mandate.answer_by == lasts_until


async def replaced_for(db: Database, choice_id: UUID) -> list[str | None]:
    """Give the published reasons of the three, by rank."""
    async with db.reading() as tx:
        return [row.replaced_for for row in await ranks(tx, choice_id)]


async def test_silence_is_published_as_silence(database: Database) -> None:
    """Who did not answer did not decline."""
    appraisal_id = await stage.begin(database)
    await stage.send(database, appraisal_id)
    await stage.go(database, date(2027, 3, 8))
    command = ReplaceAgency(command_id=new_id(), appraisal_id=appraisal_id, document_sha256=PAPER)
    await replace_silent_agency(database, HANDLER, command)

    assert await replaced_for(database, appraisal_id) == ["no_answer", None, None]


async def suspend(db: Database, *numbers: int) -> None:
    """Suspend sample agencies from today."""
    for number in numbers:
        command = ProposeSuspension(
            command_id=new_id(),
            change_id=new_id(),
            agency_id=sample_agency_id(f"agency-{number}"),
            from_on=date(2027, 3, 1),
            until_on=date(2027, 6, 1),
            reason="行业处理",
            document_sha256=PAPER,
        )
        change_id = await propose_suspension(db, stage.KEEPER, command)
        decision = DecideChange(command_id=new_id(), change_id=change_id, decision="confirmed")
        await decide_change(db, stage.SECOND, decision)


async def test_first_is_looked_at_when_its_turn_comes(database: Database) -> None:
    """Suspended since it was chosen, it is passed over with that reason, and the next one is asked."""
    appraisal_id = await stage.begin(database)
    await suspend(database, 1)
    await stage.send(database, appraisal_id)
    mandate = (await stage.read(database, appraisal_id)).mandate

    assert mandate is not None
    assert mandate.agency_id == sample_agency_id("agency-2")
    assert await replaced_for(database, appraisal_id) == ["suspended", None, None]


async def test_court_decides_when_nobody_may_be_asked(database: Database) -> None:
    """All three passed over, each with its reason: the court decides, and a new choice may be ordered."""
    appraisal_id = await stage.begin(database)
    await suspend(database, 1, 2, 3)
    command = MandateAgency(command_id=new_id(), appraisal_id=appraisal_id, answer_by=date(2027, 3, 5))
    moved = await mandate_agency(database, CLERK, command)

    assert (moved.state, moved.made_id) == ("exhausted", None)
    assert await replaced_for(database, appraisal_id) == ["suspended"] * 3


async def test_who_failed_on_the_asset_is_passed_over(database: Database) -> None:
    """An agency whose turn ended in an earlier choice for this asset gets no mandate in the next one."""
    appraisal_id = await all_declined(database)
    order = ending.DecideExhausted(
        command_id=new_id(), appraisal_id=appraisal_id, decision="new_choice", document_sha256=PAPER
    )
    choice_id = (await ending.decide_exhausted(database, JUDGE, order)).made_id
    assert choice_id is not None
    await stage.rank(database, choice_id, 1, 5, 6)
    await stage.send(database, appraisal_id)

    assert await replaced_for(database, choice_id) == ["failed_this_mandate", None, None]


async def all_declined(db: Database) -> UUID:
    """Let all three agencies decline, the first without a reason."""
    appraisal_id = await stage.begin(db)
    await stage.send(db, appraisal_id)
    for who, reason in ((FIRST, ""), (NEXT, "与被执行人有业务往来"), (THIRD, "无相应人员")):
        command = DeclineMandate(
            command_id=new_id(),
            mandate_id=await stage.mandate_id(db, appraisal_id),
            ground="interest" if who is NEXT else "no_capacity",
            reason=reason,
        )
        await decline_mandate(db, who, command)
    return appraisal_id


async def test_failure_of_all_three_waits_for_the_court(database: Database) -> None:
    """Time decides nothing; by order agencies are chosen anew under an id of their own, and the first of them is asked."""
    db = database
    appraisal_id = await all_declined(db)
    await stage.go(db, date(2027, 5, 3))
    await stage.look(db, appraisal_id)
    file = await stage.read(db, appraisal_id)
    assert file.state == "exhausted"
    assert [held.has_removal_lead for held in file.mandates] == [True, False, False]
    assert [held.over.ground for held in file.mandates if held.over] == ["declined", "recused", "declined"]

    order = ending.DecideExhausted(
        command_id=new_id(), appraisal_id=appraisal_id, decision="new_choice", document_sha256=PAPER
    )
    choice_id = (await ending.decide_exhausted(db, JUDGE, order)).made_id
    assert choice_id is not None
    await stage.rank(db, choice_id, 4, 5, 6)
    await stage.send(db, appraisal_id, answer_by=date(2027, 5, 10))
    file = await stage.read(db, appraisal_id)
    assert file.mandate is not None
    assert (file.mandate.ordinal, file.mandate.agency_id) == (4, sample_agency_id("agency-4"))


async def test_reasons_for_declining_are_published(database: Database) -> None:
    """Of each agency everybody may read what it answered and why; nothing else of the case."""
    await all_declined(database)
    async with database.reading() as tx:
        published = [
            (one.declined_ground, one.declined_reason)
            for number in (1, 2, 3)
            for one in await published_mandates(tx, sample_agency_id(f"agency-{number}"))
        ]

    assert published == [
        ("no_reason", ""),
        ("interest", "与被执行人有业务往来"),
        ("no_capacity", "无相应人员"),
    ]


async def test_court_may_end_what_all_agencies_failed(database: Database) -> None:
    """The step ends failed, and nothing follows any more."""
    appraisal_id = await all_declined(database)
    decision = ending.DecideExhausted(
        command_id=new_id(), appraisal_id=appraisal_id, decision="failed", document_sha256=PAPER
    )
    await ending.decide_exhausted(database, JUDGE, decision)
    async with database.reading() as tx:
        ended = await step(tx, appraisal_id)

    assert (ended.outcome, ended.reason) == ("failed", "all_agencies_failed")
    with pytest.raises(AppraisalOver):
        await stage.send(database, appraisal_id)


async def test_agency_cannot_touch_anothers_mandate(database: Database) -> None:
    """To another agency's officer the mandate does not exist."""
    appraisal_id, mandate = await accepted(database)
    with pytest.raises(AppraisalUnknown):
        await stage.submit(database, NEXT, appraisal_id, stage.report(1, date(2027, 3, 1)), mandate=mandate)
    with pytest.raises(AppraisalUnknown):
        await stage.accept(database, THIRD, mandate)


async def test_inspection_needs_notice_and_for_who_is_absent_a_witness(database: Database) -> None:
    """Without notice it does not count; with a party absent and no witness neither; the report then says nothing of it."""
    db = database
    appraisal_id, mandate = await accepted(db)
    held = Inspection(
        held_at=stage.at(date(2027, 3, 1), 8),
        appraisers=("S-1",),
        present=(APPLICANT, DEBTOR),
        has_witness=True,
        record_sha256=PAPER,
    )
    with pytest.raises(InspectionNotTold):
        await record_inspection(db, FIRST, RecordInspection(command_id=new_id(), mandate_id=mandate, inspection=held))
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    alone = Inspection(
        held_at=stage.at(date(2027, 3, 8), 10),
        appraisers=("S-1",),
        present=(APPLICANT,),
        has_witness=False,
        record_sha256=PAPER,
    )
    with pytest.raises(WitnessMissing):
        await record_inspection(db, FIRST, RecordInspection(command_id=new_id(), mandate_id=mandate, inspection=alone))


async def test_next_agency_inspects_for_itself(database: Database) -> None:
    """Neither the notice nor the inspection of the agency before it counts for the next one, nor one before its time."""
    db = database
    appraisal_id, _mandate = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    await stage.go(db, LAST + DAY, 0)
    await stage.look(db, appraisal_id)
    second = await stage.mandate_id(db, appraisal_id)
    await stage.accept(db, NEXT, second)
    with pytest.raises(SiteNotInspected):
        await stage.submit(db, NEXT, appraisal_id, stage.report(2, LAST + DAY))
    told = TellInspection(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        planned_at=stage.at(LAST + DAY, 10),
        told=(APPLICANT, DEBTOR),
        document_sha256=PAPER,
    )
    await tell_inspection(db, CLERK, told)
    early = Inspection(
        held_at=stage.at(LAST + DAY, 9, 59),
        appraisers=("S-1",),
        present=(APPLICANT, DEBTOR),
        has_witness=True,
        record_sha256=PAPER,
    )
    await stage.go(db, LAST + DAY, 11)
    with pytest.raises(InspectionMisdated):
        await record_inspection(db, NEXT, RecordInspection(command_id=new_id(), mandate_id=second, inspection=early))


async def test_who_was_told_of_another_time_was_not_told(database: Database) -> None:
    """A party told of the tenth is not told of an inspection on the eighth, and the inspection on the eighth is refused."""
    db = database
    appraisal_id, mandate = await accepted(db)
    for day, party in ((date(2027, 3, 10), APPLICANT), (date(2027, 3, 8), DEBTOR)):
        told = TellInspection(
            command_id=new_id(),
            appraisal_id=appraisal_id,
            planned_at=stage.at(day, 10),
            told=(party,),
            document_sha256=PAPER,
        )
        await tell_inspection(db, CLERK, told)
    held = Inspection(
        held_at=stage.at(date(2027, 3, 8), 10),
        appraisers=("S-1",),
        present=(DEBTOR,),
        has_witness=True,
        record_sha256=PAPER,
    )
    await stage.go(db, date(2027, 3, 11))
    command = RecordInspection(command_id=new_id(), mandate_id=mandate, inspection=held)
    with pytest.raises(InspectionNotTold):
        await record_inspection(db, FIRST, command)


# Reports, twice, late, never -----------------------------------------------------------------------------------------


async def test_missed_correction_takes_the_mandate_away(database: Database) -> None:
    """Ordered to correct, silent for three days: the file goes back and the next one is asked (19(3), 20)."""
    db = database
    appraisal_id, _mandate = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 8)))
    with pytest.raises(ReportHandedIn):
        await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 8)))
    await stage.check(db, appraisal_id, "scope_wrong")
    await stage.go(db, date(2027, 3, 11), 23, 59, 59)
    await stage.look(db, appraisal_id)
    assert (await stage.read(db, appraisal_id)).state == "correcting"
    await stage.go(db, date(2027, 3, 12), 0)
    await stage.look(db, appraisal_id)
    file = await stage.read(db, appraisal_id)

    assert file.mandates[0].over is not None
    assert file.mandates[0].over.ground == "correction_missed"


async def resume(db: Database, appraisal_id: UUID, pause_id: UUID, day: date) -> None:
    """Let the clock run again from a day on, told on that day."""
    await stage.go(db, day)
    command = pausing.ResumeAppraisal(command_id=new_id(), appraisal_id=appraisal_id, pause_id=pause_id, on_day=day)
    await pausing.resume_appraisal(db, HANDLER, command)


async def test_stay_during_a_correction_keeps_the_mandate(database: Database) -> None:
    """Days of a stay are deducted from the three days of an order: late is who is late without them, a second after."""
    db = database
    appraisal_id, mandate = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 8)))
    await stage.check(db, appraisal_id, "scope_wrong")
    await stage.go(db, date(2027, 3, 9))
    pause_id = await pause(db, appraisal_id, date(2027, 3, 9))
    await stage.go(db, date(2027, 3, 20))
    await stage.look(db, appraisal_id)
    await resume(db, appraisal_id, pause_id, date(2027, 3, 23))
    await stage.look(db, appraisal_id)
    file = await stage.read(db, appraisal_id)
    assert file.open_order is not None
    assert file.order_end(file.open_order, COURT_CALENDAR) == date(2027, 3, 25)
    assert stage.at(date(2027, 3, 26), 0) in await stage.looks_due(db)

    await stage.go(db, date(2027, 3, 25), 23, 59, 59)
    await stage.look(db, appraisal_id)
    assert await stage.mandate_id(db, appraisal_id) == mandate
    await stage.go(db, date(2027, 3, 26), 0)
    await stage.look(db, appraisal_id)
    assert await stage.mandate_id(db, appraisal_id) != mandate


async def test_service_told_twice_counts_once_and_never_told_fixes_nothing(database: Database) -> None:
    """A second note of the same service changes nothing; while one addressee is unserved no time makes a price."""
    db = database
    appraisal_id, _mandate = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 8)))
    await stage.check(db, appraisal_id)
    for _ in range(2):
        await stage.serve(db, APPLICANT, date(2027, 3, 9))
        await stage.serve(db, DEBTOR, date(2027, 3, 9))
    events = (await stage.read(db, appraisal_id)).events
    await stage.serve(db, DEBTOR, date(2027, 3, 10))
    await stage.go(db, date(2027, 6, 1))
    await stage.look(db, appraisal_id)

    assert (await stage.read(db, appraisal_id)).events == events
    assert await stage.prices(db) == []


async def test_unobjected_report_becomes_the_price_after_the_last_window(database: Database) -> None:
    """In the last second of the last window there is no price; in the next there is, once, and its clocks run."""
    db = database
    appraisal_id = await served(db)
    await stage.go(db, date(2027, 3, 15), 23, 59, 59)  # the fifth day is a Sunday
    await stage.look(db, appraisal_id)
    assert await stage.prices(db) == []
    await stage.go(db, date(2027, 3, 16), 0)
    await stage.look(db, appraisal_id)
    file = await stage.read(db, appraisal_id)
    running = {clock.name: clock for clock in clocks(file, now=stage.at(date(2027, 3, 16)), calendar=COURT_CALENDAR)}

    assert len(await stage.prices(db)) == 1
    assert running["start_sale"].due_at == stage.at(date(2027, 3, 27), 0)
    assert running["start_sale"].article == "参考价 30"
    assert running["sell_by"].due_at == stage.at(date(2028, 9, 2), 0)


async def test_process_that_dies_between_leaves_nothing_half_done(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the event and before its look is arranged: neither stands, and the same command works afterwards."""
    db = database
    appraisal_id = await stage.begin(db)
    mandate = await stage.send(db, appraisal_id)
    command = DeclineMandate(command_id=new_id(), mandate_id=mandate, ground="other", reason="人员不足")

    async def dies(*_args: object, **_more: object) -> UUID:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("valuation.appraisals.store.write", dies)
        with pytest.raises(KeyboardInterrupt):
            await decline_mandate(db, FIRST, command)
    assert await stage.mandate_id(db, appraisal_id) == mandate
    moved = await decline_mandate(db, FIRST, command)

    assert await decline_mandate(db, FIRST, command) == moved
    assert len((await stage.read(db, appraisal_id)).mandates) == 2


async def test_history_is_never_changed_and_has_no_gap(database: Database) -> None:
    """The database refuses an update, a deletion, a gap and a second start."""
    appraisal_id = await stage.begin(database)
    insert = (
        "INSERT INTO valuation.appraisal_event (appraisal_id, number, kind, at, account_id, content) "
        "VALUES (:id, {number}, '{kind}', kernel.now_at(), :id, '')"
    )
    for statement, said in (
        ("UPDATE valuation.appraisal_event SET kind = 'x' WHERE appraisal_id = :id", "append"),
        ("DELETE FROM valuation.appraisal_event WHERE appraisal_id = :id", "append"),
        (insert.format(number=3, kind="x"), "appraisal_history_broken"),
        (insert.format(number=2, kind="started"), "appraisal_history_broken"),
    ):

        async def work(tx: Transaction, statement: str = statement) -> None:
            await tx.session.execute(text(statement), {"id": appraisal_id})

        with pytest.raises(DBAPIError) as refused:
            await database.transact(work)
        assert said in str(refused.value).replace("append-only", "append").replace("append_only", "append"), said


# The end -------------------------------------------------------------------------------------------------------------


async def test_withdrawn_appraisal_pays_its_actual_expense(database: Database) -> None:
    """Withdrawn stays withdrawn, even if the asset is sold another way; the fee is the accepted expense, charged to the applicant."""
    db = database
    appraisal_id, _mandate = await accepted(db)
    fee = StateFee(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        outcome="withdrawn",
        expense_fen=30_000,
        document_sha256=PAPER,
    )
    with pytest.raises(FeeNotDue):
        await state_fee(db, HANDLER, fee, sale=Sold(state="open"))
    command = ending.WithdrawAppraisal(
        command_id=new_id(), appraisal_id=appraisal_id, ground="debt_paid", document_sha256=PAPER
    )
    await ending.withdraw_appraisal(db, HANDLER, command)
    unsold = StateFee(
        command_id=new_id(), appraisal_id=appraisal_id, outcome="unsold", expense_fen=30_000, document_sha256=PAPER
    )
    with pytest.raises(FeeOutcomeDiffers):
        await state_fee(db, HANDLER, unsold, sale=Sold(state="open"))
    stated = await state_fee(db, HANDLER, fee, sale=Sold(400_000_000))
    async with db.reading() as tx:
        ended = await step(tx, appraisal_id)

    assert ended.outcome == "withdrawn"
    assert (stated.fee_fen, stated.charged_to, stated.lines[-1].kind) == (30_000, "applicant", "expense")


async def test_lapsed_report_is_issued_again_for_three_tenths(database: Database) -> None:
    """On the last day of validity nothing is issued again; after it the same agency has fifteen days, and 30 % of its fee."""
    db = database
    first = await served(db)
    await stage.go(db, date(2027, 3, 16))
    await stage.look(db, first)
    again = ReissueReport(command_id=new_id(), appraisal_id=first, value_date=date(2028, 3, 2))
    await stage.go(db, date(2028, 3, 1), 23, 59, 59)
    with pytest.raises(ReissueNotDue):
        await reissue_report(db, HANDLER, again, announcements=Announced(None))
    await stage.go(db, date(2028, 3, 2))
    in_time = Announced(stage.at(date(2028, 3, 1), 23, 59, 59))
    with pytest.raises(ReissueNotDue):
        await reissue_report(db, HANDLER, again, announcements=in_time)
    await find(db, "appraisal_compelled", holds=False)
    moved = await reissue_report(db, HANDLER, again, announcements=Announced(None))
    second, mandate = moved.appraisal_id, moved.made_id
    assert mandate is not None
    received = NoteMandateReceived(
        command_id=new_id(),
        appraisal_id=second,
        mandate_id=mandate,
        received_on=date(2028, 3, 2),
        document_sha256=PAPER,
    )
    await note_mandate_received(db, CLERK, received)
    file = await stage.read(db, second)
    assert file.mandate is not None
    assert file.report_end(file.mandate, COURT_CALENDAR) == date(2028, 3, 17)
    await stage.submit(db, FIRST, second, stage.report(1, date(2028, 3, 2), valid_until=date(2029, 3, 2)))
    await stage.check(db, second)
    await stage.serve_all(db, date(2028, 3, 3))
    await stage.go(db, date(2028, 3, 9))
    await stage.look(db, second)
    fee = StateFee(command_id=new_id(), appraisal_id=second, outcome="sold")
    stated = await state_fee(db, HANDLER, fee, sale=Sold(400_000_000))

    assert len(await stage.prices(db)) == 2
    assert (stated.lines[-1].kind, stated.lines[-1].base_fen, stated.fee_fen) == ("reissue", 1_050_000, 315_000)


async def test_figure_that_lapsed_before_the_price_is_issued_again(database: Database) -> None:
    """It never becomes the price; in its last second it is not issued again, after it it is, and its own appraisal ends."""
    db = database
    first, _mandate = await accepted(db)
    await stage.inspect(db, FIRST, first, date(2027, 3, 8))
    await stage.submit(db, FIRST, first, stage.report(1, date(2027, 3, 8), valid_until=date(2027, 3, 12)))
    await stage.check(db, first)
    await stage.serve_all(db, date(2027, 3, 9))
    again = ReissueReport(command_id=new_id(), appraisal_id=first, value_date=date(2027, 3, 13))
    await stage.go(db, date(2027, 3, 12), 23, 59, 59)
    with pytest.raises(ReissueNotDue):
        await reissue_report(db, HANDLER, again, announcements=Announced(None))
    await stage.go(db, date(2027, 3, 16))
    await stage.look(db, first)
    assert await stage.prices(db) == []

    second = (await reissue_report(db, HANDLER, again, announcements=Announced(None))).appraisal_id
    async with db.reading() as tx:
        former = await step(tx, first)
    file = await stage.read(db, second)
    assert (former.outcome, former.reason) == ("failed", "figure_lapsed")
    assert file.mandate is not None
    assert file.mandate.agency_id == sample_agency_id("agency-1")


async def test_standing_price_stops_another_appraisal(database: Database) -> None:
    """While a price stands nothing new is started."""
    appraisal_id = await served(database)
    await stage.go(database, date(2027, 3, 16))
    await stage.look(database, appraisal_id)
    async with database.reading() as tx:
        assert await store.appraisals_of_asset(tx, ASSET) == [appraisal_id]

    with pytest.raises(PriceStands):
        await stage.start(database)
