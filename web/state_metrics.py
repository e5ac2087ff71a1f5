"""What PostgreSQL knows of the whole installation, as gauges for Prometheus: read at each scrape, by any site process.

Together with what each process counts of itself these feed the alerts of ``docs/alerts.yaml``; each of them is explained in
``docs/operate.md``. No label names a case, a lot, a code or a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.clock import to_us
from auction.kernel.db import Database, Transaction
from auction.kernel.log import get_log
from bidding.journal.court_reports import INCIDENT_KINDS
from bidding.journal.shard_door import LOCK_CLASS

READ_S: Final = 3.0
"""Longest wait for PostgreSQL at a scrape."""
PROBE_LIVES_S: Final = 30
"""A probe that was not seen for so long is gone."""
GRACE_S: Final = 10
"""So long a room whose end has passed may wait for its close, and a job for a worker, before it is late."""

_SINGLE: Final[Mapping[str, tuple[str, str]]] = {
    "fapai_rooms_open": (
        "Rooms whose bidding runs.",
        "SELECT count(*) FROM bidding.session WHERE phase = 'running' AND opens_us <= :now_us",
    ),
    "fapai_rooms_overdue": (
        "Rooms whose end has passed and that are not closed.",
        "SELECT count(*) FROM bidding.session WHERE phase = 'running' AND NOT halted AND end_us < :overdue_us",
    ),
    "fapai_sessions_halted": (
        "Sessions that a person must look at before anything more of them is committed.",
        "SELECT count(*) FROM bidding.session WHERE halted AND phase NOT IN ('closed', 'withdrawn')",
    ),
    "fapai_shards": ("Shards that were ever owned.", "SELECT count(*) FROM bidding.shard_owner"),
    "fapai_shards_owned": (
        "Shards that a committer owns now.",
        (
            "SELECT count(DISTINCT objid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :lock_class AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
    ),
    "fapai_committer_sessions": (
        "Committers' sessions, those that stand by included.",
        (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'fapai committer %' "
            "AND datname = current_database()"
        ),
    ),
    "fapai_probes": (
        "Availability probes that live.",
        "SELECT count(*) FROM bidding.probe_run WHERE seen_at > kernel.now_at() - make_interval(secs => :probe_s)",
    ),
    "fapai_probe_down": (
        "Shards and rooms that a living probe finds down.",
        (
            "SELECT coalesce(sum(down), 0) FROM bidding.probe_run "
            "WHERE seen_at > kernel.now_at() - make_interval(secs => :probe_s)"
        ),
    ),
    "fapai_probe_refused": (
        "Rooms at whose door a living probe itself is turned away.",
        (
            "SELECT coalesce(sum(refused), 0) FROM bidding.probe_run "
            "WHERE seen_at > kernel.now_at() - make_interval(secs => :probe_s)"
        ),
    ),
    "fapai_court_reports_open": (
        "Reports of rooms that no court has answered.",
        (
            "SELECT count(*) FROM bidding.court_report AS r "
            "WHERE NOT EXISTS (SELECT FROM sale.report_answer AS a WHERE a.report_id = r.report_id)"
        ),
    ),
    "fapai_jobs_failed": ("Jobs that were given up.", "SELECT count(*) FROM kernel.job WHERE state = 'failed'"),
    "fapai_jobs_late_seconds": (
        "How long the oldest job that is due has waited.",
        (
            "SELECT coalesce(extract(epoch FROM kernel.now_at() - min(due_at)), 0) FROM kernel.job "
            "WHERE state IN ('waiting', 'queued') AND attempts = 0 "
            "AND due_at < kernel.now_at() - make_interval(secs => :grace_s)"
        ),
    ),
}
_BY_KIND: Final[Mapping[str, tuple[str, str]]] = {
    "fapai_incidents": (
        "Incidents of bidding ever stored, by kind.",
        "SELECT kind, count(*) AS rows FROM bidding.incident GROUP BY kind",
    ),
    "fapai_fund_alarms_open": (
        "Alarms of the fund that ring, by kind.",
        "SELECT kind, count(*) AS rows FROM fund.alarm WHERE cleared_at IS NULL GROUP BY kind",
    ),
}
_PARAMETERS: Final[Mapping[str, int]] = {
    "lock_class": LOCK_CLASS,
    "probe_s": PROBE_LIVES_S,
    "grace_s": GRACE_S,
}

log = get_log("web.metrics")


class StateMetrics:
    """The gauges of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Make empty gauges."""
        self.readable = Gauge("fapai_state_readable", "Whether PostgreSQL told the rest of these.", registry=registry)
        self._single = {name: Gauge(name, said, registry=registry) for name, (said, _) in _SINGLE.items()}
        self._by_kind = {name: Gauge(name, said, ("kind",), registry=registry) for name, (said, _) in _BY_KIND.items()}

    async def read(self, db: Database) -> None:
        """Bring all gauges up to date; while PostgreSQL does not answer they keep what they said, and say that."""
        try:
            async with asyncio.timeout(READ_S), db.reading() as tx:
                await self._read(tx)
        except (SQLAlchemyError, OSError, TimeoutError) as fault:
            log.warning("state_unreadable", fault=repr(fault)[:200])
            self.readable.set(0)
        else:
            self.readable.set(1)

    async def _read(self, tx: Transaction) -> None:
        now_us = to_us(tx.now)
        parameters = {**_PARAMETERS, "now_us": now_us, "overdue_us": now_us - GRACE_S * 1_000_000}
        for name, gauge in self._single.items():
            query = text(_SINGLE[name][1])
            wanted = {key: parameters[key] for key in query.compile().params}
            gauge.set(float(await tx.session.scalar(query, wanted) or 0))
        for name, by_kind in self._by_kind.items():
            counts = {row.kind: row.rows for row in (await tx.session.execute(text(_BY_KIND[name][1]))).all()}
            by_kind.clear()
            for kind in {*counts, *(INCIDENT_KINDS if name == "fapai_incidents" else ())}:
                by_kind.labels(kind).set(counts.get(kind, 0))
