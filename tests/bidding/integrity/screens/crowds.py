"""Made-up markets for the tests of screens across lots: who comes to what, and what each does there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bidding.integrity.records import BidMark, CodeRecord, RoundRecord

FIRST = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
RESERVE = 70_000_000
STEP = 500_000
REFERENCE = 100_000_000
Play = Callable[[Sequence[str], np.random.Generator], list[str]]
"""Says in which order parties of a round bid; the last one buys."""


def compete(parties: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Let most bid, each raising whoever leads until it leaves, in no order that anybody agreed upon."""
    there = [party for party in parties if rng.random() < 0.85] or [parties[0]]
    limits = {party: int(rng.integers(2, 30)) for party in there}
    order, leader = [], ""
    for step in range(60):
        willing = [party for party in there if party != leader and limits[party] >= step]
        if not willing:
            break
        leader = willing[int(rng.integers(len(willing)))]
        order.append(leader)
    return order or [there[0]]


def played(
    name: str,
    parties: Iterable[str],
    order: Sequence[str],
    *,
    day: float = 0.0,
    delays: Sequence[float] = (),
    entries: dict[str, dict[str, Any]] | None = None,
    **others: object,
) -> RoundRecord:
    """Make a round in which these parties were qualified and bid in this order, a step each; nobody bought without bids."""
    end = FIRST + timedelta(days=day)
    there = list(dict.fromkeys(parties))
    code_of = {party: f"C{place:03}" for place, party in enumerate(there)}
    at = end - timedelta(minutes=2)
    bids = []
    for place, party in enumerate(order):
        at += timedelta(seconds=delays[place] if delays else 20.0)
        bids.append(BidMark(sequence=place + 1, code=code_of[party], amount_fen=RESERVE + place * STEP, at=at))
    told: dict[str, Any] = {
        "round_id": name,
        "lot_id": f"lot-{name}",
        "case_id": f"case-{name}",
        "kind": "first_auction",
        "asset_class": "home",
        "place": "330100",
        "reserve_fen": RESERVE,
        "increment_fen": STEP,
        "deposit_fen": 7_000_000,
        "reference_fen": REFERENCE,
        "opens_at": end - timedelta(hours=24),
        "closes_at": end,
        "closed_at": max(end, at + timedelta(minutes=5)),
        "extension": timedelta(minutes=5),
        "codes": tuple(
            CodeRecord(code=code_of[party], party=party, **(entries or {}).get(party, {})) for party in there
        ),
        "bids": tuple(bids),
        "buyer_code": bids[-1].code if bids else None,
        "hammer_fen": bids[-1].amount_fen if bids else None,
        "debtors": (f"debtor-{name}",),
        "agency": "",
        "fate": "paid" if bids else "open",
    }
    return RoundRecord(**(told | others))


def town(
    rounds: int,
    *,
    seed: int,
    specialists: int = 30,
    places: int = 2,
    at_once: int = 5,
    play: Play = compete,
) -> list[RoundRecord]:
    """Make honest rounds: some bidders come all the time, most once; some lots draw a crowd; everybody competes."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, specialists + 1) ** 0.8
    made = []
    for number in range(rounds):
        place = int(rng.integers(places))
        size = int(min(2 + rng.poisson(at_once * rng.gamma(3.0, 1 / 3)), specialists // 2))
        regular = rng.choice(specialists, min(size, 1 + size // 2), replace=False, p=weights / weights.sum())
        parties = [f"s{place}-{member}" for member in regular]
        parties += [f"once-{seed}-{number}-{one}" for one in range(size - len(parties))]
        made.append(
            played(f"t{seed}-{number}", parties, play(parties, rng), day=number * 360 / rounds, place=f"3301{place:02}")
        )
    return made
