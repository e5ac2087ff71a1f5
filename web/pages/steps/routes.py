"""What the site mounts of the officers' steps."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.navigation import Entry
from web.pages.steps import find_case_page, step_pages
from web.texts import N_

STEP_PAGES: Sequence[ControllerRouterHandler] = (
    step_pages.show_opening,
    step_pages.take_opening,
    step_pages.show_step,
    step_pages.take_step,
    find_case_page.find_case,
)
STEP_ENTRIES: Sequence[Entry] = (Entry(N_("网络询价"), find_case_page.INQUIRIES, find_case_page.FINDERS),)
"""Entries of the main navigation."""
