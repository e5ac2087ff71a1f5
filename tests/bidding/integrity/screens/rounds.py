"""Made-up rounds that are over, for the tests of screens: ordinary trade, reproducible, and rounds told one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bidding.integrity.records import BidMark, CodeRecord, RoundRecord

CLOSES = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
RESERVE = 70_000_000
STEP = 500_000
WINDOW = timedelta(minutes=5)


def bid(number: int, code: str, amount_fen: int, *, minutes: float = -60.0, is_match: bool = False) -> BidMark:
    """Make a bid so many minutes after (negative: before) the scheduled end."""
    return BidMark(
        sequence=number, code=code, amount_fen=amount_fen, at=CLOSES + timedelta(minutes=minutes), is_match=is_match
    )


def codes(count: int, *, tag: str = "x", hours: float = 30.0) -> tuple[CodeRecord, ...]:
    """Make so many qualified codes of parties that are named by a tag."""
    paid = CLOSES - timedelta(hours=hours)
    return tuple(CodeRecord(code=f"A{n:03}", party=f"{tag}-{n}", deposited_at=paid) for n in range(count))


def ended(name: str, qualified: Sequence[CodeRecord], bids: Sequence[BidMark], **others: object) -> RoundRecord:
    """Make a round that ended with these bids."""
    last = bids[-1] if bids else None
    told: dict[str, Any] = {
        "round_id": name,
        "lot_id": f"lot-{name}",
        "case_id": f"case-{name}",
        "kind": "first_auction",
        "asset_class": "residential",
        "place": "330100",
        "reserve_fen": RESERVE,
        "increment_fen": STEP,
        "deposit_fen": 7_000_000,
        "reference_fen": 100_000_000,
        "opens_at": CLOSES - timedelta(hours=24),
        "closes_at": CLOSES,
        "closed_at": max(CLOSES, last.at + WINDOW) if last else CLOSES,
        "extension": WINDOW,
        "codes": tuple(qualified),
        "bids": tuple(bids),
        "buyer_code": last.code if last else None,
        "hammer_fen": last.amount_fen if last else None,
        "debtors": (f"debtor-{name}",),
        "agency": "agency",
    }
    return RoundRecord(**(told | others))


def ordinary(count: int, *, seed: int = 7) -> list[RoundRecord]:
    """Make rounds of honest trade: most who paid a deposit bid, by the least step and in turns, to a price around the reference."""
    draw = random.Random(seed)
    return [_ordinary(f"r{seed}-{number}", draw) for number in range(count)]


def _ordinary(name: str, draw: random.Random) -> RoundRecord:
    qualified = codes(draw.randint(2, 9), tag=name, hours=draw.uniform(2, 200))
    active = [entry.code for entry in qualified if draw.random() < 0.85] or [qualified[0].code]
    goal = 100_000_000 * draw.lognormvariate(0.0, 0.08) if len(active) > 1 else RESERVE
    amount, bids = RESERVE, [bid(1, active[0], RESERVE)]
    while amount + STEP <= goal:
        amount += STEP * draw.choice((1, 1, 1, 1, 2))
        others = [code for code in active if code != bids[-1].code]
        number = len(bids) + 1
        bids.append(bid(number, draw.choice(others), amount, minutes=number - 50 if number > 30 else -60))
    return ended(name, qualified, bids, fate="defaulted" if draw.random() < 0.01 else "paid")
