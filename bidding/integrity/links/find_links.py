"""Give the links of a registration, of a round, or of two registrations. Reads; refuses nobody, stores nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from auction.kernel.db import Transaction
from bidding.integrity.links import store
from bidding.integrity.links.links import MINUTES_APART, Link, Standing, link_between, pair

LINKS_MAX = 500
"""So many links are given at the most, the weightiest."""


async def links_of(tx: Transaction, registration_id: UUID) -> tuple[Link, ...]:
    """Give the links of a registration's party to others, in whatever round, the weightiest first; none while no key has come."""
    entry = (await store.entries_of(tx, [registration_id])).get(registration_id)
    if entry is None:
        return ()
    standing = entry.standing
    shares = await store.shares_with_parties(tx, entry)
    links = (link_between((standing.party, party), shared, known=(standing.known,)) for party, shared in shares.items())
    return _weightiest([link for link in links if link is not None])


async def links_of_round(tx: Transaction, round_id: UUID) -> tuple[Link, ...]:
    """Give the links between registrations of one round, withdrawn ones too, the weightiest first."""
    came = await store.registrations_of_round(tx, round_id)
    if not came:
        return ()
    shares = await store.shares_of_round(tx, round_id, at=came[-1][1])
    entries = await store.entries_of(tx, sorted({one for both in shares for one in both}))
    times = [at for _, at in came]
    links = (
        pair(
            entries[one].standing,
            entries[other].standing,
            shared,
            close_by=_close_by(times, entries[one].standing, entries[other].standing),
        )
        for (one, other), shared in shares.items()
    )
    return _weightiest([link for link in links if link is not None])


async def link_of(tx: Transaction, one_id: UUID, other_id: UUID) -> Link | None:
    """Give the link between two registrations; ``None``: nothing is known that they share, which is not *no*."""
    both = await store.entries_of(tx, [one_id, other_id])
    if len(both) < 2 or both[one_id].standing.party == both[other_id].standing.party:
        return None
    shares = await store.shares_of_pair(tx, both[one_id], both[other_id])
    return pair(both[one_id].standing, both[other_id].standing, shares, close_by=None)


async def are_linked(tx: Transaction, one_id: UUID, other_id: UUID) -> bool:
    """Whether two registrations share so much that the judge is told. Never a reason to refuse."""
    link = await link_of(tx, one_id, other_id)
    return link is not None and link.is_told


def _close_by(times: Sequence[datetime], one: Standing, other: Standing) -> int:
    """Count the registrations of the round within minutes of the later of two; ``times`` are in order."""
    at = max(one.registered_at, other.registered_at)
    return bisect_right(times, at + MINUTES_APART) - bisect_left(times, at - MINUTES_APART)


def _weightiest(links: Sequence[Link]) -> tuple[Link, ...]:
    ordered = sorted(links, key=lambda link: (-link.weight, link.parties, str(link.registrations)))
    return tuple(ordered[:LINKS_MAX])
