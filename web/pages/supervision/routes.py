"""What the site mounts of supervision, and its entries in the main navigation."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.navigation import Entry
from web.oversight.note_interference import OFFICERS_OF_COURT
from web.pages.supervision import figures_page, interference_pages, overdue_page
from web.texts import N_

SUPERVISION_PAGES: Sequence[ControllerRouterHandler] = (
    overdue_page.show_overdue,
    overdue_page.download_overdue,
    figures_page.show_target_figures,
    interference_pages.show_own_notes,
    interference_pages.take_note,
    interference_pages.show_log,
    interference_pages.download_log,
)
SUPERVISION_ENTRIES: Sequence[Entry] = (
    Entry(N_("监督工作台"), overdue_page.PATH, frozenset(overdue_page.OVERSEERS)),
    Entry(N_("记录干预情况"), interference_pages.PATH, frozenset(OFFICERS_OF_COURT)),
)
"""Entries of the main navigation."""
