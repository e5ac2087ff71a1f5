"""Check the books: every invariant of the ledger in one list, read from the database as it stands.

The database refuses each of these on its own; this is the second path (style: check before write and after read).
It repairs nothing. A payout run checks its case before and after, the night checks all, and `fapai check-books` on demand: one list.

The whole books are for the command and the nightly job; who reads one case has that case checked (`check_case_books`), at a
cost that does not grow with the others: its chain, and every invariant that can be said of one case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.ledger import published, store
from auction.fund.ledger.accounts import AccountKind, parse_code
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.heads import NO_ROOT, check_root, stands_under
from auction.fund.ledger.stored import Difference, broken_links
from auction.kernel.db import Database, Transaction

MAX_REPORTED = 100
"""A check names at most this many differences; one is enough to stop."""
ENTRIES_AT_ONCE = 20_000
"""Chains are read together up to so many entries: all at once would hold the whole books in memory, here and in one answer."""


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


async def _chains(tx: Transaction) -> list[Difference]:
    found: list[Difference] = []
    for chains in _in_parts(await store.chains(tx)):
        for entries in (await tx.each(chains, lambda chain: store.read_chain(tx, chain))).values():
            found += broken_links(entries)
    return found


def _in_parts(lengths: Mapping[str, int]) -> Iterator[list[str]]:
    """Part chains so that each part has at most `ENTRIES_AT_ONCE` entries, or is one long chain."""
    part: list[str] = []
    entries = 0
    for chain, length in lengths.items():
        if part and entries + length > ENTRIES_AT_ONCE:
            yield part
            part, entries = [], 0
        part.append(chain)
        entries += length
    if part:
        yield part


async def _rows(
    tx: Transaction, invariant: str, sql: str, tables: Mapping[str, str], case_id: UUID | None
) -> list[Difference]:
    of_case = {} if case_id is None else {"case_id": case_id}
    rows = await tx.session.execute(text(f"{sql.format(**tables)} LIMIT {MAX_REPORTED}"), of_case)
    return [Difference(invariant=invariant, where=str(row[0]), detail=str(row[1])) for row in rows]


async def _by_sql(
    tx: Transaction, invariants: Mapping[str, str], tables: Mapping[str, str], case_id: UUID | None
) -> list[Difference]:
    """Ask all of these together; what does not hold, in their order."""
    found = await tx.each(invariants, lambda name: _rows(tx, name, invariants[name], tables, case_id))
    return [difference for differences in found.values() for difference in differences]


_WHOLE: dict[str, str] = {
    "account": "fund.account",
    "balance": "fund.balance",
    "posting": "fund.posting",
    "hold": "fund.hold",
    "entry": "fund.entry",
    "deposit": "fund.deposit",
    "case_fund": "fund.case_fund",
    "disbursement": "fund.disbursement",
}
"""What the checks below read of the whole books."""
_OF_CASE: dict[str, str] = {
    "account": "(SELECT * FROM fund.account WHERE case_id = :case_id)",
    "balance": (
        "(SELECT * FROM fund.balance WHERE account_code IN (SELECT code FROM fund.account WHERE case_id = :case_id))"
    ),
    "posting": (
        "(SELECT * FROM fund.posting WHERE account_code IN (SELECT code FROM fund.account WHERE case_id = :case_id))"
    ),
    "hold": "(SELECT * FROM fund.hold WHERE account_code IN (SELECT code FROM fund.account WHERE case_id = :case_id))",
    "entry": "(SELECT * FROM fund.entry WHERE case_id = :case_id)",
    "deposit": "(SELECT * FROM fund.deposit WHERE case_id = :case_id)",
    "case_fund": "(SELECT * FROM fund.case_fund WHERE case_id = :case_id)",
    "disbursement": "(SELECT * FROM fund.disbursement WHERE case_id = :case_id)",
}
"""What they read of one case: rows of its accounts, found by index."""

_BY_SQL = {
    "balance_equals_postings": (
        "SELECT b.account_code, b.balance_fen || ' is stored' FROM {balance} b "
        "LEFT JOIN (SELECT account_code, sum(amount_fen) AS fen, count(*) AS lines FROM {posting} s GROUP BY 1) p "
        "USING (account_code) WHERE b.balance_fen <> coalesce(p.fen, 0) OR b.posting_count <> coalesce(p.lines, 0)"
    ),
    "held_equals_open_holds": (
        "SELECT b.account_code, b.held_fen || ' is stored' FROM {balance} b LEFT JOIN ("
        " SELECT h.account_code, sum(h.amount_fen) AS fen FROM {hold} h LEFT JOIN fund.hold_end e USING (hold_id) "
        " WHERE e.hold_id IS NULL GROUP BY 1) h USING (account_code) WHERE b.held_fen <> coalesce(h.fen, 0)"
    ),
    "no_account_overdrawn": (
        "SELECT account_code, side * balance_fen || ' with ' || held_fen || ' held' FROM {balance} b "
        "WHERE NOT may_overdraw AND side * balance_fen < held_fen"
    ),
    "closed_case_is_at_zero": (
        "SELECT b.account_code, b.balance_fen FROM {balance} b JOIN fund.account a ON a.code = b.account_code "
        "JOIN {case_fund} f ON f.case_id = a.case_id WHERE f.closed_at IS NOT NULL "
        "AND (b.balance_fen <> 0 OR b.held_fen <> 0)"
    ),
    "every_account_has_a_balance": (
        "SELECT a.code, 'no balance row' FROM {account} a LEFT JOIN fund.balance b ON b.account_code = a.code "
        "WHERE b.account_code IS NULL"
    ),
    "entry_has_its_postings": (
        "SELECT e.entry_id, e.posting_count || ' expected' FROM {entry} e LEFT JOIN fund.posting p USING (entry_id) "
        "GROUP BY e.entry_id, e.posting_count HAVING count(p.line) <> e.posting_count"
    ),
    "posting_stays_in_its_case": (
        "SELECT p.entry_id, p.account_code FROM {posting} p JOIN fund.account a ON a.code = p.account_code "
        "JOIN fund.entry e USING (entry_id) WHERE a.case_id IS NOT NULL AND a.case_id IS DISTINCT FROM e.case_id"
    ),
    "held_deposit_is_covered": (
        "SELECT d.deposit_id, d.amount_fen || ' held, covered by ' || coalesce(max(b.side * b.balance_fen), 0) "
        "FROM {deposit} d LEFT JOIN fund.account a ON a.case_id = d.case_id AND a.subject_id = d.deposit_id "
        "AND a.kind = CASE d.backing WHEN 'authorisation' THEN 'authorised_owed' ELSE 'deposits' END "
        "LEFT JOIN fund.balance b ON b.account_code = a.code WHERE d.state = 'held' "
        "GROUP BY d.deposit_id, d.amount_fen HAVING coalesce(max(b.side * b.balance_fen), 0) < d.amount_fen"
    ),
    "ended_deposit_holds_nothing": (
        "SELECT a.code, b.balance_fen FROM {deposit} d JOIN fund.account a ON a.subject_id = d.deposit_id "
        "JOIN fund.balance b ON b.account_code = a.code WHERE a.kind IN ('deposits', 'authorised_owed') "
        "AND d.state IN ('applied', 'released', 'forfeited') AND b.balance_fen <> 0"
    ),
    "ordered_payout_waits_in_clearing": (
        "SELECT d.disbursement_id, d.amount_fen || ' ' || d.state || ', in clearing ' || coalesce(b.side * b.balance_fen, 0) "
        "FROM {disbursement} d LEFT JOIN fund.account a ON a.case_id = d.case_id AND a.kind = 'payout_clearing' "
        "AND a.subject_id = d.disbursement_id LEFT JOIN fund.balance b ON b.account_code = a.code "
        "WHERE coalesce(b.side * b.balance_fen, 0) <> CASE d.state WHEN 'ordered' THEN d.amount_fen ELSE 0 END"
    ),
    "sent_payout_is_signed_by_four": (
        "SELECT d.disbursement_id, d.state || ' with ' || count(s.number) || ' signatures' FROM {disbursement} d "
        "LEFT JOIN fund.disbursement_step s USING (disbursement_id) WHERE d.state IN ('ordered', 'paid', 'returned') "
        "GROUP BY d.disbursement_id, d.state HAVING count(s.number) <> 4"
    ),
    "paid_payout_is_booked_as_paid": (
        "SELECT d.disbursement_id, d.state FROM {disbursement} d WHERE (d.state = 'paid') AND NOT EXISTS "
        "(SELECT FROM fund.entry e WHERE e.subject_id = d.disbursement_id AND e.cause = 'payout_paid')"
    ),
    "prepared_payout_is_set_aside": (
        "SELECT d.disbursement_id, d.state FROM {disbursement} d LEFT JOIN fund.hold_end e USING (hold_id) "
        "WHERE (d.state IN ('prepared', 'approved', 'checked')) <> (e.hold_id IS NULL)"
    ),
}
"""Invariants that hold of the whole books and of each case by itself."""

_WHOLE_ONLY = {
    "published_head_stands": (
        "SELECT h.chain, 'published in ' || h.number || ' at entry ' || h.entry_number FROM fund.published_books_head h "
        "LEFT JOIN fund.entry e ON e.chain = h.chain AND e.number = h.entry_number WHERE e.digest IS DISTINCT FROM h.digest"
    ),
    "ledger_sums_to_zero": (
        "SELECT 'ledger', total FROM (SELECT coalesce(sum(balance_fen), 0) AS total FROM fund.balance) s WHERE total <> 0"
    ),
}
"""Invariants that can be said of the whole books only."""


_SIDES = "SELECT b.account_code, b.side, b.may_overdraw FROM {balance} b ORDER BY 1"


async def _kinds(tx: Transaction) -> list[Difference]:
    rows = await tx.session.execute(text("SELECT kind, scope, side, may_overdraw FROM fund.account_kind"))
    stored = {row.kind for row in rows}
    return [
        Difference(invariant="chart_equals_code", where=kind, detail="on one side only")
        for kind in stored ^ {kind.value for kind in AccountKind}
    ]


async def _codes(tx: Transaction, tables: Mapping[str, str] = _WHOLE, case_id: UUID | None = None) -> list[Difference]:
    of_case = {} if case_id is None else {"case_id": case_id}
    rows = await tx.session.execute(text(_SIDES.format(**tables)), of_case)
    found: list[Difference] = []
    for row in rows:
        account = parse_code(row.account_code)
        if (account.side, account.may_overdraw) != (row.side, row.may_overdraw):
            found.append(Difference(invariant="chart_equals_code", where=row.account_code, detail="side or overdraft"))
    return found


async def _roots(tx: Transaction) -> list[Difference]:
    """Recompute every published root from its heads, follow each to the one before, and check what the house signed."""
    found: list[Difference] = []
    previous, expected = NO_ROOT, 0
    shown, heads, roots = await tx.together(published.books_keys(tx), published.all_heads(tx), published.all_roots(tx))
    keys = {key.key_id: bytes.fromhex(key.public_key) for key in shown}
    for root, cover in roots:
        expected += 1
        stands = stands_under(root.root, cover, heads.get(root.number, []))
        is_signed = check_root(root, keys) == "good"
        if not (is_signed and stands) or (root.number, root.previous) != (expected, previous):
            where = f"publication {root.number}"
            found.append(
                Difference(invariant="published_root_matches", where=where, detail="" if is_signed else "signature")
            )
        previous, expected = root.root, root.number
    return found


_OF_ALL = {"published_root_matches": ""}
"""Invariants that are computed here and concern all chains together."""

INVARIANTS = (
    "entry_sums_to_zero",
    "chain_has_no_gap",
    "digest_matches",
    "fingerprint_matches",
    "chart_equals_code",
    "published_root_matches",
    *_BY_SQL,
    *_WHOLE_ONLY,
)
"""Every invariant that `check_books` looks at, by the name under which it reports."""


async def check_books(db: Database) -> BooksReport:
    """Look at every invariant of the ledger in one state of the database, and report what does not hold."""
    async with db.reading() as tx:
        found = await _chains(tx)
        kinds, codes, roots, by_sql, (entries, accounts) = await tx.together(
            _kinds(tx), _codes(tx), _roots(tx), _by_sql(tx, _BY_SQL | _WHOLE_ONLY, _WHOLE, None), _counts(tx)
        )
        found += [*kinds, *codes, *roots, *by_sql]
    return BooksReport(
        invariants=INVARIANTS, entries=entries, accounts=accounts, differences=tuple(found[:MAX_REPORTED])
    )


async def _counts(tx: Transaction) -> tuple[int, int]:
    counted = await tx.session.execute(
        text("SELECT (SELECT count(*) FROM fund.entry), (SELECT count(*) FROM fund.balance)")
    )
    entries, accounts = counted.one()
    return entries, accounts


async def check_case_books(tx: Transaction, case_id: UUID) -> BooksReport:
    """Look at one case: its chain and every invariant of its accounts, deposits and entries; reports as `check_books`.

    ``entries`` and ``accounts`` are the case's own. What concerns the house's accounts is left to the whole check.
    """
    entries, kinds, codes, by_sql, accounts = await tx.together(
        store.read_chain(tx, chain_of(case_id)),
        _kinds(tx),
        _codes(tx, _OF_CASE, case_id),
        _by_sql(tx, _BY_SQL, _OF_CASE, case_id),
        _accounts_of(tx, case_id),
    )
    found = [*broken_links(entries), *kinds, *codes, *by_sql]
    return BooksReport(
        invariants=tuple(name for name in INVARIANTS if name not in _WHOLE_ONLY | _OF_ALL),
        entries=len(entries),
        accounts=accounts,
        differences=tuple(found[:MAX_REPORTED]),
    )


async def _accounts_of(tx: Transaction, case_id: UUID) -> int:
    counted = await tx.session.execute(text("SELECT count(*) FROM fund.account WHERE case_id = :id"), {"id": case_id})
    return int(counted.scalar_one())
