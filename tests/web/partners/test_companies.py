"""Who controls a company, over real HTTP: the door with and without the clause, and a register that is silent, late or lying."""

from __future__ import annotations

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from auction.kernel.actors import SYSTEM, Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.persons import record_person
from auction.kernel.signing import DocumentKey, check_document
from auction.sale.guards import ask_control, control_store
from auction.sale.guards.ask_again import AskListsAgain, ask_lists_again
from auction.sale.guards.ask_control import (
    ASK_CONTROL,
    ASK_CONTROL_OF_ROUND,
    AskControl,
    AskControlOfRound,
    handle_ask_control,
    handle_ask_control_of_round,
)
from auction.sale.guards.control import CompanyRegister
from auction.sale.guards.control_client import ControlClient
from auction.sale.lots.options import Options
from auction.sale.registers.ask_lists import ANEW_AFTER, QUESTIONS_AT_DOOR
from auction.sale.rounds.open_round import MarkRoundOpen, open_round
from auction.sale.rounds.register_bidder import RegisterBidder, Registered, register_bidder
from tests.auction.sale.world import OPENS_AT, World, actor, resident_number
from tests.web.partners.conftest import Street, eventually, unheard_url
from tests.web.partners.list_child import Errand

SERVERS = ("companies",)
FIRST, SECOND = "91110000600037341L", "91310000607228281B"
BOSS = resident_number(date(1966, 6, 6), 902)
PATH = "/v1/controllers"
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
ROOT = Path(__file__).parents[3]


def register_of(street: Street, **changes: str) -> ControlClient:
    """Give the door to the register."""
    return ControlClient("companies", street.partner("companies", **changes), street.signed("companies", **changes))


@pytest.fixture
def world(database: Database, database_url: str) -> World:
    """A made-up court with one case."""
    return World(database, database_url)


async def company(world: World, code: str) -> Actor:
    """Make a company's account."""
    person = await world.read(
        lambda tx: record_person(
            tx, kind="organisation", name=f"示例公司{code[-1]}", identity_number=code, masked="示例公司"
        )
    )
    return actor(Role.BIDDER, person_id=person)


async def announce(world: World, *, clause: bool) -> None:
    """Publish the notice, with or without the clause."""
    await world.announced(**({"options": Options(one_controller=True)} if clause else {}))


async def register(world: World, bidder: Actor, companies: CompanyRegister) -> Registered:
    """Register, with a line to the company register."""
    command = RegisterBidder(command_id=new_id(), registration_id=new_id(), lot_id=world.lot_id, accepts_warnings=True)
    return await register_bidder(world.db, bidder, command, companies=companies)


async def own(street: Street, *codes: str) -> None:
    """Put the companies under one controller, the codes written as registers write them."""
    for code in codes:
        await street.order("companies", do="controlled_by", credit_code=code, controllers=[f" {BOSS} "])


async def work_off(world: World, companies: CompanyRegister) -> int:
    """Run every job that asks, once each, as a worker does; gives how many there were."""
    rows = await world.rows(
        "SELECT job_id, payload FROM kernel.job WHERE kind = :kind AND state <> 'done' ORDER BY created_at",
        kind=ASK_CONTROL,
    )
    for row in rows:
        job = Job(job_id=row.job_id, kind=ASK_CONTROL, payload=bytes(row.payload), attempts=0)
        await handle_ask_control(world.db, companies, job)
    return len(rows)


async def notes(world: World) -> set[frozenset[object]]:
    """Give the pairs of registrations of which the judge was told."""
    rows = await world.read(lambda tx: control_store.notes_of(tx, world.case_id))
    return {frozenset({row.registration_id, row.other_registration_id}) for row in rows}


async def unanswered(world: World) -> set[object]:
    """Give the registrations about which the register has not answered."""
    return {one.registration_id for one in await world.read(lambda tx: control_store.unanswered_of(tx, world.case_id))}


async def outcome_of(world: World, bidder: Actor) -> list[tuple[str, bool, str]]:
    """Give what is kept of the guard: outcome, whether a controller is shared, by whose word."""
    rows = await world.rows(
        "SELECT outcome, rested_on FROM sale.guard_application WHERE guard = 'G18' AND person_id = :id",
        id=bidder.person_id,
    )
    return [(row.outcome, row.rested_on["shared_controller"], row.rested_on["source"]) for row in rows]


async def test_with_the_clause_the_second_company_is_refused_by_guard_article_and_remedy(
    street: Street, world: World
) -> None:
    """The register names one controller for both: the second is refused with number, article and remedy, and the judge need not be told."""
    await announce(world, clause=True)
    await own(street, FIRST, SECOND)
    await register(world, await company(world, FIRST), register_of(street))

    with pytest.raises(Refusal) as caught:
        await register(world, await company(world, SECOND), register_of(street))
    assert (caught.value.code, caught.value.facts["guard"]) == ("one_controller_one_bidder", "G18")
    assert "网拍 12, 13" in caught.value.article
    assert await notes(world) == set()


async def test_without_the_clause_both_register_and_the_judge_is_told_once(street: Street, world: World) -> None:
    """Nobody is refused; the pair is noted with both registrations, and what the register signed lies sealed and verifies."""
    await announce(world, clause=False)
    await own(street, FIRST, SECOND)
    second = await company(world, SECOND)
    one = await register(world, await company(world, FIRST), register_of(street))
    other = await register(world, second, register_of(street))
    await work_off(world, register_of(street))

    assert await notes(world) == {frozenset({one.registration_id, other.registration_id})}
    assert await outcome_of(world, second) == [("passed", True, "公司登记机关")]
    assert await unanswered(world) == set()
    (row, *_) = await world.rows("SELECT content_sealed FROM sale.control_answer")
    signed = msgspec.json.decode(world.db.sealer.open(bytes(row.content_sealed)))
    public_key = bytes.fromhex(street.connections["companies"]["public_key"])
    check_document(signed["document"], sha256=signed["sha256"], signature=signed["signature"], public_key=public_key)


async def test_controller_who_bids_himself_is_met_by_his_company(street: Street, world: World) -> None:
    """The controller registers first, his company after him: with the clause only one of the two."""
    await announce(world, clause=True)
    await own(street, FIRST)
    person = await world.read(
        lambda tx: record_person(tx, kind="natural", name="郑控制", identity_number=BOSS, masked="郑**")
    )
    await register(world, actor(Role.BIDDER, person_id=person), register_of(street))

    with pytest.raises(Refusal) as caught:
        await register(world, await company(world, FIRST), register_of(street))
    assert caught.value.code == "one_controller_one_bidder"


async def test_strangers_are_told_of_nowhere(street: Street, world: World) -> None:
    """Companies of different controllers pass, and nothing is noted."""
    await announce(world, clause=True)
    await own(street, FIRST)
    await register(world, await company(world, FIRST), register_of(street))
    second = await company(world, SECOND)
    await register(world, second, register_of(street))

    assert await outcome_of(world, second) == [("passed", False, "公司登记机关")]
    assert await notes(world) == set()


@pytest.mark.parametrize("line", ["down", "unheard", "silent"])
async def test_silent_register_keeps_nobody_out_and_is_asked_until_it_answers(
    street: Street, world: World, line: str
) -> None:
    """Admitted on the undertaking even under the clause, recorded as unknown, shown as not answered; the late answer is noted for the judge."""
    await announce(world, clause=True)
    await own(street, FIRST, SECOND)
    one = await register(world, await company(world, FIRST), register_of(street))
    companies = register_of(street, url=unheard_url()) if line == "unheard" else register_of(street)
    if line == "down":
        await street.order("companies", do="question_mood", mood="down")
    if line == "silent":
        await street.order("companies", do="fault", kind="no_answer_after", path=PATH, hold_ms=5_000)
    second = await company(world, SECOND)
    other = await register(world, second, companies)
    assert await outcome_of(world, second) == [("unknown", False, "")]
    assert await unanswered(world) == {other.registration_id}
    await street.order("companies", do="question_mood", mood="normal")
    await work_off(world, register_of(street))
    await work_off(world, register_of(street))

    assert await unanswered(world) == set()
    assert await notes(world) == {frozenset({one.registration_id, other.registration_id})}


@pytest.mark.parametrize("mood", ["wrong_property", "malformed", "wrong_signature", "refuse"])
async def test_answer_that_counts_for_nothing_is_asked_anew(street: Street, world: World, mood: str) -> None:
    """Another company's, unsigned or formless: no answer. The question ends; another, an hour later, is answered."""
    await announce(world, clause=True)
    await own(street, FIRST, SECOND)
    one = await register(world, await company(world, FIRST), register_of(street))
    await street.order("companies", do="question_mood", mood=mood)
    other = await register(world, await company(world, SECOND), register_of(street))
    gaps = await world.rows("SELECT reason, detail FROM sale.control_gap")
    assert [row.reason for row in gaps] == ["refused" if mood == "refuse" else "unusable"]
    assert not any(SECOND in row.detail or BOSS in row.detail for row in gaps)
    await street.order("companies", do="question_mood", mood="normal")
    due = await world.rows(
        "SELECT due_at FROM kernel.job WHERE kind = :kind ORDER BY due_at DESC LIMIT 1", kind=ASK_CONTROL
    )
    asked_at = (await world.rows("SELECT max(asked_at) AS at FROM sale.control_question"))[0].at
    assert due[0].due_at == asked_at + ANEW_AFTER
    await work_off(world, register_of(street))

    assert await notes(world) == {frozenset({one.registration_id, other.registration_id})}


async def test_late_and_doubled_answers_are_kept_once(street: Street, world: World) -> None:
    """Pending, then released, then signed twice: one answer, one note, and the question is not put again."""
    await announce(world, clause=False)
    await own(street, FIRST, SECOND)
    await register(world, await company(world, FIRST), register_of(street))
    await street.order("companies", do="question_mood", mood="late")
    await register(world, await company(world, SECOND), register_of(street))
    await street.order("companies", do="release_questions")
    await eventually(lambda: street.order("companies", do="replies"), lambda counted: bool(counted["replies"] == 2))
    await street.order("companies", do="question_mood", mood="duplicate")
    await work_off(world, register_of(street))
    await work_off(world, register_of(street))

    assert (await world.rows("SELECT count(*) AS n FROM sale.control_answer"))[0].n == 2
    assert (await world.rows("SELECT count(*) AS n FROM sale.control_question"))[0].n == 2
    assert len(await notes(world)) == 1


async def test_answer_under_another_key_or_of_another_register_is_none(street: Street, world: World) -> None:
    """The key on file and the register's own name are checked."""
    await announce(world, clause=False)
    wrong_key = register_of(street, public_key=DocumentKey(b"o" * 32).public.hex())
    await register(world, await company(world, FIRST), wrong_key)
    other = ControlClient("companies-2", street.partner("companies"), street.signed("companies"))
    await register(world, await company(world, SECOND), other)

    gaps = await world.rows("SELECT reason FROM sale.control_gap")
    assert [row.reason for row in gaps] == ["unusable", "unusable"]


async def test_natural_person_and_whoever_accepts_nothing_are_not_asked_about(street: Street, world: World) -> None:
    """No question leaves for a natural person, nor for a company that did not accept the warnings."""
    await announce(world, clause=True)
    await register(world, await world.bidder(), register_of(street))
    unwilling = RegisterBidder(
        command_id=new_id(), registration_id=new_id(), lot_id=world.lot_id, accepts_warnings=False
    )
    with pytest.raises(Refusal):
        await register_bidder(world.db, await company(world, FIRST), unwilling, companies=register_of(street))

    assert (await street.order("companies", do="replies"))["questions"] == 0


async def test_answer_given_before_this_door_does_not_count_at_it(street: Street, world: World) -> None:
    """An answer of an hour ago refuses nobody: control changes; without a fresh one the guard says unknown."""
    await announce(world, clause=True)
    first = await company(world, FIRST)
    await ask_control.ask_control_before(world.db, register_of(street), lot_id=world.lot_id, person_id=first.person_id)
    assert (await world.rows("SELECT count(*) AS n FROM sale.control_answer"))[0].n == 1
    await world.at(
        (await world.rows("SELECT max(answered_at) AS at FROM sale.control_answer"))[0].at + timedelta(hours=1)
    )
    await street.order("companies", do="question_mood", mood="down")
    await register(world, first, register_of(street))

    assert await outcome_of(world, first) == [("unknown", False, "")]


async def test_officer_has_the_register_asked_again_and_a_new_controller_is_noted(street: Street, world: World) -> None:
    """Control changed after the registrations: asked again about companies only, the judge is told, and both stay registered."""
    await announce(world, clause=True)
    one = await register(world, await company(world, FIRST), register_of(street))
    other = await register(world, await company(world, SECOND), register_of(street))
    await register(world, await world.bidder(), register_of(street))
    await own(street, FIRST, SECOND)
    command = AskListsAgain(command_id=new_id(), case_id=world.case_id, round_id=world.round_id)
    await ask_lists_again(world.db, world.handler, command)
    (row,) = await world.rows("SELECT job_id, payload FROM kernel.job WHERE kind = :kind", kind=ASK_CONTROL_OF_ROUND)
    job = Job(job_id=row.job_id, kind=ASK_CONTROL_OF_ROUND, payload=bytes(row.payload), attempts=0)
    await handle_ask_control_of_round(world.db, register_of(street), job)
    await handle_ask_control_of_round(world.db, register_of(street), job)
    await work_off(world, register_of(street))

    assert await notes(world) == {frozenset({one.registration_id, other.registration_id})}
    assert (await street.order("companies", do="replies"))["questions"] == 4
    assert {row.state for row in await world.rows("SELECT state FROM sale.registration")} == {"awaiting_deposit"}


async def test_register_is_asked_by_itself_at_the_opening_and_before_the_ruling(street: Street, world: World) -> None:
    """Nobody has to think of it: the opening plans one asking about the round, the outcome another, each once."""
    published = await world.announced()
    await register(world, await company(world, FIRST), register_of(street))
    _, _, code = await world.admitted()
    asked = (await street.order("companies", do="replies"))["questions"]
    await world.at(OPENS_AT)
    for _again in range(2):
        command = MarkRoundOpen(command_id=new_id(), round_id=world.round_id)
        await open_round(world.db, SYSTEM, command)
    planned = await world.jobs(ASK_CONTROL_OF_ROUND)
    await handle_ask_control_of_round(world.db, register_of(street), planned[0])
    await work_off(world, register_of(street))
    for _again in range(2):
        await world.close(world.outcome(published, code))

    assert [job.decode(AskControlOfRound).round_id for job in planned] == [world.round_id]
    assert (await street.order("companies", do="replies"))["questions"] == asked + 1
    assert len(await world.jobs(ASK_CONTROL_OF_ROUND)) == 2


async def test_register_is_not_asked_without_end_at_one_door(street: Street, world: World) -> None:
    """Whoever tries again and again has the register asked `QUESTIONS_AT_DOOR` times at the most."""
    await announce(world, clause=True)
    first = await company(world, FIRST)
    for _ in range(QUESTIONS_AT_DOOR + 1):
        await ask_control.ask_control_before(
            world.db, register_of(street), lot_id=world.lot_id, person_id=first.person_id
        )

    assert (await street.order("companies", do="replies"))["questions"] == QUESTIONS_AT_DOOR


async def test_killed_while_the_answer_is_on_its_way(street: Street, world: World, database_url: str) -> None:
    """The worker dies after the register answered: asked again under the same id, one answer, one note."""
    await announce(world, clause=False)
    await own(street, FIRST, SECOND)
    await register(world, await company(world, FIRST), register_of(street))
    await register(world, await company(world, SECOND), register_of(street, url=unheard_url()))
    (row,) = await world.rows(
        "SELECT question_id FROM sale.control_question q WHERE NOT EXISTS "
        "(SELECT 1 FROM sale.control_answer a WHERE a.question_id = q.question_id)"
    )
    await street.order("companies", do="fault", kind="no_answer_after", path=PATH, hold_ms=60_000)
    errand = Errand(
        database_url=database_url,
        sealer_secret=SEALER_SECRET,
        partner=street.connections["companies"],
        question_id=row.question_id,
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.partners.control_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    await eventually(lambda: street.order("companies", do="replies"), lambda counted: bool(counted["replies"] == 2))
    child.kill()
    await child.wait()
    assert await notes(world) == set()
    payload = msgspec.json.encode(AskControl(question_id=row.question_id))
    for _ in range(2):
        job = Job(job_id=new_id(), kind=ASK_CONTROL, payload=payload, attempts=0)
        await handle_ask_control(world.db, register_of(street), job)

    assert len(await notes(world)) == 1
    assert (await street.order("companies", do="replies"))["replies"] == 2
