"""Whole inquiries over real HTTP: platforms in every mood, the court's database, the real clients and the real polling."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from auction.kernel.clock import MICROSECOND
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job, promote_due, run_job
from auction.kernel.move_clock import move_clock
from tests.valuation.test_online_inquiry import (
    ALL_FACTS,
    APPLICANT,
    ASSET,
    CASE,
    DEBTOR,
    FEATURES,
    HANDLER,
    START,
    agree,
    check,
    establish,
)
from tests.web.partners.conftest import Street, eventually
from valuation.inquiries import store, term_store
from valuation.inquiries.ask_platform import handle_ask_platform
from valuation.inquiries.close_inquiry import handle_close_inquiry
from valuation.inquiries.corrections.check_reports import ReportFlaw
from valuation.inquiries.corrections.demand_correction import DEMAND, handle_close_correction, handle_demand_correction
from valuation.inquiries.platform_client import PlatformClient
from valuation.inquiries.start_online_inquiry import InquiryStarted, StartOnlineInquiry, start_online_inquiry
from valuation.inquiries.stops.withdraw_inquiry import (
    TELL,
    WithdrawInquiry,
    handle_withdraw_mandate,
    withdraw_inquiry,
)
from valuation.inquiries.take_platform_report import CLOSE_CORRECTION, poll_platforms
from valuation.inquiries.views import inquiry_shown

SERVERS = ("platform-1", "platform-2", "platform-3")
JOBS_LIMIT = 50


class Office:
    """The court's side: its database, its platforms, its worker."""

    def __init__(self, db: Database, street: Street) -> None:
        """Connect to every platform."""
        self.db, self.street = db, street
        self.platforms = {name: PlatformClient(name, street.partner(name), street.signed(name)) for name in SERVERS}
        self.inquiry_id = new_id()
        self.started: InquiryStarted | None = None

    async def moods(self, *moods: str) -> None:
        """Put the platforms into moods, in their order."""
        for name, mood in zip(SERVERS, moods, strict=True):
            await self.street.order(name, do="mood", mood=mood)

    async def start(self) -> InquiryStarted:
        """Ask all platforms at 09:00 on 1 March 2027."""
        await move_clock(self.db, to=START, freeze=True)
        await establish(self.db, *ALL_FACTS)
        await agree(self.db, "applicant", APPLICANT)
        await agree(self.db, "judgment_debtor", DEBTOR)
        command = StartOnlineInquiry(
            command_id=new_id(), case_id=CASE, asset_id=ASSET, features=FEATURES, addressees=(APPLICANT, DEBTOR)
        )
        started = await start_online_inquiry(self.db, HANDLER, command, platforms=list(self.platforms.values()))
        self.inquiry_id, self.started = started.inquiry_id, started
        await self.work()
        return started

    async def work(self) -> None:
        """Do every valuation job that is due, as the worker does."""

        async def ask(job: Job) -> None:
            await handle_ask_platform(self.db, self.platforms, job)

        async def demand(job: Job) -> None:
            await handle_demand_correction(self.db, self.platforms, job)

        async def tell(job: Job) -> None:
            await handle_withdraw_mandate(self.db, self.platforms, job)

        async def close(job: Job) -> None:
            await handle_close_inquiry(self.db, job)

        async def end_correction(job: Job) -> None:
            await handle_close_correction(self.db, job)

        handlers = {
            "valuation.ask_platform": ask,
            "valuation.close_inquiry": close,
            DEMAND: demand,
            TELL: tell,
            CLOSE_CORRECTION: end_correction,
        }
        for _ in range(JOBS_LIMIT):
            await promote_due(self.db)
            due = await self._due(list(handlers))
            if not due:
                return
            for job_id in due:
                await run_job(self.db, handlers, job_id)
        raise AssertionError("the jobs never end")

    async def _due(self, kinds: list[str]) -> list[UUID]:
        async with self.db.reading() as tx:
            rows = await tx.session.execute(
                text(
                    "SELECT job_id FROM kernel.job WHERE kind = ANY (:kinds) AND due_at <= :now "
                    "AND state = 'queued' ORDER BY due_at, created_at, job_id"
                ),
                {"kinds": kinds, "now": tx.now},
            )
            return [row.job_id for row in rows]

    async def poll_until(self, count: int, *, version: int = 1) -> None:
        """Poll until so many reports of a version are in."""

        async def ask() -> int:
            await poll_platforms(self.db, self.platforms)
            async with self.db.reading() as tx:
                found = await tx.session.scalar(
                    text("SELECT count(*) FROM valuation.platform_report WHERE version = :version"),
                    {"version": version},
                )
            return int(found or 0)

        await eventually(ask, lambda found: found >= count)

    async def poll_once(self) -> None:
        """Poll every platform that owes something."""
        await poll_platforms(self.db, self.platforms)

    async def at_deadline(self, *, offset: timedelta = timedelta()) -> None:
        """Come to the last deadline as it stands now, and do what is due."""
        async with self.db.reading() as tx:
            asks = await store.asks(tx, self.inquiry_id)
        await move_clock(self.db, to=max(ask.deadline_at for ask in asks) + offset, freeze=True)
        await self.work()

    async def why(self) -> list[str]:
        """Give why each report counts or not, in the order of the platforms."""
        async with self.db.reading() as tx:
            return [one.why for one in (await inquiry_shown(tx, self.inquiry_id)).platforms]

    async def state(self) -> str:
        """Give how the inquiry stands."""
        async with self.db.reading() as tx:
            return (await store.inquiry(tx, self.inquiry_id)).state


@pytest.fixture
def office(database: Database, street: Street) -> Office:
    """The court's side, with every platform on time."""
    return Office(database, street)


async def test_on_time_silent_and_late(office: Office) -> None:
    """One reports in time, one never, one after the close: the price is the first one's figure (参考价 13(1))."""
    await office.moods("on_time", "silent", "late")
    await office.start()
    await office.poll_until(1)
    await office.at_deadline()
    await office.street.order("platform-3", do="release", request_id=str(office.inquiry_id))
    await office.poll_until(2)

    assert await office.state() == "closed"
    assert await office.why() == ["in_time", "silent", "late"]


@pytest.mark.parametrize("mood", ["wrong_property", "malformed", "two_kinds", "too_many_digits"])
async def test_unusable_report_is_no_report(office: Office, mood: str) -> None:
    """A report of another asset, without a figure, with too few kinds or too many digits never counts; others do."""
    await office.moods(mood, "on_time", "duplicate")
    await office.start()
    await office.poll_until(2)
    await office.poll_once()
    await office.at_deadline()

    assert await office.state() == "closed"
    assert await office.why() == ["silent", "in_time", "in_time"]


async def test_absurd_value_counts_until_the_court_finds_it_wrong(office: Office) -> None:
    """Ten times the value is a report in time; the court's check takes it out, and it is not sent back (参考价 12)."""
    await office.moods("absurd", "on_time", "on_time")
    await office.start()
    await office.poll_until(3)
    await office.work()
    before = await office.why()

    checked = await check(
        office.db, office.inquiry_id, ReportFlaw(platform_id="platform-1", error="other", note="十倍")
    )

    assert before == ["in_time", "in_time", "in_time"]
    assert checked.sent_back == ()
    assert await office.why() == ["flawed", "in_time", "in_time"]


async def test_all_refuse_and_the_inquiry_fails_at_once(office: Office) -> None:
    """Nobody is left to wait for: an entrusted appraisal follows (参考价 11(3))."""
    await office.moods("refuse", "refuse", "refuse")
    await office.start()

    async def ask() -> str:
        await office.poll_once()
        await office.work()
        return await office.state()

    assert await eventually(ask, lambda state: state != "asking") == "failed"
    assert await office.why() == ["refused", "refused", "refused"]


async def test_all_fail_one_asked_and_gets_three_days(office: Office) -> None:
    """All failed and one asked before expiry: it alone has three days more, and its report is the price (参考价 11(2))."""
    await office.moods("asks_extension", "silent", "late")
    started = await office.start()

    async def ask() -> frozenset[str]:
        await office.poll_once()
        async with office.db.reading() as tx:
            return await term_store.asked_for_more(tx, office.inquiry_id)

    assert await eventually(ask, bool) == {"platform-1"}
    await office.at_deadline()
    assert await office.state() == "asking"
    await office.street.order("platform-1", do="release", request_id=str(office.inquiry_id))
    await office.street.order("platform-3", do="release", request_id=str(office.inquiry_id))
    await office.poll_until(2)
    await office.work()
    extended = [ask_.deadline_at - started.deadline_at for ask_ in await _asks(office)]

    assert extended == [timedelta(days=4), timedelta(), timedelta()]
    await office.at_deadline()
    assert await office.state() == "closed"
    assert await office.why() == ["in_time", "silent", "late"]


async def _asks(office: Office) -> list[store.AskView]:
    async with office.db.reading() as tx:
        return await store.asks(tx, office.inquiry_id)


async def test_some_answered_and_who_asked_gets_nothing(office: Office) -> None:
    """One reported in time, so the one that asked for more time gets none (参考价 11(2))."""
    await office.moods("on_time", "asks_extension", "silent")
    await office.start()
    await office.poll_until(1)
    await office.at_deadline()

    assert await office.state() == "closed"
    assert await office.why() == ["in_time", "silent", "silent"]


async def test_all_wrong_all_corrected(office: Office) -> None:
    """Errors in all reports: each platform corrects once over the line, and the corrections are the price (参考价 12)."""
    await office.moods("absurd", "absurd", "absurd")
    await office.start()
    await office.poll_until(3)
    await office.work()
    flaws = [ReportFlaw(platform_id=name, error="other", note="十倍") for name in SERVERS]
    checked = await check(office.db, office.inquiry_id, *flaws)
    await office.work()
    await office.poll_until(3, version=2)
    await office.work()
    again = await check(office.db, office.inquiry_id)

    assert (checked.state, checked.sent_back) == ("correcting", SERVERS)
    assert again.state == "closed"
    assert again.amount_fen is not None
    assert await office.why() == ["corrected", "corrected", "corrected"]


async def test_all_wrong_nobody_corrects(office: Office) -> None:
    """No correction within three days: the inquiry fails to the microsecond (参考价 11(3), 12)."""
    for name in SERVERS:
        await office.street.order(name, do="correction", mood="silent")
    await office.moods("absurd", "absurd", "absurd")
    await office.start()
    await office.poll_until(3)
    await office.work()
    await check(
        office.db,
        office.inquiry_id,
        *(ReportFlaw(platform_id=name, error="other", note="十倍") for name in SERVERS),
    )
    await office.work()
    async with office.db.reading() as tx:
        due = (await inquiry_shown(tx, office.inquiry_id)).correct_by
    assert due is not None
    await move_clock(office.db, to=due - MICROSECOND, freeze=True)
    await office.work()
    before = await office.state()
    await move_clock(office.db, to=due, freeze=True)
    await office.work()

    assert (before, await office.state()) == ("correcting", "failed")
    assert await office.why() == ["uncorrected", "uncorrected", "uncorrected"]


async def test_withdrawn_inquiry_is_withdrawn_at_the_platforms(office: Office) -> None:
    """Every platform hears of it, and a late answer is refused (参考价 29)."""
    await office.moods("late", "late", "late")
    await office.start()
    await withdraw_inquiry(
        office.db,
        HANDLER,
        WithdrawInquiry(
            command_id=new_id(), inquiry_id=office.inquiry_id, ground="debt_paid", document_sha256="a" * 64
        ),
    )
    await office.work()

    for name in SERVERS:
        news = await office.platforms[name].fetch_news(office.inquiry_id, business_at=START)
        assert news.report is None
    assert await office.state() == "withdrawn"
