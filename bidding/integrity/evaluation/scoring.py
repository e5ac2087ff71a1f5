"""Scores of a protocol: folds, thresholds chosen in the training part, and the figures F1, AP and AUC. Pure.

1. A fold's model, threshold and everything that uses a label see the training part of that fold only.
2. Held-out scores of all folds are put together, and a figure is computed once over them.
3. Folds and seeds are fixed: the same file gives the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold

from bidding.integrity.screens.ranker import Labels, Numbers

FOLDS: Final = 5
INNER_FOLDS: Final = 4
SEED: Final = 0
FEWEST_OF_A_KIND: Final = 5
"""So many with and without the label there must be: fewer measure nothing."""

Split = tuple[NDArray[np.intp], NDArray[np.intp]]
Scorer = Callable[[NDArray[np.intp], NDArray[np.intp]], Numbers]
"""Fits on the first rows (by number), scores the second."""


def is_measurable(labels: Labels) -> bool:
    """Whether there are enough rows with and without the label."""
    return min(int(labels.sum()), int((~labels).sum())) >= FEWEST_OF_A_KIND


def stratified(labels: Labels, parts: int = FOLDS) -> list[Split]:
    """Split rows into parts with the same share of labels, shuffled by `SEED`."""
    folds = StratifiedKFold(parts, shuffle=True, random_state=SEED)
    return list(folds.split(np.zeros(labels.size), labels))


def grouped(groups: NDArray[np.str_], folds: int = FOLDS) -> list[Split]:
    """Split rows so that nobody's rows are on both sides; fewer groups than folds make fewer folds."""
    parts = min(folds, np.unique(groups).size)
    return list(GroupKFold(parts).split(np.zeros(groups.size), groups=groups)) if parts > 1 else []


def held_out(splits: Iterable[Split], count: int, scorer: Scorer) -> Numbers:
    """Give each row's score by the model that did not see it."""
    scores = np.full(count, np.nan)
    for train, test in splits:
        scores[test] = scorer(train, test)
    return scores


def best_threshold(labels: Labels, scores: Numbers) -> float:
    """Give the threshold for F1 from rows of the training part: half of the best F1 that any threshold reaches there.

    For scores that are probabilities the best threshold is half of the best F1 (Lipton, Elkan and Naryanaswamy 2014). The best
    F1 hardly moves with the sample, the threshold at which it was reached does.
    """
    precision, recall, _ = precision_recall_curve(labels, scores)
    return float((2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()) / 2


def auc(labels: Labels, scores: Numbers) -> float:
    """Area under the ROC curve: how often a row with the label stands above one without."""
    return round(float(roc_auc_score(labels, scores)), 4)


def average_precision(labels: Labels, scores: Numbers) -> float:
    """Average precision (AP)."""
    return round(float(average_precision_score(labels, scores)), 4)


def f1(labels: Labels, flagged: NDArray[np.bool_]) -> float:
    """F1 of rows that were flagged."""
    return round(float(f1_score(labels, flagged, zero_division=0)), 4)
