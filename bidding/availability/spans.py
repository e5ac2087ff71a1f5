"""Probes folded into spans of one state: compact, bounded, and without a guess. Pure.

1. A span is *up* or *down*. Three bad probes running begin an outage, at the first of them; three good ones running end
   it, at the first of them. Fewer are counted in the span that they fall into.
2. Where no probe was, no span is: whoever stopped measuring says so (`SpanFold.break_off`), and a gap between two probes
   ends the span before it. Nothing is invented on either side.
3. A span is cut after a while, so that a probe that dies loses minutes; cut spans of one outage carry its id.
4. A down span keeps the probes around its ends (`Sample`), at most `2 * KEPT + 2 * AROUND`; an up span keeps none.
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

State = Literal["up", "down"]
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
        self._open: _Open | None = None
        self._turning: list[Sample] = []
        """Probes running that contradict the present state, fewer than `OUTAGE_PROBES`."""
        self._good: deque[Sample] = deque(maxlen=AROUND)
        self._last_us = 0

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

    def take(self, sample: Sample) -> list[Found]:
        """Take the next probe; gives the spans that are over and the outage that is certain now."""
        found: list[Found] = []
        if self._last_us and not 0 < sample.sent_us - self._last_us <= GAP_US:
            found += self.break_off()
        self._last_us = sample.sent_us
        if self._open is None:
            self._open = _Open("up", sample.sent_us, outage_id=None)
        if sample.is_good == (self._open.state == "up"):
            self._settle()
            self._open.count(sample)
        else:
            self._turning.append(sample)
            if len(self._turning) == OUTAGE_PROBES:
                found += self._turn()
        if sample.is_good:
            self._good.append(sample)
        return [*found, *self._cut(sample.sent_us)]

    def break_off(self) -> list[Found]:
        """Say that nothing is measured from here on: the span under way ends with its last probe."""
        self._settle()
        found: list[Found] = []
        if self._open is not None and self._last_us > self._open.began_us:
            found.append(self._open.close(self.subject, self._last_us))
        self._open, self._last_us = None, 0
        self._good.clear()
        return found

    def _settle(self) -> None:
        """Count the probes that did not become a turn."""
        if self._open is not None:
            for sample in self._turning:
                self._open.count(sample)
        self._turning.clear()

    def _turn(self) -> list[Found]:
        """Begin the other state at the first of the probes that contradict this one."""
        assert self._open is not None, "there is a state to turn from"
        at_us, turning, before = self._turning[0].sent_us, list(self._turning), tuple(self._good)
        was_up = self._open.state == "up"
        found: list[Found] = []
        if at_us > self._open.began_us:
            found.append(self._open.close(self.subject, at_us, () if was_up else turning))
        outage_id = self._name() if was_up else None
        self._open = _Open("down" if was_up else "up", at_us, outage_id=outage_id, before=before if was_up else ())
        self._settle()
        if outage_id is not None:
            worst = Counter(sample.result for sample in turning).most_common(1)[0][0]
            found.append(OutageBegun(outage_id=outage_id, subject=self.subject, began_us=at_us, result=worst))
        return found

    def _cut(self, at_us: int) -> list[Found]:
        assert self._open is not None, "a probe was just counted"
        longest = UP_US if self._open.state == "up" else DOWN_US
        if self._turning or at_us - self._open.began_us < longest:
            return []
        span = self._open.close(self.subject, at_us)
        self._open = _Open(span.state, at_us, outage_id=span.outage_id)
        return [span]
