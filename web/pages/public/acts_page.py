"""The acts that the pages cite, with their short and full names in both languages."""

from __future__ import annotations

from litestar import get
from litestar.response import Template

from web.acts import acts
from web.auth.guards import PUBLIC
from web.rendering import page


@get("/acts", opt=dict(PUBLIC), include_in_schema=False)
async def show_acts() -> Template:
    """List all acts cited; the same for everybody."""
    return page("public/acts.html", acts=list(acts().values()))
