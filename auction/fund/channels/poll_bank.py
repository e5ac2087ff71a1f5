"""Read the bank's statement from where we stopped, line by line, and check that it continues what we know.

1. Lines are numbered without a gap and each page opens with the balance at which the last one closed (security 6);
   a statement that does not continue stops the reading and calls a person.
2. The cursor moves with each line taken; a crash in between takes the line again, which changes nothing.
"""

from __future__ import annotations

from sqlalchemy import text

from auction.fund.channels.take_bank_line import last_balance, take_bank_line
from auction.fund.gateway import Bank, BankLine
from auction.kernel.db import Database
from auction.kernel.errors import InvariantViolated

PAGE = 100
MAX_PAGES = 50
"""One poll reads at most this many pages; the next one goes on."""


async def poll_bank(db: Database, bank: Bank) -> int:
    """Take all new lines and give how many there were. Raises `InvariantViolated` when the statement does not continue."""
    taken = sequence = 0
    for _ in range(MAX_PAGES):
        async with db.reading() as tx:
            sequence, balance = await last_balance(tx)
        page = await bank.statement(after=sequence, limit=PAGE)
        if page.opening_fen != balance:
            raise InvariantViolated(f"the statement opens at {page.opening_fen} after {sequence}, not at {balance}")
        for line in page.lines:
            _require_continues(line, sequence=sequence, balance=balance)
            await take_bank_line(db, line)
            sequence, balance = line.sequence, line.closing_fen
            taken += 1
        if not page.has_more:
            break
    await _note_read(db, sequence)
    return taken


async def _note_read(db: Database, sequence: int) -> None:
    async with db.transaction() as tx:
        await tx.session.execute(
            text(
                "INSERT INTO fund.cursor (name, position, moved_at) VALUES ('bank-statement', :position, :now) "
                "ON CONFLICT (name) DO UPDATE SET position = greatest(fund.cursor.position, excluded.position), "
                "moved_at = excluded.moved_at"
            ),
            {"position": sequence, "now": tx.now},
        )


def _require_continues(line: BankLine, *, sequence: int, balance: int) -> None:
    signed = line.amount_fen if line.direction == "in" else -line.amount_fen
    follows = line.sequence == sequence + 1 and line.opening_fen == balance
    if not follows or line.closing_fen != line.opening_fen + signed:
        raise InvariantViolated(f"line {line.line_id} does not continue the statement after {sequence}")
