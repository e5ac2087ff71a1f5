"""Users of Redis per role: each can do its work, and nothing else (bid-core 21)."""

from __future__ import annotations

import re
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from auction.kernel.errors import Unavailable
from auction.kernel.ids import LotId, SessionId
from auction.kernel.stamp import Stamp
from bidding.journal.read_stream import StreamReader
from bidding.live.admit_bidder import admit_bidder
from bidding.live.keys import EntryId, channel, ids_key, lot_key, lots_key, shard_key, stream_key
from bidding.live.library import Call, Library, Live, LiveRefused, movable, production, template
from bidding.live.move_clock import freeze_clock
from bidding.live.nodes import Nodes
from bidding.live.open_session import open_session
from bidding.live.own_shard import (
    Watermark,
    adopt_shard,
    drop_room,
    found_shard,
    publish_committed,
    release_shard,
    stall_shard,
    trim_stream,
)
from bidding.live.place_bid import BidCaller, recall_bids
from bidding.live.read_room import read_room, read_shard
from bidding.live.restore_room import restore_room
from bidding.live.roles import FUNCTIONS, ROLES, RoleName, acl_commands, acl_file, as_user, user_name
from bidding.live.stop_session import resume_session, stop_session, wake_room
from bidding.live.tick_session import tick_sessions
from bidding.rooms import tickets
from bidding.rules.reasons import Code
from bidding.rules.session import BidderCode, Resume, SessionTerms, Stop
from tests.bidding.live.server import SHARD, TOKEN
from tests.bidding.rules.samples import HOUR, START_FEN, STEP_FEN, UNLIMITED, T, admission, bid, terms

PASSWORD = "made up for this test"
LOT = terms(UNLIMITED).lot_id
ROLE_NAMES: tuple[RoleName, ...] = get_args(RoleName)

KEYS = {
    "shard": shard_key(SHARD),
    "log": stream_key(SHARD),
    "lots": lots_key(SHARD),
    "room": lot_key(SHARD, LOT),
    "ids": ids_key(SHARD, LOT),
}
NOBODY = (
    "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "CONFIG GET *", "CONFIG SET maxmemory 1", "KEYS *", "SCAN 0", "DBSIZE", "SAVE",
    "EVAL 'return 1' 0", "SCRIPT FLUSH", "FUNCTION FLUSH", "FUNCTION DELETE fapai_bid", "FUNCTION LIST", "FUNCTION DUMP",
    "ACL LIST", "ACL SETUSER fapai-gateway +@all", "CLIENT LIST", "CLIENT KILL TYPE normal", "MONITOR", "SHUTDOWN NOSAVE",
    "REPLICAOF NO ONE", "CLUSTER RESET", "CLUSTER FAILOVER", "MIGRATE h 1 {s:00}:log 0 1",
    "PSUBSCRIBE *", "SUBSCRIBE any", "PUBLISH any x", "RENAME {s:00}:log {s:00}:l:x", "COPY {s:00}:log {s:00}:l:x",
    "XDEL {s:00}:log 1-1", "SET {s:00}:shard x", "SET {s:00}:log x", "DUMP {s:00}:shard", "HGETALL {s:00}:shard",
    "XADD {s:00}:shard * a b", "HSET elsewhere a b", "GET {s:00}:l:x", "SET {s:00}:l:x y", "XREAD STREAMS elsewhere 0",
)  # fmt: skip
"""Commands that no role may give."""
NOT = {
    "gateway": (
        "SPUBLISH {s:00}:committed x", "XTRIM {s:00}:log MAXLEN 0", "DEL {s:00}:shard", "DEL {s:00}:log", "DEL {s:00}:l:x",
        "XRANGE {s:00}:log - +", "XREAD STREAMS {s:00}:log 0", "FUNCTION LOAD x", "INFO", "SREM {s:00}:lots x",
        "SMEMBERS {s:00}:lots", "HDEL {s:00}:l:x f", "HGETALL {s:00}:l:x", "SET {s:00}:x:g 1", "SET nonce:a:b 1",
        "GET {s:00}:u:x", "HSET {s:00}:clock frozen_us 1", "SSUBSCRIBE elsewhere",
    ),
    "committer": (
        "SPUBLISH {s:00}:rooms x", "SSUBSCRIBE {s:00}:rooms", "GETDEL {s:00}:u:x", "SET {s:00}:t:x 1", "SET {s:00}:x:g 1",
        "INCRBY {s:00}:g:x 1", "SET nonce:a:b 1",
    ),
    "site": (
        "SPUBLISH {s:00}:committed x", "SSUBSCRIBE {s:00}:committed", "XTRIM {s:00}:log MAXLEN 0", "DEL {s:00}:l:x",
        "XREAD STREAMS {s:00}:log 0", "FUNCTION LOAD x", "INFO", "GETDEL {s:00}:u:x", "SET {s:00}:t:x 1", "SET {s:00}:u:x 1",
        "INCRBY {s:00}:g:x 1", "SADD {s:00}:lots x", "GET rate:x", "INCRBY nonce:x 1",
    ),
    "worker": (
        "SPUBLISH {s:00}:committed x", "SSUBSCRIBE {s:00}:rooms", "SSUBSCRIBE {s:00}:committed", "XTRIM {s:00}:log MAXLEN 0",
        "XREAD STREAMS {s:00}:log 0", "FUNCTION LOAD x", "INFO", "DEL {s:00}:shard", "HSET {s:00}:i:x a b", "SET {s:00}:t:x 1",
        "HSET {s:00}:clock frozen_us 1", "SET nonce:a:b 1", "SET {s:00}:y:x 1", "GET {s:00}:m:x",
    ),
}  # fmt: skip
"""Commands that other roles may give, or that come near to them."""


def _words(lines: Iterator[str]) -> Iterator[list[str]]:
    return (shlex.split(line) for line in lines)


async def _apply(admin: Redis, lines: Iterator[str]) -> None:
    for words in _words(lines):
        await admin.execute_command(*words)


@pytest.fixture
async def admin(valkey: Redis) -> AsyncIterator[Redis]:
    """The administrator of a server whose users are put back after the test."""
    await valkey.execute_command("ACL", "LOG", "RESET")
    try:
        yield valkey
    finally:
        await valkey.execute_command("ACL", "LOAD")


@asynccontextmanager
async def _connected(url: str, role: RoleName, library: Library, password: str = "") -> AsyncIterator[Live]:
    live = Live(Nodes(as_user(url, role, password=password)), library, shards=1, stamp=Stamp.TEST)
    try:
        yield live
    finally:
        await live.nodes.close()


def test_table_names_every_function_and_nobody_has_another() -> None:
    """A function that is not in the table could be called by nobody; one that is there and gone would hide a mistake."""
    assert set(re.findall(r"^register\('(\w+)'", template(), re.MULTILINE)) == set(FUNCTIONS)
    assert {name for role in ROLES.values() for name in role.functions} == set(FUNCTIONS)


def test_only_the_owner_calls_what_owners_call() -> None:
    """Beginning, publishing, trimming, stalling and restoring are the committer's alone; nobody else bids in its place."""
    holders = {name: {role for role, one in ROLES.items() if name in one.functions} for name in FUNCTIONS}
    owners = {
        "begin",
        "publish",
        "trim",
        "drop",
        "stall",
        "release",
        "restore",
        "refill",
        "restored",
        "tick",
        "snapshot",
    }

    assert all(holders[name] == {"committer"} for name in owners)
    assert holders["place"] == {"gateway", "site"}
    assert holders["wake"] == {"gateway", "committer"}


def test_address_names_the_user() -> None:
    """The role's user stands in the address, in the place of whoever stood there."""
    assert as_user("unix:///tmp/s?db=0", "site") == "unix://fapai-site@/tmp/s?db=0"
    assert as_user("rediss://u:p@h:1/0", "worker", password="a/@") == "rediss://fapai-worker:a%2F%40@h:1/0"
    assert as_user("redis+cluster://h:1,k:2", "gateway") == "redis+cluster://fapai-gateway@h:1,k:2"


@pytest.mark.parametrize("pretends", [False, True])
async def test_each_role_does_its_work(admin: Redis, redis_url: str, pretends: bool) -> None:
    """Whatever the processes ask of Redis their users may; Redis has refused nothing (bid-core 21)."""
    library = movable() if pretends else production()
    secrets = dict.fromkeys(ROLE_NAMES, f">{PASSWORD}")
    await _apply(admin, acl_commands([library], pretends=pretends, secrets=secrets, exactly=True))
    async with (
        _connected(redis_url, "committer", library, PASSWORD) as committer,
        _connected(redis_url, "worker", library, PASSWORD) as worker,
        _connected(redis_url, "gateway", library, PASSWORD) as gateway,
        _connected(redis_url, "site", library, PASSWORD) as site,
    ):
        await found_shard(committer, SHARD, epoch=1, token=TOKEN)
        if pretends:
            await freeze_clock(committer, at_us=T)
            await freeze_clock(site, at_us=T)
        one = await _terms(committer)
        await _open_and_bid(worker, gateway, site, one)
        await _admit_sockets(gateway, site, one)
        await tickets.tell_limit(
            worker, lot_id=one.lot_id, session_id=SessionId(one.session_id), code=BidderCode("A"), limit_fen=None
        )
        await _own(committer, one)
        assert (await wake_room(gateway, epoch=3, lot_id=one.lot_id)).reason is Code.NOT_STOPPED
        for live in (committer, worker, gateway, site):
            client = await live.nodes.client(SHARD)
            assert await client.ping()
            assert (await client.execute_command("ACL", "WHOAMI")).startswith(b"fapai-")
        assert await (await site.nodes.client_of("nonce:a:b")).set("nonce:a:b", b"1", nx=True, ex=10)

    assert await admin.execute_command("ACL", "LOG") == []


async def _terms(live: Live) -> SessionTerms:
    head = await read_shard(live, SHARD)
    assert head is not None
    return msgspec.structs.replace(terms(UNLIMITED), opens_at_us=head.now_us - 1, closes_at_us=head.now_us + HOUR)


async def _open_and_bid(worker: Live, gateway: Live, site: Live, one: SessionTerms) -> None:
    """What worker, gateway and site do in a room: refusals until the oldest is forgotten, a pause, an answer again."""
    assert (await open_session(worker, epoch=1, terms=one)).accepted
    for code in "AB":
        assert (await admit_bidder(worker, epoch=1, lot_id=one.lot_id, admission=admission(code))).accepted
    by_socket, by_form = BidCaller(gateway), BidCaller(site)
    assert (await by_socket.place(epoch=1, lot_id=one.lot_id, bid=bid("A", START_FEN, number=1))).accepted
    assert (await by_form.place(epoch=1, lot_id=one.lot_id, bid=bid("B", START_FEN + STEP_FEN, number=2))).accepted
    for number in range(40):
        caller = by_socket if number % 2 else by_form
        assert not (await caller.place(epoch=1, lot_id=one.lot_id, bid=bid("A", 1, number=10 + number))).accepted
    assert await recall_bids(gateway, epoch=1, lot_id=one.lot_id, code=BidderCode("A"))
    assert (await stop_session(worker, epoch=1, lot_id=one.lot_id, stop=Stop(kind="stay", ground="x"))).accepted
    assert (await resume_session(worker, epoch=1, lot_id=one.lot_id, resume=Resume(resumes_at_us=0))).accepted
    assert await read_shard(gateway, SHARD)
    assert await read_shard(site, SHARD)


async def _admit_sockets(gateway: Live, site: Live, one: SessionTerms) -> None:
    """What a gateway does for sockets, and the site to them."""
    client = await gateway.nodes.client(SHARD)
    admits = tickets.Pass(
        lot_id=one.lot_id, session_id=one.session_id, role="bidder", code="A", origin="http://h", grant="g"
    )
    generation, first, _ = await tickets.enter(gateway, SHARD, admits)
    assert generation == 1
    (second,) = await tickets.renew_resumes(gateway, SHARD, [(admits, first)])
    assert await tickets.take_resume(gateway, SHARD, second) == admits
    await tickets.spend(gateway, SHARD, _ticket(admits))
    heard = client.pubsub()
    await heard.ssubscribe(channel(SHARD))
    await heard.ssubscribe(tickets.control_channel(SHARD))
    await heard.sunsubscribe()
    await heard.aclose()
    await tickets.revoke_grant(site, "g")
    await tickets.revoke_code(site, lot_id=one.lot_id, session_id=SessionId(one.session_id), code=BidderCode("A"))
    assert [one.revoked for one in await tickets.recheck(client, SHARD, [admits])] == [True]


def _ticket(admits: tickets.Pass) -> tickets.Ticket:
    return tickets.Ticket(admits=admits, expires_us=0, nonce=UUID(int=1).bytes)


async def _own(committer: Live, one: SessionTerms) -> None:
    """What an owner does: read, publish, close, stall, release, trim, look for loss, rebuild, drop."""
    lot_id: LotId = one.lot_id
    reader = await StreamReader.open(committer, SHARD)
    entries = await reader.read(EntryId(0, 0))
    await reader.close()
    room = await read_room(committer, lot_id)
    assert room is not None
    marks = [Watermark(lot_id, room.state.seq)]
    assert await publish_committed(committer, SHARD, epoch=1, token=TOKEN, watermarks=marks, payload=b"x") == []
    assert await tick_sessions(committer, SHARD, epoch=1, lot_ids=[lot_id])
    await stall_shard(committer, SHARD, epoch=1, token=TOKEN)
    await release_shard(committer, SHARD, epoch=1, token=TOKEN)
    await trim_stream(committer, SHARD, epoch=1, token=TOKEN, committed=entries[-1].id)
    client = await committer.nodes.client(SHARD)
    assert await client.xrange(stream_key(SHARD), count=1)
    assert (await client.info("memory"))["maxmemory_policy"] == "noeviction"
    assert await client.time()
    await found_shard(committer, SHARD, epoch=2, token=TOKEN)
    restored = await restore_room(
        committer, epoch=2, token=TOKEN, state=room.state, admitted_at={"A": 2, "B": 3}, accepted=[], refused=[]
    )
    assert restored.reason is None
    await wake_room(committer, epoch=2, lot_id=lot_id)
    await adopt_shard(committer, SHARD, epoch=3, token=TOKEN)
    await stop_session(committer, epoch=3, lot_id=lot_id, stop=Stop(kind="withdrawal", ground="x"))
    room = await read_room(committer, lot_id)
    assert room is not None
    marks = [Watermark(lot_id, room.state.seq)]
    await publish_committed(committer, SHARD, epoch=3, token=TOKEN, watermarks=marks, payload=b"x")
    await drop_room(committer, SHARD, epoch=3, token=TOKEN, lot_id=lot_id)
    assert (await open_session(committer, epoch=3, terms=one)).accepted
    assert (await admit_bidder(committer, epoch=3, lot_id=lot_id, admission=admission("A"))).accepted
    await stop_session(committer, epoch=3, lot_id=lot_id, stop=Stop(kind="stay", ground="x"))
    assert (await resume_session(committer, epoch=3, lot_id=lot_id, resume=Resume(resumes_at_us=0))).accepted


@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_functions_of_other_roles_are_refused(admin: Redis, redis_url: str, role: RoleName) -> None:
    """The gateway cannot publish or trim as the owner, the worker cannot bid, and so on, by each exact name (bid-core 21)."""
    await admin.function_load(movable().text, replace=True)
    async with _connected(redis_url, role, movable()) as live:
        for name, function in FUNCTIONS.items():
            if name in ROLES[role].functions:
                continue
            keys = tuple(KEYS[kind] for kind in KEYS if kind in function.keys)
            with pytest.raises(LiveRefused, match="no permissions"):
                await live.call(Call(SHARD, name, keys, ("1", TOKEN)))


@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_commands_beside_its_work_are_refused(admin: Redis, redis_url: str, role: RoleName) -> None:
    """No role flushes, configures, lists keys, scripts or reaches another's keys and channels (bid-core 21)."""
    refused = []
    async with _connected(redis_url, role, movable()) as live:
        for command in (*NOBODY, *NOT[role]):
            client = await live.nodes.client(SHARD)
            try:
                await client.execute_command(*shlex.split(command))
            except NoPermissionError:
                refused.append(command)

    assert [*NOBODY, *NOT[role]] == refused


async def test_who_may_not_load_waits_for_one_who_may(redis_url: str, admin: Redis) -> None:
    """A gateway on a server that lost its functions did nothing and says so; the committer's next look loads them."""
    async with (
        _connected(redis_url, "gateway", movable()) as gateway,
        _connected(redis_url, "committer", movable()) as committer,
    ):
        with pytest.raises(Unavailable):
            await read_shard(gateway, SHARD)
        await read_shard(committer, SHARD)

        assert await read_shard(gateway, SHARD) is None


async def test_processes_of_two_versions_run_beside_each_other(admin: Redis, redis_url: str) -> None:
    """Users are told of a new version before its processes start and the old one's end (bid-core 20, 21)."""
    await admin.function_load(production().text)
    await admin.function_load(movable().text)
    old, new = [production()], [movable()]
    await _apply(admin, acl_commands(old, pretends=True, secrets={"gateway": "nopass"}, exactly=True))
    async with (
        _connected(redis_url, "gateway", production()) as before,
        _connected(redis_url, "gateway", movable()) as after,
    ):
        with pytest.raises(LiveRefused):
            await read_shard(after, SHARD)
        await _apply(admin, acl_commands(new, pretends=True, secrets={}, exactly=False))
        assert await read_shard(before, SHARD) is await read_shard(after, SHARD) is None

        await _apply(admin, acl_commands(new, pretends=True, secrets={}, exactly=True))
        assert await read_shard(after, SHARD) is None
        with pytest.raises(LiveRefused):
            await read_shard(before, SHARD)


async def test_file_and_commands_make_the_same_users(admin: Redis) -> None:
    """An ACL file and the lines for redis-cli say the same."""
    secrets = dict.fromkeys(ROLE_NAMES, "nopass")
    written = list(acl_file([movable(), production()], pretends=True, secrets=secrets))
    from_file = set(await _users(admin))
    await _apply(admin, acl_commands([movable(), production()], pretends=True, secrets=secrets, exactly=True))

    assert len(written) == len(ROLE_NAMES)
    assert from_file == set(await _users(admin))


async def _users(admin: Redis) -> list[str]:
    listed = [line.decode() if isinstance(line, bytes) else line for line in await admin.acl_list()]
    return [line for line in listed if any(f" {user_name(role)} " in line for role in ROLE_NAMES)]
