"""Questions to registers: a gap is dated and never "no", an answer counts once, what is about another asset never does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from auction.kernel.actors import Role, RoleLacking
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from auction.kernel.signed_questions import Gap, GapReason
from auction.law.asset_facts import FACT_LAW
from tests.valuation.facts.facts_world import (
    CASE,
    START,
    Desk,
    TestRegister,
    answer_to,
    desk_for,
    fact,
    officer,
)
from valuation.facts.ask_register import (
    AskRegister,
    RegisterAskedBefore,
    RegisterNotConnected,
    ask_register,
    take_answer,
)
from valuation.facts.establish_facts import RegisterStillAsked
from valuation.facts.facts import FactsIncomplete
from valuation.facts.register import (
    LONGEST_PAUSE,
    REGISTERS,
    AssetNotNumbered,
    Finding,
    Register,
    RegisterKey,
    RegisterNotAsked,
    pause_after,
)
from valuation.facts.require_facts import missing_for_price, require_facts
from valuation.facts.store import standings

_GAPS = text("SELECT detail FROM valuation.register_gap WHERE question_id = :id ORDER BY number")


async def missing(desk: Desk) -> tuple[str, ...]:
    """Give what keeps a price from being asked."""
    async with desk.db.reading() as tx:
        return await missing_for_price(tx, desk.asset_id)


async def test_answers_establish_what_the_registers_hold(database: Database) -> None:
    """Registry and tax office answer; with the court's own findings nothing is missing, and each fact names its answer."""
    desk, registry, tax = await desk_for(database, "home"), TestRegister("registry"), TestRegister("tax")
    for register in (registry, tax):
        await desk.work(await desk.ask(register), register)
    await desk.establish(fact("occupancy"), fact("defects"))

    facts = {each.subject: each for each in await desk.facts()}
    assert await missing(desk) == ()
    assert facts["title"].source == "不动产登记机构 REG-1"
    assert (facts["title"].as_of, facts["title"].document_sha256) == (START.date(), "b" * 64)
    assert set(facts) == {"title", "burdens", "unpaid_taxes", "tax_heads", "tax_rates", "occupancy", "defects"}


@pytest.mark.parametrize("reason", ["down", "unknown", "pending"])
async def test_silence_is_a_dated_gap_and_then_a_late_answer_counts(database: Database, reason: GapReason) -> None:
    """Unanswered since the day of the question, asked again later under the same id; the late answer closes the gap."""
    desk, silent = await desk_for(database, "home"), Gap(reason=reason, detail="x")
    registry = TestRegister("registry", silent, silent, "answer")
    asked = await desk.ask(registry)
    await desk.work(asked, registry)
    await desk.work(asked, registry)
    between, jobs = await desk.state(asked), await desk.jobs()
    silent_facts = await desk.facts()
    await move_clock(database, to=START + timedelta(days=3), freeze=True)
    await desk.work(asked, registry)
    after = await desk.state(asked)

    assert (between.is_open, between.tries, between.last_reason, between.asked_at) == (True, 2, reason, START)
    assert (silent_facts, jobs) == ([], 3)
    assert after.answered_at == START + timedelta(days=3)
    assert {each.question_id for each in registry.asked} == {asked.question_id}
    assert {each.subject for each in await desk.facts()} == {"title", "burdens"}


async def test_silence_never_says_no(database: Database) -> None:
    """With a silent registry the price waits for what it was asked, and for nothing else."""
    desk = await desk_for(database, "home")
    registry = TestRegister("registry", Gap(reason="down", detail=""))
    await desk.establish(*(fact(s) for s in ("occupancy", "unpaid_taxes", "defects")))
    await desk.work(await desk.ask(registry), registry)

    assert await missing(desk) == ("title", "burdens")
    with pytest.raises(FactsIncomplete):
        async with database.reading() as tx:
            await require_facts(tx, desk.asset_id)


async def test_silence_takes_back_no_earlier_finding(database: Database) -> None:
    """The last answer stays, with its age; a newer question that is not answered blocks nothing."""
    desk, registry = await desk_for(database, "home"), TestRegister("registry", "answer", Gap(reason="down", detail=""))
    await desk.work(await desk.ask(registry), registry)
    await move_clock(database, to=START + timedelta(days=40), freeze=True)
    again = await desk.ask(registry)
    await desk.work(again, registry)

    assert await missing(desk) == ("occupancy", "unpaid_taxes", "defects")
    assert (await desk.state(again)).is_open


async def test_gap_of_a_company_is_enough_where_the_article_says(database: Database) -> None:
    """Capital paid, dates: asked in vain of the register, the appraisal rests on what exists (股权规定 12); title waits."""
    desk = await desk_for(database, "equity", "示例公司 30%")
    await desk.establish(*(fact(s) for s in ("occupancy", "unpaid_taxes", "defects")))
    before = await missing(desk)
    companies = TestRegister("companies", Gap(reason="down", detail=""))
    await desk.work(await desk.ask(companies), companies)
    between = await missing(desk)
    await desk.establish(fact("statements", "unanswered"), fact("dividends", "unanswered"))

    assert before[4:] == ("capital_paid", "contribution_dates", "statements", "dividends")
    assert between == ("title", "burdens", "share_ratio", "capital_subscribed", "statements", "dividends")
    assert await missing(desk) == ("title", "burdens", "share_ratio", "capital_subscribed")


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({"identifier": "京(2014)朝阳不动产权第0009999号"}, "other_asset"),
        ({"question_id": new_id()}, "other_question"),
        ({"register": "tax"}, "other_question"),
        ({"findings": ()}, "other_subjects"),
        ({"findings": (Finding(subject="defects", state="none_found", zh="无", en="none"),)}, "other_subjects"),
        ({"findings": (Finding(subject="title", state="established", zh=" ", en="x"),)}, "fact_malformed"),
        ({"findings": (Finding(subject="title", state="established", zh="不负责腾退", en="x"),)}, "occupancy_unclear"),
        ({"as_of": date(2027, 3, 2)}, "fact_malformed"),
    ],
)
async def test_answer_that_is_none_is_never_believed(database: Database, wrong: dict[str, Any], detail: str) -> None:
    """About another asset, another question, what was not asked, or dated to come: ended as unusable, nothing stored."""
    desk, right = await desk_for(database, "home"), TestRegister("registry")
    asked = await desk.ask(right)
    state = await desk.state(asked)
    taken = await take_answer(database, answer_to(state.question, **wrong), question_id=asked.question_id)
    late = await take_answer(database, answer_to(state.question), question_id=asked.question_id)
    ended = await desk.state(asked)
    async with database.reading() as tx:
        found = await tx.session.execute(_GAPS, {"id": asked.question_id})
        details = [row.detail for row in found]

    assert (taken, late, await desk.facts()) == (False, False, [])
    assert (ended.is_open, ended.last_reason, details) == (False, "unusable", [detail])
    assert (await desk.ask(right)).question_id != asked.question_id


async def test_repeated_subject_in_one_answer_is_refused(database: Database) -> None:
    """An answer that says two things on one subject says nothing."""
    desk, registry = await desk_for(database, "home"), TestRegister("registry")
    asked = await desk.ask(registry)
    question = (await desk.state(asked)).question
    twice = tuple(Finding(subject="title", state="established", zh=text, en=text) for text in ("甲", "乙"))

    assert not await take_answer(database, answer_to(question, findings=twice), question_id=asked.question_id)


async def test_second_answer_changes_nothing(database: Database) -> None:
    """The first answer counts, whatever comes after it under the same question."""
    desk, registry = await desk_for(database, "home"), TestRegister("registry")
    asked = await desk.ask(registry)
    question = (await desk.state(asked)).question
    other = answer_to(question, answer_no="REG-2", sha256="c" * 64)

    assert await take_answer(database, answer_to(question), question_id=asked.question_id)
    assert not await take_answer(database, other, question_id=asked.question_id)
    await desk.work(asked, registry)
    assert ((await desk.state(asked)).answer_no, len(await desk.facts()), registry.asked) == ("REG-1", 2, [])


async def test_dead_between_answer_and_note_it_is_asked_again(database: Database) -> None:
    """The answer is in hand and the process dies: the job is run again, asks under the same id, and stores it once."""
    desk = await desk_for(database, "home")

    class Dying(TestRegister):
        async def ask(self, question: Any, *, business_at: Any) -> Any:  # noqa: ANN401 - never gives anything
            self.asked.append(question)
            raise KeyboardInterrupt

    dying, registry = Dying("registry"), TestRegister("registry")
    asked = await desk.ask(dying)
    with pytest.raises(KeyboardInterrupt):
        await desk.work(asked, dying)
    between = await desk.state(asked)
    await desk.work(asked, registry)

    assert (between.is_open, between.tries) == (True, 0)
    assert dying.asked == registry.asked
    assert len(await desk.facts()) == 2


async def test_one_open_question_to_a_register(database: Database) -> None:
    """While it waits no second one is put; another register may be asked; after the answer the first may be asked anew."""
    desk, registry, tax = await desk_for(database, "home"), TestRegister("registry"), TestRegister("tax")
    asked = await desk.ask(registry)
    with pytest.raises(RegisterAskedBefore):
        await desk.ask(registry)
    await desk.ask(tax)
    await desk.work(asked, registry)

    assert await desk.ask(registry) != asked


async def test_line_that_was_taken_down_is_a_gap(database: Database) -> None:
    """A register that is configured no more leaves a gap like one that is down."""
    desk, registry = await desk_for(database, "home"), TestRegister("registry")
    asked = await desk.ask(registry)
    await desk.work(asked)

    assert (await desk.state(asked)).last_reason == "down"


async def test_who_may_ask_and_what(database: Database) -> None:
    """Not connected, not held, no number, no officer: each is refused, and nothing is asked."""
    desk = await desk_for(database, "home")
    with pytest.raises(RegisterNotConnected):
        await desk.ask("registry")
    with pytest.raises(RegisterNotAsked):
        await desk.ask(TestRegister("vehicles"))
    with pytest.raises(AssetNotNumbered):
        await Desk(database, "home", " ").ask(TestRegister("registry"))
    with pytest.raises(AssetNotNumbered):
        await Desk(database, "home", "1" * 201).ask(TestRegister("registry"))
    command = AskRegister(command_id=new_id(), case_id=CASE, asset_id=desk.asset_id, register="registry")
    lines: dict[RegisterKey, Register] = {"registry": TestRegister("registry")}
    with pytest.raises(RoleLacking):
        await ask_register(database, officer("b", Role.BIDDER), command, asset_file=desk.file, registers=lines)
    await Desk(database, "home", "1" * 200).ask(TestRegister("registry"))

    assert await desk.jobs() == 1


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize("asset_class", FACT_LAW.classes)
async def test_register_is_asked_what_it_holds_of_the_class(
    database: Database, register: RegisterKey, asset_class: str
) -> None:
    """By the table: each class's own register and the tax office, and no other."""
    desk, subjects = await desk_for(database, asset_class), FACT_LAW.asked_of(register, asset_class)
    if not subjects:
        with pytest.raises(RegisterNotAsked):
            await desk.ask(TestRegister(register))
        return

    assert (await desk.ask(TestRegister(register))).subjects == subjects


async def test_one_person_cannot_answer_for_a_silent_register(database: Database) -> None:
    """While the registry owes its answer no officer alone establishes it; other subjects and gaps he does."""
    desk, registry = await desk_for(database, "home"), TestRegister("registry", Gap(reason="down", detail=""), "answer")
    asked = await desk.ask(registry)
    await desk.work(asked, registry)
    with pytest.raises(RegisterStillAsked):
        await desk.establish(fact("defects"), fact("title"))
    await desk.establish(fact("defects"), fact("title", "unanswered"))
    await desk.work(asked, registry)
    await desk.establish(fact("title", statement_zh="另行查明"))

    assert [each.subject for each in await desk.facts()] == ["defects", "title", "title", "burdens", "title"]


@pytest.mark.parametrize(("tries", "seconds"), [(1, 2), (2, 4), (11, 2048), (12, 3600), (13, 3600), (500, 3600)])
def test_pauses_grow_to_an_hour(tries: int, seconds: int) -> None:
    """Longer and longer, never over an hour, never without end."""
    assert pause_after(tries) == timedelta(seconds=seconds) <= LONGEST_PAUSE


async def test_standings_for_the_public(database: Database) -> None:
    """What waits, since when, and the last answer, by register; a register that was never asked does not stand there."""
    desk, tax = await desk_for(database, "home"), TestRegister("tax", "answer", Gap(reason="down", detail=""))
    await desk.work(await desk.ask(tax), tax)
    await move_clock(database, to=START + timedelta(days=2), freeze=True)
    await desk.work(await desk.ask(tax), tax)
    async with database.reading() as tx:
        found = await standings(tx)

    assert set(found) == {"tax"}
    assert (found["tax"].waiting, found["tax"].last_answer_at) == (1, START)
    assert found["tax"].unanswered_since == START + timedelta(days=2)
