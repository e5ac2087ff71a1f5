"""The home page."""

from __future__ import annotations

from litestar import get
from litestar.response import Template

from web.auth.guards import PUBLIC
from web.rendering import page


@get("/", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def home() -> Template:
    """Show what this place is, and where each kind of visitor goes on."""
    return page("home.html")
