"""Signals on a price: each with its figures, in both languages, deciding nothing."""

from __future__ import annotations

from datetime import date

import pytest

from auction.contracts import ClosedLot
from auction.kernel.ids import new_id
from valuation.plausibility.comparing import Sold, compare
from valuation.plausibility.signals import COMPARABLE_LEAST, Signal, SourceValue, Valued, look_at

M2 = 10_000


def lot(hammer_fen: int, *, asset_class: str = "home", address: str = "北京市朝阳区示例路2号") -> ClosedLot:
    """A sold flat of 100 m²."""
    return ClosedLot(
        lot_id=new_id(),
        reference_price_id=new_id(),
        asset_class=asset_class,
        address=address,
        area_cm2=100 * M2,
        method="online_inquiry",
        reference_fen=hammer_fen,
        hammer_fen=hammer_fen,
        closed_on=date(2027, 3, 1),
    )


def valued(amount_fen: int, area_m2: int | None = 100) -> Valued:
    """A flat in the same district."""
    area = None if area_m2 is None else area_m2 * M2
    return Valued(asset_class="home", place="北京市朝阳区", area_cm2=area, amount_fen=amount_fen)


def sources(*values: int) -> list[SourceValue]:
    """Platforms with these results."""
    return [SourceValue(name=f"平台{n}", value_fen=value) for n, value in enumerate(values)]


def kinds(signals: list[Signal]) -> dict[str, str]:
    """Kind to tone."""
    return {signal.kind: signal.tone for signal in signals}


@pytest.mark.parametrize(("high", "tone"), [(129, "quiet"), (130, "quiet"), (131, "warn")])
def test_spread_between_sources(high: int, tone: str) -> None:
    """Up to thirty per cent it is said, beyond it is pointed at."""
    assert kinds(look_at(valued(100), sources(100, high), []))["spread"] == tone


def test_source_that_stands_apart_is_named() -> None:
    """Ten times the others: named with its distance; two sources alone tell nothing of who is apart."""
    found = [signal for signal in look_at(valued(100), sources(100, 102, 1_000), []) if signal.kind == "apart"]

    assert len(found) == 1
    assert "平台2" in found[0].said.zh
    assert "880.4" in found[0].said.en
    assert "apart" not in kinds(look_at(valued(100), sources(100, 1_000), []))


@pytest.mark.parametrize(
    ("amount", "kind", "tone"),
    [
        (79_999, "undervalued", "warn"),
        (80_000, "consistent", "quiet"),
        (120_000, "consistent", "quiet"),
        (120_001, "overvalued", "warn"),
    ],
)
def test_distance_from_comparable_sales(amount: int, kind: str, tone: str) -> None:
    """Beyond twenty per cent of the median per square metre: 低值高估 above, 高值低估 below."""
    sales = [lot(99_000), lot(100_000), lot(101_000)]

    assert kinds(look_at(valued(amount), [], sales))[kind] == tone


def test_too_few_sales_are_said_to_be_too_few() -> None:
    """Another class, another district or no area is no comparison; nothing is made of two."""
    others = [lot(1, asset_class="land"), lot(1, address="北京市海淀区示例路2号")]
    few = [lot(100_000)] * (COMPARABLE_LEAST - 1)

    assert set(kinds(look_at(valued(500_000), [], [*others, *few]))) == {"few_comparable"}
    assert set(kinds(look_at(valued(500_000, None), [], [lot(100_000)] * 9))) == {"few_comparable"}


def test_record_of_a_source_is_shown() -> None:
    """How a platform's figures came out before stands beside its present one."""
    record = compare(
        [Sold(reference_fen=100, hammer_fen=80, asset_class="home", place="x", source="平台0")], groups=("source",)
    )
    (signal,) = [one for one in look_at(valued(100), sources(100), [], record) if one.kind == "record"]

    assert "80.0%" in signal.said.zh
    assert "80.0 %" in signal.said.en
