"""Queries of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from auction.fund.ledger.accounts import Account
from auction.fund.ledger.entries import Cause, Entry
from auction.fund.ledger.stored import StoredEntry, StoredPosting
from auction.fund.ledger.tables import AccountRow, BalanceRow, CaseFundRow, EntryRow, PostingRow
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money

MAX_ENTRIES_OF_CASE = 200_000
"""No case is read whole beyond this many entries; a check that meets it says so instead of passing."""


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """One account on the finance desk: what it holds in its own direction, and how much of that is set aside."""

    code: str
    kind: str
    subject_id: UUID | None
    amount_fen: int
    held_fen: int


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What ``fund.write_entry`` answered: ``booked``, ``stands`` (an earlier entry of the key), ``overdrawn`` or ``case_closed``."""

    entry_id: UUID | None
    content_hash: str | None
    state: str


_WRITE = text(
    "SELECT entry_id, content_hash, state FROM fund.write_entry(:entry_id, :chain, CAST(:case_id AS uuid), :cause, "
    "CAST(:subject_id AS uuid), :key, :hash, :at, CAST(:codes AS text[]), CAST(:case_ids AS uuid[]), CAST(:kinds AS text[]), "
    "CAST(:subject_ids AS uuid[]), CAST(:amounts AS bigint[]))"
)


async def write_entry(tx: Transaction, entry: Entry, entry_id: UUID) -> Written:
    """Let the database book an entry in its chain, opening accounts that it needs; the chain stays locked."""
    accounts = [posting.account for posting in entry.postings]
    found = await tx.session.execute(
        _WRITE,
        {
            "entry_id": entry_id,
            "chain": entry.chain,
            "case_id": entry.case_id,
            "cause": entry.cause.value,
            "subject_id": entry.subject_id,
            "key": entry.key,
            "hash": entry.fingerprint,
            "at": tx.now,
            "codes": [account.code for account in accounts],
            "case_ids": [account.case_id for account in accounts],
            "kinds": [account.kind.value for account in accounts],
            "subject_ids": [account.subject_id for account in accounts],
            "amounts": [posting.amount.fen for posting in entry.postings],
        },
    )
    row = found.one()
    return Written(entry_id=row.entry_id, content_hash=row.content_hash, state=row.state)


async def open_accounts(tx: Transaction, accounts: Iterable[Account]) -> None:
    """Open the accounts that do not exist yet, in the order of their codes."""
    rows = [
        {
            "code": account.code,
            "case_id": account.case_id,
            "kind": account.kind.value,
            "subject_id": account.subject_id,
            "opened_at": tx.now,
        }
        for account in sorted(accounts, key=lambda account: account.code)
    ]
    await tx.session.execute(insert(AccountRow).on_conflict_do_nothing(), rows)


async def balance_of(tx: Transaction, account: Account) -> Money:
    """Give what the account holds in its own direction; zero where it was never opened."""
    return (await balance_of_all(tx, [account]))[account]


async def balance_of_all(tx: Transaction, accounts: Collection[Account]) -> dict[Account, Money]:
    """Give what each of the accounts holds in its own direction, with one query; zero where it was never opened."""
    if not accounts:
        return {}
    found = await tx.session.execute(
        select(BalanceRow.account_code, BalanceRow.balance_fen).where(
            BalanceRow.account_code.in_({account.code for account in accounts})
        )
    )
    fen = {row.account_code: row.balance_fen for row in found}
    return {account: Money(account.side * fen.get(account.code, 0)) for account in accounts}


async def available_in(tx: Transaction, account: Account) -> Money:
    """Give what the account holds beyond its open holds."""
    return (await available_in_all(tx, [account]))[account]


async def available_in_all(tx: Transaction, accounts: Collection[Account]) -> dict[Account, Money]:
    """Give what each of the accounts holds beyond its open holds, with one query; an account never opened holds nothing."""
    if not accounts:
        return {}
    codes = [account.code for account in accounts]
    found = await tx.session.execute(
        select(BalanceRow.account_code, BalanceRow.balance_fen, BalanceRow.held_fen).where(
            BalanceRow.account_code.in_(codes)
        )
    )
    held = {row.account_code: row for row in found}
    return {
        account: ZERO
        if account.code not in held
        else Money(account.side * held[account.code].balance_fen - held[account.code].held_fen)
        for account in accounts
    }


async def accounts_of_case(tx: Transaction, case_id: UUID) -> list[AccountView]:
    """Show every account of a case, in the order of the codes."""
    rows = await tx.session.execute(
        select(AccountRow, BalanceRow)
        .join(BalanceRow, BalanceRow.account_code == AccountRow.code)
        .where(AccountRow.case_id == case_id)
        .order_by(AccountRow.code)
        .limit(MAX_ENTRIES_OF_CASE)
    )
    return [
        AccountView(
            code=account.code,
            kind=account.kind,
            subject_id=account.subject_id,
            amount_fen=balance.side * balance.balance_fen,
            held_fen=balance.held_fen,
        )
        for account, balance in rows
    ]


async def totals_by_kind(tx: Transaction, case_id: UUID) -> dict[str, Money]:
    """Sum the accounts of a case by kind, each in its own direction."""
    rows = await tx.session.execute(
        select(AccountRow.kind, func.sum(BalanceRow.side * BalanceRow.balance_fen))
        .join(BalanceRow, BalanceRow.account_code == AccountRow.code)
        .where(AccountRow.case_id == case_id)
        .group_by(AccountRow.kind)
    )
    return {kind: Money(int(fen)) for kind, fen in rows}


async def posted_to(tx: Transaction, account: Account, *, subject_id: UUID) -> Money:
    """Sum what entries about ``subject_id`` posted to an account, in the account's own direction."""
    return (await posted_to_all(tx, [(account, subject_id)]))[account, subject_id]


async def posted_to_all(tx: Transaction, asked: Collection[tuple[Account, UUID]]) -> dict[tuple[Account, UUID], Money]:
    """Sum what entries about each subject posted to its account, with one query; nothing posted is zero."""
    if not asked:
        return {}
    found = await tx.session.execute(
        select(PostingRow.account_code, EntryRow.subject_id, func.sum(PostingRow.amount_fen).label("fen"))
        .join(EntryRow, EntryRow.entry_id == PostingRow.entry_id)
        .where(EntryRow.subject_id.in_({subject_id for _, subject_id in asked}))
        .where(PostingRow.account_code.in_({account.code for account, _ in asked}))
        .group_by(PostingRow.account_code, EntryRow.subject_id)
    )
    fen = {(row.account_code, row.subject_id): int(row.fen) for row in found}
    return {
        (account, subject_id): Money(account.side * fen.get((account.code, subject_id), 0))
        for account, subject_id in asked
    }


async def head_digest(tx: Transaction, chain: str) -> str:
    """Give the digest of the last entry of a chain, which names all of it; empty for an empty one."""
    found = select(EntryRow.digest).where(EntryRow.chain == chain).order_by(EntryRow.number.desc()).limit(1)
    return (await tx.session.scalar(found)) or ""


async def read_chain(tx: Transaction, chain: str) -> list[StoredEntry]:
    """Read a whole chain in order, with its postings; asserts the limit."""
    entries, lines = await tx.together(_entries_of(tx, chain), _postings_of(tx, chain))
    assert len(entries) <= MAX_ENTRIES_OF_CASE, f"{chain} is longer than a check reads"
    return [_stored(row, tuple(lines.get(row.entry_id, ()))) for row in entries]


async def _entries_of(tx: Transaction, chain: str) -> Sequence[EntryRow]:
    """Give the entries of a chain in order, one more than the limit where it is longer."""
    found = select(EntryRow).where(EntryRow.chain == chain).order_by(EntryRow.number).limit(MAX_ENTRIES_OF_CASE + 1)
    return (await tx.session.scalars(found)).all()


async def _postings_of(tx: Transaction, chain: str) -> dict[UUID, list[StoredPosting]]:
    """Give the postings of a chain by entry, in order."""
    lines: dict[UUID, list[StoredPosting]] = {}
    rows = await tx.session.execute(
        select(PostingRow.entry_id, PostingRow.account_code, PostingRow.amount_fen)
        .join(EntryRow, EntryRow.entry_id == PostingRow.entry_id)
        .where(EntryRow.chain == chain)
        .order_by(EntryRow.number, PostingRow.line)
    )
    for entry_id, code, fen in rows:
        lines.setdefault(entry_id, []).append(StoredPosting(code, fen))
    return lines


def _stored(row: EntryRow, postings: tuple[StoredPosting, ...]) -> StoredEntry:
    return StoredEntry(
        entry_id=row.entry_id,
        chain=row.chain,
        number=row.number,
        case_id=row.case_id,
        cause=row.cause,
        subject_id=row.subject_id,
        key=row.idempotency_key,
        content_hash=row.content_hash,
        posting_count=row.posting_count,
        at=row.at,
        previous=row.previous,
        digest=row.digest,
        postings=postings,
    )


async def is_booked(tx: Transaction, key: str) -> bool:
    """Whether an entry of this key stands."""
    found = await tx.session.execute(select(EntryRow.entry_id).where(EntryRow.idempotency_key == key))
    return found.scalar_one_or_none() is not None


async def count_entries(tx: Transaction, subject_id: UUID, *, causes: Collection[Cause]) -> int:
    """Count the entries about a subject that were booked for one of these causes; its caller holds the lock that orders them."""
    found = select(func.count()).where(
        EntryRow.subject_id == subject_id, EntryRow.cause.in_([cause.value for cause in causes])
    )
    return (await tx.session.execute(found)).scalar_one()


async def chains(tx: Transaction) -> dict[str, int]:
    """Name every chain that has an entry, in their order, with the number of its entries."""
    rows = await tx.session.execute(
        select(EntryRow.chain, func.count().label("length")).group_by(EntryRow.chain).order_by(EntryRow.chain)
    )
    return {row.chain: row.length for row in rows}


async def case_fund(tx: Transaction, case_id: UUID) -> CaseFundRow | None:
    """Find the fund of a case."""
    return await tx.session.get(CaseFundRow, case_id, populate_existing=True)
