"""The course of an inquiry on a real database: check, correction, objections, stay, withdrawal, re-issue, register, fee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.contracts import ClosedLot, SaleEnd
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import MICROSECOND, day_start, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.move_clock import move_clock
from tests.valuation.test_online_inquiry import (
    APPLICANT,
    ASSET,
    CASE,
    DEBTOR,
    HANDLER,
    START,
    STRANGER,
    FakePlatform,
    agree,
    begin,
    check,
    closed_and_served,
    job,
    objection,
    report,
    serve,
    start,
)
from valuation.inquiries import course_store as inquiry_store
from valuation.inquiries import store
from valuation.inquiries.close_inquiry import close_inquiry
from valuation.inquiries.corrections.check_reports import (
    CheckNotDue,
    FlawMalformed,
    ReportDocumentMissing,
    ReportDocumentTaken,
    ReportFlaw,
)
from valuation.inquiries.corrections.demand_correction import close_correction
from valuation.inquiries.deadlines import ExtensionAskedLate
from valuation.inquiries.fees.fee import FeeNotRipe
from valuation.inquiries.fees.state_fee import FeeStated, StateInquiryFee, state_inquiry_fee
from valuation.inquiries.online_inquiry import ReportMalformed
from valuation.inquiries.reissue_inquiry import NothingToReissue, ReissueInquiry, reissue_inquiry
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.inquiries.stops.stay_inquiry import (
    InquiryNotStayed,
    InquiryOver,
    InquiryStayed,
    ResumeInquiry,
    StayInquiry,
    resume_inquiry,
    stay_inquiry,
)
from valuation.inquiries.stops.withdraw_inquiry import WithdrawInquiry, withdraw_inquiry
from valuation.inquiries.take_platform_report import (
    InquiryWithdrawn,
    take_extension_request,
    take_platform_report,
    take_refusal,
)
from valuation.inquiries.validity import AnnouncedInTime, PriceStillValid
from valuation.inquiries.views import inquiry_shown
from valuation.listed_platforms.admission import Conditions
from valuation.listed_platforms.judge_lateness import ExcuseDecided, JudgeLateness, NothingToExcuse, judge_lateness
from valuation.listed_platforms.keep_register import ListPlatform, RemovePlatform, list_platform, remove_platform
from valuation.listed_platforms.register import (
    PlatformBarred,
    PlatformListedAlready,
    PlatformUnconnected,
    RemovalUnfounded,
)
from valuation.listed_platforms.views import register_shown
from valuation.methods.steps import PriceStands
from valuation.objections.decide_objection import DecideObjection, decide_objection
from valuation.objections.fix_reference_price import fix_reference_price, handle_fix_reference_price
from valuation.objections.objections import ObjectionAfterInquiry, ObjectionToCorrection, PriceNotRipe
from valuation.objections.raise_objection import raise_objection, take_objection
from valuation.objections.store import Objection, mark_fixed, windows

PRESIDING = Actor(
    account_id=AccountId(named_id("presiding")),
    person_id=PersonId(named_id("presiding")),
    roles=frozenset({Role.PRESIDING_JUDGE}),
)
TECHNOLOGY = msgspec.structs.replace(PRESIDING, roles=frozenset({Role.JUDICIAL_TECHNOLOGY}))
CORRECTED = named_id("corrected")
PAPER = "a" * 64
RIPE = day_start(date(2027, 3, 16))
CONDITIONS = Conditions(
    is_licensed=True,
    runs_soundly=True,
    price_kinds=("past", "guide", "market"),
    data_is_true=True,
    analyses=True,
    retention_years=10,
)


class FakeSale:
    """A sale that announced and sold as told."""

    def __init__(self, *, announced_on: date | None = None, sold_for: int | None = None) -> None:
        """Say what happened."""
        self.announced_on, self.sold_for = announced_on, sold_for

    async def first_announced_on(self, tx: Transaction, reference_price_id: UUID) -> date | None:
        """Give the day."""
        return self.announced_on

    async def sale_price_of(self, tx: Transaction, reference_price_id: UUID) -> int | None:
        """Give the price."""
        return self.sold_for

    async def end_of_sale(self, tx: Transaction, asset_id: UUID) -> SaleEnd:
        """Say that it was sold, or not offered."""
        return SaleEnd(state="not_offered" if self.sold_for is None else "sold", hammer_price_fen=self.sold_for)

    async def closed_lots(self, tx: Transaction, asset_class: str = "") -> Sequence[ClosedLot]:
        """Give none."""
        return []


def flaws(*names: str) -> tuple[ReportFlaw, ...]:
    """Errors in these reports."""
    return tuple(ReportFlaw(platform_id=name, error="basics_wrong", note="面积有误") for name in names)


async def reported(db: Database, *values: int) -> UUID:
    """An inquiry of three platforms in which the first ones report these values; closed."""
    _, started = await begin(db)
    for name, value in zip(("p1", "p2", "p3"), values, strict=False):
        await take_platform_report(db, report(started.inquiry_id, name, value))
    if len(values) < 3:
        await move_clock(db, to=started.deadline_at, freeze=True)
    await close_inquiry(db, started.inquiry_id)
    return started.inquiry_id


async def shown(db: Database, inquiry_id: UUID) -> tuple[str, int | None, list[str]]:
    """State, figure, and why each counts."""
    async with db.reading() as tx:
        course = await inquiry_shown(tx, inquiry_id)
    return course.state, course.amount_fen, [one.why for one in course.platforms]


# Check and correction -----------------------------------------------------------------------------------------------


async def test_some_wrong_and_none_is_sent_back(database: Database) -> None:
    """The mean is made anew of those that are right; a second check is refused (参考价 12)."""
    inquiry_id = await reported(database, 500, 600, 900)

    checked = await check(database, inquiry_id, *flaws("p3"))

    assert (checked.state, checked.amount_fen, checked.sent_back) == ("closed", 550, ())
    assert await shown(database, inquiry_id) == ("closed", 550, ["in_time", "in_time", "flawed"])
    with pytest.raises(CheckNotDue):
        await check(database, inquiry_id)


async def test_all_wrong_are_sent_back_and_corrections_are_checked(database: Database) -> None:
    """Two of three correct in time, to the microsecond; the third's correction comes too late (参考价 12, 13(1))."""
    inquiry_id = await reported(database, 500, 600, 900)
    checked = await check(database, inquiry_id, *flaws("p1", "p2", "p3"))
    assert checked.sent_back == ("p1", "p2", "p3")
    await take_platform_report(database, report(inquiry_id, "p1", 510, version=2, sha256="1" * 64))
    due = day_start(date(2027, 3, 5))
    await move_clock(database, to=due - MICROSECOND, freeze=True)
    assert not await close_correction(database, inquiry_id)
    assert await take_platform_report(database, report(inquiry_id, "p2", 530, version=2, sha256="2" * 64)) == "in_time"
    await move_clock(database, to=due, freeze=True)
    assert await take_platform_report(database, report(inquiry_id, "p3", 999, version=2, sha256="3" * 64)) == "late"
    assert await close_correction(database, inquiry_id)

    assert await shown(database, inquiry_id) == ("closed", 520, ["corrected", "corrected", "uncorrected"])
    assert (await check(database, inquiry_id)).amount_fen == 520


async def test_corrections_that_are_wrong_again_fail(database: Database) -> None:
    """There is one correction: wrong again is not corrected in time (参考价 11(3), V32)."""
    inquiry_id = await reported(database, 500)
    await check(database, inquiry_id, *flaws("p1"))
    await take_platform_report(database, report(inquiry_id, "p1", 510, version=2, sha256="1" * 64))
    await close_correction(database, inquiry_id)

    checked = await check(database, inquiry_id, *flaws("p1"))

    assert (checked.state, checked.sent_back) == ("failed", ())
    async with database.reading() as tx:
        ended = await tx.session.scalar(
            text("SELECT outcome FROM valuation.method_step WHERE step_id = :id"), {"id": inquiry_id}
        )
    assert ended == "failed"


async def test_new_version_that_nobody_asked_for_changes_nothing(database: Database) -> None:
    """A platform cannot better its figure by itself."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500))

    assert await take_platform_report(database, report(started.inquiry_id, "p1", 1, version=2)) == "repeated"


async def test_right_version_after_a_refused_one_counts(database: Database) -> None:
    """The first version was of the wrong property and refused; the second in time is the platform's report (13(1))."""
    _, started = await begin(database)
    with pytest.raises(ReportMalformed):
        await take_platform_report(database, report(started.inquiry_id, "p1", 1, features_sha256="f" * 64))

    assert await take_platform_report(database, report(started.inquiry_id, "p1", 500, version=2)) == "in_time"
    assert await take_platform_report(database, report(started.inquiry_id, "p1", 1)) == "repeated"
    await move_clock(database, to=started.deadline_at, freeze=True)
    await close_inquiry(database, started.inquiry_id)
    assert await shown(database, started.inquiry_id) == ("closed", 500, ["in_time", "silent", "silent"])


async def test_check_names_reports_that_stand_once_and_says_why(database: Database) -> None:
    """A late platform's report, one named twice, an empty note, another officer: refused, nothing stored."""
    inquiry_id = await reported(database, 500, 600)
    for wrong in (
        flaws("p3"),
        flaws("p1", "p1"),
        flaws("nobody"),
        (ReportFlaw(platform_id="p1", error="other", note=" "),),
    ):
        with pytest.raises(FlawMalformed):
            await check(database, inquiry_id, *wrong)

    assert (await check(database, inquiry_id)).amount_fen == 550


async def test_reports_are_served_after_the_check_only(database: Database) -> None:
    """Service before the check counts for nothing, and no price is fixed without the check (V36)."""
    inquiry_id = await reported(database, 500, 600, 700)
    await serve(database, DEBTOR, date(2027, 3, 2))
    async with database.reading() as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM valuation.report_service")) == 0
    with pytest.raises(PriceNotRipe):
        await fix_reference_price(database, inquiry_id)


async def two_homes(db: Database) -> tuple[UUID, UUID]:
    """Two inquiries of one case, the reports of all platforms in; closed."""
    both = []
    for asset_id in (ASSET, named_id("test", "second home")):
        _, started = await begin(db, asset_id)
        for name in ("p1", "p2", "p3"):
            await take_platform_report(db, report(started.inquiry_id, name, 500))
        await close_inquiry(db, started.inquiry_id)
        both.append(started.inquiry_id)
    return both[0], both[1]


async def test_service_opens_the_window_of_its_own_reports(database: Database) -> None:
    """With two homes in a case, the first one's reports served open no window of the second one's (参考价 21, V60)."""
    first, second = await two_homes(database)
    await check(database, first, document_id=named_id("first"))
    with pytest.raises(ReportDocumentTaken):
        await check(database, second, document_id=named_id("first"))
    await check(database, second, document_id=named_id("second"))
    await serve(database, DEBTOR, date(2027, 3, 2), named_id("first"))
    await serve(database, DEBTOR, date(2027, 3, 2), named_id("unknown"))

    async with database.reading() as tx:
        assert list(await windows(tx, first)) == [DEBTOR]
        assert await windows(tx, second) == {}


async def test_reports_that_stand_are_served_by_a_named_document(database: Database) -> None:
    """Without the document the check is refused; none is needed where all are sent back (参考价 12, 21)."""
    inquiry_id = await reported(database, 500, 600, 700)
    with pytest.raises(ReportDocumentMissing):
        await check(database, inquiry_id, document_id=None)

    assert (await check(database, inquiry_id, *flaws("p1", "p2", "p3"), document_id=None)).state == "correcting"


async def test_kept_for_ten_years_and_never_deleted(database: Database) -> None:
    """The day until which a report is kept is stored with it; the database refuses to lose it (参考价 8)."""
    inquiry_id = await reported(database, 500, 600, 700)
    async with database.reading() as tx:
        kept = await tx.session.scalar(text("SELECT min(keep_until) FROM valuation.platform_report"))
    assert kept == date(2037, 3, 1)

    async def delete(tx: Transaction) -> None:
        await tx.session.execute(
            text("DELETE FROM valuation.platform_report WHERE inquiry_id = :id"), {"id": inquiry_id}
        )

    with pytest.raises(DBAPIError):
        await database.transact(delete)


# Refusals and extension ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset_us", "is_late"), [(-1, False), (0, True), (1, True)])
async def test_more_time_to_the_microsecond(database: Database, offset_us: int, is_late: bool) -> None:
    """Asked before 24:00 of the third day it is granted; at 24:00 the inquiry has failed (参考价 11(2), 11(3))."""
    _, started = await begin(database)
    await move_clock(database, to=started.deadline_at + timedelta(microseconds=offset_us), freeze=True)
    if is_late:
        with pytest.raises(ExtensionAskedLate):
            await take_extension_request(database, started.inquiry_id, "p1")
    else:
        await take_extension_request(database, started.inquiry_id, "p1")
    await move_clock(database, to=started.deadline_at + timedelta(microseconds=1), freeze=True)
    taken = await take_platform_report(database, report(started.inquiry_id, "p1", 500))

    assert taken == ("late" if is_late else "in_time")
    assert (await shown(database, started.inquiry_id))[0] == ("failed" if is_late else "asking")


async def test_report_between_deadline_and_closing_job_is_judged_by_its_own_time(database: Database) -> None:
    """A worker that is late does not make a late report timely, nor rob an extension (参考价 11)."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500))
    await move_clock(database, to=started.deadline_at + timedelta(seconds=1), freeze=True)

    assert await take_platform_report(database, report(started.inquiry_id, "p2", 900)) == "late"
    assert await shown(database, started.inquiry_id) == ("closed", 500, ["in_time", "late", "silent"])


async def test_refusal_ends_the_wait_and_is_on_record(database: Database) -> None:
    """Who refuses is not awaited; after a report a refusal changes nothing."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500))
    assert await take_refusal(database, started.inquiry_id, "p2", "no_data")
    assert not await take_refusal(database, started.inquiry_id, "p1", "no_data")
    await take_refusal(database, started.inquiry_id, "p3", "no_data")

    closed = await close_inquiry(database, started.inquiry_id)

    assert closed is not None
    assert await shown(database, started.inquiry_id) == ("closed", 500, ["in_time", "refused", "refused"])


# Objections ---------------------------------------------------------------------------------------------------------


async def decide(db: Database, inquiry_id: UUID, objection_id: UUID, decision: str) -> None:
    """Decide an objection."""
    command = DecideObjection(
        command_id=new_id(),
        inquiry_id=inquiry_id,
        objection_id=objection_id,
        decision=decision,  # type: ignore[arg-type] # one of its two words
    )
    await decide_objection(db, PRESIDING, command)


async def objected(db: Database, decision: str, *platforms: str | None) -> UUID:
    """Reports served, objections to these (``None``: all) decided, all windows over."""
    started = await closed_and_served(db)
    await move_clock(db, to=day_start(date(2027, 3, 9)), freeze=True)
    for platform in platforms:
        raised = await raise_objection(db, HANDLER, objection(started.inquiry_id, platform))
        await decide(db, started.inquiry_id, raised.objection_id, decision)
    await move_clock(db, to=RIPE, freeze=True)
    return started.inquiry_id


@pytest.mark.parametrize(
    ("decision", "platforms", "amount"),
    [("rejected", (None,), 520_000_000), ("upheld", ("p3",), 510_000_000), ("rejected", ("p1", "p2"), 540_000_000)],
)
async def test_objections_make_the_price(
    database: Database, decision: str, platforms: tuple[str | None, ...], amount: int
) -> None:
    """All rejected: all; some objected: the others, whatever the decision (参考价 13(2))."""
    inquiry_id = await objected(database, decision, *platforms)
    await handle_fix_reference_price(database, job("valuation.fix_reference_price", InquiryDue(inquiry_id=inquiry_id)))

    assert (await fix_reference_price(database, inquiry_id)).amount_fen == amount


async def test_founded_objection_to_all_sends_all_back(database: Database) -> None:
    """All three correct; the corrections are checked and served, open no window, and make the price (参考价 13(2), 24)."""
    inquiry_id = await objected(database, "upheld", None)
    due = job("valuation.fix_reference_price", InquiryDue(inquiry_id=inquiry_id))
    await handle_fix_reference_price(database, due)
    assert (await shown(database, inquiry_id))[0] == "correcting"
    await handle_fix_reference_price(database, due)
    for name, value in (("p1", 400), ("p2", 500)):
        await take_platform_report(database, report(inquiry_id, name, value, version=2, sha256=name[1] * 64))
    await move_clock(database, to=day_start(date(2027, 3, 20)), freeze=True)
    assert await close_correction(database, inquiry_id)
    with pytest.raises(PriceNotRipe):
        await fix_reference_price(database, inquiry_id)
    await check(database, inquiry_id, document_id=CORRECTED)
    await serve(database, APPLICANT, date(2027, 3, 20))
    await serve(database, APPLICANT, date(2027, 3, 20), CORRECTED)
    await handle_fix_reference_price(database, due)
    assert (await shown(database, inquiry_id))[0] == "closed"
    with pytest.raises(PriceNotRipe):
        await fix_reference_price(database, inquiry_id)
    await serve(database, DEBTOR, date(2027, 3, 20), CORRECTED)
    async with database.reading() as tx:
        assert set((await windows(tx, inquiry_id)).values()) == {date(2027, 3, 15)}
    await handle_fix_reference_price(database, due)

    assert await shown(database, inquiry_id) == (
        "fixed",
        450,
        ["objection_cured", "objection_cured", "objection_upheld"],
    )


async def test_correction_is_not_objected_to_again(database: Database) -> None:
    """While a window still runs, an objection to the correction is not admitted (参考价 24)."""
    inquiry_id = await objected(database, "upheld", None)
    await handle_fix_reference_price(database, job("valuation.fix_reference_price", InquiryDue(inquiry_id=inquiry_id)))

    async def open_window(tx: Transaction) -> None:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.report_service (inquiry_id, party_id, service_id, effective_on, window_ends) "
                "VALUES (:id, :party, :service, '2027-03-15', '2027-03-22')"
            ),
            {"id": inquiry_id, "party": named_id("other"), "service": new_id()},
        )

    await database.transact(open_window)
    again = msgspec.structs.replace(objection(inquiry_id, "p1"), party_id=named_id("other"))
    with pytest.raises(ObjectionToCorrection):
        await raise_objection(database, HANDLER, again)


@pytest.mark.parametrize("ending", ["fixed", "withdrawn"])
async def test_objection_that_waited_for_the_price_is_refused(database: Database, ending: str) -> None:
    """One that began inside the window and got the case after the price was fixed does not stay open for ever (24)."""
    started = await closed_and_served(database)
    end = RIPE - MICROSECOND

    async def work(tx: Transaction) -> None:
        await tx.about_case(CASE)
        assert tx.now == end
        await (object_late(tx) if ending == "fixed" else object_withdrawn(tx))

    async def take(tx: Transaction) -> None:
        raised = objection(started.inquiry_id, "p3")
        fields = {name: getattr(raised, name) for name in ("inquiry_id", "party_id", "platform_id", "ground")}
        with pytest.raises(ObjectionAfterInquiry):
            await take_objection(tx, Objection(objection_id=new_id(), document_sha256=PAPER, **fields))

    async def object_late(tx: Transaction) -> None:
        await mark_fixed(tx, started.inquiry_id, amount_fen=500)
        await take(tx)

    async def object_withdrawn(tx: Transaction) -> None:
        await inquiry_store.withdraw(tx, started.inquiry_id, ground="debt_paid", document_sha256=PAPER)
        await take(tx)

    await move_clock(database, to=end, freeze=True)
    await database.transact(work)


# Stay and withdrawal ------------------------------------------------------------------------------------------------


async def stay(db: Database, inquiry_id: UUID) -> UUID:
    """Stay the inquiry."""
    command = StayInquiry(command_id=new_id(), inquiry_id=inquiry_id, ground="case_deferred", document_sha256=PAPER)
    return await stay_inquiry(db, HANDLER, command)


async def resume(db: Database, inquiry_id: UUID) -> None:
    """Go on with it."""
    await resume_inquiry(db, HANDLER, ResumeInquiry(command_id=new_id(), inquiry_id=inquiry_id))


async def test_days_of_a_stay_do_not_run(database: Database) -> None:
    """Stayed on the 2nd, resumed on the 9th: eight days later; meanwhile nobody is late and nothing closes (参考价 28)."""
    _, started = await begin(database)
    await move_clock(database, to=day_start(date(2027, 3, 2)) + timedelta(hours=9), freeze=True)
    await stay(database, started.inquiry_id)
    with pytest.raises(InquiryStayed):
        await stay(database, started.inquiry_id)
    await move_clock(database, to=day_start(date(2027, 3, 9)) + timedelta(hours=9), freeze=True)
    assert await close_inquiry(database, started.inquiry_id) is None
    assert await take_platform_report(database, report(started.inquiry_id, "p1", 500)) == "in_time"
    await resume(database, started.inquiry_id)
    with pytest.raises(InquiryNotStayed):
        await resume(database, started.inquiry_id)

    async with database.reading() as tx:
        assert {local_day(ask.deadline_at) for ask in await store.asks(tx, started.inquiry_id)} == {date(2027, 3, 13)}


async def test_stay_after_the_deadline_makes_no_late_report_timely(database: Database) -> None:
    """The closing job is late: what was over ends before the stay, and a report of two days later is late (11, 28)."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500))
    await move_clock(database, to=started.deadline_at + timedelta(hours=1), freeze=True)
    await stay(database, started.inquiry_id)
    await move_clock(database, to=started.deadline_at + timedelta(days=2), freeze=True)

    assert await take_platform_report(database, report(started.inquiry_id, "p2", 900)) == "late"
    assert await shown(database, started.inquiry_id) == ("closed", 500, ["in_time", "late", "silent"])


async def test_stay_after_everybody_failed_finds_nothing_to_stay(database: Database) -> None:
    """At the deadline without any report the inquiry has failed, whenever the closing job runs (11(3))."""
    _, started = await begin(database)
    await move_clock(database, to=started.deadline_at, freeze=True)

    with pytest.raises(InquiryOver):
        await stay(database, started.inquiry_id)


async def test_stayed_inquiry_fixes_no_price(database: Database) -> None:
    """The price waits for the end of the stay, and comes then (参考价 28)."""
    started = await closed_and_served(database)
    await move_clock(database, to=RIPE, freeze=True)
    await stay(database, started.inquiry_id)
    due = job("valuation.fix_reference_price", InquiryDue(inquiry_id=started.inquiry_id))
    await handle_fix_reference_price(database, due)
    with pytest.raises(PriceNotRipe):
        await fix_reference_price(database, started.inquiry_id)
    await resume(database, started.inquiry_id)
    await handle_fix_reference_price(database, due)

    assert (await shown(database, started.inquiry_id))[0] == "fixed"


async def withdraw(db: Database, inquiry_id: UUID, actor: Actor = HANDLER) -> None:
    """Withdraw the inquiry."""
    command = WithdrawInquiry(command_id=new_id(), inquiry_id=inquiry_id, ground="debt_paid", document_sha256=PAPER)
    await withdraw_inquiry(db, actor, command)


async def test_withdrawn_inquiry_is_over_and_may_be_begun_again(database: Database) -> None:
    """No report, no stay, no price any more; nobody counts as late; the method may be taken up again (参考价 29)."""
    platforms, started = await begin(database)
    await stay(database, started.inquiry_id)
    with pytest.raises(RoleLacking):
        await withdraw(database, started.inquiry_id, STRANGER)
    await withdraw(database, started.inquiry_id)
    for late in (withdraw, stay):
        with pytest.raises(InquiryOver):
            await late(database, started.inquiry_id)
    with pytest.raises(InquiryWithdrawn):
        await take_platform_report(database, report(started.inquiry_id, "p1", 500))
    await move_clock(database, to=started.deadline_at, freeze=True)
    assert await close_inquiry(database, started.inquiry_id) is None

    assert (await start(database, platforms)).inquiry_id != started.inquiry_id
    async with database.reading() as tx:
        assert [one.late for one in (await register_shown(tx)).platforms] == [(), (), ()]


# Re-issue -----------------------------------------------------------------------------------------------------------


async def fixed(db: Database) -> UUID:
    """An inquiry that made a price, valid until 31 December 2027."""
    started = await closed_and_served(db)
    await move_clock(db, to=RIPE, freeze=True)
    await fix_reference_price(db, started.inquiry_id)
    return started.inquiry_id


async def test_lapsed_price_is_issued_anew_once(database: Database) -> None:
    """From the day after its last, not announced: three days, a new price of the same method (参考价 11(4), 27)."""
    inquiry_id = await fixed(database)
    platforms = [FakePlatform(name) for name in ("p1", "p2", "p3")]

    async def ask(sale: FakeSale) -> UUID:
        command = ReissueInquiry(command_id=new_id(), inquiry_id=inquiry_id)
        return (await reissue_inquiry(database, HANDLER, command, platforms=platforms, sale=sale)).inquiry_id

    await move_clock(database, to=day_start(date(2028, 1, 1)) - MICROSECOND, freeze=True)
    with pytest.raises(PriceStillValid):
        await ask(FakeSale())
    with pytest.raises(PriceStands):
        await start(database, platforms)
    await move_clock(database, to=day_start(date(2028, 1, 1)), freeze=True)
    with pytest.raises(AnnouncedInTime):
        await ask(FakeSale(announced_on=date(2027, 12, 31)))
    again = await ask(FakeSale())
    with pytest.raises(NothingToReissue):
        await ask(FakeSale())
    for name in ("p1", "p2", "p3"):
        await take_platform_report(database, report(again, name, 700, valid_until=date(2028, 6, 30)))
    await close_inquiry(database, again)

    assert (await shown(database, again))[:2] == ("closed", 700)
    async with database.reading() as tx:
        assert (await store.inquiry(tx, again)).reissue_of == inquiry_id


# The register -------------------------------------------------------------------------------------------------------


def removal(platform_id: str, ground: str, on: date) -> RemovePlatform:
    """Remove a platform."""
    return RemovePlatform(
        command_id=new_id(),
        platform_id=platform_id,
        ground=ground,  # type: ignore[arg-type] # one of its words
        reason="经查属实",
        removed_on=on,
        document_sha256=PAPER,
    )


def listing(platform_id: str, on: date) -> ListPlatform:
    """List a platform."""
    return ListPlatform(
        command_id=new_id(),
        platform_id=platform_id,
        platform_name="平台",
        listed_on=on,
        conditions=CONDITIONS,
        document_sha256=PAPER,
    )


async def test_barred_platform_is_not_asked(database: Database) -> None:
    """Removed for collusion, it is left out of the next inquiry; after five years to the day it may be listed again."""
    platforms, started = await begin(database)
    await withdraw(database, started.inquiry_id)
    barred = await remove_platform(database, TECHNOLOGY, removal("p2", "collusion", local_day(START)))
    assert (await start(database, platforms)).platforms == ("p1", "p3")
    assert barred.barred_until == date(2032, 3, 1)
    await move_clock(database, to=day_start(date(2032, 3, 1)), freeze=True)
    with pytest.raises(PlatformBarred):
        await list_platform(database, TECHNOLOGY, listing("p2", date(2032, 3, 1)))
    await move_clock(database, to=day_start(date(2032, 3, 2)), freeze=True)
    await list_platform(database, TECHNOLOGY, listing("p2", date(2032, 3, 2)))

    with pytest.raises(PlatformListedAlready):
        await list_platform(database, TECHNOLOGY, listing("p2", date(2032, 3, 2)))


async def test_listed_platform_without_a_connection_stops_the_inquiry(database: Database) -> None:
    """Not all could be asked at once, so nobody is (参考价 10, V30)."""
    platforms, started = await begin(database)
    await withdraw(database, started.inquiry_id)
    await list_platform(database, TECHNOLOGY, listing("p9", local_day(START)))

    with pytest.raises(PlatformUnconnected):
        await start(database, platforms)


async def reached(db: Database, inquiry_id: UUID, *platforms: str) -> None:
    """Note that the mandate reached these platforms."""
    for name in platforms:
        await db.transact(lambda tx, name=name: store.mark_received(tx, inquiry_id, name))  # type: ignore[misc]


async def test_five_late_inquiries_lead_to_removal_unless_excused(database: Database) -> None:
    """Five silent in a year; one reason accepted: four; p3, whom no mandate reached: none (参考价 9)."""
    platforms, started = await begin(database)
    inquiries = []
    for _ in range(5):
        await reached(database, started.inquiry_id, "p1", "p2")
        await move_clock(database, to=started.deadline_at, freeze=True)
        await close_inquiry(database, started.inquiry_id)
        inquiries.append(started.inquiry_id)
        await agree(database, "applicant", APPLICANT)
        await agree(database, "judgment_debtor", DEBTOR)
        started = await start(database, platforms)
    await reached(database, started.inquiry_id, "p1", "p2")
    today = local_day(started.deadline_at)
    await move_clock(database, to=started.deadline_at, freeze=True)

    async def judge(inquiry_id: UUID, platform_id: str = "p1") -> None:
        command = JudgeLateness(
            command_id=new_id(),
            inquiry_id=inquiry_id,
            platform_id=platform_id,
            reason="机房断电",
            accepted=True,
            document_sha256=PAPER,
        )
        await judge_lateness(database, HANDLER, command)

    async with database.reading() as tx:
        first = (await register_shown(tx)).platforms[0]
    assert first.lateness is not None
    assert first.lateness.is_due
    with pytest.raises(RemovalUnfounded):
        await remove_platform(database, TECHNOLOGY, removal("p3", "late", today))
    await judge(inquiries[0])
    with pytest.raises(ExcuseDecided):
        await judge(inquiries[0])
    with pytest.raises(NothingToExcuse):
        await judge(started.inquiry_id)
    with pytest.raises(RemovalUnfounded):
        await remove_platform(database, TECHNOLOGY, removal("p1", "late", today))
    with pytest.raises(RemovalUnfounded):
        await remove_platform(database, TECHNOLOGY, removal("p2", "refused", today))
    await remove_platform(database, TECHNOLOGY, removal("p2", "late", today))


# The fee ------------------------------------------------------------------------------------------------------------


async def state_fee(db: Database, inquiry_id: UUID, sale: FakeSale, *, never_sold: bool = False) -> dict[str, int]:
    """State the fee; gives who gets what."""
    command = StateInquiryFee(
        command_id=new_id(), inquiry_id=inquiry_id, fee_fen=1_001, document_sha256=PAPER, never_sold=never_sold
    )
    stated = await state_inquiry_fee(db, HANDLER, command, sale=sale)
    assert stated.fee_fen == sum(share.amount_fen for share in stated.shares)
    return {share.platform_id: share.amount_fen for share in stated.shares if share.amount_fen}


async def test_fee_goes_to_the_nearest_once_the_asset_is_sold(database: Database) -> None:
    """Not before the sale; then equals share to the fen, once, and the page shows it (参考价 31)."""
    inquiry_id = await fixed(database)
    with pytest.raises(FeeNotRipe):
        await state_fee(database, inquiry_id, FakeSale())
    assert await state_fee(database, inquiry_id, FakeSale(sold_for=510_000_000)) == {"p1": 501, "p2": 500}
    with pytest.raises(FeeStated):
        await state_fee(database, inquiry_id, FakeSale(sold_for=510_000_000))
    async with database.reading() as tx:
        assert (await inquiry_shown(tx, inquiry_id)).fee is not None


async def test_nothing_is_owed_after_failure_or_withdrawal(database: Database) -> None:
    """The statement says why, so that finance need not guess (参考价 31)."""
    _, started = await begin(database)
    await withdraw(database, started.inquiry_id)

    assert await state_fee(database, started.inquiry_id, FakeSale()) == {}
    async with database.reading() as tx:
        fee = (await inquiry_shown(tx, started.inquiry_id)).fee
    assert fee is not None
    assert fee.nothing_because == "withdrawn"
