"""Stripe's objects as they are made: pure builders, amounts in fen (the minor unit of CNY).

Every field of Stripe's published example of the resource is there; what this sandbox has no use for is null or empty.
"""

from __future__ import annotations

import secrets
from typing import Any

from web.sandbox.book import Document
from web.sandbox.stripe.cards import Card

AUTHORISATION_S = 7 * 86_400
"""How long a card authorisation holds; then the intent is cancelled."""
SETTLEMENT_S = 2 * 86_400
"""How long charged money stays pending in the balance."""
FEE_PER_MYRIAD = 340
FEE_FIXED_FEN = 235
"""The sandbox's price: 3.4 % + ¥2.35 per payment; kept when a payment is refunded."""

_ADVICE: Document = dict.fromkeys(("advice_code", "network_advice_code", "network_decline_code"))
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
    "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def new_id(prefix: str, length: int = 24) -> str:
    """Make an id in Stripe's style."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def fee_fen(amount: int) -> int:
    """Give the fee for a charge, half a fen upwards."""
    return (amount * FEE_PER_MYRIAD + 5_000) // 10_000 + FEE_FIXED_FEN


def build_intent(fields: Document, *, now: int) -> Document:
    """Build a payment intent; ``fields`` overrides what stands here."""
    id_ = new_id("pi")
    return {
        "id": id_,
        "object": "payment_intent",
        "amount": 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id_}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": "cny",
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        **fields,
    }


def build_method(card: Card, *, now: int, metadata: dict[str, str]) -> Document:
    """Build a card payment method."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": _no_details(),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "CN",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": None,
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": metadata,
        "type": "card",
    }


def build_charge(intent: Document, method: Document, *, now: int, decline: str | None, capture_now: bool) -> Document:
    """Build the charge of one attempt: declined, authorised or captured."""
    paid = decline is None
    captured = paid and capture_now
    id_ = new_id("ch")
    return {
        "id": id_,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        **dict.fromkeys(("application", "application_fee", "application_fee_amount")),
        "balance_transaction": None,
        "billing_details": _no_details(),
        "calculated_statement_descriptor": None,
        "captured": captured,
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None if paid else "card_declined",
        "failure_message": None if paid else "Your card was declined.",
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": _card_details(intent, method, now=now, hold=paid and not captured),
            "type": "card",
        },
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "refunds": None,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def build_refund(charge: Document, *, amount: int, now: int, reason: str | None, metadata: dict[str, str]) -> Document:
    """Build a refund, pending."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": None,
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    }


def build_balance_transaction(
    *, amount: int, fee: int, kind: str, source: str, currency: str, now: int, description: str | None
) -> Document:
    """Build one line of the balance; what leaves is negative, ``net = amount - fee``."""
    fee_details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Sandbox processing fee",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now + SETTLEMENT_S if kind == "charge" else now,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fee_details if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "pending" if kind == "charge" else "available",
        "type": kind,
    }


def build_payout(
    *, amount: int, currency: str, now: int, description: str | None, descriptor: str | None, metadata: dict[str, str]
) -> Document:
    """Build a payout to the account holder's own bank account, in transit."""
    return {
        "id": new_id("po"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": now + SETTLEMENT_S,
        "automatic": False,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "description": description,
        "destination": "ba_sandbox",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": metadata,
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": descriptor,
        "status": "in_transit",
        "trace_id": None,
        "type": "bank_account",
    }


def build_dispute(charge: Document, *, now: int, reason: str) -> Document:
    """Build a dispute over a whole charge."""
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "enhanced_eligibility": {},
            "due_by": now + AUTHORISATION_S,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network": charge["payment_method_details"]["card"]["network"],
                "network_reason_code": None,
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def build_endpoint(*, id_: str, url: str, events: list[str], now: int, description: str | None) -> Document:
    """Build a webhook endpoint; its secret is kept apart."""
    return {
        "id": id_,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": now,
        "description": description,
        "enabled_events": events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }


def build_event(
    type_: str,
    content: Document,
    *,
    previous: Document | None,
    now: int,
    api_version: str,
    request: Document,
    hooks: int,
) -> Document:
    """Build an event around a snapshot of its object."""
    body: Document = {"object": content}
    if previous is not None:
        body["previous_attributes"] = previous
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": api_version,
        "created": now,
        "data": body,
        "livemode": False,
        "pending_webhooks": hooks,
        "request": request,
        "type": type_,
    }


def _card_details(intent: Document, method: Document, *, now: int, hold: bool) -> Document:
    card: dict[str, Any] = method["card"]
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "brand": card["brand"],
        "capture_before": now + AUTHORISATION_S if hold else None,
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": None,
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }


def _outcome(decline: str | None) -> Document:
    if decline is None:
        return {
            **_ADVICE,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        **_ADVICE,
        "network_status": "declined_by_network",
        "reason": decline,
        "risk_level": "normal",
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def _no_details() -> Document:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}
