"""Rounds of the beacon: fetched when due from a relay that nobody trusts, kept once, and never waited for."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import text

from auction.kernel.db import Database
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job
from tests.unchanged import picture
from tests.valuation.agencies import world
from tests.web.partners.conftest import Street, unheard_url
from valuation.draw_v1.beacon import QUICKNET, BeaconSignatureWrong, Chain, chain_of, time_of_round
from valuation.draw_v1.canonical import written
from valuation.draw_v1.draw_chain import sign_head
from valuation.draw_v1.draw_pool import BeaconRound, PoolBeaconUnknown, instant
from valuation.draw_v1.transcript_check import check_transcript
from valuation.draws.beacon_relay import LONGEST_PAUSE, NoRound, RoundGiven, pause_after
from valuation.draws.execute_draw import BeaconSignatureNeeded, ExecuteDraw, execute_draw
from valuation.draws.fetch_round import FETCH_ROUND, FetchRound, gaps_of, handle_fetch_round
from valuation.draws.freeze_pool import FreezePool, freeze_pool
from valuation.draws.relay_client import ANSWER_MAX_BYTES, RelayClient
from valuation.selections import store_of_draws
from valuation.selections.set_rules_of_court import SetRulesOfCourt, set_rules_of_court
from valuation.selections.store_of_draws import Draw

SERVERS = ("beacon",)
ROOT = Path(__file__).parents[3]
SECOND = timedelta(seconds=1)


def job() -> Job:
    """Give the job that fetches the round, the same each time."""
    payload = msgspec.json.encode(FetchRound(draw_id=world.DRAW))
    return Job(job_id=named_id("beacon test", "job"), kind=FETCH_ROUND, payload=payload, attempts=0)


def chain_on(street: Street) -> Chain:
    """Give the sandbox's chain, as an installation pins it."""
    return chain_of(street.connections["beacon"]["beacon_public_key"])


def relay_on(
    street: Street, *, timeout_s: float = 5.0, url: str | None = None, chain: Chain | None = None
) -> RelayClient:
    """Give a client of the sandbox; it is closed after the test."""
    client = RelayClient(url or street.connections["beacon"]["url"], chain or chain_on(street), timeout_s=timeout_s)
    street.opened.append(client.close)
    return client


async def frozen(db: Database, chain: Chain) -> Draw:
    """Have a draw frozen whose court names the beacon, on this installation's chain."""
    await world.set_time(db, world.START)
    await set_rules_of_court(
        db,
        world.PRESIDENT,
        SetRulesOfCourt(
            command_id=new_id(),
            court="示例市第一法院",
            drawing_office="judicial_technology",
            second="drand",
            notice_hours=24,
            workload_limit=None,
            reason="本院规定",
            document_sha256=world.PAPER,
        ),
    )
    await world.prepare(db)
    await world.request(db)
    await world.commit_court(db)
    command = FreezePool(command_id=new_id(), draw_id=world.DRAW, draw_at=world.DRAW_AT)
    await freeze_pool(db, world.TECHNOLOGY, command, case_desk=world.DESK, draw_key=world.KEY, beacon_chain=chain)
    return await find(db)


async def find(db: Database) -> Draw:
    """Give the draw as it stands."""
    async with db.reading() as tx:
        return await store_of_draws.draw(tx, world.DRAW)


async def reasons(db: Database) -> list[str]:
    """Give why the round was not given, oldest first."""
    async with db.reading() as tx:
        return [gap.reason for gap in await gaps_of(tx, world.DRAW)]


async def execute(db: Database, chain: Chain, signature: str | None = None) -> None:
    """Draw."""
    command = ExecuteDraw(
        command_id=new_id(), draw_id=world.DRAW, court_secret=world.secret("court"), beacon_signature=signature
    )
    await execute_draw(db, world.TECHNOLOGY, command, case_desk=world.DESK, draw_key=world.KEY, beacon_chain=chain)


def round_of(made: Draw) -> BeaconRound:
    """Give the round that the pool names."""
    second = made.frozen_pool.second
    assert isinstance(second, BeaconRound)
    return second


async def test_round_is_fetched_and_nobody_pastes_it(database: Database, street: Street) -> None:
    """The job is due with the round; what it kept draws without a pasted signature, and verifies by the pinned key only."""
    chain = chain_on(street)
    made = await frozen(database, chain)
    async with database.reading() as tx:
        entry = await store_of_draws.last_entry(tx)
        assert entry is not None
        kept = written(sign_head(entry, world.KEY, at=instant(tx.now)))
        due = await tx.session.execute(text("SELECT due_at FROM kernel.job WHERE kind = :kind"), {"kind": FETCH_ROUND})
        assert due.scalar_one() == time_of_round(round_of(made).round)
    await world.set_time(database, world.DRAW_AT + SECOND * 3)
    with pytest.raises(BeaconSignatureNeeded):
        await execute(database, chain)
    await handle_fetch_round(database, relay_on(street), job())
    await execute(database, chain)
    drawn = await find(database)

    assert drawn.transcript is not None
    verdict = check_transcript(drawn.transcript, world.KEYS, kept, chain=chain)
    assert verdict.why is None
    assert verdict.is_frozen_before
    assert isinstance(check_transcript(drawn.transcript, world.KEYS, kept).why, PoolBeaconUnknown)
    assert await reasons(database) == []


async def test_job_that_comes_twice_changes_nothing(database: Database, street: Street) -> None:
    """The round is kept once; the relay is not even asked again, nor after the draw."""
    await frozen(database, chain_on(street))
    await handle_fetch_round(database, relay_on(street), job())
    once = await picture(database)
    await handle_fetch_round(database, relay_on(street), job())

    assert await picture(database) == once
    assert len((await street.order("beacon", do="asked"))["asked"]) == 1


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("late", "not_yet"),
        ("silent", "silent"),
        ("wrong_signature", "wrong_signature"),
        ("wrong_round", "wrong_round"),
        ("malformed", "malformed"),
    ],
)
async def test_relay_in_a_mood_leaves_a_dated_gap_and_blocks_nobody(
    database: Database, street: Street, mood: str, reason: str
) -> None:
    """What is not the named round under the pinned key is a gap, asked again later; the officer's paste draws all the same."""
    chain = chain_on(street)
    made = await frozen(database, chain)
    pasted = await relay_on(street).round(round_of(made).round)
    assert isinstance(pasted, RoundGiven)
    await street.order("beacon", do="mood", mood=mood)
    await world.set_time(database, world.DRAW_AT + SECOND * 3)
    await handle_fetch_round(database, relay_on(street, timeout_s=0.5), job())
    await handle_fetch_round(database, relay_on(street, timeout_s=0.5), job())
    async with database.reading() as tx:
        gaps = await gaps_of(tx, world.DRAW)
        again = await tx.session.execute(
            text("SELECT due_at - :now AS pause FROM kernel.job WHERE kind = :kind ORDER BY due_at OFFSET 1"),
            {"kind": FETCH_ROUND, "now": tx.now},
        )
        pauses = [row.pause for row in again]

    assert [(gap.number, gap.reason) for gap in gaps] == [(1, reason), (2, reason)]
    assert pauses == [pause_after(1), pause_after(2)]
    await execute(database, chain, pasted.signature)
    assert (await find(database)).state == "drawn"


async def test_late_round_is_fetched_when_it_comes(database: Database, street: Street) -> None:
    """After a gap the next asking keeps the round."""
    made = await frozen(database, chain_on(street))
    await street.order("beacon", do="mood", mood="late")
    await handle_fetch_round(database, relay_on(street), job())
    await street.order("beacon", do="release", round=round_of(made).round)
    await handle_fetch_round(database, relay_on(street), job())

    assert await reasons(database) == ["not_yet"]
    assert (await find(database)).beacon_signature is not None


async def test_relay_that_is_not_there_is_silence(database: Database, street: Street) -> None:
    """A relay that nobody reaches leaves a gap; an installation without one leaves none and asks nobody."""
    await frozen(database, chain_on(street))
    await handle_fetch_round(database, None, job())
    assert await reasons(database) == []
    await handle_fetch_round(database, relay_on(street, url=unheard_url()), job())

    assert await reasons(database) == ["silent"]


async def test_relay_of_another_chain_is_not_asked(database: Database, street: Street) -> None:
    """A round of a chain that the pool does not name is of no use, and nothing is noted."""
    await frozen(database, QUICKNET)
    await handle_fetch_round(database, relay_on(street), job())

    assert await reasons(database) == []
    assert (await street.order("beacon", do="asked"))["asked"] == []


async def test_asking_ends_with_the_draw(database: Database, street: Street) -> None:
    """Nothing more is planned beyond the draw's own end, and of a dead draw nothing is noted."""
    made = await frozen(database, chain_on(street))
    await street.order("beacon", do="mood", mood="late")
    await world.set_time(database, made.times.dies_at - pause_after(1))
    await handle_fetch_round(database, relay_on(street), job())
    async with database.reading() as tx:
        planned = await tx.session.execute(text("SELECT count(*) FROM kernel.job WHERE kind = :k"), {"k": FETCH_ROUND})
        assert planned.scalar_one() == 1

    assert await reasons(database) == ["not_yet"]


async def test_pasted_round_of_another_key_draws_nothing(database: Database, street: Street) -> None:
    """A signature under this number by another key than the pinned one is refused, and nothing changes."""
    chain = chain_on(street)
    made = await frozen(database, chain)
    await street.order("beacon", do="mood", mood="wrong_signature")
    url, number = street.connections["beacon"]["url"], round_of(made).round
    wrong = (await street.http.get(f"{url}/{chain.chain_hash}/public/{number}")).json()["signature"]
    await world.set_time(database, world.DRAW_AT + SECOND * 3)

    with pytest.raises(BeaconSignatureWrong):
        await execute(database, chain, wrong)


async def killed(street: Street, database_url: str, when: str) -> None:
    """Let another process fetch the round and die by SIGKILL."""
    known = street.connections["beacon"]
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.web.partners.beacon_child"),
        *(database_url, known["url"], known["beacon_public_key"], when),
        cwd=ROOT,
    )
    async with asyncio.timeout(60):
        assert await child.wait() == -signal.SIGKILL


@pytest.mark.parametrize(("when", "is_kept"), [("before", False), ("after", True)])
async def test_kill_around_the_answer_loses_nothing(
    database: Database, database_url: str, street: Street, when: str, is_kept: bool
) -> None:
    """Killed with the answer in hand nothing stands, killed after its note it stands once; the job comes again either way."""
    await frozen(database, chain_on(street))
    await killed(street, database_url, when)
    assert ((await find(database)).beacon_signature is not None) is is_kept
    await handle_fetch_round(database, relay_on(street), job())

    assert (await find(database)).beacon_signature is not None
    assert await reasons(database) == []


@asynccontextmanager
async def pretending(answer: httpx.Response) -> AsyncIterator[RelayClient]:
    """Give a client whose relay answers like this."""
    client = RelayClient("https://relay.example/base/", QUICKNET, transport=httpx.MockTransport(lambda request: answer))
    yield client
    await client.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(302, headers={"location": "http://127.0.0.1/"}), "refused"),
        (httpx.Response(500), "refused"),
        (httpx.Response(425), "not_yet"),
        (httpx.Response(200, content=b"x" * (ANSWER_MAX_BYTES + 1)), "malformed"),
        (httpx.Response(200, content=b'{"round":5,"signature":7}'), "malformed"),
        (httpx.Response(200, content=b"\xff"), "malformed"),
        (httpx.Response(200, content=b'{"round":5,"signature":"zz"}'), "wrong_signature"),
        (httpx.Response(200, content=b'{"round":6,"signature":""}'), "wrong_round"),
    ],
)
async def test_answers_that_are_none(answer: httpx.Response, reason: str) -> None:
    """Redirects are not followed, sizes are bounded, and every other shape is a gap with its reason."""
    async with pretending(answer) as relay:
        found = await relay.round(5)

    assert isinstance(found, NoRound)
    assert found.reason == reason


def test_pauses_grow_to_their_limit() -> None:
    """A relay is asked ever more slowly, never less than every ten minutes."""
    assert [pause_after(n).total_seconds() for n in (1, 2, 3)] == [2, 4, 8]
    assert pause_after(50) == LONGEST_PAUSE
