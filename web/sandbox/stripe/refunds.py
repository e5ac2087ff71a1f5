"""Refunds: pending first, then succeeded or failed.

1. The refunds of a charge that did not fail never sum to more than was captured.
2. A refund leaves the balance when it is made, without the fee; one that fails comes back in full.
3. A charge whose dispute is open or lost is not refunded (``charge_disputed``).
4. Mood ``refunds``: ``settle`` (default: succeeds at once, yet after the answer), ``hold`` (waits for
   `settle_refund`), ``fail``; the cards ``pm_card_refundFail`` and ``pm_card_pendingRefund`` do so for themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime

from web.sandbox.book import Document
from web.sandbox.stripe import objects
from web.sandbox.stripe.cards import CARDS
from web.sandbox.stripe.errors import ParameterWrong, StateWrong
from web.sandbox.stripe.forms import Form
from web.sandbox.stripe.till import Till

SETTLE = "settle_refund"
FAIL = "fail_refund"


def create_refund(till: Till, form: Form) -> Document:
    """Refund a captured charge, wholly or in part."""
    form.only("amount", "charge", "payment_intent", "metadata", "reason")
    charge = _charge_of(till, form)
    if _is_charged_back(till, charge):
        raise StateWrong("This charge has been charged back.", code="charge_disputed", charge=charge["id"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise StateWrong("This charge has already been refunded.", code="charge_already_refunded", charge=charge["id"])
    wanted = form.whole("amount")
    amount = left if wanted is None else wanted
    if amount < 1:
        raise ParameterWrong("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ParameterWrong("Refund amount is greater than the unrefunded amount on the charge.", param="amount")
    reason = form.choice("reason", "duplicate", "fraudulent", "requested_by_customer")
    refund = objects.build_refund(charge, amount=amount, now=till.now, reason=reason, metadata=form.metadata({}))
    refund["balance_transaction"] = _book(till, refund, amount=-amount, kind="refund")
    till.add(refund)
    charge = _count_refunded(till, charge, amount)
    till.emit("refund.created", refund)
    till.emit("charge.refunded", charge)
    _plan(till, refund, charge)
    return refund


def update_refund(till: Till, form: Form, id_: str) -> Document:
    """Change a refund's metadata."""
    form.only("metadata")
    refund = till.get("refund", id_)
    return till.change(refund, metadata=form.metadata(refund["metadata"]))


def settle_refund(till: Till, id_: str) -> Document:
    """Let a pending refund succeed; a settled one stays as it is."""
    refund = till.get("refund", id_)
    if refund["status"] != "pending":
        return refund
    refund = till.change(refund, status="succeeded")
    till.emit("refund.updated", refund, previous={"status": "pending"})
    return refund


def fail_refund(till: Till, id_: str) -> Document:
    """Let a refund that was not failed before fail: its money is back in the balance."""
    refund = till.get("refund", id_)
    if refund["status"] == "failed":
        return refund
    before = refund["status"]
    back = _book(till, refund, amount=refund["amount"], kind="refund_failure")
    refund = till.change(
        refund, status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=back
    )
    charge = _count_refunded(till, till.get("charge", refund["charge"]), -refund["amount"])
    till.emit("refund.failed", refund, previous={"status": before})
    till.emit("charge.updated", charge)
    return refund


def _plan(till: Till, refund: Document, charge: Document) -> None:
    card = CARDS[till.hidden(charge["payment_method"])["card"]]
    mood = till.tx.value("refunds", "settle")
    now = datetime.fromtimestamp(till.now, UTC)
    if mood == "fail" or card.refund == "fails":
        till.tx.schedule(FAIL, refund["id"], now)
    elif mood == "settle" and card.refund == "succeeds":
        till.tx.schedule(SETTLE, refund["id"], now)


def _charge_of(till: Till, form: Form) -> Document:
    intent_id, charge_id = form.text("payment_intent"), form.text("charge")
    if (intent_id is None) == (charge_id is None):
        raise ParameterWrong("One of the following params should be provided: payment_intent or charge.")
    if charge_id is None:
        intent = till.get("payment_intent", str(intent_id), param="payment_intent")
        charge_id = intent["latest_charge"]
    charge = till.get("charge", charge_id, param="charge") if charge_id else None
    if charge is None or not charge["captured"]:
        raise StateWrong("There is no successful charge to refund.", code="charge_not_refundable", charge=charge_id)
    return charge


def _is_charged_back(till: Till, charge: Document) -> bool:
    conditions = [("json_extract(body, '$.charge') = ?", charge["id"])]
    return any(
        one["status"] in {"needs_response", "under_review", "lost"}
        for one in till.select("dispute", conditions, limit=1, newest_first=True)
    )


def _count_refunded(till: Till, charge: Document, amount: int) -> Document:
    refunded = charge["amount_refunded"] + amount
    return till.change(charge, amount_refunded=refunded, refunded=refunded == charge["amount_captured"])


def _book(till: Till, refund: Document, *, amount: int, kind: str) -> str:
    line = objects.build_balance_transaction(
        amount=amount,
        fee=0,
        kind=kind,
        source=refund["id"],
        currency=refund["currency"],
        now=till.now,
        description="REFUND FOR PAYMENT" if amount < 0 else "REFUND FAILURE",
    )
    till.add(line)
    id_: str = line["id"]
    return id_
