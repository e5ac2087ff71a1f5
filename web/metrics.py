"""Counts and times of the site's requests, for Prometheus.

Labels are the route's template, never an address with an id: an id would make endless series and name a case.
"""

from __future__ import annotations

from litestar.types import HTTPScope
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from web.state_metrics import StateMetrics

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The collectors of one process; further parts register theirs on ``registry``."""

    def __init__(self) -> None:
        """Make empty collectors."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "fapai_http_requests_total",
            "Requests answered, by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "fapai_http_request_seconds",
            "Time to answer, by route.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

        self.state = StateMetrics(self.registry)

    def note(self, scope: HTTPScope, status: int, seconds: float) -> None:
        """Note one answered request."""
        route = str(scope.get("path_template") or "unknown")
        self._requests.labels(route, scope["method"], str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def render(self) -> bytes:
        """Give all collectors in Prometheus's text format."""
        return generate_latest(self.registry)
