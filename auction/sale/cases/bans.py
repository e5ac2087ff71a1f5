"""Bans from bidding: on which ground, and for which classes of assets each holds. Pure.

1. The enforcing court, the platform, auxiliary bodies, their staff and near relatives: for every asset (网拍 34).
2. A listed dishonest debtor: for houses (房屋), dwellings or not (发改财金〔2018〕370号); the rules of the list itself know no
   general ban.
3. A restriction on consumption: for immovables and vehicles (限制消费规定 3), not for goods, shares or other rights.
4. The judgment debtor as such may bid, and so may the applicant (拍变 12).

5. A listing or a restriction that the enforcing court decided itself ends with its own lifting; the note of another's ends
   with the keeper's newer word (限制消费规定 9; 失信规定 10).

Who is kept out without a ground that holds makes the sale voidable too (网拍 31(5)).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from auction.sale.cases.assets import AssetClass

BanGround = Literal[
    "enforcing_court", "platform", "auxiliary_body", "near_relative", "listed_dishonest", "consumption_restricted"
]
_HOUSES = frozenset({AssetClass.HOME, AssetClass.BUILDING})
_IMMOVABLES = _HOUSES | {AssetClass.LAND}
_SCOPES: dict[str, frozenset[AssetClass]] = {
    "listed_dishonest": _HOUSES,
    "consumption_restricted": _IMMOVABLES | {AssetClass.VEHICLE},
}
"""Grounds that hold for some classes only; every other ground holds for all."""
LIFTED_BY_COURT: frozenset[BanGround] = frozenset({"listed_dishonest", "consumption_restricted"})
"""Grounds that a court decides and lifts; the other ones lie in who somebody is, and are never lifted."""


def holds_for(ground: str, asset_class: AssetClass) -> bool:
    """Whether a ban on this ground keeps a person from bidding for an asset of this class (rules 1 to 3)."""
    return asset_class in _SCOPES.get(ground, frozenset(AssetClass))


def any_holds(grounds: Collection[str], asset_class: AssetClass) -> bool:
    """Whether one of these grounds holds for this class."""
    return any(holds_for(ground, asset_class) for ground in grounds)
