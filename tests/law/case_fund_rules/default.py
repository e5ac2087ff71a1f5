"""Default: the uses of a forfeited deposit, and who may bid again (网拍 24; 变卖衔接 7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from auction.fund.cancel_purchase import kept_on_default
from auction.fund.forfeits.forfeited import Bought, ForfeitedWaits, kept_deposits, take_forfeited
from auction.kernel.clock import day_start
from auction.kernel.money import ZERO, Money
from auction.law import prices
from auction.law.periods import deadline_at
from auction.sale.cases.assets import AssetClass
from auction.sale.rounds.bidders import Applicant, DefaulterBarred, check_may_register
from auction.sale.title.title import BalanceNotOverdue, balance_step
from tests.law.case_fund_rules.shared import ON, Adapter, Given, uuid

LOT = uuid("lot")
KEPT = Money(6_000_000)


def split_forfeited(given: Given) -> object:
    """Answer the uses of a forfeited deposit."""
    parts = ("costs", "shortfall", "case_debts", "connected_debts")
    used = prices.split_forfeited_deposit(
        Money(given["deposit_fen"]), **{part: Money(given[f"{part}_fen"]) for part in parts}
    )
    return {f"{part}_fen": getattr(used, part).fen for part in (*parts, "rest")}


def resale_shortfall(given: Given) -> object:
    """Answer what a resale brought less."""
    first, resale = Money(given["first_fen"]), Money(given["resale_fen"])
    return prices.resale_shortfall(first_hammer=first, resale_hammer=resale).fen


def bought(name: str, fen: int, *, state: str, kept: Money = ZERO) -> Bought:
    """Put a purchase of the lot on record."""
    return Bought(round_id=uuid(name), lot_id=LOT, price=Money(fen), state=state, kept=kept)


def defaulted(buyer: Mapping[str, Any]) -> Bought:
    """Put the purchase of a defaulter on record."""
    return bought(buyer["buyer"], buyer["price_fen"], state="cancelled", kept=Money(buyer["deposit_fen"]))


def two_defaults(given: Given) -> object:
    """Answer what of each deposit makes the shortfall good."""
    defaults = given["defaults"]
    found = kept_deposits([*map(defaulted, defaults), bought("sold", given["sold_fen"], state="paid")])
    answer = {}
    for buyer, kept in zip(defaults, found, strict=True):
        uses = kept.uses(costs=Money(buyer["costs_fen"]), case_debts=ZERO)
        assert uses is not None, "the last resale was paid"
        answer[buyer["buyer"]] = uses.shortfall.fen
    return answer


def sell_off_default(given: Given) -> object:
    """Answer what is kept of a prepayment, and what goes back."""
    paid = Money(given["prepaid_fen"])
    kept = kept_on_default(paid, owed=paid, announced=Money(given["deposit_fen"]))
    return {"kept_fen": kept.fen, "returned_fen": (paid - kept).fen}


STATES = {"open": "open", "paid": "paid", "defaulted": "cancelled"}


def forfeited_usable(given: Given) -> object:
    """Answer that a forfeited deposit may be distributed."""
    first = bought("first", 100_000_000, state="cancelled", kept=KEPT)
    resale = bought("resale", 90_000_000, state=STATES[given["resale"]])
    take_forfeited(KEPT, kept_deposits([first, resale]), decided=None)
    return True


def resale_bidder(given: Given) -> object:
    """Answer that somebody may register for the resale."""
    applicant = Applicant(
        birth=date(1990, 1, 1),
        bans={},
        restricted_since=None,
        defaulted_on_lot=given["bidder"] in given["defaulters"],
        undertakes_eligibility=True,
        accepts_warnings=True,
    )
    check_may_register(applicant, asset_class=AssetClass.HOME, purchase_limited=False, today=ON)
    return True


def default_step(given: Given) -> object:
    """Answer where the payment stands; what became of a loan is not asked for."""
    panel = given.get("panel")
    step = balance_step(
        day_start(given["on"]),
        due_at=deadline_at(given["due_on"]),
        extended_to=[deadline_at(given["until"])] if panel == "more_time" else [],
        is_paid="paid_on" in given,
        panel_declares=panel == "re_auction",
    )
    return step.value


RULES = {
    "split_forfeited": Adapter(split_forfeited),
    "resale_shortfall": Adapter(resale_shortfall),
    "two_defaults": Adapter(two_defaults),
    "forfeited_usable": Adapter(forfeited_usable, {"resale_open": ForfeitedWaits}),
    "default_step": Adapter(default_step, {"not_due": BalanceNotOverdue, "price_paid": BalanceNotOverdue}),
    "sell_off_default": Adapter(sell_off_default),
    "resale_bidder": Adapter(resale_bidder, {"defaulter": DefaulterBarred}),
}
