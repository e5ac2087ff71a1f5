"""Plan: which lots the rings take, and who their members are. Pure but for its source of chance.

1. Each kind of ring takes its share of all lots; a ring takes some lots of one place and class within its span of days, a debtor's ring lots of
   one debtor. Where too few are there (small runs), it takes what comes nearest.
2. No lot has two rings.
3. Members are known in their place: each also bids honestly in some lots there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, get_args

import numpy as np

from bidding.integrity.simulator.market import Flags, Ints, Market
from bidding.integrity.simulator.parameters import RingKind, Rings

DEBTOR_KINDS: Final = frozenset({"debtor_pusher", "planned_default"})
MEMBER_BASE: Final = 1_000_000_000
"""From this number on parties are members of rings."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring with its lots in order."""

    name: str
    kind: RingKind
    members: tuple[int, ...]
    discipline: float
    effects: tuple[float, ...]
    lots: tuple[int, ...]
    is_decided: bool


@dataclass(frozen=True)
class Plan:
    """All rings, and where their members bid honestly."""

    rings: tuple[Ring, ...]
    of_lot: Mapping[int, tuple[Ring, int]] = field(repr=False)
    """Ring and turn of each rigged lot."""
    honest: Mapping[int, tuple[int, ...]] = field(repr=False)
    """Members who come to a lot that is not rigged."""


def plan_rings(rings: Rings, market: Market, rng: np.random.Generator) -> Plan:
    """Draw the rings of all kinds."""
    free: Flags = np.ones(len(market), dtype=np.bool_)
    found = tuple(ring for kind in get_args(RingKind) for ring in _of_kind(kind, rings, market, free, rng))
    of_lot = {lot: (ring, turn) for ring in found for turn, lot in enumerate(ring.lots)}
    return Plan(found, of_lot, _honest_lots(found, rings, market, free, rng))


def _of_kind(kind: RingKind, rings: Rings, market: Market, free: Flags, rng: np.random.Generator) -> Iterator[Ring]:
    terms = getattr(rings, kind)
    left = round(terms.share * len(market))
    number = 0
    while left > 0:
        wanted = min(left, terms.lots_of_a_ring)
        lots = _lots_of_debtor(market, wanted, free, rng) if kind in DEBTOR_KINDS else None
        if lots is None:
            lots = _lots_of_place(rings, market, wanted, free, rng)
        free[lots] = False
        left -= len(lots)
        yield _ring(kind, number, lots, rings, rng)
        number += 1


def _ring(kind: RingKind, number: int, lots: Ints, rings: Rings, rng: np.random.Generator) -> Ring:
    size = int(rng.integers(rings.size[0], rings.size[1] + 1))
    base = MEMBER_BASE + 1_000_000 * get_args(RingKind).index(kind) + 10 * number
    return Ring(
        name=f"{kind}-{number + 1}",
        kind=kind,
        members=tuple(range(base, base + size)),
        discipline=float(rng.uniform(*rings.discipline)),
        effects=tuple(float(one) for one in rng.uniform(*rings.effect, len(lots))),
        lots=tuple(int(lot) for lot in np.sort(lots)),
        is_decided=kind == "one_controller" and bool(rng.random() < rings.one_controller.decided_link),
    )


def _lots_of_debtor(market: Market, wanted: int, free: Flags, rng: np.random.Generator) -> Ints | None:
    """Take lots of one debtor who has enough of them; ``None``: there is none."""
    counts = np.bincount(market.debtor[free])
    enough = np.flatnonzero(counts >= wanted)
    if not len(enough):
        return None
    debtor = rng.choice(enough)
    lots: Ints = rng.choice(np.flatnonzero(free & (market.debtor == debtor)), wanted, replace=False)
    return lots


def _lots_of_place(rings: Rings, market: Market, wanted: int, free: Flags, rng: np.random.Generator) -> Ints:
    """Take lots of one place and class within the span; of the place, of the market where these are too few."""
    seed = int(rng.choice(np.flatnonzero(free)))
    near = np.abs(market.day - market.day[seed]) <= rings.span_days // 2
    here, same = market.place == market.place[seed], market.asset_class == market.asset_class[seed]
    circles = (free & near & here & same, free & here & same, free & here, free)
    enough = [lots for among in circles if len(lots := np.flatnonzero(among)) >= wanted]
    taken: Ints = rng.choice(enough[0] if enough else np.flatnonzero(free), wanted, replace=False)
    return taken


def _honest_lots(
    found: tuple[Ring, ...], rings: Rings, market: Market, free: Flags, rng: np.random.Generator
) -> dict[int, tuple[int, ...]]:
    come: dict[int, list[int]] = defaultdict(list)
    for ring in found:
        there = np.flatnonzero(free & (market.cell == market.cell[ring.lots[0]]))
        if not len(there):
            continue
        for member in ring.members:
            for lot in rng.choice(there, int(rng.poisson(rings.honest_lots_of_a_member))):
                come[int(lot)].append(member)
    return {lot: tuple(dict.fromkeys(members)) for lot, members in come.items()}
