"""The tax office and the title registry."""

from __future__ import annotations

from typing import Any

import pytest

from auction.kernel.signing import check_document
from tests.web.sandbox.conftest import Town
from web.sandbox.tax.rates import Sale, assess

SERVERS = ("tax",)
SALE: dict[str, Any] = {
    "key": "sale-1", "sale_ref": "lot-1", "asset_class": "home", "price_fen": 328_000_001,
    "seller_kind": "individual", "held_years": 1,
}  # fmt: skip


async def test_assessment_is_signed_and_sums_to_the_fen(town: Town) -> None:
    """The heads of a sale sum to its total, told by a signed callback; the same key gives the same assessment."""
    office = town.partner("tax")
    await office.post("/v1/assessments", SALE)
    (told,) = await town.house.wait_for("assessment.done")
    again = (await office.post("/v1/assessments", SALE))["assessment"]

    signed = again["signed"]
    document = signed["document"]
    public_key = bytes.fromhex(town.connections["tax"]["public_key"])
    check_document(document, sha256=signed["sha256"], signature=signed["signature"], public_key=public_key)

    assert told.content["data"]["assessment"] == again
    assert {head["head"]: head["amount_fen"] for head in document["heads"]} == {
        "vat": 16_400_000, "surtax_on_vat": 1_968_000, "land_appreciation": 0, "income_individual": 3_280_000, "stamp": 0,
    }  # fmt: skip
    assert document["total_fen"] == sum(head["amount_fen"] for head in document["heads"])


async def test_late_and_refusing_office(town: Town) -> None:
    """A late office answers when released; a refusing one refuses; a registry receipt carries the new title."""
    office = town.partner("tax")
    await town.order("tax", do="mood", mood="late")
    await office.post("/v1/assessments", SALE)
    assert (await office.get("/v1/assessments/sale-1"))["assessment"]["state"] == "pending"
    await town.order("tax", do="release", kind="assessment", key="sale-1")
    await town.house.wait_for("assessment.done")
    await town.order("tax", do="mood", mood="refuse")
    await office.post("/v1/assessments", {**SALE, "key": "sale-2"})
    await town.house.wait_for("assessment.refused")
    await town.order("tax", do="mood", mood="normal")

    await office.post("/v1/title-transfers", {"key": "t", "title_no": "旧", "ruling_no": "裁", "buyer_ref": "b"})
    (told,) = await town.house.wait_for("title_transfer.done")

    assert told.content["data"]["title_transfer"]["signed"]["document"]["receipt_no"] == "SBX-REG-000001"


@pytest.mark.parametrize(("held_years", "vat_fen"), [(1, 5_000_000), (2, 0), (3, 0)])
def test_home_is_free_of_vat_from_the_second_year(held_years: int, vat_fen: int) -> None:
    """The table's exemption begins exactly at its year."""
    sale = Sale("k", "lot", "home", 100_000_000, "individual", held_years=held_years)

    assert assess(sale)[0]["amount_fen"] == vat_fen


@pytest.mark.parametrize("asset_class", ["building", "land", "vehicle", "movable", "equity", "right"])
@pytest.mark.parametrize("seller_kind", ["individual", "organisation"])
def test_every_class_has_heads_in_whole_fen(asset_class: str, seller_kind: str) -> None:
    """Every class and seller gets its heads, none negative, each a whole number."""
    heads = assess(Sale("k", "lot", asset_class, 123_456_789, seller_kind))

    assert heads
    assert all(type(head["amount_fen"]) is int and head["amount_fen"] >= 0 for head in heads)
