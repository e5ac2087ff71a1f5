"""Measure sealed tenders with an authority's finding: prices only, tender level, within markets, pooled, and one market left out.

Within a market the ranker is fitted locally: boosted trees on all screens and randomised trees on those of the whole tender, no
promised signs; how much each counts is chosen inside the training part. Across markets only the
screens of variance are used, as ranks inside their own market (which needs no label), with promised signs; how many of them is chosen
inside the training markets, each left out in turn. A market of one kind only is counted and told, not measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from bidding.integrity.evaluation.files import TENDERS, number_in, rows_of
from bidding.integrity.evaluation.rows import Figure, Row
from bidding.integrity.evaluation.scoring import FOLDS, SEED, Scorer, auc, held_out, is_measurable, stratified
from bidding.integrity.screens.ranker import Labels, Numbers, Ranker, RankerSettings, fit_ranker, joined
from bidding.integrity.screens.sealed_prices import FEWEST, LOW_POINTS, NAMES, SHAPE, TEN, screens_of

WITHIN: Final = "tenders_within_markets"
LEFT_OUT: Final = "tenders_one_market_left_out"
COLUMNS: Final = ("tender", "dataset", "collusive_tender", "bid_value_eur")
FLOORS: Final[Mapping[str, float]] = {
    "brazil_carwash": 0.88,
    "italy_turin": 0.90,
    "japan_okinawa": 0.79,
    "swiss_gr_seegaster": 0.71,
}
"""To be exceeded; a market that is not named here has no floor but its own reproduction."""
POOLED_FLOOR: Final = 0.80
LEFT_OUT_FLOOR: Final = 0.60
CHANCE: Final = 0.49
SETTINGS: Final = RankerSettings()
ACROSS: Final = RankerSettings(
    seeds=(0,), rounds=60, leaves=6, smallest_leaf=30, penalty=5.0, features_share=1.0, trees=0
)
SMALLEST_LEAF: Final = 3
LEAVES_OF_FEW: Final = 20
VARIANCE: Final = (
    ("cv", "spd"),
    ("cv", "spd", "losers_cv", "cv_4_mean"),
    tuple(LOW_POINTS),
)
"""Candidate sets of screens across markets, from the simplest on."""
FLOOR_TREES: Final = 200
INNER_FOLDS: Final = 3
INNER_TREES: Final = 100
SHARES: Final = (0.5, 1.0, 0.0)
"""How much the randomised trees may count; of equals the first."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tenders:
    """Tenders with at least `FEWEST` prices: screens, labels, markets; the others are only counted."""

    table: Numbers
    labels: Labels
    markets: NDArray[np.str_]
    too_few_prices: int
    left_out: int

    def of(self, market: str) -> Rows:
        """Give the tenders of one market."""
        return np.flatnonzero(self.markets == market)

    @property
    def measurable(self) -> list[str]:
        """Markets with enough tenders of both kinds."""
        return [str(one) for one in np.unique(self.markets) if is_measurable(self.labels[self.of(str(one))])]


def read_tenders(rows: Iterable[Mapping[str, str]]) -> Tenders:
    """Read prices and findings; a row without a positive price or a finding is left out and counted."""
    prices: dict[tuple[str, str], list[float]] = defaultdict(list)
    found: dict[tuple[str, str], bool] = {}
    left_out = 0
    for row in rows:
        key, price = (row["dataset"], row["tender"]), number_in(row["bid_value_eur"])
        finding = number_in(row["collusive_tender"])
        if not price > 0 or finding not in {0.0, 1.0}:
            left_out += 1
            continue
        prices[key].append(price)
        found[key] = finding == 1.0
    kept = [key for key in prices if len(prices[key]) >= FEWEST]
    return Tenders(
        table=np.array([screens_of(prices[key]) for key in kept]).reshape(len(kept), len(NAMES)),
        labels=np.array([found[key] for key in kept], dtype=np.bool_),
        markets=np.array([key[0] for key in kept], dtype=np.str_),
        too_few_prices=len(prices) - len(kept),
        left_out=left_out,
    )


def measure_tenders(folder: Path, settings: RankerSettings = SETTINGS, floor_trees: int = FLOOR_TREES) -> list[Row]:
    """Measure both rows; ``floor_trees`` is the size of the floor's forest. Raises `FileMissing`, `ColumnsMissing`."""
    tenders = read_tenders(rows_of(folder, TENDERS, COLUMNS))
    return [_within(tenders, settings, floor_trees), _across(tenders, floor_trees)]


def _within(tenders: Tenders, settings: RankerSettings, floor_trees: int) -> Row:
    figures = [_market_figure(tenders, market, settings, floor_trees) for market in tenders.measurable]
    everywhere = np.arange(tenders.labels.size)
    if is_measurable(tenders.labels):
        ours, floor = _five_fold(tenders, everywhere, settings, floor_trees)
        figures.append(Figure(name="pooled", value=ours, reproduced=floor, floor=POOLED_FLOOR))
    return Row(
        key=WITHIN,
        data=TENDERS,
        protocol_zh="按标、仅价格、报价不少于3个；各市场内及合并后分层5折；AUC",
        protocol_en="tender level, prices only, at least 3 prices; 5 stratified folds within each market and pooled; AUC",
        state="measured" if figures else "too_small",
        figures=tuple(figures),
        counts=_counts(tenders),
        choices={
            "folds": FOLDS,
            "seed": SEED,
            "screens": len(NAMES),
            "ranker": msgspec.to_builtins(settings),
            "trees_share": f"one of {list(SHARES)}, chosen inside the training part, {INNER_FOLDS} folds",
            "trees_on": "the screens of the whole tender; boosted trees read subsets, too",
            "floor": f"extremely randomised trees, {floor_trees}, balanced, the ten published screens, seed {SEED}",
        },
    )


def _market_figure(tenders: Tenders, market: str, settings: RankerSettings, floor_trees: int) -> Figure:
    ours, floor = _five_fold(tenders, tenders.of(market), settings, floor_trees)
    return Figure(name=market, value=ours, reproduced=floor, floor=FLOORS.get(market))


def _five_fold(tenders: Tenders, rows: Rows, settings: RankerSettings, floor_trees: int) -> tuple[float, float]:
    """Give the AUC of our ranker and of the floor's, on the same folds of the same tenders."""
    table, labels = tenders.table[rows], tenders.labels[rows]
    splits = stratified(labels)
    scores = [
        held_out(splits, labels.size, scorer)
        for scorer in (_ranked(table, labels, settings), _floor(table, labels, floor_trees))
    ]
    return auc(labels, scores[0]), auc(labels, scores[1])


def _ranked(table: Numbers, labels: Labels, settings: RankerSettings) -> Scorer:
    def score(train: Rows, test: Rows) -> Numbers:
        chosen = msgspec.structs.replace(settings, trees_share=_trees_share(table[train], labels[train], settings))
        return _fitted(table[train], labels[train], chosen).score(table[test])

    return score


def _fitted(table: Numbers, labels: Labels, settings: RankerSettings) -> Ranker:
    return fit_ranker(table, labels, names=NAMES, settings=settings, trees_on=(*TEN, *SHAPE))


def _trees_share(table: Numbers, labels: Labels, settings: RankerSettings) -> float:
    """Choose inside the training part how much the randomised trees count: few tenders favour them, many the boosted ones."""
    light = msgspec.structs.replace(settings, seeds=settings.seeds[:1], trees=min(settings.trees, INNER_TREES))
    boosted, forest = np.zeros(labels.size), np.zeros(labels.size)
    for train, test in stratified(labels, INNER_FOLDS):
        boosted[test], other = _fitted(table[train], labels[train], light).parts(table[test])
        forest[test] = boosted[test] if other is None else other
    return max(SHARES, key=lambda share: auc(labels, joined(boosted, forest, share)))


def _floor(table: Numbers, labels: Labels, floor_trees: int) -> Scorer:
    ten = table[:, : len(TEN)]

    def score(train: Rows, test: Rows) -> Numbers:
        trees: Any = ExtraTreesClassifier(floor_trees, class_weight="balanced", random_state=SEED, n_jobs=1)
        return np.asarray(trees.fit(ten[train], labels[train]).predict_proba(ten[test])[:, 1], dtype=np.float64)

    return score


def ranks_inside(table: Numbers, markets: NDArray[np.str_]) -> Numbers:
    """Replace each screen by its rank among the tenders of the same market, between 0 and 1, ties shared. Uses no label."""
    ranked = np.full(table.shape, np.nan)
    for market in np.unique(markets):
        rows = np.flatnonzero(markets == market)
        for column in range(table.shape[1]):
            kept = rows[np.isfinite(table[rows, column])]
            ordered = np.sort(table[kept, column])
            sides = [np.searchsorted(ordered, table[kept, column], side=side) for side in ("left", "right")]
            ranked[kept, column] = (sides[0] + sides[1]) / (2 * max(kept.size, 1))
    return ranked


def _across(tenders: Tenders, floor_trees: int) -> Row:
    markets = tenders.measurable
    figures: list[Figure] = []
    chosen: dict[str, list[str]] = {}
    if len(markets) > 1:
        ranked = ranks_inside(tenders.table, tenders.markets)
        for market in markets:
            training = [other for other in markets if other != market]
            screens = _chosen(ranked, tenders, training)
            chosen[market] = list(screens)
            floor = _floor_transferred(tenders, training, market, floor_trees)
            figures.append(
                Figure(name=market, value=_transferred(ranked, tenders, training, market, screens), reproduced=floor)
            )
        figures.append(_mean(figures))
    return Row(
        key=LEFT_OUT,
        data=TENDERS,
        protocol_zh="每次留出一个市场，以其余市场训练；AUC及其平均值",
        protocol_en="one market left out, fitted on the others; AUC, and their average",
        state="measured" if figures else "too_small",
        figures=tuple(figures),
        counts=_counts(tenders),
        choices={
            "screens": chosen,
            "chosen": "by the same protocol among the training markets alone",
            "normalised": "ranks inside each market, without labels, the left-out market too",
            "signs": "lower variance never lowers the score",
            "weights": "each market and each finding counts the same",
            "ranker": msgspec.to_builtins(ACROSS),
            "floor": "randomised trees on the ten raw screens of the other markets",
            "chance": CHANCE,
        },
    )


def _mean(figures: Sequence[Figure]) -> Figure:
    ours = [one.value for one in figures if one.value is not None]
    floors = [one.reproduced for one in figures if one.reproduced is not None]
    return Figure(
        name="average",
        value=round(float(np.mean(ours)), 4),
        reproduced=round(float(np.mean(floors)), 4),
        floor=LEFT_OUT_FLOOR,
    )


def _chosen(ranked: Numbers, tenders: Tenders, training: Sequence[str]) -> tuple[str, ...]:
    """Choose a set of screens by leaving each training market out in turn; with one market, the simplest."""
    if len(training) < 2:
        return VARIANCE[0]

    def worth(screens: tuple[str, ...]) -> float:
        rest = {market: [other for other in training if other != market] for market in training}
        return float(np.mean([_transferred(ranked, tenders, rest[m], m, screens) for m in training]))

    return max(VARIANCE, key=worth)


def _transferred(
    ranked: Numbers, tenders: Tenders, training: Sequence[str], market: str, screens: Sequence[str]
) -> float:
    """Give the AUC in ``market`` of screens with promised signs, fitted on ``training``."""
    test = tenders.of(market)
    ranker = _fit(ranked, tenders, training, screens)
    return auc(tenders.labels[test], ranker.score(ranked[test][:, _columns(screens)]))


def _columns(screens: Sequence[str]) -> list[int]:
    return [NAMES.index(name) for name in screens]


def _fit(ranked: Numbers, tenders: Tenders, training: Sequence[str], screens: Sequence[str]) -> Ranker:
    train = np.flatnonzero(np.isin(tenders.markets, list(training)))
    return fit_ranker(
        ranked[train][:, _columns(screens)],
        tenders.labels[train],
        names=screens,
        settings=_settings_across(train.size),
        signs={name: LOW_POINTS[name] for name in screens},
        weights=_weights(tenders, train),
    )


def chosen_screens(tenders: Tenders, training: Sequence[str]) -> tuple[str, ...]:
    """Choose the screens that travel best among these markets, each left out in turn."""
    return _chosen(ranks_inside(tenders.table, tenders.markets), tenders, training)


def fit_across(tenders: Tenders, training: Sequence[str], screens: Sequence[str]) -> Ranker:
    """Fit what ranks a market that is none of these: by ranks inside each market, with promised signs."""
    return _fit(ranks_inside(tenders.table, tenders.markets), tenders, training, screens)


def _settings_across(count: int) -> RankerSettings:
    """Give the settings across markets; with few tenders smaller leaves, or nothing could be told apart."""
    leaf = min(ACROSS.smallest_leaf, max(SMALLEST_LEAF, count // LEAVES_OF_FEW))
    return msgspec.structs.replace(ACROSS, smallest_leaf=leaf)


def _floor_transferred(tenders: Tenders, training: Sequence[str], market: str, floor_trees: int) -> float:
    train, test = np.flatnonzero(np.isin(tenders.markets, list(training))), tenders.of(market)
    return auc(tenders.labels[test], _floor(tenders.table, tenders.labels, floor_trees)(train, test))


def _weights(tenders: Tenders, rows: Rows) -> Numbers:
    """Let each market and each finding in it count the same, whatever its number of tenders."""
    kinds = [(str(tenders.markets[row]), bool(tenders.labels[row])) for row in rows]
    size = {kind: kinds.count(kind) for kind in set(kinds)}
    weights = np.array([1 / size[kind] for kind in kinds])
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _counts(tenders: Tenders) -> dict[str, Any]:
    markets = {
        str(market): {
            "tenders": int(tenders.of(str(market)).size),
            "with_finding": int(tenders.labels[tenders.of(str(market))].sum()),
        }
        for market in np.unique(tenders.markets)
    }
    measurable = tenders.measurable
    return {
        "markets": markets,
        "not_measurable": [market for market in markets if market not in measurable],
        "too_few_prices": tenders.too_few_prices,
        "left_out": tenders.left_out,
    }
