"""Entries and postings: what is booked, pure.

1. An entry has at least two postings, none of zero, no account twice, and sums to zero.
2. A posting is positive for a debit and negative for a credit; `move` writes the usual pair.
3. Its postings stand in the order of their account codes, so that two writers lock balances in one order.
4. A posting reaches accounts of its entry's case, or of the house.
5. The fingerprint covers cause, case, subject and postings; the idempotency key stands outside it, so that the same
   key with other content can be told from a repetition.
6. The digest of an entry covers its place in the chain, its time, key, fingerprint and the previous digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from auction.fund.ledger.accounts import Account
from auction.kernel.clock import to_us
from auction.kernel.money import Money

NO_PREDECESSOR = "0" * 64
MAX_POSTINGS = 200
"""A distribution plan has at most this many lines less two; the database holds the same number."""


class Cause(StrEnum):
    """Why an entry was booked; stored, stable."""

    DEPOSIT_RECEIVED = "deposit_received"
    DEPOSIT_AUTHORISED = "deposit_authorised"
    AUTHORISATION_ENDED = "authorisation_ended"
    DEPOSIT_APPLIED = "deposit_applied"
    DEPOSIT_RELEASED = "deposit_released"
    DEPOSIT_FORFEITED = "deposit_forfeited"
    EXCESS_RETURNED = "excess_returned"
    BALANCE_RECEIVED = "balance_received"
    LOAN_RECEIVED = "loan_received"
    SET_OFF_APPLIED = "set_off_applied"
    SET_OFF_SETTLED = "set_off_settled"
    PURCHASE_REFUNDED = "purchase_refunded"
    REFUND_PAID = "refund_paid"
    REFUND_RETURNED = "refund_returned"
    CARD_MONEY_ARRIVED = "card_money_arrived"
    PROVIDER_FEE = "provider_fee"
    PAYMENT_DISPUTED = "payment_disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    PROVIDER_PAYOUT = "provider_payout"
    PROVIDER_PAYOUT_RETURNED = "provider_payout_returned"
    RECEIPT_UNATTRIBUTED = "receipt_unattributed"
    RECEIPT_ATTRIBUTED = "receipt_attributed"
    PLAN_SETTLED = "plan_settled"
    ESCROW_RELEASED = "escrow_released"
    SHARE_IN_ESCROW = "share_in_escrow"
    BANKRUPTCY_HANDED_OVER = "bankruptcy_handed_over"
    PAYOUT_ORDERED = "payout_ordered"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_RETURNED = "payout_returned"
    SHARE_FALLEN = "share_fallen"
    PUT_IN_ESCROW = "put_in_escrow"
    RECOVERY_RECEIVED = "recovery_received"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: a debit (positive) or a credit (negative) of an account."""

    account: Account
    amount: Money

    def __post_init__(self) -> None:
        """Assert that something is posted (rule 1)."""
        assert self.amount, f"a posting of zero to {self.account.code}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to be booked; made by `book`, which orders its postings."""

    key: str
    cause: Cause
    case_id: UUID | None
    subject_id: UUID | None
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """Assert rules 1, 3 and 4."""
        codes = [posting.account.code for posting in self.postings]
        assert 2 <= len(codes) <= MAX_POSTINGS, f"an entry of {len(codes)} postings"
        assert codes == sorted(set(codes)), "postings stand in the order of their accounts, each once"
        assert sum(posting.amount.fen for posting in self.postings) == 0, f"entry {self.key} does not sum to zero"
        for posting in self.postings:
            assert posting.account.case_id in (None, self.case_id), "a posting reaches its own case or the house"

    @property
    def chain(self) -> str:
        """The hash chain that it belongs to: its case's, or the house's."""
        return chain_of(self.case_id)

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of its content (rule 5)."""
        lines = [f"{posting.account.code} {posting.amount.fen}" for posting in self.postings]
        return content_hash(self.cause, self.case_id, self.subject_id, lines)


def chain_of(case_id: UUID | None) -> str:
    """Name the chain of a case, or the house's."""
    return "house" if case_id is None else f"case:{case_id}"


def content_hash(cause: str, case_id: UUID | None, subject_id: UUID | None, lines: Sequence[str]) -> str:
    """Fingerprint content from its stored parts; each line is ``<account code> <amount in fen>``."""
    head = (cause, "-" if case_id is None else str(case_id), "-" if subject_id is None else str(subject_id))
    return hashlib.sha256("\n".join((*head, *lines)).encode()).hexdigest()


def digest_of(*, chain: str, number: int, at: datetime, key: str, fingerprint: str, previous: str) -> str:
    """Compute the digest that chains an entry (rule 6)."""
    fields = (chain, str(number), str(to_us(at)), key, fingerprint, previous)
    return hashlib.sha256("\n".join(fields).encode()).hexdigest()


def move(amount: Money, *, debit: Account, credit: Account) -> tuple[Posting, Posting]:
    """Write the usual pair: ``amount`` (above zero) debited to one account and credited to another."""
    assert amount.fen > 0, "a move is of something"
    return Posting(debit, amount), Posting(credit, -amount)


def book(
    key: str, cause: Cause, postings: Iterable[Posting], *, case_id: UUID | None, subject_id: UUID | None = None
) -> Entry:
    """Make an entry: net the postings of each account, drop what nets to zero, put them in order (rule 3)."""
    netted: dict[str, Posting] = {}
    for posting in postings:
        earlier = netted.pop(posting.account.code, None)
        amount = posting.amount if earlier is None else posting.amount + earlier.amount
        if amount:
            netted[posting.account.code] = Posting(posting.account, amount)
    return Entry(key, cause, case_id, subject_id, tuple(netted[code] for code in sorted(netted)))
