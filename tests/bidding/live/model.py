"""What a room must answer: the rule book, and around it the memory, stall, rate and listing rules of ``bidding.lua``.

Written from the text of bid-core 8, 11, 13 and 15 with plain Python values, so that it shares no line with the Lua.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from bidding.live.decision import Decision
from bidding.rules.engine import Verdict, apply, decide
from bidding.rules.reasons import Code
from bidding.rules.session import (
    Admit,
    BidKind,
    CatchUp,
    Closed,
    Command,
    Event,
    OpenSession,
    PlaceBid,
    RefusedBid,
    SessionState,
    Stop,
    TellPerson,
    Tick,
)

STALL_US = 2_000_000
REMEMBERED = 32
LISTED_PER_S = 10
_REMEMBERED_REASONS_ONLY = frozenset({Code.NOT_ADMITTED, Code.AMOUNT_MALFORMED, Code.BID_MALFORMED})


@dataclass
class _Bidder:
    accepted: dict[str, tuple[int, BidKind, Decision]] = field(default_factory=dict)
    refused: dict[str, tuple[int, BidKind, Decision]] = field(default_factory=dict)
    expired_mark: str = ""
    tokens: int | None = None
    tokens_at_us: int = 0
    listed_since_us: int = 0
    listed: int = 0
    suppressed: int = 0


@dataclass
class RoomModel:
    """One room in one epoch, with a clock that the caller moves."""

    epoch: int
    state: SessionState | None = None
    entries: list[Event | RefusedBid] = field(default_factory=list)
    stamps: dict[int, int] = field(default_factory=dict)
    committed: int = 0
    stalled_us: int = 0
    admitted_at: dict[str, int] = field(default_factory=dict)
    last_us: int = 0
    bidders: dict[str, _Bidder] = field(default_factory=lambda: defaultdict(_Bidder))

    def answer(self, command: Command, clock_us: int) -> Decision:
        """Decide any command but a commit, as the room must."""
        at_us = max(clock_us, self.last_us)
        if isinstance(command, OpenSession):
            return self._open(command, at_us)
        assert self.state is not None, "sequences begin with an opening"
        was_closed = self.state.phase == "closed"
        self._close_if_due(at_us)
        match command:
            case PlaceBid():
                return self._place(command, at_us)
            case Admit():
                return self._admit(command, at_us)
            case TellPerson():
                return self._tell([command], at_us)
            case Tick():
                return self._tick(at_us, was_closed=was_closed)
            case Stop():
                since = self._stands_since(at_us)
                return self._plain(Stop(kind=command.kind, ground=command.ground, since_us=since), at_us, at_us)
            case _:
                return self._plain(command, self._before_stall(at_us), at_us)

    def tell(self, told: Sequence[TellPerson], clock_us: int) -> Decision:
        """Tell several words at one instant, up to the first that is refused."""
        at_us = max(clock_us, self.last_us)
        self._close_if_due(at_us)
        return self._tell(told, at_us)

    def commit(self, through: int, clock_us: int) -> None:
        """Note a watermark: a room that had stalled and is caught up gets its clock moved (bid-core 11)."""
        assert self.state is not None
        if through <= self.committed:
            return
        at_us = max(clock_us, self.last_us)
        self.stalled_us = self.stalled_us or self._stall_since(at_us)
        self.committed = through
        if self.stalled_us and self.committed == self.state.seq:
            since, self.stalled_us = self.stalled_us, 0
            self._happen(decide(self.state, CatchUp(since_us=since), at_us))

    def _stall_since(self, at_us: int) -> int:
        oldest = self.stamps.get(self.committed + 1, 0)
        return oldest + STALL_US if oldest and at_us - oldest > STALL_US else 0

    def _stands_since(self, at_us: int) -> int:
        return self.stalled_us or self._stall_since(at_us)

    def _close_if_due(self, at_us: int) -> None:
        state = self._must_state()
        since = self._stands_since(at_us)
        stands = since and since < state.end_us
        if state.phase == "running" and at_us >= state.end_us and not stands:
            closed = Closed(
                seq=state.seq + 1, at_us=at_us, end_us=state.end_us, price_fen=state.price_fen, leader=state.leader
            )
            self._happen(Verdict((closed,)))

    def _must_state(self) -> SessionState:
        assert self.state is not None
        return self.state

    def _happen(self, verdict: Verdict) -> None:
        for event in verdict.events:
            self.state = apply(self.state, event)
            self.stamps[event.seq] = event.at_us
            self.last_us = event.at_us
            self.entries.append(event)

    def _reply(self, reason: Code | None, sequence: int, at_us: int, *, duplicate: bool = False) -> Decision:
        state = self._must_state()
        return Decision(
            reason=reason,
            sequence=sequence,
            epoch=self.epoch,
            price_fen=state.price_fen,
            end_us=state.end_us,
            at_us=at_us,
            duplicate=duplicate,
        )

    def _open(self, command: OpenSession, at_us: int) -> Decision:
        verdict = decide(self.state, command, at_us)
        if verdict.refused is None and verdict.events:
            self._happen(verdict)
            return self._reply(None, 1, at_us)
        if verdict.refused is None:
            return self._reply(None, 1, self.last_us, duplicate=True)
        return self._reply(verdict.refused.reason, verdict.refused.depends_on, self.last_us)

    def _plain(self, command: Command, room_us: int, at_us: int) -> Decision:
        verdict = decide(self.state, command, room_us)
        if verdict.refused is not None:
            return self._reply(verdict.refused.reason, verdict.refused.depends_on, at_us)
        self._happen(verdict)
        duplicate = not verdict.events
        return self._reply(None, self._must_state().phase_seq, at_us, duplicate=duplicate)

    def _admit(self, command: Admit, at_us: int) -> Decision:
        code = command.admission.code
        verdict = decide(self.state, command, self._before_stall(at_us))
        if verdict.refused is not None:
            return self._reply(verdict.refused.reason, verdict.refused.depends_on, at_us)
        if not verdict.events:
            return self._reply(None, self.admitted_at[code], at_us, duplicate=True)
        if self._stalled(at_us):
            return self._reply(Code.ROOM_STALLED, 0, at_us)
        self._happen(verdict)
        self.admitted_at[code] = self._must_state().seq
        return self._reply(None, self._must_state().seq, at_us)

    def _tell(self, told: Sequence[TellPerson], at_us: int) -> Decision:
        room_us, before = self._before_stall(at_us), self._must_state().seq
        for number, one in enumerate(told):
            verdict = decide(self.state, one, room_us)
            over = verdict.refused is not None and verdict.refused.reason in (Code.AFTER_END, Code.WITHDRAWN)
            if number == 0 and not over and self._stalled(at_us):
                return self._reply(Code.ROOM_STALLED, 0, at_us)
            if verdict.refused is not None:
                return self._reply(verdict.refused.reason, verdict.refused.depends_on, at_us)
            self._happen(verdict)
            for event in verdict.events:
                self.admitted_at[one.code] = event.seq
        seq = self._must_state().same_seq
        rests_on = 0 if seq is msgspec.UNSET else seq
        return self._reply(None, rests_on, at_us, duplicate=self._must_state().seq == before)

    def _before_stall(self, at_us: int) -> int:
        """The room's own time: a clock that stands has not reached the end."""
        return min(at_us, self._must_state().end_us - 1) if self._stalled(at_us) else at_us

    def _stalled(self, at_us: int) -> bool:
        return self._must_state().phase == "running" and self._stands_since(at_us) > 0

    def _tick(self, at_us: int, *, was_closed: bool) -> Decision:
        state = self._must_state()
        if state.phase == "closed":
            return self._reply(None, state.phase_seq, at_us, duplicate=was_closed)
        if self._stalled(at_us):
            return self._reply(Code.ROOM_STALLED, 0, at_us)
        return self._reply(None, 0, at_us)

    def _place(self, bid: PlaceBid, at_us: int) -> Decision:
        bidder = self.bidders[bid.code]
        verdict = decide(self.state, bid, at_us)
        if verdict.refused is not None and verdict.refused.reason in _REMEMBERED_REASONS_ONLY:
            return self._reply(verdict.refused.reason, 0, at_us)
        known = self._remembered(bidder, bid, at_us)
        if known is not None:
            return known
        if self._stalled(at_us):
            return self._reply(Code.ROOM_STALLED, 0, at_us)
        if not self._take_token(bidder, at_us):
            return self._reply(Code.RATE_LIMITED, 0, at_us)
        if verdict.refused is not None:
            return self._refuse(bidder, bid, verdict.refused.reason, verdict.refused.depends_on, at_us)
        self._happen(verdict)
        decision = self._reply(None, self._must_state().seq, at_us)
        bidder.accepted[bid.bid_id] = (bid.amount_fen, bid.kind, decision)
        return decision

    def _remembered(self, bidder: _Bidder, bid: PlaceBid, at_us: int) -> Decision | None:
        known = bidder.accepted.get(bid.bid_id) or bidder.refused.get(bid.bid_id)
        if known is not None:
            amount, kind, decision = known
            if (amount, kind) != (bid.amount_fen, bid.kind):
                return self._reply(Code.BID_ID_REUSED, decision.sequence, at_us)
            return msgspec.structs.replace(decision, duplicate=True)
        if bid.bid_id <= bidder.expired_mark:
            return self._reply(Code.BID_ID_EXPIRED, 0, at_us)
        return None

    def _take_token(self, bidder: _Bidder, at_us: int) -> bool:
        rules = self._must_state().terms.rules
        if rules.bids_per_s == 0:
            return True
        full = rules.burst * 1_000_000
        tokens = full if bidder.tokens is None else bidder.tokens
        tokens = min(full, tokens + (at_us - bidder.tokens_at_us) * rules.bids_per_s)
        enough = tokens >= 1_000_000
        bidder.tokens, bidder.tokens_at_us = tokens - 1_000_000 * enough, at_us
        return enough

    def _refuse(self, bidder: _Bidder, bid: PlaceBid, reason: Code, depends_on: int, at_us: int) -> Decision:
        self.last_us = at_us
        decision = self._reply(reason, depends_on, at_us)
        self._list(bidder, bid, reason, depends_on, at_us)
        if len(bidder.refused) == REMEMBERED:
            oldest = next(iter(bidder.refused))
            del bidder.refused[oldest]
            bidder.expired_mark = max(bidder.expired_mark, oldest)
        bidder.refused[bid.bid_id] = (bid.amount_fen, bid.kind, decision)
        return decision

    def _list(self, bidder: _Bidder, bid: PlaceBid, reason: Code, depends_on: int, at_us: int) -> None:
        if at_us - bidder.listed_since_us >= 1_000_000:
            bidder.listed_since_us, bidder.listed = at_us, 0
        if bidder.listed == LISTED_PER_S:
            bidder.suppressed += 1
            return
        refused = RefusedBid(
            bid_id=bid.bid_id,
            code=bid.code,
            amount_fen=bid.amount_fen,
            kind=bid.kind,
            reason=reason,
            depends_on=depends_on,
            at_us=at_us,
            received_us=bid.received_us,
            suppressed=bidder.suppressed,
        )
        self.entries.append(refused)
        bidder.listed, bidder.suppressed = bidder.listed + 1, 0
