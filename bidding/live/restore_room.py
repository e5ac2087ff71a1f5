"""Restore a room in a new epoch from what PostgreSQL has committed (D2, bid-core 12).

1. The room takes no bid until it is whole; a restoration that dies halfway is simply begun again.
2. An open room comes back paused: numbered event `Stopped` (emergency pause, ground ``rebuild``), its clock standing
   since its last committed event, until `wake_room`. A stopped or closed room comes back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import msgspec

from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import ids_key, lot_key, lots_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.live.open_session import term_fields
from bidding.rules.session import BidAccepted, RefusedBid, SessionState

CHUNK_LIMIT: Final = 1_000
"""Most fields in one call."""
REMEMBERED: Final = 32
"""Accepted and refused bids that a bidder's join snapshot lists, each (bid-core 8)."""


async def restore_room(
    live: Live,
    *,
    epoch: int,
    token: str,
    state: SessionState,
    admitted_at: Mapping[str, int],
    accepted: Iterable[BidAccepted],
    refused: Iterable[RefusedBid] = (),
) -> Decision:
    """Write the room of ``state``, which the journal's replay gave; ``admitted_at`` maps codes to the last event of each.

    ``accepted`` is every accepted bid of the lot in order, ``refused`` the refused ones that are stored, in order.
    Gives the decision of the pause (accepted, sequence zero if the room needed none).

    Raises:
        StaleToken, WrongEpoch: somebody else owns the shard (answered as the decision's reason).
    """
    lot_id = state.terms.lot_id
    shard = live.shard_of(lot_id)
    own = (epoch, token, str(lot_id))
    lot, ids = lot_key(shard, lot_id), ids_key(shard, lot_id)
    first = Call(shard, "restore", (shard_key(shard), lot, ids, lots_key(shard)), (*own, *_room_fields(state)))
    decision = decode_decision(await live.call(first))
    if not decision.accepted:
        return decision
    people = _flat(_people(state, admitted_at))
    for key, fields in ((lot, people), (ids, _flat(_memory(accepted, refused).items()))):
        for chunk in _chunks(fields):
            await live.call(Call(shard, "refill", (shard_key(shard), lot, key), (*own, *chunk)))
    last = Call(shard, "restored", (shard_key(shard), stream_key(shard), lot), own)
    return decode_decision(await live.call(last))


def _room_fields(state: SessionState) -> tuple[str, ...]:
    fields: dict[str, str | int] = {
        "phase": state.phase,
        "seq": state.seq,
        "last": state.last_us,
        "opens": state.opens_at_us,
        "ends": state.end_us,
        "price": state.price_fen,
        "leader": state.leader,
        "lmax": state.leader_max_fen,
        "smax": state.second_max_fen,
        "count": state.bid_count,
        "bseq": state.bid_seq,
        "cseq": state.clock_seq,
        "pseq": state.phase_seq,
        "kind": state.stop_kind or "",
        "ground": state.stop_ground,
        "left": state.left_us,
        "committed": state.seq,
        "exts": 0 if state.extensions is msgspec.UNSET else state.extensions,
        "sseq": 0 if state.same_seq is msgspec.UNSET else state.same_seq,
    }
    return (*term_fields(state.terms), *_flat(fields.items()))


def _people(state: SessionState, admitted_at: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for code, one in state.admissions.items():
        same = "" if one.same_as is msgspec.UNSET else f" {one.same_as}"
        yield f"b:{code}", f"{one.first_refusal_rank} {int(one.has_agent)} {admitted_at[code]}{same}"


def _memory(accepted: Iterable[BidAccepted], refused: Iterable[RefusedBid]) -> dict[str, str | int]:
    """Write the fields of the ids hash as the library does: values, the two rings of each bidder, the expiry mark."""
    fields: dict[str, str | int] = {}
    for bid in accepted:
        value = f"{bid.amount_fen} {bid.kind} ok {bid.seq} {bid.price_fen} {bid.end_us} {bid.at_us}"
        _remember(fields, "a", bid.code, bid.bid_id, value)
    for no in refused:
        value = f"{no.amount_fen} {no.kind} {no.reason} {no.depends_on} 0 0 {no.at_us}"
        _forget_oldest(fields, no.code)
        _remember(fields, "r", no.code, no.bid_id, value)
    return fields


def _remember(fields: dict[str, str | int], ring: str, code: str, bid_id: str, value: str) -> None:
    count = int(fields.get(f"{ring}:{code}", 0))
    fields[f"v:{code}:{bid_id}"] = value
    fields[f"{ring}:{code}:{count % REMEMBERED}"] = bid_id
    fields[f"{ring}:{code}"] = count + 1


def _forget_oldest(fields: dict[str, str | int], code: str) -> None:
    count = int(fields.get(f"r:{code}", 0))
    oldest = str(fields.get(f"r:{code}:{count % REMEMBERED}", ""))
    if oldest:
        del fields[f"v:{code}:{oldest}"]
        fields[f"e:{code}"] = max(str(fields.get(f"e:{code}", "")), oldest)


def _flat(pairs: Iterable[tuple[str, str | int]]) -> tuple[str, ...]:
    return tuple(str(part) for pair in pairs for part in pair)


def _chunks(fields: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(fields)
    while chunk := tuple(islice(rest, 2 * CHUNK_LIMIT)):
        yield chunk
