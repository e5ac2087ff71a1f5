"""In which accounts the lines of a settled plan are owed."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from auction.fund.ledger.accounts import Account, AccountKind

PAYABLE_KINDS: dict[str, AccountKind] = {
    "sale_cost": AccountKind.COSTS_PAYABLE,
    "appraisal_advance": AccountKind.COSTS_PAYABLE,
    "sale_tax": AccountKind.TAXES_PAYABLE,
    "tax_reimbursement": AccountKind.TAXES_PAYABLE,
    "old_tax": AccountKind.TAXES_PAYABLE,
    "surplus": AccountKind.SURPLUS_PAYABLE,
}
"""Where a line's share is owed; every other kind is a claimant's."""


class PayableLine(Protocol):
    """What of a plan's line says where its share is owed."""

    @property
    def line_id(self) -> UUID:
        """Its id."""

    @property
    def kind(self) -> str:
        """Its kind."""


def payable_account(case_id: UUID, line: PayableLine) -> Account:
    """The account in which a line's share is owed."""
    return Account(PAYABLE_KINDS.get(line.kind, AccountKind.CLAIMS_PAYABLE), case_id, line.line_id)


def escrow_account(case_id: UUID, objection_id: UUID) -> Account:
    """The account in which a disputed amount is set aside."""
    return Account(AccountKind.ESCROW, case_id, objection_id)


def set_off_account(case_id: UUID, round_id: UUID) -> Account:
    """The account that holds what was set off against the price of a round."""
    return Account(AccountKind.SET_OFF, case_id, round_id)
