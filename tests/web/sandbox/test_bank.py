"""The bank sandbox: sub-accounts, receipts, statement, orders and refunds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from auction.kernel.clock import real_now
from auction.kernel.signing import CallKey, check_call
from tests.web.sandbox.conftest import Partner, Town, eventually_async

SERVERS = ("bank",)
PAYER = {"from_account": "6222020200112233", "from_name": "林晚"}


async def opened(bank: Partner, request_id: str = "registration:R-1") -> str:
    """Open a sub-account and give its number."""
    asked = {"request_id": request_id, "purpose": "deposit", "reference": "R-1", "label": "保证金"}
    number: str = (await bank.post("/v1/sub-accounts", asked))["sub_account"]["number"]
    return number


async def paid_in(town: Town, to_account: str, amount_fen: int = 500_000_000, key: str = "t-1") -> dict[str, Any]:
    """Have the sample payer pay in."""
    order = {"key": key, "to_account": to_account, "amount_fen": amount_fen, "remark": "竞拍保证金", **PAYER}
    line: dict[str, Any] = (await town.order("bank", do="transfer", **order))["line"]
    return line


def payout(from_account: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON values
    """Order a sample payout."""
    order = {"key": "payout:1", "from_account": from_account, "to_account": "6217000010001234", "to_name": "周明远"}
    return {**order, "amount_fen": 200_000_000, "remark": "执行案款", **changes}


async def finished(bank: Partner, key: str = "payout:1") -> dict[str, Any]:
    """Poll an order until it is finished."""

    async def done() -> bool:
        return (await bank.get(f"/v1/orders/{key}"))["order"]["finished_at"] is not None

    await eventually_async(done)
    order: dict[str, Any] = (await bank.get(f"/v1/orders/{key}"))["order"]
    return order


async def test_sub_account_is_opened_once_per_request(town: Town) -> None:
    """The same request gives the same account; other content under its id is refused."""
    bank = town.partner("bank")
    first, second = await opened(bank), await opened(bank)
    other = await opened(bank, "registration:R-2")

    assert first == second != other
    changed = {"request_id": "registration:R-1", "purpose": "deposit", "reference": "R-9", "label": "保证金"}
    answer = await bank.call("POST", "/v1/sub-accounts", changed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_key_reused")


async def test_receipt_is_booked_told_and_stands_in_the_statement(town: Town) -> None:
    """Incoming money is a numbered line with both balances, told by a signed callback, and polled alike."""
    bank = town.partner("bank")
    number = await opened(bank)
    line = await paid_in(town, number)
    again = await paid_in(town, number)
    await paid_in(town, bank_main(town), 1, key="t-2")

    (told, _) = await town.house.wait_for("line.booked", 2)
    statement = await bank.get("/v1/statement?after=0&limit=10")
    tail = await bank.get("/v1/statement?after=1&limit=10")

    assert line == again == told.content["data"]["line"] == statement["lines"][0]
    assert [item["seq"] for item in statement["lines"]] == [1, 2]
    assert (statement["opening_fen"], statement["closing_fen"]) == (0, 500_000_001)
    assert (tail["opening_fen"], [item["sub_account"] for item in tail["lines"]]) == (500_000_000, [""])
    assert (await bank.get(f"/v1/sub-accounts/{number}"))["sub_account"]["balance_fen"] == 500_000_000
    key = CallKey("bank", town.connections["bank"]["secret"].encode())
    call = check_call(
        lambda _: key, method="POST", path=told.path, body=told.body, headers=told.headers, now=real_now()
    )
    assert call.key_id == "bank"


def bank_main(town: Town) -> str:
    """Name the main account."""
    return town.connections["bank"]["main_account"]


async def test_order_with_one_key_pays_once(town: Town) -> None:
    """A repeated order pays once and shows its present state; other content under its key is refused."""
    bank = town.partner("bank")
    number = await opened(bank)
    await paid_in(town, number)
    for _ in range(3):
        await bank.post("/v1/orders", payout(number))
    order = await finished(bank)
    await bank.post("/v1/orders", payout(number))

    statement = await bank.get("/v1/statement")

    assert order["state"] == "confirmed"
    assert [line["direction"] for line in statement["lines"]] == ["credit", "debit"]
    assert statement["closing_fen"] == 300_000_000
    assert len(await town.house.wait_for("order.confirmed")) == 1
    answer = await bank.call("POST", "/v1/orders", payout(number, amount_fen=200_000_001))
    assert answer.status_code == 409


async def test_order_whose_answer_was_lost_is_found_by_its_key(town: Town) -> None:
    """The answer times out after it worked: polling finds the order, and repeating it pays nothing more."""
    bank = town.partner("bank")
    number = await opened(bank)
    await paid_in(town, number)
    await town.order("bank", do="fault", kind="no_answer_after", path="/v1/orders", hold_ms=2_000)
    impatient = Partner(httpx.AsyncClient(timeout=0.3, trust_env=False), bank.url, bank.key)
    with pytest.raises(httpx.ReadTimeout):
        await impatient.call("POST", "/v1/orders", payout(number))
    await impatient.client.aclose()

    await finished(bank)
    await bank.post("/v1/orders", payout(number))

    assert (await bank.get("/v1/statement"))["closing_fen"] == 300_000_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"to_account": "6217000010000000"}, "account_unknown"),
        ({"to_account": PAYER["from_account"], "to_name": "林早"}, "name_differs"),
        ({"amount_fen": 500_000_001}, "insufficient_funds"),
    ],
)
async def test_impossible_order_is_rejected_without_moving_money(
    town: Town, changes: dict[str, Any], reason: str
) -> None:
    """A wrong account, a wrong name or a fen too much: rejected with its reason, the balance untouched."""
    bank = town.partner("bank")
    number = await opened(bank)
    await paid_in(town, number)
    await bank.post("/v1/orders", payout(number, **changes))

    order = await finished(bank)

    assert (order["state"], order["reason"]) == ("rejected", reason)
    assert (await bank.get("/v1/statement"))["closing_fen"] == 500_000_000


async def test_late_order_waits_until_released(town: Town) -> None:
    """A late order stays accepted until the driver releases it."""
    bank = town.partner("bank")
    number = await opened(bank)
    await paid_in(town, number)
    await town.order("bank", do="orders", mood="late")
    await bank.post("/v1/orders", payout(number))
    await town.house.wait_for("order.accepted")
    assert (await bank.get("/v1/orders/payout:1"))["order"]["state"] == "accepted"

    await town.order("bank", do="release_order", key="payout:1")

    assert (await finished(bank))["state"] == "confirmed"


async def test_returned_order_comes_back_as_a_line(town: Town) -> None:
    """A returned payment is a debit and a credit, and its order ends returned."""
    bank = town.partner("bank")
    number = await opened(bank)
    await paid_in(town, number)
    await town.order("bank", do="orders", mood="return")
    await bank.post("/v1/orders", payout(number))

    order = await finished(bank)

    lines = (await bank.get("/v1/statement"))["lines"]
    assert order["state"] == "returned"
    assert [line["closing_fen"] for line in lines] == [500_000_000, 300_000_000, 500_000_000]


async def test_refund_goes_to_the_payer_and_never_exceeds_the_line(town: Town) -> None:
    """A refund names no account: it goes back where the line came from, in all at most its amount."""
    bank = town.partner("bank")
    number = await opened(bank)
    line_id = (await paid_in(town, number))["line_id"]
    part = {"key": "refund:1", "line_id": line_id, "amount_fen": 400_000_000, "remark": "退保证金"}
    await bank.post("/v1/refunds", part)
    too_much = await bank.call("POST", "/v1/refunds", {**part, "key": "refund:2", "amount_fen": 100_000_001})
    await bank.post("/v1/refunds", {**part, "key": "refund:3", "amount_fen": 100_000_000})
    await finished(bank, "refund:3")

    order = await finished(bank, "refund:1")

    assert too_much.status_code == 409
    assert (order["to_account"], order["to_name"], order["state"]) == (
        PAYER["from_account"], PAYER["from_name"], "confirmed",
    )  # fmt: skip
    assert (await bank.get("/v1/statement"))["closing_fen"] == 0


async def test_empty_sub_account_closes_and_later_money_stays_unattributed(town: Town) -> None:
    """A sub-account closes only at zero; money sent to it later is on the main account, attributed to nobody."""
    bank = town.partner("bank")
    number = await opened(bank)
    line = await paid_in(town, number)
    refused = await bank.call("POST", f"/v1/sub-accounts/{number}/close", {})
    await bank.post("/v1/refunds", {"key": "r", "line_id": line["line_id"], "amount_fen": line["amount_fen"]})
    await finished(bank, "r")

    closed = await bank.post(f"/v1/sub-accounts/{number}/close", {})
    late = await paid_in(town, number, key="t-2")

    assert (refused.status_code, closed["sub_account"]["state"], late["sub_account"]) == (409, "closed", "")


async def test_wrong_old_and_replayed_signatures_are_refused(town: Town) -> None:
    """A call with a wrong key, an old time, a changed body or a used nonce is refused, and nothing happens."""
    bank = town.partner("bank")
    path, body = "/v1/statement", b""
    wrong = Partner(town.client, bank.url, CallKey("fapai", b"another secret altogether"))
    answers = [await wrong.call("GET", path)]
    old = real_now() - timedelta(seconds=301)
    answers.append(await bank.call("GET", path, now=old))
    answers.append(await bank.call("GET", path, now=real_now() + timedelta(seconds=310)))
    headers = bank.headers("GET", path, body)
    answers.extend([await town.client.get(bank.url + path, headers=headers) for _ in range(2)])
    answers.append(await town.client.get(bank.url + path + "?after=1", headers=bank.headers("GET", path, body)))
    answers.append(await town.client.get(bank.url + path))
    lender = Partner(town.client, bank.url, CallKey("lender-1", bank.key.secret))
    answers.append(await lender.call("GET", path))

    seen = [(answer.status_code, answer.json().get("error", {}).get("code")) for answer in answers]

    assert seen == [
        (401, "signature_wrong"),
        (401, "signature_out_of_time"),
        (401, "signature_out_of_time"),
        (200, None),
        (401, "signature_replayed"),
        (401, "signature_wrong"),
        (401, "signature_missing"),
        (401, "signature_wrong"),
    ]


async def test_person_sends_money_on_the_page_once(town: Town) -> None:
    """The page books a transfer once however often its button is pressed; a foreign page cannot press it."""
    bank = town.partner("bank")
    number = await opened(bank)
    url = bank.url + "/sandbox/transfer"
    shown = await town.client.get(url, params={"to_account": number, "remark": "R-1"})
    assert number in shown.text
    assert "沙箱 SANDBOX" in shown.text
    sent = {**PAYER, "to_account": number, "amount_yuan": "5000.00", "remark": "R-1", "key": "page-1"}
    for _ in range(2):
        assert (await town.client.post(url, data=sent)).status_code == 200

    foreign = await town.client.post(url, data={**sent, "key": "x"}, headers={"origin": "http://example.org"})
    wrong = await town.client.post(url, data={**sent, "key": "y", "amount_yuan": "5,000"})

    assert (foreign.status_code, wrong.status_code) == (403, 400)
    assert (await bank.get("/v1/statement"))["closing_fen"] == 500_000
