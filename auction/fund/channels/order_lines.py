"""Compare each line of the statement that carries a key of ours with the order that was given under it.

1. A line out is of the amount and to the account that were ordered. A file handed over by hand may have been altered on its way, and a bank's clerk may err.
2. Under one key money leaves once, but for what came back meanwhile.
3. What we took for refused has not left.
4. Anything else puts the order in doubt (`orders_in_doubt`); the doubt ends with the line by which the money is back.

A line without a counter account is compared by its amount alone. Account numbers are compared without blanks, hyphens and letter case.
Source: security 6; auction/DECISIONS F102.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from auction.fund.deposits import store
from auction.fund.deposits.send_refund import payer_of
from auction.fund.deposits.tables import RefundAttemptRow, RefundRow
from auction.fund.gateway import BankLine
from auction.fund.ledger.store import is_booked
from auction.fund.orders_in_doubt import ORDER_DIFFERS
from auction.fund.payouts.note_payout import paid_key
from auction.fund.payouts.tables import DisbursementRow, PayeeAccountRow
from auction.kernel.db import Transaction


@dataclass(frozen=True, slots=True)
class Ordered:
    """What was ordered under a key: of which payout or refund, how much, to which account (empty: not known any more)."""

    order_id: UUID
    case_id: UUID | None
    amount_fen: int
    account: str
    taken_for_refused: bool
    """Whether the books say that it never left."""


async def compare_line(tx: Transaction, line: BankLine) -> None:
    """Ring, or end the doubt, as a new line under a key of ours tells (rules 1 to 4)."""
    ordered = await _ordered(tx, line.order_key)
    if ordered is None:
        return
    out = await _net_out(tx, line.order_key)
    why = _differs(line, ordered) if line.direction == "out" else ""
    if not why and out > 1:
        why = "left twice"
    if not why and out == 1 and ordered.taken_for_refused:
        why = "left, and was taken for refused"
    if why:
        detail = f"{line.line_id}: {why}"
        await store.raise_alarm(tx, ORDER_DIFFERS, ordered.order_id, case_id=ordered.case_id, detail=detail)
    elif out <= 0:
        await store.clear_alarm(tx, ORDER_DIFFERS, ordered.order_id)


def _differs(line: BankLine, ordered: Ordered) -> str:
    if line.amount_fen != ordered.amount_fen:
        return "another amount"
    known = line.counter_account and ordered.account
    return "another account" if known and _plain(line.counter_account) != _plain(ordered.account) else ""


def _plain(account: str) -> str:
    return "".join(character for character in account if character.isalnum()).upper()


async def _net_out(tx: Transaction, key: str) -> int:
    """Count how often money left under a key, less how often it came back; what was decided to be a receipt is no return."""
    found = await tx.session.execute(
        text(
            "SELECT coalesce(sum(CASE direction WHEN 'out' THEN 1 ELSE -1 END), 0)::int FROM fund.bank_line l "
            "WHERE l.order_key = :key AND NOT EXISTS"
            " (SELECT FROM fund.receipt r WHERE r.source = 'bank' AND r.external_id = l.line_id)"
        ),
        {"key": key},
    )
    return int(found.scalar_one())


async def _ordered(tx: Transaction, key: str) -> Ordered | None:
    payout = await tx.session.scalar(select(DisbursementRow).where(DisbursementRow.bank_key == key))
    if payout is not None:
        return await _payout(tx, payout)
    current = await tx.session.scalar(select(RefundRow).where(RefundRow.provider_key == key))
    if current is not None:
        return await _refund(tx, current, current.attempt)
    earlier = await tx.session.scalar(select(RefundAttemptRow).where(RefundAttemptRow.replaced_key == key))
    row = None if earlier is None else await tx.session.get(RefundRow, earlier.refund_id)
    return None if earlier is None or row is None else await _refund(tx, row, earlier.number - 1)


async def _payout(tx: Transaction, row: DisbursementRow) -> Ordered:
    account = await tx.session.get(PayeeAccountRow, row.payee_account_id)
    assert account is not None, "a disbursement names an account confirmation"
    refused = row.state == "returned" and not await is_booked(tx, paid_key(row))
    return Ordered(row.disbursement_id, row.case_id, row.amount_fen, tx.sealer.open(account.number_sealed), refused)


async def _refund(tx: Transaction, row: RefundRow, attempt: int) -> Ordered:
    other = await store.account_of_attempt(tx, row.refund_id, attempt)
    payer = await payer_of(tx, row) if other is None else None
    account = "" if payer is None else payer.account
    if other is not None:
        account = tx.sealer.open(other.number_sealed)
    return Ordered(row.refund_id, row.case_id, row.amount_fen, account, taken_for_refused=False)
