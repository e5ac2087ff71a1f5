"""What a gateway counts, for Prometheus. No label names a lot, a code or an address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NOTED_LIMIT = 1_000
"""Most answers that wait to be counted."""


class Counters:
    """The collectors of one gateway."""

    def __init__(self) -> None:
        """Make empty collectors in a registry of their own."""
        self.registry = CollectorRegistry()
        self.written = 0
        """Frames since the last look: a plain number, because most of what a gateway does is to write them."""
        self._results: dict[str, int] = {}
        self._answers_s: list[float] = []
        self.sockets = Gauge("fapai_room_sockets", "Admitted sockets, by role.", ("role",), registry=self.registry)
        self.rooms = Gauge("fapai_room_rooms", "Rooms with somebody in them.", registry=self.registry)
        self.bids = Counter("fapai_room_bids_total", "Answers to bids, by result.", ("result",), registry=self.registry)
        self.again = Counter("fapai_room_decided_again_total", "Bids that were decided again.", registry=self.registry)
        self.answer_s = Histogram(
            "fapai_room_answer_seconds", "From frame to answer.", buckets=_BUCKETS_S, registry=self.registry
        )
        self.frames = Counter(
            "fapai_room_frames_total",
            "Frames written to sockets; answers that leave with a frame count with it.",
            registry=self.registry,
        )
        self.closed = Counter(
            "fapai_room_closed_total",
            "Sockets that the gateway closed, by reason.",
            ("reason",),
            registry=self.registry,
        )
        self.refused = Counter(
            "fapai_room_handshakes_refused_total", "Refused handshakes, by status.", ("status",), registry=self.registry
        )
        self.faults = Counter(
            "fapai_room_faults_total",
            "Servers that did not answer, by what was asked.",
            ("asked",),
            registry=self.registry,
        )

    def note_answer(self, result: str, seconds: float | None = None) -> None:
        """Count one answer to a bid, and how long it took where that is known."""
        self._results[result] = self._results.get(result, 0) + 1
        if seconds is not None:
            self._answers_s.append(seconds)
            if len(self._answers_s) >= NOTED_LIMIT:
                self._take_notes()

    def _take_notes(self) -> None:
        """Bring what was noted since the last look into the collectors, whose locks are dear."""
        self.frames.inc(self.written)
        self.written = 0
        results, self._results = self._results, {}
        for result, count in results.items():
            self.bids.labels(result).inc(count)
        answers_s, self._answers_s = self._answers_s, []
        for seconds in answers_s:
            self.answer_s.observe(seconds)

    def render(self) -> bytes:
        """Give all collectors in Prometheus's text format."""
        self._take_notes()
        return generate_latest(self.registry)
