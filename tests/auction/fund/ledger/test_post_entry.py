from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.ledger import store
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.check_books import INVARIANTS, check_books, check_case_books
from auction.fund.ledger.entries import Cause, Entry, book, move
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.ledger.post_entry import (
    CaseAccountClosed,
    EntryKeyReused,
    HoldEnded,
    Overdrawn,
    place_hold,
    post_entry,
    post_hold,
    void_hold,
)
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money

SUBJECT = UUID(int=9)


def receipt(case_id: UUID, fen: int, key: str = "receipt:1") -> Entry:  # noqa: D103 - a builder of this file
    return book(
        key,
        Cause.BALANCE_RECEIVED,
        move(Money(fen), debit=Account(AccountKind.BANK, case_id), credit=Account(AccountKind.PROCEEDS, case_id)),
        case_id=case_id,
        subject_id=SUBJECT,
    )


def payout(case_id: UUID, fen: int, key: str = "payout:1") -> Entry:  # noqa: D103 - a builder of this file
    return book(
        key,
        Cause.PAYOUT_PAID,
        move(Money(fen), debit=Account(AccountKind.PROCEEDS, case_id), credit=Account(AccountKind.BANK, case_id)),
        case_id=case_id,
        subject_id=SUBJECT,
    )


async def run(db: Database, sql: str, **values: object) -> None:  # noqa: D103 - a builder of this file
    async with db.transaction() as tx:
        await tx.session.execute(text(sql), values)


async def test_repeated_key_with_same_content_books_once(db: Database, case_id: UUID) -> None:
    """The same key with the same content gives the entry that stands."""
    first = await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    second = await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))

    assert first == second
    async with db.reading() as tx:
        assert await store.balance_of(tx, Account(AccountKind.PROCEEDS, case_id)) == Money(500)


async def test_repeated_key_with_other_content_is_refused(db: Database, case_id: UUID) -> None:
    """The same key with other content is refused and books nothing."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))

    with pytest.raises(EntryKeyReused):
        await db.transact(lambda tx: post_entry(tx, receipt(case_id, 501)))


@pytest.mark.parametrize(("fen", "lawful"), [(499, True), (500, True), (501, False)])
async def test_account_is_not_overdrawn(db: Database, case_id: UUID, fen: int, lawful: bool) -> None:
    """An account pays out what it holds, and not a fen more."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))

    if lawful:
        await db.transact(lambda tx: post_entry(tx, payout(case_id, fen)))
    else:
        with pytest.raises(Overdrawn):
            await db.transact(lambda tx: post_entry(tx, payout(case_id, fen)))
    assert (await check_books(db)).straight


@pytest.mark.parametrize(("fen", "lawful"), [(199, True), (200, True), (201, False)])
async def test_holds_count_in_the_balance_rule(db: Database, case_id: UUID, fen: int, lawful: bool) -> None:
    """What is set aside cannot be spent by another entry."""
    proceeds = Account(AccountKind.PROCEEDS, case_id)
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    await db.transact(lambda tx: place_hold(tx, proceeds, Money(300), cause="test", subject_id=SUBJECT))

    if lawful:
        await db.transact(lambda tx: post_entry(tx, payout(case_id, fen)))
    else:
        with pytest.raises(Overdrawn):
            await db.transact(lambda tx: post_entry(tx, payout(case_id, fen)))


async def test_two_holds_cannot_set_aside_more_than_there_is(db: Database, case_id: UUID) -> None:
    """Open holds together stay within the balance."""
    proceeds = Account(AccountKind.PROCEEDS, case_id)
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    await db.transact(lambda tx: place_hold(tx, proceeds, Money(300), cause="a", subject_id=SUBJECT))

    with pytest.raises(Overdrawn):
        await db.transact(lambda tx: place_hold(tx, proceeds, Money(201), cause="b", subject_id=SUBJECT))


async def test_two_commits_of_one_hold_cannot_both_win(db: Database, case_id: UUID) -> None:
    """Of eight that post or void one hold at the same time, one wins and the books stay straight."""
    proceeds = Account(AccountKind.PROCEEDS, case_id)
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    hold = await db.transact(lambda tx: place_hold(tx, proceeds, Money(300), cause="a", subject_id=SUBJECT))

    async def end(number: int) -> bool:
        async def work(tx: Transaction) -> None:
            if number % 2:
                await void_hold(tx, hold)
            else:
                await post_hold(tx, hold, payout(case_id, 300, key=f"payout:{number}"))

        try:
            await db.transact(work)
        except HoldEnded:
            return False
        return True

    won = await asyncio.gather(*(end(number) for number in range(8)))

    assert sum(won) == 1
    assert (await check_books(db)).straight


async def test_concurrent_payouts_never_overdraw(db: Database, case_id: UUID) -> None:
    """Of ten payouts of 200 from 500 at the same time, two win."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))

    async def pay(number: int) -> bool:
        try:
            await db.transact(lambda tx: post_entry(tx, payout(case_id, 200, key=f"payout:{number}")))
        except Overdrawn:
            return False
        return True

    won = await asyncio.gather(*(pay(number) for number in range(10)))

    assert sum(won) == 2
    assert (await check_books(db)).straight


async def test_refused_entry_leaves_the_transaction_usable(db: Database, case_id: UUID) -> None:
    """A use case may go on after an entry was refused; nothing of that entry stays."""

    async def work(tx: Transaction) -> None:
        with pytest.raises(Overdrawn):
            await post_entry(tx, payout(case_id, 1))
        await post_entry(tx, receipt(case_id, 7))

    await db.transact(work)

    async with db.reading() as tx:
        assert await store.balance_of(tx, Account(AccountKind.BANK, case_id)) == Money(7)


# What the database refuses on its own, attacked with SQL ----------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund.posting SET amount_fen = amount_fen * 2",
        "DELETE FROM fund.posting",
        "TRUNCATE fund.posting CASCADE",
        "UPDATE fund.entry SET cause = 'something_else'",
        "DELETE FROM fund.entry",
        "TRUNCATE fund.entry CASCADE",
        "UPDATE fund.balance SET balance_fen = 0",
        "DELETE FROM fund.balance",
        "TRUNCATE fund.balance",
        "INSERT INTO fund.balance (account_code, side, may_overdraw) SELECT code, 1, true FROM fund.account LIMIT 1",
        "UPDATE fund.account SET kind = 'card_clearing'",
        "DELETE FROM fund.account",
        "UPDATE fund.account_kind SET may_overdraw = true",
        "UPDATE fund.hold SET amount_fen = 1",
        "DELETE FROM fund.hold",
        "TRUNCATE fund.hold CASCADE",
        "DELETE FROM fund.case_fund",
        "UPDATE fund.case_fund SET account_commitment = 'x'",
        "UPDATE fund.case_fund SET closed_at = now()",
        # a balanced pair slipped into a committed entry
        "INSERT INTO fund.posting SELECT entry_id, line + 2, account_code, amount_fen FROM fund.posting",
        # one line only
        "INSERT INTO fund.posting SELECT entry_id, 3, account_code, 1 FROM fund.posting LIMIT 1",
        # an account of the house that names a case, and the other way round
        "INSERT INTO fund.account SELECT 'house/bank', NULL, 'bank', NULL, now()",
        "INSERT INTO fund.account SELECT code || '/x', case_id, kind, NULL, now() FROM fund.account LIMIT 1",
    ],
)
async def test_database_refuses(db: Database, case_id: UUID, attack: str) -> None:
    """Straight SQL cannot change, erase, unbalance or overdraw the books."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    proceeds = Account(AccountKind.PROCEEDS, case_id)
    await db.transact(lambda tx: place_hold(tx, proceeds, Money(1), cause="test", subject_id=SUBJECT))

    with pytest.raises(DBAPIError):
        await run(db, attack)
    assert (await check_books(db)).straight


FORGED = """
INSERT INTO fund.entry (entry_id, chain, number, case_id, cause, idempotency_key, content_hash, posting_count, at,
                        previous, digest)
SELECT :entry_id, chain, number + CAST(:step AS bigint), case_id, 'balance_received', 'forged', CAST(:hash AS text), 2, at, digest,
       encode(sha256(convert_to(concat_ws(E'\n', chain, number + CAST(:step AS bigint),
         (extract(epoch FROM at) * 1000000)::bigint, 'forged', CAST(:hash AS text), digest), 'UTF8')), 'hex')
  FROM fund.entry
"""


@pytest.mark.parametrize(
    ("step", "credit", "said"),
    [(2, -5, "chain_broken"), (1, -4, "entry_unbalanced"), (1, -5, "fingerprint_wrong"), (1, None, "entry_incomplete")],
)
async def test_database_refuses_forged_entry(
    db: Database, case_id: UUID, step: int, credit: int | None, said: str
) -> None:
    """A forged entry must continue the chain, sum to zero, be complete and match its fingerprint."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    entry_id = new_id()

    async def forge() -> None:
        async with db.transaction() as tx:
            await tx.session.execute(text(FORGED), {"entry_id": entry_id, "step": step, "hash": "0" * 64})
            lines = [(1, f"case:{case_id}/bank", 5), (2, f"case:{case_id}/proceeds", credit)]
            for line, code, fen in lines:
                if credit is not None:
                    await tx.session.execute(
                        text("INSERT INTO fund.posting VALUES (:entry_id, :line, :code, :fen)"),
                        {"entry_id": entry_id, "line": line, "code": code, "fen": fen},
                    )

    with pytest.raises(DBAPIError, match=said):
        await forge()


async def test_database_refuses_a_posting_to_another_case(db: Database, case_id: UUID) -> None:
    """An entry of one case cannot reach an account of another."""
    from auction.fund.ledger.open_case_fund import open_case_fund  # noqa: PLC0415

    other = new_id()
    await db.transact(lambda tx: open_case_fund(tx, case_id=other, account_number="99"))
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    await db.transact(lambda tx: post_entry(tx, receipt(other, 500, key="receipt:2")))

    with pytest.raises(DBAPIError, match="posting_of_another_case"):
        await run(
            db,
            "INSERT INTO fund.posting SELECT entry_id, 3, :code, 5 FROM fund.entry WHERE case_id = :case_id",
            code=f"case:{other}/bank",
            case_id=case_id,
        )


async def test_case_closes_at_zero_only_and_then_takes_nothing(db: Database, case_id: UUID) -> None:
    """A case with a fen in it does not close; a closed one takes no entry and stays closed."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    await db.transact(lambda tx: post_entry(tx, payout(case_id, 499)))
    with pytest.raises(DBAPIError, match="case_not_at_zero"):
        await run(db, "UPDATE fund.case_fund SET closed_at = now()")
    await db.transact(lambda tx: post_entry(tx, payout(case_id, 1, key="payout:2")))

    await run(db, "UPDATE fund.case_fund SET closed_at = now()")

    with pytest.raises(CaseAccountClosed):
        await db.transact(lambda tx: post_entry(tx, receipt(case_id, 1, key="receipt:2")))
    with pytest.raises(DBAPIError, match="case_closed"):
        await run(db, "UPDATE fund.case_fund SET closed_at = NULL")


async def test_check_books_sees_what_triggers_would_have_refused(db: Database, case_id: UUID) -> None:
    """With triggers switched off by the owner, a changed posting is found on the second path."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    async with db.transaction() as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(text("UPDATE fund.posting SET amount_fen = amount_fen * 2"))

    report = await check_books(db)

    assert {found.invariant for found in report.differences} == {"fingerprint_matches", "balance_equals_postings"}


async def test_check_of_a_case_sees_that_case_only(db: Database, case_id: UUID) -> None:
    """What is crooked in one case is reported to its readers, with every invariant; another case stays straight."""
    other = new_id()
    await db.transact(lambda tx: open_case_fund(tx, case_id=other, account_number="1100 2200 3300 5500"))
    for case, key in ((case_id, "receipt:1"), (other, "receipt:2")):
        await db.transact(lambda tx, case=case, key=key: post_entry(tx, receipt(case, 500, key=key)))  # type: ignore[misc]
    async with db.transaction() as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(
            text(
                "UPDATE fund.posting SET amount_fen = amount_fen * 2 FROM fund.entry e "
                "WHERE e.entry_id = posting.entry_id AND e.case_id = :case_id"
            ),
            {"case_id": case_id},
        )
        await tx.session.execute(
            text("UPDATE fund.balance SET may_overdraw = true WHERE account_code LIKE :code"),
            {"code": f"case:{case_id}/bank%"},
        )

    async with db.reading() as tx:
        crooked, straight = await check_case_books(tx, case_id), await check_case_books(tx, other)

    assert {found.invariant for found in crooked.differences} >= {
        "fingerprint_matches",
        "balance_equals_postings",
        "chart_equals_code",
    }
    assert all(str(case_id) in found.where for found in crooked.differences)
    assert straight.straight
    assert (straight.entries, straight.accounts) == (1, 2)
    assert set(INVARIANTS) - set(straight.invariants) == {
        "ledger_sums_to_zero",
        "published_head_stands",
        "published_root_matches",
    }


async def test_whole_check_finds_what_the_cases_check_finds(db: Database, case_id: UUID) -> None:
    """The check of a case is a part of the whole check, never another one."""
    await db.transact(lambda tx: post_entry(tx, receipt(case_id, 500)))
    async with db.transaction() as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(
            text("UPDATE fund.balance SET balance_fen = balance_fen + side, held_fen = held_fen + 1")
        )
        await tx.session.execute(text("UPDATE fund.case_fund SET closed_at = now()"))
        await tx.session.execute(text("DELETE FROM fund.posting WHERE line = 1"))

    async with db.reading() as tx:
        of_case = await check_case_books(tx, case_id)
    whole = await check_books(db)

    assert len({found.invariant for found in of_case.differences}) >= 5
    assert set(of_case.differences) == {d for d in whole.differences if d.invariant != "ledger_sums_to_zero"}
