"""What the site mounts of the register and the draws."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.navigation import Entry
from web.pages.agencies import draws_page, monitor_page, party_page, register_page

DRAW_PAGES: Sequence[ControllerRouterHandler] = (
    register_page.show_register,
    register_page.show_agency,
    draws_page.show_draws,
    draws_page.show_draw,
    monitor_page.show_monitor,
    party_page.show_entropy,
    party_page.take_entropy,
    party_page.show_proposal,
    party_page.take_proposal,
)
DRAW_ENTRIES: Sequence[Entry] = (register_page.REGISTER_ENTRY, draws_page.DRAWS_ENTRY)
"""Entries of the main navigation."""
