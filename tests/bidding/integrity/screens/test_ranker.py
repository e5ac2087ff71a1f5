from __future__ import annotations

import numpy as np
import pytest

from bidding.integrity.screens.ranker import Labels, Numbers, Ranker, RankerSettings, fit_ranker

SMALL = RankerSettings(seeds=(0,), rounds=20, trees=10, smallest_leaf=5, features_share=1.0)
NAMES = ("telling", "noise")


def _sample() -> tuple[Numbers, Labels]:
    rng = np.random.default_rng(3)
    table = rng.random((200, 2))
    return table, np.asarray(table[:, 0] + rng.normal(0, 0.2, 200) > 0.6)


def _ranker(signs: dict[str, int] | None = None) -> Ranker:
    table, labels = _sample()
    return fit_ranker(table, labels, names=NAMES, settings=SMALL, signs=signs)


def test_same_rows_and_seeds_give_the_same_scores() -> None:
    """A ranker fitted twice scores alike, bit for bit."""
    table, _ = _sample()

    assert np.array_equal(_ranker().score(table), _ranker().score(table))


def test_promised_sign_holds_whatever_the_labels_say() -> None:
    """A feature that may not lower the score does not, even if the labels would have it lower it."""
    table, labels = _sample()
    against = fit_ranker(table, ~labels, names=NAMES, settings=SMALL, signs={"telling": 1})
    path = np.column_stack([np.linspace(0, 1, 50), np.full(50, 0.5)])

    assert (np.diff(against.score(path)) >= 0).all()


def test_feature_that_is_no_number_is_taken() -> None:
    """A screen that is undefined neither fails nor scores as not a number."""
    assert np.isfinite(_ranker().score(np.array([[np.nan, 0.5]]))).all()


def test_reasons_name_what_raised_the_score() -> None:
    """The first reason is the feature that carries the label; a row that nothing raised has none."""
    ranker = _ranker(signs={"telling": 1})

    assert ranker.reasons(np.array([0.99, 0.5]))[0].feature == "telling"
    assert [one for one in ranker.reasons(np.array([0.01, ranker.usual[1]])) if one.feature == "telling"] == []


@pytest.mark.parametrize("label", [True, False])
def test_labels_of_one_kind_fit_nothing(label: bool) -> None:
    """A ranker is not fitted on positives alone, nor on negatives alone."""
    table, _ = _sample()
    with pytest.raises(AssertionError):
        fit_ranker(table, np.full(200, label), names=NAMES, settings=SMALL)
