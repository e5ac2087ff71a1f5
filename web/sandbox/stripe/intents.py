"""Payment intents: create, update, confirm, authenticate, capture, cancel, expire.

1. An amount has at most eight digits (¥999,999.99) and is at least ¥4.00.
2. A decline is an answer that stands: the failed charge and ``last_payment_error`` are kept with it.
3. A manual capture holds for seven days of virtual time; then the intent is cancelled by itself.
4. One capture, whole or in part; the rest of a partial capture is released.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from web.sandbox.book import Document
from web.sandbox.callbacks import is_loopback
from web.sandbox.stripe import objects
from web.sandbox.stripe.cards import CARDS, card_name
from web.sandbox.stripe.errors import CardDeclined, ParameterWrong, ResourceMissing, StateWrong
from web.sandbox.stripe.forms import Form
from web.sandbox.stripe.till import Till

MAX_AMOUNT = 99_999_999
MIN_AMOUNT = 400
CURRENCIES = ("cny", "hkd", "usd")
EXPIRE = "expire_authorisation"
DISPUTE = "open_dispute"

_DETAILS = ("metadata", "description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")
_ADDED = ("payment_method", "payment_method_data", "payment_method_options", "payment_method_types")
_CREATE = (
    "amount", "currency", "capture_method", "confirm", "confirmation_method", "automatic_payment_methods", "return_url",
    "off_session", "error_on_requires_action", "transfer_group", "customer", "use_stripe_sdk", *_DETAILS, *_ADDED,
)  # fmt: skip
_CONFIRM = ("return_url", "off_session", "error_on_requires_action", "capture_method", "use_stripe_sdk", *_ADDED)
_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}
_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")


def create_intent(till: Till, form: Form) -> Document:
    """Create an intent, and confirm it when ``confirm`` says so."""
    form.only(*_CREATE)
    fields = {
        "amount": check_amount(form.whole("amount"), "amount"),
        "currency": form.choice("currency", *CURRENCIES) or form.needed("currency"),
        "capture_method": form.choice("capture_method", "automatic", "automatic_async", "manual") or "automatic_async",
        "transfer_group": form.text("transfer_group"),
        **_details(form, {}),
    }
    if form.flag("confirm") and not (form.has("payment_method") or form.has("payment_method_data")):
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise ParameterWrong(message, code="payment_intent_unexpected_state", param="payment_method")
    if form.group("automatic_payment_methods").get("enabled") == "true":
        fields["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    _check_types(form)
    method = _method_given(till, form)
    intent = till.add(objects.build_intent(fields, now=till.now))
    till.emit("payment_intent.created", intent)
    if method is not None:
        intent = till.change(intent, payment_method=method["id"], status="requires_confirmation")
    return attempt(till, intent, form) if form.flag("confirm") else intent


def update_intent(till: Till, form: Form, id_: str) -> Document:
    """Change amount, descriptions, metadata or method of an intent that nobody paid."""
    form.only("amount", "transfer_group", *_DETAILS, *_ADDED)
    intent = till.get("payment_intent", id_)
    changes = _details(form, intent)
    if form.has("amount"):
        changes["amount"] = check_amount(form.whole("amount"), "amount")
        if intent["status"] not in _OPEN:
            raise _unexpected(intent, "changed in its amount")
    method = _method_given(till, form)
    if method is not None:
        changes |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return till.change(intent, **changes)


def confirm_intent(till: Till, form: Form, id_: str) -> Document:
    """Try to pay."""
    form.only(*_CONFIRM)
    intent = till.get("payment_intent", id_)
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "confirmed")
    method = _method_given(till, form)
    if method is not None:
        intent = till.change(intent, payment_method=method["id"])
    if intent["payment_method"] is None:
        raise _unexpected(intent, "confirmed: it's missing a payment method")
    return attempt(till, intent, form)


def attempt(till: Till, intent: Document, form: Form) -> Document:
    """Charge the intent's card: paid, held, declined, or asked to authenticate."""
    card = CARDS[till.hidden(intent["payment_method"])["card"]]
    if card.decline is not None:
        raise CardDeclined(_decline(till, intent, decline=card.decline, code=card.error_code))
    if not card.asks_authentication:
        return charge_intent(till, intent)
    if form.flag("error_on_requires_action") or form.has("off_session"):
        raise CardDeclined(_decline(till, intent, decline="authentication_required", code="authentication_required"))
    return_url = form.text("return_url")
    if return_url is not None and not is_loopback(return_url):
        raise ParameterWrong("The sandbox returns to loopback addresses only.", param="return_url")
    page = f"{till.public_url}/sandbox/pay/{intent['id']}"
    url = page + (f"?{urlencode({'return_url': return_url})}" if return_url else "")
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": return_url}}
    intent = till.change(intent, status="requires_action", next_action=action)
    till.emit("payment_intent.requires_action", intent)
    return intent


def authenticate_intent(till: Till, id_: str, *, passed: bool) -> Document:
    """Finish a 3-D Secure challenge, as the card holder does on the page."""
    intent = till.get("payment_intent", id_)
    if intent["status"] != "requires_action":
        raise _unexpected(intent, "authenticated")
    if passed:
        return charge_intent(till, intent)
    _decline(till, intent, decline="authentication_failed", code="payment_intent_authentication_failure")
    return till.get("payment_intent", id_)


def charge_intent(till: Till, intent: Document) -> Document:
    """Take or hold the money."""
    method = till.get("payment_method", intent["payment_method"])
    manual = intent["capture_method"] == "manual"
    charge = till.add(objects.build_charge(intent, method, now=till.now, decline=None, capture_now=not manual))
    settled = {"latest_charge": charge["id"], "next_action": None, "last_payment_error": None}
    if manual:
        intent = till.change(intent, status="requires_capture", amount_capturable=intent["amount"], **settled)
        expires_at = charge["payment_method_details"]["card"]["capture_before"]
        till.tx.schedule(EXPIRE, intent["id"], datetime.fromtimestamp(expires_at, UTC))
        till.emit("charge.succeeded", charge)
        till.emit("payment_intent.amount_capturable_updated", intent)
        return intent
    charge = _book_charge(till, charge, intent["amount"])
    intent = till.change(intent, status="succeeded", amount_received=intent["amount"], **settled)
    till.emit("charge.succeeded", charge)
    till.emit("payment_intent.succeeded", intent)
    return intent


def capture_intent(till: Till, form: Form, id_: str) -> Document:
    """Take what was held, once; less than all releases the rest."""
    form.only("amount_to_capture", "final_capture", "metadata", "statement_descriptor", "statement_descriptor_suffix")
    intent = till.get("payment_intent", id_)
    if form.text("final_capture") == "false":
        raise ParameterWrong("Multicapture is not available for this payment.", param="final_capture")
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "captured")
    wanted = form.whole("amount_to_capture")
    amount = intent["amount_capturable"] if wanted is None else check_amount(wanted, "amount_to_capture")
    if amount > intent["amount_capturable"]:
        message = "The amount to capture is greater than the amount authorized."
        raise ParameterWrong(message, code="amount_too_large", param="amount_to_capture")
    charge = till.change(till.get("charge", intent["latest_charge"]), captured=True, amount_captured=amount)
    charge = _book_charge(till, charge, amount)
    changes = {"amount_capturable": 0, "amount_received": amount, "metadata": form.metadata(intent["metadata"])}
    intent = till.change(intent, status="succeeded", **changes)
    till.tx.unschedule(EXPIRE, id_)
    till.emit("charge.captured", charge)
    till.emit("payment_intent.succeeded", intent)
    return intent


def cancel_intent(till: Till, form: Form, id_: str) -> Document:
    """Give up an intent; what was held is released."""
    form.only("cancellation_reason")
    intent = till.get("payment_intent", id_)
    reason = form.choice("cancellation_reason", *_REASONS)
    if intent["status"] not in _OPEN | {"requires_capture"}:
        raise _unexpected(intent, "canceled")
    if intent["status"] == "requires_capture":
        charge = till.get("charge", intent["latest_charge"])
        charge = till.change(charge, refunded=True, amount_refunded=charge["amount"])
        till.emit("charge.refunded", charge)
    return _close(till, intent, reason)


def expire_authorisation(till: Till, id_: str) -> None:
    """Cancel an intent whose hold ran out; nothing if it was captured or cancelled before."""
    intent = till.get("payment_intent", id_)
    if intent["status"] != "requires_capture":
        return
    charge = till.get("charge", intent["latest_charge"])
    till.emit("charge.expired", till.change(charge, refunded=True, amount_refunded=charge["amount"]))
    _close(till, intent, "automatic")


def create_method(till: Till, form: Form) -> Document:
    """Create a payment method from a test token or a test number."""
    form.only("type", "card", "metadata", "billing_details")
    if form.needed("type") != "card":
        raise ParameterWrong("The sandbox knows cards only.", param="type")
    return _new_method(till, _card_of(form.group("card")), form.metadata({}))


def check_amount(amount: int | None, param: str) -> int:
    """Check the eight digits and the least amount."""
    if amount is None:
        raise ParameterWrong(f"Missing required param: {param}.", code="parameter_missing", param=param)
    if amount > MAX_AMOUNT:
        raise ParameterWrong("Amount must be no more than ¥999,999.99.", code="amount_too_large", param=param)
    if amount < MIN_AMOUNT:
        raise ParameterWrong("Amount must be at least ¥4.00.", code="amount_too_small", param=param)
    return amount


def _book_charge(till: Till, charge: Document, amount: int) -> Document:
    line = objects.build_balance_transaction(
        amount=amount,
        fee=objects.fee_fen(amount),
        kind="charge",
        source=charge["id"],
        currency=charge["currency"],
        now=till.now,
        description=charge["description"],
    )
    till.add(line)
    if CARDS[till.hidden(charge["payment_method"])["card"]].disputed:
        till.tx.schedule(DISPUTE, charge["id"], datetime.fromtimestamp(till.now, UTC))
    return till.change(charge, balance_transaction=line["id"])


def _decline(till: Till, intent: Document, *, decline: str, code: str) -> Document:
    """Keep the failed attempt, and give the error that its answer shows."""
    method = till.get("payment_method", intent["payment_method"])
    charge = till.add(objects.build_charge(intent, method, now=till.now, decline=decline, capture_now=False))
    error: Document = {
        "type": "card_error",
        "code": code,
        "decline_code": decline,
        "message": "Your card was declined.",
        "charge": charge["id"],
        "payment_method": method,
    }
    intent = till.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        last_payment_error=error,
        next_action=None,
    )
    till.emit("charge.failed", charge)
    till.emit("payment_intent.payment_failed", intent)
    return {**error, "payment_intent": intent}


def _close(till: Till, intent: Document, reason: str | None) -> Document:
    till.tx.unschedule(EXPIRE, intent["id"])
    closed = till.change(
        intent,
        status="canceled",
        amount_capturable=0,
        canceled_at=till.now,
        cancellation_reason=reason,
        next_action=None,
    )
    till.emit("payment_intent.canceled", closed)
    return closed


def _details(form: Form, before: Document) -> Document:
    details: Document = {name: form.text(name) for name in _DETAILS[1:] if name in form.fields}
    details["metadata"] = form.metadata(before.get("metadata", {}))
    return details


def _method_given(till: Till, form: Form) -> Document | None:
    """Find or make the method named by this request; a test token makes a fresh one, as at Stripe."""
    inline = form.group("payment_method_data")
    if inline:
        return _new_method(till, _card_of(inline.get("card", {})), {})
    given = form.text("payment_method")
    if given is None:
        return None
    name = card_name(given)
    return till.get("payment_method", given, param="payment_method") if name is None else _new_method(till, name, {})


def _new_method(till: Till, name: str, metadata: dict[str, str]) -> Document:
    method = objects.build_method(CARDS[name], now=till.now, metadata=metadata)
    return till.add(method, hidden={"card": name})


def _card_of(card: object) -> str:
    given = ""
    if isinstance(card, dict):
        given = str(card.get("token") or card.get("number") or "")
    name = card_name(given)
    if name is None:
        raise ResourceMissing("token", given, param="card[token]")
    return name


def _check_types(form: Form) -> None:
    for kind in form.items("payment_method_types"):
        if kind != "card":
            message = f"The payment method type provided: {kind} is invalid."
            raise ParameterWrong(message, code="payment_intent_invalid_parameter", param="payment_method_types")


def _unexpected(intent: Document, what: str) -> StateWrong:
    message = f"This PaymentIntent's status is {intent['status']}; it could not be {what}."
    return StateWrong(message, code="payment_intent_unexpected_state", intent=intent)
