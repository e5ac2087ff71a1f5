"""The card provider behind the port: the real Stripe SDK, and the only module that imports it (D10).

1. Every creating call carries the caller's key as Stripe's idempotency key; a key older than Stripe keeps it is looked
   up by our own id in the metadata, never blindly resent.
2. A timeout, a broken line and a 5xx are `OutcomeUnknown`; a 4xx other than 409 and 429 is `ProviderRefused`.
3. Of an event only its signature, type and object id are used.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec
import stripe
from stripe import HTTPXClient, StripeClient

from auction.fund.gateway import (
    CardBalance,
    CardCharge,
    CardEvent,
    CardLine,
    CardLinePage,
    CardPage,
    CardPayment,
    CardPayout,
    CardPayoutPage,
    CardRefund,
    CardState,
    EventForged,
    OutcomeUnknown,
    PayoutState,
    ProviderRefused,
    RefundState,
    Unavailable,
)

CURRENCY = "cny"
TIMEOUT_S = 15.0
SEARCH_LIMIT = 10
LOST: Final = "lost"
WITHDRAWN: Final = frozenset({"needs_response", "under_review", LOST})
"""Dispute states in which the money was taken from us. An inquiry (``warning_…``) takes none, and a refund answers it."""

_STATES: dict[str, CardState] = {
    "requires_payment_method": "open",
    "requires_confirmation": "open",
    "requires_action": "open",
    "processing": "open",
    "requires_capture": "authorised",
    "succeeded": "succeeded",
    "canceled": "cancelled",
}
_REFUND_STATES: dict[str, RefundState] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_PAYOUT_STATES: dict[str, PayoutState] = {
    "pending": "pending",
    "in_transit": "pending",
    "paid": "paid",
    "failed": "failed",
    "canceled": "failed",
}
_EXPANDED = ["latest_charge.balance_transaction"]

T = TypeVar("T")


class StripeGateway:
    """Card payments through Stripe; see `auction.fund.gateway.CardGateway`."""

    def __init__(self, *, key: str, url: str, webhook_secret: str) -> None:
        """Bind to an account; ``url`` is Stripe's, or a sandbox's in test and demo installations."""
        self._webhook_secret = webhook_secret
        self._http = HTTPXClient(timeout=TIMEOUT_S)
        self._client = StripeClient(
            key,
            http_client=self._http,
            base_addresses={"api": url},
            max_network_retries=0,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # Stripe left it untyped

    async def charge(self, charge: CardCharge) -> CardPayment:
        """Ask for a payment; the same key gives the same payment."""
        intent = await _asked(
            lambda: self._client.v1.payment_intents.create_async(
                {
                    "amount": charge.amount_fen,
                    "currency": CURRENCY,
                    "capture_method": "manual" if charge.hold else "automatic",
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "description": charge.description,
                    "metadata": {"payment_id": charge.payment_id},
                    "expand": _EXPANDED,
                },
                {"idempotency_key": charge.key},
            )
        )
        return await self._picture(intent)

    async def find(self, provider_id: str) -> CardPayment:
        """Read a payment again."""
        return await self._picture(
            await _asked(lambda: self._client.v1.payment_intents.retrieve_async(provider_id, {"expand": _EXPANDED}))
        )

    async def find_by_payment_id(self, payment_id: str) -> CardPayment | None:
        """Look a payment up by our own id; ``None`` when Stripe knows none."""
        found = await _asked(
            lambda: self._client.v1.payment_intents.search_async(
                {"query": f"metadata['payment_id']:'{payment_id}'", "limit": SEARCH_LIMIT}
            )
        )
        return None if not found.data else await self.find(found.data[0].id)

    async def capture(self, provider_id: str, *, amount_fen: int, key: str) -> CardPayment:
        """Take so much of what was authorised, once; Stripe gives the rest free by itself."""
        return await self._picture(
            await _asked(
                lambda: self._client.v1.payment_intents.capture_async(
                    provider_id, {"amount_to_capture": amount_fen, "expand": _EXPANDED}, {"idempotency_key": key}
                )
            )
        )

    async def cancel(self, provider_id: str, *, key: str) -> CardPayment:
        """Give an unpaid or authorised payment up; one that is cancelled already is given as it stands."""
        try:
            return await self._picture(
                await _asked(
                    lambda: self._client.v1.payment_intents.cancel_async(
                        provider_id, {"expand": _EXPANDED}, {"idempotency_key": key}
                    )
                )
            )
        except ProviderRefused:
            standing = await self.find(provider_id)
            if standing.state == "cancelled":
                return standing
            raise

    async def refund(self, provider_id: str, *, amount_fen: int, refund_id: str, key: str) -> CardRefund:
        """Send money back to the card that paid."""
        return _refund(
            await _asked(
                lambda: self._client.v1.refunds.create_async(
                    {"payment_intent": provider_id, "amount": amount_fen, "metadata": {"refund_id": refund_id}},
                    {"idempotency_key": key},
                )
            )
        )

    async def find_refund(self, refund_provider_id: str) -> CardRefund:
        """Read a refund again."""
        return _refund(await _asked(lambda: self._client.v1.refunds.retrieve_async(refund_provider_id)))

    async def find_refund_by_id(self, provider_id: str, refund_id: str) -> CardRefund | None:
        """Look a refund of a payment up by our own id."""
        listed = await _asked(lambda: self._client.v1.refunds.list_async({"payment_intent": provider_id, "limit": 100}))
        for refund in listed.data:
            if _dict(refund.metadata).get("refund_id") == refund_id:
                return _refund(refund)
        return None

    async def payments(self, *, since: datetime, after: str | None, limit: int) -> CardPage:
        """List payments made since an instant, newest first, for the nightly comparison."""
        asked: dict[str, Any] = {
            "created": {"gte": int(since.timestamp())},
            "limit": limit,
            "expand": ["data.latest_charge"],
        }
        if after is not None:
            asked["starting_after"] = after
        page = await _asked(lambda: self._client.v1.payment_intents.list_async(asked))  # type: ignore[arg-type]
        payments = tuple([await self._picture(intent) for intent in page.data])
        return CardPage(payments=payments, next_after=payments[-1].provider_id if page.has_more and payments else None)

    async def payouts(self, *, since: datetime, after: str | None, limit: int) -> CardPayoutPage:
        """List what Stripe sent to the operator's bank account since an instant, newest first."""
        asked: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": limit}
        if after is not None:
            asked["starting_after"] = after
        page = await _asked(lambda: self._client.v1.payouts.list_async(asked))  # type: ignore[arg-type]
        ours = tuple(_payout(payout) for payout in page.data if payout.currency == CURRENCY)
        return CardPayoutPage(payouts=ours, next_after=page.data[-1].id if page.has_more and page.data else None)

    async def balance(self) -> CardBalance:
        """Read what Stripe holds now, in our currency only."""
        found = await _asked(self._client.v1.balance.retrieve_async)
        return CardBalance(available_fen=_in_currency(found.available), pending_fen=_in_currency(found.pending))

    async def balance_lines(self, *, since: datetime, after: str | None, limit: int) -> CardLinePage:
        """List what moved Stripe's balance since an instant, newest first."""
        asked: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": limit}
        if after is not None:
            asked["starting_after"] = after
        page = await _asked(lambda: self._client.v1.balance_transactions.list_async(asked))  # type: ignore[arg-type]
        ours = tuple(
            CardLine(line_id=line.id, kind=str(line.type), fee_fen=int(line.fee), net_fen=int(line.net))
            for line in page.data
            if line.currency == CURRENCY
        )
        return CardLinePage(lines=ours, next_after=page.data[-1].id if page.has_more and page.data else None)

    async def _picture(self, intent: Any) -> CardPayment:  # noqa: ANN401 - Stripe's objects are typed per version only
        """Picture a payment; a disputed one with what its disputes took back and did not return."""
        payment = _payment(intent)
        if not _dict(_dict(intent).get("latest_charge")).get("disputed"):
            return payment
        listed = await _asked(
            lambda: self._client.v1.disputes.list_async({"payment_intent": payment.provider_id, "limit": 100})
        )
        taken = sum(int(dispute.amount) for dispute in listed.data if dispute.status in WITHDRAWN)
        lost = sum(int(dispute.amount) for dispute in listed.data if dispute.status == LOST)
        return msgspec.structs.replace(payment, disputed_fen=taken, lost_fen=lost)

    def read_event(self, body: bytes, signature: str) -> CardEvent:
        """Verify a callback on its raw bytes. Raises `EventForged`."""
        try:
            stripe.WebhookSignature.verify_header(
                body.decode("utf-8"), signature, self._webhook_secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE
            )
            event = msgspec.json.decode(body, type=_Event)
        except (stripe.SignatureVerificationError, UnicodeDecodeError, msgspec.DecodeError) as fault:
            raise EventForged(str(fault)) from fault
        about = event.data.object
        named = about.get("id") if about.get("object") == "payment_intent" else about.get("payment_intent")
        return CardEvent(
            event_id=event.id,
            kind=event.type,
            object_id=str(about.get("id", "")),
            payment_provider_id=named if isinstance(named, str) else None,
        )


class _EventData(msgspec.Struct):
    object: dict[str, Any]


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _EventData


async def _asked(call: Callable[[], Awaitable[T]]) -> T:
    """Make one call; translate Stripe's errors by whether the outcome is known (rule 2)."""
    try:
        return await call()
    except stripe.APIConnectionError as fault:
        if _never_arrived(fault):
            raise Unavailable(str(fault)) from fault
        raise OutcomeUnknown(str(fault)) from fault
    except (stripe.RateLimitError, stripe.IdempotencyError) as fault:
        if isinstance(fault, stripe.IdempotencyError):
            raise ProviderRefused("idempotency_error", str(fault)) from fault
        raise Unavailable(str(fault)) from fault
    except stripe.StripeError as fault:
        if fault.http_status is None or fault.http_status >= 500 or fault.http_status == 409:
            raise OutcomeUnknown(str(fault)) from fault
        raise ProviderRefused(fault.code or f"status_{fault.http_status}", str(fault)) from fault


def _never_arrived(fault: BaseException) -> bool:
    """Whether the connection itself failed, so that nothing can have been done."""
    cause: BaseException | None = fault
    while cause is not None:
        if type(cause).__name__ in ("ConnectError", "ConnectTimeout"):
            return True
        cause = cause.__cause__ or cause.__context__
    return "ConnectError" in str(fault)


def _payment(intent: Any) -> CardPayment:  # noqa: ANN401 - Stripe's objects are typed per version only
    raw = _dict(intent)
    charge = raw.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    state = _STATES[str(raw["status"])]
    return CardPayment(
        provider_id=str(raw["id"]),
        payment_id=str((raw.get("metadata") or {}).get("payment_id", "")),
        state=state,
        amount_fen=int(raw["amount"]),
        received_fen=int(raw.get("amount_received") or 0),
        client_secret=raw.get("client_secret"),
        capture_before=_capture_before(charge),
        fee_fen=_fee(charge),
    )


def _capture_before(charge: dict[str, Any]) -> datetime | None:
    details = charge.get("payment_method_details") or {}
    until = (details.get("card") or {}).get("capture_before")
    return None if until is None else datetime.fromtimestamp(int(until), UTC)


def _fee(charge: dict[str, Any]) -> int:
    balance = charge.get("balance_transaction")
    return int(balance.get("fee") or 0) if isinstance(balance, dict) else 0


def _refund(refund: Any) -> CardRefund:  # noqa: ANN401 - Stripe's objects are typed per version only
    raw = _dict(refund)
    intent = raw.get("payment_intent")
    return CardRefund(
        provider_id=str(raw["id"]),
        payment_provider_id=str(intent["id"] if isinstance(intent, dict) else intent),
        state=_REFUND_STATES[str(raw["status"])],
        amount_fen=int(raw["amount"]),
    )


def _in_currency(parts: Any) -> int:  # noqa: ANN401 - Stripe's objects are typed per version only
    return sum(int(part.amount) for part in parts if part.currency == CURRENCY)


def _payout(payout: Any) -> CardPayout:  # noqa: ANN401 - Stripe's objects are typed per version only
    raw = _dict(payout)
    return CardPayout(
        provider_id=str(raw["id"]),
        state=_PAYOUT_STATES[str(raw["status"])],
        amount_fen=int(raw["amount"]),
        arrives_on=datetime.fromtimestamp(int(raw["arrival_date"]), UTC).date(),
    )


def _dict(found: Any) -> dict[str, Any]:  # noqa: ANN401 - Stripe's objects
    if found is None or isinstance(found, str):
        return {}
    if isinstance(found, dict):
        return found
    made: dict[str, Any] = found.to_dict()
    return made
