"""The sandbox's own published table of seller-side heads, and what it makes of a sale.

1. Each head is its base times its rate, to the fen, halves upwards; the heads sum to the total.
2. Nothing is assessed that the table does not name; a head whose condition does not hold is listed with zero.

The table has the shape of the real heads, with rates of its own: it is no statement of tax law.
"""

from __future__ import annotations

import msgspec

from web.sandbox.book import Document
from web.sandbox.refused import Refused

BOUND_FEN = 10**14
MYRIAD = 10_000

REAL_ESTATE = ("home", "building", "land")
MOVABLE = ("vehicle", "movable")
INTANGIBLE = ("equity", "right")
PUBLISHED: Document = {
    "table": "sandbox-2026-1",
    "unit": "per myriad (万分率)",
    "real_estate": {"vat": 500, "surtax_on_vat": 1200, "land_appreciation": 200, "income_individual": 100, "stamp": 5},
    "movable": {"vat": 300, "surtax_on_vat": 1200, "stamp": 3},
    "intangible": {"income_individual": 2000, "stamp": 5},
    "home_vat_free_after_years": 2,
    "sole_home_income_free_after_years": 5,
}


class Sale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sale to be assessed; ``key`` makes it idempotent."""

    key: str
    sale_ref: str
    asset_class: str
    price_fen: int
    seller_kind: str
    """``individual`` or ``organisation``."""
    held_years: int = 0
    sole_home: bool = False
    cost_fen: int = 0
    """What the seller paid, for the gain of an intangible; 0 when unknown: then the whole price is the gain."""


def assess(sale: Sale) -> list[Document]:
    """Give the heads of a sale, in the order of the table."""
    _check(sale)
    if sale.asset_class in REAL_ESTATE:
        return _real_estate(sale)
    if sale.asset_class in MOVABLE:
        return _movable(sale)
    return _intangible(sale)


def _real_estate(sale: Sale) -> list[Document]:
    rates = PUBLISHED["real_estate"]
    home = sale.asset_class == "home" and sale.seller_kind == "individual"
    vat_free = home and sale.held_years >= PUBLISHED["home_vat_free_after_years"]
    income_free = home and sale.sole_home and sale.held_years >= PUBLISHED["sole_home_income_free_after_years"]
    vat = _head("vat", "增值税", sale.price_fen, rates["vat"], free=vat_free)
    return [
        vat,
        _head("surtax_on_vat", "附加税费", vat["amount_fen"], rates["surtax_on_vat"]),
        _head("land_appreciation", "土地增值税", sale.price_fen, rates["land_appreciation"], free=home),
        _head(
            "income_individual", "个人所得税", sale.price_fen, rates["income_individual"],
            free=income_free or sale.seller_kind != "individual",
        ),
        _head("stamp", "印花税", sale.price_fen, rates["stamp"], free=home),
    ]  # fmt: skip


def _movable(sale: Sale) -> list[Document]:
    rates = PUBLISHED["movable"]
    vat = _head("vat", "增值税", sale.price_fen, rates["vat"], free=sale.seller_kind == "individual")
    return [
        vat,
        _head("surtax_on_vat", "附加税费", vat["amount_fen"], rates["surtax_on_vat"]),
        _head("stamp", "印花税", sale.price_fen, rates["stamp"]),
    ]


def _intangible(sale: Sale) -> list[Document]:
    rates = PUBLISHED["intangible"]
    gain = max(0, sale.price_fen - sale.cost_fen)
    organisation = sale.seller_kind != "individual"
    return [
        _head("income_individual", "个人所得税", gain, rates["income_individual"], free=organisation),
        _head("stamp", "印花税", sale.price_fen, rates["stamp"]),
    ]


def _head(code: str, name: str, base_fen: int, rate: int, *, free: bool = False) -> Document:
    amount = 0 if free else (base_fen * rate + MYRIAD // 2) // MYRIAD
    return {
        "head": code,
        "name": name,
        "base_fen": base_fen,
        "rate_per_myriad": rate,
        "exempt": free,
        "amount_fen": amount,
    }


def _check(sale: Sale) -> None:
    if sale.asset_class not in REAL_ESTATE + MOVABLE + INTANGIBLE:
        raise Refused(400, "asset_class_unknown", "The asset class is not in the table.")
    if sale.seller_kind not in {"individual", "organisation"}:
        raise Refused(400, "malformed", "seller_kind is individual or organisation.")
    if not 0 < sale.price_fen < BOUND_FEN or not 0 <= sale.cost_fen < BOUND_FEN or sale.held_years < 0:
        raise Refused(400, "amount_malformed", "Amounts are fen below 10^14; held_years is not negative.")
