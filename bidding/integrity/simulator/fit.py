"""Fit: the background numbers of the simulator, worked out again from the public logs. Pure but for reading files.

1. Every number of ``[fitted]`` in ``parameters.toml`` comes from here; a test with the data compares them.
2. Quantiles are linear (``numpy.percentile``); figures are rounded to four decimals, so that they can be compared exactly.
3. Nothing of a log is kept: only these figures.
"""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

ART: Final = "china_art_softclose_bids.csv"
JUDICIAL: Final = "china_judicial_bid_logs.csv"
LISTINGS: Final = "china_asset_listings_sample.csv"
WINDOW_S: Final = 300
"""The extension window of the law, to which the houses' shorter windows are scaled (网拍 20(2))."""
MOST_CODES: Final = 12
"""Lots with more active codes count as having so many."""
QUANTILES: Final = (10, 50, 90)

Figure = float | int | list[float] | list[int]
Tape = list[tuple[str, float, float]]
"""Bids of a lot in order: who, how much (yuan), when (seconds from the scheduled end; early ones are negative)."""


def fit(folder: Path) -> dict[str, dict[str, Figure]]:
    """Give the fitted figures by source; raises `FileNotFoundError` naming the file that is missing."""
    return {
        "art": fit_art(_rows(folder / ART)),
        "judicial": fit_judicial(_rows(folder / JUDICIAL)),
        "listings": fit_listings(_rows(folder / LISTINGS)),
    }


def as_toml(found: Mapping[str, Mapping[str, Figure]]) -> str:
    """Write fitted figures as they stand in ``parameters.toml``."""
    parts = (
        f"[fitted.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in figures.items())
        for name, figures in found.items()
    )
    return "\n".join(parts)


def fit_art(rows: Iterable[Mapping[str, str]]) -> dict[str, Figure]:
    """Fit the soft-close lots: how many bid, how they arrive, exit, jump and extend, how often they come back."""
    lots: dict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        lots[(row["auction_house_id"], row["auction_id"], row["item_id"])].append(row)
    tapes = [_art_tape(lot) for lot in lots.values()]
    windows = [float(lot[0]["overtime_seconds"]) for lot in lots.values()]
    active = Counter(min(MOST_CODES, len(_exits(tape))) for tape in tapes)
    gaps = [gap for tape, window in zip(tapes, windows, strict=True) for gap in _gaps(tape, window)]
    joined: dict[tuple[str, str], int] = Counter(
        (key[0], who) for key, tape in zip(lots, tapes, strict=True) for who in _exits(tape)
    )
    return {
        "lots": len(tapes),
        "active_codes": [active[number] for number in range(1, MOST_CODES + 1)],
        "bids_per_code": _quantiles([len(tape) / len(_exits(tape)) for tape in tapes]),
        "extended_share": _round(np.mean([tape[-1][2] >= 0 for tape in tapes])),
        "gap_in_window_s": _quantiles(gaps),
        "jump_share": _round(np.mean([jump for tape in tapes for jump in _jumps(tape)])),
        "third_exit_log": _quantiles([_third(tape) for tape in tapes if len(_exits(tape)) >= 3]),
        "exit_spread": _round(np.median([_spread(tape) for tape in tapes if len(_exits(tape)) >= 3])),
        "first_bid_before_end_s": _quantiles([-at for tape in tapes for at in _firsts(tape)]),
        "one_time_slot_share": _round(sum(1 for count in joined.values() if count == 1) / sum(joined.values())),
        "most_lots_of_a_bidder": max(joined.values()),
    }


def fit_judicial(rows: Iterable[Mapping[str, str]]) -> dict[str, Figure]:
    """Fit the judicial lots; the scheduled end is ten o'clock of the last day, as the tapes suggest."""
    lots: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        lots[row["lot"]].append(row)
    tapes = [_judicial_tape(lot) for lot in lots.values()]
    gaps = [gap for tape in tapes for gap in _gaps(tape, WINDOW_S)]
    return {
        "lots": len(tapes),
        "active_codes": [len(_exits(tape)) for tape in tapes],
        "bids": [len(tape) for tape in tapes],
        "price_over_first_bid": [_round(tape[-1][1] / tape[0][1]) for tape in tapes],
        "step_share": [_round(np.median(_raises(tape)) / tape[0][1]) for tape in tapes],
        "jump_share": _round(np.mean([jump for tape in tapes for jump in _jumps(tape)])),
        "gap_in_window_s": _quantiles(gaps),
        "early_share": [_round(np.mean([at < -WINDOW_S for _, _, at in tape])) for tape in tapes],
        "overtime_minutes": [_round(tape[-1][2] / 60) for tape in tapes],
        "exit_spread": _round(np.median([_spread(tape) for tape in tapes])),
    }


def fit_listings(rows: Iterable[Mapping[str, str]]) -> dict[str, Figure]:
    """Fit the listings: step and deposit over the starting price, starting price over the market price, size."""
    listed = [row for row in rows if float(row["currentPrice"] or 0) > 0]
    start = [float(row["currentPrice"]) for row in listed]
    return {
        "listings": len(listed),
        "step_share": _quantiles([float(r["priceLowerOffset"]) / float(r["currentPrice"]) for r in listed]),
        "deposit_share": _quantiles([float(row["ensurePrice"]) / float(row["currentPrice"]) for row in listed]),
        "start_over_market": _quantiles(
            [float(row["currentPrice"]) / float(row["marketPrice"]) for row in listed if float(row["marketPrice"] or 0)]
        ),
        "start_yuan": _quantiles(start),
    }


# One lot.


def _art_tape(rows: Sequence[Mapping[str, str]]) -> Tape:
    end = datetime.fromisoformat(rows[0]["scheduled_closing_time"])
    return [_mark(row["bidder_id"], row["bid_price"], row["bid_time"], end) for row in rows]


def _judicial_tape(rows: Sequence[Mapping[str, str]]) -> Tape:
    last = max(datetime.fromisoformat(row["time"]) for row in rows)
    end = last.replace(hour=10, minute=0, second=0)
    return [_mark(row["bidder_code"], row["price"], row["time"], end) for row in rows]


def _mark(who: str, price: str, at: str, end: datetime) -> tuple[str, float, float]:
    return who, float(price), (datetime.fromisoformat(at) - end) / timedelta(seconds=1)


def _exits(tape: Tape) -> dict[str, float]:
    """Give the highest bid of each who bid: for losers, where they gave up."""
    best: dict[str, float] = {}
    for who, price, _ in tape:
        best[who] = max(price, best.get(who, 0.0))
    return best


def _firsts(tape: Tape) -> list[float]:
    first: dict[str, float] = {}
    for who, _, at in tape:
        first.setdefault(who, at)
    return list(first.values())


def _raises(tape: Tape) -> list[float]:
    return [late[1] - early[1] for early, late in pairwise(tape) if late[1] > early[1]]


def _jumps(tape: Tape) -> list[bool]:
    """Say of each raise whether it was well over the lot's usual one."""
    raises = _raises(tape)
    return [one > 1.5 * float(np.median(raises)) for one in raises]


def _gaps(tape: Tape, window_s: float) -> list[float]:
    """Give the waits between bids inside the window before the end and after it, as if the window were the law's."""
    late = [at for _, _, at in tape if at >= -window_s]
    return [(after - before) * WINDOW_S / window_s for before, after in pairwise(late)]


def _third(tape: Tape) -> float:
    best = sorted(_exits(tape).values(), reverse=True)
    return math.log(best[0] / best[2])


def _spread(tape: Tape) -> float:
    """Give the standard deviation of the logarithms of the exits: how far apart the codes value the lot."""
    return float(np.std(np.log(list(_exits(tape).values())), ddof=1))


# Figures.


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _round(figure: float | np.floating) -> float:
    return round(float(figure), 4)


def _quantiles(values: Sequence[float]) -> list[float]:
    return [_round(value) for value in np.percentile(values, QUANTILES)]
