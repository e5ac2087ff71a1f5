"""The Lua against the rule book, on a real server: random sessions as lists of commands in one pipeline.

``FAPAI_BID_SEQUENCES`` sets how many sequences one test draws (default 150, for each kind of session).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
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
from bidding.live.tell_persons import tell_call
from bidding.live.tick_session import tick_call
from bidding.rules.engine import confirm, confirm_refusal, increment_now
from bidding.rules.options import Growth, Options
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
    TellPerson,
    Tick,
)
from tests.bidding.live.model import STALL_US, RoomModel
from tests.bidding.live.server import SHARD, TOKEN, Wire
from tests.bidding.rules.samples import (
    END,
    FROM_END,
    LAST_DAY,
    MINUTE,
    OPEN_OUTCRY,
    PROXY,
    SECOND,
    SELL_OFF,
    STEPS,
    UNLIMITED,
    T,
    admission,
    bid_id,
    terms,
    told,
)

SEQUENCES = int(os.environ.get("FAPAI_BID_SEQUENCES", "150"))
RANKS = {"A": 0, "B": 0, "H1": 1, "H2": 2, "H2b": 2}
LIMITED = msgspec.structs.replace(UNLIMITED, name="recorded:limited", bids_per_s=2, burst=3)
SELF_MATCH = msgspec.structs.replace(STEPS, name="recorded:self", self_raise=True)
PRICES = ((1_000_000, 10_000), (BOUND_FEN - 41, 10), (1, 1), (BOUND_FEN // 3, 7))


@dataclass(frozen=True)
class Wait:
    """Move the clock to a moment that matters; ``commit`` all first, so that the room does not stall."""

    moment: str
    commit: bool


@dataclass(frozen=True)
class Offer:
    """Bid near the price: ``steps`` increments and ``off`` fen above ``base``, ``times`` times with fresh ids."""

    code: str
    base: str
    steps: int
    off: int
    kind: BidKind
    times: int
    confirmed: str = "no"


@dataclass(frozen=True)
class Again:
    """Send an earlier bid again (``back`` bids ago), as it was or changed in one part."""

    back: int
    change: str


@dataclass(frozen=True)
class Commit:
    """Commit all but the last ``lag`` events."""

    lag: int


@dataclass(frozen=True)
class Tell:
    """Tell whose persons codes are, all at one instant."""

    words: tuple[TellPerson, ...]


Step = Wait | Offer | Again | Commit | Tell | Admit | Tick | Stop | Resume


def weighted(*weights: tuple[int, Any]) -> st.SearchStrategy[Any]:
    """Draw one of the values by weight."""
    return st.sampled_from([value for weight, value in weights for _ in range(weight)])


ordinary = st.builds(
    Offer,
    code=weighted((3, "A"), (3, "B"), (2, "H1"), (2, "H2"), (2, "H2b"), (1, "X")),
    base=weighted((14, "price"), (2, "start"), (1, "bound"), (1, "zero")),
    steps=weighted((1, -1), (4, 0), (10, 1), (2, 2), (2, 3), (1, 5)),
    off=weighted((14, 0), (1, 1), (1, -1)),
    kind=weighted((7, "bid"), (1, "match")),
    times=weighted((30, 1), (1, 12), (1, 34)),
    confirmed=weighted((8, "no"), (4, "yes"), (1, "other amount")),
)
at_price = st.builds(
    Offer,
    code=weighted((1, "A"), (3, "H1"), (4, "H2"), (4, "H2b")),
    base=st.just("price"),
    steps=st.just(0),
    off=weighted((9, 0), (1, 1)),
    kind=weighted((3, "bid"), (3, "match")),
    times=st.just(1),
)
waits = st.builds(
    Wait,
    moment=weighted(
        (3, "next"), (3, "soon"), (2, "second"), (2, "stall"), (2, "stalled"), (1, "minute"), (1, "back"),
        (2, "window"), (2, "last"), (2, "end"), (1, "open"),
    ),
    commit=weighted((4, True), (1, False)),
)  # fmt: skip
agains = st.builds(
    Again,
    back=weighted((4, 1), (2, 2), (1, 5), (1, 31), (1, 32), (1, 33), (1, 34), (1, 40)),
    change=weighted((4, "nothing"), (1, "amount"), (1, "kind"), (2, "confirmation"), (1, "older id"), (2, "newer id")),
)
stops = st.builds(
    Stop,
    kind=weighted((2, "deferral"), (2, "stay"), (3, "emergency_pause"), (1, "withdrawal")),
    ground=weighted((1, "x"), (1, "y")),
)
resumptions = st.builds(Resume, resumes_at_us=weighted((3, 0), (1, T), (1, END - MINUTE), (1, END + MINUTE)))
others = weighted((3, Tick()), (1, Admit(admission=admission("A"))), (1, Admit(admission=admission("A", 1))),
                  (1, Admit(admission=admission("N"))))  # fmt: skip
persons = st.builds(
    Tell,
    words=st.lists(
        st.builds(
            told, st.sampled_from(("A", "B", "H1", "H2", "H2b")), st.sampled_from(("", "", "A", "B", "H1", "H2"))
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
) | st.builds(
    lambda code, same: Tell((told(code, same),)),
    weighted((4, "A"), (2, "B"), (2, "H1"), (1, "N"), (1, "Z")),
    weighted((4, ""), (4, "B"), (2, "A"), (2, "H2"), (1, "N"), (1, "Z")),
)
"""Codes are told to be one person's, or nobody's any more: one word or several at once, also of codes that are not admitted, and in circles."""
optional: st.SearchStrategy[dict[str, Any] | None] = st.one_of(
    st.none(),
    st.builds(
        dict,
        confirm_steps=weighted((1, None), (3, 2), (1, 3)),
        confirm_percent=weighted((3, None), (1, 101), (1, 103)),
        growth=weighted((1, None), (2, ((1, 2),)), (2, ((1, 2), (2, 3), (4, 7)))),
    ),
)
"""What a notice announces, `options_of` its terms; ``None``, or nothing in it: no options."""
steps = weighted(
    (12, ordinary), (6, at_price), (4, waits), (4, agains), (2, others), (1, stops), (2, resumptions), (2, persons),
    (3, st.builds(Commit, lag=weighted((3, 0), (1, 1), (1, 2)))),
).flatmap(lambda strategy: strategy)  # fmt: skip

contest = weighted(
    (24, st.builds(
        Offer,
        code=weighted((4, "A"), (4, "B"), (1, "H1"), (1, "H2")),
        base=st.just("price"),
        steps=weighted((9, 1), (3, 2), (3, 3), (2, 4)),
        off=weighted((20, 0), (1, 1)),
        kind=st.just("bid"),
        times=st.just(1),
        confirmed=weighted((3, "no"), (3, "yes")),
    )),
    (4, at_price),
    (6, st.builds(Wait, moment=weighted((3, "soon"), (3, "second"), (2, "minute"), (2, "last")), commit=st.just(True))),
    (1, stops), (3, resumptions), (1, agains), (1, others), (2, persons),
).flatmap(lambda strategy: strategy)  # fmt: skip
"""A contest in the last minutes: nearly every bid extends the end."""


@dataclass
class Script:
    """Turns steps into timed calls and what each must answer, by the model."""

    model: RoomModel
    terms: SessionTerms
    now_us: int = T - MINUTE
    number: int = 1_000
    bids: list[PlaceBid] = field(default_factory=list)
    calls: list[tuple[int, Call]] = field(default_factory=list)
    expected: list[Decision | None] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Add one step."""
        match step:
            case Wait():
                if step.commit:
                    self._commit(Commit(lag=0))
                self.now_us = self._moment(step.moment)
            case Commit():
                self._commit(step)
            case Offer():
                for _ in range(step.times):
                    self._place(self._bid(step))
            case Again():
                if self.bids:
                    self._place(self._again(step))
            case Tell():
                self.expected.append(self.model.tell(step.words, self.now_us))
                call = tell_call(SHARD, epoch=self.model.epoch, lot_id=self.terms.lot_id, told=step.words)
                self.calls.append((self.now_us, call))
            case _:
                self.command(step)

    def command(self, command: Command) -> None:
        """Add one command with the model's answer."""
        self.expected.append(self.model.answer(command, self.now_us))
        self.calls.append((self.now_us, self._call(command)))

    def _place(self, bid: PlaceBid) -> None:
        self.bids.append(bid)
        self.command(bid)

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
            "next": self.now_us + 1,
            "soon": self.now_us + 400_000,
            "second": self.now_us + SECOND,
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
        amount += offer.steps * increment_now(self._state()) + offer.off
        self.number += 1
        confirmed = {"no": 0, "yes": amount, "other amount": amount + 1}[offer.confirmed]
        return PlaceBid(
            bid_id=bid_id(self.number),
            code=admission(offer.code).code,
            amount_fen=amount,
            kind=offer.kind,
            received_us=self.now_us,
            confirmed_fen=max(0, confirmed),
        )

    def _again(self, again: Again) -> PlaceBid:
        earlier = self.bids[-min(again.back, len(self.bids))]
        number = UUID(earlier.bid_id).int
        changes: dict[str, dict[str, object]] = {
            "nothing": {},
            "amount": {"amount_fen": earlier.amount_fen + self.terms.increment_fen, "confirmed_fen": 0},
            "confirmation": {"confirmed_fen": 0 if earlier.confirmed_fen else max(0, earlier.amount_fen)},
            "kind": {"kind": "match" if earlier.kind == "bid" else "bid"},
            "older id": {"bid_id": bid_id(max(1, number - 500))},
            "newer id": {"bid_id": bid_id(number + 500)},
        }
        return msgspec.structs.replace(earlier, **changes[again.change])

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


def options_of(drawn: dict[str, Any] | None, start_fen: int) -> Options | msgspec.UnsetType:
    """Make options of what was drawn; the reference price is the starting price."""
    set_ones = {name: value for name, value in (drawn or {}).items() if value is not None}
    if not set_ones:
        return msgspec.UNSET
    if "growth" in set_ones:
        lines = set_ones["growth"]
        set_ones["growth"] = tuple(Growth(after_extensions=after, times=times) for after, times in lines)
    if "confirm_percent" in set_ones:
        set_ones["reference_price_fen"] = start_fen
    return Options(**set_ones)


def run(
    wire: Wire,
    rules: RuleSet,
    prices: tuple[int, int],
    chosen: Sequence[Step],
    options: Options | msgspec.UnsetType = msgspec.UNSET,
) -> None:
    """Play one sequence and compare every answer, every entry and the state."""
    one = msgspec.structs.replace(terms(rules, start_fen=prices[0], step_fen=prices[1]), options=options)
    if rules is SELL_OFF:
        one = msgspec.structs.replace(one, closes_at_us=LAST_DAY)
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
    script.add(Wait("open", commit=True))
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
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.timeout(SEQUENCES + 60)
@ROOM_SETTINGS
@given(
    rules=st.sampled_from((UNLIMITED, UNLIMITED, LIMITED, SELL_OFF)),
    prices=st.sampled_from(PRICES),
    options=optional,
    chosen=st.lists(steps, min_size=15, max_size=60),
)
def test_lawful_sessions_are_decided_as_the_rule_book_decides(
    wire: Wire, rules: RuleSet, prices: tuple[int, int], options: dict[str, Any] | None, chosen: list[Step]
) -> None:
    """Every answer, entry and state of a random lawful session equals the model's (bid-core 5, 8, 11, 13, 15).

    Half of them announce options: second confirmations, growing increments, or both, in auctions and sell-offs.
    """
    run(wire, rules, prices, chosen, options_of(options, prices[0]))


@pytest.mark.timeout(SEQUENCES + 60)
@ROOM_SETTINGS
@given(
    rules=st.sampled_from((UNLIMITED, LIMITED, SELL_OFF)),
    prices=st.sampled_from(PRICES),
    options=optional,
    chosen=st.lists(contest, min_size=20, max_size=50),
    before=st.permutations([Offer("B", "start", 0, 0, "bid", 1), Wait("window", commit=True)]),
)
def test_options_are_decided_as_the_rule_book_decides(
    wire: Wire,
    rules: RuleSet,
    prices: tuple[int, int],
    options: dict[str, Any] | None,
    chosen: list[Step],
    before: list[Step],
) -> None:
    """The same for announced options where they bite: bids confirmed or not, extension after extension."""
    run(wire, rules, prices, [*before, *chosen], options_of(options, prices[0]))


@pytest.mark.timeout(SEQUENCES + 60)
@ROOM_SETTINGS
@given(
    rules=st.sampled_from((PROXY, OPEN_OUTCRY, STEPS, FROM_END, SELF_MATCH)),
    prices=st.sampled_from(PRICES),
    chosen=st.lists(steps, min_size=15, max_size=60),
)
def test_recorded_houses_are_decided_as_the_rule_book_decides(
    wire: Wire, rules: RuleSet, prices: tuple[int, int], chosen: list[Step]
) -> None:
    """The same for proxy bids, own raises and other ladders."""
    run(wire, rules, prices, chosen)
