"""Disputes: the card holder's bank takes a payment back, perhaps long after it was paid out."""

from __future__ import annotations

from web.sandbox.book import Document
from web.sandbox.stripe import objects
from web.sandbox.stripe.errors import StateWrong
from web.sandbox.stripe.till import Till


def open_dispute(till: Till, charge_id: str, *, reason: str = "fraudulent", inquiry: bool = False) -> Document:
    """Take the whole charge back from the balance; one dispute per charge. An ``inquiry`` only asks: no money moves, and a refund answers it."""
    charge = till.get("charge", charge_id)
    if not charge["captured"] or charge["disputed"]:
        raise StateWrong("This charge cannot be disputed.", code="charge_not_disputable", charge=charge_id)
    dispute = objects.build_dispute(charge, now=till.now, reason=reason)
    if inquiry:
        dispute |= {"status": "warning_needs_response", "is_charge_refundable": True}
        dispute["payment_method_details"]["card"]["case_type"] = "inquiry"
        till.add(dispute)
        till.change(charge, disputed=True)
        till.emit("charge.dispute.created", dispute)
        return dispute
    dispute["balance_transactions"] = [_book(till, dispute, amount=-dispute["amount"])]
    till.add(dispute)
    till.change(charge, disputed=True)
    till.emit("charge.dispute.created", dispute)
    till.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(till: Till, id_: str, *, won: bool) -> Document:
    """Decide a dispute; money of one that is won comes back. An inquiry just ends."""
    dispute = till.get("dispute", id_)
    if dispute["status"] in {"won", "lost", "warning_closed"}:
        return dispute
    if dispute["status"] == "warning_needs_response":
        dispute = till.change(dispute, status="warning_closed")
        till.emit("charge.dispute.closed", dispute)
        return dispute
    lines = list(dispute["balance_transactions"])
    if won:
        lines.append(_book(till, dispute, amount=dispute["amount"]))
    dispute = till.change(dispute, status="won" if won else "lost", balance_transactions=lines)
    till.emit("charge.dispute.closed", dispute)
    if won:
        till.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def _book(till: Till, dispute: Document, *, amount: int) -> Document:
    return till.add(
        objects.build_balance_transaction(
            amount=amount,
            fee=0,
            kind="adjustment",
            source=dispute["id"],
            currency=dispute["currency"],
            now=till.now,
            description="Chargeback withdrawal" if amount < 0 else "Chargeback reversal",
        )
    )
