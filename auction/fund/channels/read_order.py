"""Read a bank order again and act on what it is now: a refund, or a payout of the disbursement chain."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.deposits.send_refund import note_refund_seen
from auction.fund.deposits.store import clear_alarm, raise_alarm
from auction.fund.gateway import Bank, BankOrderSeen
from auction.fund.ledger.post_entry import CaseAccountClosed
from auction.fund.look_again import look_again
from auction.fund.undoings.take_returned import note_payout_and_debt
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job

READ_ORDER = "fund.read_order"
CAME_BACK = ("returned", "rejected")
"""States of an order whose money is with us again."""
RETURN_UNCONFIRMED = "return_unconfirmed"
"""Alarm: money came in that looks like an order of ours come back, and the bank does not say that it did."""
LOOKS_BEFORE_ALARM = 13
"""After so many looks (about half an hour) a person is called; a bank that books first and says so later has done it by then."""


class OrderNamed(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that reads a bank order again.

    ``came_back``: the statement shows money in under our own key, so the order is read until the bank says that it was
    returned; a bank may book the line before it moves the order. ``look`` counts the looks.
    """

    key: str
    came_back: bool = False
    look: int = 0


async def _owner(tx: Transaction, key: str) -> tuple[str, UUID] | None:
    row = (
        await tx.session.execute(
            text(
                "SELECT 'refund' AS kind, refund_id AS id FROM fund.refund WHERE provider_key = :key UNION ALL "
                "SELECT 'refund', refund_id FROM fund.refund_attempt WHERE replaced_key = :key UNION ALL "
                "SELECT 'payout', disbursement_id FROM fund.disbursement WHERE bank_key = :key LIMIT 1"
            ),
            {"key": key},
        )
    ).one_or_none()
    return None if row is None else (row.kind, row.id)


async def case_of_refund(tx: Transaction, key: str) -> UUID | None:
    """Give the case of one of our own refunds; ``None`` where it belongs to none, or is none."""
    found = await tx.session.execute(
        text(
            "SELECT case_id FROM fund.refund WHERE provider_key = :key OR refund_id IN "
            "(SELECT refund_id FROM fund.refund_attempt WHERE replaced_key = :key) LIMIT 1"
        ),
        {"key": key},
    )
    case_id: UUID | None = found.scalar_one_or_none()
    return case_id


async def amount_of_order(tx: Transaction, key: str) -> int | None:
    """Give what one of our own orders is over, in fen; ``None``: the key is none of ours."""
    found = await tx.session.execute(
        text(
            "SELECT amount_fen FROM fund.refund WHERE provider_key = :key UNION ALL "
            "SELECT f.amount_fen FROM fund.refund_attempt a JOIN fund.refund f USING (refund_id) "
            "WHERE a.replaced_key = :key UNION ALL "
            "SELECT amount_fen FROM fund.disbursement WHERE bank_key = :key LIMIT 1"
        ),
        {"key": key},
    )
    amount: int | None = found.scalar_one_or_none()
    return amount


def receipt_id_of_line(line_id: str) -> UUID:
    """Give the id of the receipt that a line of the statement makes."""
    return named_id("receipt", "bank", line_id)


async def lines_taken_as_return(tx: Transaction, key: str) -> list[str]:
    """Give the lines in under an order's key that were taken as its return and are no receipt."""
    found = await tx.session.execute(
        text(
            "SELECT line_id FROM fund.bank_line l WHERE l.order_key = :key AND l.direction = 'in' AND NOT EXISTS"
            " (SELECT FROM fund.receipt r WHERE r.source = 'bank' AND r.external_id = l.line_id) ORDER BY l.sequence"
        ),
        {"key": key},
    )
    return list(found.scalars())


async def case_of_order(tx: Transaction, key: str) -> UUID | None:
    """Give the case of one of our own orders; ``None`` where it belongs to none, or is none."""
    found = await tx.session.execute(
        text(
            "SELECT case_id FROM fund.refund WHERE provider_key = :key UNION ALL "
            "SELECT case_id FROM fund.disbursement WHERE bank_key = :key LIMIT 1"
        ),
        {"key": key},
    )
    case_id: UUID | None = found.scalar_one_or_none()
    return case_id


async def handle_read_order(db: Database, bank: Bank, job: Job) -> None:
    """Read the order and act on it; an order that the bank does not know is left to the job that sends it.

    Where its line was decided to be a receipt (`take_line_as_receipt`), the money is booked and the order is not read for it any more.
    """
    named = job.decode(OrderNamed)
    if named.came_back:
        async with db.reading() as tx:
            if not await lines_taken_as_return(tx, named.key):
                return
    seen = await bank.find_order(named.key)
    if seen is not None:
        await note_order_seen(db, seen)
    if named.came_back:
        is_back = seen is not None and seen.state in CAME_BACK
        await db.transact(lambda tx: _after_look(tx, named, is_back=is_back))


async def _after_look(tx: Transaction, named: OrderNamed, *, is_back: bool) -> None:
    """Look again while the bank does not say that the order came back, and call a person when that lasts."""
    lines = await lines_taken_as_return(tx, named.key)
    if is_back:
        for line_id in lines:
            await clear_alarm(tx, RETURN_UNCONFIRMED, receipt_id_of_line(line_id))
        return
    if named.look >= LOOKS_BEFORE_ALARM:
        case_id = await case_of_order(tx, named.key)
        for line_id in lines:
            subject_id = receipt_id_of_line(line_id)
            await raise_alarm(tx, RETURN_UNCONFIRMED, subject_id, case_id=case_id, detail=line_id)
    again = OrderNamed(key=named.key, came_back=True, look=named.look + 1)
    await look_again(tx, READ_ORDER, again, look=named.look)


async def note_order_seen(db: Database, seen: BankOrderSeen) -> None:
    """Act on what an order is now."""

    async def work(tx: Transaction) -> None:
        owner = await _owner(tx, seen.key)
        if owner is None:
            return
        kind, subject_id = owner
        if kind == "refund":
            await note_refund_seen(tx, subject_id, seen)
        else:
            await note_payout_and_debt(tx, subject_id, seen)

    try:
        await db.transact(work)
    except CaseAccountClosed:
        # It came back after the close, and its line is still to be read: then the money is set aside (`take_bank_line`).
        return
