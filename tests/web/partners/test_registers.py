"""The registers' doors over real HTTP: every mood of the sandbox, through the question's whole way in the database."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from auction.kernel.db import Database
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signed_questions import Gap
from auction.kernel.signing import DocumentKey
from tests.valuation.facts.facts_world import Desk, desk_for, fact
from tests.web.partners.conftest import Street, eventually, unheard_url
from tests.web.partners.register_child import Errand
from valuation.facts.ask_register import RegisterAsked
from valuation.facts.place import Place, place_of
from valuation.facts.register import RegisterKey, make_question
from valuation.facts.register_client import RegisterClient
from valuation.facts.require_facts import missing_for_price
from valuation.facts.store import QuestionState

SERVERS = ("registry", "vehicles", "companies", "tax")
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
ROOT = Path(__file__).parents[3]
_ID, _AT = UUID(int=1), datetime(2027, 3, 1, tzinfo=UTC)
CLASS_OF: dict[RegisterKey, str] = {"registry": "land", "vehicles": "vehicle", "companies": "equity", "tax": "right"}


def door(street: Street, name: RegisterKey = "registry", **changes: str) -> RegisterClient:
    """Give a register's door."""
    return RegisterClient(name, street.partner(name, **changes), street.signed(name, **changes))


async def asked(desk: Desk, client: RegisterClient) -> RegisterAsked:
    """Put the question, and run its job once."""
    question = await desk.ask(client.key, client)
    await desk.work(question, client)
    return question


async def state(desk: Desk, question: RegisterAsked) -> tuple[bool, str | None, int]:
    """Whether the question is open, the last gap, and how many facts there are."""
    found: QuestionState = await desk.state(question)
    return found.is_open, found.last_reason, len(await desk.facts())


@pytest.mark.parametrize("name", SERVERS)
async def test_answer_comes_signed_and_is_kept(street: Street, database: Database, name: RegisterKey) -> None:
    """Each register answers what it holds of its class, as of the business day, under its own number."""
    desk = await desk_for(database, CLASS_OF[name])
    question = await asked(desk, door(street, name))
    found = await desk.state(question)

    assert found.answered_at is not None
    assert {each.subject for each in await desk.facts()} == set(found.question.subjects)
    assert {each.as_of.isoformat() for each in await desk.facts()} == {"2027-03-01"}
    assert str(found.answer_no).startswith("SBX-")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_before", "error_after"])
async def test_lost_line_is_a_gap_and_asked_again_it_is_one_question(
    street: Street, database: Database, fault: str
) -> None:
    """Before or after the register took the question the line breaks: a dated gap; the next try finds the one answer."""
    desk, client = await desk_for(database, "home"), door(street)
    await street.order("registry", do="fault", kind=fault, path="/v1/questions")
    question = await asked(desk, client)
    between = await state(desk, question)
    await desk.work(question, client)

    assert between == (True, "unknown", 0)
    assert (await desk.state(question)).answered_at is not None
    assert await street.order("registry", do="replies") == {"sandbox": True, "questions": 1, "replies": 1}


async def test_register_that_is_down_and_nobody_at_home(street: Street, database: Database) -> None:
    """Down for maintenance, or nobody listening: gaps; when it is back it answers, and the price waited meanwhile."""
    desk = await desk_for(database, "home")
    await street.order("registry", do="question_mood", mood="down")
    question = await asked(desk, door(street))
    down = await state(desk, question)
    await desk.work(question, door(street, url=unheard_url()))
    unheard = await state(desk, question)
    await desk.establish(*(fact(s) for s in ("occupancy", "unpaid_taxes", "defects")))
    async with database.reading() as tx:
        waited_for = await missing_for_price(tx, desk.asset_id)
    await street.order("registry", do="question_mood", mood="normal")
    await desk.work(question, door(street))

    assert (down, unheard) == ((True, "unknown", 0), (True, "down", 0))
    assert waited_for == ("title", "burdens")
    async with database.reading() as tx:
        assert await missing_for_price(tx, desk.asset_id) == ()


async def test_gap_then_late_answer(street: Street, database: Database) -> None:
    """A late register has the question: pending, asked again, and the answer counts when it is released."""
    desk, client = await desk_for(database, "home"), door(street)
    await street.order("registry", do="question_mood", mood="late")
    question = await asked(desk, client)
    pending = await state(desk, question)
    await street.order("registry", do="release_question", question_id=str(question.question_id))
    await eventually(lambda: street.order("registry", do="replies"), lambda counted: bool(counted["replies"] == 1))
    await desk.work(question, client)

    assert pending == (True, "pending", 0)
    assert await state(desk, question) == (False, "pending", 2)


@pytest.mark.parametrize("mood", ["wrong_property", "malformed", "wrong_signature"])
async def test_unusable_answer_ends_the_question(street: Street, database: Database, mood: str) -> None:
    """Another asset, no findings, another signature: nothing is believed; a new question is put when it is repaired."""
    desk, client = await desk_for(database, "home"), door(street)
    await street.order("registry", do="question_mood", mood=mood)
    question = await asked(desk, client)
    ended = await state(desk, question)
    await desk.work(question, client)
    await street.order("registry", do="question_mood", mood="normal")
    again = await asked(desk, client)

    assert ended == (False, "unusable", 0)
    assert (await desk.state(question)).tries == 1
    assert await state(desk, again) == (False, None, 2)


async def test_refusing_register(street: Street, database: Database) -> None:
    """It does not have the asset: that is no finding; paper or another question must answer."""
    desk, client = await desk_for(database, "home"), door(street)
    await street.order("registry", do="question_mood", mood="refuse")

    assert await state(desk, await asked(desk, client)) == (False, "refused", 0)


async def test_duplicate_answer_changes_nothing(street: Street, database: Database) -> None:
    """A register that answers twice leaves the first answer; the job that is delivered again asks nobody."""
    desk, client = await desk_for(database, "home"), door(street)
    await street.order("registry", do="question_mood", mood="duplicate")
    await street.order("registry", do="fault", kind="drop_after", path="/v1/questions")
    question = await asked(desk, client)
    await desk.work(question, client)
    first = await desk.state(question)
    await desk.work(question, client)

    assert (first.answer_no, len(await desk.facts())) == ("SBX-TITLE-000002", 2)
    assert await desk.state(question) == first
    assert (await street.order("registry", do="replies"))["replies"] == 2


async def test_killed_between_answer_and_note_it_is_one_answer(
    street: Street, database: Database, database_url: str
) -> None:
    """SIGKILL while the answer is on its way: the job that is handed out again finds the same answer."""
    desk, client = await desk_for(database, "home"), door(street)
    question = await desk.ask("registry", client)
    await street.order("registry", do="fault", kind="no_answer_after", path="/v1/questions", hold_ms=60_000)
    errand = Errand(
        database_url=database_url,
        sealer_secret=SEALER_SECRET,
        partner=street.connections["registry"],
        question_id=question.question_id,
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.partners.register_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    await eventually(lambda: street.order("registry", do="replies"), lambda counted: bool(counted["replies"] == 1))
    child.kill()
    await child.wait()
    between = await desk.state(question)
    await desk.work(question, client)

    assert (between.is_open, between.tries) == (True, 0)
    assert (await desk.state(question)).answer_no == "SBX-TITLE-000001"
    assert await street.order("registry", do="replies") == {"sandbox": True, "questions": 1, "replies": 1}


async def test_stranger_and_foreign_key(street: Street, database: Database) -> None:
    """A call signed wrongly is refused by the register; an answer is believed under the configured key only."""
    desk = await desk_for(database, "home")
    stranger = await asked(desk, door(street, secret="another-secret-of-somebody"))
    refused = await state(desk, stranger)
    foreign = await asked(desk, door(street, public_key=DocumentKey(b"o" * 32).public.hex()))

    assert refused == (False, "refused", 0)
    assert await state(desk, foreign) == (False, "unusable", 0)


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (200, {}, "unusable"),
        (200, {"question": {"state": "done"}}, "unusable"),
        (200, {"question": {"state": "answered", "signed": None}}, "pending"),
        (
            200,
            {"question": {"state": "answered", "signed": {"document": {}, "sha256": "", "signature": ""}}},
            "unusable",
        ),
        (404, {"error": {"code": "no_such_path", "message": ""}}, "refused"),
        (429, {}, "down"),
        (408, {}, "unknown"),
        (503, {}, "unknown"),
    ],
)
async def test_answers_of_another_form(street: Street, status: int, content: dict[str, Any], reason: str) -> None:
    """What is no answer in the agreed form is a gap with its reason, never a finding."""

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(status, json=content)

    partner = street.partner("registry")
    client = SignedClient(partner, transport=httpx.MockTransport(answer))
    street.opened.append(client.close)
    question = make_question(_ID, "registry", asset_class="home", identifier="1")
    outcome = await RegisterClient("registry", partner, client).ask(question, business_at=_AT)

    assert isinstance(outcome, Gap)
    assert outcome.reason == reason


async def test_title_registry_says_where_the_asset_lies(street: Street, database: Database) -> None:
    """Province and city come signed with the title, stand in its finding, and in no other."""
    desk = await desk_for(database, "home")
    before = await asked(desk, door(street))
    found = await desk.state(before)
    await street.order("registry", do="place", identifier=found.question.identifier, province="四川省", city="成都市")
    after = await asked(desk, door(street))
    facts = await desk.facts()

    assert (await desk.state(after)).answered_at is not None
    assert place_of(facts) == Place(province="四川省", city="成都市")
    assert [fact.city for fact in facts if fact.subject == "title"] == ["", "成都市"]
    assert {fact.city for fact in facts if fact.subject != "title"} == {""}
