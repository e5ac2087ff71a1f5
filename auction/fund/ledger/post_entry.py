"""Book an entry: the only writer of postings and holds.

1. The same idempotency key with the same content gives the entry that stands; with other content it is refused.
2. Entries of one chain are numbered without a gap, under that chain's lock.
3. A hold lowers what its account can spend; it ends once, posted by an entry or voided, never both.
4. What the balance rule forbids is refused as `Overdrawn`; the database's CHECK is what decides.
5. One round trip books: the chain is locked, looked at and continued within `fund.write_entry` (migration 0031).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auction.fund.ledger import store
from auction.fund.ledger.accounts import Account
from auction.fund.ledger.entries import Entry
from auction.fund.ledger.store import Written
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, NotFound
from auction.kernel.ids import named_id, new_id
from auction.kernel.money import Money


class EntryKeyReused(Conflict):
    """The idempotency key of an entry came again with other content; nothing was booked."""

    code = "entry_key_reused"
    article = "house: D7, one key stands for one content"
    zh = "记账幂等键“{key}”已用于内容不同的分录，未作任何记账。"
    en = "The key {key} already stands for an entry with other content; nothing was booked."


class Overdrawn(Conflict):
    """An account would fall below zero, or below what is set aside in it."""

    code = "account_overdrawn"
    article = "house: D7, no account of a case is overdrawn"
    zh = "账户余额不足（含冻结金额），未作任何记账。"
    en = "An account does not hold enough, counting what is set aside; nothing was booked."


class CaseAccountClosed(Conflict):
    """The case's account was closed at zero and takes no entry any more."""

    code = "case_account_closed"
    article = "house: D7, a case closes only at zero, once"
    zh = "案款专户已销，不能再记账。"
    en = "The account of this case is closed; nothing can be booked to it."


class HoldEnded(Conflict):
    """The hold was posted or voided before."""

    code = "hold_ended"
    article = "house: D7, a hold ends once"
    zh = "该笔冻结已被使用或者解除。"
    en = "This hold was already posted or voided."


class HoldUnknown(NotFound):
    """There is no such hold."""

    code = "hold_unknown"
    article = "house: D7"
    zh = "没有该笔冻结。"
    en = "There is no such hold."


async def post_entry(tx: Transaction, entry: Entry) -> UUID:
    """Book ``entry`` and give its id; a repetition gives the id of the entry that stands (rule 1).

    Locks the entry's chain until the transaction ends.
    Raises `EntryKeyReused`, `Overdrawn`, `CaseAccountClosed`.
    """
    found = await _write(tx, entry, new_id())
    if found.content_hash != entry.fingerprint:
        raise EntryKeyReused(key=entry.key)
    assert found.entry_id is not None, "an entry that was booked or stands has an id"
    return found.entry_id


async def place_hold(tx: Transaction, account: Account, amount: Money, *, cause: str, subject_id: UUID) -> UUID:
    """Set ``amount`` of an account aside for a subject; once per cause and subject. Raises `Overdrawn`."""
    hold_id = named_id("hold", cause, str(subject_id))
    await store.open_accounts(tx, [account])
    try:
        async with tx.session.begin_nested():
            await tx.session.execute(
                text(
                    "INSERT INTO fund.hold (hold_id, account_code, amount_fen, cause, subject_id, at) "
                    "VALUES (:hold_id, :code, :fen, :cause, :subject_id, :now) ON CONFLICT DO NOTHING"
                ),
                {
                    "hold_id": hold_id,
                    "code": account.code,
                    "fen": amount.fen,
                    "cause": cause,
                    "subject_id": subject_id,
                    "now": tx.now,
                },
            )
    except IntegrityError as fault:
        raise _refusal_of(fault) from fault
    return hold_id


async def post_hold(tx: Transaction, hold_id: UUID, entry: Entry) -> UUID:
    """End a hold by booking the entry that spends it. Raises `HoldEnded` if it ended before, `HoldUnknown`."""
    await tx.lock(f"ledger:{entry.chain}")
    entry_id = named_id("posted hold", str(hold_id))
    await _end_hold(tx, hold_id, how="posted", entry_id=entry_id)
    if (await _write(tx, entry, entry_id)).state != "booked":
        raise EntryKeyReused(key=entry.key)
    return entry_id


async def void_hold(tx: Transaction, hold_id: UUID) -> None:
    """End a hold without spending it. Raises `HoldEnded` if it ended before, `HoldUnknown`."""
    await _end_hold(tx, hold_id, how="voided", entry_id=None)


async def _write(tx: Transaction, entry: Entry, entry_id: UUID) -> Written:
    """Have the database book an entry. Raises `Overdrawn`, `CaseAccountClosed`."""
    found = await store.write_entry(tx, entry, entry_id)
    if found.state == "overdrawn":
        raise Overdrawn
    if found.state == "case_closed":
        raise CaseAccountClosed
    return found


def _refusal_of(fault: IntegrityError) -> Exception:
    """Say which rule the database refused by; a fault that is no rule of the books passes as it came."""
    said = str(fault.orig)
    if "balance_not_overdrawn" in said:
        return Overdrawn()
    if "case_closed" in said:
        return CaseAccountClosed()
    return fault


async def _end_hold(tx: Transaction, hold_id: UUID, *, how: str, entry_id: UUID | None) -> None:
    known = await tx.session.execute(text("SELECT 1 FROM fund.hold WHERE hold_id = :id"), {"id": hold_id})
    if known.one_or_none() is None:
        raise HoldUnknown(hold_id=hold_id)
    ended = await tx.session.execute(
        text(
            "INSERT INTO fund.hold_end (hold_id, how, entry_id, at) VALUES (:id, :how, :entry_id, :now) "
            "ON CONFLICT DO NOTHING RETURNING hold_id"
        ),
        {"id": hold_id, "how": how, "entry_id": entry_id, "now": tx.now},
    )
    if ended.one_or_none() is None:
        raise HoldEnded(hold_id=hold_id)
