"""The Lua against the rule book, on a real server: random sessions as lists of commands in one pipeline.

``FAPAI_BID_SEQUENCES`` sets how many sequences one test draws (default 150, for each kind of session).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auction.kernel.money import BOUND_FEN
from bidding.live.admit_bidder import admit_call
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import ZERO_DIGEST, lot_key, lots_key, shard_key, stream_key
from bidding.live.library import Call
from bidding.live.open_session import open_call
from bidding.live.own_shard import Watermark, publish_call
from bidding.live.place_bid import bid_call
from bidding.live.read_room import room_of
from bidding.live.stop_session import resume_call, stop_call
from bidding.live.tick_session import tick_call
from bidding.rules.engine import confirm, confirm_refusal
from bidding.rules.session import (
    Admit,
    BidKind,
    Command,
    OpenSession,
    PlaceBid,
    RefusedBid,
    Resume,
    RuleSet,
    SessionState,
    SessionTerms,
    Stop,
    StopKind,
    Tick,
)
from tests.bidding.live.model import STALL_US, RoomModel
from tests.bidding.live.server import SHARD, TOKEN, Wire
from tests.bidding.rules.samples import (
    END,
    MINUTE,
    OPEN_OUTCRY,
    PROXY,
    SECOND,
    STEPS,
    UNLIMITED,
    T,
    admission,
    bid_id,
    terms,
)

SEQUENCES = int(os.environ.get("FAPAI_BID_SEQUENCES", "150"))
CODES = ("A", "B", "H1", "H2", "H2b", "X")
RANKS = {"A": 0, "B": 0, "H1": 1, "H2": 2, "H2b": 2}
LIMITED = msgspec.structs.replace(UNLIMITED, name="recorded:limited", bids_per_s=2, burst=3)
PRICES = ((1_000_000, 10_000), (BOUND_FEN - 41, 10), (1, 1), (BOUND_FEN // 3, 7))
MOMENTS = ("now", "now", "now", "tick", "soon", "stall", "stalled", "minute", "back", "window", "last", "end", "open")


@dataclass(frozen=True)
class Wait:
    """Move the clock to a moment that matters."""

    moment: str


@dataclass(frozen=True)
class Offer:
    """Bid near the price: ``steps`` increments and ``off`` fen above it, or at a bound; ``back`` reuses an id."""

    code: str
    steps: int
    off: int
    base: str
    back: int
    kind: BidKind
    times: int


@dataclass(frozen=True)
class Commit:
    """Commit all but the last ``lag`` events."""

    lag: int


Step = Wait | Offer | Commit | Admit | Tick | Stop | Resume

offers = st.builds(
    Offer,
    code=st.sampled_from(CODES),
    steps=st.sampled_from((-1, 0, 0, 1, 1, 1, 2, 3)),
    off=st.sampled_from((0, 0, 0, 0, 1, -1)),
    base=st.sampled_from(("price", "price", "price", "start", "bound", "zero")),
    back=st.sampled_from((0, 0, 0, 0, 1, 3, -5)),
    kind=st.sampled_from(("bid", "bid", "match")),
    times=st.sampled_from((1, 1, 1, 1, 1, 1, 1, 1, 12, 34)),
)
stop_kinds: Sequence[StopKind] = ("deferral", "stay", "emergency_pause", "emergency_pause", "withdrawal")
steps = st.one_of(
    offers,
    offers,
    offers,
    st.builds(Wait, st.sampled_from(MOMENTS)),
    st.builds(Commit, st.sampled_from((0, 0, 0, 1, 2))),
    st.sampled_from((Tick(), Admit(admission=admission("A")), Admit(admission=admission("N")), Resume())),
    st.builds(Stop, kind=st.sampled_from(stop_kinds), ground=st.sampled_from(("x", "y"))),
    st.builds(Resume, resumes_at_us=st.sampled_from((T, END - MINUTE, END + MINUTE))),
)


@dataclass
class Script:
    """Turns steps into timed calls and what each must answer, by the model."""

    model: RoomModel
    terms: SessionTerms
    now_us: int = T - MINUTE
    number: int = 1_000
    calls: list[tuple[int, Call]] = field(default_factory=list)
    expected: list[Decision | None] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Add one step."""
        match step:
            case Wait():
                self.now_us = self._moment(step.moment)
            case Commit():
                self._commit(step)
            case Offer():
                for _ in range(step.times):
                    self.command(self._bid(step))
            case _:
                self.command(step)

    def command(self, command: Command) -> None:
        """Add one command with the model's answer."""
        self.expected.append(self.model.answer(command, self.now_us))
        self.calls.append((self.now_us, self._call(command)))

    def _commit(self, step: Commit) -> None:
        state = self._state()
        through = max(0, state.seq - step.lag)
        self.model.commit(through, self.now_us)
        mark = Watermark(self.terms.lot_id, through)
        call = publish_call(SHARD, epoch=self.model.epoch, token=TOKEN, watermarks=[mark], payload=b"")
        self.calls.append((self.now_us, call))
        self.expected.append(None)

    def _state(self) -> SessionState:
        assert self.model.state is not None
        return self.model.state

    def _moment(self, name: str) -> int:
        state = self._state()
        return {
            "now": self.now_us,
            "tick": self.now_us + 1,
            "soon": self.now_us + 400_000,
            "stall": self.now_us + STALL_US,
            "stalled": self.now_us + STALL_US + 1,
            "minute": self.now_us + MINUTE,
            "back": self.now_us - SECOND,
            "window": max(self.now_us, state.end_us - self.terms.rules.extension_window_us),
            "last": max(self.now_us, state.end_us - 1),
            "end": max(self.now_us, state.end_us),
            "open": max(self.now_us, state.opens_at_us),
        }[name]

    def _bid(self, offer: Offer) -> PlaceBid:
        base = {"price": self._state().price_fen or self.terms.start_price_fen, "start": self.terms.start_price_fen}
        amount = {**base, "bound": BOUND_FEN - 1, "zero": 0}[offer.base]
        amount += offer.steps * self.terms.increment_fen + offer.off
        if offer.back == 0:
            self.number += 1
        number = self.number - offer.back if offer.back >= 0 else -offer.back
        return PlaceBid(
            bid_id=bid_id(number),
            code=admission(offer.code).code,
            amount_fen=amount,
            kind=offer.kind,
            received_us=self.now_us,
        )

    def _call(self, command: Command) -> Call:
        epoch, lot_id = self.model.epoch, self.terms.lot_id
        match command:
            case OpenSession():
                return open_call(SHARD, epoch=epoch, terms=command.terms)
            case Admit():
                return admit_call(SHARD, epoch=epoch, lot_id=lot_id, admission=command.admission)
            case PlaceBid():
                return bid_call(SHARD, epoch=epoch, lot_id=lot_id, bid=command)
            case Stop():
                return stop_call(SHARD, epoch=epoch, lot_id=lot_id, stop=command)
            case Resume():
                return resume_call(SHARD, epoch=epoch, lot_id=lot_id, resume=command)
            case _:
                return tick_call(SHARD, epoch=epoch, lot_id=lot_id)


def run(wire: Wire, rules: RuleSet, prices: tuple[int, int], chosen: Sequence[Step]) -> None:
    """Play one sequence and compare every answer, every entry and the state."""
    one = terms(rules, start_fen=prices[0], step_fen=prices[1])
    script = Script(model=RoomModel(epoch=7), terms=one)
    found = Call(
        SHARD, "begin", (shard_key(SHARD), stream_key(SHARD), lots_key(SHARD)), (7, TOKEN, "found", ZERO_DIGEST)
    )
    wire.client.flushdb()
    wire.send([(T, found)])
    script.command(OpenSession(terms=one))
    for code, rank in RANKS.items():
        script.command(Admit(admission=admission(code, rank)))
    script.add(Commit(lag=0))
    script.add(Wait("open"))
    for step in chosen:
        script.add(step)

    replies = wire.send(script.calls)

    compare_answers(script, replies)
    compare_entries(script.model, wire)
    compare_state(script, wire)


def compare_answers(script: Script, replies: Sequence[list[bytes]]) -> None:
    """Each decision is the model's."""
    for (at_us, call), expected, reply in zip(script.calls, script.expected, replies, strict=True):
        if expected is None:
            assert reply == [b"ok"]
        else:
            assert expected == decode_decision(reply), (at_us, call)


def compare_entries(model: RoomModel, wire: Wire) -> None:
    """The stream holds what happened, in order, chained, and replays through the rule book (bid-core 2, 5)."""
    entries = wire.entries()
    assert model.entries == [entry.body for entry in entries]
    assert [entry.id.shard_seq for entry in entries] == list(range(1, len(entries) + 1))
    assert all(before.digest == after.predecessor for before, after in pairwise(entries))
    state: SessionState | None = None
    for entry in entries:
        if isinstance(entry.body, RefusedBid):
            confirm_refusal(state, entry.body)
        else:
            state = confirm(state, entry.body)
    assert state == model.state


def compare_state(script: Script, wire: Wire) -> None:
    """The room in Redis is the state of the rule book."""
    call = Call(SHARD, "snapshot", (shard_key(SHARD), lot_key(SHARD, script.terms.lot_id)), ())
    room = room_of(wire.send([(script.now_us, call)])[0])
    assert room is not None
    assert script.model.state is not None
    assert msgspec.structs.replace(script.model.state, last_us=script.model.last_us) == room.state
    assert (script.model.committed, script.model.stalled_us) == (room.committed, room.stalled_us)


@pytest.fixture
def wire(redis_url: str) -> Wire:
    """A plain client of this worker's Valkey with the test build loaded."""
    return Wire(redis_url)


ROOM_SETTINGS = settings(
    max_examples=SEQUENCES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@ROOM_SETTINGS
@given(
    rules=st.sampled_from((UNLIMITED, UNLIMITED, LIMITED)),
    prices=st.sampled_from(PRICES),
    chosen=st.lists(steps, min_size=5, max_size=60),
)
def test_lawful_sessions_are_decided_as_the_rule_book_decides(
    wire: Wire, rules: RuleSet, prices: tuple[int, int], chosen: list[Step]
) -> None:
    """Every answer, entry and state of a random lawful session equals the model's (bid-core 5, 8, 11, 13, 15)."""
    run(wire, rules, prices, chosen)


@ROOM_SETTINGS
@given(
    rules=st.sampled_from((PROXY, OPEN_OUTCRY, STEPS)),
    prices=st.sampled_from(PRICES),
    chosen=st.lists(steps, min_size=5, max_size=60),
)
def test_recorded_houses_are_decided_as_the_rule_book_decides(
    wire: Wire, rules: RuleSet, prices: tuple[int, int], chosen: list[Step]
) -> None:
    """The same for proxy bids, own raises and other ladders."""
    run(wire, rules, prices, chosen)
