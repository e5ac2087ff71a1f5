"""What a gateway counts, for Prometheus. No label names a lot, a code or an address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Counters:
    """The collectors of one gateway."""

    def __init__(self) -> None:
        """Make empty collectors in a registry of their own."""
        self.registry = CollectorRegistry()
        self.written = 0
        """Frames since the last look: a plain number, because most of what a gateway does is to write them."""
        self.sockets = Gauge("fapai_room_sockets", "Admitted sockets, by role.", ("role",), registry=self.registry)
        self.rooms = Gauge("fapai_room_rooms", "Rooms with somebody in them.", registry=self.registry)
        self.bids = Counter("fapai_room_bids_total", "Answers to bids, by result.", ("result",), registry=self.registry)
        self.again = Counter("fapai_room_decided_again_total", "Bids that were decided again.", registry=self.registry)
        self.answer_s = Histogram(
            "fapai_room_answer_seconds", "From frame to answer.", buckets=_BUCKETS_S, registry=self.registry
        )
        self.frames = Counter("fapai_room_frames_total", "Frames written to sockets.", registry=self.registry)
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

    def render(self) -> bytes:
        """Give all collectors in Prometheus's text format."""
        self.frames.inc(self.written)
        self.written = 0
        return generate_latest(self.registry)
