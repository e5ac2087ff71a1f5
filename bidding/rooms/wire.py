"""The messages of a room, both ways, and the codes with which a socket is closed. Described in ``asyncapi.yaml``.

1. Frames are JSON text, one message each, told apart by ``type``; unknown types and unknown fields are refused.
2. Amounts are whole fen as JSON integers, instants whole microseconds since 1970: never text, never a fraction.
3. A client's frame has at most `FRAME_LIMIT` bytes, any list in a server's frame a named limit.
4. Events show no bid id, no hidden maximum and no identity: code, price and time only.
5. Close codes lie in ranges that say what a client does next (`reconnect_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from auction.kernel.errors import Malformed
from auction.kernel.money import BOUND_FEN
from bidding.rules.reasons import Code
from bidding.rules.session import BidKind

PROTOCOL: Final = 1
FRAME_LIMIT: Final = 4_096
"""Most bytes in a client's frame."""
EVENTS_LIMIT: Final = 500
"""Most events in one frame; a client that lacks more gets the last `LOG_LIMIT` and is told so."""
LOG_LIMIT: Final = 50
"""Events that a newcomer's snapshot lists."""
OUTCOMES_LIMIT: Final = 32
"""Outcomes of the bidder's own bids in a snapshot (bid-core 8)."""
_PAST_ANY_CLOCK: Final = 2**53

Natural = Annotated[int, Meta(ge=0, lt=_PAST_ANY_CLOCK)]
Fen = Annotated[int, Meta(gt=0, lt=BOUND_FEN)]
BidIdText = Annotated[str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Secret = Annotated[str, Meta(max_length=1_024)]

Role = Literal["bidder", "spectator", "probe"]
"""``probe``: asks whether the room answers, as a bid that is refused before any rule (bid-core 23); no page has it."""
Line = Literal["live", "stale", "stalled"]
"""``stale``: nothing was heard from the shard's owner for a second; ``stalled``: the owner stopped the clocks."""
Reconnect = Literal["now", "later", "ticket", "no"]


class _Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all messages: immutable, strict, told apart by ``type``."""


# From the client.


class Hello(_Message, frozen=True, kw_only=True, tag="hello"):
    """The first frame: a ticket or a resume token, and what the client has seen already.

    ``epoch`` and ``after`` are of the last message it saw; ``after`` zero asks for a snapshot.
    """

    lot_id: UUID
    ticket: Secret = ""
    resume: Secret = ""
    epoch: Natural = 0
    after: Natural = 0


class BidFrame(_Message, frozen=True, kw_only=True, tag="bid"):
    """A bid, or a match at the leading price. Sending it again asks for the same answer again.

    ``confirmed_fen`` is the amount that the bidder confirmed when he was asked again: this bid's own (else it is malformed).
    """

    bid_id: BidIdText
    amount_fen: Fen
    kind: BidKind = "bid"
    confirmed_fen: Fen | msgspec.UnsetType = msgspec.UNSET


class Missed(_Message, frozen=True, kw_only=True, tag="missed"):
    """The client noticed a gap: it has everything through ``after`` and asks for the rest."""

    after: Natural


class Ping(_Message, frozen=True, kw_only=True, tag="ping"):
    """Asks for the time; ``sent`` is the client's own count and comes back as it is."""

    sent: Natural


ClientMessage = Hello | BidFrame | Missed | Ping


class MalformedBid(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that is a bid by its type and id, and malformed otherwise: it gets an answer."""

    bid_id: str
    reason: Code


# To the client.


class Shown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One committed event as everybody may see it; what does not belong to its kind is left out."""

    event: Literal["opened", "admitted", "bid", "clock_changed", "stopped", "resumed", "closed"]
    n: int
    at_us: int
    code: str = ""
    """Bidder code of a bid."""
    price_fen: int = 0
    leader: str = ""
    is_match: bool = False
    extended: bool = False
    opens_us: int = 0
    end_us: int = 0
    stop_kind: str = ""
    left_us: int = 0


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The committed state of a room as everybody may see it; of options what the notice does not announce is left out."""

    phase: Literal["recorded", "running", "stopped", "withdrawn", "closed"]
    """``recorded``: the room is not set up yet; ``running`` covers the time before the opening as well."""
    opens_us: int
    end_us: int
    start_price_fen: int
    increment_fen: int
    """The increment that holds now: a bid is the leading price and a whole number of these."""
    price_fen: int
    """Leading price; zero: nobody has bid."""
    leader: str
    floor_fen: int
    """The lowest amount that a new bidder may bid now."""
    bid_count: int
    has_holder: bool
    """Whether a holder of a right of first refusal (优先购买权人) was admitted."""
    stop_kind: str
    """Empty: not stopped."""
    left_us: int
    """Time to go while stopped."""
    confirm_above_fen: int = 0
    """Above this a bid needs its confirmation; zero: none does."""
    extensions: int = 0
    """How often bids have extended the end; counted only where the increment grows with that."""


class ToConfirm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The amount that was asked about, in Chinese capitals and in English words."""

    amount_fen: int
    zh: str
    en: str


class DecisionMessage(_Message, frozen=True, kw_only=True, tag="decision", omit_defaults=True):
    """The answer to one bid, sent only after what it rests on is committed.

    ``final`` false: nothing was decided, the same bid may be sent again as it is. ``confirm`` stands only with the code
    ``confirmation_required``: the bid counts if it is sent under a new id with this amount confirmed.
    """

    bid_id: str
    accepted: bool
    final: bool
    code: str
    """Code of the refusal; empty when accepted."""
    article: str
    zh: str
    en: str
    n: int
    """Accepted: the bid's own number. Refused: the number that the refusal rests on; zero: on none."""
    epoch: int
    at_us: int
    price_fen: int
    """The leading price now, with what may be bid next."""
    floor_fen: int
    end_us: int
    repeated: bool
    """The same bid was answered before, and this is that answer."""
    confirm: ToConfirm | None = None


class Snapshot(_Message, frozen=True, kw_only=True, tag="snapshot"):
    """Admission: the room as it is, what the client lacks of the log, and its own last outcomes."""

    protocol: int
    lot_id: UUID
    session_id: UUID
    role: Role
    code: str
    """The bidder's own code; empty for spectators."""
    epoch: int
    n: int
    server_us: int
    resume: str
    """Good at any gateway for two minutes, once; a newer one replaces it (``renewed``)."""
    view: View
    log: tuple[Shown, ...]
    complete: bool
    """Whether ``log`` continues the client's ``after`` without a gap."""
    outcomes: tuple[DecisionMessage, ...]
    line: Line


class Events(_Message, frozen=True, kw_only=True, tag="events"):
    """Committed events ``first`` to ``n`` and the state after them. ``first`` beyond what is known is a gap."""

    epoch: int
    first: int
    n: int
    events: tuple[Shown, ...]
    view: View
    server_us: int


class Beat(_Message, frozen=True, kw_only=True, tag="beat"):
    """The heartbeat: time and place. Also sent at once when the room's clock was moved."""

    epoch: int
    n: int
    server_us: int
    end_us: int
    line: Line


class Pong(_Message, frozen=True, kw_only=True, tag="pong"):
    """Answers a ping."""

    sent: int
    server_us: int


class LineState(_Message, frozen=True, kw_only=True, tag="line"):
    """Says that what is shown became stale, or is fresh again."""

    line: Line
    server_us: int


class Renewed(_Message, frozen=True, kw_only=True, tag="renewed"):
    """The next resume token; the one before is used up."""

    resume: str


class Bye(_Message, frozen=True, kw_only=True, tag="bye"):
    """Said before the gateway closes with ``code``."""

    code: int
    reconnect: Reconnect
    zh: str
    en: str


ServerMessage = Snapshot | Events | DecisionMessage | Beat | Pong | LineState | Renewed | Bye


class Close(IntEnum):
    """Why a gateway closes. 40xx: come back at once. 41xx: later. 42xx: with a new ticket. 43xx: do not come back."""

    DRAINING = 4000
    SLOW_READER = 4001
    OVERLOADED = 4100
    SERVICES_AWAY = 4101
    TOO_FAST = 4102
    TICKET_EXPIRED = 4200
    TICKET_USED = 4201
    RESUME_UNKNOWN = 4202
    HELLO_LATE = 4203
    REPLACED = 4300
    REVOKED = 4301
    MALFORMED = 4302
    TICKET_REFUSED = 4303
    SESSION_OVER = 4304
    ROLE_ELSEWHERE = 4305


_RANGES: Final[Mapping[int, Reconnect]] = {40: "now", 41: "later", 42: "ticket", 43: "no"}
STANDARD_NO: Final = frozenset({1002, 1003, 1007, 1008, 1009})
"""Codes of the WebSocket standard after which a client does not come back by itself; after all others, later."""

CLOSE_TEXTS: Final[Mapping[Close, tuple[str, str]]] = {
    Close.DRAINING: ("竞价服务正在更新，即将自动重连。", "The service is being replaced; reconnecting at once."),
    Close.SLOW_READER: ("网络过慢，已重新同步。", "Your line was too slow; synchronising again."),
    Close.OVERLOADED: ("连接数已满，请稍后重试。", "Too many connections; try again later."),
    Close.SERVICES_AWAY: ("竞价服务暂时不可用，请稍候。", "The service is away for a moment; please wait."),
    Close.TOO_FAST: ("消息发送过于频繁。", "Too many messages in a short time."),
    Close.TICKET_EXPIRED: ("入场券已过期。", "The ticket has expired."),
    Close.TICKET_USED: ("入场券已使用。", "The ticket was used already."),
    Close.RESUME_UNKNOWN: ("续接凭证已失效。", "The resume token is no longer good."),
    Close.HELLO_LATE: ("未及时出示入场券。", "No ticket was shown in time."),
    Close.REPLACED: ("您已在其他窗口或设备进入本场竞价。", "You have entered this room in another window or device."),
    Close.REVOKED: ("入场资格已被撤销，请重新登录。", "Your admission was revoked; please sign in again."),
    Close.MALFORMED: ("消息格式不正确。", "The message was not of the documented form."),
    Close.TICKET_REFUSED: ("入场券无效。", "The ticket is not valid here."),
    Close.SESSION_OVER: ("本场竞价已被新的场次取代。", "This session has been followed by another."),
    Close.ROLE_ELSEWHERE: ("请从其他入口进入。", "This entrance does not serve your role."),
}


def reconnect_of(code: int) -> Reconnect:
    """Tell what a client does after a socket was closed with ``code``."""
    if code in STANDARD_NO:
        return "no"
    return _RANGES.get(code // 100, "later")


def bye(close: Close) -> Bye:
    """Make the last message before closing with ``close``."""
    zh, en = CLOSE_TEXTS[close]
    return Bye(code=int(close), reconnect=reconnect_of(close), zh=zh, en=en)


class FrameMalformed(Malformed):
    """A frame is not one of the documented messages."""

    code = "frame_malformed"
    article = "house: strict input on the hot path"
    zh = "消息不符合协议。"
    en = "The frame is not a documented message."


class _Loose(msgspec.Struct, kw_only=True):
    type: str
    bid_id: BidIdText
    amount_fen: msgspec.Raw = msgspec.Raw(b"")


_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_loose = msgspec.json.Decoder(_Loose)
_amount: msgspec.json.Decoder[int] = msgspec.json.Decoder(Fen)
_encoder = msgspec.json.Encoder()


def decode_client(frame: str | bytes) -> ClientMessage | MalformedBid:
    """Read a client's frame; a bid that is malformed but for its id gets its own answer.

    Raises:
        FrameMalformed: anything else (binary frames are never messages).
    """
    if not isinstance(frame, str) or len(frame) > FRAME_LIMIT:
        raise FrameMalformed
    try:
        return _client.decode(frame)
    except (msgspec.MsgspecError, RecursionError) as error:
        return _look_again(frame, error)


def encode(message: ServerMessage | ClientMessage) -> bytes:
    """Write a message as JSON."""
    return _encoder.encode(message)


def decode_server(frame: str | bytes) -> ServerMessage:
    """Read a server's frame: for clients in Python (tests, load driver); raises ``msgspec.MsgspecError``."""
    return _server.decode(frame)


def _look_again(frame: str, error: Exception) -> MalformedBid:
    try:
        loose = _loose.decode(frame)
    except (msgspec.MsgspecError, RecursionError):
        raise FrameMalformed from error
    if loose.type != "bid":
        raise FrameMalformed from error
    return MalformedBid(
        bid_id=loose.bid_id, reason=Code.BID_MALFORMED if _is_amount(loose.amount_fen) else Code.AMOUNT_MALFORMED
    )


def _is_amount(raw: msgspec.Raw) -> bool:
    try:
        _amount.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True
