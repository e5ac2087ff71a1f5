"""Export the books for a program that is not ours: one case's, or all chains."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from auction.fund.ledger import store
from auction.fund.ledger.beancount import beancount_lines
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.stored import StoredEntry
from auction.fund.ledger.tables import BalanceRow
from auction.kernel.db import Database, Transaction


async def export_books(db: Database) -> str:
    """Give all chains as one Beancount file; each balance asserted is the one that the database keeps."""
    async with db.reading() as tx:
        entries = [entry for chain in await store.chains(tx) for entry in await store.read_chain(tx, chain)]
        return _file(entries, await _stored_balances(tx))


async def export_case_books(tx: Transaction, case_id: UUID) -> str:
    """Give one case's chain as a Beancount file.

    The case's own accounts are asserted as the database keeps them; the house's, which other cases reach too, only as far as this
    chain moved them. A case without entries gives a file without transactions.
    """
    entries = await store.read_chain(tx, chain_of(case_id))
    stored = await _stored_balances(tx, case_id)
    return _file(entries, _moved(entries) | stored)


def _file(entries: Sequence[StoredEntry], balances: dict[str, int]) -> str:
    return "\n".join(beancount_lines(entries, balances)) + "\n"


def _moved(entries: Sequence[StoredEntry]) -> dict[str, int]:
    moved: dict[str, int] = {}
    for entry in entries:
        for posting in entry.postings:
            moved[posting.code] = moved.get(posting.code, 0) + posting.amount_fen
    return moved


async def _stored_balances(tx: Transaction, case_id: UUID | None = None) -> dict[str, int]:
    found = select(BalanceRow.account_code, BalanceRow.balance_fen)
    if case_id is not None:
        found = found.where(BalanceRow.account_code.startswith(f"case:{case_id}/"))
    return {code: int(fen) for code, fen in await tx.session.execute(found)}
