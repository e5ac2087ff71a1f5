"""Admission to a room: signed one-use tickets, resume tokens, and their revocation (bid-core 17).

1. The site signs a ticket with its private key; gateways hold the public key only and can make none.
2. A ticket is bound to lot, session, code (none for spectators), role and the page's origin, lives `TICKET_S` of real
   time whatever the business clock says, travels in the first frame only, and is good once: its use is in Redis.
3. A resume token is a secret that a gateway leaves in Redis under its hash; it is good once, at any gateway, within
   `RESUME_S`; each admission makes a new one. If Redis loses them, people come back with a new ticket.
4. Each admission of a bidder gets the next *generation* of his code; an older generation gives way, at any gateway.
5. ``grant`` names the sign-in that asked for the ticket; ending it (or barring a code) revokes tickets, tokens and
   sockets. The gateway never learns who it is.
6. The availability probe signs its own tickets with a key of its own, which admits to nothing else (bid-core 23).
7. A pass may carry the limit to which its bidder had himself held. A changed limit is told to all gateways and kept for as
   long as an older ticket or token may be about, so that none of them brings the old one back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta
from redis.asyncio import Redis

from auction.kernel.clock import to_us
from auction.kernel.errors import Conflict, Malformed, NotPermitted, SettingInvalid
from auction.kernel.ids import LotId, SessionId
from auction.kernel.money import BOUND_FEN
from bidding.live.keys import Shard, tag
from bidding.live.library import Live
from bidding.live.line import Command
from bidding.rooms.wire import Role
from bidding.rules.session import NAME_LIMIT, PROBE_CODE, BidderCode

SCHEME: Final = b"fapai-room-ticket-v1\n"
TICKET_S: Final = 30
RESUME_S: Final = 120
SKEW_S: Final = 5
"""How far the clocks of site and gateway may differ."""
REVOKED_S: Final = TICKET_S + RESUME_S + 2 * SKEW_S
GENERATION_S: Final = 90 * 86_400
"""A code's generations are kept for longer than any session lasts."""
TICKET_CHARS: Final = 1_024
RECHECK_LIMIT: Final = 500
"""Most admissions that are looked up in one pipeline."""
KEY_BYTES: Final = 32
NO_LIMIT: Final = b"none"
"""Kept where a limit was given up."""
_SECOND_US: Final = 1_000_000


class TicketMalformed(Malformed):
    """The ticket is not of the documented form, or nobody we know signed it."""

    code = "ticket_malformed"
    article = "house: bid-core rule 17, admission by signed ticket"
    zh = "入场券无效。"
    en = "The ticket is not valid."


class TicketExpired(Conflict):
    """The ticket is older than it may be."""

    code = "ticket_expired"
    article = "house: bid-core rule 17, a ticket lives thirty seconds"
    zh = "入场券已过期，请刷新页面。"
    en = "The ticket has expired; reload the page."


class TicketElsewhere(NotPermitted):
    """The ticket is for another lot or was issued to another page."""

    code = "ticket_elsewhere"
    article = "house: bid-core rule 17, a ticket is bound to lot and origin"
    zh = "入场券与本场竞价或本页面不符。"
    en = "The ticket is for another room or another page."


class TicketUsed(Conflict):
    """The ticket was good once and has been used."""

    code = "ticket_used"
    article = "house: bid-core rule 17, a ticket is good once"
    zh = "入场券已使用，请刷新页面。"
    en = "The ticket was used already; reload the page."


class AdmissionRevoked(NotPermitted):
    """The sign-in has ended or the code was barred."""

    code = "admission_revoked"
    article = "house: bid-core rule 17, bar and sign-out revoke"
    zh = "入场资格已被撤销。"
    en = "This admission was revoked."


class Pass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a ticket or a resume token admits to."""

    lot_id: UUID
    session_id: UUID
    role: Role
    code: Annotated[str, Meta(max_length=NAME_LIMIT)]
    """The bidder's code; empty for spectators, reserved for the probe."""
    origin: Annotated[str, Meta(max_length=256)]
    grant: Annotated[str, Meta(max_length=64)]
    """Opaque name of the sign-in; empty for spectators who are not signed in."""
    limit_fen: Annotated[int, Meta(ge=0, lt=BOUND_FEN)] | None = None
    """Above this the bidder had the room refuse his own bids (rule 7); ``None``: he did not."""

    def __post_init__(self) -> None:
        """Refuse a bidder without a code, a spectator with one, and the probe's code in anybody else's pass."""
        if (self.role == "spectator") == bool(self.code) or (self.role == "probe") != (self.code == PROBE_CODE):
            raise ValueError("a bidder has a code, a spectator has none, the probe has its own")


class Ticket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pass that is good once, until ``expires_us`` of real time."""

    admits: Pass
    expires_us: int
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What gateways tell each other on the shard's channel `control_channel`."""

    kind: Literal["replaced", "grant_revoked", "code_revoked", "limit"]
    session_id: UUID | None = None
    code: str = ""
    generation: int = 0
    grant: str = ""
    limit_fen: int | None = None
    """Of ``limit``: to what the code's bidder has himself held now; ``None``: to nothing."""


class Rechecked(NamedTuple):
    """How an admission stands."""

    revoked: bool
    generation: int
    """The newest generation of its code; zero: Redis knows none."""
    admits: Pass
    """The pass, with the limit as it stands."""


_encoder = msgspec.msgpack.Encoder()
_ticket = msgspec.msgpack.Decoder(Ticket)
_pass = msgspec.msgpack.Decoder(Pass)
_control = msgspec.msgpack.Decoder(Control)


# The ticket itself: pure.


def ticket_key(seed_hex: str, *, name: str = "FAPAI_TICKET_KEY") -> Ed25519PrivateKey:
    """Make the signing key from its setting (`SettingInvalid` if it is none): the site's, or by ``name`` the probe's."""
    return Ed25519PrivateKey.from_private_bytes(_key_bytes(name, seed_hex))


def ticket_public_key(key_hex: str, *, name: str = "FAPAI_TICKET_PUBLIC_KEY") -> Ed25519PublicKey:
    """Make a gateway's key from its setting (`SettingInvalid` if it is none)."""
    return Ed25519PublicKey.from_public_bytes(_key_bytes(name, key_hex))


def issue_ticket(key: Ed25519PrivateKey, admits: Pass, *, now: datetime) -> str:
    """Sign a ticket that is good for `TICKET_S` from ``now``, which is real time (`auction.kernel.clock.real_now`)."""
    expires = to_us(now + timedelta(seconds=TICKET_S))
    body = _encoder.encode(Ticket(admits=admits, expires_us=expires, nonce=secrets.token_bytes(16)))
    return f"{_text(body)}.{_text(key.sign(SCHEME + body))}"


def read_ticket(
    text: str,
    keys: Sequence[Ed25519PublicKey],
    *,
    lot_id: UUID,
    origin: str,
    now: datetime,
    probe_keys: Sequence[Ed25519PublicKey] = (),
) -> Ticket:
    """Read a ticket and check all but its first use (`spend`); ``probe_keys`` sign for the probe, ``keys`` for all others.

    Raises:
        TicketMalformed, TicketExpired, TicketElsewhere: why it does not admit.
    """
    ticket = _verified(text, keys, probe_keys)
    left = ticket.expires_us - to_us(now)
    if left > (TICKET_S + SKEW_S) * _SECOND_US:
        raise TicketMalformed
    if left <= 0:
        raise TicketExpired
    require_here(ticket.admits, lot_id=lot_id, origin=origin)
    return ticket


def require_here(admits: Pass, *, lot_id: UUID, origin: str) -> None:
    """Refuse (`TicketElsewhere`) a pass for another lot, or one that was issued to another page."""
    if admits.lot_id != lot_id or admits.origin.rstrip("/") != origin:
        raise TicketElsewhere


def _verified(text: str, keys: Sequence[Ed25519PublicKey], probe_keys: Sequence[Ed25519PublicKey]) -> Ticket:
    if len(text) > TICKET_CHARS:
        raise TicketMalformed
    body, _, signature = text.partition(".")
    try:
        signed, mark = _bytes(body), _bytes(signature)
    except (binascii.Error, ValueError):
        raise TicketMalformed from None
    by_site = any(_is_signed(key, mark, SCHEME + signed) for key in keys)
    if not by_site and not any(_is_signed(key, mark, SCHEME + signed) for key in probe_keys):
        raise TicketMalformed
    try:
        ticket = _ticket.decode(signed)
    except msgspec.MsgspecError:
        raise TicketMalformed from None
    if (ticket.admits.role == "probe") == by_site:
        raise TicketMalformed
    return ticket


def _is_signed(key: Ed25519PublicKey, mark: bytes, signed: bytes) -> bool:
    try:
        key.verify(mark, signed)
    except InvalidSignature:
        return False
    return True


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _key_bytes(name: str, text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingInvalid(name=name, reason="32 bytes as hex / 32字节的十六进制")
    return key


# What is kept in Redis.


def control_channel(shard: Shard) -> str:
    """Sharded pub/sub channel on which gateways tell each other of replaced and revoked admissions."""
    return f"{tag(shard)}:rooms"


async def spend(live: Live, shard: Shard, ticket: Ticket) -> None:
    """Use a ticket up, once among all gateways; `TicketUsed` if it was.

    If the line breaks here the ticket may be used up without anybody admitted: the client gets a new one.
    """
    key = f"{tag(shard)}:t:{ticket.nonce.hex()}"
    if (await live.ask(shard, [("SET", key, b"1", "NX", "EX", TICKET_S + 2 * SKEW_S)]))[0] is None:
        raise TicketUsed


async def take_resume(live: Live, shard: Shard, token: str) -> Pass | None:
    """Use a resume token up; ``None``: it is not known (used, too old, or lost)."""
    found: bytes | None = (await live.ask(shard, [("GETDEL", _resume_key(shard, token))]))[0]
    return None if found is None else _pass.decode(found)


async def renew_resumes(live: Live, shard: Shard, held: Sequence[tuple[Pass, str]]) -> list[str]:
    """Give each pass a fresh resume token in place of the one that is held."""
    fresh = [secrets.token_urlsafe(24) for _ in held]
    commands: list[Command] = []
    for (admits, token), instead in zip(held, fresh, strict=True):
        commands += [_leave(shard, instead, admits), ("DEL", _resume_key(shard, token))]
    await live.ask(shard, commands)
    return fresh


class Entrance(NamedTuple):
    """What an admission left in Redis."""

    generation: int
    """Which admission of the code this is; zero for those without one that counts."""
    resume: str
    admits: Pass
    """The pass, with the limit as it stands (rule 7)."""


async def enter(live: Live, shard: Shard, admits: Pass) -> Entrance:
    """Number the admission of a bidder's code, tell all gateways (older sockets give way, rule 4), leave a resume token.

    One question to Redis, and one message. Raises `AdmissionRevoked` if the sign-in has ended or the code was barred since the
    pass was made; the token that was left then admits nobody either.
    """
    resume, revoking = secrets.token_urlsafe(24), _revoking_keys(shard, admits)
    commands: list[Command] = [_leave(shard, resume, admits)]
    if revoking:
        commands.append(("EXISTS", *revoking))
    if admits.role == "bidder":
        key = _generation_key(shard, admits.session_id, admits.code)
        commands += [("GET", _limit_key(shard, admits.session_id, admits.code)), ("INCRBY", key, 1)]
        commands.append(("EXPIRE", key, GENERATION_S))
    answers = await live.ask(shard, commands)
    if revoking and answers[1]:
        raise AdmissionRevoked
    if admits.role != "bidder":
        return Entrance(0, resume, admits)
    generation = int(answers[-2])
    held = _with_limit(admits, answers[-3])
    if held != admits:
        await live.ask(shard, [_leave(shard, resume, held)])
    told = Control(kind="replaced", session_id=admits.session_id, code=admits.code, generation=generation)
    await _tell(live, shard, told)
    return Entrance(generation, resume, held)


def _with_limit(admits: Pass, kept: bytes | None) -> Pass:
    """Give the pass with a limit that was changed since it was made; ``None``: it was not."""
    if kept is None:
        return admits
    return msgspec.structs.replace(admits, limit_fen=None if kept == NO_LIMIT else int(kept))


def _leave(shard: Shard, token: str, admits: Pass) -> Command:
    return ("SET", _resume_key(shard, token), _encoder.encode(admits), "EX", RESUME_S)


def _revoking_keys(shard: Shard, admits: Pass) -> list[str]:
    keys = [_code_key(shard, admits.session_id, admits.code)] if admits.code else []
    return keys + ([_grant_key(shard, admits.grant)] if admits.grant else [])


async def recheck(client: Redis, shard: Shard, many: Sequence[Pass]) -> list[Rechecked]:
    """Tell of each pass whether it still admits: after a gateway may have missed a control message."""
    found: list[Rechecked] = []
    for start in range(0, len(many), RECHECK_LIMIT):
        pipeline = client.pipeline(transaction=False)
        for admits in many[start : start + RECHECK_LIMIT]:
            pipeline.exists(_code_key(shard, admits.session_id, admits.code), _grant_key(shard, admits.grant))
            pipeline.get(_generation_key(shard, admits.session_id, admits.code))
            pipeline.get(_limit_key(shard, admits.session_id, admits.code))
        answers = await pipeline.execute()
        turn = many[start : start + RECHECK_LIMIT]
        found += [
            Rechecked(revoked=bool(revoked), generation=int(generation or 0), admits=_with_limit(admits, kept))
            for admits, revoked, generation, kept in zip(turn, answers[::3], answers[1::3], answers[2::3], strict=True)
        ]
    return found


async def revoke_code(live: Live, *, lot_id: LotId, session_id: SessionId, code: BidderCode) -> None:
    """Close a barred bidder's sockets and void his tickets and tokens (the caller issues him no new ones)."""
    shard = live.shard_of(lot_id)
    client = await live.nodes.client(shard)
    await client.set(_code_key(shard, session_id, code), b"1", ex=REVOKED_S)
    await _tell(live, shard, Control(kind="code_revoked", session_id=session_id, code=code))


async def tell_limit(
    live: Live, *, lot_id: LotId, session_id: SessionId, code: BidderCode, limit_fen: int | None
) -> None:
    """Hold a bidder's sockets, tickets and tokens to the limit that he set himself; ``None``: to none (rule 7)."""
    shard = live.shard_of(lot_id)
    kept = NO_LIMIT if limit_fen is None else str(limit_fen).encode()
    await live.ask(shard, [("SET", _limit_key(shard, session_id, code), kept, "EX", REVOKED_S)])
    await _tell(live, shard, Control(kind="limit", session_id=session_id, code=code, limit_fen=limit_fen))


async def revoke_grant(live: Live, grant: str) -> None:
    """Close all sockets of a sign-in that has ended and void its tickets and tokens, in every shard."""
    assert grant, "a sign-in has a name"
    for number in range(live.shards):
        shard = Shard(number)
        client = await live.nodes.client(shard)
        await client.set(_grant_key(shard, grant), b"1", ex=REVOKED_S)
        await _tell(live, shard, Control(kind="grant_revoked", grant=grant))


def decode_control(payload: bytes) -> Control:
    """Read a message of the control channel; anything else raises ``msgspec.MsgspecError``."""
    return _control.decode(payload)


async def _tell(live: Live, shard: Shard, control: Control) -> None:
    await live.ask(shard, [("SPUBLISH", control_channel(shard), _encoder.encode(control))])


def _resume_key(shard: Shard, token: str) -> str:
    return f"{tag(shard)}:u:{hashlib.sha256(token.encode()).hexdigest()}"


def _grant_key(shard: Shard, grant: str) -> str:
    return f"{tag(shard)}:x:{hashlib.sha256(grant.encode()).hexdigest()}"


def _code_key(shard: Shard, session_id: UUID, code: str) -> str:
    return f"{tag(shard)}:y:{session_id}:{code}"


def _generation_key(shard: Shard, session_id: UUID, code: str) -> str:
    return f"{tag(shard)}:g:{session_id}:{code}"


def _limit_key(shard: Shard, session_id: UUID, code: str) -> str:
    return f"{tag(shard)}:m:{session_id}:{code}"
