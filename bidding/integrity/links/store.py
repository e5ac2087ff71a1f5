"""Queries of the party graph, named by what they answer. Each touches a bounded number of rows (`FOLLOWED`, `PAIRS_MAX`).

A value's popularity is read from its newest uses, `FOLLOWED` at the most: an address of a carrier, used by thousands, costs no more
than a telephone number of two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from auction.kernel.db import Transaction
from bidding.integrity.links.kinds import FOLLOWED, key_kinds
from bidding.integrity.links.links import Share, Standing

PAIRS_MAX = 20_000
"""So many pairs of one round are weighed at the most, those that share the rarest values."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the graph."""

    value_no: int
    kind: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One registration as links see it, with its values of known kinds."""

    standing: Standing
    values: tuple[Value, ...]


async def entries_of(tx: Transaction, registration_ids: Sequence[UUID]) -> dict[UUID, Entry]:
    """Give these registrations as links see them, with their values; one of which no key has come is left out."""
    rows = await tx.session.execute(
        text(
            "SELECT r.registration_id, p.party, r.registered_at, v.value_no, v.kind, v.key_id "
            "FROM bidding.keyed_registration r JOIN bidding.link_party p USING (party_no) "
            "LEFT JOIN bidding.registration_value rv USING (registration_id) "
            "LEFT JOIN bidding.link_value v USING (value_no) WHERE r.registration_id = ANY(:ids)"
        ),
        {"ids": list(registration_ids)},
    )
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.registration_id].append(row)
    return {registration_id: _entry(registration_id, own) for registration_id, own in found.items()}


def _entry(registration_id: UUID, rows: Sequence[Row[Any]]) -> Entry:
    known = frozenset(row.kind for row in rows if row.kind is not None)
    standing = Standing(
        registration_id=registration_id, party=rows[0].party, registered_at=rows[0].registered_at, known=known
    )
    values = tuple(Value(row.value_no, row.kind, row.key_id) for row in rows if row.kind in key_kinds())
    return Entry(standing, values)


async def shares_with_parties(tx: Transaction, entry: Entry) -> dict[str, list[Share]]:
    """Give what other parties share with a registration, along values that are not common."""
    standing, by_no = entry.standing, {value.value_no: value for value in entry.values}
    rows = await tx.session.execute(
        text(
            "SELECT v.value_no, p.party, u.first_at, u.last_at, count(*) OVER (PARTITION BY v.value_no) AS popularity "
            "FROM unnest(CAST(:values AS bigint[]), CAST(:since AS timestamptz[])) AS v (value_no, since) "
            "CROSS JOIN LATERAL (SELECT u.party_no, u.first_at, u.last_at FROM bidding.link_use u "
            " WHERE u.value_no = v.value_no AND u.last_at >= v.since ORDER BY u.last_at DESC LIMIT :followed"
            ") u JOIN bidding.link_party p USING (party_no)"
        ),
        _asked(entry.values, at=standing.registered_at),
    )
    found: dict[str, list[Share]] = defaultdict(list)
    for row in rows:
        if row.party == standing.party or row.popularity >= FOLLOWED:
            continue
        value = by_no[row.value_no]
        gap = _gap((standing.registered_at, standing.registered_at), (row.first_at, row.last_at))
        found[row.party].append(Share(kind=value.kind, key_id=value.key_id, popularity=row.popularity, gap=gap))
    return found


async def registrations_of_round(tx: Transaction, round_id: UUID) -> Sequence[tuple[UUID, datetime]]:
    """Give a round's registrations of which keys are known, and when each came."""
    rows = await tx.session.execute(
        text("SELECT registration_id, registered_at FROM bidding.keyed_registration WHERE round_id = :id ORDER BY 2"),
        {"id": round_id},
    )
    return [(row.registration_id, row.registered_at) for row in rows]


async def shares_of_round(tx: Transaction, round_id: UUID, *, at: datetime) -> dict[tuple[UUID, UUID], list[Share]]:
    """Give what registrations of different parties in one round share, along the rarest values first, up to `PAIRS_MAX` pairs."""
    rows = await tx.session.execute(
        text(
            "SELECT v.value_no, v.kind, v.key_id, array_agg(r.registration_id ORDER BY r.registration_id) AS holders, "
            "array_agg(r.party_no ORDER BY r.registration_id) AS parties, "
            "array_agg(r.registered_at ORDER BY r.registration_id) AS times "
            "FROM bidding.keyed_registration r JOIN bidding.registration_value rv USING (registration_id) "
            "JOIN bidding.link_value v USING (value_no) WHERE r.round_id = :id "
            "GROUP BY v.value_no HAVING count(DISTINCT r.party_no) BETWEEN 2 AND :most"
        ),
        {"id": round_id, "most": FOLLOWED - 1},
    )
    held = [row for row in rows if row.kind in key_kinds()]
    popular = await popularities(tx, [Value(row.value_no, row.kind, row.key_id) for row in held], at=at)
    found: dict[tuple[UUID, UUID], list[Share]] = {}
    for row in sorted(held, key=lambda row: (popular[row.value_no], row.value_no)):
        share = popular[row.value_no]
        if share >= FOLLOWED:
            continue
        for one, other in combinations(zip(row.holders, row.parties, row.times, strict=True), 2):
            key = (one[0], other[0])
            if one[1] == other[1] or (key not in found and len(found) >= PAIRS_MAX):
                continue
            found.setdefault(key, []).append(
                Share(kind=row.kind, key_id=row.key_id, popularity=max(2, share), gap=abs(one[2] - other[2]))
            )
    return found


async def shares_of_pair(tx: Transaction, one: Entry, other: Entry) -> list[Share]:
    """Give what two registrations share."""
    mine = {value.value_no for value in one.values}
    both = [value for value in other.values if value.value_no in mine]
    if not both:
        return []
    times = (one.standing.registered_at, other.standing.registered_at)
    popular = await popularities(tx, both, at=max(times))
    gap = abs(times[0] - times[1])
    return [
        Share(kind=value.kind, key_id=value.key_id, popularity=max(2, popular[value.value_no]), gap=gap)
        for value in both
    ]


async def popularities(tx: Transaction, values: Collection[Value], *, at: datetime) -> dict[int, int]:
    """Count the parties that used each value lately as of ``at``; `FOLLOWED` stands for that many or more."""
    rows = await tx.session.execute(
        text(
            "SELECT v.value_no, count(u.party_no) AS popularity "
            "FROM unnest(CAST(:values AS bigint[]), CAST(:since AS timestamptz[])) AS v (value_no, since) "
            "LEFT JOIN LATERAL (SELECT u.party_no FROM bidding.link_use u "
            " WHERE u.value_no = v.value_no AND u.last_at >= v.since ORDER BY u.last_at DESC LIMIT :followed"
            ") u ON true GROUP BY v.value_no"
        ),
        _asked(values, at=at),
    )
    return {row.value_no: int(row.popularity) for row in rows}


def _asked(values: Collection[Value], *, at: datetime) -> dict[str, object]:
    """Ask for uses of values, each from the time on from which uses of its kind count."""
    return {
        "values": [value.value_no for value in values],
        "since": [at - key_kinds()[value.kind].window for value in values],
        "followed": FOLLOWED,
    }


def _gap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> timedelta:
    """Give the time between two spans of use; none where they overlap."""
    return max(timedelta(0), other[0] - one[1], one[0] - other[1])
