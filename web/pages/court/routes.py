"""What the site mounts of the court's pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.pages.court import panel_page

COURT_PAGES: Sequence[ControllerRouterHandler] = (panel_page.show_question, panel_page.vote, panel_page.close)
