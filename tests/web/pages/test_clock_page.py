"""The clock page: for administrators of installations that may pretend."""

from __future__ import annotations

from datetime import timedelta

from auction.kernel.actors import Role
from web.pages.clock_page import CLOCK_PAGES, STEPS


def test_only_administrators_move_the_clock() -> None:
    """Both routes are declared for administrators alone."""
    assert {frozenset(handler.opt["roles"]) for handler in CLOCK_PAGES} == {frozenset({Role.ADMINISTRATOR})}


def test_time_runs_forward_only() -> None:
    """Every step leads into the future."""
    assert all(length > timedelta(0) for _name, length in STEPS.values())
