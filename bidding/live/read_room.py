"""Read live state as Redis has it, committed or not: for the owner, for rebuild checks and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from auction.kernel.ids import LotId
from bidding.live.keys import Shard, lot_key, shard_key
from bidding.live.library import Call, Live, Reply
from bidding.rules.session import Admission, BidderCode, Phase, SessionState, SessionTerms, StopKind


class ShardHead(msgspec.Struct, frozen=True, kw_only=True):
    """A shard as Redis has it."""

    epoch: int
    since: int
    """Epoch from which rooms are valid: older ones were lost and wait for their restoration."""
    shard_seq: int
    digest: str
    """Digest of the last entry."""
    stalled_us: int
    """Instant of the owner's stall; zero: none."""
    now_us: int
    """The functions' clock."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """One room as Redis has it, with its watermark."""

    state: SessionState
    epoch: int
    committed: int
    oldest_uncommitted_us: int
    """Stamp of the oldest uncommitted event; zero: all is committed."""
    stalled_us: int
    """Instant from which this room's clock stands; zero: not known to stand."""
    restoring: bool


async def read_shard(live: Live, shard: Shard) -> ShardHead | None:
    """Read the head of a shard; ``None``: Redis holds none (never founded, or lost)."""
    reply = await live.call(Call(shard, "head", (shard_key(shard),), ()))
    if not reply:
        return None
    epoch, since, seq, digest, stalled, now = reply
    return ShardHead(
        epoch=int(epoch),
        since=int(since),
        shard_seq=int(seq),
        digest=digest.decode(),
        stalled_us=int(stalled),
        now_us=int(now),
    )


async def read_room(live: Live, lot_id: LotId) -> Room | None:
    """Read one room; ``None``: the room marker is missing or of an epoch that was lost."""
    shard = live.shard_of(lot_id)
    reply = await live.call(Call(shard, "snapshot", (shard_key(shard), lot_key(shard, lot_id)), ()))
    return room_of(reply)


def room_of(reply: Reply) -> Room | None:
    """Read the reply of the function ``snapshot``; ``None``: there is no such room."""
    if not reply:
        return None
    texts = [part.decode() for part in reply]
    return _room(dict(zip(texts[::2], texts[1::2], strict=True)))


def _room(f: Mapping[str, str]) -> Room:
    return Room(
        state=_state(f),
        epoch=int(f["epoch"]),
        committed=int(f["committed"]),
        oldest_uncommitted_us=int(f["oldest"]),
        stalled_us=int(f["stalled"]),
        restoring=f["restoring"] == "1",
    )


def _state(f: Mapping[str, str]) -> SessionState:
    terms = msgspec.json.decode(f["j"], type=SessionTerms)
    return SessionState(
        terms=terms,
        phase=cast("Phase", f["phase"]),
        seq=int(f["seq"]),
        last_us=int(f["last"]),
        opens_at_us=int(f["opens"]),
        end_us=int(f["ends"]),
        price_fen=int(f["price"]),
        leader=f["leader"],
        leader_max_fen=int(f["lmax"]),
        second_max_fen=int(f["smax"]),
        bid_count=int(f["count"]),
        bid_seq=int(f["bseq"]),
        clock_seq=int(f["cseq"]),
        phase_seq=int(f["pseq"]),
        stop_kind=cast("StopKind", f["kind"]) if f["kind"] else None,
        stop_ground=f["ground"],
        left_us=int(f["left"]),
        extensions=int(f["exts"]) if terms.grows else msgspec.UNSET,
        same_seq=int(f["sseq"]) or msgspec.UNSET,
        admissions={name[2:]: _admission(name[2:], value) for name, value in f.items() if name.startswith("b:")},
    )


def _admission(code: str, stored: str) -> Admission:
    rank, agent, _seq, *same = stored.split(" ")
    return Admission(
        code=BidderCode(code),
        first_refusal_rank=int(rank),
        has_agent=agent == "1",
        same_as=BidderCode(same[0]) if same else msgspec.UNSET,
    )
