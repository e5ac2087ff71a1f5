"""Give the links of a registration, of a round, or of two registrations. Reads; refuses nobody, stores nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from auction.kernel.db import Transaction
from bidding.integrity.links import store
from bidding.integrity.links.links import MINUTES_APART, Link, link_between, pair

LINKS_MAX = 500
"""So many links are given at the most, the weightiest."""


async def links_of(tx: Transaction, registration_id: UUID) -> tuple[Link, ...]:
    """Give the links of a registration's party to others, in whatever round, the weightiest first; none while no key has come."""
    standing = await store.standing_of(tx, registration_id)
    if standing is None:
        return ()
    shares = await store.shares_with_parties(tx, standing)
    links = (link_between((standing.party, party), shared, known=(standing.known,)) for party, shared in shares.items())
    return _weightiest([link for link in links if link is not None])


async def links_of_round(tx: Transaction, round_id: UUID) -> tuple[Link, ...]:
    """Give the links between registrations of one round, withdrawn ones too, the weightiest first."""
    came = await store.registrations_of_round(tx, round_id)
    if not came:
        return ()
    shares = await store.shares_of_round(tx, round_id, at=came[-1][1])
    standings = await store.standings(tx, sorted({one for both in shares for one in both}))
    times = [at for _, at in came]
    links = (
        pair(standings[one], standings[other], shared, close_by=_close_by(times, standings[other].registered_at))
        for (one, other), shared in shares.items()
    )
    return _weightiest([link for link in links if link is not None])


async def link_of(tx: Transaction, one_id: UUID, other_id: UUID) -> Link | None:
    """Give the link between two registrations; ``None``: nothing is known that they share, which is not *no*."""
    both = await store.standings(tx, [one_id, other_id])
    if len(both) < 2 or both[one_id].party == both[other_id].party:
        return None
    shares = await store.shares_of_pair(tx, both[one_id], both[other_id])
    return pair(both[one_id], both[other_id], shares, close_by=2)


async def are_linked(tx: Transaction, one_id: UUID, other_id: UUID) -> bool:
    """Whether two registrations share so much that the judge is told. Never a reason to refuse."""
    link = await link_of(tx, one_id, other_id)
    return link is not None and link.is_told


def _close_by(times: Sequence[datetime], at: datetime) -> int:
    """Count the registrations of the round within minutes of one; ``times`` are in order."""
    return bisect_right(times, at + MINUTES_APART) - bisect_left(times, at - MINUTES_APART)


def _weightiest(links: Sequence[Link]) -> tuple[Link, ...]:
    ordered = sorted(links, key=lambda link: (-link.weight, link.parties, str(link.registrations)))
    return tuple(ordered[:LINKS_MAX])
