"""Deposits: their band, what an applicant pays in, and the hours in which they move (网拍 17, 23, 25)."""

from __future__ import annotations

from auction.fund.deposits.release_deposit import release_time
from auction.kernel.clock import local_day
from auction.kernel.money import Money
from auction.law.parameters import LAW
from auction.law.periods import hours_end, is_in_time
from auction.law.prices import DepositAboveMaximum, DepositBelowMinimum, check_deposit
from auction.sale.rounds.bidders import deposit_due as due_of
from tests.law.case_fund_rules.shared import ON, Adapter, Given, within


def deposit_lawful(given: Given) -> object:
    """Answer that the court may fix this deposit."""
    check_deposit(Money(given["deposit_fen"]), start=Money(given["start_fen"]), on=ON)
    return True


def deposit_due(given: Given) -> object:
    """Answer what a bidder pays in."""
    claim = Money(given.get("claim_fen", 0)) if given["applicant"] else None
    return due_of(Money(given["deposit_fen"]), claim=claim).fen


def hours_in_time(given: Given) -> object:
    """Answer whether deposits moved within their hours."""
    started = given["from"]
    if given["of"] == "deposit_release":
        length = release_time(started)
    else:
        length = LAW.duration("auction.transfer_deposit_to_court_hours", on=local_day(started))
    return within(is_in_time(given["at"], hours_end(started, length)))


RULES = {
    "deposit_lawful": Adapter(
        deposit_lawful, {"deposit_too_low": DepositBelowMinimum, "deposit_too_high": DepositAboveMaximum}
    ),
    "deposit_due": Adapter(deposit_due),
    "hours_in_time": Adapter(hours_in_time, {"late": "late"}),
}
