"""The card provider's door: the real SDK against the sandbox over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from auction.fund.channels import stripe_gateway
from auction.fund.gateway import (
    CARD_LEAST_FEN,
    CARD_LIMIT_FEN,
    CardCharge,
    CardPayoutPage,
    EventForged,
    OutcomeUnknown,
    ProviderRefused,
    Unavailable,
)
from tests.web.partners.conftest import Street, eventually, unheard_url

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so
SERVERS = ("stripe",)
FEN = 210_000_00
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def charge(number: int = 1, **changes: object) -> CardCharge:
    """A payment to be asked for."""
    asked = CardCharge(
        key=f"charge:{number}", payment_id=f"payment-{number}", amount_fen=FEN, hold=False, description="竞买保证金"
    )
    return msgspec.structs.replace(asked, **changes)


async def test_charge_is_open_until_its_holder_pays(street: Street) -> None:
    """A charge asks for the money and takes none; once paid it is received whole, with the provider's fee."""
    cards = street.cards()
    asked = await cards.charge(charge())
    await street.pay(asked.provider_id)
    paid = await cards.find(asked.provider_id)

    assert (asked.state, asked.amount_fen, asked.received_fen, asked.payment_id) == ("open", FEN, 0, "payment-1")
    assert asked.client_secret is not None
    assert (paid.state, paid.received_fen, paid.disputed_fen) == ("succeeded", FEN, 0)
    assert paid.fee_fen > 0


async def test_same_key_is_the_same_payment(street: Street) -> None:
    """A charge asked for again under its key makes no second payment; other content under the key is refused."""
    cards = street.cards()
    first = await cards.charge(charge())
    again = await cards.charge(charge())
    with pytest.raises(ProviderRefused) as refused:
        await cards.charge(charge(amount_fen=FEN + 1))

    assert again.provider_id == first.provider_id
    assert refused.value.code == "idempotency_error"
    assert [intent["id"] for intent in await street.intents()] == [first.provider_id]


async def test_hold_is_captured_once(street: Street) -> None:
    """An authorised payment is not received before it is captured; capturing again under the key changes nothing."""
    cards = street.cards()
    asked = await cards.charge(charge(hold=True))
    await street.pay(asked.provider_id)
    held = await cards.find(asked.provider_id)
    captured = await cards.capture(asked.provider_id, amount_fen=FEN, key="capture:1")
    again = await cards.capture(asked.provider_id, amount_fen=FEN, key="capture:1")

    assert (held.state, held.received_fen) == ("authorised", 0)
    assert held.capture_before is not None
    assert timedelta(days=6) < held.capture_before - datetime.now(UTC) <= timedelta(days=7)
    assert (captured.state, captured.received_fen) == ("succeeded", FEN)
    assert again == captured
    with pytest.raises(ProviderRefused):
        await cards.cancel(asked.provider_id, key="cancel:1")


async def test_part_of_a_hold_is_captured_and_the_rest_is_free(street: Street) -> None:
    """What is captured is received, once; the rest cannot be taken any more, and more than is held, or another amount, is refused."""
    cards = street.cards()
    asked = await cards.charge(charge(hold=True))
    await street.pay(asked.provider_id)
    with pytest.raises(ProviderRefused) as too_much:
        await cards.capture(asked.provider_id, amount_fen=FEN + 1, key="capture:0")
    with pytest.raises(ProviderRefused) as too_little:
        await cards.capture(asked.provider_id, amount_fen=CARD_LEAST_FEN - 1, key="capture:00")
    captured = await cards.capture(asked.provider_id, amount_fen=FEN - 1, key="capture:1")
    again = await cards.capture(asked.provider_id, amount_fen=FEN - 1, key="capture:1")
    with pytest.raises(ProviderRefused) as other:
        await cards.capture(asked.provider_id, amount_fen=FEN, key="capture:1")
    with pytest.raises(ProviderRefused):
        await cards.capture(asked.provider_id, amount_fen=CARD_LEAST_FEN, key="capture:2")

    assert (captured.state, captured.amount_fen, captured.received_fen) == ("succeeded", FEN, FEN - 1)
    assert again == captured
    assert (too_much.value.code, too_little.value.code) == ("amount_too_large", "amount_too_small")
    assert other.value.code == "idempotency_error"
    (intent,) = await street.intents()
    assert intent["amount_capturable"] == 0


async def test_payouts_come_page_by_page_as_they_stand_now(street: Street) -> None:
    """Each payout once, newest first: on its way, paid, and failed after it was paid; none where none was made."""
    cards = street.cards()
    assert await cards.payouts(since=LONG_AGO, after=None, limit=2) == CardPayoutPage(payouts=(), next_after=None)
    asked = await cards.charge(charge())
    await street.pay(asked.provider_id)
    await street.order("stripe", do="clock", advance_s=8 * 86_400)
    await street.order("stripe", do="payouts", mood="hold")
    made = [
        (await street.stripe("POST", "/v1/payouts", amount=str(1000 + number), currency="cny")).json()["id"]
        for number in range(3)
    ]
    for payout_id in made[:2]:
        await street.order("stripe", do="settle_payout", payout=payout_id, failed=False)
    await street.order("stripe", do="settle_payout", payout=made[0], failed=True)

    first = await cards.payouts(since=LONG_AGO, after=None, limit=2)
    last = await cards.payouts(since=LONG_AGO, after=first.next_after, limit=2)

    assert first.next_after == made[1]
    assert last.next_after is None
    assert [(p.provider_id, p.state, p.amount_fen) for p in (*first.payouts, *last.payouts)] == [
        (made[2], "pending", 1002),
        (made[1], "paid", 1001),
        (made[0], "failed", 1000),
    ]


async def test_cancelled_hold_stays_cancelled(street: Street) -> None:
    """A hold given up cannot be captured; giving it up again, also under another key, gives it as it stands."""
    cards = street.cards()
    asked = await cards.charge(charge(hold=True))
    await street.pay(asked.provider_id)
    first = await cards.cancel(asked.provider_id, key="cancel:1")
    again = await cards.cancel(asked.provider_id, key="cancel:2")

    assert (first.state, again.state, again.received_fen) == ("cancelled", "cancelled", 0)
    with pytest.raises(ProviderRefused):
        await cards.capture(asked.provider_id, amount_fen=FEN, key="capture:1")


async def test_refund_goes_back_once(street: Street) -> None:
    """The same key refunds once; the refund is found by its id and by ours, and more than was paid is refused."""
    cards = street.cards()
    asked = await cards.charge(charge())
    await street.pay(asked.provider_id)
    first = await cards.refund(asked.provider_id, amount_fen=FEN, refund_id="refund-1", key="refund:1")
    again = await cards.refund(asked.provider_id, amount_fen=FEN, refund_id="refund-1", key="refund:1")
    settled = await eventually(lambda: cards.find_refund(first.provider_id), lambda seen: seen.state != "pending")
    with pytest.raises(ProviderRefused):
        await cards.refund(asked.provider_id, amount_fen=1, refund_id="refund-2", key="refund:2")

    assert again.provider_id == first.provider_id
    assert (settled.state, settled.amount_fen, settled.payment_provider_id) == ("succeeded", FEN, asked.provider_id)
    assert await cards.find_refund_by_id(asked.provider_id, "refund-1") == settled
    assert await cards.find_refund_by_id(asked.provider_id, "refund-2") is None


async def test_refund_that_the_card_rejects_has_failed(street: Street) -> None:
    """A refund that bounces is seen as failed, not as pending for ever."""
    cards = street.cards()
    asked = await cards.charge(charge())
    await street.pay(asked.provider_id, card="pm_card_refundFail")
    refund = await cards.refund(asked.provider_id, amount_fen=FEN, refund_id="refund-1", key="refund:1")

    settled = await eventually(lambda: cards.find_refund(refund.provider_id), lambda seen: seen.state != "pending")

    assert settled.state == "failed"


@pytest.mark.parametrize("fault", ["no_answer_after", "drop_after", "error_after"])
async def test_lost_answer_is_unknown_and_the_payment_is_found(
    street: Street, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """An answer lost after the payment was made is `OutcomeUnknown`; it is found by our id, and never made twice."""
    monkeypatch.setattr(stripe_gateway, "TIMEOUT_S", 2.0)
    cards = street.cards()
    await street.order("stripe", do="fault", kind=fault, method="POST", path="/v1/payment_intents", times=1)

    with pytest.raises(OutcomeUnknown):
        await cards.charge(charge())
    found = await cards.find_by_payment_id("payment-1")
    again = await cards.charge(charge())

    assert found is not None
    assert found.provider_id == again.provider_id
    assert [intent["id"] for intent in await street.intents()] == [again.provider_id]


@pytest.mark.parametrize("fault", ["no_answer_before", "drop_before", "error_before"])
async def test_lost_request_is_unknown_too(street: Street, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Nobody can tell a lost request from a lost answer: unknown, nothing found, and asking again makes one payment."""
    monkeypatch.setattr(stripe_gateway, "TIMEOUT_S", 2.0)
    cards = street.cards()
    await street.order("stripe", do="fault", kind=fault, method="POST", path="/v1/payment_intents", times=1)

    with pytest.raises(OutcomeUnknown):
        await cards.charge(charge())
    assert await cards.find_by_payment_id("payment-1") is None
    again = await cards.charge(charge())

    assert [intent["id"] for intent in await street.intents()] == [again.provider_id]


async def test_lost_answers_of_capture_and_refund_take_and_give_once(street: Street) -> None:
    """Capture and refund whose answers were lost are repeated under their keys: taken once, given back once."""
    cards = street.cards()
    asked = await cards.charge(charge(hold=True))
    await street.pay(asked.provider_id)
    await street.order("stripe", do="fault", kind="drop_after", method="POST", path="/v1/", times=1)
    with pytest.raises(OutcomeUnknown):
        await cards.capture(asked.provider_id, amount_fen=FEN, key="capture:1")
    captured = await cards.capture(asked.provider_id, amount_fen=FEN, key="capture:1")
    await street.order("stripe", do="fault", kind="drop_after", method="POST", path="/v1/refunds", times=1)
    with pytest.raises(OutcomeUnknown):
        await cards.refund(asked.provider_id, amount_fen=FEN, refund_id="refund-1", key="refund:1")
    found = await cards.find_refund_by_id(asked.provider_id, "refund-1")
    refund = await cards.refund(asked.provider_id, amount_fen=FEN, refund_id="refund-1", key="refund:1")

    assert captured.received_fen == FEN
    assert found is not None
    assert found.provider_id == refund.provider_id
    assert len((await street.stripe("GET", "/v1/refunds")).json()["data"]) == 1


async def test_refused_connection_certainly_did_nothing(street: Street) -> None:
    """Where nobody listens, every call is `Unavailable`."""
    cards = street.cards(url=unheard_url())

    with pytest.raises(Unavailable):
        await cards.charge(charge())
    with pytest.raises(Unavailable):
        await cards.find("pi_1")


async def test_declined_card_leaves_the_payment_open(street: Street) -> None:
    """A decline takes nothing and the same payment can be paid with another card."""
    cards = street.cards()
    asked = await cards.charge(charge())
    declined = await street.pay(asked.provider_id, card="pm_card_chargeDeclined")
    standing = await cards.find(asked.provider_id)
    await street.pay(asked.provider_id)

    assert declined.status_code == 402
    assert (standing.state, standing.received_fen) == ("open", 0)
    assert (await cards.find(asked.provider_id)).received_fen == FEN


async def test_card_holds_at_most_eight_digits(street: Street) -> None:
    """¥999,999.99 is asked for; a fen more is refused with the provider's own code, and nothing is made."""
    cards = street.cards()
    taken = await cards.charge(charge(1, amount_fen=CARD_LIMIT_FEN))
    with pytest.raises(ProviderRefused) as refused:
        await cards.charge(charge(2, amount_fen=CARD_LIMIT_FEN + 1))

    assert taken.amount_fen == CARD_LIMIT_FEN
    assert refused.value.code == "amount_too_large"
    assert len(await street.intents()) == 1


async def test_unknown_payment_and_wrong_key_are_refusals(street: Street) -> None:
    """What the provider decides against is `ProviderRefused`, never unknown."""
    with pytest.raises(ProviderRefused) as unknown:
        await street.cards().find("pi_nobody")
    with pytest.raises(ProviderRefused):
        await street.cards(key="sk_test_another").charge(charge())

    assert unknown.value.code == "resource_missing"


async def test_disputed_money_is_not_with_us_until_it_returns(street: Street) -> None:
    """A dispute takes the whole payment back; won, it is ours again; lost, it stays away."""
    cards = street.cards()
    disputes = []
    for number in (1, 2):
        asked = await cards.charge(charge(number))
        await street.pay(asked.provider_id)
        intent = (await street.stripe("GET", f"/v1/payment_intents/{asked.provider_id}")).json()
        await street.order("stripe", do="dispute", charge=intent["latest_charge"])
        (dispute,) = (await street.stripe("GET", "/v1/disputes", payment_intent=asked.provider_id)).json()["data"]
        disputes.append((asked.provider_id, dispute["id"]))
    open_fen = [(await cards.find(provider_id)).disputed_fen for provider_id, _ in disputes]
    await street.order("stripe", do="close_dispute", dispute=disputes[0][1], won=True)
    await street.order("stripe", do="close_dispute", dispute=disputes[1][1], won=False)

    assert open_fen == [FEN, FEN]
    assert [(await cards.find(provider_id)).disputed_fen for provider_id, _ in disputes] == [0, FEN]
    assert [(await cards.find(provider_id)).lost_fen for provider_id, _ in disputes] == [0, FEN]
    with pytest.raises(ProviderRefused) as refused:
        await cards.refund(disputes[1][0], amount_fen=FEN, refund_id="r1", key="refund:r1")
    assert refused.value.code == "charge_disputed"
    assert (await cards.refund(disputes[0][0], amount_fen=FEN, refund_id="r2", key="refund:r2")).amount_fen == FEN
    page = await cards.payments(since=LONG_AGO, after=None, limit=10)
    assert {p.provider_id: p.disputed_fen for p in page.payments} == {disputes[0][0]: 0, disputes[1][0]: FEN}


async def test_inquiry_takes_no_money_and_is_answered_by_a_refund(street: Street) -> None:
    """The holder's bank only asks: nothing is disputed in the books, and the card takes its refund."""
    cards = street.cards()
    asked = await cards.charge(charge())
    await street.pay(asked.provider_id)
    intent = (await street.stripe("GET", f"/v1/payment_intents/{asked.provider_id}")).json()
    await street.order("stripe", do="dispute", charge=intent["latest_charge"], inquiry=True)

    seen = await cards.find(asked.provider_id)
    assert (seen.disputed_fen, seen.lost_fen) == (0, 0)
    assert (await cards.refund(asked.provider_id, amount_fen=FEN, refund_id="r1", key="refund:r1")).amount_fen == FEN
    (dispute,) = (await street.stripe("GET", "/v1/disputes", payment_intent=asked.provider_id)).json()["data"]
    await street.order("stripe", do="close_dispute", dispute=dispute["id"], won=True)
    assert (await cards.find(asked.provider_id)).disputed_fen == 0


async def test_payments_come_page_by_page_each_once(street: Street) -> None:
    """Pages name where the next begins; the last names none; together they hold each payment once, newest first."""
    cards = street.cards()
    made = [(await cards.charge(charge(number))).provider_id for number in range(1, 6)]
    listed: list[str] = []
    sizes = []
    after = None
    for _ in range(10):
        page = await cards.payments(since=LONG_AGO, after=after, limit=2)
        listed += [payment.provider_id for payment in page.payments]
        sizes.append(len(page.payments))
        if (after := page.next_after) is None:
            break

    assert listed == made[::-1]
    assert sizes == [2, 2, 1]
    later = await cards.payments(since=datetime.now(UTC) + timedelta(hours=1), after=None, limit=2)
    assert (later.payments, later.next_after) == ((), None)


def event(**changes: object) -> bytes:
    """A callback's body."""
    content = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"object": "payment_intent", "id": "pi_1"}},
    }
    return json.dumps(content | changes).encode()


def signature(street: Street, body: bytes, *, at: float | None = None, secret: str | None = None) -> str:
    """Sign as the provider does."""
    time_s = int(time.time() if at is None else at)
    key = secret or street.connections["stripe"]["webhook_secret"]
    mac = hmac.new(key.encode(), f"{time_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={time_s},v1={mac}"


@pytest.mark.parametrize(
    ("about", "payment_id"),
    [
        ({"object": "payment_intent", "id": "pi_1"}, "pi_1"),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, "pi_1"),
        ({"object": "refund", "id": "re_1", "payment_intent": "pi_1"}, "pi_1"),
        ({"object": "payout", "id": "po_1"}, None),
    ],
)
async def test_event_names_its_payment(street: Street, about: dict[str, str], payment_id: str | None) -> None:
    """Of a verified event its id, kind and object are read, and the payment that it is about."""
    body = event(data={"object": about})

    read = street.cards().read_event(body, signature(street, body))

    assert (read.event_id, read.kind) == ("evt_1", "payment_intent.succeeded")
    assert (read.object_id, read.payment_provider_id) == (about["id"], payment_id)


async def test_event_is_forged_unless_its_signature_is_right_and_fresh(street: Street) -> None:
    """A wrong secret, an altered body, no signature, and one older than five minutes are `EventForged`."""
    cards, body = street.cards(), event()
    right = signature(street, body)
    forged = {
        "other secret": (body, signature(street, body, secret="whsec_other")),
        "altered body": (event(id="evt_2"), right),
        "none": (body, ""),
        "no time": (body, right.partition(",")[2]),
        "old": (body, signature(street, body, at=time.time() - 302)),
        "not text": (b"\xff" + body, signature(street, b"\xff" + body)),
        "not an event": (b"[]", signature(street, b"[]")),
    }

    for sent, given in forged.values():
        with pytest.raises(EventForged):
            cards.read_event(sent, given)
    assert cards.read_event(body, signature(street, body, at=time.time() - 290)).event_id == "evt_1"
