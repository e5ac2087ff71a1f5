"""The keepers' doors over real HTTP: every mood of the sandbox, from the asking to the registration and the ruling."""

from __future__ import annotations

import asyncio
import sys
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.persons import find_person, identity_of
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signed_questions import Gap
from auction.kernel.signing import DocumentKey, canonical_json, check_document
from auction.sale.cases.assets import AssetClass
from auction.sale.guards.ask_again import AskListsAgain, RoundNotOfCase, ask_lists_again
from auction.sale.guards.joint import JointBidderNotAllowed, JointBiddersTooLate, JointMember
from auction.sale.registers import ask_lists
from auction.sale.registers.ask_lists import AskLists, AskNow, handle_ask_lists, handle_list_question
from auction.sale.registers.check_lists import check_lists
from auction.sale.registers.lists import Keepers, ListsAnswer, Question
from auction.sale.registers.lists_client import ListsClient
from auction.sale.registers.refusals import ConsumptionRestricted, ListedDishonestDebtor
from auction.sale.registers.store import matters_of, standings_of
from auction.sale.rounds.bidders import RegistrationUnknown
from auction.sale.rounds.declare_joint_bidders import DeclareJointBidders, declare_joint_bidders
from auction.sale.rounds.register_bidder import RegisterBidder, Registered, register_bidder
from auction.sale.title.rule_on_sale import RuleOnSale, rule_on_sale
from auction.sale.title.title import BuyerBarredSince
from tests.auction.sale.world import DEPOSIT, OPENS_AT, RESERVE, World, resident_number
from tests.web.partners.conftest import Street, eventually, unheard_url
from tests.web.partners.list_child import Errand

SERVERS = ("lists-1", "lists-2")
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
ROOT = Path(__file__).parents[3]


def keepers(street: Street, *names: str, **changes: Any) -> Keepers:  # noqa: ANN401 - fields of the partner
    """Give doors to the named keepers (both without names)."""
    return {
        name: ListsClient(name, street.partner(name, **changes), street.signed(name, **changes))
        for name in names or SERVERS
    }


@pytest.fixture
def world(database: Database, database_url: str) -> World:
    """A made-up court with one case."""
    return World(database, database_url)


async def number_of(world: World, person: Actor) -> str:
    """Open a person's identity number."""
    return (await world.read(lambda tx: identity_of(tx, person.person_id)))[1]


async def enlist(street: Street, world: World, person: Actor, list_: str, *names: str, **more: object) -> None:
    """Put a person on a list of the named keepers (both without names)."""
    for name in names or SERVERS:
        await street.order(name, do="enlist", identity_number=await number_of(world, person), list=list_, **more)


async def register(world: World, bidder: Actor, lists: Keepers) -> Registered:
    """Register, with a line to these keepers."""
    command = RegisterBidder(command_id=new_id(), registration_id=new_id(), lot_id=world.lot_id, accepts_warnings=True)
    return await register_bidder(world.db, bidder, command, lists=lists)


async def work_off(world: World, lists: Keepers) -> int:
    """Run every job that asks, once each, as a worker does; gives how many there were."""
    handlers = {ask_lists.ASK_LISTS: handle_ask_lists, ask_lists.ASK_LIST_QUESTION: handle_list_question}
    rows = await world.rows(
        "SELECT job_id, kind, payload FROM kernel.job WHERE kind = ANY(:kinds) AND state <> 'done' ORDER BY created_at",
        kinds=list(handlers),
    )
    for row in rows:
        await handlers[row.kind](
            world.db, lists, Job(job_id=row.job_id, kind=row.kind, payload=bytes(row.payload), attempts=0)
        )
    return len(rows)


async def stands(world: World, person: Actor) -> ListsAnswer:
    """Say how a person stands by all that was answered."""
    return await world.read(lambda tx: standings_of(tx, person.person_id, world.asset_class))


async def gaps(world: World) -> list[str]:
    """Give the reasons of all gaps, in order."""
    return [row.reason for row in await world.rows("SELECT reason FROM sale.list_gap ORDER BY at, reason")]


async def test_unlisted_person_registers_and_the_signed_answer_is_kept(street: Street, world: World) -> None:
    """Both keepers say clear: registered; what each signed lies sealed and verifies, nothing of the person stands open."""
    await world.announced()
    bidder = await world.bidder()
    await register(world, bidder, keepers(street))
    answer = await world.read(lambda tx: check_lists(tx, bidder.person_id, AssetClass.HOME))
    rows = await world.rows("SELECT content_sealed, entries::text, answer_no FROM sale.list_answer")

    assert (answer.outcome, len(answer.rests_on)) == ("passed", 4)
    assert len(rows) == 2
    for row in rows:
        signed = msgspec.json.decode(world.db.sealer.open(bytes(row.content_sealed)))
        keeper = signed["document"]["keeper"]
        public_key = bytes.fromhex(street.connections[keeper]["public_key"])
        check_document(
            signed["document"], sha256=signed["sha256"], signature=signed["signature"], public_key=public_key
        )
        assert canonical_json(signed).decode() == world.db.sealer.open(bytes(row.content_sealed))
        assert await number_of(world, bidder) not in row.entries


@pytest.mark.parametrize(
    ("list_", "refusal"), [("dishonest", ListedDishonestDebtor), ("restriction", ConsumptionRestricted)]
)
async def test_listed_person_is_refused_for_a_home_and_removal_counts_at_once(
    street: Street, world: World, list_: str, refusal: type[Exception]
) -> None:
    """Refused by name of the list; taken off it, the same person registers in the same minute."""
    await world.announced()
    bidder = await world.bidder()
    await enlist(street, world, bidder, list_)
    with pytest.raises(refusal):
        await register(world, bidder, keepers(street))
    for name in SERVERS:
        await street.order(name, do="delist", identity_number=await number_of(world, bidder), list=list_)
    await world.at(await world.read(_now) + timedelta(seconds=1))

    assert (await register(world, bidder, keepers(street))).deposit_fen > 0


async def _now(tx: Any) -> datetime:  # noqa: ANN401 - the transaction
    found: datetime = tx.now
    return found


@pytest.mark.parametrize(
    ("asset_class", "list_", "covers"),
    [
        (AssetClass.VEHICLE, "dishonest", ()),
        (AssetClass.EQUITY, "restriction", ()),
        (AssetClass.HOME, "restriction", ("vehicle",)),
    ],
)
async def test_list_keeps_nobody_from_what_it_does_not_cover(
    street: Street, world: World, asset_class: AssetClass, list_: str, covers: tuple[str, ...]
) -> None:
    """A dishonest debtor bids for a vehicle, a restricted person for shares, and for a home where only vehicles are named."""
    world.asset_class = asset_class
    await world.announced()
    bidder = await world.bidder()
    await enlist(street, world, bidder, list_, covers=covers)

    assert (await register(world, bidder, keepers(street))).deposit_fen > 0


async def test_lists_that_are_down_keep_nobody_out_and_are_asked_until_they_answer(
    street: Street, world: World
) -> None:
    """Down and unheard: admitted on his word, "not answered since" is known; when it is back the listing is found."""
    await world.announced()
    bidder = await world.bidder()
    await enlist(street, world, bidder, "dishonest")
    await street.order("lists-1", do="list_mood", mood="down")
    lists = {**keepers(street, "lists-1"), **keepers(street, "lists-2", url=unheard_url())}
    await register(world, bidder, lists)
    before = await stands(world, bidder)
    assert {each.state for each in before.standings} == {"unanswered"}
    assert all(each.unanswered_since is not None for each in before.standings)
    assert await gaps(world) == ["down", "unknown"]

    await street.order("lists-1", do="list_mood", mood="normal")
    assert await work_off(world, keepers(street)) > 0
    after = await stands(world, bidder)
    assert (after.outcome, after.listed is not None) == ("refused", True)
    (row,) = await world.rows("SELECT state FROM sale.registration")
    assert row.state == "awaiting_deposit"  # found after admission: no registration is undone by it


async def test_slow_line_is_waited_for_no_longer_than_said(
    street: Street, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keeper that does not answer in time leaves the registration unknown; its job takes the one answer later."""
    monkeypatch.setattr(ask_lists, "ANSWER_WITHIN_S", 0.2)
    await world.announced()
    bidder = await world.bidder()
    await street.order("lists-1", do="fault", kind="no_answer_after", path="/v1/questions", hold_ms=5_000)
    await register(world, bidder, keepers(street, "lists-1"))
    assert (await stands(world, bidder)).outcome == "unknown"

    await work_off(world, keepers(street, "lists-1"))
    assert (await stands(world, bidder)).outcome == "passed"
    assert await street.order("lists-1", do="replies") == {"sandbox": True, "questions": 1, "replies": 1}


async def test_contradicting_keepers_admit_and_stand_for_the_judge(street: Street, world: World) -> None:
    """One says listed, the other clear: admitted, and the contradiction is on file."""
    await world.announced()
    bidder = await world.bidder()
    await street.order("lists-2", do="list_mood", mood="contradicting")
    await register(world, bidder, keepers(street))

    assert {each.state for each in (await stands(world, bidder)).standings} == {"contradicting"}


@pytest.mark.parametrize("mood", ["wrong_signature", "wrong_person", "malformed", "old", "refuse"])
async def test_unusable_answer_is_none_and_another_question_follows(street: Street, world: World, mood: str) -> None:
    """Nothing of it is believed, nobody is kept out; a new question is asked when the keeper is repaired."""
    await world.announced()
    bidder = await world.bidder()
    await enlist(street, world, bidder, "dishonest")
    await street.order("lists-1", do="list_mood", mood=mood)
    lists = keepers(street, "lists-1")
    await register(world, bidder, lists)
    assert (await stands(world, bidder)).outcome == "unknown"
    assert await gaps(world) == ["refused" if mood == "refuse" else "unusable"]

    await street.order("lists-1", do="list_mood", mood="normal")
    await work_off(world, lists)
    assert (await stands(world, bidder)).outcome == "refused"


async def test_late_and_repeated_answers(street: Street, world: World) -> None:
    """Pending until released; then one answer, however often the job comes and the keeper answers."""
    await world.announced()
    bidder = await world.bidder()
    await street.order("lists-1", do="list_mood", mood="late")
    lists = keepers(street, "lists-1")
    await register(world, bidder, lists)
    assert await gaps(world) == ["pending"]
    await street.order("lists-1", do="release_questions")
    await eventually(lambda: street.order("lists-1", do="replies"), lambda counted: bool(counted["replies"] == 1))
    await street.order("lists-1", do="list_mood", mood="duplicate")
    await work_off(world, lists)
    await work_off(world, lists)

    assert len(await world.rows("SELECT 1 FROM sale.list_answer")) == 1
    assert (await stands(world, bidder)).outcome == "passed"


async def test_everybody_who_takes_part_is_asked_about_at_the_opening(street: Street, world: World) -> None:
    """One question each for the moment, also when the job comes twice; who became listed since is found."""
    await world.announced()
    bidders = [await world.bidder(name) for name in ("张示例", "李示例", "王示例")]
    lists = keepers(street, "lists-1")
    for bidder in bidders:
        await register(world, bidder, lists)
    await enlist(street, world, bidders[1], "restriction")
    await world.at(OPENS_AT)
    asking = AskLists(lot_id=world.lot_id, round_id=world.round_id, moment="opening")
    job = Job(job_id=uuid.uuid4(), kind=ask_lists.ASK_LISTS, payload=msgspec.json.encode(asking), attempts=0)
    await handle_ask_lists(world.db, lists, job)
    await handle_ask_lists(world.db, lists, job)
    await work_off(world, lists)

    rows = await world.rows("SELECT 1 FROM sale.list_question WHERE moment = 'opening'")
    assert len(rows) == 3
    assert [(await stands(world, bidder)).outcome for bidder in bidders] == ["passed", "refused", "passed"]


@pytest.mark.parametrize("fault", ["no_answer_before", "no_answer_after"])
async def test_killed_while_the_question_is_on_its_way(
    street: Street, world: World, database_url: str, fault: str
) -> None:
    """SIGKILL before or after the keeper took the question: the job that is handed out again brings the one answer."""
    await world.announced()
    bidder = await world.bidder()
    lists = keepers(street, "lists-1")
    asking = AskLists(lot_id=world.lot_id, person_id=bidder.person_id, moment="registration")
    job = Job(job_id=uuid.uuid4(), kind=ask_lists.ASK_LISTS, payload=msgspec.json.encode(asking), attempts=0)
    await handle_ask_lists(world.db, lists, job)
    (question,) = await world.rows("SELECT question_id FROM sale.list_question")
    await street.order("lists-1", do="fault", kind=fault, path="/v1/questions", hold_ms=60_000)
    errand = Errand(
        database_url=database_url,
        sealer_secret=SEALER_SECRET,
        partner=street.connections["lists-1"],
        question_id=question.question_id,
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.partners.list_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    await eventually(lambda: _faults_left(street), lambda left: left == 0)
    child.kill()
    await child.wait()
    assert await world.rows("SELECT 1 FROM sale.list_answer UNION ALL SELECT 1 FROM sale.list_gap") == []

    await work_off(world, lists)
    assert (await stands(world, bidder)).outcome == "passed"
    assert await street.order("lists-1", do="replies") == {"sandbox": True, "questions": 1, "replies": 1}


async def _faults_left(street: Street) -> int:
    headers = {"x-sandbox-control": street.connections["control"]["secret"]}
    answer = await street.http.get(street.connections["lists-1"]["url"] + "/sandbox/control", headers=headers)
    return len(answer.json()["faults"])


async def test_foreign_key_and_stranger(street: Street, world: World) -> None:
    """An answer is believed under the configured key only; a call signed wrongly is refused."""
    await world.announced()
    bidder = await world.bidder()
    await register(world, bidder, keepers(street, "lists-1", public_key=DocumentKey(b"o" * 32).public.hex()))
    other = await world.bidder("李示例")
    await register(world, other, keepers(street, "lists-1", secret="another-secret-of-somebody"))

    assert sorted(await gaps(world)) == ["refused", "unusable"]


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (200, {}, "unusable"),
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
    """What is no answer in the agreed form is a gap with its reason, never a word about anybody."""

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(status, json=content)

    partner = street.partner("lists-1")
    client = SignedClient(partner, transport=httpx.MockTransport(answer))
    street.opened.append(client.close)
    question = Question(question_id=new_id(), kind="natural", identity_number="1", lists=("dishonest",))
    outcome = await ListsClient("lists-1", partner, client).ask(question, business_at=OPENS_AT)

    assert isinstance(outcome, Gap)
    assert outcome.reason == reason


async def test_nobody_asks_without_end(street: Street, world: World) -> None:
    """Who registers again and again has no more than so many questions put at once; one who takes no part is not asked about."""
    await world.announced()
    bidder = await world.bidder()
    await enlist(street, world, bidder, "dishonest")
    lists = keepers(street, "lists-1")
    for _ in range(ask_lists.QUESTIONS_AT_DOOR + 3):
        with pytest.raises(ListedDishonestDebtor):
            await register(world, bidder, lists)
    (count,) = await world.rows("SELECT count(*) AS n FROM sale.list_question")
    assert count.n == ask_lists.QUESTIONS_AT_DOOR

    other = await world.bidder("李示例")
    await street.order("lists-1", do="list_mood", mood="down")
    asking = AskLists(lot_id=world.lot_id, person_id=other.person_id, moment="registration")
    job = Job(job_id=uuid.uuid4(), kind=ask_lists.ASK_LISTS, payload=msgspec.json.encode(asking), attempts=0)
    await handle_ask_lists(world.db, lists, job)
    (question,) = await world.rows("SELECT question_id FROM sale.list_question ORDER BY question_id DESC LIMIT 1")
    await world.at(await world.read(_now) + timedelta(hours=2))
    await handle_list_question(
        world.db,
        lists,
        Job(
            job_id=uuid.uuid4(),
            kind=ask_lists.ASK_LIST_QUESTION,
            payload=msgspec.json.encode(AskNow(question_id=question.question_id)),
            attempts=0,
        ),
    )
    (planned,) = await world.rows(
        "SELECT count(*) AS n FROM kernel.job WHERE kind = :kind AND convert_from(payload, 'UTF8') LIKE :named",
        kind=ask_lists.ASK_LIST_QUESTION,
        named=f"%{question.question_id}%",
    )
    assert planned.n == 1


async def test_listing_found_before_the_ruling_is_for_the_panel_and_a_removal_ends_it(
    street: Street, world: World
) -> None:
    """A buyer listed after the close stops the ruling until the panel has spoken, or until his removal is known."""
    bidder, registered = await world.sold()
    await world.pay_balance(registered, RESERVE - DEPOSIT)
    lists = keepers(street, "lists-1")
    await enlist(street, world, bidder, "dishonest", "lists-1")
    ruling = RuleOnSale(command_id=new_id(), lot_id=world.lot_id, document_id=new_id(), body="裁定示例正文")
    with pytest.raises(BuyerBarredSince):
        await rule_on_sale(world.db, world.presiding, ruling, lists=lists)
    (row,) = await world.rows("SELECT state FROM sale.registration WHERE state = 'won'")
    assert row.state == "won"
    await world.at(await world.read(_now) + timedelta(seconds=1))
    await street.order("lists-1", do="delist", identity_number=await number_of(world, bidder), list="dishonest")

    assert (await rule_on_sale(world.db, world.presiding, ruling, lists=lists)).lot_id == world.lot_id


async def test_matters_name_no_person_and_no_code(street: Street, world: World) -> None:
    """The officer's page shows the registration, the list, its state and since when; whoever is clear is not on it."""
    await world.announced()
    clear, silent = await world.bidder("张示例"), await world.bidder("李示例")
    lists = keepers(street, "lists-1")
    await register(world, clear, lists)
    await street.order("lists-1", do="list_mood", mood="down")
    mine = await register(world, silent, lists)
    matters = await world.read(lambda tx: matters_of(tx, world.case_id))

    assert {matter.registration_id for matter in matters} == {mine.registration_id}
    assert {matter.standing.state for matter in matters} == {"unanswered"}
    assert all(matter.standing.unanswered_since is not None for matter in matters)


async def declare_with(
    world: World, bidder: Actor, registration_id: uuid.UUID, number: str, lists: Keepers, *, kind: str = "natural"
) -> None:
    """Declare somebody as joint bidder, with a line to these keepers."""
    members = [
        {"kind": "natural", "name": "张示例", "identity_number": await number_of(world, bidder), "share_bp": 6000},
        {"kind": kind, "name": "孙共同", "identity_number": number, "share_bp": 4000},
    ]
    command = DeclareJointBidders(
        command_id=new_id(),
        registration_id=registration_id,
        members=msgspec.convert(members, tuple[JointMember, ...]),
        document_ref="共同竞买协议",
    )
    await declare_joint_bidders(world.db, bidder, command, lists=lists)


STRANGER = resident_number(date(1985, 3, 3), 901)
"""Of nobody on file."""


async def test_joint_bidder_on_a_list_is_refused_though_nobody_knows_him(street: Street, world: World) -> None:
    """A member who is nobody on file is asked about like the registrant: listed, the declaration is refused, naming his place only."""
    await world.announced()
    bidder = await world.bidder()
    registered = await register(world, bidder, keepers(street))
    for name in SERVERS:
        await street.order(name, do="enlist", identity_number=STRANGER, list="dishonest")
    with pytest.raises(JointBidderNotAllowed) as caught:
        await declare_with(world, bidder, registered.registration_id, STRANGER, keepers(street))
    assert caught.value.facts["number"] == 2
    assert await world.read(lambda tx: find_person(tx, STRANGER)) is None
    for name in SERVERS:
        await street.order(name, do="delist", identity_number=STRANGER, list="dishonest")
    await world.at(await world.read(_now) + timedelta(seconds=1))

    await declare_with(world, bidder, registered.registration_id, STRANGER, keepers(street))
    (row,) = await world.rows(
        "SELECT outcome, rested_on FROM sale.guard_application WHERE guard = 'G19' AND outcome <> 'refused'"
    )
    assert (row.outcome, row.rested_on["lists_unknown"]) == ("passed", 0)


async def test_silent_list_keeps_no_joint_bidder_out_and_he_is_asked_about_again(street: Street, world: World) -> None:
    """Down: the declaration stands as unknown; when the keeper is back the listing is found and the court sees it; at the opening he is asked about."""
    await world.announced()
    bidder = await world.bidder()
    lists = keepers(street, "lists-1")
    registered = await register(world, bidder, lists)
    await street.order("lists-1", do="enlist", identity_number=STRANGER, list="dishonest")
    await street.order("lists-1", do="list_mood", mood="down")
    await declare_with(world, bidder, registered.registration_id, STRANGER, lists)
    (row,) = await world.rows("SELECT outcome, rested_on FROM sale.guard_application WHERE guard = 'G19'")
    assert (row.outcome, row.rested_on["lists_unknown"]) == ("unknown", 1)
    matters = await world.read(lambda tx: matters_of(tx, world.case_id))
    assert {(one.registration_id, one.standing.state) for one in matters} == {
        (registered.registration_id, "unanswered")
    }
    await street.order("lists-1", do="list_mood", mood="normal")
    await work_off(world, lists)
    matters = await world.read(lambda tx: matters_of(tx, world.case_id))
    assert [(one.registration_id, one.standing.list) for one in matters if one.standing.state == "listed"] == [
        (registered.registration_id, "dishonest")
    ]
    await world.at(OPENS_AT)
    asking = AskLists(lot_id=world.lot_id, round_id=world.round_id, moment="opening")
    job = Job(job_id=uuid.uuid4(), kind=ask_lists.ASK_LISTS, payload=msgspec.json.encode(asking), attempts=0)
    await handle_ask_lists(world.db, lists, job)

    assert len(await world.rows("SELECT 1 FROM sale.list_question WHERE moment = 'opening'")) == 2


async def test_nobody_is_asked_about_for_a_declaration_that_cannot_stand(street: Street, world: World) -> None:
    """Another's registration, or too late: no question about the named person leaves, and no number of his is kept."""
    await world.announced()
    bidder, other = await world.bidder(), await world.bidder("李示例")
    lists = keepers(street, "lists-1")
    registered = await register(world, bidder, lists)
    before = (await street.order("lists-1", do="replies"))["questions"]
    with pytest.raises(RegistrationUnknown):
        await declare_with(world, other, registered.registration_id, STRANGER, lists)
    await world.at(OPENS_AT)
    with pytest.raises(JointBiddersTooLate):
        await declare_with(world, bidder, registered.registration_id, STRANGER, lists)

    assert (await street.order("lists-1", do="replies"))["questions"] == before
    assert await world.rows("SELECT 1 FROM sale.joint_subject") == []


async def test_officer_has_the_lists_asked_again(street: Street, world: World) -> None:
    """The officer's asking reaches everybody who takes part in the round, and no round of another case."""
    await world.announced()
    bidder = await world.bidder()
    lists = keepers(street, "lists-1")
    await register(world, bidder, lists)
    command = AskListsAgain(command_id=new_id(), case_id=world.case_id, round_id=world.round_id)
    await ask_lists_again(world.db, world.handler, command)
    await work_off(world, lists)
    rows = await world.rows("SELECT moment FROM sale.list_question ORDER BY asked_at")

    assert [row.moment for row in rows] == ["registration", "recheck"]
    with pytest.raises(RoundNotOfCase):
        await ask_lists_again(
            world.db, world.handler, AskListsAgain(command_id=new_id(), case_id=world.case_id, round_id=new_id())
        )
