"""Whose persons the codes of a room are: what the court decided, and what it took back, once, in order, whatever comes late or twice."""

from __future__ import annotations

import asyncio

import asyncpg
import msgspec
import pytest

from auction.contracts import Admission, PersonsDecided, SamePerson
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.export_journal import export_journal
from bidding.journal.record_persons import OLDER, RECORD_PERSONS, handle_record_persons, record_persons
from bidding.journal.verify_journal import verify_journal
from bidding.live.move_clock import move_clock
from bidding.live.read_room import read_room
from bidding.live.stop_session import wake_room
from bidding.rules.reasons import Code
from bidding.rules.session import SessionTerms
from tests.bidding.journal.court import Court
from tests.bidding.journal.world import KEY, MINUTE_US, SHARD, World, eventually


async def opened(world: World, *people: str) -> tuple[SessionTerms, Court]:
    """Open a room and the court that decides about it."""
    await world.owned()
    terms = await world.open(*people)
    return terms, Court(world, terms)


async def test_decision_taken_back_frees_both_codes(world: World) -> None:
    """B is refused while A leads and the decision stands, and bids as soon as the room has heard that it was taken back; the journal verifies."""
    async with world.committer():
        terms, court = await opened(world, "A", "B")
        assert (await world.bid(terms, "A", 0)).accepted
        await court.decides("AB")
        await eventually(court.holds)
        refused = await world.bid(terms, "B", 1)
        await court.decides()
        await eventually(court.holds)
        freed = await world.bid(terms, "B", 1)
        back = await world.bid(terms, "A", 2)
        await world.settled(terms)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.session WHERE phase = 'closed'"))
    found = verify_journal(
        [line async for line in export_journal(world.db, terms.session_id)], {KEY.key_id: KEY.public}
    )

    assert (refused.reason, freed.accepted, back.accepted) == (Code.SAME_PERSON_LEADS, True, True)
    assert [(code, same) for _, _, code, same in await court.admissions()] == [
        ("A", ""),
        ("B", ""),
        ("B", "A"),
        ("B", ""),
    ]
    assert (found.is_right, found.leader) == (True, "A")
    assert await world.fetch("SELECT 1 FROM bidding.incident") == []


async def test_told_twice_late_or_in_the_wrong_order_it_is_recorded_once(world: World) -> None:
    """A message says only that something may have changed: ten at once record one word; the joining's, worked off after the revocation, none."""
    async with world.committer():
        _, court = await opened(world, "A", "B")
        court.decided = ("AB",)
        await asyncio.gather(*(court.told() for _ in range(10)))
        await eventually(court.holds)
        await court.decides()
        await court.told()  # the decision's own message, late
        await eventually(court.holds)

    assert await court.words() == [[["A", "B"]], []]
    assert len(await court.admissions()) == 4


async def test_taken_back_before_the_room_heard_of_it(world: World) -> None:
    """No owner was there in between: the room never hears of either."""
    async with world.committer():
        terms, court = await opened(world, "A", "B")
    await court.decides("AB")
    await court.decides()
    async with world.committer():
        await eventually(lambda: world.epoch_above(1))
        assert (await world.bid(terms, "A", 0)).accepted
        await world.committed(terms.session_id, 4)
        assert (await world.bid(terms, "B", 1)).accepted
        await world.settled(terms)

    assert await court.words() == [[["A", "B"]], []]
    assert len(await court.admissions()) == 2


async def test_persons_are_told_anew_at_one_instant(world: World) -> None:
    """Two pairs become another pair and one alone: no bid can come between the events of one word."""
    async with world.committer():
        terms, court = await opened(world, "A", "B", "C", "D")
        await court.decides("AB", "CD")
        await eventually(court.holds)
        before = len(await court.admissions())
        await court.decides("BCD")
        await eventually(court.holds)
        room = await eventually(lambda: read_room(world.live, terms.lot_id))

    told = (await court.admissions())[before:]
    assert [(code, same) for _, _, code, same in told] == [("B", ""), ("C", "B"), ("D", "B")]
    assert len({at for _, at, _, _ in told}) == 1
    assert room is not None
    assert {code: room.state.person_of(code) for code in "ABCD"} == {"A": "A", "B": "B", "C": "B", "D": "B"}


async def test_word_survives_the_loss_of_redis(world: World) -> None:
    """Redis is emptied before the owner could tell: the rebuilt room is told, and who was joined before is free."""
    async with world.committer():
        terms, court = await opened(world, "A", "B")
        await court.decides("AB")
        await eventually(court.holds)
        assert (await world.bid(terms, "A", 0)).accepted
        await world.committed(terms.session_id, 5)
    await court.decides()
    await (await world.live.nodes.client(SHARD)).flushall()
    async with world.committer():
        epoch = await eventually(lambda: world.epoch_above(1))
        await eventually(court.holds)
        await wake_room(world.live, epoch=epoch, lot_id=terms.lot_id)
        assert (await world.bid(terms, "B", 1)).accepted
        await world.settled(terms)

    assert len(await court.admissions()) == 4


async def test_after_the_close_nothing_is_recorded(world: World) -> None:
    """A decision or revocation that comes after the end changes nothing, and fails nothing: bids stand."""
    async with world.committer():
        terms, court = await opened(world, "A", "B")
        await court.decides("AB")
        await eventually(court.holds)
        await world.settled(terms)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.session WHERE phase = 'closed'"))
        await court.decides()

    assert await court.words() == [[["A", "B"]]]


async def test_who_is_not_admitted_yet_is_waited_for(world: World) -> None:
    """A code whose admission is under way: refused, so that the job comes again; then all of the word is recorded."""
    async with world.committer():
        terms, court = await opened(world, "A")
        with pytest.raises(Refusal, match="code_not_admitted"):
            await court.decides("AB")
        unknown = Court(world, msgspec.structs.replace(terms, session_id=new_id()))
        with pytest.raises(Refusal, match="session_unknown"):
            await unknown.told()
        assert await court.words() == []
        await admit_bidder(
            world.db, world.live, Admission(session_id=terms.session_id, bidder_code="B", first_refusal_rank=None)
        )
        await court.told()
        await eventually(court.holds)


async def test_what_an_older_version_recorded_and_sent_counts(world: World) -> None:
    """Pairs of before join; a word takes them back; a pair that an older worker records after that joins again; its message asks anew."""
    pair = "INSERT INTO bidding.same_person (session_id, code, same_as, recorded_at) VALUES ($1, $2, $3, clock_timestamp())"
    async with world.committer():
        terms, court = await opened(world, "A", "B", "C")
        await world.fetch(pair, terms.session_id, "B", "C")
        await world.fetch(pair, terms.session_id, "A", "B")
        court.decided = ("ABC",)
        await eventually(court.holds)
        court.decided = ("AB",)
        older = SamePerson(session_id=terms.session_id, bidder_code="A", same_as="C")
        for kind, told in ((OLDER, older), (RECORD_PERSONS, PersonsDecided(session_id=terms.session_id))):
            job = Job(job_id=new_id(), kind=kind, payload=msgspec.json.encode(told), attempts=0)
            await handle_record_persons(world.db, court, job)
        await eventually(court.holds)
        await court.decides()
        await eventually(court.holds)
        await world.fetch(pair, terms.session_id, "A", "C")
        court.decided = ("AC",)
        await eventually(court.holds)

    assert await court.words() == [[["A", "B"]], []]
    assert await world.fetch("SELECT 1 FROM bidding.incident") == []


async def test_words_are_kept(world: World) -> None:
    """What was recorded is neither changed nor deleted, and two who read at once do not record the same number."""
    async with world.committer():
        terms, court = await opened(world, "A", "B")
        await court.decides("AB")
    for statement in ("UPDATE bidding.said_persons SET number = 7", "DELETE FROM bidding.said_persons"):
        with pytest.raises(asyncpg.PostgresError, match="append"):
            await world.fetch(statement)
    court.decided = ()
    await asyncio.gather(*(record_persons(world.db, court, terms.session_id) for _ in range(4)))

    assert await court.words() == [[["A", "B"]], []]


async def test_codes_of_one_person_do_not_raise_each_other(world: World) -> None:
    """The court's decision reaches the room, survives the loss of Redis, and refuses only raises of one's own lead."""
    async with world.committer():
        terms, court = await opened(world, "A", "B", "C")
        epoch = await world.owned()
        assert (await world.bid(terms, "A", 0)).accepted
        await court.decides("AB")
        await eventually(court.holds)
        refused = await world.bid(terms, "B", 1)
        third = await world.bid(terms, "C", 1)
        await world.settled(terms)
        await (await world.live.nodes.client(SHARD)).flushall()
        epoch = await eventually(lambda: world.epoch_above(epoch))
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.journal_event WHERE kind = 'stopped'"))
        await wake_room(world.live, epoch=epoch, lot_id=terms.lot_id)
        again = await world.bid(terms, "A", 2)
        later = await world.bid(terms, "B", 3)
        await world.settled(terms)

    assert (refused.reason, third.reason, again.reason) == (Code.SAME_PERSON_LEADS, None, None)
    assert later.reason is Code.SAME_PERSON_LEADS
    assert len(await court.admissions()) == 4
