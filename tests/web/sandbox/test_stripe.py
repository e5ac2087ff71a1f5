"""The Stripe sandbox, through the real SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import stripe
from stripe import HTTPXClient, StripeClient

from tests.web.sandbox.conftest import Town, eventually, eventually_async

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so

SERVERS = ("stripe",)
PAYMENT: dict[str, Any] = {
    "amount": 5_000_000,
    "currency": "cny",
    "confirm": True,
    "payment_method": "pm_card_visa",
    "payment_method_types": ["card"],
    "metadata": {"registration": "R-1"},
    "description": "保证金 R-1",
}


@pytest.fixture
async def sdk(town: Town) -> AsyncIterator[StripeClient]:
    """Give the real client, pointed at the sandbox."""
    http = HTTPXClient(timeout=5.0)
    yield sdk_for(town, http)
    await http.close_async()  # type: ignore[no-untyped-call]  # untyped in the SDK


def sdk_for(town: Town, http: HTTPXClient) -> StripeClient:
    """Point a client at the sandbox."""
    known = town.connections["stripe"]
    return StripeClient(
        known["secret_key"], http_client=http, base_addresses={"api": known["url"]}, max_network_retries=0
    )


async def test_payment_is_captured_with_charge_and_fee(sdk: StripeClient) -> None:
    """An automatic payment succeeds, and its charge and balance line agree to the fen."""
    intent = await sdk.v1.payment_intents.create_async({**PAYMENT, "expand": ["latest_charge.balance_transaction"]})  # type: ignore[typeddict-item]  # a shared sample

    assert ("succeeded", 5_000_000, False) == (intent.status, intent.amount_received, intent.livemode)
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    line = charge.balance_transaction
    assert isinstance(line, stripe.BalanceTransaction)
    assert (5_000_000, 170_235, 4_829_765) == (line.amount, line.fee, line.net)
    balance = await sdk.v1.balance.retrieve_async()
    assert 4_829_765 == balance.pending[0].amount


async def test_hold_is_captured_in_part_once(sdk: StripeClient) -> None:
    """A manual capture holds seven days, takes a part, and cannot be captured again."""
    intent = await sdk.v1.payment_intents.create_async({**PAYMENT, "capture_method": "manual"})  # type: ignore[typeddict-item]
    charge = await sdk.v1.charges.retrieve_async(str(intent.latest_charge))
    details = charge.payment_method_details
    assert details is not None
    assert details.card is not None
    assert "requires_capture" == intent.status
    assert 7 * 86_400 == (details.card.capture_before or 0) - charge.created

    captured = await sdk.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 4_000_000})

    assert ("succeeded", 4_000_000, 0) == (captured.status, captured.amount_received, captured.amount_capturable)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.payment_intents.capture_async(intent.id)
    assert "payment_intent_unexpected_state" == refused.value.code


@pytest.mark.parametrize(
    ("amount", "code"), [(399, "amount_too_small"), (400, None), (99_999_999, None), (100_000_000, "amount_too_large")]
)
async def test_amount_has_eight_digits_at_most(sdk: StripeClient, amount: int, code: str | None) -> None:
    """¥4.00 to ¥999,999.99 are taken; a fen less or more is refused with Stripe's code."""
    if code is None:
        intent = await sdk.v1.payment_intents.create_async({"amount": amount, "currency": "cny"})
        assert amount == intent.amount
        return
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.payment_intents.create_async({"amount": amount, "currency": "cny"})
    assert (code, "amount") == (refused.value.code, refused.value.param)


async def test_same_key_same_parameters_is_one_payment(sdk: StripeClient) -> None:
    """A repeated request gives the first answer and makes nothing new."""
    options: Any = {"idempotency_key": "deposit:R-1"}
    first = await sdk.v1.payment_intents.create_async(PAYMENT, options)  # type: ignore[arg-type]
    second = await sdk.v1.payment_intents.create_async(PAYMENT, options)  # type: ignore[arg-type]

    assert first.id == second.id
    assert "true" == second.last_response.headers["idempotent-replayed"]  # type: ignore[union-attr]
    assert 1 == len((await sdk.v1.payment_intents.list_async()).data)


async def test_same_key_other_parameters_is_an_idempotency_error(sdk: StripeClient) -> None:
    """A key cannot be used for another amount."""
    options: Any = {"idempotency_key": "deposit:R-1"}
    await sdk.v1.payment_intents.create_async(PAYMENT, options)  # type: ignore[arg-type]

    with pytest.raises(stripe.IdempotencyError) as refused:
        await sdk.v1.payment_intents.create_async({**PAYMENT, "amount": 5_000_001}, options)  # type: ignore[typeddict-item]
    assert 400 == refused.value.http_status


async def test_decline_is_replayed_and_kept(sdk: StripeClient) -> None:
    """A decline answers 402 with its code, stands in the intent, and is replayed under its key."""
    declined = {**PAYMENT, "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            await sdk.v1.payment_intents.create_async(declined, {"idempotency_key": "deposit:R-2"})  # type: ignore[arg-type]
        assert ("card_declined", 402) == (refused.value.code, refused.value.http_status)

    (intent,) = (await sdk.v1.payment_intents.list_async()).data
    assert "requires_payment_method" == intent.status
    assert intent.last_payment_error is not None
    assert "insufficient_funds" == intent.last_payment_error.decline_code


async def test_key_is_forgotten_after_a_day(town: Town, sdk: StripeClient) -> None:
    """After 24 hours of the sandbox's clock the key is as if never used: a blind resend pays twice."""
    options: Any = {"idempotency_key": "deposit:R-1"}
    first = await sdk.v1.payment_intents.create_async(PAYMENT, options)  # type: ignore[arg-type]
    await town.order("stripe", do="clock", advance_s=86_401)

    second = await sdk.v1.payment_intents.create_async(PAYMENT, options)  # type: ignore[arg-type]

    assert first.id != second.id


@pytest.mark.parametrize("kind", ["no_answer_after", "drop_after", "error_after"])
async def test_lost_answer_then_same_key_gives_the_same_payment(town: Town, kind: str) -> None:
    """Done but not answered: the caller sees an error, and the same key leads to the one payment that was made."""
    await town.order("stripe", do="fault", kind=kind, method="POST", path="/v1/payment_intents", hold_ms=3_000)
    http = HTTPXClient(timeout=0.5)
    sdk = sdk_for(town, http)
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        await sdk.v1.payment_intents.create_async(PAYMENT, {"idempotency_key": "deposit:R-1"})  # type: ignore[arg-type]
    made = (await sdk.v1.payment_intents.list_async()).data

    again = await sdk.v1.payment_intents.create_async(PAYMENT, {"idempotency_key": "deposit:R-1"})  # type: ignore[arg-type]

    assert [again.id] == [intent.id for intent in made]
    await http.close_async()  # type: ignore[no-untyped-call]  # untyped in the SDK


@pytest.mark.parametrize("kind", ["error_before", "drop_before"])
async def test_failure_before_the_commit_makes_nothing(town: Town, sdk: StripeClient, kind: str) -> None:
    """A failure before the commit leaves no intent; the retry makes the only one."""
    await town.order("stripe", do="fault", kind=kind, method="POST")
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        await sdk.v1.payment_intents.create_async(PAYMENT, {"idempotency_key": "deposit:R-1"})  # type: ignore[arg-type]
    assert [] == (await sdk.v1.payment_intents.list_async()).data

    await sdk.v1.payment_intents.create_async(PAYMENT, {"idempotency_key": "deposit:R-1"})  # type: ignore[arg-type]

    assert 1 == len((await sdk.v1.payment_intents.list_async()).data)


async def test_webhooks_verify_with_the_sdk(town: Town, sdk: StripeClient) -> None:
    """Every webhook verifies with construct_event, and a changed body does not."""
    intent = await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    (received,) = await town.house.wait_for("payment_intent.succeeded")
    secret = town.connections["stripe"]["webhook_secret"]

    event = sdk.construct_event(received.body, received.headers["stripe-signature"], secret)

    assert ("/webhooks/stripe", intent.id) == (received.path, event.data.object["id"])
    assert {"registration": "R-1"} == received.content["data"]["object"]["metadata"]
    with pytest.raises(stripe.SignatureVerificationError):
        sdk.construct_event(received.body + b" ", received.headers["stripe-signature"], secret)


async def test_webhooks_are_retried_and_duplicated(town: Town, sdk: StripeClient) -> None:
    """A refused webhook comes again; in the duplicating mood one event comes several times with one id."""
    town.house.refuse = 2
    await town.order("stripe", do="delivery", copies=3)
    await sdk.v1.payment_intents.create_async({"amount": 1000, "currency": "cny"})

    received = await town.house.wait_for("payment_intent.created", 3)

    assert 1 == len({item.content["id"] for item in received})


async def test_webhooks_can_come_in_reverse(town: Town, sdk: StripeClient) -> None:
    """In the reordering mood the last event of a payment comes first."""
    await town.order("stripe", do="delivery", reorder=True)
    await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    await town.house.wait_for("payment_intent.created")

    types = [item.content["type"] for item in town.house.received]
    assert ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"] == types


async def test_dropped_webhook_is_found_in_the_event_list(town: Town, sdk: StripeClient) -> None:
    """A dropped webhook never comes by itself; the event list has it, and control can send it again."""
    await town.order("stripe", do="delivery", drop_next=1)
    await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    await town.house.wait_for("payment_intent.succeeded")
    assert [] == town.house.of_type("payment_intent.created")

    events = (await sdk.v1.events.list_async({"types": ["payment_intent.created"]})).data
    await town.order("stripe", do="redeliver")
    (late,) = await town.house.wait_for("payment_intent.created")

    assert [late.content["id"]] == [event.id for event in events]


async def test_authorisation_expires_on_the_virtual_clock(town: Town, sdk: StripeClient) -> None:
    """After seven days a hold is cancelled by itself, and the webhook says so; a second earlier it is not."""
    intent = await sdk.v1.payment_intents.create_async({**PAYMENT, "capture_method": "manual"})  # type: ignore[typeddict-item]
    await town.order("stripe", do="clock", advance_s=7 * 86_400 - 60)
    assert "requires_capture" == (await sdk.v1.payment_intents.retrieve_async(intent.id)).status

    await town.order("stripe", do="clock", advance_s=61)
    await town.house.wait_for("charge.expired")

    closed = await sdk.v1.payment_intents.retrieve_async(intent.id)
    assert ("canceled", "automatic", 0) == (closed.status, closed.cancellation_reason, closed.amount_capturable)


async def test_refund_is_pending_then_succeeds_and_never_exceeds(town: Town, sdk: StripeClient) -> None:
    """A refund is answered as pending and settles later; more than what is left is refused; the fee stays paid."""
    intent = await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    await town.order("stripe", do="refunds", mood="hold")
    refund = await sdk.v1.refunds.create_async({"payment_intent": intent.id, "amount": 4_999_999})
    assert "pending" == refund.status
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.refunds.create_async({"payment_intent": intent.id, "amount": 2})

    await town.order("stripe", do="settle_refund", refund=refund.id)
    await sdk.v1.refunds.create_async({"payment_intent": intent.id})

    (updated,) = await town.house.wait_for("refund.updated")
    assert "succeeded" == updated.content["data"]["object"]["status"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.refunds.create_async({"payment_intent": intent.id})
    assert "charge_already_refunded" == refused.value.code
    lines = (await sdk.v1.balance_transactions.list_async()).data
    assert -170_235 == sum(line.net for line in lines)


async def test_refund_that_fails_returns_to_the_balance(town: Town, sdk: StripeClient) -> None:
    """A failed refund says so by webhook, and the charge can be refunded again."""
    intent = await sdk.v1.payment_intents.create_async({**PAYMENT, "payment_method": "pm_card_refundFail"})  # type: ignore[typeddict-item]
    refund = await sdk.v1.refunds.create_async({"payment_intent": intent.id})
    await town.house.wait_for("refund.failed")

    failed = await sdk.v1.refunds.retrieve_async(refund.id)
    charge = await sdk.v1.charges.retrieve_async(str(intent.latest_charge))

    assert ("failed", 0, False) == (failed.status, charge.amount_refunded, charge.refunded)


async def test_three_d_secure_asks_and_is_finished_on_the_page(town: Town, sdk: StripeClient) -> None:
    """A card that asks for authentication leads to the page; passing it there pays and returns to the site."""
    back = town.house.url + "/back?x=1"
    secured = {**PAYMENT, "payment_method": "pm_card_threeDSecure2Required", "return_url": back}
    intent = await sdk.v1.payment_intents.create_async(secured)  # type: ignore[arg-type]
    assert "requires_action" == intent.status
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    address = str(intent.next_action.redirect_to_url.url)
    shown = await town.client.get(address)
    assert "沙箱 SANDBOX" in shown.text

    answer = await town.client.post(address, data={"button": "pass", "return_url": back})

    assert 303 == answer.status_code
    assert f"{back}&payment_intent={intent.id}&redirect_status=succeeded" == answer.headers["location"]
    assert "succeeded" == (await sdk.v1.payment_intents.retrieve_async(intent.id)).status


async def test_person_pays_or_is_declined_on_the_page(town: Town, sdk: StripeClient) -> None:
    """On the page a person is declined first, then pays; a return address outside this machine is refused."""
    intent = await sdk.v1.payment_intents.create_async({"amount": 1000, "currency": "cny"})
    address = f"{town.connections['stripe']['url']}/sandbox/pay/{intent.id}"
    back = town.house.url + "/back"
    press: dict[str, str] = {"card": "pm_card_visa", "return_url": back}

    outside = await town.client.post(address, data={**press, "button": "pay", "return_url": "http://example.org/"})
    foreign = await town.client.post(address, data={**press, "button": "pay"}, headers={"origin": "http://example.org"})
    declined = await town.client.post(address, data={**press, "button": "decline"})
    paid = await town.client.post(address, data={**press, "button": "pay"})

    assert (400, 403) == (outside.status_code, foreign.status_code)
    assert declined.headers["location"].endswith("redirect_status=failed")
    assert paid.headers["location"].endswith("redirect_status=succeeded")


async def test_list_pages_and_search_finds_by_metadata(sdk: StripeClient) -> None:
    """Listing walks every page once; search finds the one intent with the metadata."""
    made = []
    for number in range(5):
        intent = await sdk.v1.payment_intents.create_async(
            {"amount": 1000 + number, "currency": "cny", "metadata": {"registration": f"R-{number}"}}
        )
        made.append(intent.id)
    page = await sdk.v1.payment_intents.list_async({"limit": 2})
    walked = [intent.id async for intent in page.auto_paging_iter()]

    found = await sdk.v1.payment_intents.search_async({"query": "metadata['registration']:'R-3' AND amount>1000"})

    assert list(reversed(made)) == walked
    assert [made[3]] == [intent.id for intent in found.data]


async def test_list_filters_by_owner_type_and_time(town: Town, sdk: StripeClient) -> None:
    """Charges and refunds are listed by their intent, events by family, objects by time, pages backwards too."""
    first = await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    await town.order("stripe", do="clock", advance_s=3 * 86_400)
    second = await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    refund = await sdk.v1.refunds.create_async({"payment_intent": second.id})

    charges = await sdk.v1.charges.list_async({"payment_intent": first.id})
    refunds = await sdk.v1.refunds.list_async({"payment_intent": second.id})
    family = await sdk.v1.events.list_async({"type": "charge.*"})
    older = await sdk.v1.payment_intents.list_async({"created": {"lt": second.created}})
    newer = await sdk.v1.payment_intents.list_async({"ending_before": first.id, "limit": 1})
    lines = await sdk.v1.balance_transactions.list_async({"type": "charge"})

    assert [charge.id for charge in charges.data] == [first.latest_charge]
    assert [item.id for item in refunds.data] == [refund.id]
    assert sorted(event.type for event in family.data) == ["charge.refunded", "charge.succeeded", "charge.succeeded"]
    assert [item.id for item in older.data] == [first.id]
    assert ([item.id for item in newer.data], newer.has_more) == ([second.id], False)
    assert [line.status for line in lines.data] == ["pending", "available"]


async def test_search_may_lag_behind(town: Town, sdk: StripeClient) -> None:
    """With a search lag a fresh intent is not found yet, and is found when the lag has passed."""
    await town.order("stripe", do="search_lag", seconds=60)
    await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    query: Any = {"query": 'metadata["registration"]:"R-1"'}
    assert [] == (await sdk.v1.payment_intents.search_async(query)).data

    await town.order("stripe", do="clock", advance_s=61)

    assert 1 == len((await sdk.v1.payment_intents.search_async(query)).data)


async def test_dispute_takes_the_money_back(town: Town, sdk: StripeClient) -> None:
    """A disputed charge is withdrawn from the balance and told by webhook; a won dispute restores it."""
    await sdk.v1.payment_intents.create_async({**PAYMENT, "payment_method": "pm_card_createDispute"})  # type: ignore[typeddict-item]
    (created,) = await town.house.wait_for("charge.dispute.created")
    await town.order("stripe", do="close_dispute", dispute=created.content["data"]["object"]["id"], won=True)

    lines = (await sdk.v1.balance_transactions.list_async({"type": "adjustment"})).data

    assert [5_000_000, -5_000_000] == [line.amount for line in lines]


async def test_payout_leaves_the_balance_and_arrives(town: Town, sdk: StripeClient) -> None:
    """Only what is available is paid out, a fen more is refused; the payout is told by webhook when it arrives."""
    await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]  # a shared sample
    with pytest.raises(stripe.InvalidRequestError) as early:
        await sdk.v1.payouts.create_async({"amount": 1, "currency": "cny"})
    await town.order("stripe", do="clock", advance_s=2 * 86_400 + 1)
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        await sdk.v1.payouts.create_async({"amount": 4_829_766, "currency": "cny"})

    payout = await sdk.v1.payouts.create_async({"amount": 4_829_765, "currency": "cny"}, {"idempotency_key": "p-1"})
    again = await sdk.v1.payouts.create_async({"amount": 4_829_765, "currency": "cny"}, {"idempotency_key": "p-1"})
    await town.house.wait_for("payout.paid")

    assert ("balance_insufficient", "balance_insufficient") == (early.value.code, too_much.value.code)
    assert ("in_transit", payout.id) == (payout.status, again.id)
    assert "paid" == (await sdk.v1.payouts.retrieve_async(payout.id)).status
    assert 0 == (await sdk.v1.balance.retrieve_async()).available[0].amount


async def test_payout_that_fails_returns_to_the_balance(town: Town, sdk: StripeClient) -> None:
    """A payout that the bank sends back, even after it was paid, is in the balance again, once."""
    await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]  # a shared sample
    await town.order("stripe", do="clock", advance_s=2 * 86_400 + 1)
    payout = await sdk.v1.payouts.create_async({"amount": 1_000_000, "currency": "cny"})
    await town.house.wait_for("payout.paid")

    for _ in range(2):
        await town.order("stripe", do="settle_payout", payout=payout.id, failed=True)

    failed = await sdk.v1.payouts.retrieve_async(payout.id)
    assert ("failed", "account_closed") == (failed.status, failed.failure_code)
    assert 4_829_765 == (await sdk.v1.balance.retrieve_async()).available[0].amount


async def test_webhook_endpoint_outside_the_machine_is_refused(sdk: StripeClient) -> None:
    """The sandbox never calls another machine."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sdk.v1.webhook_endpoints.create_async({"url": "https://example.org/hook", "enabled_events": ["*"]})
    assert "url_invalid" == refused.value.code


async def test_own_webhook_endpoint_gets_its_events_with_its_secret(town: Town, sdk: StripeClient) -> None:
    """An endpoint made through the API gets only what it asked for, signed with its own secret."""
    endpoint = await sdk.v1.webhook_endpoints.create_async(
        {"url": town.house.url + "/own", "enabled_events": ["payment_intent.succeeded"]}
    )
    await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]
    await eventually(lambda: any(item.path == "/own" for item in town.house.received))

    (own,) = [item for item in town.house.received if item.path == "/own"]

    assert "payment_intent.succeeded" == own.content["type"]
    sdk.construct_event(own.body, own.headers["stripe-signature"], str(endpoint.secret))


async def test_unknown_parameter_key_and_url_are_refused(town: Town, sdk: StripeClient) -> None:
    """What the sandbox does not know is refused in Stripe's words, never ignored."""
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await sdk.v1.payment_intents.create_async({**PAYMENT, "amont": 3})  # type: ignore[typeddict-item]
    assert "parameter_unknown" == unknown.value.code
    with pytest.raises(stripe.InvalidRequestError):
        await sdk.v1.customers.list_async()
    url = town.connections["stripe"]["url"]
    answer = await town.client.get(url + "/v1/charges", headers={"authorization": "Bearer sk_test_wrong"})
    assert 401 == answer.status_code


async def test_every_answer_is_marked_and_foreign_hosts_are_refused(town: Town) -> None:
    """Every answer carries the marker; a foreign host name (DNS rebinding) and a wrong control secret are refused."""
    url = town.connections["stripe"]["url"]
    answers = [
        await town.client.get(url + "/v1/charges"),
        await town.client.get(url + "/nowhere"),
        await town.client.get(url + "/v1/charges", headers={"host": "evil.example:80"}),
        await town.client.post(url + "/sandbox/control", json={"do": "clear_faults"}),
    ]

    assert [401, 404, 421, 401] == [answer.status_code for answer in answers]
    assert all(answer.headers["x-sandbox"].startswith("SANDBOX") for answer in answers)


async def test_concurrent_requests_with_one_key_make_one_payment(town: Town, sdk: StripeClient) -> None:
    """Ten requests at once under one key make one payment."""
    key: Any = {"idempotency_key": "deposit:R-9"}
    intents = await asyncio.gather(*(sdk.v1.payment_intents.create_async(PAYMENT, key) for _ in range(10)))  # type: ignore[arg-type]

    assert 1 == len({intent.id for intent in intents})

    async def told_once() -> bool:
        return len(town.house.of_type("payment_intent.succeeded")) == 1

    await eventually_async(told_once)


async def test_slow_line_answers_late_but_right(town: Town, sdk: StripeClient) -> None:
    """A slow line only delays."""
    await town.order("stripe", do="fault", kind="slow", hold_ms=50)

    intent = await sdk.v1.payment_intents.create_async(PAYMENT)  # type: ignore[arg-type]

    assert "succeeded" == intent.status
    assert isinstance(town.client, httpx.AsyncClient)
