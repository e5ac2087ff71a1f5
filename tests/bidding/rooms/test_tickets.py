"""Tickets, resume tokens, generations and revocations (bid-core 17)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis.asyncio import Redis

from auction.kernel.errors import SettingInvalid
from auction.kernel.ids import LotId, SessionId
from auction.kernel.stamp import Stamp
from bidding.live.keys import Shard
from bidding.live.library import Live, movable
from bidding.live.nodes import Nodes
from bidding.rooms.tickets import (
    RESUME_S,
    SKEW_S,
    TICKET_S,
    AdmissionRevoked,
    Pass,
    Rechecked,
    Ticket,
    TicketElsewhere,
    TicketExpired,
    TicketMalformed,
    TicketUsed,
    enter,
    issue_ticket,
    read_ticket,
    recheck,
    renew_resumes,
    revoke_code,
    revoke_grant,
    spend,
    take_resume,
    tell_limit,
    ticket_key,
    ticket_public_key,
)
from bidding.rules.session import BidderCode

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LOT, SESSION = UUID(int=1), UUID(int=2)
ORIGIN = "https://fapai.example"
SHARD = Shard(0)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


def _pass(code: str = "A7") -> Pass:
    return Pass(lot_id=LOT, session_id=SESSION, role="bidder", code=code, origin=ORIGIN, grant="g1")


def _read(text: str, *, lot: UUID = LOT, origin: str = ORIGIN, now: datetime = NOW) -> Ticket:
    return read_ticket(text, [KEY.public_key()], lot_id=lot, origin=origin, now=now)


def test_ticket_says_what_it_admits_to() -> None:
    """A ticket reads back as the pass that was signed, and no two tickets are alike."""
    first, second = issue_ticket(KEY, _pass(), now=NOW), issue_ticket(KEY, _pass(), now=NOW)

    assert _pass() == _read(first).admits
    assert _read(first).nonce != _read(second).nonce


@pytest.mark.parametrize(
    ("age", "good"),
    [(TICKET_S * SECOND - TICK, True), (TICKET_S * SECOND, False), (TICKET_S * SECOND + TICK, False)],
)
def test_ticket_lives_thirty_seconds(age: timedelta, *, good: bool) -> None:
    """A ticket is good until just before thirty seconds of real time have passed."""
    ticket = issue_ticket(KEY, _pass(), now=NOW)

    if good:
        assert _pass() == _read(ticket, now=NOW + age).admits
    else:
        with pytest.raises(TicketExpired):
            _read(ticket, now=NOW + age)


def test_ticket_from_the_future_is_refused() -> None:
    """A ticket that lives longer than a ticket may (beyond the skew of clocks) is no ticket."""
    assert _pass() == _read(issue_ticket(KEY, _pass(), now=NOW + SKEW_S * SECOND)).admits
    with pytest.raises(TicketMalformed):
        _read(issue_ticket(KEY, _pass(), now=NOW + SKEW_S * SECOND + TICK))


def test_ticket_is_bound_to_lot_and_origin() -> None:
    """A ticket for another lot or another page's origin is refused."""
    ticket = issue_ticket(KEY, _pass(), now=NOW)

    with pytest.raises(TicketElsewhere):
        _read(ticket, lot=UUID(int=9))
    with pytest.raises(TicketElsewhere):
        _read(ticket, origin="https://evil.example")


def test_any_changed_character_breaks_a_ticket() -> None:
    """A ticket with any one character changed, cut, or signed by another key is refused."""
    ticket = issue_ticket(KEY, _pass(), now=NOW)
    other = issue_ticket(Ed25519PrivateKey.generate(), _pass(), now=NOW)
    # The last character of each part carries bits that base64 does not use.
    places = [at for at in range(len(ticket)) if at + 1 < len(ticket) and ticket[at + 1] != "."]
    changed = [ticket[:at] + ("A" if ticket[at] != "A" else "B") + ticket[at + 1 :] for at in places]

    for forged in (*changed, other, ticket[:-4], "", ".", "a.b", "好.好", "x" * 5_000):
        with pytest.raises(TicketMalformed):
            _read(forged)


def test_gateway_that_knows_two_keys_takes_tickets_of_both() -> None:
    """While keys rotate, tickets of the old and of the new key are read."""
    new = Ed25519PrivateKey.generate()
    keys = [new.public_key(), KEY.public_key()]

    for key in (KEY, new):
        ticket = issue_ticket(key, _pass(), now=NOW)
        assert _pass() == read_ticket(ticket, keys, lot_id=LOT, origin=ORIGIN, now=NOW).admits


def test_pass_without_a_code_is_no_bidders() -> None:
    """A bidder has a code, a spectator has none."""
    for role, code in (("bidder", ""), ("spectator", "A7")):
        with pytest.raises((ValueError, msgspec.ValidationError)):
            msgspec.structs.replace(_pass(), role=role, code=code).__post_init__()


def test_keys_are_checked_at_the_start() -> None:
    """A setting that is no key of 32 bytes is refused by name."""
    assert ticket_key("01" * 32).public_key() == KEY.public_key()
    for wrong in ("", "zz", "01" * 31, "01" * 33):
        with pytest.raises(SettingInvalid):
            ticket_key(wrong)
        with pytest.raises(SettingInvalid):
            ticket_public_key(wrong)


@pytest.fixture
async def live(redis_url: str) -> AsyncIterator[Live]:
    """The servers as gateways ask them."""
    live = Live(Nodes(redis_url), movable(), shards=1, stamp=Stamp.TEST)
    yield live
    await live.nodes.close()


async def test_ticket_is_good_once(valkey: Redis, live: Live) -> None:
    """The second use of a ticket is refused, at whatever gateway; the mark outlives the ticket."""
    ticket = _read(issue_ticket(KEY, _pass(), now=NOW))
    await spend(live, SHARD, ticket)

    with pytest.raises(TicketUsed):
        await spend(live, SHARD, ticket)
    (key,) = await valkey.keys("*:t:*")
    assert await valkey.ttl(key) > TICKET_S


async def test_resume_token_is_good_once_for_two_minutes(valkey: Redis, live: Live) -> None:
    """A resume token gives its pass once, lives two minutes, and is replaced by its successor."""
    first = (await enter(live, SHARD, _pass())).resume
    (key,) = await valkey.keys("*:u:*")
    assert RESUME_S - 5 < await valkey.ttl(key) <= RESUME_S
    (second,) = await renew_resumes(live, SHARD, [(_pass(), first)])

    assert await take_resume(live, SHARD, first) is None
    assert _pass() == await take_resume(live, SHARD, second)
    assert await take_resume(live, SHARD, second) is None
    assert await take_resume(live, SHARD, "guessed") is None


async def test_redis_holds_no_token_in_the_clear(valkey: Redis, live: Live) -> None:
    """Who reads Redis's keys cannot resume with what he sees."""
    token = (await enter(live, SHARD, _pass())).resume

    assert [key for key in await valkey.keys("*") if token.encode() in key] == []


async def test_revocation_reaches_tickets_and_tokens(live: Live) -> None:
    """Signing out revokes what was granted to the sign-in, a bar what the code has; others are untouched."""
    other = msgspec.structs.replace(_pass("B8"), grant="g2")
    await revoke_grant(live, "g1")
    with pytest.raises(AdmissionRevoked):
        await enter(live, SHARD, _pass())
    assert (await enter(live, SHARD, other)).generation == 1

    await revoke_code(live, lot_id=LotId(LOT), session_id=SessionId(SESSION), code=BidderCode("B8"))
    with pytest.raises(AdmissionRevoked):
        await enter(live, SHARD, other)


async def test_each_admission_of_a_code_has_the_next_generation(valkey: Redis, live: Live) -> None:
    """Generations of a code count up and outlive its sockets for a while; a look-up tells the newest of each."""
    assert [1, 2] == [(await enter(live, SHARD, _pass())).generation for _ in range(2)]
    assert 1 == (await enter(live, SHARD, _pass("B8"))).generation
    assert {await valkey.ttl(key) > RESUME_S for key in await valkey.keys("*:g:*")} == {True}

    many = [_pass(), _pass("B8"), _pass("C9")]
    found = await recheck(valkey, SHARD, many)
    assert [Rechecked(revoked=False, generation=n, admits=one) for n, one in zip((2, 1, 0), many, strict=True)] == found


async def _tell(live: Live, limit_fen: int | None) -> None:
    await tell_limit(live, lot_id=LotId(LOT), session_id=SessionId(SESSION), code=BidderCode("A7"), limit_fen=limit_fen)


async def test_older_pass_does_not_bring_an_older_limit_back(valkey: Redis, live: Live) -> None:
    """Whoever enters with a pass of before is held to the newest limit; so is the token that his admission leaves."""
    old = msgspec.structs.replace(_pass(), limit_fen=100)
    shard = live.shard_of(LotId(LOT))
    assert (await enter(live, shard, old)).admits.limit_fen == 100

    for limit_fen in (50, None, 0):
        await _tell(live, limit_fen)
        entered = await enter(live, shard, old)
        assert entered.admits.limit_fen == limit_fen
        assert await take_resume(live, shard, entered.resume) == entered.admits
        assert [one.admits.limit_fen for one in await recheck(valkey, shard, [old])] == [limit_fen]


def test_pass_without_a_limit_is_written_as_before() -> None:
    """A gateway that does not know limits yet reads every ticket that has none."""
    assert b"limit_fen" not in msgspec.msgpack.encode(_pass())
    assert b"limit_fen" in msgspec.msgpack.encode(msgspec.structs.replace(_pass(), limit_fen=0))
