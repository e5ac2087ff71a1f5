from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, Entry, Posting, book, move
from auction.kernel.money import Money

CASE = UUID(int=1)
OTHER = UUID(int=2)
BANK = Account(AccountKind.BANK, CASE)
PROCEEDS = Account(AccountKind.PROCEEDS, CASE)


@given(st.sampled_from(AccountKind), st.one_of(st.none(), st.uuids()), st.uuids())
def test_every_code_reads_back(kind: AccountKind, subject: UUID | None, case: UUID) -> None:
    """A code says all about its account."""
    try:
        account = Account(kind, case, subject)
    except AssertionError:
        account = Account(kind, None, subject)

    assert parse_code(account.code) == account


@pytest.mark.parametrize("code", ["case:1/bank", "house/bank", "house/court_bank/", "bank", "case:x/unknown"])
def test_foreign_codes_are_refused(code: str) -> None:
    """What is no code of the chart is not read as one."""
    with pytest.raises((ValueError, AssertionError)):
        parse_code(code)


def test_entry_that_does_not_sum_to_zero_cannot_be_made() -> None:
    """An entry sums to zero (rule 1)."""
    with pytest.raises(AssertionError, match="sum to zero"):
        Entry("k:1", Cause.BALANCE_RECEIVED, CASE, None, (Posting(BANK, Money(2)), Posting(PROCEEDS, Money(-1))))


def test_entry_reaching_another_case_cannot_be_made() -> None:
    """A posting reaches its own case or the house (rule 4)."""
    with pytest.raises(AssertionError, match="its own case"):
        book("k:1", Cause.BALANCE_RECEIVED, move(Money(1), debit=BANK, credit=PROCEEDS), case_id=OTHER)


def test_posting_of_zero_cannot_be_made() -> None:
    """A posting moves something (rule 1)."""
    with pytest.raises(AssertionError):
        Posting(BANK, Money(0))


def test_key_is_outside_the_fingerprint_and_content_inside() -> None:
    """Same content under two keys has one fingerprint; other content has another (rule 5)."""
    first = book("k:1", Cause.BALANCE_RECEIVED, move(Money(5), debit=BANK, credit=PROCEEDS), case_id=CASE)
    second = book("k:2", Cause.BALANCE_RECEIVED, move(Money(5), debit=BANK, credit=PROCEEDS), case_id=CASE)
    other = book("k:1", Cause.BALANCE_RECEIVED, move(Money(6), debit=BANK, credit=PROCEEDS), case_id=CASE)

    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != other.fingerprint


kinds = st.sampled_from(
    [
        kind
        for kind in AccountKind
        if Account.__dataclass_fields__ and not kind.startswith(("court", "operator", "unattr"))
    ]
)
moves = st.lists(st.tuples(st.integers(1, 10**9), kinds, kinds).filter(lambda m: m[1] != m[2]), min_size=1, max_size=12)


@given(moves)
def test_any_moves_book_to_a_lawful_entry(given_moves: list[tuple[int, AccountKind, AccountKind]]) -> None:
    """However moves combine, the booked entry sums to zero with one line for each account, in order."""
    postings = [
        posting
        for fen, debit, credit in given_moves
        for posting in move(Money(fen), debit=Account(debit, CASE), credit=Account(credit, CASE))
    ]
    net: dict[str, int] = {}
    for posting in postings:
        net[posting.account.code] = net.get(posting.account.code, 0) + posting.amount.fen
    left = {code: fen for code, fen in net.items() if fen}
    if len(left) < 2:
        return

    entry = book("k:1", Cause.BALANCE_RECEIVED, postings, case_id=CASE)

    assert {posting.account.code: posting.amount.fen for posting in entry.postings} == left
