"""Deposits: their band, what an applicant pays in, and the hours in which they move (网拍 17, 23, 25)."""

from __future__ import annotations

from auction.fund.deposits.deposits import (
    DepositNotConfirmed,
    DepositShort,
    DepositTooLate,
    after_round,
    require_admissible,
    require_covered,
    split_receipt,
)
from auction.fund.deposits.release_deposit import release_time
from auction.kernel.clock import local_day
from auction.kernel.money import ZERO, Money
from auction.law.parameters import LAW
from auction.law.periods import hours_end, is_within_hours
from auction.law.prices import DepositAboveMaximum, DepositBelowMinimum, check_deposit
from auction.sale.rounds.bidders import deposit_due as due_of
from tests.law.case_fund_rules.shared import ON, Adapter, Given, uuid, within


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
    return within(is_within_hours(given["at"], hours_end(started, length)))


def admission(given: Given) -> object:
    """Answer that this deposit admits."""
    require_admissible(
        due=Money(given["due_fen"]),
        confirmed=Money(given["confirmed_fen"]),
        confirmed_at=given.get("confirmed_at"),
        ended_at=given["ends_at"],
    )
    return True


def deposits_after(given: Given) -> object:
    """Answer whose deposit is applied and whose is released."""
    bidders = {uuid(one["bidder"]): one["bidder"] for one in given["deposits"]}
    buyer = uuid(given["buyer"]) if given["outcome"] == "sold" else None
    settled = after_round(tuple(bidders), buyer=buyer)
    return {
        "applied": [bidders[one] for one in settled.applied],
        "released": [bidders[one] for one in settled.released],
    }


def prepayment(given: Given) -> object:
    """Answer what goes back of a prepayment that suffices."""
    due, confirmed = Money(given["price_fen"]), Money(given["confirmed_fen"])
    kept, back = split_receipt(amount=due, received_before=ZERO, receipt=confirmed)
    require_covered(due=due, confirmed=kept)
    return {"refund_fen": back.fen}


RULES = {
    "admission": Adapter(
        admission, {"not_enough": DepositShort, "too_late": DepositTooLate, "not_confirmed": DepositNotConfirmed}
    ),
    "deposits_after": Adapter(deposits_after),
    "prepayment": Adapter(prepayment, {"prepayment_short": DepositShort}),
    "deposit_lawful": Adapter(
        deposit_lawful, {"deposit_too_low": DepositBelowMinimum, "deposit_too_high": DepositAboveMaximum}
    ),
    "deposit_due": Adapter(deposit_due),
    "hours_in_time": Adapter(hours_in_time, {"late": "late"}),
}
