"""What lines of settled plans paid back of set-offs: their payee had it as part of a price, on the day of that settlement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from auction.fund.ledger.accounts import Account
from auction.fund.ledger.entries import Cause
from auction.fund.ledger.tables import EntryRow, PostingRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SetOffPart:
    """So much of what is owed in an account paid back what was set off against the price of a round."""

    account_code: str
    round_id: UUID
    at: datetime
    amount: Money


async def set_off_parts(tx: Transaction, accounts: Collection[Account]) -> list[SetOffPart]:
    """Give what these accounts of lines paid back of set-offs, the oldest first."""
    found = (
        select(PostingRow.account_code, EntryRow.subject_id, EntryRow.at, PostingRow.amount_fen)
        .join(EntryRow, EntryRow.entry_id == PostingRow.entry_id)
        .where(
            PostingRow.account_code.in_([account.code for account in accounts]),
            EntryRow.cause == Cause.SET_OFF_SETTLED.value,
            PostingRow.amount_fen > 0,
        )
        .order_by(EntryRow.number)
    )
    return [
        SetOffPart(code, round_id, at, Money(fen))
        for code, round_id, at, fen in (await tx.session.execute(found)).all()
        if round_id is not None
    ]
