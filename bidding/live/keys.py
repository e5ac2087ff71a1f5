"""Names in Redis and the shape of a stream entry; the Lua library and this file are the two ends of one contract.

1. All keys and the channel of a shard carry its hash tag ``{s:NN}``, so a function call stays on one node.
2. A stream id is ``<epoch>-<shard sequence>``; ids only grow, across epochs too.
3. An entry carries the digest of its predecessor: hex SHA-1 over predecessor digest, id, and its lines in order.
   The first entry of a rebuilt shard carries the digest that the owner gave (the committed head), or forty zeros.
4. An entry has two fields: ``d`` its predecessor's digest, ``f`` all others, a line each name and value. Numbers travel
   as decimal text (``%d`` in Lua); text has no line break.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NewType, TypeVar
from uuid import UUID

import msgspec

from auction.kernel.ids import LotId
from bidding.rules.reasons import Code
from bidding.rules.session import (
    Admission,
    Admitted,
    BidAccepted,
    BidderCode,
    BidId,
    BidKind,
    ClockChanged,
    Closed,
    Event,
    Opened,
    RefusedBid,
    Resumed,
    SessionTerms,
    StopKind,
    Stopped,
)

Shard = NewType("Shard", int)

ZERO_DIGEST: Final = "0" * 40
SHARDS_LIMIT: Final = 1024


def shard_of(lot_id: LotId, shards: int) -> Shard:
    """Give the shard of a lot in an installation of ``shards`` shards (fixed at its first migration)."""
    assert 0 < shards <= SHARDS_LIMIT, "number of shards out of bounds"
    return Shard(zlib.crc32(lot_id.bytes) % shards)


def tag(shard: Shard) -> str:
    """Give the hash tag of a shard: ``{s:07}``."""
    return f"{{s:{shard:02d}}}"


def shard_key(shard: Shard) -> str:
    """Hash: epoch, since (epoch from which rooms are valid), seq, digest, token, stalled, process (where the epoch began)."""
    return f"{tag(shard)}:shard"


def stream_key(shard: Shard) -> str:
    """Stream of the shard: the one ordered record of all of its lots."""
    return f"{tag(shard)}:log"


def lots_key(shard: Shard) -> str:
    """Set of the lots that have a room in this shard."""
    return f"{tag(shard)}:lots"


def lot_key(shard: Shard, lot_id: LotId) -> str:
    """Hash of one room: its marker, terms, state, admissions, stamps of uncommitted events."""
    return f"{tag(shard)}:l:{lot_id}"


def ids_key(shard: Shard, lot_id: LotId) -> str:
    """Hash of one room's decided bid ids."""
    return f"{tag(shard)}:i:{lot_id}"


def channel(shard: Shard) -> str:
    """Sharded pub/sub channel in which the owner publishes what is committed."""
    return f"{tag(shard)}:committed"


def clock_key(shard: Shard) -> str:
    """Hash offset_us, frozen_us: read only by a test build of the library (bid-core 14)."""
    return f"{tag(shard)}:clock"


class EntryId(msgspec.Struct, frozen=True, order=True):
    """Id of a stream entry; compares as Redis compares."""

    epoch: int
    shard_seq: int

    def __str__(self) -> str:
        """Write the id as Redis does."""
        return f"{self.epoch}-{self.shard_seq}"

    @staticmethod
    def parse(text: str) -> EntryId:
        """Read ``<epoch>-<shard sequence>``."""
        epoch, _, shard_seq = text.partition("-")
        return EntryId(int(epoch), int(shard_seq))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a shard's stream, decoded."""

    id: EntryId
    lot_id: LotId
    predecessor: str
    """Digest of the entry before, as this entry claims it."""
    digest: str
    """Digest of this entry, computed here."""
    body: Event | RefusedBid


class EntryMalformed(Exception):
    """A stream entry is not of the documented form: forged or damaged; the shard stops and a person is called."""


Fields = Mapping[str, str]
_T = TypeVar("_T")


def write_entry(predecessor: str, fields: Fields) -> dict[str, str]:
    """Write the two fields of an entry as Lua does."""
    return {"d": predecessor, "f": "\n".join(part for pair in fields.items() for part in pair)}


def entry_digest(entry_id: str, predecessor: str, lines: str) -> str:
    """Hex SHA-1 of an entry, as Lua computes it: predecessor, id, then the lines of names and values."""
    return hashlib.sha1(f"{predecessor}\n{entry_id}\n{lines}".encode(), usedforsecurity=False).hexdigest()


def _opened(f: Fields) -> Opened:
    return Opened(seq=int(f["n"]), at_us=int(f["a"]), terms=msgspec.json.decode(f["j"], type=SessionTerms))


def _admitted(f: Fields) -> Admitted:
    admission = Admission(
        code=BidderCode(f["c"]),
        first_refusal_rank=int(f["f"]),
        has_agent=_choice(f["g"], {"0": False, "1": True}),
        same_as=BidderCode(f["s"]) if "s" in f else msgspec.UNSET,
    )
    return Admitted(seq=int(f["n"]), at_us=int(f["a"]), admission=admission)


def _bid(f: Fields) -> BidAccepted:
    return BidAccepted(
        seq=int(f["n"]),
        at_us=int(f["a"]),
        bid_id=BidId(f["b"]),
        code=BidderCode(f["c"]),
        amount_fen=int(f["m"]),
        kind=_kind(f["k"]),
        price_fen=int(f["p"]),
        leader=BidderCode(f["w"]),
        end_us=int(f["e"]),
        extended=_choice(f["h"], {"0": False, "1": True}),
        received_us=int(f["x"]),
        confirmed=_choice(f["u"], {"1": True}) if "u" in f else msgspec.UNSET,
        extensions=int(f["v"]) if "v" in f else msgspec.UNSET,
    )


def _clock_changed(f: Fields) -> ClockChanged:
    return ClockChanged(seq=int(f["n"]), at_us=int(f["a"]), cause="stall", since_us=int(f["s"]), end_us=int(f["e"]))


def _stopped(f: Fields) -> Stopped:
    return Stopped(
        seq=int(f["n"]),
        at_us=int(f["a"]),
        kind=_choice(f["q"], _STOP_KINDS),
        ground=f["g"],
        since_us=int(f["s"]),
        left_us=int(f["y"]),
    )


def _resumed(f: Fields) -> Resumed:
    return Resumed(seq=int(f["n"]), at_us=int(f["a"]), resumes_at_us=int(f["o"]), end_us=int(f["e"]))


def _closed(f: Fields) -> Closed:
    return Closed(seq=int(f["n"]), at_us=int(f["a"]), end_us=int(f["e"]), price_fen=int(f["p"]), leader=f["w"])


def _refused(f: Fields) -> RefusedBid:
    return RefusedBid(
        bid_id=BidId(f["b"]),
        code=BidderCode(f["c"]),
        amount_fen=int(f["m"]),
        kind=_kind(f["k"]),
        reason=Code(f["r"]),
        depends_on=int(f["n"]),
        at_us=int(f["a"]),
        received_us=int(f["x"]),
        suppressed=int(f["z"]),
    )


_STOP_KINDS: Final[Mapping[str, StopKind]] = {
    "deferral": "deferral",
    "stay": "stay",
    "withdrawal": "withdrawal",
    "emergency_pause": "emergency_pause",
}
_BODIES: Final[Mapping[str, Callable[[Fields], Event | RefusedBid]]] = {
    "opened": _opened,
    "admitted": _admitted,
    "bid": _bid,
    "clock_changed": _clock_changed,
    "stopped": _stopped,
    "resumed": _resumed,
    "closed": _closed,
    "refused": _refused,
}


def _kind(text: str) -> BidKind:
    kinds: Mapping[str, BidKind] = {"bid": "bid", "match": "match"}
    return kinds[text]


def _choice(text: str, allowed: Mapping[str, _T]) -> _T:
    return allowed[text]


def decode_entry(entry_id: bytes | str, fields: Mapping[bytes, bytes] | Mapping[str, str]) -> Entry:
    """Decode one entry as XREAD or XRANGE gives it.

    Raises:
        EntryMalformed: anything is missing, unknown or out of form.
    """
    text_id = _text(entry_id)
    texts = {_text(name): _text(value) for name, value in fields.items()}
    try:
        predecessor, lines = texts["d"], texts["f"]
        parts = lines.split("\n")
        named = dict(zip(parts[::2], parts[1::2], strict=True))
        return Entry(
            id=EntryId.parse(text_id),
            lot_id=LotId(UUID(named["l"])),
            predecessor=predecessor,
            digest=entry_digest(text_id, predecessor, lines),
            body=_BODIES[named["t"]](named),
        )
    except (KeyError, ValueError, AssertionError, msgspec.MsgspecError) as error:
        raise EntryMalformed(text_id) from error


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw
