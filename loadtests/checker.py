"""The verdict on correctness, from two sides only: what clients saw and what PostgreSQL holds.

It shares no rule, no reader and no arithmetic with the house: own SQL (`loadtests.stored`), own sums, own hashes; of the
house it uses the check of a batch's signature, because a receipt is valid if that check says so. Pure.

1. Whoever was told *accepted* is stored, under that number and amount; whoever was told *refused* is not.
2. Nothing is stored twice, and nothing that nobody sent.
3. Numbers of a session run 1, 2, 3 … and end where the session's row says.
4. Prices climb strictly, by whole increments above the start price; nobody outbids himself; price and leader are the bid's.
5. Nothing is accepted before the opening, at or after the end, while the clock stands, or after the close; each late bid
   moves the end to its own arrival plus the extension, and no other does; instants never go back.
6. What each client was shown is the journal, in order, without a gap; whoever stayed to the end was shown all of it.
7. The chain of digests holds from its beginning, and each batch's signed root is the root over its entries.
8. A refusal is borne out by what is stored under the number that it rests on: that price, that leader, that stop or close.
9. It knows no options that a notice may announce: a session with a second confirmation or a growing increment is reported
   as one that it cannot judge (rules 4 and 5).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from bidding.journal.receipts import BatchProof, check_batch
from loadtests.stored import Stored, StoredBatch, StoredEvent, StoredRefusal, StoredSession
from loadtests.told import ClientRecord, Seen

LIMIT: Final = 1_000
"""Most violations that one check lists."""
BODIES: Final = 200_000
CHAIN: Final = b"fapai-journal-v1\n"
GROUNDED: Final = frozenset({"not_higher", "own_lead", "after_end", "stopped", "withdrawn"})
"""Reasons that rest on one event (rule 8)."""
Keys = Mapping[str, bytes]
NOTHING: Final[Mapping[UUID, int]] = MappingProxyType({})


def check(
    clients: Sequence[ClientRecord], stored: Stored, keys: Keys, before: Mapping[UUID, int] = NOTHING
) -> list[str]:
    """Give every violation as a sentence that begins with its kind, at most `LIMIT`; none: all is right.

    ``before``: through which number a session's journal was written before these clients came; others sent those bids.
    """
    asked = {client.session_id for client in clients}
    journals = {session_id: _journal(stored, session_id) for session_id in asked}
    found: list[str] = []
    rows = {row.session_id: row for row in stored.sessions}
    for session_id, events in journals.items():
        of_session = [client for client in clients if client.session_id == session_id]
        for sentence in _session_flaws(rows.get(session_id), events, of_session, before.get(session_id, 0)):
            found.append(f"{sentence} [session {session_id}]")
            if len(found) >= LIMIT:
                return found
    found.extend(_batch_flaws(stored, keys))
    return found[:LIMIT]


def _journal(stored: Stored, session_id: UUID) -> list[StoredEvent]:
    own = (event for event in stored.events if event.session_id == session_id)
    return sorted(own, key=lambda event: event.sequence)


def _session_flaws(
    row: StoredSession | None, events: list[StoredEvent], clients: list[ClientRecord], before: int
) -> Iterator[str]:
    if row is None:
        yield "gap: the session is not stored"
        return
    yield from _number_flaws(row, events)
    yield from _twice_flaws(events)
    yield from _told_flaws(events, clients, before)
    yield from _rule_flaws(row, events)
    yield from _chain_flaws(row, events)
    for client in clients:
        yield from _view_flaws(client, events)


# Rules 1 and 2.


def _told_flaws(events: list[StoredEvent], clients: list[ClientRecord], before: int) -> Iterator[str]:
    booked = {(event.code, event.bid_id): event for event in events if event.kind == "bid"}
    sent: set[tuple[str | None, str | None]] = set()
    for client in clients:
        sent |= {(client.code, bid_id) for bid_id in client.sent}
        for bid_id in {**client.sent, **client.answers}:
            yield from _answer_flaws(client, bid_id, booked.get((client.code, bid_id)))
            if (client.code, bid_id) not in booked:
                yield from _ground_flaws(client, bid_id, events)
    if not any(client.sent for client in clients):
        return
    for key, event in booked.items():
        if key not in sent and event.sequence > before:
            yield f"stored, never sent: event {event.sequence} of {key[0]}"


def _answer_flaws(client: ClientRecord, bid_id: str, event: StoredEvent | None) -> Iterator[str]:
    answers = client.answers.get(bid_id, [])
    who = f"bid {bid_id} of {client.code}"
    if len({(told.accepted, told.n) for told in answers if told.accepted}) > 1:
        yield f"told twice, differently: {who}"
    if len({told.accepted for told in answers}) > 1:
        yield f"told both accepted and refused: {who}"
    for told in answers[:1]:
        if told.accepted and event is None:
            yield f"told accepted, not stored: {who}"
        elif told.accepted and event is not None and event.sequence != told.n:
            yield f"told another number: {who} is {event.sequence}, told {told.n}"
        elif not told.accepted and event is not None:
            yield f"told refused, but stored: {who} is {event.sequence}"
    if event is not None and bid_id in client.sent and _body(event).get("amount_fen") != client.sent[bid_id]:
        yield f"stored another amount: {who}"


def _ground_flaws(client: ClientRecord, bid_id: str, events: list[StoredEvent]) -> Iterator[str]:
    """Rule 8."""
    for told in client.answers.get(bid_id, [])[:1]:
        if told.accepted or told.reason not in GROUNDED or bid_id not in client.sent:
            continue
        event = events[told.n - 1] if 1 <= told.n <= len(events) else None
        if event is None or not _bears_out(event, told.reason, client.code, client.sent[bid_id]):
            yield f"refused without ground: bid {bid_id} of {client.code}, {told.reason} by event {told.n}"


def _bears_out(event: StoredEvent, reason: str, code: str, amount_fen: int) -> bool:
    body = _body(event)
    if reason == "not_higher":
        return event.kind == "bid" and bool(body["price_fen"] >= amount_fen)
    if reason == "own_lead":
        return event.kind == "bid" and bool(body["leader"] == code)
    return event.kind == ("closed" if reason == "after_end" else "stopped")


def _twice_flaws(events: list[StoredEvent]) -> Iterator[str]:
    bids = Counter(event.bid_id for event in events if event.kind == "bid")
    yield from (f"stored twice: bid {bid_id}" for bid_id, times in bids.items() if times > 1)
    closes = sum(event.kind == "closed" for event in events)
    if closes > 1:
        yield f"stored twice: {closes} closes"


# Rule 3.


def _number_flaws(row: StoredSession, events: list[StoredEvent]) -> Iterator[str]:
    numbers = [event.sequence for event in events]
    for number, expected in zip(numbers, range(1, len(numbers) + 1), strict=True):
        if number != expected:
            yield f"gap: event {expected} is missing or stands twice"
            break
    if len(numbers) != row.sequence:
        yield f"gap: {len(numbers)} events are stored, the session says {row.sequence}"
    for event in events:
        if _body(event).get("seq") != event.sequence or _body(event).get("at_us") != event.at_us:
            yield f"gap: event {event.sequence} says otherwise in its body"
    if row.halted:
        yield "disagreement: the session was halted"


# Rules 4 and 5.


@dataclass
class _Clock:
    """The checker's own sums of one session."""

    start_fen: int
    increment_fen: int
    window_us: int
    extension_us: int
    first_bid_us: int
    opens_us: int
    end_us: int
    price_fen: int = 0
    leader: str = ""
    bids: int = 0
    phase: str = "running"
    flaws: list[str] = field(default_factory=list)


def _rule_flaws(row: StoredSession, events: list[StoredEvent]) -> Iterator[str]:
    if not events or events[0].kind != "opened":
        yield "gap: the journal does not begin with the opening"
        return
    terms = _body(events[0])["terms"]
    if "options" in terms:
        yield "options: the notice announces some, and the checker knows none"
        return
    clock = _opening(terms)
    for event in events[1:]:
        _walk(clock, event, _body(event))
    for before, after in pairwise(events):
        if after.at_us < before.at_us:
            clock.flaws.append(f"time goes back: event {after.sequence}")
    if (row.price_fen, row.leader, row.bid_count) != (clock.price_fen, clock.leader, clock.bids):
        clock.flaws.append("ladder: the session's row has another price, leader or count")
    yield from clock.flaws


def _opening(terms: Mapping[str, Any]) -> _Clock:
    rules = terms["rules"]
    return _Clock(
        start_fen=terms["start_price_fen"],
        increment_fen=terms["increment_fen"],
        window_us=rules["extension_window_us"],
        extension_us=rules["extension_us"],
        first_bid_us=rules.get("competition_us", 0),
        opens_us=terms["opens_at_us"],
        end_us=terms["closes_at_us"],
    )


def _walk(clock: _Clock, event: StoredEvent, body: Mapping[str, Any]) -> None:
    if clock.phase == "closed":
        clock.flaws.append(f"late: event {event.sequence} stands after the close")
    match event.kind:
        case "bid":
            _walk_bid(clock, event, body)
        case "stopped":
            clock.phase = "stopped"
        case "resumed":
            clock.phase, clock.opens_us, clock.end_us = "running", body["resumes_at_us"], body["end_us"]
        case "clock_changed":
            if body["end_us"] < clock.end_us:
                clock.flaws.append(f"end: event {event.sequence} shortens the time")
            clock.end_us = body["end_us"]
        case "closed":
            _walk_close(clock, event, body)
        case _:  # an admission moves neither price nor clock
            pass


def _walk_bid(clock: _Clock, event: StoredEvent, body: Mapping[str, Any]) -> None:
    amount, code = body["amount_fen"], body["code"]
    flaw, is_match = clock.flaws.append, body["kind"] == "match"
    if clock.phase != "running" or event.at_us < clock.opens_us:
        flaw(f"late: event {event.sequence} was accepted while no bids were taken")
    if event.at_us >= clock.end_us:
        flaw(f"late: event {event.sequence} was accepted at or after the end")
    if amount < clock.start_fen or (amount - clock.start_fen) % clock.increment_fen:
        flaw(f"ladder: event {event.sequence} is not on the ladder")
    if (amount != clock.price_fen) if is_match else (amount <= clock.price_fen):
        flaw(f"ladder: event {event.sequence} does not climb")
    if code == clock.leader:
        flaw(f"own lead: event {event.sequence} outbids himself")
    if (body["price_fen"], body["leader"]) != (amount, code) or (event.code, event.bid_id) != (code, body["bid_id"]):
        flaw(f"ladder: event {event.sequence} shows another price or leader than its own")
    expected = _end_after(clock, event.at_us)
    if body["end_us"] != expected or body["extended"] != (expected > clock.end_us):
        flaw(f"end: event {event.sequence} leaves another end than its arrival asks for")
    clock.price_fen, clock.leader, clock.end_us, clock.bids = amount, code, body["end_us"], clock.bids + 1


def _end_after(clock: _Clock, at_us: int) -> int:
    if clock.first_bid_us and clock.price_fen == 0:
        return at_us + clock.first_bid_us
    if clock.window_us == 0 or clock.end_us - at_us > clock.window_us:
        return clock.end_us
    return max(clock.end_us, at_us + clock.extension_us)


def _walk_close(clock: _Clock, event: StoredEvent, body: Mapping[str, Any]) -> None:
    if event.at_us < clock.end_us:
        clock.flaws.append(f"end: event {event.sequence} closes before the end")
    if (body["price_fen"], body["leader"], body["end_us"]) != (clock.price_fen, clock.leader, clock.end_us):
        clock.flaws.append(f"end: event {event.sequence} closes with another result")
    clock.phase = "closed"


# Rule 6.


def _view_flaws(client: ClientRecord, events: list[StoredEvent]) -> Iterator[str]:
    who = client.code or "a listener"
    stored = {event.sequence: event for event in events}
    for seen in client.seen:
        event = stored.get(seen.n)
        if event is None or not _is_shown(event, seen):
            yield f"view: {who} was shown event {seen.n} otherwise than it is stored"
    for before, after in pairwise(client.seen):
        if after.n != before.n + 1:
            yield f"view: {who} was shown {after.n} after {before.n}"
    last = client.seen[-1].n if client.seen else 0
    if client.watched_to_end and last != len(events):
        yield f"view: {who} was shown {last} of {len(events)} events"


def _is_shown(event: StoredEvent, seen: Seen) -> bool:
    if seen.kind != event.kind:
        return False
    if event.kind == "admitted":  # only its number is shown
        return True
    body = _body(event)
    if seen.at_us != event.at_us:
        return False
    if event.kind == "bid":
        shown = (seen.code, seen.price_fen, seen.leader, seen.end_us, seen.extended)
        return shown == tuple(body[name] for name in ("code", "price_fen", "leader", "end_us", "extended"))
    if event.kind == "closed":
        return (seen.price_fen, seen.leader, seen.end_us) == (body["price_fen"], body["leader"], body["end_us"])
    return event.kind == "stopped" or seen.end_us == body.get("end_us", seen.end_us)


# Rule 7.


def _chain_flaws(row: StoredSession, events: list[StoredEvent]) -> Iterator[str]:
    digest = hashlib.sha256(CHAIN + row.session_id.bytes).digest()
    for event in events:
        digest = hashlib.sha256(digest + event.body.encode()).digest()
        if digest != event.digest:
            yield f"chain: event {event.sequence} does not continue it"
            return
    if digest != row.digest:
        yield "chain: the session's head is another"


def _batch_flaws(stored: Stored, keys: Keys) -> Iterator[str]:
    leaves: defaultdict[tuple[int, int], list[tuple[int, int, bytes]]] = defaultdict(list)
    for event in stored.events:
        leaves[event.shard, event.batch].append((event.epoch, event.shard_seq, _event_leaf(event)))
    for no in stored.refusals:
        leaves[no.shard, no.batch].append((no.epoch, no.shard_seq, _refusal_leaf(no)))
    signed = {(batch.shard, batch.number): batch for batch in stored.batches}
    for key in sorted(leaves.keys() | signed.keys()):
        yield from _one_batch_flaws(key, signed.get(key), leaves[key], keys)


def _one_batch_flaws(
    key: tuple[int, int], batch: StoredBatch | None, entries: list[tuple[int, int, bytes]], keys: Keys
) -> Iterator[str]:
    if batch is None:
        yield f"receipt: batch {key} has no signature"
        return
    if len(entries) != batch.leaves or _root(leaf for _, _, leaf in sorted(entries)) != batch.root:
        yield f"receipt: batch {key} was signed over other entries"
    proof = BatchProof(
        shard=batch.shard,
        number=batch.number,
        owner_epoch=batch.owner_epoch,
        through=batch.through,
        leaves=batch.leaves,
        root=batch.root,
        key_id=batch.key_id,
        signature=batch.signature,
    )
    if (judged := check_batch(proof, keys)) != "good":
        yield f"receipt: batch {key}: {judged}"


def _event_leaf(event: StoredEvent) -> bytes:
    return hashlib.sha256(b"\x00event" + event.session_id.bytes + event.digest).digest()


def _refusal_leaf(no: StoredRefusal) -> bytes:
    facts = {
        "amount_fen": no.amount_fen,
        "at_us": no.at_us,
        "bid_id": no.bid_id,
        "code": no.code,
        "depends_on": no.depends_on,
        "kind": no.kind,
        "reason": no.reason,
        "received_us": no.received_us,
        "suppressed": no.suppressed,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00refusal" + no.session_id.bytes + text.encode()).digest()


def _root(leaves: Iterable[bytes]) -> bytes:
    level = list(leaves)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0] if level else b""


def _body(event: StoredEvent) -> Mapping[str, Any]:
    return _parsed(event.body)


@lru_cache(maxsize=BODIES)
def _parsed(body: str) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = json.loads(body)
    return parsed
