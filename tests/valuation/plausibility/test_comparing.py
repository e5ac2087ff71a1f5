"""Reference prices against hammer prices: exact figures, groups, few lots, places."""

from __future__ import annotations

from fractions import Fraction

import pytest

from valuation.plausibility.comparing import SMALL, Sold, compare, percent, place_of, quantile, total_of


def sold(reference: int, hammer: int, source: str = "a") -> Sold:
    """A sold lot."""
    return Sold(reference_fen=reference, hammer_fen=hammer, asset_class="home", place="北京市朝阳区", source=source)


def test_median_quartiles_and_shares_are_exact() -> None:
    """Ratios 0.8, 0.9, 1.0, 1.1, 1.21: the middle is 100 %, three lie within ten, four within twenty."""
    (row,) = compare([sold(100, h) for h in (80, 90, 100, 110, 121)], groups=("all",))

    assert (row.n, row.median, row.spread) == (5, "100.0", "90.0–110.0")
    assert (row.within_10, row.within_20) == ("60.0", "80.0")
    assert (row.lowest, row.highest) == ("80.0", "121.0")


@pytest.mark.parametrize(("hammer", "share"), [(89, "0.0"), (90, "100.0"), (110, "100.0"), (111, "0.0")])
def test_ten_per_cent_includes_its_ends(hammer: int, share: str) -> None:
    """Exactly ten per cent away is within."""
    assert compare([sold(100, hammer)], groups=("all",))[0].within_10 == share


@pytest.mark.parametrize(("n", "is_small"), [(SMALL - 1, True), (SMALL, False), (SMALL + 1, False)])
def test_few_lots_are_said_to_be_few(n: int, is_small: bool) -> None:
    """Below the limit the figure carries a remark in both languages."""
    remark = compare([sold(100, 100)] * n, groups=("all",))[0].remark

    assert bool(remark.zh and remark.en) is is_small


def test_groups_are_told_apart_the_largest_first() -> None:
    """By source, two rows; without a lot, none; a lot without a price stays out."""
    rows = compare([sold(100, 90, "b"), sold(100, 80, "a"), sold(100, 70, "a"), sold(0, 100)], groups=("all", "source"))

    assert [(row.by, row.name, row.n) for row in rows] == [("all", "", 3), ("source", "a", 2), ("source", "b", 1)]
    assert total_of(rows) == 3
    assert compare([]) == []


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(Fraction(1, 3), "33.3"), (Fraction(2, 3), "66.7"), (Fraction(1, 2000), "0.1"), (Fraction(-1, 10), "-10.0")],
)
def test_per_cent_is_rounded_half_up(ratio: Fraction, text: str) -> None:
    """To a tenth, halves up; a negative one keeps its sign."""
    assert percent(ratio) == text


def test_quantile_between_two_values() -> None:
    """The middle of two is their mean."""
    assert quantile([Fraction(1), Fraction(2)], Fraction(1, 2)) == Fraction(3, 2)
    assert quantile([Fraction(7)], Fraction(3, 4)) == 7


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("北京市朝阳区测试路1号", "北京市朝阳区"),
        ("浙江省杭州市滨江区江畔路8号", "杭州市滨江区"),
        ("杭州市桐庐县示例路1号", "杭州市桐庐县"),
        ("示例路1号", "—"),
        ("", "—"),
    ],
)
def test_place_is_city_and_district(address: str, place: str) -> None:
    """What an address does not name is not guessed."""
    assert place_of(address) == place
