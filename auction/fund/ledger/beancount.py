"""The books as a Beancount file, so that anybody can add them up with a program that is not ours. Pure.

1. What holds something is ``Assets``, what owes is ``Liabilities``, the operator's fees are ``Expenses``; signs are the same as ours (F1).
2. One transaction per entry with its key, number and digest; one posting per posting; amounts in yuan with two digits.
3. After the last entry each account's balance is asserted, to the fen: a reader that adds up otherwise refuses the file.
4. A day is a day of Asia/Shanghai; within a day transactions stand in the order of their chain.
5. The file holds identifiers and amounts, no name and no account number.

Source: Beancount Language Syntax (beancount.github.io): account names, `open`, `balance` with an explicit tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from auction.fund.ledger.accounts import AccountKind, parse_code
from auction.fund.ledger.stored import StoredEntry
from auction.kernel.clock import local_day

CURRENCY: Final = "CNY"
_EXPENSES: Final = frozenset({AccountKind.OPERATOR_FEES})
FEN: Final = 100


def beancount_lines(entries: Sequence[StoredEntry], balances: Mapping[str, int]) -> Iterator[str]:
    """Give the file line by line: entries of any chains, and what each account must hold after them, in signed fen.

    ``balances`` names accounts by their code; only accounts that ``entries`` reach are opened.
    """
    yield f'option "title" "fapai 案款账簿 case fund"\noption "operating_currency" "{CURRENCY}"\n'
    if not entries:
        return
    ordered = sorted(entries, key=lambda entry: (local_day(entry.at), entry.at, entry.chain, entry.number))
    yield from _opened(ordered)
    for entry in ordered:
        yield from _transaction(entry)
    after = max(local_day(entry.at) for entry in ordered) + timedelta(days=1)
    for code in sorted(_reached(ordered)):
        yield f"{after} balance {beancount_account(code)} {yuan(balances[code])} ~ 0.00 {CURRENCY}"


def beancount_account(code: str) -> str:
    """Name an account of the chart as Beancount writes names: components begin with a capital or a digit."""
    account = parse_code(code)
    root = "Expenses" if account.kind in _EXPENSES else "Assets" if account.side > 0 else "Liabilities"
    owner = "House" if account.case_id is None else f"Case-{account.case_id}"
    parts = [root, owner, account.kind.value.replace("_", "-").capitalize()]
    return ":".join(parts if account.subject_id is None else [*parts, _subject(account.subject_id)])


def yuan(fen: int) -> str:
    """Write fen as yuan with two digits, exactly."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // FEN}.{abs(fen) % FEN:02d}"


def _subject(subject_id: UUID) -> str:
    return f"S-{subject_id}"


def _opened(entries: Iterable[StoredEntry]) -> Iterator[str]:
    first: dict[str, date] = {}
    for entry in entries:
        for posting in entry.postings:
            first.setdefault(posting.code, local_day(entry.at))
    for code in sorted(first):
        yield f"{first[code]} open {beancount_account(code)} {CURRENCY}"
    yield ""


def _transaction(entry: StoredEntry) -> Iterator[str]:
    yield f'{local_day(entry.at)} * "{entry.chain}" "{entry.cause}"'
    yield f"  number: {entry.number}"
    yield f'  at: "{entry.at.isoformat()}"'
    yield f'  key: "{_quoted(entry.key)}"'
    if entry.subject_id is not None:
        yield f'  subject: "{entry.subject_id}"'
    yield f'  digest: "{entry.digest}"'
    for posting in entry.postings:
        yield f"  {beancount_account(posting.code)}  {yuan(posting.amount_fen)} {CURRENCY}"
    yield ""


def _quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"')


def _reached(entries: Iterable[StoredEntry]) -> set[str]:
    return {posting.code for entry in entries for posting in entry.postings}
