"""Who paid under a loan's reference: the lender, the buyer himself, or somebody whom a person has to look at. Pure.

1. A reference is copied by anybody who can read it. Whose money it is follows from the account it came from, as the bank's own line says.
2. The lender's account is the one that his signed commitment letter names; a letter that names none leaves his name: the money comes
   under it, or under the name of a branch, which begins with it.
3. What comes from an account from which the buyer paid before, or under his name, is his own money, and no draw.
4. Anything else is neither: it waits until the handler claims it and finance confirms. Source: 执行款物 7-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from auction.fund.deposits.receipts import is_same_name

OWN_MONEY = "own_money_under_loan"
"""Reason kept with a receipt: the buyer paid himself under the reference of his loan."""
LENDER_UNKNOWN = "loan_payer_unknown"
"""Reason kept with a receipt: it carries a loan's reference and comes neither from the lender nor from the buyer."""


class PaidBy(StrEnum):
    """Who paid under a loan's reference."""

    LENDER = "lender"
    BUYER = "buyer"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LoanSides:
    """Lender and buyer, as their accounts and names are known."""

    lender: str
    lender_account: str | None
    """The account that his letter names; ``None``: it names none."""
    buyer: str | None
    """``None``: his data were erased."""
    buyer_accounts: frozenset[str]
    """Accounts from which the buyer paid his deposit or his price."""


def account_in(letter: Mapping[str, Any] | None) -> str | None:
    """Give the account from which the lender pays, as his signed letter names it; ``None``: it names none."""
    document = (letter or {}).get("document")
    account = document.get("pays_from") if isinstance(document, dict) else None
    return account.strip() or None if isinstance(account, str) else None


def who_paid(sides: LoanSides, *, account: str, name: str) -> PaidBy:
    """Say whose money came under a loan's reference (rules 2 to 4)."""
    if sides.lender_account is not None and account == sides.lender_account:
        return PaidBy.LENDER
    if account in sides.buyer_accounts or (sides.buyer is not None and is_same_name(name, sides.buyer)):
        return PaidBy.BUYER
    if sides.lender_account is None and _is_of(sides.lender, name):
        return PaidBy.LENDER
    return PaidBy.UNKNOWN


def _is_of(lender: str, name: str) -> bool:
    return bool(lender.strip()) and is_same_name(lender, name[: len(lender)])
