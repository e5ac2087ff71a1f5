"""The online inquiry from consent to the fixed price, on a real database, with platforms of our own making."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.contracts import DocumentServed, ReferencePrice
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import SHANGHAI, day_start, local_day
from auction.kernel.db import Database
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.jobs import Job
from auction.kernel.move_clock import move_clock
from tests.valuation.methods.ground import CaseFile, vouched
from valuation.facts.establish_facts import EstablishFacts, establish_facts
from valuation.facts.facts import Fact, FactMalformed, FactsIncomplete, FactState, OccupancyUnclear, Subject
from valuation.inquiries import store
from valuation.inquiries.ask_platform import handle_ask_platform
from valuation.inquiries.close_inquiry import close_inquiry
from valuation.inquiries.corrections.check_reports import CheckReports, ReportFlaw, ReportsChecked, check_reports
from valuation.inquiries.online_inquiry import ReportMalformed
from valuation.inquiries.platforms import AssetFeatures, Mandate, News, Report
from valuation.inquiries.start_online_inquiry import (
    AskPlatform,
    InquiryRunning,
    InquiryStarted,
    StartOnlineInquiry,
    start_online_inquiry,
)
from valuation.inquiries.take_platform_report import poll_platforms, take_platform_report
from valuation.methods.order import MethodOutOfOrder, Side
from valuation.methods.request_method import RequestMethod, request_method
from valuation.objections.fix_reference_price import fix_reference_price
from valuation.objections.note_service import handle_note_service
from valuation.objections.objections import ObjectionLate, ObjectionRepeated, PriceNotRipe
from valuation.objections.raise_objection import RaiseObjection, raise_objection

CASE, ASSET, APPLICANT, DEBTOR = (named_id("test", name) for name in ("case", "asset", "applicant", "debtor"))
HANDLER = Actor(
    account_id=AccountId(named_id("handler")),
    person_id=PersonId(named_id("handler")),
    roles=frozenset({Role.CASE_HANDLER}),
)
STRANGER = msgspec.structs.replace(HANDLER, roles=frozenset({Role.BIDDER}))
FEATURES = AssetFeatures(
    asset_class="home",
    city="北京市",
    district="朝阳区",
    address="测试路1号2单元301",
    area_cm2=897_600,
    built_year=2009,
    floor=3,
    floors=18,
    orientation="南北",
    decoration="简装",
)
START = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)
THREE_KINDS = ("past_deals", "guide_price", "market")


class FakePlatform:
    """A platform of ours that takes mandates and says nothing."""

    def __init__(self, platform_id: str) -> None:
        """Start without mandates."""
        self.platform_id = platform_id
        self.name = f"平台{platform_id}"
        self.mandates: list[Mandate] = []
        self.demanded: list[str] = []
        self.withdrawn: list[UUID] = []

    async def ask(self, mandate: Mandate, *, business_at: datetime) -> None:
        """Take a mandate."""
        self.mandates.append(mandate)

    async def fetch_news(self, inquiry_id: UUID, *, business_at: datetime) -> News:
        """Have none."""
        return News()

    async def demand_correction(self, inquiry_id: UUID, *, key: str, business_at: datetime) -> None:
        """Take note."""
        self.demanded.append(key)

    async def withdraw(self, inquiry_id: UUID, *, business_at: datetime) -> None:
        """Take note."""
        self.withdrawn.append(inquiry_id)


class AnsweringPlatform(FakePlatform):
    """A platform that has a report when it is asked for one; its features may be another asset's."""

    def __init__(self, platform_id: str, **changes: object) -> None:
        """Start without mandates."""
        super().__init__(platform_id)
        self.changes = changes

    async def fetch_news(self, inquiry_id: UUID, *, business_at: datetime) -> News:
        """Give the report."""
        return News(report=report(inquiry_id, self.platform_id, 500_000_000, **self.changes))


def fact(
    subject: Subject, state: FactState = "established", zh: str = "已查明", document: str | None = "a" * 64
) -> Fact:
    """Make a fact on a subject."""
    return Fact(
        subject=subject,
        state=state,
        statement_zh=zh,
        statement_en="established",
        source="不动产登记中心",
        as_of=date(2027, 2, 1),
        document_sha256=document,
    )


ALL_FACTS = tuple(fact(subject) for subject in ("title", "burdens", "occupancy", "unpaid_taxes", "defects"))


async def establish(db: Database, *facts: Fact, asset_id: UUID = ASSET) -> tuple[str, ...]:
    """Establish facts as the case handler."""
    command = EstablishFacts(command_id=new_id(), case_id=CASE, asset_id=asset_id, facts=facts)
    return (await establish_facts(db, HANDLER, command)).missing


async def agree(db: Database, side: Side, party: UUID, asset_id: UUID = ASSET) -> None:
    """Record one side's consent by two officers."""
    file = CaseFile((party, side, side))
    command = RequestMethod(
        command_id=new_id(),
        case_id=CASE,
        asset_id=asset_id,
        party_id=party,
        agreed_on=date(2027, 2, 10),
        document_sha256="b" * 64,
    )
    await vouched(db, await request_method(db, HANDLER, command, parties=file))


async def start(
    db: Database, platforms: list[FakePlatform], actor: Actor = HANDLER, asset_id: UUID = ASSET
) -> InquiryStarted:
    """Start the inquiry."""
    command = StartOnlineInquiry(
        command_id=new_id(), case_id=CASE, asset_id=asset_id, features=FEATURES, addressees=(APPLICANT, DEBTOR)
    )
    return await start_online_inquiry(db, actor, command, platforms=platforms)


def report(inquiry_id: UUID, platform_id: str, amount_fen: int, **changes: object) -> Report:
    """Make a verified report."""
    made = Report(
        inquiry_id=inquiry_id,
        platform_id=platform_id,
        value_fen=amount_fen,
        valid_until=date(2027, 12, 31),
        price_kinds=THREE_KINDS,
        content=b"{}",
        sha256="c" * 64,
        features_sha256=store.features_fingerprint(FEATURES),
    )
    return msgspec.structs.replace(made, **changes)


async def begin(db: Database, asset_id: UUID = ASSET) -> tuple[list[FakePlatform], InquiryStarted]:
    """Bring the case to a started inquiry of three platforms at 09:00 on 1 March 2027."""
    await move_clock(db, to=START, freeze=True)
    platforms = [FakePlatform(name) for name in ("p1", "p2", "p3")]
    await establish(db, *ALL_FACTS, asset_id=asset_id)
    await agree(db, "applicant", APPLICANT, asset_id)
    await agree(db, "judgment_debtor", DEBTOR, asset_id)
    return platforms, await start(db, platforms, asset_id=asset_id)


def job(kind: str, payload: msgspec.Struct) -> Job:
    """Make a job as the worker would deliver it."""
    return Job(job_id=uuid.uuid4(), kind=kind, payload=msgspec.json.encode(payload), attempts=0)


REPORTS = named_id("reports")
"""The document by which the reports are served."""


async def serve(db: Database, party: UUID, effective_on: date, document_id: UUID = REPORTS) -> None:
    """Deliver the note that the reports reached a party."""
    served = DocumentServed(
        service_id=new_id(),
        case_id=CASE,
        document_id=document_id,
        document_kind="inquiry_report",
        party_id=party,
        effective_on=effective_on,
    )
    await handle_note_service(db, job("valuation.note_service", served))


async def test_inquiry_waits_for_every_fact(database: Database) -> None:
    """A gap left by a silent source blocks the inquiry: unknown is never "no" (参考价 3, practice 8)."""
    await move_clock(database, to=START, freeze=True)
    missing = await establish(database, *ALL_FACTS, fact("defects", "unanswered", document=None))

    with pytest.raises(FactsIncomplete):
        await start(database, [FakePlatform("p1")])
    assert missing == ("defects",)


@pytest.mark.parametrize(
    "wrong",
    [
        fact("title", document=None),
        fact("title", document="xyz"),
        msgspec.structs.replace(fact("title"), source=" "),
        msgspec.structs.replace(fact("title"), as_of=date(2027, 3, 2)),
    ],
)
async def test_incomplete_fact_is_refused(database: Database, wrong: Fact) -> None:
    """A fact without document, source or with a future day is refused and nothing is stored."""
    await move_clock(database, to=START, freeze=True)
    with pytest.raises(FactMalformed):
        await establish(database, fact("burdens"), wrong)

    assert await establish(database, fact("title")) == ("burdens", "occupancy", "unpaid_taxes", "defects")


async def test_occupancy_may_not_be_put_off_with_a_phrase(database: Database) -> None:
    """占有不明 is refused where occupancy should be established (238号 6)."""
    await move_clock(database, to=START, freeze=True)
    with pytest.raises(OccupancyUnclear):
        await establish(database, fact("occupancy", zh="占有不明"))


async def test_both_sides_must_agree_to_skip_methods(database: Database) -> None:
    """One written consent is not enough to go straight to online inquiry (参考价 7(2))."""
    await move_clock(database, to=START, freeze=True)
    await establish(database, *ALL_FACTS)
    await agree(database, "applicant", APPLICANT)

    with pytest.raises(MethodOutOfOrder):
        await start(database, [FakePlatform("p1")])


async def test_only_the_court_starts_an_inquiry(database: Database) -> None:
    """A bidder cannot start an inquiry, and a second one cannot start beside the first."""
    platforms, _ = await begin(database)
    with pytest.raises(RoleLacking):
        await start(database, platforms, STRANGER)
    with pytest.raises(InquiryRunning):
        await start(database, platforms)


async def test_all_platforms_are_asked_at_once(database: Database) -> None:
    """Every listed platform gets the same mandate with the deadline of three days from receipt (参考价 10, 11)."""
    platforms, started = await begin(database)
    for platform in platforms:
        ask = AskPlatform(inquiry_id=started.inquiry_id, platform_id=platform.platform_id)
        await handle_ask_platform(database, {p.platform_id: p for p in platforms}, job("valuation.ask_platform", ask))

    assert [len(platform.mandates) for platform in platforms] == [1, 1, 1]
    assert {platform.mandates[0].deadline_at for platform in platforms} == {day_start(date(2027, 3, 5))}


@pytest.mark.parametrize(("offset_us", "outcome"), [(-1, "in_time"), (0, "late"), (1, "late")])
async def test_deadline_of_a_report_to_the_microsecond(database: Database, offset_us: int, outcome: str) -> None:
    """A report counts until 24:00 of the third day and not a microsecond longer (参考价 11(1), CPL 85)."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500_000_000))
    await move_clock(database, to=started.deadline_at + timedelta(microseconds=offset_us), freeze=True)

    assert await take_platform_report(database, report(started.inquiry_id, "p2", 520_000_000)) == outcome


async def test_platform_with_an_unlawful_report_hinders_no_other(database: Database) -> None:
    """Polling passes over the report that is refused and takes those of the others (参考价 8, 11)."""
    _, started = await begin(database)
    wrong, right = AnsweringPlatform("p1", features_sha256="d" * 64), AnsweringPlatform("p2")
    platforms = {"p1": wrong, "p2": right, "p3": FakePlatform("p3")}
    for name in platforms:
        ask = AskPlatform(inquiry_id=started.inquiry_id, platform_id=name)
        await handle_ask_platform(database, platforms, job("valuation.ask_platform", ask))

    taken = await poll_platforms(database, platforms)

    assert taken == 1


async def test_mean_of_those_in_time_and_late_one_stays_out(database: Database) -> None:
    """The late platform is marked late and does not move the mean (参考价 13(1))."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500_000_000))
    await take_platform_report(database, report(started.inquiry_id, "p2", 520_000_001))
    await move_clock(database, to=started.deadline_at, freeze=True)

    closed = await close_inquiry(database, started.inquiry_id)
    await take_platform_report(database, report(started.inquiry_id, "p3", 990_000_000))

    assert closed is not None
    assert closed.amount_fen == 510_000_001
    async with database.reading() as tx:
        assert [ask.outcome for ask in await store.asks(tx, started.inquiry_id)] == ["in_time", "in_time", "late"]


async def test_inquiry_does_not_close_before_deadline_while_answers_are_awaited(database: Database) -> None:
    """An early closing job changes nothing; a second closing changes nothing either."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500_000_000))

    assert await close_inquiry(database, started.inquiry_id) is None
    await move_clock(database, to=started.deadline_at, freeze=True)
    assert await close_inquiry(database, started.inquiry_id) is not None
    assert await close_inquiry(database, started.inquiry_id) is None


async def test_nobody_answers_and_an_appraisal_must_follow(database: Database) -> None:
    """Without any report in time the inquiry fails (参考价 11(3))."""
    _, started = await begin(database)
    await move_clock(database, to=started.deadline_at, freeze=True)

    closed = await close_inquiry(database, started.inquiry_id)

    assert closed is not None
    assert closed.amount_fen is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_kinds": ("past_deals", "past_deals", "market")},
        {"features_sha256": "d" * 64},
        {"valid_until": date(2028, 3, 2)},
        {"valid_until": date(2027, 2, 28)},
        {"value_fen": 0},
    ],
)
async def test_unlawful_report_is_refused(database: Database, wrong: dict[str, object]) -> None:
    """Two kinds of price data, another asset, a validity over a year or past, or no value: refused, nothing stored."""
    _, started = await begin(database)
    with pytest.raises(ReportMalformed):
        await take_platform_report(database, report(started.inquiry_id, "p1", 500_000_000, **wrong))

    assert await take_platform_report(database, report(started.inquiry_id, "p1", 500_000_000)) == "in_time"


async def test_second_report_of_a_platform_changes_nothing(database: Database) -> None:
    """The first report counts; another value under the same inquiry is only noted as repeated."""
    _, started = await begin(database)
    await take_platform_report(database, report(started.inquiry_id, "p1", 500_000_000))

    assert await take_platform_report(database, report(started.inquiry_id, "p1", 1)) == "repeated"


async def check(
    db: Database, inquiry_id: UUID, *flaws: ReportFlaw, document_id: UUID | None = REPORTS
) -> ReportsChecked:
    """Let the court check the reports."""
    command = CheckReports(command_id=new_id(), inquiry_id=inquiry_id, flaws=flaws, document_id=document_id)
    return await check_reports(db, HANDLER, command)


async def closed_and_served(db: Database) -> InquiryStarted:
    """Bring the case to reports served on both parties on 8 March 2027."""
    _, started = await begin(db)
    for name, value in (("p1", 500_000_000), ("p2", 520_000_000), ("p3", 540_000_000)):
        await take_platform_report(db, report(started.inquiry_id, name, value))
    await close_inquiry(db, started.inquiry_id)
    await check(db, started.inquiry_id)
    for party in (APPLICANT, DEBTOR):
        await serve(db, party, date(2027, 3, 8))
    return started


def objection(inquiry_id: UUID, platform_id: str | None) -> RaiseObjection:
    """An objection of the debtor."""
    return RaiseObjection(
        command_id=new_id(),
        inquiry_id=inquiry_id,
        party_id=DEBTOR,
        platform_id=platform_id,
        ground="basics_wrong",
        document_sha256="e" * 64,
    )


async def test_price_is_fixed_when_the_last_window_is_over(database: Database) -> None:
    """Served on the 8th, the window of five days ends with the 15th (13th and 14th are a weekend) (参考价 22, CPL 85)."""
    started = await closed_and_served(database)
    end = day_start(date(2027, 3, 16))
    await move_clock(database, to=end - timedelta(microseconds=1), freeze=True)
    with pytest.raises(PriceNotRipe):
        await fix_reference_price(database, started.inquiry_id)
    await move_clock(database, to=end, freeze=True)

    price = await fix_reference_price(database, started.inquiry_id)

    assert isinstance(price, ReferencePrice)
    assert price.amount_fen == 520_000_000
    assert local_day(price.fixed_at) == date(2027, 3, 16)
    assert await fix_reference_price(database, started.inquiry_id) == price


async def test_objection_in_time_holds_the_price_and_late_one_is_refused(database: Database) -> None:
    """An objection inside the window keeps the price open; one after it is not admitted (参考价 24)."""
    started = await closed_and_served(database)
    await move_clock(database, to=day_start(date(2027, 3, 16)) - timedelta(microseconds=1), freeze=True)
    await raise_objection(database, HANDLER, objection(started.inquiry_id, "p3"))
    with pytest.raises(ObjectionRepeated):
        await raise_objection(database, HANDLER, objection(started.inquiry_id, "p3"))
    await move_clock(database, to=day_start(date(2027, 3, 16)), freeze=True)

    with pytest.raises(ObjectionLate):
        await raise_objection(database, HANDLER, objection(started.inquiry_id, "p1"))
    with pytest.raises(PriceNotRipe):
        await fix_reference_price(database, started.inquiry_id)
