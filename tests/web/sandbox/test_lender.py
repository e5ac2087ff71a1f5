"""The lender: pre-approval, commitment, and a draw-down that the bank really books."""

from __future__ import annotations

from typing import Any

import pytest

from auction.kernel.signing import check_document
from tests.web.sandbox.conftest import Partner, Town, eventually_async

SERVERS = ("bank", "lender-1")
APPROVAL = {"key": "approval:R-1", "bidder_ref": "bidder-1", "lot_ref": "lot-1", "price_limit_fen": 400_000_000}
APPROVAL |= {"product_id": "sample-home", "asset_class": "home", "value_fen": 400_000_000, "wish_fen": 300_000_000}
APPROVAL |= {"months": 240, "income_fen": 5_000_000, "other_debt_fen": 0, "born_on": "1990-05-01"}


async def committed(lender: Partner, amount_fen: int = 200_000_000) -> dict[str, Any]:
    """Get a commitment."""
    approval = (await lender.post("/v1/approvals", APPROVAL))["approval"]
    asked = {"key": "commit:1", "approval_no": approval["approval_no"], "amount_fen": amount_fen}
    asked |= {"hammer_price_fen": 350_000_000, "case_ref": "case-1"}
    commitment: dict[str, Any] = (await lender.post("/v1/commitments", asked))["commitment"]
    return commitment


async def case_account(town: Town) -> str:
    """Open the case account at the bank."""
    asked = {"request_id": "case-1", "purpose": "case", "reference": "case-1"}
    number: str = (await town.partner("bank").post("/v1/sub-accounts", asked))["sub_account"]["number"]
    return number


def drawdown(commitment: dict[str, Any], to_account: str) -> dict[str, Any]:
    """Ask for the whole loan."""
    asked = {"key": "draw:1", "commitment_no": commitment["commitment_no"], "amount_fen": commitment["amount_fen"]}
    return {**asked, "to_account": to_account, "reference": f"LOAN {commitment['commitment_no']}"}


async def test_loan_is_paid_into_the_case_account_with_its_reference(town: Town) -> None:
    """The lender's own money arrives as a bank line with the loan's reference; its letter verifies."""
    lender, bank = town.partner("lender-1"), town.partner("bank")
    commitment = await committed(lender)
    letter = commitment["letter"]
    public_key = bytes.fromhex(town.connections["lender-1"]["public_key"])
    check_document(letter["document"], sha256=letter["sha256"], signature=letter["signature"], public_key=public_key)
    to_account = await case_account(town)
    for _ in range(3):
        await lender.post("/v1/drawdowns", drawdown(commitment, to_account))
    (told,) = await town.house.wait_for("drawdown.paid")

    (line,) = (await bank.get("/v1/statement"))["lines"]

    assert told.path == "/webhooks/lenders/lender-1"
    assert told.content["data"]["drawdown"]["bank_line_id"] == line["line_id"]
    assert (line["amount_fen"], line["sub_account"], line["remark"]) == (
        200_000_000,
        to_account,
        "LOAN lender-1-C000001",
    )
    assert line["counter_account"] == town.connections["lender-1"]["account"]


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
async def test_draw_down_pays_once_when_the_bank_stumbles(town: Town, kind: str) -> None:
    """The bank's answer is lost or late: the lender asks again under the same key, and pays once."""
    lender, bank = town.partner("lender-1"), town.partner("bank")
    commitment = await committed(lender)
    to_account = await case_account(town)
    await town.order("bank", do="fault", kind=kind, path="/v1/transfers", times=2)
    await lender.post("/v1/drawdowns", drawdown(commitment, to_account))
    await town.house.wait_for("drawdown.paid")

    assert (await bank.get("/v1/statement"))["closing_fen"] == 200_000_000


async def test_more_than_promised_is_refused(town: Town) -> None:
    """Seven tenths are approved; a commitment above it and a draw-down above the commitment are refused."""
    lender = town.partner("lender-1")
    approval = (await lender.post("/v1/approvals", APPROVAL))["approval"]
    asked = {"key": "c", "approval_no": approval["approval_no"], "hammer_price_fen": 400_000_000, "case_ref": "case-1"}
    above = await lender.call("POST", "/v1/commitments", {**asked, "amount_fen": 280_000_001})
    commitment = (await lender.post("/v1/commitments", {**asked, "amount_fen": 280_000_000}))["commitment"]

    more = {**drawdown(commitment, "x"), "amount_fen": 280_000_001}
    answer = await lender.call("POST", "/v1/drawdowns", more)

    assert approval["approved_fen"] == 280_000_000
    assert [above.json()["error"]["code"], answer.json()["error"]["code"]] == ["commitment_exceeds", "drawdown_exceeds"]


async def test_moods_decline_delay_and_pay_a_fen_wrong(town: Town) -> None:
    """A declining lender approves nothing; a late one waits; a short one pays a fen too little."""
    lender, bank = town.partner("lender-1"), town.partner("bank")
    commitment = await committed(lender)
    to_account = await case_account(town)
    await town.order("lender-1", do="mood", mood="decline")
    declined = (await lender.post("/v1/approvals", {**APPROVAL, "key": "approval:R-2"}))["approval"]
    await town.order("lender-1", do="mood", mood="late")
    half = {**drawdown(commitment, to_account), "amount_fen": 100_000_000}
    waiting = (await lender.post("/v1/drawdowns", half))["drawdown"]
    await town.order("lender-1", do="mood", mood="short")
    await lender.post("/v1/drawdowns", {**half, "key": "draw:2"})
    await town.house.wait_for("drawdown.paid")
    assert (await bank.get("/v1/statement"))["closing_fen"] == 99_999_999

    await town.order("lender-1", do="release", key="draw:1")

    async def both_paid() -> bool:
        return bool((await bank.get("/v1/statement"))["closing_fen"] == 199_999_999)

    await eventually_async(both_paid)
    assert (declined["state"], waiting["state"]) == ("declined", "accepted")


async def test_commitment_is_cancelled_unless_drawn(town: Town) -> None:
    """A cancelled commitment allows no draw-down."""
    lender = town.partner("lender-1")
    commitment = await committed(lender)
    cancelled = (await lender.post("/v1/commitments/commit:1/cancel", {}))["commitment"]

    answer = await lender.call("POST", "/v1/drawdowns", drawdown(commitment, "x"))

    assert (cancelled["state"], answer.status_code) == ("cancelled", 409)


async def test_unknown_account_fails_the_draw_down(town: Town) -> None:
    """A draw-down to an account that the bank does not have fails with the bank's reason."""
    lender = town.partner("lender-1")
    commitment = await committed(lender)
    await lender.post("/v1/drawdowns", drawdown(commitment, "999"))

    (told,) = await town.house.wait_for("drawdown.failed")

    assert told.content["data"]["drawdown"]["reason"] == "account_unknown"


async def test_refusing_lender_approves_and_then_promises_nothing(town: Town) -> None:
    """A credit refused after the sale: the pre-approval stands, the commitment is refused."""
    lender = town.partner("lender-1")
    await town.order("lender-1", do="mood", mood="refuse")
    approval = (await lender.post("/v1/approvals", APPROVAL))["approval"]
    asked = {"key": "c", "approval_no": approval["approval_no"], "hammer_price_fen": 400_000_000, "case_ref": "case-1"}

    answer = await lender.call("POST", "/v1/commitments", {**asked, "amount_fen": 1})

    assert (approval["state"], answer.json()["error"]["code"]) == ("approved", "credit_refused")


async def test_pre_approval_is_a_signed_letter(town: Town) -> None:
    """The letter names bidder, lot, limit and last day, and its signature is the lender's."""
    approval = (await town.partner("lender-1").post("/v1/approvals", APPROVAL))["approval"]

    letter, public_key = approval["letter"], bytes.fromhex(town.connections["lender-1"]["public_key"])
    check_document(letter["document"], sha256=letter["sha256"], signature=letter["signature"], public_key=public_key)
    assert {name: letter["document"][name] for name in ("bidder_ref", "lot_ref", "approved_fen", "valid_until")} == {
        name: approval[name] for name in ("bidder_ref", "lot_ref", "approved_fen", "valid_until")
    }


async def test_callback_may_come_twice(town: Town) -> None:
    """A lender that tells everything twice pays once."""
    lender, bank = town.partner("lender-1"), town.partner("bank")
    await town.order("lender-1", do="mood", mood="twice")
    commitment = await committed(lender)
    await lender.post("/v1/drawdowns", drawdown(commitment, await case_account(town)))
    told = await town.house.wait_for("drawdown.paid", count=2)

    assert len(told) == 2
    assert (await bank.get("/v1/statement"))["closing_fen"] == 200_000_000
