"""What undoes a sale: top-up, setting aside, reversal, the third party who wins (股权规定 15; 网拍 31; CPL 244; 异议之诉解释 6)."""

from __future__ import annotations

from collections.abc import Mapping

from auction.fund.plans.returned import laid_on_prices
from auction.fund.undoings.reversal_interest import (
    NothingBearsInterest,
    PaidPart,
    ReversalInterestMalformed,
    interest_terms,
    last_paid_first,
)
from auction.fund.undoings.reversal_interest import reversal_interest as interest_of
from auction.fund.undoings.undoings import (
    NoTopUpGround,
    TopUpGround,
    price_back,
    returns_of_reversal,
    third_party_gets,
    top_up_owed,
)
from auction.kernel.money import Money
from tests.law.case_fund_rules.shared import Adapter, Given


def top_up(given: Given) -> object:
    """Answer what a defaulter owes beyond his deposit; only the rule on equity names a ground by itself."""
    is_equity = given["asset"] == "approval_bound_equity"
    return top_up_owed(
        TopUpGround.KNEW_NOT_ELIGIBLE if is_equity else None,
        needs_approval=is_equity,
        knew=given["knowing"],
        shortfall=Money(given["shortfall_fen"]),
        costs=Money(given["costs_fen"]),
        deposit=Money(given["deposit_fen"]),
    ).fen


def set_aside(given: Given) -> object:
    """Answer who has what of a price that goes back whole."""
    own, loan = Money(given["own_fen"]), Money(given["loan_fen"])
    lender, buyer = price_back(own + loan, loan=loan)
    return {"lender_fen": lender.fen, "buyer_fen": buyer.fen}


def money_of(table: Mapping[str, int]) -> dict[str, Money]:
    """Read a table of fen."""
    return {name: Money(fen) for name, fen in table.items()}


def fen_of(table: Mapping[str, Money]) -> dict[str, int]:
    """Write a table of fen."""
    return {name: amount.fen for name, amount in table.items()}


def reversal(given: Given) -> object:
    """Answer who returns what."""
    found = returns_of_reversal(
        money_of(given["paid"]), reversed_=given.get("reversed", ()), reduced=money_of(given.get("reduced", {}))
    )
    return {"returns": fen_of(found)}


def reversal_interest(given: Given) -> object:
    """Answer the interest on what he returns, payout by payout, the last payout first."""
    payouts = [PaidPart(one["on"], Money(one["fen"])) for one in given["payouts"]]
    falls = last_paid_first(
        payouts, fell_before=Money(given.get("fell_before_fen", 0)), falls=Money(given["falls_fen"])
    )
    terms = interest_terms(
        annual_percent=given["annual_percent"],
        year_days=given["year_days"],
        from_day=given["from_day"],
        to_day=given["to_day"],
    )
    assert terms is not None, "the ruling names interest"
    return interest_of(falls, terms).amount.fen


def laid(given: Given) -> object:
    """Answer what of a return each price has."""
    prices: dict[str, int] = given["paid_out_of"]
    parts = laid_on_prices(Money(given["came_fen"]), [Money(fen) for fen in prices.values()])
    return {name: part.fen for name, part in zip(prices, parts, strict=True)}


def third_party_wins(given: Given) -> object:
    """Answer what a third party gets, what comes back for him, and what stands in escrow."""
    held = Money(given["held_fen"])
    to_him, returns, escrow = third_party_gets(held, money_of(given["paid"]), refused=given["refused"])
    return {"third_party_fen": to_him.fen, "returns": fen_of(returns), "escrow_fen": escrow.fen}


RULES = {
    "top_up": Adapter(top_up, {"no_ground": NoTopUpGround}),
    "set_aside": Adapter(set_aside),
    "reversal": Adapter(reversal),
    "reversal_interest": Adapter(
        reversal_interest, {"nothing": NothingBearsInterest, "malformed": ReversalInterestMalformed}
    ),
    "laid_on_prices": Adapter(laid),
    "third_party_wins": Adapter(third_party_wins),
}
