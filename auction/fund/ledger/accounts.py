"""The chart of accounts.

1. An account belongs to one case, or to the house (the court's pooled account, the operator's own money).
2. Its code says all: ``case:<id>/<kind>`` or ``case:<id>/<kind>/<subject>``, ``house/<kind>[/<subject>]``.
3. Its kind has a side: +1 holds something (money at the bank), -1 owes something (deposits, proceeds, payables).
4. Only clearing accounts and the operator's own accounts may be overdrawn; the database refuses it for all others.
5. Deposits, refunds, payables, escrow and payouts have one account for each subject, so that the database
   refuses to spend one deposit, or one creditor's share, twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class AccountKind(StrEnum):
    """What an account is for; the value is stored and equals ``fund.account_kind``."""

    BANK = "bank"  # the case's own account number at the court's bank
    CARD_CLEARING = "card_clearing"  # taken by the card provider for this case, not yet at the bank
    AUTHORISED = "authorised"  # memorandum: authorised on a card, not cash
    AUTHORISED_OWED = "authorised_owed"  # its counterpart: owed if captured
    SET_OFF = "set_off"  # a creditor's share that stands for part of his price
    DEPOSITS = "deposits"  # bidders' deposits owed, by deposit
    REFUNDS = "refunds"  # money on its way back, by refund
    PROCEEDS = "proceeds"  # hammer prices paid, held for the case
    FORFEITED = "forfeited"  # deposits not refunded, held until their use is known
    LOAN_CLEARING = "loan_clearing"  # a lender's money that cannot be applied yet, by loan
    COSTS_PAYABLE = "costs_payable"
    TAXES_PAYABLE = "taxes_payable"
    CLAIMS_PAYABLE = "claims_payable"
    SURPLUS_PAYABLE = "surplus_payable"
    ESCROW = "escrow"  # disputed or unclaimed shares set aside
    PAYOUT_CLEARING = "payout_clearing"  # ordered at the bank, not yet confirmed, by disbursement
    COURT_BANK = "court_bank"  # the court's pooled account
    UNATTRIBUTED = "unattributed"  # receipts that nobody could attribute yet, by receipt
    OPERATOR_CARD_CLEARING = "operator_card_clearing"  # the operator's claim on the card provider
    OPERATOR_FEES = "operator_fees"  # provider fees, never the case's
    OPERATOR_RECOVERY = "operator_recovery"  # disputes and returned payments, never the case's
    OPERATOR_ADVANCE = "operator_advance"  # the operator's own money that stood in for card money


HOUSE_KINDS = frozenset(
    {
        AccountKind.COURT_BANK,
        AccountKind.UNATTRIBUTED,
        AccountKind.OPERATOR_CARD_CLEARING,
        AccountKind.OPERATOR_FEES,
        AccountKind.OPERATOR_RECOVERY,
        AccountKind.OPERATOR_ADVANCE,
    }
)
"""Kinds outside any case; all others belong to a case."""

HOLDING_KINDS = frozenset(
    {
        AccountKind.BANK,
        AccountKind.CARD_CLEARING,
        AccountKind.AUTHORISED,
        AccountKind.SET_OFF,
        AccountKind.COURT_BANK,
        AccountKind.OPERATOR_CARD_CLEARING,
        AccountKind.OPERATOR_FEES,
        AccountKind.OPERATOR_RECOVERY,
    }
)
"""Kinds of side +1: a debit makes them larger."""

OVERDRAWABLE_KINDS = frozenset(
    {
        AccountKind.CARD_CLEARING,
        AccountKind.OPERATOR_CARD_CLEARING,
        AccountKind.OPERATOR_FEES,
        AccountKind.OPERATOR_RECOVERY,
        AccountKind.OPERATOR_ADVANCE,
    }
)
"""Kinds that may fall below zero in their own direction."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the chart; ``case_id`` is ``None`` for the house, ``subject_id`` where there is one only."""

    kind: AccountKind
    case_id: UUID | None = None
    subject_id: UUID | None = None

    def __post_init__(self) -> None:
        """Assert that case accounts name their case and house accounts none (rule 1)."""
        assert (self.case_id is None) == (self.kind in HOUSE_KINDS), f"{self.kind} and its owner do not fit"

    @property
    def code(self) -> str:
        """The stored code (rule 2)."""
        owner = "house" if self.case_id is None else f"case:{self.case_id}"
        tail = "" if self.subject_id is None else f"/{self.subject_id}"
        return f"{owner}/{self.kind}{tail}"

    @property
    def side(self) -> int:
        """+1 where a debit makes it larger, -1 where a credit does (rule 3)."""
        return 1 if self.kind in HOLDING_KINDS else -1

    @property
    def may_overdraw(self) -> bool:
        """Whether it may fall below zero (rule 4)."""
        return self.kind in OVERDRAWABLE_KINDS


def parse_code(code: str) -> Account:
    """Read a stored code back; raises ``ValueError`` for anything that is no code of this chart."""
    owner, _, rest = code.partition("/")
    kind, _, subject = rest.partition("/")
    case_id = None if owner == "house" else UUID(owner.removeprefix("case:"))
    account = Account(AccountKind(kind), case_id, UUID(subject) if subject else None)
    if account.code != code:
        raise ValueError(f"{code!r} is not a code of the chart")
    return account
