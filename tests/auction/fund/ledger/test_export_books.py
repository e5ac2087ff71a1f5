"""The books as a Beancount file, read by the real program."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from auction.fund.ledger import store
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.beancount import beancount_account, beancount_lines, yuan
from auction.fund.ledger.entries import Cause, Entry, book, move
from auction.fund.ledger.export_books import export_books, export_case_books
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.stored import StoredEntry, StoredPosting
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from tests.auction.fund.ledger.beans import bean_check, sums_of

DEPOSIT = UUID(int=77)
HUGE = 99_999_999_999_999


def _received(case_id: UUID, fen: int) -> Entry:
    debit, credit = Account(AccountKind.BANK, case_id), Account(AccountKind.DEPOSITS, case_id, DEPOSIT)
    return book(
        f'receipt:"{fen}"\\',
        Cause.DEPOSIT_RECEIVED,
        move(Money(fen), debit=debit, credit=credit),
        case_id=case_id,
        subject_id=DEPOSIT,
    )


def _advanced(case_id: UUID, fen: int) -> Entry:
    debit, credit = Account(AccountKind.BANK, case_id), Account(AccountKind.OPERATOR_ADVANCE)
    return book(
        f"advance:{fen}:{case_id}",
        Cause.CARD_MONEY_ARRIVED,
        move(Money(fen), debit=debit, credit=credit),
        case_id=case_id,
    )


@pytest.fixture
async def two_cases(db: Database, case_id: UUID) -> tuple[UUID, UUID]:
    """Two cases that both reached an account of the house."""
    other = new_id()
    async with db.transaction() as tx:
        await open_case_fund(tx, case_id=other, account_number="1100 2200 3300 5500")
        for entry in (_received(case_id, HUGE), _advanced(case_id, 5), _advanced(other, 1_07)):
            await post_entry(tx, entry)
    return case_id, other


async def test_beancount_accepts_the_books_and_agrees_on_every_balance(
    db: Database, two_cases: tuple[UUID, UUID], tmp_path: Path
) -> None:
    """`bean-check` takes the file of all chains, and its sums are the balances that the database keeps, to the fen."""
    file = tmp_path / "books.beancount"
    file.write_text(await export_books(db), encoding="utf-8")

    checked = bean_check(file)
    async with db.reading() as tx:
        ours = {
            beancount_account(view.code): Account(AccountKind(view.kind), case, view.subject_id).side * view.amount_fen
            for case in two_cases
            for view in await store.accounts_of_case(tx, case)
        }

    assert (checked.returncode, checked.stderr) == (0, "")
    assert sums_of(file) == ours | {"Liabilities:House:Operator-advance": -1_12}


async def test_one_case_is_a_file_of_its_own(db: Database, two_cases: tuple[UUID, UUID], tmp_path: Path) -> None:
    """One chain stands alone: what it moved of the house's account is asserted, not what others moved."""
    file = tmp_path / "case.beancount"
    async with db.reading() as tx:
        file.write_text(await export_case_books(tx, two_cases[1]), encoding="utf-8")

    assert bean_check(file).returncode == 0
    assert sums_of(file)["Liabilities:House:Operator-advance"] == -1_07
    assert str(two_cases[0]) not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"), [("  1.07 CNY", "  1.08 CNY"), (" 1.07 ~", " 1.06 ~"), (" -1.12 ~", " -1.11 ~")]
)
async def test_one_fen_more_or_less_is_refused(
    db: Database, two_cases: tuple[UUID, UUID], tmp_path: Path, old: str, new: str
) -> None:
    """An amount or a balance that is changed by one fen is found by Beancount."""
    file = tmp_path / "books.beancount"
    right = await export_books(db)
    assert old in right
    file.write_text(right.replace(old, new, 1), encoding="utf-8")

    assert bean_check(file).returncode != 0
    assert two_cases


async def test_case_without_entries_gives_an_empty_book(db: Database, case_id: UUID, tmp_path: Path) -> None:
    """Nothing booked: a file that Beancount takes, with no transaction."""
    file = tmp_path / "empty.beancount"
    async with db.reading() as tx:
        file.write_text(await export_case_books(tx, case_id), encoding="utf-8")

    assert bean_check(file).returncode == 0
    assert sums_of(file) == {}


@pytest.mark.parametrize(
    ("fen", "written"), [(0, "0.00"), (-1, "-0.01"), (99, "0.99"), (100, "1.00"), (-12345, "-123.45")]
)
def test_fen_are_written_exactly(fen: int, written: str) -> None:
    """No amount passes through a float."""
    assert yuan(fen) == written


def test_a_day_is_a_day_in_beijing() -> None:
    """An entry of 16:30 UTC belongs to the next day, and the balance is asserted on the day after that."""
    entry = StoredEntry(
        entry_id=UUID(int=1), chain="house", number=1, case_id=None, cause="receipt_unattributed", subject_id=None, key="k",
        content_hash="", posting_count=2, at=datetime(2026, 11, 2, 16, 30, tzinfo=UTC), previous="", digest="d",
        postings=(StoredPosting("house/court_bank", 5), StoredPosting("house/operator_advance", -5)),
    )  # fmt: skip

    lines = list(beancount_lines([entry], {"house/court_bank": 5, "house/operator_advance": -5}))

    assert '2026-11-03 * "house" "receipt_unattributed"' in lines
    assert "2026-11-04 balance Assets:House:Court-bank 0.05 ~ 0.00 CNY" in lines
