"""Assets: their classes, and what must be known of each before it is listed.

1. Movables and vehicles follow the shorter notice and seizure terms; all else counts as immovable or right.
2. Each class has mandatory fields (238号 1, 6); a value carries its source and the day it was true. *Unknown* is a
   value only where the law lets it stand; it never stands for "no" (practice 8).
3. A vehicle that is not in the court's custody is not listed (practice 6).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

import msgspec

from auction.kernel.errors import Malformed, NotFound


class AssetClass(StrEnum):
    """Class of an asset."""

    HOME = "home"  # 住宅
    BUILDING = "building"  # 非住宅房屋
    LAND = "land"  # 土地使用权
    VEHICLE = "vehicle"  # 机动车
    MOVABLE = "movable"  # 其他动产
    EQUITY = "equity"  # 股权
    RIGHT = "right"  # 其他财产权


_MOVABLES = frozenset({AssetClass.VEHICLE, AssetClass.MOVABLE})

FIELD_TITLES: dict[str, tuple[str, str]] = {
    "title": ("权属状况", "title"),
    "burdens": ("权利负担", "burdens"),
    "possession": ("占有使用情况", "possession"),
    "floor_plan": ("户型图", "floor plan"),
    "tax_heads": ("税种", "tax heads"),
    "tax_rates": ("税率", "tax rates"),
    "arrears": ("欠缴税费", "unpaid taxes and charges"),
    "defects": ("已知瑕疵", "known defects"),
    "lease_rent": ("租金及支付情况", "rent and its payment"),
    "lease_term": ("租赁期限", "term of the lease"),
    "lease_holder": ("承租人", "tenant"),
    "registration": ("登记情况", "registration"),
    "violations": ("违章情况", "traffic violations"),
    "emission_standard": ("排放标准", "emission standard"),
    "mileage": ("行驶里程", "mileage"),
    "condition": ("品质状况", "condition"),
    "storage": ("存放地点", "place of storage"),
    "expiry": ("保质期", "expiry"),
    "share_ratio": ("持股比例", "share held"),
    "capital_subscribed": ("认缴出资", "subscribed capital"),
    "capital_paid": ("实缴出资", "paid capital"),
    "statements": ("财务报表", "financial statements"),
    "dividends": ("分红情况", "dividends"),
    "area": ("建筑面积", "floor area"),
    "use": ("用途", "use"),
    "built_in": ("建成年代", "year built"),
    "viewing": ("看样安排", "viewing"),
}
"""Every field a fact may name, with its titles."""

_IMMOVABLE = ("title", "burdens", "possession", "floor_plan", "tax_heads", "tax_rates", "arrears", "defects")
MANDATORY: dict[AssetClass, tuple[str, ...]] = {
    AssetClass.HOME: _IMMOVABLE,
    AssetClass.BUILDING: _IMMOVABLE,
    AssetClass.LAND: ("title", "burdens", "possession", "tax_heads", "tax_rates", "arrears", "defects"),
    AssetClass.VEHICLE: ("title", "burdens", "registration", "violations", "emission_standard", "mileage", "defects"),
    AssetClass.MOVABLE: ("title", "burdens", "condition", "storage", "defects"),
    AssetClass.EQUITY: (
        *("title", "burdens", "share_ratio", "capital_subscribed", "capital_paid"),
        *("statements", "dividends", "defects"),
    ),
    AssetClass.RIGHT: ("title", "burdens", "defects"),
}
"""Fields without which an asset is not listed. Source: 238号 1, 6."""

LEASE_FIELDS = ("lease_rent", "lease_term", "lease_holder")
"""What must be said of a lease that goes with the asset. Source: 238号 6."""


class AssetUnknown(NotFound):
    """No such asset in this case."""

    code = "asset_unknown"
    article = "house: an asset is known by its id"
    zh = "没有该财产。"
    en = "There is no such asset."


class FactFieldUnknown(Malformed):
    """No fact has this field."""

    code = "asset_field_unknown"
    article = "238号 1"
    zh = "没有“{field}”这一调查事项。"
    en = "There is no asset field {field!r}."


class FactInFuture(Malformed):
    """A fact cannot have been true on a later day only."""

    code = "asset_fact_in_future"
    article = "practice 8, every answer has an as-of date"
    zh = "调查事项“{field}”的查询日期 {as_of} 晚于今日。"
    en = "The fact {field!r} is dated {as_of}, which is later than today."


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one field, with where it came from and the day on which it was true."""

    field: str
    zh: str
    source: str
    as_of: date
    en: str = ""


def is_movable(asset_class: AssetClass) -> bool:
    """Whether the shorter terms for movables apply."""
    return asset_class in _MOVABLES


def category(asset_class: AssetClass) -> str:
    """Give the category under which the law's parameters list this class."""
    return "movable" if is_movable(asset_class) else "immovable_or_right"


def check_fact(fact: Fact, *, today: date) -> None:
    """Refuse an unknown field or a later day. Raises: `FactFieldUnknown`, `FactInFuture`."""
    if fact.field not in FIELD_TITLES or not fact.zh.strip() or not fact.source.strip():
        raise FactFieldUnknown(field=fact.field)
    if fact.as_of > today:
        raise FactInFuture(field=fact.field, as_of=fact.as_of)


def missing_fields(asset_class: AssetClass, known: Collection[str], *, has_lease: bool) -> tuple[str, ...]:
    """Give the mandatory fields that are still missing, in the order of the list."""
    needed = MANDATORY[asset_class] + (LEASE_FIELDS if has_lease else ())
    return tuple(field for field in needed if field not in known)
