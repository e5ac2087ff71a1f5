"""Check the books: every invariant of the ledger in one list, read from the database as it stands.

The database refuses each of these on its own; this is the second path (style: check before write and after read).
It repairs nothing. `require_straight` stops a run that moves money when the books are not straight.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec
from sqlalchemy import text

from auction.fund.ledger import store
from auction.fund.ledger.accounts import AccountKind, parse_code
from auction.fund.ledger.entries import NO_PREDECESSOR, content_hash, digest_of
from auction.fund.ledger.store import StoredEntry
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import InvariantViolated

MAX_REPORTED = 100
"""A check names at most this many differences; one is enough to stop."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant that does not hold, and where."""

    invariant: str
    where: str
    detail: str


class BooksReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a check looked at and what it found."""

    invariants: tuple[str, ...]
    entries: int
    accounts: int
    differences: tuple[Difference, ...]

    @property
    def straight(self) -> bool:
        """Whether every invariant holds."""
        return not self.differences


def broken_links(entries: Iterable[StoredEntry]) -> list[Difference]:
    """Check one chain, pure: numbers without a gap, fingerprints, digests, sums and counts."""
    found: list[Difference] = []
    previous = NO_PREDECESSOR
    for expected, entry in enumerate(entries, start=1):
        where = f"{entry.chain} {entry.number}"
        lines = [f"{posting.code} {posting.amount_fen}" for posting in entry.postings]
        fingerprint = content_hash(entry.cause, entry.case_id, entry.subject_id, lines)
        digest = digest_of(
            chain=entry.chain,
            number=entry.number,
            at=entry.at,
            key=entry.key,
            fingerprint=entry.content_hash,
            previous=entry.previous,
        )
        checks = {
            "chain_has_no_gap": entry.number == expected and entry.previous == previous,
            "digest_matches": entry.digest == digest,
            "fingerprint_matches": entry.content_hash == fingerprint and entry.posting_count == len(lines),
            "entry_sums_to_zero": sum(posting.amount_fen for posting in entry.postings) == 0,
        }
        found += [Difference(invariant=name, where=where, detail="") for name, holds in checks.items() if not holds]
        previous = entry.digest
    return found


async def _chains(tx: Transaction) -> list[Difference]:
    found: list[Difference] = []
    for chain in await store.chains(tx):
        found += broken_links(await store.read_chain(tx, chain))
    return found


async def _rows(tx: Transaction, invariant: str, sql: str) -> list[Difference]:
    rows = await tx.session.execute(text(f"{sql} LIMIT {MAX_REPORTED}"))
    return [Difference(invariant=invariant, where=str(row[0]), detail=str(row[1])) for row in rows]


_BY_SQL = {
    "balance_equals_postings": (
        "SELECT b.account_code, b.balance_fen || ' is stored' FROM fund.balance b "
        "LEFT JOIN (SELECT account_code, sum(amount_fen) AS fen, count(*) AS lines FROM fund.posting GROUP BY 1) p "
        "USING (account_code) WHERE b.balance_fen <> coalesce(p.fen, 0) OR b.posting_count <> coalesce(p.lines, 0)"
    ),
    "held_equals_open_holds": (
        "SELECT b.account_code, b.held_fen || ' is stored' FROM fund.balance b LEFT JOIN ("
        " SELECT h.account_code, sum(h.amount_fen) AS fen FROM fund.hold h LEFT JOIN fund.hold_end e USING (hold_id) "
        " WHERE e.hold_id IS NULL GROUP BY 1) h USING (account_code) WHERE b.held_fen <> coalesce(h.fen, 0)"
    ),
    "no_account_overdrawn": (
        "SELECT account_code, side * balance_fen || ' with ' || held_fen || ' held' FROM fund.balance "
        "WHERE NOT may_overdraw AND side * balance_fen < held_fen"
    ),
    "ledger_sums_to_zero": (
        "SELECT 'ledger', total FROM (SELECT coalesce(sum(balance_fen), 0) AS total FROM fund.balance) s WHERE total <> 0"
    ),
    "closed_case_is_at_zero": (
        "SELECT b.account_code, b.balance_fen FROM fund.balance b JOIN fund.account a ON a.code = b.account_code "
        "JOIN fund.case_fund f ON f.case_id = a.case_id WHERE f.closed_at IS NOT NULL "
        "AND (b.balance_fen <> 0 OR b.held_fen <> 0)"
    ),
    "every_account_has_a_balance": (
        "SELECT a.code, 'no balance row' FROM fund.account a LEFT JOIN fund.balance b ON b.account_code = a.code "
        "WHERE b.account_code IS NULL"
    ),
    "entry_has_its_postings": (
        "SELECT e.entry_id, e.posting_count || ' expected' FROM fund.entry e LEFT JOIN fund.posting p USING (entry_id) "
        "GROUP BY e.entry_id HAVING count(p.line) <> e.posting_count"
    ),
    "posting_stays_in_its_case": (
        "SELECT p.entry_id, p.account_code FROM fund.posting p JOIN fund.account a ON a.code = p.account_code "
        "JOIN fund.entry e USING (entry_id) WHERE a.case_id IS NOT NULL AND a.case_id IS DISTINCT FROM e.case_id"
    ),
    "held_deposit_is_covered": (
        "SELECT d.deposit_id, d.amount_fen || ' held, covered by ' || coalesce(max(b.side * b.balance_fen), 0) "
        "FROM fund.deposit d LEFT JOIN fund.account a ON a.case_id = d.case_id AND a.subject_id = d.deposit_id "
        "AND a.kind = CASE d.backing WHEN 'authorisation' THEN 'authorised_owed' ELSE 'deposits' END "
        "LEFT JOIN fund.balance b ON b.account_code = a.code WHERE d.state = 'held' "
        "GROUP BY d.deposit_id HAVING coalesce(max(b.side * b.balance_fen), 0) < d.amount_fen"
    ),
    "ended_deposit_holds_nothing": (
        "SELECT a.code, b.balance_fen FROM fund.deposit d JOIN fund.account a ON a.subject_id = d.deposit_id "
        "JOIN fund.balance b ON b.account_code = a.code WHERE a.kind IN ('deposits', 'authorised_owed') "
        "AND d.state IN ('applied', 'released', 'forfeited') AND b.balance_fen <> 0"
    ),
}


async def _kinds(tx: Transaction) -> list[Difference]:
    rows = await tx.session.execute(text("SELECT kind, scope, side, may_overdraw FROM fund.account_kind"))
    stored = {row.kind for row in rows}
    return [
        Difference(invariant="chart_equals_code", where=kind, detail="on one side only")
        for kind in stored ^ {kind.value for kind in AccountKind}
    ]


async def _codes(tx: Transaction) -> list[Difference]:
    rows = await tx.session.execute(
        text("SELECT b.account_code, b.side, b.may_overdraw FROM fund.balance b ORDER BY 1")
    )
    found: list[Difference] = []
    for row in rows:
        account = parse_code(row.account_code)
        if (account.side, account.may_overdraw) != (row.side, row.may_overdraw):
            found.append(Difference(invariant="chart_equals_code", where=row.account_code, detail="side or overdraft"))
    return found


_BY_CODE: tuple[Callable[[Transaction], Awaitable[list[Difference]]], ...] = (_chains, _kinds, _codes)

INVARIANTS = (
    "entry_sums_to_zero",
    "chain_has_no_gap",
    "digest_matches",
    "fingerprint_matches",
    "chart_equals_code",
    *_BY_SQL,
)
"""Every invariant that `check_books` looks at, by the name under which it reports."""


async def check_books(db: Database) -> BooksReport:
    """Look at every invariant of the ledger in one state of the database, and report what does not hold."""
    async with db.reading() as tx:
        found: list[Difference] = []
        for check in _BY_CODE:
            found += await check(tx)
        for name, sql in _BY_SQL.items():
            found += await _rows(tx, name, sql)
        counts = (
            await tx.session.execute(
                text("SELECT (SELECT count(*) FROM fund.entry), (SELECT count(*) FROM fund.balance)")
            )
        ).one()
    return BooksReport(
        invariants=INVARIANTS, entries=counts[0], accounts=counts[1], differences=tuple(found[:MAX_REPORTED])
    )


async def require_straight(db: Database) -> None:
    """Raise `InvariantViolated` when any invariant does not hold: nothing that moves money runs on crooked books."""
    report = await check_books(db)
    if not report.straight:
        raise InvariantViolated(f"the books are not straight: {report.differences[0]}")
