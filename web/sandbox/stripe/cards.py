"""Stripe's published test cards: what each token or number does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RefundMood = Literal["succeeds", "stays_pending", "fails"]


@dataclass(frozen=True)
class Card:
    """One test card."""

    last4: str
    brand: str = "visa"
    decline: str | None = None
    """Decline code; None when the card pays."""
    error_code: str = "card_declined"
    asks_authentication: bool = False
    refund: RefundMood = "succeeds"
    disputed: bool = False


_VISA = Card("4242")

CARDS: dict[str, Card] = {
    "visa": _VISA,
    "visa_debit": Card("5556"),
    "mastercard": Card("4444", "mastercard"),
    "amex": Card("8431", "amex"),
    "jcb": Card("0505", "jcb"),
    "unionpay": Card("0005", "unionpay"),
    "cn": Card("0008"),
    "chargeDeclined": Card("0002", decline="generic_decline"),
    "visa_chargeDeclined": Card("0002", decline="generic_decline"),
    "chargeDeclinedInsufficientFunds": Card("9995", decline="insufficient_funds"),
    "visa_chargeDeclinedInsufficientFunds": Card("9995", decline="insufficient_funds"),
    "chargeDeclinedExpiredCard": Card("0069", decline="expired_card", error_code="expired_card"),
    "chargeDeclinedIncorrectCvc": Card("0127", decline="incorrect_cvc", error_code="incorrect_cvc"),
    "chargeDeclinedProcessingError": Card("0119", decline="processing_error", error_code="processing_error"),
    "visa_chargeDeclinedLostCard": Card("9987", decline="lost_card"),
    "visa_chargeDeclinedStolenCard": Card("9979", decline="stolen_card"),
    "authenticationRequired": Card("3184", asks_authentication=True),
    "threeDSecure2Required": Card("3220", asks_authentication=True),
    "threeDSecureRequired": Card("3220", asks_authentication=True),
    "refundFail": Card("5126", refund="fails"),
    "pendingRefund": Card("7726", refund="stays_pending"),
    "createDispute": Card("0259", disputed=True),
}
_NUMBERS = {
    "4242424242424242": "visa",
    "5555555555554444": "mastercard",
    "6200000000000005": "unionpay",
    "4000001560000002": "cn",
    "4000000000000002": "chargeDeclined",
    "4000000000009995": "chargeDeclinedInsufficientFunds",
    "4000002760003184": "authenticationRequired",
    "4000000000003220": "threeDSecure2Required",
}


def card_name(given: str) -> str | None:
    """Find the card behind ``pm_card_…``, ``tok_…`` or a test number; None when it is none of Stripe's test cards."""
    if given in _NUMBERS:
        return _NUMBERS[given]
    for prefix in ("pm_card_", "tok_"):
        name = given.removeprefix(prefix)
        if name != given and name in CARDS:
            return name
    return None
