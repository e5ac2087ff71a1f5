"""A platform's own small model: price data of three kinds, adjusted to the asset, their weighted mean.

1. Deterministic: the same platform and the same features always give the same samples and the same value.
2. Every report lists past deals, guide prices and public market prices, each with place, date and adjustment.
3. Whole numbers only: prices in fen, areas in square centimetres, factors in per mille; halves round up.

The price tables are made up; they are no statement about any real place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from web.sandbox.book import Document
from web.sandbox.refused import Refused

Kind = Literal["past_deal", "guide_price", "public_market_price"]
CM2_PER_M2 = 10_000
SAMPLES: tuple[tuple[Kind, int, int], ...] = (
    ("past_deal", 4, 500),
    ("guide_price", 1, 200),
    ("public_market_price", 4, 300),
)
"""Kind, how many samples, and its weight in per mille."""

_DISTRICT_YUAN_PER_M2 = {
    "滨江区": 36_800,
    "拱墅区": 31_200,
    "城西区": 24_600,
    "高新区": 28_900,
    "老城区": 19_800,
    "临港区": 13_500,
}
_LOWEST_YUAN, _SPREAD_YUAN = 9_000, 24_000
_CLASS_PER_MILLE = {"home": 1000, "building": 1180, "land": 300}
_ORIENTATION_PER_MILLE = {
    "south": 1020,
    "南": 1020,
    "南北": 1030,
    "north": 965,
    "北": 965,
    "east": 995,
    "东": 995,
    "west": 985,
    "西": 985,
}
_DECORATION_PER_MILLE = {
    "fine": 1040,
    "精装": 1040,
    "精装修": 1040,
    "simple": 1000,
    "简装": 1000,
    "rough": 960,
    "毛坯": 960,
}
_AGE_PER_MILLE_A_YEAR, _AGE_FLOOR = 8, 640
_VEHICLE_PER_MILLE_A_YEAR, _VEHICLE_FLOOR = 130, 80
_SOURCES: dict[Kind, str] = {
    "past_deal": "沙箱成交案例库",
    "guide_price": "沙箱政府指导价公示",
    "public_market_price": "沙箱公开挂牌信息",
}


@dataclass(frozen=True)
class Asset:
    """What the model reads of the features; what it does not know it leaves at rest."""

    asset_class: str
    city: str
    district: str
    address: str
    quantity_cm2: int
    built_year: int
    floor: int
    floors: int
    orientation: str
    decoration: str
    new_price_fen: int
    """Price when new, for vehicles and equipment; 0 for anything measured by area."""


def read_asset(features: Document) -> Asset:
    """Read the features; refuses an asset that the platform cannot value (参考价 9: a platform gives its reason)."""
    asset = Asset(
        asset_class=_text(features, "asset_class"),
        city=_text(features, "city"),
        district=_text(features, "district"),
        address=_text(features, "address"),
        quantity_cm2=_whole(features, "area_cm2"),
        built_year=_whole(features, "built_year"),
        floor=_whole(features, "floor"),
        floors=_whole(features, "floors"),
        orientation=_text(features, "orientation"),
        decoration=_text(features, "decoration"),
        new_price_fen=_whole(features, "new_price_fen"),
    )
    if asset.quantity_cm2 <= 0 and asset.new_price_fen <= 0:
        raise Refused(
            422, "asset_not_valuable", "Neither area_cm2 nor new_price_fen is given; this platform cannot value it."
        )
    return asset


def value_asset(asset: Asset, *, platform: str, on: date) -> Document:
    """Give samples, their means by kind, and the value on a day."""
    samples = [
        _sample(asset, platform=platform, on=on, kind=kind, number=number)
        for kind, count, _ in SAMPLES
        for number in range(count)
    ]
    means = {kind: _mean([s["adjusted_fen"] for s in samples if s["kind"] == kind]) for kind, _, _ in SAMPLES}
    weighted = sum(means[kind] * weight for kind, _, weight in SAMPLES)
    return {
        "samples": samples,
        "means_fen": means,
        "weights_per_mille": {kind: weight for kind, _, weight in SAMPLES},
        "value_fen": _per_mille(weighted, 1),
    }


def _sample(asset: Asset, *, platform: str, on: date, kind: Kind, number: int) -> Document:
    seed = f"{asset.city}|{asset.district}|{asset.address}|{kind}|{number}"
    days_ago = 20 + _dice(f"{platform}|{seed}|day", 300)
    spread = 0 if kind == "guide_price" else _dice(f"{platform}|{seed}|price", 121) - 60
    listing = {"past_deal": 1000, "guide_price": 930, "public_market_price": 1045}[kind]
    bias = 985 + _dice(f"{platform}|bias", 31)
    unit = _per_mille(_per_mille(_unit_fen(asset), listing), 1000 + spread)
    adjusted_unit = _per_mille(unit, bias)
    return {
        "kind": kind,
        "source": _SOURCES[kind],
        "reference": f"{kind}-{hashlib.sha256((platform + seed).encode()).hexdigest()[:10]}",
        "place": f"{asset.city}{asset.district}",
        "priced_on": (on - timedelta(days=days_ago)).isoformat(),
        "unit_price_fen": unit,
        "adjustment_per_mille": bias,
        "adjusted_fen": _whole_fen(adjusted_unit, asset),
    }


def _unit_fen(asset: Asset) -> int:
    """Fen per square metre after adjustments, or fen for the whole of what has a price when new."""
    if asset.quantity_cm2 <= 0:
        worn = max(_VEHICLE_FLOOR, 1000 - _VEHICLE_PER_MILLE_A_YEAR * _age(asset))
        return _per_mille(asset.new_price_fen, worn)
    place = f"{asset.city}|{asset.district}"
    yuan = _DISTRICT_YUAN_PER_M2.get(asset.district, _LOWEST_YUAN + _dice(place, _SPREAD_YUAN))
    unit = _per_mille(yuan * 100, _CLASS_PER_MILLE.get(asset.asset_class, 1000))
    unit = _per_mille(unit, max(_AGE_FLOOR, 1000 - _AGE_PER_MILLE_A_YEAR * _age(asset)))
    unit = _per_mille(unit, _storey_per_mille(asset))
    unit = _per_mille(unit, _ORIENTATION_PER_MILLE.get(asset.orientation, 1000))
    return _per_mille(unit, _DECORATION_PER_MILLE.get(asset.decoration, 1000))


def _storey_per_mille(asset: Asset) -> int:
    """The middle of the house is dearest; ground and top floor are cheapest."""
    if asset.floors <= 1 or not 1 <= asset.floor <= asset.floors:
        return 1000
    from_edge = min(asset.floor - 1, asset.floors - asset.floor)
    return 970 + min(50, 100 * from_edge // (asset.floors - 1))


def _whole_fen(unit: int, asset: Asset) -> int:
    if asset.quantity_cm2 <= 0:
        return unit
    return (unit * asset.quantity_cm2 + CM2_PER_M2 // 2) // CM2_PER_M2


def _age(asset: Asset) -> int:
    """Years in 2026, the year of the price tables; an unknown year counts as twenty."""
    return 20 if asset.built_year <= 0 else max(0, 2026 - asset.built_year)


def _mean(amounts: list[int]) -> int:
    return (2 * sum(amounts) + len(amounts)) // (2 * len(amounts))


def _per_mille(amount: int, factor: int) -> int:
    return (amount * factor + 500) // 1000


def _dice(seed: str, sides: int) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % sides


def _text(features: Document, name: str) -> str:
    value = features.get(name, "")
    if not isinstance(value, str) or len(value) > 200:
        raise Refused(400, "malformed", f"Feature {name} is a text of at most 200 characters.")
    return value


def _whole(features: Document, name: str) -> int:
    value = features.get(name)
    if value is None:
        return 0
    if type(value) is not int or not -(10**14) < value < 10**14:
        raise Refused(400, "malformed", f"Feature {name} is a whole number below 10^14.")
    return value
