"""The ranker: puts tenders, rounds or bidders in the order in which a person should look at them, and says why. Pure.

1. It orders; it decides nothing. A score is a probability only as far as the labels it was fitted on are the truth.
2. A *sign* is a promise: a feature with sign +1 never lowers the score when it grows, one with -1 never raises it, whatever
   the labels say. Across markets, where nothing local corrects the fit, every feature has a sign.
3. A feature may be *not a number* (its screen was undefined); the boosted trees take that as it is.
4. The same table, labels and settings give the same scores, bit for bit on one machine: seeds are named, one thread.

Boosted trees: Friedman 2001; extremely randomised trees: Geurts, Ernst and Wehenkel 2006; both of scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

Numbers = NDArray[np.float64]
Labels = NDArray[np.bool_]

UNDEFINED: Final = -1.0
"""What stands for *not a number* where trees cannot take it; no screen is below zero but skewness, which it may meet."""
_EDGE: Final = 1e-6


class RankerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a ranker is fitted; chosen beforehand, named in every stored table."""

    seeds: tuple[int, ...] = (0, 1, 2)
    rounds: int = 120
    rate: float = 0.05
    leaves: int = 8
    smallest_leaf: int = 10
    penalty: float = 1.0
    features_share: float = 0.3
    trees: int = 200
    """Randomised trees beside the boosted ones; none where signs are promised."""
    tree_smallest_leaf: int = 1
    trees_share: float = 0.5
    """How much the randomised trees count in a score."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """By how much one feature moved a score (in log-odds), against the value that is usual among rows without a finding."""

    feature: str
    value: float | None
    usual: float | None
    moved: float


@dataclass(frozen=True, slots=True)
class Ranker:
    """A fitted ranker: `score` orders rows, `reasons` says what moved one row's score."""

    names: tuple[str, ...]
    usual: Numbers
    boosted: Sequence[Any] = field(repr=False)
    forest: Any | None = field(repr=False)
    forest_columns: tuple[int, ...]
    trees_share: float

    def score(self, table: Numbers) -> Numbers:
        """Give a score between 0 and 1 for each row: the higher, the sooner somebody should look."""
        boosted, forest = self.parts(table)
        return boosted if forest is None else joined(boosted, forest, self.trees_share)

    def parts(self, table: Numbers) -> tuple[Numbers, Numbers | None]:
        """Give the scores of the boosted and of the randomised trees on their own."""
        with threadpool_limits(limits=1):
            boosted = np.mean([model.predict_proba(table)[:, 1] for model in self.boosted], axis=0)
            if self.forest is None:
                return np.asarray(boosted, dtype=np.float64), None
            forest = self.forest.predict_proba(_filled(table[:, self.forest_columns]))[:, 1]
        return np.asarray(boosted, dtype=np.float64), np.asarray(forest, dtype=np.float64)

    def reasons(self, row: Numbers, limit: int = 3) -> tuple[Reason, ...]:
        """Give the features that raised this row's score most.

        Each is set back to its usual value with the others as they are, and set to the row's with the others at theirs; the mean of both moves counts, so that
        two features that tell the same do not hide each other.
        """
        count = len(self.names)
        without, alone = np.tile(row, (count, 1)), np.tile(self.usual, (count, 1))
        each = np.arange(count)
        without[each, each], alone[each, each] = self.usual, row
        odds = _log_odds(self.score(np.vstack([row, self.usual, without, alone])))
        moved = ((odds[0] - odds[2 : 2 + count]) + (odds[2 + count :] - odds[1])) / 2
        order = sorted(range(count), key=lambda at: (-moved[at], self.names[at]))
        return tuple(
            Reason(
                feature=self.names[at],
                value=_known(row[at]),
                usual=_known(self.usual[at]),
                moved=round(float(moved[at]), 4),
            )
            for at in order[:limit]
            if moved[at] > 0
        )


def joined(boosted: Numbers, forest: Numbers, trees_share: float) -> Numbers:
    """Join the scores of boosted and randomised trees."""
    return (1 - trees_share) * boosted + trees_share * forest


def fit_ranker(
    table: Numbers,
    labels: Labels,
    *,
    names: Sequence[str],
    settings: RankerSettings,
    signs: Mapping[str, int] | None = None,
    weights: Numbers | None = None,
    trees_on: Sequence[str] | None = None,
) -> Ranker:
    """Fit a ranker on rows with labels; ``signs`` are promised for the features that they name (then no forest stands beside).

    ``trees_on`` names the features that the randomised trees read, all if it is None.

    Raises `AssertionError` where all labels are the same or the names do not fit the table.
    """
    assert table.shape == (labels.size, len(names)), f"{table.shape} for {labels.size} labels and {len(names)} names"
    assert labels.any(), "a ranker is fitted on positives"
    assert not labels.all(), "a ranker is fitted on negatives"
    columns = tuple(at for at, name in enumerate(names) if trees_on is None or name in trees_on)
    constraints = [(signs or {}).get(name, 0) for name in names]
    with threadpool_limits(limits=1):
        boosted = [_boosted(settings, seed, constraints).fit(table, labels, weights) for seed in settings.seeds]
        has_forest = settings.trees > 0 and not signs
        forest = _forest(settings).fit(_filled(table[:, columns]), labels, weights) if has_forest else None
    return Ranker(
        names=tuple(names),
        usual=_medians(table[~labels]),
        boosted=boosted,
        forest=forest,
        forest_columns=columns,
        trees_share=settings.trees_share,
    )


def _boosted(settings: RankerSettings, seed: int, constraints: Sequence[int]) -> Any:  # noqa: ANN401 - sklearn is untyped
    return HistGradientBoostingClassifier(
        max_iter=settings.rounds,
        learning_rate=settings.rate,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.smallest_leaf,
        l2_regularization=settings.penalty,
        max_features=settings.features_share,
        monotonic_cst=list(constraints),
        early_stopping=False,
        random_state=seed,
    )


def _forest(settings: RankerSettings) -> Any:  # noqa: ANN401 - sklearn is untyped
    return ExtraTreesClassifier(
        settings.trees,
        class_weight="balanced",
        min_samples_leaf=settings.tree_smallest_leaf,
        max_features="sqrt",
        random_state=settings.seeds[0],
        n_jobs=1,
    )


def _filled(table: Numbers) -> Numbers:
    return np.where(np.isfinite(table), table, UNDEFINED)


def _medians(table: Numbers) -> Numbers:
    kept = [column[np.isfinite(column)] for column in table.T]
    return np.array([float(np.median(column)) if column.size else np.nan for column in kept])


def _log_odds(scores: Numbers) -> Numbers:
    held = np.clip(scores, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(held / (1 - held)), dtype=np.float64)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
