"""One room without I/O: what is committed, who is in it, which answers wait for which commit.

1. What a room shows is committed: it changes by `Room.take` (events that follow the last ones) only.
2. An acceptance leaves when the committed event of its number is that very bid; a refusal when the owner says, in the
   epoch of the decision, that its number is committed (bid-core 7). Zero waits for nothing.
3. A decision of an older epoch than the room's is never answered: the same bid id is decided again (bid-core 7).
   So is an acceptance in whose place another event was committed, and everything after the line to Redis broke.
4. A member is shown each event once: his snapshot ends where his first frame begins.
5. What must leave together is collected here and taken by the gateway in one go (`Room.flush`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from auction.kernel.ids import LotId
from bidding.live.decision import Decision, PastDecision
from bidding.rooms.journal_port import Standing
from bidding.rooms.show import decision_message, show, view_of
from bidding.rooms.tickets import Pass
from bidding.rooms.wire import (
    LOG_LIMIT,
    OUTCOMES_LIMIT,
    DecisionMessage,
    Events,
    Line,
    Shown,
    Snapshot,
    View,
)
from bidding.rules.engine import apply
from bidding.rules.session import BidAccepted, BidId, Event, PlaceBid, SessionState

REMEMBERED: Final = 1_000
"""Events that a room keeps at hand for those who come back; older ones are fetched."""
PENDING_LIMIT: Final = 64
"""Most bids of one member that wait for their answer."""


@dataclass(slots=True, eq=False)
class Pending:
    """A bid that waits for its answer."""

    bid: PlaceBid
    decision: Decision | None = None
    """``None``: not decided yet, or to be decided again."""


@dataclass(slots=True, eq=False)
class Member:
    """One admitted socket as its room sees it."""

    admits: Pass
    generation: int = 0
    """Which admission of the code this is; zero for spectators."""
    entered_n: int = 0
    """The snapshot ended here: events through this number are not sent again (rule 4)."""
    pending: dict[BidId, Pending] = field(default_factory=dict)
    lacks_after: int | None = None
    """The number after which this client said that it lacks events; ``None``: it was sent them."""
    is_served: bool = False
    """Whether such an ask is being answered, or was just now."""

    @property
    def is_bidder(self) -> bool:
        """Whether this member may send bids."""
        return self.admits.role == "bidder"

    def is_above_own_limit(self, amount_fen: int) -> bool:
        """Whether the bidder had the room refuse a bid of this amount; at the limit it passes (tickets rule 7)."""
        return self.admits.limit_fen is not None and amount_fen > self.admits.limit_fen


class Answer(NamedTuple):
    """A decision that may leave now."""

    member: Member
    message: DecisionMessage
    received_us: int


class Again(NamedTuple):
    """A bid that must be decided again."""

    member: Member
    bid: PlaceBid


class Missed(NamedTuple):
    """What a client lacks: ``events`` follow its number if ``complete``."""

    events: tuple[Shown, ...]
    complete: bool


class Room:
    """One session's room at one gateway."""

    def __init__(self, standing: Standing, *, epoch: int) -> None:
        """Begin with what is committed; ``epoch`` is the shard's as far as the gateway knows."""
        self.terms = standing.terms
        self.state: SessionState | None = standing.state
        self.epoch = epoch
        self.members: set[Member] = set()
        self._of_code: dict[str, set[Member]] = {}
        self._waiting: set[Member] = set()
        self._view: View | None = None
        self._recent: deque[Event] = deque(standing.recent, maxlen=REMEMBERED)
        self._fresh: list[Event] = []
        self._answers: list[Answer] = []
        self._again: list[Again] = []

    @property
    def lot_id(self) -> LotId:
        """The lot."""
        return self.terms.lot_id

    @property
    def session_id(self) -> UUID:
        """The session."""
        return self.terms.session_id

    @property
    def n(self) -> int:
        """Number of the last committed event that this room knows; zero before the first."""
        return self.state.seq if self.state else 0

    @property
    def view(self) -> View:
        """The state as everybody may see it."""
        if self._view is None:
            self._view = view_of(self.terms, self.state)
        return self._view

    @property
    def waits_for_bidders(self) -> bool:
        """Whether a rebuild paused the room and a bidder is here to wake it (bid-core 12)."""
        state = self.state
        paused = state is not None and state.phase == "stopped" and state.stop_ground == "rebuild"
        return paused and bool(self._of_code)

    def members_of(self, code: str) -> list[Member]:
        """Give the sockets of a bidder code: one, or two while the newer replaces the older."""
        return list(self._of_code.get(code, ()))

    # What the owner says.

    def note_epoch(self, epoch: int) -> None:
        """Learn that the shard is in ``epoch``: what was decided in an older one is decided again (rule 3)."""
        if epoch <= self.epoch:
            return
        self.epoch = epoch
        self.decide_again()

    def take(self, events: Sequence[Event]) -> None:
        """Take newly committed events that follow the last ones."""
        for event in events:
            if event.seq <= self.n:
                continue
            self.state = apply(self.state, event)
            self._view = None
            self._recent.append(event)
            self._fresh.append(event)
            if isinstance(event, BidAccepted):
                self._release_bid(event)

    def hear_watermark(self, *, epoch: int, sequence: int) -> None:
        """Hear from the owner that the session is committed through ``sequence`` in ``epoch``."""
        self.note_epoch(epoch)
        for member, pending in self._undecided():
            decision = pending.decision
            if decision is None or decision.epoch > epoch or decision.sequence > sequence:
                continue
            if decision.accepted:
                self._release_acceptance(member, pending, decision)
            else:
                self._answer(member, pending, decision)

    def decide_again(self) -> None:
        """Have all waiting decisions made again: the epoch changed, or the line to Redis broke (rule 3)."""
        for member, pending in self._undecided():
            if pending.decision is not None:
                self._retry(member, pending)

    # What members do.

    def enter(self, member: Member) -> None:
        """Let a member in; what he gets now must be a snapshot of this very state (rule 4)."""
        member.entered_n = self.n
        self.members.add(member)
        if member.is_bidder:
            self._of_code.setdefault(member.admits.code, set()).add(member)

    def leave(self, member: Member) -> None:
        """Let a member go; what he waited for is answered on his return."""
        self.members.discard(member)
        self._waiting.discard(member)
        others = self._of_code.get(member.admits.code, set())
        others.discard(member)
        if not others:
            self._of_code.pop(member.admits.code, None)
        self._answers = [answer for answer in self._answers if answer.member is not member]
        self._again = [again for again in self._again if again.member is not member]
        member.pending.clear()

    def ask(self, member: Member, bid: PlaceBid) -> bool:
        """Note a bid that is about to be decided; false: it is under way already, or too many are."""
        if bid.bid_id in member.pending or len(member.pending) >= PENDING_LIMIT:
            return False
        member.pending[bid.bid_id] = Pending(bid)
        self._waiting.add(member)
        return True

    def give_up(self, member: Member, bid: PlaceBid) -> None:
        """Forget a bid that could not be decided; its sender asks again with the same id."""
        member.pending.pop(bid.bid_id, None)

    def decided(self, member: Member, bid: PlaceBid, decision: Decision) -> None:
        """Take Redis's decision: answer it now, or when what it rests on is committed."""
        pending = member.pending.get(bid.bid_id)
        if pending is None or pending.bid is not bid:
            return
        self.note_epoch(decision.epoch)
        pending.decision = decision
        if decision.transient or decision.sequence == 0:
            self._answer(member, pending, decision)
        elif decision.epoch < self.epoch:
            self._retry(member, pending)
        elif decision.sequence <= self.n:
            self._answer_committed(member, pending, decision)

    def missed(self, after: int) -> Missed:
        """Give the events after number ``after`` that are at hand; otherwise the last ones, said to be incomplete."""
        recent = self._recent
        first = recent[0].seq if recent else self.n + 1
        if after > 0 and first <= after + 1:
            return Missed(tuple(show(event) for event in recent if event.seq > after), complete=True)
        last = list(recent)[-LOG_LIMIT:]
        return Missed(tuple(map(show, last)), complete=after == 0 and first == 1 and len(recent) <= LOG_LIMIT)

    def remember(self, older: Sequence[Event]) -> None:
        """Keep fetched events at hand that end where the remembered ones begin."""
        first = self._recent[0].seq if self._recent else self.n + 1
        fitting = [event for event in older if event.seq < first]
        if fitting and fitting[-1].seq == first - 1 and len(fitting) + len(self._recent) <= REMEMBERED:
            self._recent.extendleft(reversed(fitting))

    # What leaves.

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits to leave."""
        return not (self._fresh or self._answers or self._again)

    def flush(self, *, server_us: int) -> tuple[Events | None, list[Answer], list[Again]]:
        """Take what is to leave now: one message of all new events, answers, and bids to be decided again."""
        fresh, self._fresh = self._fresh, []
        answers, self._answers = self._answers, []
        again, self._again = self._again, []
        return self._events(fresh, server_us) if fresh else None, answers, again

    @property
    def is_settled(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._answers and not any(member.pending for member in self._waiting)

    def events_message(self, events: Sequence[Shown], *, server_us: int) -> Events:
        """Make the message that brings a client from before ``events`` to the present."""
        first = events[0].n if events else self.n + 1
        return Events(
            epoch=self.epoch, first=first, n=self.n, events=tuple(events), view=self.view, server_us=server_us
        )

    def snapshot(
        self,
        member: Member,
        missed: Missed,
        past: Iterable[PastDecision],
        *,
        server_us: int,
        resume: str,
        line: Line,
    ) -> Snapshot:
        """Make the message of admission."""
        return Snapshot(
            protocol=1,
            lot_id=self.lot_id,
            session_id=self.session_id,
            role=member.admits.role,
            code=member.admits.code,
            epoch=self.epoch,
            n=self.n,
            server_us=server_us,
            resume=resume,
            view=self.view,
            log=missed.events,
            complete=missed.complete,
            outcomes=self._outcomes(past),
            line=line,
        )

    def _events(self, events: Sequence[Event], server_us: int) -> Events:
        return self.events_message([show(event) for event in events], server_us=server_us)

    def _outcomes(self, past: Iterable[PastDecision]) -> tuple[DecisionMessage, ...]:
        """Tell the outcomes that are committed; what is not will be asked for again by its bid id."""
        view = self.view
        known = [one for one in past if one.decision.sequence <= self.n and one.decision.epoch >= self.epoch]
        return tuple(
            decision_message(one.bid_id, one.amount_fen, one.decision, view, self.epoch)
            for one in known[-OUTCOMES_LIMIT:]
            if self._agrees(one.bid_id, one.decision) is not False
        )

    # Rules 2 and 3.

    def _undecided(self) -> list[tuple[Member, Pending]]:
        self._waiting = {member for member in self._waiting if member.pending}
        return [(member, pending) for member in self._waiting for pending in member.pending.values()]

    def _release_bid(self, event: BidAccepted) -> None:
        """Answer the bid that this event is, whatever the epoch: it counts."""
        for member in self._of_code.get(event.code, ()):
            pending = member.pending.get(event.bid_id)
            if pending is not None and pending.decision is not None and pending.decision.accepted:
                self._answer(member, pending, pending.decision)

    def _release_acceptance(self, member: Member, pending: Pending, decision: Decision) -> None:
        if decision.sequence > self.n:
            return
        self._answer_committed(member, pending, decision)

    def _answer_committed(self, member: Member, pending: Pending, decision: Decision) -> None:
        if self._agrees(pending.bid.bid_id, decision, member) is False:
            self._retry(member, pending)
        else:
            self._answer(member, pending, decision)

    def _agrees(self, bid_id: BidId, decision: Decision, member: Member | None = None) -> bool | None:
        """Whether the event of an acceptance's number is that bid; ``None``: not at hand, or a refusal."""
        if not decision.accepted or not self._recent or decision.sequence < self._recent[0].seq:
            return None
        event = self._recent[decision.sequence - self._recent[0].seq]
        if not isinstance(event, BidAccepted) or event.bid_id != bid_id:
            return False
        return member is None or event.code == member.admits.code

    def _answer(self, member: Member, pending: Pending, decision: Decision) -> None:
        del member.pending[pending.bid.bid_id]
        message = decision_message(pending.bid.bid_id, pending.bid.amount_fen, decision, self.view, self.epoch)
        self._answers.append(Answer(member, message, pending.bid.received_us))

    def _retry(self, member: Member, pending: Pending) -> None:
        pending.decision = None
        self._again.append(Again(member, pending.bid))
