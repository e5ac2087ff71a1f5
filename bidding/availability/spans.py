"""Probes folded into spans of one state: compact, bounded, and without a guess. Pure.

1. A span is *up* or *down*. Three bad probes running begin an outage, at the first of them; three good ones running end
   it, at the first of them. Fewer are counted in the span that they fall into, once a probe of its state follows them.
2. A span begins and ends with probes of its own state: no up-time without a good probe, no outage without three bad ones.
   Probes that contradict it when measuring stops are left out: nobody knows what they would have become.
3. Where no probe was, no span is: whoever stopped measuring says so (`SpanFold.break_off`), and a gap between two probes
   ends the span before it. Nothing is invented on either side.
4. A probe that was turned away by its own fault is said to be so: a span *not measured* (`SpanFold.miss`), without counts.
5. A span is cut after a while, so that a probe that dies loses minutes; cut spans of one outage carry its id, also when
   another room begins to speak for the shard (`SpanFold.stand_in`).
6. A down span keeps the probes around its ends (`Sample`), at most `2 * KEPT + 2 * AROUND`; the others keep none.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Final, Literal
from uuid import UUID

import msgspec

from auction.kernel.ids import new_id

OUTAGE_PROBES: Final = 3
"""So many bad probes running are an outage, and so many good ones its end."""
GAP_US: Final = 3_500_000
"""A longer time between two probes is not measured."""
UP_US: Final = 300_000_000
DOWN_US: Final = 60_000_000
"""After so long a span is cut."""
KEPT: Final = 5
AROUND: Final = 3
GOOD: Final = "answered"

State = Literal["up", "down", "not_measured"]
Scope = Literal["shard", "room"]


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One probe: when it was sent (room time), how long it waited, and what came."""

    sent_us: int
    waited_us: int
    result: str
    """``answered``; otherwise what was wrong: ``no_answer``, ``unreachable``, ``stale``, or the code of the answer."""

    @property
    def is_good(self) -> bool:
        """Whether a bid sent then would have been decided."""
        return self.result == GOOD


class Subject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is measured: a shard, by one of its rooms, or one room."""

    scope: Scope
    shard: int
    session_id: UUID
    """The room that is asked."""

    @property
    def name(self) -> str:
        """Name under which its spans are numbered."""
        return f"shard-{self.shard}" if self.scope == "shard" else f"room-{self.session_id}"


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of one state: ``began_us`` inclusive, ``ended_us`` exclusive, in room time."""

    subject: Subject
    state: State
    began_us: int
    ended_us: int
    probes: int
    failed: int
    slowest_us: int
    """Longest wait for a good answer."""
    results: dict[str, int]
    """How often each bad result came."""
    outage_id: UUID | None = None
    samples: tuple[Sample, ...] = ()


class OutageBegun(msgspec.Struct, frozen=True, kw_only=True):
    """An outage is certain."""

    outage_id: UUID
    subject: Subject
    began_us: int
    result: str


Found = Span | OutageBegun


class _Open:
    """The span under way."""

    def __init__(self, state: State, began_us: int, *, outage_id: UUID | None, before: Iterable[Sample] = ()) -> None:
        self.state: State = state
        self.began_us = began_us
        self.outage_id = outage_id
        self.probes = self.failed = self.slowest_us = 0
        self.results: Counter[str] = Counter()
        self.before = tuple(before)
        self.first: list[Sample] = []
        self.last: deque[Sample] = deque(maxlen=KEPT)

    def count(self, sample: Sample) -> None:
        self.probes += 1
        if sample.is_good:
            self.slowest_us = max(self.slowest_us, sample.waited_us)
        else:
            self.failed += 1
            self.results[sample.result] += 1
        if self.state == "down":
            self._keep(sample)

    def _keep(self, sample: Sample) -> None:
        if len(self.first) < KEPT:
            self.first.append(sample)
        else:
            self.last.append(sample)

    def close(self, subject: Subject, ended_us: int, after: Iterable[Sample] = ()) -> Span:
        return Span(
            subject=subject,
            state=self.state,
            began_us=self.began_us,
            ended_us=ended_us,
            probes=self.probes,
            failed=self.failed,
            slowest_us=self.slowest_us,
            results=dict(self.results),
            outage_id=self.outage_id,
            samples=(*self.before, *self.first, *self.last, *after) if self.state == "down" else (),
        )


class SpanFold:
    """Folds the probes of one subject, in the order in which they were sent."""

    def __init__(self, subject: Subject, *, name: Callable[[], UUID] = new_id) -> None:
        """Know nothing yet; ``name`` makes the ids of outages."""
        self.subject = subject
        self._name = name
        self._next = subject
        self._open: _Open | None = None
        self._turning: list[Sample] = []
        """Probes running that contradict the present state, or begin none yet, fewer than `OUTAGE_PROBES`."""
        self._good: deque[Sample] = deque(maxlen=AROUND)
        self._last_us = 0
        """When the last probe was sent."""
        self._own_us = 0
        """When the last probe of the present state was sent."""

    @property
    def is_down(self) -> bool:
        """Whether an outage is under way."""
        return self._open is not None and self._open.state == "down"

    @property
    def is_doubtful(self) -> bool:
        """Whether the last probe was bad, or an outage is under way."""
        return self.is_down or bool(self._turning)

    @property
    def outage_id(self) -> UUID | None:
        """The outage under way."""
        return self._open.outage_id if self._open else None

    def stand_in(self, subject: Subject) -> None:
        """Let another room speak from the next span on; an outage under way goes on."""
        self._next = subject

    def take(self, sample: Sample) -> list[Found]:
        """Take the next probe; gives the spans that are over and the outage that is certain now."""
        found = self._until(sample.sent_us)
        if self._open is not None and self._open.state == "not_measured":
            found += self._end(sample.sent_us)
        if self._open is None and sample.is_good:
            self._begin("up", sample.sent_us)
        if self._open is not None and sample.is_good == (self._open.state == "up"):
            found += self._count(self._open, sample)
        else:
            self._turning.append(sample)
            if len(self._turning) == OUTAGE_PROBES:
                found += self._turn()
        if sample.is_good:
            self._good.append(sample)
        return found

    def miss(self, at_us: int) -> list[Found]:
        """Say that the probe of this instant was turned away by its own fault: not measured."""
        found = self._until(at_us)
        if self._open is None or self._open.state != "not_measured":
            found += self.break_off()
            self._begin("not_measured", at_us)
        elif at_us - self._open.began_us >= UP_US:
            found += self._end(at_us)
            self._begin("not_measured", at_us)
        self._last_us = self._own_us = at_us
        return found

    def break_off(self) -> list[Found]:
        """Say that nothing is measured from here on: the span under way ends with the last probe of its own state."""
        found = self._end(self._own_us)
        self._turning.clear()
        self._good.clear()
        self._last_us = 0
        return found

    def _until(self, sent_us: int) -> list[Found]:
        """Break off if too much time lies between the last probe and this one."""
        is_near = not self._last_us or 0 < sent_us - self._last_us <= GAP_US
        found = [] if is_near else self.break_off()
        self._last_us = sent_us
        return found

    def _begin(self, state: State, at_us: int) -> None:
        """Begin a span where none was; bad probes before it that did not become an outage are left out."""
        self._turning.clear()
        self._open = _Open(state, at_us, outage_id=None)

    def _end(self, at_us: int, after: Iterable[Sample] = ()) -> list[Found]:
        """End the span under way, if it has any length."""
        ended, self._open = self._open, None
        found: list[Found] = []
        if ended is not None and at_us > ended.began_us:
            found.append(ended.close(self.subject, at_us, after))
        self.subject = self._next
        return found

    def _count(self, opened: _Open, sample: Sample) -> list[Found]:
        """Count a probe of the present state with those that did not become a turn; cut a span that is long enough."""
        found: list[Found] = []
        for turned in self._turning:
            opened.count(turned)
        self._turning.clear()
        longest = UP_US if opened.state == "up" else DOWN_US
        is_other = self._next != self.subject
        if sample.sent_us > opened.began_us and (is_other or sample.sent_us - opened.began_us >= longest):
            found += self._end(sample.sent_us)
            self._open = opened = _Open(opened.state, sample.sent_us, outage_id=opened.outage_id)
        opened.count(sample)
        self._own_us = sample.sent_us
        return found

    def _turn(self) -> list[Found]:
        """Begin the other state at the first of the probes that contradict this one."""
        turning, before = list(self._turning), tuple(self._good)
        self._turning.clear()
        to_up, at_us = turning[0].is_good, turning[0].sent_us
        found = self._end(at_us, turning if to_up else ())
        outage_id = None if to_up else self._name()
        self._open = _Open("up" if to_up else "down", at_us, outage_id=outage_id, before=() if to_up else before)
        for sample in turning:
            self._open.count(sample)
        self._own_us = turning[-1].sent_us
        if outage_id is not None:
            worst = Counter(sample.result for sample in turning).most_common(1)[0][0]
            found.append(OutageBegun(outage_id=outage_id, subject=self.subject, began_us=at_us, result=worst))
        return found
