"""Each ban holds for the assets that its rule names, and for no others."""

from __future__ import annotations

from typing import get_args

import pytest

from auction.sale.cases.assets import AssetClass
from auction.sale.cases.bans import BanGround, any_holds, holds_for

HOUSES = {AssetClass.HOME, AssetClass.BUILDING}
RESTRICTED = {AssetClass.HOME, AssetClass.BUILDING, AssetClass.LAND, AssetClass.VEHICLE}
EVERYTHING = set(AssetClass)


@pytest.mark.parametrize(
    ("ground", "classes"),
    [
        ("enforcing_court", EVERYTHING),  # 网拍 34
        ("platform", EVERYTHING),
        ("auxiliary_body", EVERYTHING),
        ("near_relative", EVERYTHING),
        ("listed_dishonest", HOUSES),  # 发改财金〔2018〕370号
        ("consumption_restricted", RESTRICTED),  # 限制消费规定 3
    ],
)
def test_ban_holds_for_its_assets_only(ground: str, classes: set[AssetClass]) -> None:
    """A ban keeps out of what its rule names; a listed debtor may bid for anything but a house."""
    assert {asset_class for asset_class in AssetClass if holds_for(ground, asset_class)} == classes


def test_every_ground_is_judged() -> None:
    """No ground that an officer may record is without a scope that a test states."""
    assert len(get_args(BanGround)) == 6


def test_one_ground_that_holds_is_enough() -> None:
    """Several grounds are several rules: each is looked at by itself, and none of them is none."""
    assert any_holds(["listed_dishonest", "near_relative"], AssetClass.EQUITY)
    assert not any_holds(["listed_dishonest", "consumption_restricted"], AssetClass.EQUITY)
    assert not any_holds([], AssetClass.HOME)
