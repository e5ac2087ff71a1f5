"""Each code that blocks a listing, and each refusal of a registration, belongs to a guard or is on a list with its reason."""

from __future__ import annotations

import ast
import inspect
from datetime import date
from types import ModuleType

import pytest

from auction.kernel.errors import REFUSALS
from auction.law import prices
from auction.law.guards import GUARDS
from auction.sale.guards import joint
from auction.sale.lots import lint, options
from auction.sale.rounds import bidders, register_bidder

TODAY = date(2026, 11, 22)
OF_NO_GUARD_AT_LISTING = {
    "listing_unlawful": "the sum of the findings, not one of them",
    "price_not_positive": "malformed: an amount of zero",
    "sell_off_late": "a hint: the duty is the court's own",
    "sell_off_price_differs": "what the earlier round fixed, not a bound",
    "direct_sell_off_below_floor": "what the earlier round fixed, not a bound",
    "ship_reserve_below_floor": "ships are not sold here",
    "round_kind_out_of_turn": "the order of rounds, a state of the file",
    "vehicle_not_in_custody": "the right to sell: what the file shows, not how the sale is shaped",
    "asset_field_not_disclosed": "disclosure is a duty to fill in",
    "platform_not_chosen": "a step of the file is missing",
    "seizure_ends_early": "the right to sell: what the file shows",
    "no_seizure_in_force": "the right to sell: what the file shows",
    "card_not_offered": "what the payment provider can carry",
    "confirmation_steps_out_of_bounds": "malformed option",
    "confirmation_percent_out_of_bounds": "malformed option",
    "confirmation_of_every_bid": "malformed option",
    "increment_growth_not_ascending": "malformed option",
}
OF_NO_GUARD_AT_REGISTRATION = {
    "identity_not_verified": "the account is not verified yet; nothing is said of the person",
    "warnings_not_accepted": "a box of the form",
    "registration_closed": "a state of the round",
    "registration_unknown": "an address that names nothing",
    "agent_unknown": "an address that names nothing",
    "bidder_not_admitted": "asked of the room, not at the door",
}


def raised_in(module: ModuleType) -> set[str]:
    """Give the codes of the refusals that a module defines or names in a ``raise``."""
    tree = ast.parse(inspect.getsource(module))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return {code for code, kind in REFUSALS.items() if kind.__name__ in names and kind.__module__.startswith("auction")}


def unnumbered(codes: set[str], known: dict[str, str]) -> set[str]:
    """Give the codes that are neither a guard's nor on the list."""
    return {code for code in codes if GUARDS.behind(code, on=TODAY) is None} - set(known)


def test_registration_refusals_belong_to_a_guard() -> None:
    """Whoever is refused at the door can name the guard, or the refusal is none of a guard for a written reason."""
    codes = {code for module in (bidders, register_bidder, joint) for code in raised_in(module)}

    assert unnumbered(codes, OF_NO_GUARD_AT_REGISTRATION) == set()


def test_blocking_codes_of_the_lint_belong_to_a_guard() -> None:
    """Each refusal of which the lint makes a finding is a guard's, or is none for a written reason."""
    codes = {code for module in (lint, options) for code in raised_in(module)}
    codes |= {code for code, kind in REFUSALS.items() if kind.__module__ == prices.__name__ and "inquiry" not in code}
    codes |= {"notice_too_short", "platform_not_chosen"}

    assert unnumbered(codes, OF_NO_GUARD_AT_LISTING) == set()


@pytest.mark.parametrize(
    "guard", [one for one in GUARDS.in_force(TODAY) if one.place != "room"], ids=lambda g: g.number
)
def test_each_code_of_a_guard_exists(guard: object) -> None:
    """A guard of the doors names codes that the product answers with."""
    planned = {"listed_dishonest_debtor", "consumption_restricted", "sale_without_surplus"}
    refusals = getattr(guard, "refusals")  # noqa: B009 - the class is the register's own

    assert set(refusals) - set(REFUSALS) - planned == set()
