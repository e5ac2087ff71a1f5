"""Targeted inquiry: a letter with a time, an answer by two persons, or silence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from auction.contracts import DocumentServed, ReferencePrice
from auction.kernel.actors import Actor
from auction.kernel.clock import SHANGHAI, local_day
from auction.kernel.db import Database
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job
from auction.kernel.move_clock import move_clock
from auction.law.calendar import COURT_CALENDAR
from tests.valuation.methods.ground import (
    APPLICANT,
    ASSET,
    CASE,
    CLERK,
    DEBTOR,
    HANDLER,
    JUDGE,
    PAPER,
    TENANT,
    find,
    prepare,
)
from valuation.methods import step_store
from valuation.methods.order import MethodOutOfOrder
from valuation.objections.check_targeted_answer import CheckTargetedAnswer, check_targeted_answer
from valuation.objections.note_targeted_service import handle_note_targeted_service
from valuation.objections.store import price_of_step
from valuation.papers.typed_papers import SecondPersonNeeded
from valuation.targeted_inquiries import targeted_store
from valuation.targeted_inquiries.note_targeted_silence import NoteTargetedSilence, note_targeted_silence
from valuation.targeted_inquiries.record_targeted_answer import RecordTargetedAnswer, record_targeted_answer
from valuation.targeted_inquiries.start_targeted_inquiry import (
    StartTargetedInquiry,
    TargetedStarted,
    start_targeted_inquiry,
)
from valuation.targeted_inquiries.targeted_inquiry import (
    Answer,
    AnswerLate,
    AnswerMalformed,
    AnswerStillPossible,
    LetterMalformed,
    ResultServiceMissing,
    TargetedOver,
    TargetedUnknown,
    check_answer,
    check_letter,
    validity_of,
)
from valuation.ways.clocks import way_clocks
from valuation.ways.ways import way_of
from valuation.ways.withdraw_method import MethodNotWithdrawable, WithdrawMethod, withdraw_method

UNTIL = date(2027, 3, 10)
PRICE = 2_800_000_00
RESULT = named_id("document of the result")


async def start(db: Database) -> TargetedStarted:
    """Send the letter, after a party was found to refuse an agreement."""
    await prepare(db)
    await find(db, "party_absent")
    command = StartTargetedInquiry(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        authority="示例市税务局",
        price_kind="tax_base",
        requirements="请函告该房产计税基准价",
        until=UNTIL,
        letter_sha256=PAPER,
    )
    return await start_targeted_inquiry(db, HANDLER, command)


async def record(db: Database, step_id: UUID, *, received_on: date = date(2027, 3, 1), actor: Actor = CLERK) -> UUID:
    """Record an answer."""
    command = RecordTargetedAnswer(
        command_id=new_id(), step_id=step_id, received_on=received_on, amount_fen=PRICE, document_sha256="c" * 64
    )
    return await record_targeted_answer(db, actor, command)


async def check(
    db: Database,
    step_id: UUID,
    answer_id: UUID,
    *,
    actor: Actor = HANDLER,
    scan: str = "c" * 64,
    is_right: bool = True,
    document: UUID | None = RESULT,
    on: tuple[UUID, ...] = (APPLICANT, DEBTOR),
) -> tuple[UUID, ...]:
    """Compare an answer with its scan; gives on whom it is served."""
    command = CheckTargetedAnswer(
        command_id=new_id(),
        step_id=step_id,
        answer_id=answer_id,
        document_sha256=scan,
        is_right=is_right,
        document_id=document if is_right else None,
        addressees=on if is_right else (),
    )
    return (await check_targeted_answer(db, actor, command)).served_on


async def serve(db: Database, party: UUID, *, document: UUID = RESULT, kind: str = "targeted_result") -> None:
    """Deliver the note that the result reached somebody."""
    served = DocumentServed(
        service_id=new_id(),
        case_id=CASE,
        document_id=document,
        document_kind=kind,
        party_id=party,
        effective_on=date(2027, 3, 2),
    )
    payload = msgspec.json.encode(served)
    note = Job(job_id=new_id(), kind="valuation.note_service", payload=payload, attempts=0)
    await handle_note_targeted_service(db, note)


async def priced(db: Database, step_id: UUID) -> ReferencePrice | None:
    """Give the price that the step made."""
    async with db.reading() as tx:
        return await price_of_step(tx, step_id)


async def silence(db: Database, step_id: UUID) -> None:
    """Note silence."""
    await note_targeted_silence(db, HANDLER, NoteTargetedSilence(command_id=new_id(), step_id=step_id))


async def test_answer_of_two_persons_becomes_the_price(database: Database) -> None:
    """One records, another compares with the scan, and the price stands for a year (参考价 6, 27)."""
    started = await start(database)
    answer = await record(database, started.step_id)

    with pytest.raises(SecondPersonNeeded):
        await check(database, started.step_id, answer, actor=CLERK)
    with pytest.raises(TargetedUnknown):
        await check(database, started.step_id, answer, scan="d" * 64)
    served_on = await check(database, started.step_id, answer)
    await serve(database, APPLICANT)
    before = await priced(database, started.step_id)
    await serve(database, DEBTOR)
    price = await priced(database, started.step_id)

    assert (served_on, before) == ((APPLICANT, DEBTOR), None)
    assert started.ground == "参考价 5(1)"
    assert price is not None
    assert (price.method, price.amount_fen, price.valid_until) == ("targeted_inquiry", PRICE, date(2028, 3, 1))
    with pytest.raises(TargetedOver):
        await check(database, started.step_id, answer)
    with pytest.raises(TargetedOver):
        await silence(database, started.step_id)


async def test_answer_recorded_wrong_is_recorded_anew(database: Database) -> None:
    """What the second person finds wrong makes no price and no silence; the right one does."""
    step_id = (await start(database)).step_id
    wrong = await record(database, step_id)

    assert await check(database, step_id, wrong, is_right=False) == ()
    with pytest.raises(TargetedUnknown):
        await check(database, step_id, wrong)
    assert await check(database, step_id, await record(database, step_id)) == (APPLICANT, DEBTOR)


@pytest.mark.parametrize(("offset_us", "is_over"), [(-1, False), (0, True)])
async def test_silence_is_noted_only_after_the_last_instant(
    database: Database, offset_us: int, *, is_over: bool
) -> None:
    """Before the letter's time is over nobody is silent; then online inquiry is next."""
    started = await start(database)
    await move_clock(database, to=started.deadline_at + timedelta(microseconds=offset_us), freeze=True)

    if not is_over:
        with pytest.raises(AnswerStillPossible):
            await silence(database, started.step_id)
        return
    await silence(database, started.step_id)

    assert await find(database, "no_official_price", holds=False) == ("online_inquiry",)
    async with database.reading() as tx:
        step = (await step_store.steps_of(tx, ASSET))[-1]
    assert (step.outcome, step.reason) == ("failed", "silent")


async def test_answer_received_in_time_may_be_recorded_later(database: Database) -> None:
    """The day of receipt counts, not that of recording; while it waits for its second person there is no silence."""
    started = await start(database)
    await move_clock(database, to=started.deadline_at + timedelta(days=2), freeze=True)
    answer = await record(database, started.step_id, received_on=UNTIL)

    with pytest.raises(AnswerStillPossible):
        await silence(database, started.step_id)
    assert await check(database, started.step_id, answer) is not None


async def test_agreement_comes_first(database: Database) -> None:
    """Without a failed agreement, an absent party or both requests the letter is not sent."""
    await prepare(database)
    command = StartTargetedInquiry(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        authority="示例市税务局",
        price_kind="tax_base",
        requirements="请函告",
        until=UNTIL,
        letter_sha256=PAPER,
    )

    with pytest.raises(MethodOutOfOrder):
        await start_targeted_inquiry(database, HANDLER, command)


@pytest.mark.parametrize(
    ("days", "refused"), [(-11, AnswerMalformed), (-10, None), (0, None), (1, AnswerLate)], ids=str
)
def test_day_of_receipt_at_its_bounds(days: int, refused: type[Exception] | None) -> None:
    """An answer counts from the day of the letter through the last day that it set (参考价 6)."""
    answer = Answer(received_on=UNTIL + timedelta(days=days), amount_fen=PRICE, valid_until=None)
    asked_on, today = UNTIL - timedelta(days=10), UNTIL + timedelta(days=20)

    if refused is None:
        check_answer(answer, asked_on=asked_on, until=UNTIL, today=today)
    else:
        with pytest.raises(refused):
            check_answer(answer, asked_on=asked_on, until=UNTIL, today=today)


@pytest.mark.parametrize(
    ("amount_fen", "valid_until"),
    [(0, None), (10**14, None), (PRICE, date(2027, 3, 9)), (PRICE, date(2028, 3, 11))],
)
def test_answer_that_is_no_lawful_price_is_refused(amount_fen: int, valid_until: date | None) -> None:
    """Nothing, beyond the bound, over before it begins, or valid for more than a year."""
    with pytest.raises(AnswerMalformed):
        check_answer(
            Answer(received_on=UNTIL, amount_fen=amount_fen, valid_until=valid_until),
            asked_on=UNTIL,
            until=UNTIL,
            today=UNTIL,
        )


def test_validity_is_the_authoritys_or_a_year() -> None:
    """What the authority says counts; where it says nothing, a year (a declared reading of 参考价 27)."""
    said = Answer(received_on=UNTIL, amount_fen=PRICE, valid_until=date(2027, 6, 1))
    silent = Answer(received_on=UNTIL, amount_fen=PRICE, valid_until=None)

    assert (validity_of(said), validity_of(silent)) == (date(2027, 6, 1), date(2028, 3, 10))


@pytest.mark.parametrize(
    ("authority", "requirements", "until"),
    [(" ", "请函告", UNTIL), ("示例市税务局", "", UNTIL), ("示例市税务局", "请函告", date(2027, 3, 1))],
)
def test_letter_without_addressee_question_or_time_is_refused(authority: str, requirements: str, until: date) -> None:
    """The letter says whom it asks, what, and until a day to come."""
    with pytest.raises(LetterMalformed):
        check_letter(authority=authority, requirements=requirements, until=until, today=date(2027, 3, 1))


async def test_withdrawn_letter_may_be_sent_again(database: Database) -> None:
    """A withdrawal is no failure: the same method is still next, and the withdrawn one takes no answer (参考价 29)."""
    started = await start(database)
    withdrawal = WithdrawMethod(command_id=new_id(), step_id=started.step_id, ground="debt_paid", document_sha256=PAPER)
    await withdraw_method(database, JUDGE, withdrawal)

    with pytest.raises(TargetedOver):
        await record(database, started.step_id)
    with pytest.raises(MethodNotWithdrawable):
        await withdraw_method(database, JUDGE, msgspec.structs.replace(withdrawal, command_id=new_id()))
    assert await find(database, "inspection_needed") == ("targeted_inquiry",)


async def test_result_reaches_everybody_before_it_is_relied_on(database: Database) -> None:
    """A service before the check, on somebody else, by another document or kind counts for nothing (参考价 21(1))."""
    step_id = (await start(database)).step_id
    answer = await record(database, step_id)
    await serve(database, APPLICANT)
    await check(database, step_id, answer)
    await serve(database, DEBTOR)
    await serve(database, TENANT)
    await serve(database, APPLICANT, document=named_id("another document"))
    await serve(database, APPLICANT, kind="inquiry_report")
    before = await priced(database, step_id)
    await serve(database, APPLICANT)
    await serve(database, APPLICANT)

    assert before is None
    assert await priced(database, step_id) is not None


async def test_interested_person_named_is_waited_for(database: Database) -> None:
    """Whoever is named beside the parties has to be served, too, before there is a price."""
    step_id = (await start(database)).step_id
    await check(database, step_id, await record(database, step_id), on=(APPLICANT, DEBTOR, TENANT))
    for party in (APPLICANT, DEBTOR):
        await serve(database, party)
    before = await priced(database, step_id)
    await serve(database, TENANT)

    assert before is None
    assert await priced(database, step_id) is not None


@pytest.mark.parametrize("missing", [{"document": None}, {"on": ()}])
async def test_right_answer_names_its_document_and_whom(database: Database, missing: dict[str, Any]) -> None:
    """Without the one or the other nothing is checked, and the answer still waits."""
    step_id = (await start(database)).step_id
    answer = await record(database, step_id)
    with pytest.raises(ResultServiceMissing):
        await check(database, step_id, answer, **missing)

    assert await check(database, step_id, answer) == (APPLICANT, DEBTOR)


async def test_result_on_its_way_is_neither_silence_nor_answered_again(database: Database) -> None:
    """While it is being served there is no silence and no second answer; withdrawn it makes no price any more."""
    step_id = (await start(database)).step_id
    await check(database, step_id, await record(database, step_id))
    with pytest.raises(TargetedOver):
        await silence(database, step_id)
    with pytest.raises(TargetedOver):
        await record(database, step_id)
    ending = WithdrawMethod(command_id=new_id(), step_id=step_id, ground="debt_paid", document_sha256=PAPER)
    await withdraw_method(database, JUDGE, ending)
    for party in (APPLICANT, DEBTOR):
        await serve(database, party)

    assert await priced(database, step_id) is None


async def test_result_that_lapsed_before_its_service_is_no_price(database: Database) -> None:
    """Its service is kept, the job ends without a fault, and the step waits for the court (参考价 27, 29)."""
    step_id = (await start(database)).step_id
    await check(database, step_id, await record(database, step_id))
    await serve(database, APPLICANT)
    await move_clock(database, to=datetime(2028, 3, 2, tzinfo=SHANGHAI), freeze=True)
    await serve(database, DEBTOR)
    async with database.reading() as tx:
        services = await targeted_store.services(tx, step_id)
        inquiry = await targeted_store.inquiry(tx, step_id)

    assert await priced(database, step_id) is None
    assert (set(services), inquiry.state) == ({APPLICANT, DEBTOR}, "answered")


async def test_document_serves_one_result(database: Database) -> None:
    """The document of one result cannot carry that of a later inquiry."""
    step_id = (await start(database)).step_id
    await check(database, step_id, await record(database, step_id))
    ending = WithdrawMethod(command_id=new_id(), step_id=step_id, ground="debt_paid", document_sha256=PAPER)
    await withdraw_method(database, JUDGE, ending)
    again = StartTargetedInquiry(
        command_id=new_id(),
        case_id=CASE,
        asset_id=named_id("test", "another asset"),
        authority="示例市税务局",
        price_kind="tax_base",
        requirements="请函告",
        until=UNTIL,
        letter_sha256=PAPER,
    )
    await prepare(database, asset_id=again.asset_id)
    await find(database, "party_absent", asset_id=again.asset_id)
    second = (await start_targeted_inquiry(database, HANDLER, again)).step_id
    answer = await record(database, second)
    with pytest.raises(ResultServiceMissing):
        await check(database, second, answer)


async def test_clock_of_sending_runs_from_the_receipt(database: Database) -> None:
    """Three days from the day of receipt, met when the last of all is served (参考价 21(1))."""
    step_id = (await start(database)).step_id
    await check(database, step_id, await record(database, step_id))

    async def clock() -> tuple[date, str]:
        async with database.reading() as tx:
            found = way_clocks(await way_of(tx, ASSET), now=tx.now, calendar=COURT_CALENDAR, seized_on=None)
        one = next(one for one in found if one.name == "send_result")
        return local_day(one.due_at), one.state

    running = await clock()
    for party in (APPLICANT, DEBTOR):
        await serve(database, party)

    assert running == (date(2027, 3, 5), "running")
    assert await clock() == (date(2027, 3, 5), "met")
