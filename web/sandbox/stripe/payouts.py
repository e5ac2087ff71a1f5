"""Payouts: the provider sends what is available of the balance to the account holder's own bank account.

1. A payout never exceeds what is available; it leaves the balance when it is made, without a fee.
2. Mood ``payouts``: ``settle`` (default: paid at once, yet after the answer), ``hold`` (in transit until `settle_payout`),
   ``fail``: the bank sends it back, and its money returns to the balance in full.
"""

from __future__ import annotations

from datetime import UTC, datetime

from web.sandbox.book import Document
from web.sandbox.stripe import objects
from web.sandbox.stripe.errors import ParameterWrong, StateWrong
from web.sandbox.stripe.forms import Form
from web.sandbox.stripe.queries import available
from web.sandbox.stripe.till import Till

SETTLE = "settle_payout"
FAIL = "fail_payout"
OPEN = {"pending", "in_transit"}


def create_payout(till: Till, form: Form) -> Document:
    """Send money of the balance out."""
    form.only("amount", "currency", "description", "metadata", "method", "statement_descriptor")
    currency = form.needed("currency")
    form.choice("method", "standard")
    amount = form.whole("amount")
    if amount is None or amount < 1:
        raise ParameterWrong("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > available(till).get(currency, 0):
        raise StateWrong("You have insufficient funds in your account for this payout.", code="balance_insufficient")
    payout = objects.build_payout(
        amount=amount,
        currency=currency,
        now=till.now,
        description=form.text("description"),
        descriptor=form.text("statement_descriptor"),
        metadata=form.metadata({}),
    )
    payout["balance_transaction"] = _book(till, payout, amount=-amount, kind="payout")
    till.add(payout)
    till.emit("payout.created", payout)
    mood = till.tx.value("payouts", "settle")
    if mood != "hold":
        till.tx.schedule(FAIL if mood == "fail" else SETTLE, payout["id"], datetime.fromtimestamp(till.now, UTC))
    return payout


def cancel_payout(till: Till, form: Form, id_: str) -> Document:
    """Call a payout back that is not in transit yet."""
    form.only()
    payout = till.get("payout", id_)
    if payout["status"] != "pending":
        raise StateWrong("Payouts can only be canceled while they are pending.", code="payout_not_allowed")
    _book(till, payout, amount=payout["amount"], kind="payout_cancel")
    payout = till.change(payout, status="canceled")
    till.emit("payout.canceled", payout)
    return payout


def settle_payout(till: Till, id_: str) -> Document:
    """Let a payout arrive; one that has ended stays as it is."""
    payout = till.get("payout", id_)
    if payout["status"] not in OPEN:
        return payout
    payout = till.change(payout, status="paid", reconciliation_status="completed")
    till.emit("payout.paid", payout)
    return payout


def fail_payout(till: Till, id_: str) -> Document:
    """Let the bank send a payout back, which may come after it was paid: its money is in the balance again."""
    payout = till.get("payout", id_)
    if payout["status"] in {"failed", "canceled"}:
        return payout
    payout = till.change(
        payout,
        status="failed",
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
        failure_balance_transaction=_book(till, payout, amount=payout["amount"], kind="payout_failure"),
    )
    till.emit("payout.failed", payout)
    return payout


def _book(till: Till, payout: Document, *, amount: int, kind: str) -> str:
    line = objects.build_balance_transaction(
        amount=amount,
        fee=0,
        kind=kind,
        source=payout["id"],
        currency=payout["currency"],
        now=till.now,
        description="SANDBOX PAYOUT" if amount < 0 else "SANDBOX PAYOUT RETURNED",
    )
    id_: str = till.add(line)["id"]
    return id_
