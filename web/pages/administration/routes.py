"""What the site mounts of the administrators' desk, and its entry in the main navigation."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.navigation import Entry
from web.pages.administration import accounts_page
from web.texts import N_

ADMINISTRATION_PAGES: Sequence[ControllerRouterHandler] = accounts_page.PAGES
ADMINISTRATION_ENTRIES: Sequence[Entry] = (
    Entry(N_("账户与岗位"), accounts_page.PATH, frozenset(accounts_page.ADMINISTRATORS)),
)
"""Entries of the main navigation."""
