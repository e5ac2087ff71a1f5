"""What the site mounts of the officers' steps."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.pages.steps import step_pages

STEP_PAGES: Sequence[ControllerRouterHandler] = (
    step_pages.show_opening,
    step_pages.take_opening,
    step_pages.show_step,
    step_pages.take_step,
)
