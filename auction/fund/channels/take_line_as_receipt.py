"""Decide that a line under one of our own order keys is new money: nobody's order came back (rule 5 of `take_bank_line`).

1. It may be decided once a person was called: the bank was asked for half an hour and did not say that the order came back.
2. The bank is asked once more, before the transaction; says it now that the order came back, the decision is refused and the return is booked.
3. The money then waits as unattributed, as anybody's (待认领): two other steps by two persons say whose it is, or send it back (执行款物 7-8).
4. From then on that line is no return: the order is not read for it any more, and a later line may still be the real return.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.channels.read_order import (
    CAME_BACK,
    RETURN_UNCONFIRMED,
    case_of_order,
    lines_taken_as_return,
    note_order_seen,
    receipt_id_of_line,
)
from auction.fund.channels.tables import BankLineRow
from auction.fund.channels.take_bank_line import receipt_of_line, set_receipt_aside
from auction.fund.deposits import store
from auction.fund.gateway import Bank, BankLine
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound

ORDER_KEY_OF_OURS = "order_key_of_ours"
"""Why such money waits: its payer wrote the key of one of our orders."""
MAX_WAITING = 200
"""Most such lines on the desk, the oldest first."""


class LineNotInDoubt(NotFound):
    """No such line waits for a decision."""

    code = "bank_line_not_in_doubt"
    article = "执行款物 7-8"
    zh = "没有等待认定的该笔银行流水，或者已经认定、已确认为退汇。"
    en = "No such line of the statement waits for a decision; it was decided, or the bank has confirmed the return."


class LineIsReturn(Conflict):
    """The bank says now that the order came back."""

    code = "bank_line_is_return"
    article = "house: the bank knows what became of an order"
    zh = "银行现已确认该笔付款被退汇，已按退汇入账，不得另行认定为来款。"
    en = "The bank says now that this order came back; it was booked as its return and is no receipt."


class TakeLineAsReceipt(Command, frozen=True, kw_only=True):
    """Take this line of the statement as money that somebody paid in."""

    line_id: str


class LineInDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """A line that looks like the return of an order, and that the bank does not call one."""

    line_id: str
    case_id: UUID | None
    amount_fen: int
    booked_at: datetime
    raised_at: datetime


async def take_line_as_receipt(db: Database, actor: Actor, command: TakeLineAsReceipt, *, bank: Bank) -> UUID:
    """Let the line's money wait as unattributed, and give its receipt.

    Raises `LineNotInDoubt`, `LineIsReturn`. Source: 执行款物 7-8.
    """
    require_role(actor, Role.FINANCE)
    receipt_id = receipt_id_of_line(command.line_id)
    async with db.reading() as tx:
        known = await tx.session.get(BankLineRow, command.line_id)
        is_decided = await store.receipt_row(tx, receipt_id) is not None
    if known is None:
        raise LineNotInDoubt(line_id=command.line_id)
    seen = None if is_decided else await bank.find_order(known.order_key)
    if seen is not None and seen.state in CAME_BACK:
        await note_order_seen(db, seen)
        raise LineIsReturn(line_id=command.line_id)

    async def work(tx: Transaction) -> UUID:
        await tx.lock("bank-statement")
        case_id = await case_of_order(tx, known.order_key)
        if case_id is not None:
            await tx.about_case(case_id)
        row = await _in_doubt(tx, command.line_id)
        line = msgspec.json.decode(tx.sealer.open(row.body_sealed or b""), type=BankLine)
        receipt = receipt_of_line(tx, line, receipt_id, reason=ORDER_KEY_OF_OURS)
        await store.add(tx, receipt)
        await set_receipt_aside(tx, receipt)
        await store.clear_alarm(tx, RETURN_UNCONFIRMED, receipt_id)
        return receipt_id

    return await db.carry_out(actor, command, work, UUID)


async def _in_doubt(tx: Transaction, line_id: str) -> BankLineRow:
    """Give the line, or refuse one that is a receipt or whose order came back (`LineNotInDoubt`)."""
    row = await tx.session.get(BankLineRow, line_id)
    rings = await store.is_ringing(tx, RETURN_UNCONFIRMED, receipt_id_of_line(line_id))
    if row is None or not rings or line_id not in await lines_taken_as_return(tx, row.order_key):
        raise LineNotInDoubt(line_id=line_id)
    ended = await tx.session.execute(
        text(
            "SELECT 1 FROM fund.refund WHERE provider_key = :key AND state = 'failed' UNION ALL "
            "SELECT 1 FROM fund.disbursement WHERE bank_key = :key AND state = 'returned' LIMIT 1"
        ),
        {"key": row.order_key},
    )
    if ended.first() is not None:
        raise LineNotInDoubt(line_id=line_id)
    return row


async def lines_in_doubt(tx: Transaction) -> tuple[LineInDoubt, ...]:
    """Show the lines that wait for finance's decision, the oldest first."""
    found = await tx.session.execute(
        text(
            "SELECT l.line_id, a.case_id, l.amount_fen, l.booked_at, a.raised_at FROM fund.alarm a"
            " JOIN fund.bank_line l ON l.line_id = a.detail"
            " WHERE a.kind = :kind AND a.cleared_at IS NULL ORDER BY l.sequence LIMIT :most"
        ),
        {"kind": RETURN_UNCONFIRMED, "most": MAX_WAITING},
    )
    return tuple(LineInDoubt(**row) for row in found.mappings())


async def case_of_line(tx: Transaction, line_id: str) -> UUID | None:
    """Give the case of the order whose key a line carries; ``None``: it carries none of a case."""
    row = await tx.session.get(BankLineRow, line_id)
    return None if row is None or not row.order_key else await case_of_order(tx, row.order_key)
