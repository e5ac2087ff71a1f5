"""Measure bidders in auctions without ``Successive_Outbidding``, grouped by bidder. Labels circular (see `bidder_rows`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from bidding.integrity.evaluation.bidder_rows import COLUMNS, NAMES, BidderRows, features_of, read_bidders
from bidding.integrity.evaluation.files import BIDDERS, rows_of
from bidding.integrity.evaluation.rows import CIRCULAR_EN, CIRCULAR_ZH, Figure, Row
from bidding.integrity.evaluation.scoring import (
    FOLDS,
    INNER_FOLDS,
    SEED,
    Scorer,
    average_precision,
    best_threshold,
    f1,
    grouped,
    held_out,
    is_measurable,
)
from bidding.integrity.screens.ranker import Numbers, RankerSettings, fit_ranker

KEY: Final = "uci_without_successive_outbidding"
FLOORS: Final = {"f1": 0.69, "ap": 0.74}
REACH: Final = {"f1": 0.76, "ap": 0.80}
SETTINGS: Final = RankerSettings(
    seeds=(0, 1, 2), rounds=250, rate=0.05, leaves=7, smallest_leaf=20, features_share=0.5, trees=0
)
"""Boosted trees alone: their scores are probabilities, which the choice of the threshold rests on."""
FLOOR_TREES: Final = 100

Rows = NDArray[np.intp]


def measure_bidders(folder: Path, settings: RankerSettings = SETTINGS) -> Row:
    """Measure the row. Raises `FileMissing`, `ColumnsMissing`."""
    rows = read_bidders(rows_of(folder, BIDDERS, COLUMNS))
    splits = grouped(rows.bidders)
    if not is_measurable(rows.labels) or len(splits) < FOLDS:
        return _row(rows, (), settings)
    features = features_of(rows)
    scores, flagged = np.zeros(rows.labels.size), np.zeros(rows.labels.size, dtype=np.bool_)
    score = _scorer(features, rows, settings)
    for train, test in splits:
        threshold = _threshold(score, rows, train)
        scores[test] = score(train, test)
        flagged[test] = scores[test] >= threshold
    floor = held_out(splits, rows.labels.size, _floor_scorer(rows))
    measured = {"f1": f1(rows.labels, flagged), "ap": average_precision(rows.labels, scores)}
    again = {"f1": f1(rows.labels, floor >= 0.5), "ap": average_precision(rows.labels, floor)}
    figures = tuple(
        Figure(name=name, value=measured[name], reproduced=again[name], floor=FLOORS[name], reach=REACH[name])
        for name in measured
    )
    return _row(rows, figures, settings)


def _threshold(score: Scorer, rows: BidderRows, train: Rows) -> float:
    """Choose the threshold inside the training part, again grouped by bidder."""
    inner = [(train[a], train[b]) for a, b in grouped(rows.bidders[train], INNER_FOLDS)]
    scores = held_out(inner, rows.labels.size, score)[train]
    return best_threshold(rows.labels[train], scores)


def _scorer(features: Numbers, rows: BidderRows, settings: RankerSettings) -> Scorer:
    def score(train: Rows, test: Rows) -> Numbers:
        ranker = fit_ranker(features[train], rows.labels[train], names=NAMES, settings=settings)
        return ranker.score(features[test])

    return score


def _floor_scorer(rows: BidderRows) -> Scorer:
    """Score as the floor does: a plain random forest on the published ratios, threshold one half."""

    def score(train: Rows, test: Rows) -> Numbers:
        forest: Any = RandomForestClassifier(FLOOR_TREES, class_weight="balanced", random_state=SEED, n_jobs=1)
        fitted = forest.fit(rows.ratios[train], rows.labels[train])
        return np.asarray(fitted.predict_proba(rows.ratios[test])[:, 1], dtype=np.float64)

    return score


def _row(rows: BidderRows, figures: tuple[Figure, ...], settings: RankerSettings) -> Row:
    return Row(
        key=KEY,
        data=BIDDERS,
        protocol_zh="不使用Successive_Outbidding；按竞买人分组5折；阈值在训练部分内按竞买人分组选定",
        protocol_en="without Successive_Outbidding; 5 folds grouped by bidder; threshold chosen inside the training part, grouped too",
        state="measured" if figures else "too_small",
        figures=figures,
        counts={
            "rows": rows.labels.size,
            "positive": int(rows.labels.sum()),
            "bidders": int(np.unique(rows.bidders).size),
            "left_out": rows.left_out,
        },
        choices={
            "folds": FOLDS,
            "inner_folds": INNER_FOLDS,
            "features": len(NAMES),
            "ranker": msgspec.to_builtins(settings),
            "floor": f"random forest, {FLOOR_TREES} trees, balanced, eight published ratios, threshold 0.5, seed {SEED}",
        },
        notes_zh=(CIRCULAR_ZH,),
        notes_en=(CIRCULAR_EN,),
    )
