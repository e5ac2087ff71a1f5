"""Bring a bank statement as a file (camt.053), where the bank has no line to the house, or the line is down.

1. It is one of the court's account, opens at the balance at which the last line closed, and continues numbers and balances (security 6).
2. The same file is taken once, and a line once, whatever file it comes in; a statement's own number follows that of the one before, or begins a new year at one.
3. Nothing is booked by whoever brings it: another natural person confirms what the file says (`confirm_statement`).
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import select

from auction.fund.channels.iso20022.statements import Statement, read_statement
from auction.fund.channels.tables import BankLineRow, StatementConfirmationRow, StatementFileRow
from auction.fund.channels.take_bank_line import last_balance
from auction.fund.deposits import store
from auction.fund.gateway import Bank
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict

STATEMENT_LOCK = "bank-statement"
"""The lock under which lines of the statement are taken, too."""
FIRST_OF_YEAR = 1


class StatementRepeated(Conflict):
    """The same file was brought before."""

    code = "statement_repeated"
    article = "house: security 6, repeats"
    zh = "该对账单文件已经导入过。"
    en = "This statement was brought before."


class StatementGap(Conflict):
    """The statement does not begin where the last known line ended."""

    code = "statement_does_not_continue"
    article = "house: security 6, sequence and balances"
    zh = "该对账单与已记录的流水不衔接：已记录至第{sequence}笔、余额{balance}分，对账单期初余额{opening}分、编号{number}。"
    en = (
        "The statement does not continue what is known: up to line {sequence}, balance {balance} fen; "
        "it opens at {opening} fen, number {number}."
    )


class BringStatement(Command, frozen=True, kw_only=True):
    """Bring the text of a statement file."""

    file_id: UUID
    text: str


async def bring_statement(db: Database, actor: Actor, command: BringStatement, *, bank: Bank) -> UUID:
    """Check a statement, keep it sealed, and give its id; nothing is booked.

    Raises `StatementRepeated`, `StatementGap`, `OtherAccount`, `BalancesWrong`, and the refusals of a malformed message.
    """
    require_role(actor, Role.FINANCE, Role.CASHIER)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(STATEMENT_LOCK)
        fingerprint = fingerprint_of(tx, command.text)
        if await _is_known(tx, fingerprint):
            raise StatementRepeated
        sequence, _ = await last_balance(tx)
        statement = read_statement(command.text.encode(), account=bank.main_account, after=sequence)
        await require_continues(tx, statement)
        if await _any_taken(tx, [line.line_id for line in statement.lines]):
            raise StatementRepeated
        row = StatementFileRow(
            file_id=command.file_id,
            fingerprint=fingerprint,
            statement_id=statement.statement_id,
            statement_number=statement.number,
            opening_fen=statement.opening_fen,
            closing_fen=statement.closing_fen,
            after_sequence=sequence,
            line_count=len(statement.lines),
            body_sealed=tx.sealer.seal(command.text),
            brought_by=actor.person_id,
            brought_at=tx.now,
        )
        await store.add(tx, row)
        return command.file_id

    return await db.carry_out(actor, command, work, UUID)


async def require_continues(tx: Transaction, statement: Statement) -> None:
    """Refuse a statement that does not begin where the last known line and the last statement ended (`StatementGap`)."""
    sequence, balance = await last_balance(tx)
    numbers = [line.sequence for line in statement.lines]
    follows = numbers == list(range(sequence + 1, sequence + 1 + len(numbers)))
    if statement.opening_fen == balance and follows and await _number_follows(tx, statement.number):
        return
    raise StatementGap(
        sequence=sequence, balance=balance, opening=statement.opening_fen, number=statement.number or "-"
    )


def fingerprint_of(tx: Transaction, text: str) -> str:
    """Give the keyed fingerprint by which a file is known again."""
    return hashlib.sha256(tx.sealer.commit(text).encode()).hexdigest()


async def _is_known(tx: Transaction, fingerprint: str) -> bool:
    found = await tx.session.execute(
        select(StatementFileRow.file_id).where(StatementFileRow.fingerprint == fingerprint)
    )
    return found.scalar_one_or_none() is not None


async def _any_taken(tx: Transaction, line_ids: list[str]) -> bool:
    """Whether a line of the statement was taken before, under another number."""
    found = await tx.session.execute(select(BankLineRow.line_id).where(BankLineRow.line_id.in_(line_ids)).limit(1))
    return found.scalar_one_or_none() is not None


async def _number_follows(tx: Transaction, number: int | None) -> bool:
    """Whether a statement's own number follows the last confirmed one's (rule 2); without numbers the balances decide."""
    found = await tx.session.execute(
        select(StatementFileRow.statement_number)
        .join(StatementConfirmationRow, StatementConfirmationRow.file_id == StatementFileRow.file_id)
        .order_by(StatementConfirmationRow.confirmed_at.desc())
        .limit(1)
    )
    last = found.scalar_one_or_none()
    return number is None or last is None or number in (last + 1, FIRST_OF_YEAR)
