"""What the site mounts of the parties' desk, and its entry in the main navigation."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from auction.kernel.actors import Role
from web.navigation import Entry
from web.pages.party.case_pages import show_case, show_cases
from web.pages.party.join_pages import apply, object_to_it, show_joins
from web.pages.party.objections_page import OWN_OBJECTION_PAGES
from web.pages.party.plan_pages import object_to_line, show_plan
from web.pages.party.say_pages import ask_method, object_to_report, object_to_reports, propose
from web.texts import N_

PARTY_PAGES: Sequence[ControllerRouterHandler] = (
    *(show_cases, show_case, propose, ask_method),
    *(object_to_reports, object_to_report),
    *(show_plan, object_to_line),
    *(show_joins, apply, object_to_it),
    *OWN_OBJECTION_PAGES,
)
PARTY_ENTRIES: Sequence[Entry] = (Entry(N_("我的案件"), "/party", frozenset({Role.PARTY})),)
