"""Confirm a statement that another officer brought as a file; then its lines are taken, one by one, each once.

1. Two natural persons (security 6): whoever brought it does not confirm it. The database refuses it too. A cashier may bring, never
   confirm: whoever pays does not keep the books (house rule).
2. The second confirms what the bank's own paper says: balances and number of lines are named again, and refused when they differ. He is shown of
   each line amount and last digits of the counter account, and says that he compared them: refunds go to the account that the file names.
3. It must still continue what is known now. A job takes the lines; it may die and begin again, for a line is taken once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.channels.bring_statement import STATEMENT_LOCK, require_continues
from auction.fund.channels.iso20022.statements import Statement, read_statement
from auction.fund.channels.tables import StatementConfirmationRow, StatementFileRow
from auction.fund.channels.take_bank_line import take_bank_line
from auction.fund.deposits import store
from auction.fund.gateway import Bank
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.kernel.jobs import Job, enqueue

TAKE_STATEMENT = "fund.take_statement"
SHOWN_FILES = 50
SHOWN_DIGITS = 4
"""So much of a counter account is compared with the bank's paper."""


class StatementUnknown(NotFound):
    """There is no such statement that waits to be confirmed."""

    code = "statement_unknown"
    article = "house: security 6"
    zh = "没有该份待复核的对账单。"
    en = "There is no such statement that waits to be confirmed."


class OwnStatement(NotPermitted):
    """The officer who brought a statement may not confirm it."""

    code = "statement_own"
    article = "house: security 6, two officers"
    zh = "导入对账单的人不得自行复核。"
    en = "Whoever brought a statement may not confirm it."


class StatementDiffers(Conflict):
    """What was confirmed is not what the file says."""

    code = "statement_differs"
    article = "house: security 3, an officer confirms what was shown"
    zh = "所复核的余额或者笔数与对账单文件不一致，请与银行回单核对。"
    en = "Balances or number of lines are not those of the file; compare with the bank's own paper."


class LinesNotCompared(Malformed):
    """The second officer did not say that he compared the lines with the bank's paper."""

    code = "statement_lines_not_compared"
    article = "house: security 6, two officers"
    zh = "须对照银行回单逐笔核对金额和对方账号末四位后，方可确认。"
    en = "Compare each line's amount and the last four digits of its account with the bank's own paper before you confirm."


class ConfirmStatement(Command, frozen=True, kw_only=True):
    """Confirm a statement by what the bank's paper says of it; ``lines_compared``: each line was compared with it."""

    file_id: UUID
    opening_fen: int
    closing_fen: int
    line_count: int
    lines_compared: bool = False


class LineOfFile(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is compared with the bank's paper: no name, and of the account its last digits."""

    is_in: bool
    amount_fen: int
    account_end: str
    booked_at: datetime


class StatementTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that takes the lines of a confirmed statement."""

    file_id: UUID


class StatementFileView(msgspec.Struct, frozen=True, kw_only=True):
    """A statement on the finance desk's list."""

    file_id: UUID
    statement_id: str
    statement_number: int | None
    opening_fen: int
    closing_fen: int
    line_count: int
    brought_by: UUID
    brought_at: datetime
    confirmed: bool
    lines: tuple[LineOfFile, ...] = ()
    """Of one that waits, for whoever may confirm it."""


async def confirm_statement(db: Database, actor: Actor, command: ConfirmStatement, *, bank: Bank) -> UUID:
    """Confirm a statement and give its id; its lines are taken by a job.

    Raises `StatementUnknown`, `OwnStatement`, `StatementDiffers`, `LinesNotCompared`, `StatementGap`.
    """
    require_role(actor, Role.FINANCE)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(STATEMENT_LOCK)
        row = await _waiting(tx, command.file_id)
        if row.brought_by == actor.person_id:
            raise OwnStatement
        said = (command.opening_fen, command.closing_fen, command.line_count)
        if said != (row.opening_fen, row.closing_fen, row.line_count):
            raise StatementDiffers
        if not command.lines_compared:
            raise LinesNotCompared(field="lines_compared")
        await require_continues(tx, _read(tx, row, bank))
        confirmation = StatementConfirmationRow(file_id=row.file_id, confirmed_by=actor.person_id, confirmed_at=tx.now)
        await store.add(tx, confirmation)
        await enqueue(tx, TAKE_STATEMENT, StatementTaken(file_id=row.file_id))
        return row.file_id

    return await db.carry_out(actor, command, work, UUID)


async def handle_take_statement(db: Database, bank: Bank, job: Job) -> None:
    """Take the lines of a confirmed statement; those that were taken before change nothing (rule 3)."""
    file_id = job.decode(StatementTaken).file_id
    async with db.reading() as tx:
        row = await tx.session.get(StatementFileRow, file_id)
        confirmed = await tx.session.get(StatementConfirmationRow, file_id)
        assert row is not None, "the job stands beside its file"
        assert confirmed is not None, "the job stands beside its confirmation"
        statement = _read(tx, row, bank)
    for line in statement.lines:
        await take_bank_line(db, line)


async def statement_files(tx: Transaction) -> list[StatementFileView]:
    """Show the newest statements that came as files, newest first."""
    found = await tx.session.execute(
        select(StatementFileRow, StatementConfirmationRow.file_id)
        .outerjoin(StatementConfirmationRow, StatementConfirmationRow.file_id == StatementFileRow.file_id)
        .order_by(StatementFileRow.brought_at.desc())
        .limit(SHOWN_FILES)
    )
    return [
        StatementFileView(
            file_id=row.file_id,
            statement_id=row.statement_id,
            statement_number=row.statement_number,
            opening_fen=row.opening_fen,
            closing_fen=row.closing_fen,
            line_count=row.line_count,
            brought_by=row.brought_by,
            brought_at=row.brought_at,
            confirmed=confirmed is not None,
        )
        for row, confirmed in found
    ]


async def with_lines(
    tx: Transaction, files: Sequence[StatementFileView], *, person_id: UUID, bank: Bank
) -> list[StatementFileView]:
    """Add their lines to the statements that this person may confirm."""
    return [
        one
        if one.confirmed or one.brought_by == person_id
        else msgspec.structs.replace(one, lines=await _lines(tx, one.file_id, bank))
        for one in files
    ]


async def _lines(tx: Transaction, file_id: UUID, bank: Bank) -> tuple[LineOfFile, ...]:
    row = await tx.session.get(StatementFileRow, file_id)
    assert row is not None, "it is on the list"
    return tuple(
        LineOfFile(
            is_in=line.direction == "in",
            amount_fen=line.amount_fen,
            account_end=line.counter_account[-SHOWN_DIGITS:],
            booked_at=line.booked_at,
        )
        for line in _read(tx, row, bank).lines
    )


async def _waiting(tx: Transaction, file_id: UUID) -> StatementFileRow:
    row = await tx.session.get(StatementFileRow, file_id)
    if row is None or await tx.session.get(StatementConfirmationRow, file_id) is not None:
        raise StatementUnknown(file_id=file_id)
    return row


def _read(tx: Transaction, row: StatementFileRow, bank: Bank) -> Statement:
    """Read a kept file again, as it was read when it was brought."""
    text = tx.sealer.open(row.body_sealed)
    return read_statement(text.encode(), account=bank.main_account, after=row.after_sequence)
