"""Bidders in auctions (the UCI shill bidding format): what a row says once its auction and its bidder are looked at together. Pure.

The labels of that data were made by clustering its own features: they are circular, and a figure on them says how well a method
repeats the clustering, not how well it finds shills. ``Successive_Outbidding`` alone nearly is the label, and a marketplace that
refuses a raise of one's own lead never sees it; it is neither read nor used.

Features of a row: (a) its eight published ratios; (b) what they imply: the ratios of one auction are whole numbers of bids over one
total, so total and number of bids follow; (c) the others of the same auction; (d) the same bidder's other rows. None uses a label. Rows
of one auction may fall into different folds: at the close of an auction everybody's conduct in it is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bidding.integrity.evaluation.files import number_in
from bidding.integrity.screens.ranker import Labels, Numbers

RATIOS: Final = (
    *("Bidder_Tendency", "Bidding_Ratio", "Last_Bidding", "Auction_Bids"),
    *("Starting_Price_Average", "Early_Bidding", "Winning_Ratio", "Auction_Duration"),
)
COLUMNS: Final = ("Auction_ID", "Bidder_ID", *RATIOS, "Class")
CONTEXT: Final = (
    *("bids", "auction_bids", "share", "span", "span_per_raise", "others_began_inside", "others_ended_inside"),
    *(
        "others_bids_inside",
        "others_inside_per_raise",
        "others_inside_less_raises",
        "bids_of_unlisted",
        "share_of_unlisted",
    ),
    *("others", "most_bids_of_others", "bids_less_most", "others_with_as_many", "wins_less_most", "begins", "ends"),
    *(
        "own_rows",
        "own_bids_mean",
        "own_bids_most",
        "own_bids_sum",
        "own_share_mean",
        "own_share_most",
        "own_wins_mean",
    ),
    *("begins_after_first", "ends_before_last", "all_at_once"),
)
NAMES: Final = (*RATIOS, *CONTEXT)

TOTAL_LIMIT: Final = 400
"""The largest total of bids that is tried for an auction."""
_WHOLE: Final = 1e-4
_APART: Final = 1e-7

Rows = NDArray[np.intp]
TENDENCY, RATIO, LAST, _, _, EARLY, WINS, _ = range(len(RATIOS))


@dataclass(frozen=True, slots=True)
class BidderRows:
    """The rows of one file: published ratios, labels, who and where; ``left_out`` could not be read."""

    ratios: Numbers
    labels: Labels
    bidders: NDArray[np.str_]
    auctions: NDArray[np.str_]
    left_out: int


def read_bidders(rows: Iterable[Mapping[str, str]]) -> BidderRows:
    """Read the rows of a file; a row with an unreadable ratio or label is left out and counted."""
    kept: list[tuple[list[float], bool, str, str]] = []
    left_out = 0
    for row in rows:
        ratios = [number_in(row[name]) for name in RATIOS]
        if not np.isfinite(ratios).all() or row["Class"] not in {"0", "1"}:
            left_out += 1
            continue
        kept.append((ratios, row["Class"] == "1", row["Bidder_ID"], row["Auction_ID"]))
    return BidderRows(
        ratios=np.array([one[0] for one in kept], dtype=np.float64).reshape(len(kept), len(RATIOS)),
        labels=np.array([one[1] for one in kept], dtype=np.bool_),
        bidders=np.array([one[2] for one in kept], dtype=np.str_),
        auctions=np.array([one[3] for one in kept], dtype=np.str_),
        left_out=left_out,
    )


def features_of(rows: BidderRows) -> Numbers:
    """Give all features (`NAMES`) of all rows."""
    own = _positions(rows.bidders)
    bids, totals = np.zeros(rows.labels.size), np.zeros(rows.labels.size)
    auctions = _positions(rows.auctions)
    for at in auctions.values():
        total, counts = bids_of(rows.ratios[at])
        bids[at], totals[at] = counts, total
    context = np.empty((rows.labels.size, len(CONTEXT)))
    for at in auctions.values():
        for place, row in enumerate(at):
            others = np.delete(at, place)
            context[row] = [
                *_alone(rows.ratios[row], float(bids[row]), float(totals[row])),
                *_beside(rows.ratios, bids, row, others, float(totals[row])),
                *_own(rows.ratios, bids, own[str(rows.bidders[row])]),
                *_ends(rows.ratios, bids, row, others),
            ]
    return np.hstack([rows.ratios, context])


def bids_of(auction: Numbers) -> tuple[int, Numbers]:
    """Give an auction's total and each listed bidder's number of bids: the smallest whole numbers that all ratios allow.

    Whose first and last bid differ made two at least. Where no total fits, ratios of `TOTAL_LIMIT` are taken as they are.
    """
    ratios = auction[:, RATIO]
    least = np.where(np.abs(auction[:, LAST] - auction[:, EARLY]) > _APART, 2, 1)
    for total in range(1, TOTAL_LIMIT + 1):
        counts = np.round(ratios * total)
        if np.abs(ratios * total - counts).max() <= _WHOLE * total and (counts >= least).all():
            return total, counts
    return TOTAL_LIMIT, ratios * TOTAL_LIMIT


def _positions(names: NDArray[np.str_]) -> dict[str, Rows]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        found[str(name)].append(at)
    return {name: np.array(at, dtype=np.intp) for name, at in found.items()}


def _first(ratios: Numbers) -> Numbers:
    return np.asarray(np.minimum(ratios[..., EARLY], ratios[..., LAST]))


def _final(ratios: Numbers) -> Numbers:
    return np.asarray(np.maximum(ratios[..., EARLY], ratios[..., LAST]))


def _alone(row: Numbers, bids: float, total: float) -> list[float]:
    span = float(_final(row) - _first(row))
    return [bids, total, bids / total, span, span / max(bids - 1, 1)]


def _beside(ratios: Numbers, bids: Numbers, row: int, others: Rows, total: float) -> list[float]:
    """Compare with the others of the auction: was anybody there to be outbid between the first and the last bid?"""
    raises = max(float(bids[row]) - 1, 1)
    theirs = bids[others]
    begin, end = float(_first(ratios[row])), float(_final(ratios[row]))
    first, final = _first(ratios[others]), _final(ratios[others])
    began = (first > begin) & (first < end)
    ended = (final > begin) & (final < end) & (theirs > 1)
    between = _middle_inside(first, final, theirs, begin, end)
    inside = float(began.sum() + ended.sum() + between.sum())
    unlisted = total - float(theirs.sum()) - float(bids[row])
    most = float(theirs.max(initial=0))
    return [
        *(float(began.sum()), float(ended.sum()), inside, inside / raises, inside - float(bids[row]) + 1),
        *(
            unlisted,
            unlisted / total,
            float(others.size),
            most,
            float(bids[row]) - most,
            float((theirs >= bids[row]).sum()),
        ),
        float(ratios[row, WINS] - ratios[others, WINS].max(initial=0)),
        *(begin, end),
    ]


def _middle_inside(first: Numbers, final: Numbers, bids: Numbers, begin: float, end: float) -> Numbers:
    """Expect how many of others' bids between their first and last lie in an interval, were they spread evenly."""
    length = final - first
    overlap = np.clip(np.minimum(end, final) - np.maximum(begin, first), 0, None)
    share = np.where(length > 0, overlap / np.where(length > 0, length, 1), (first > begin) & (first < end))
    return np.asarray(np.clip(bids - 2, 0, None) * share, dtype=np.float64)


def _own(ratios: Numbers, bids: Numbers, own: Rows) -> list[float]:
    mine, shares = bids[own], ratios[own, RATIO]
    sums = [float(own.size), float(mine.mean()), float(mine.max()), float(mine.sum())]
    return [*sums, float(shares.mean()), float(shares.max()), float(ratios[own, WINS].mean())]


def _ends(ratios: Numbers, bids: Numbers, row: int, others: Rows) -> list[float]:
    begin, end = float(_first(ratios[row])), float(_final(ratios[row]))
    return [
        begin - float(_first(ratios[others]).min(initial=begin)),
        float(_final(ratios[others]).max(initial=end)) - end,
        float(end - begin < _APART and bids[row] > 1),
    ]
