"""What the site mounts of the agencies' pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from auction.kernel.actors import Role
from web.navigation import Entry
from web.pages.agency import mandate_pages as pages
from web.pages.agency import staff_pages as staff
from web.texts import N_

AGENCY_PAGES: Sequence[ControllerRouterHandler] = (
    pages.show_mandates,
    pages.show_mandate,
    pages.show_agency_step,
    pages.take_agency_step,
    staff.show_staff,
    staff.show_staff_step,
    staff.take_staff_step,
)
AGENCY_ENTRIES: Sequence[Entry] = (Entry(N_("评估委托"), "/agency", frozenset({Role.AGENCY})),)
"""Entries of the main navigation."""
