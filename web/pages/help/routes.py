"""What the site mounts of help, and its entry in the main navigation."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.help.ask_help import DESK
from web.navigation import Entry
from web.pages.help.desk_pages import PATH, show_desk_ticket, show_help_desk, take_desk_step
from web.pages.help.help_pages import ask, help_with_lot, look, show_help, show_ticket, take_ticket_step
from web.texts import N_

HELP_PAGES: Sequence[ControllerRouterHandler] = (
    *(show_help, ask, look, show_ticket, take_ticket_step, help_with_lot),
    *(show_help_desk, show_desk_ticket, take_desk_step),
)
HELP_ENTRIES: Sequence[Entry] = (Entry(N_("服务台"), PATH, frozenset(DESK)),)
