"""Files of the formats that are evaluated, made up by us from a seed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from bidding.integrity.evaluation import bidder_rows, measure_tenders
from bidding.integrity.evaluation.art_lots import ART_COLUMNS, JUDICIAL_COLUMNS
from bidding.integrity.evaluation.files import ART, BIDDERS, JUDICIAL, TENDERS

BEGIN = datetime(2025, 3, 3, 10, 0, 0)  # noqa: DTZ001 - recorded logs name no zone


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(columns)
        writer.writerows(rows)


def write_tenders(folder: Path, markets: Sequence[str], tenders: int = 40, seed: int = 7) -> None:
    """Write markets whose rings stand closer together than their honest tenders."""
    rng = Random(seed)
    rows = []
    for market in markets:
        for number in range(tenders):
            is_ring = number % 2 == 0
            level, spread = rng.uniform(1e4, 1e6), 0.02 if is_ring else 0.15
            rows += [
                (number, market, int(is_ring), round(level * (1 + abs(rng.gauss(0, spread))), 2))
                for _ in range(rng.randint(3, 8))
            ]
    _write(folder / TENDERS, measure_tenders.COLUMNS, rows)


def write_bidders(folder: Path, auctions: int = 40, seed: int = 7) -> None:
    """Write auctions in which those who bid often carry the label more often."""
    rng = Random(seed)
    rows = []
    for auction in range(auctions):
        counts = [rng.randint(1, 6) for _ in range(rng.randint(2, 5))]
        for count in counts:
            early = rng.uniform(0, 0.9)
            last = early if count == 1 else rng.uniform(early, 1)
            label = int(count > 3 and rng.random() < 0.8)
            rows.append(
                (
                    *(auction, f"bidder-{rng.randrange(25)}", rng.random(), count / sum(counts), last, 0.3),
                    *(rng.random(), early, rng.random(), 5, label),
                )
            )
    _write(folder / BIDDERS, bidder_rows.COLUMNS, rows)


def write_art(folder: Path, houses: Sequence[str] = ("1", "2", "3", "4"), lots: int = 30, seed: int = 7) -> None:
    """Write ordinary soft-close lots."""
    rng = Random(seed)
    rows = []
    for house in houses:
        for lot in range(lots):
            at, price, closing = BEGIN, 1000, BEGIN + timedelta(minutes=30)
            for _ in range(rng.randint(1, 20)):
                rows.append((house, f"{house}{lot % 3}", lot, 180, closing, rng.randrange(8), price, at))
                at, price = at + timedelta(seconds=rng.randint(5, 150)), price + 100 * rng.randint(1, 3)
    _write(folder / ART, ART_COLUMNS, rows)


def write_judicial(folder: Path) -> None:
    """Write two judicial lots."""
    rows = [
        (lot, code, f"{900_000 + 4_000 * number}.50", BEGIN + timedelta(seconds=30 * number))
        for lot in (1, 2)
        for number, code in enumerate("ABABCACB")
    ]
    _write(folder / JUDICIAL, JUDICIAL_COLUMNS, rows)
