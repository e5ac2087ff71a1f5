"""What a registration leaves behind: what is kept, how it is compared, who sees it, and what it can never do."""

from __future__ import annotations

from litestar import get
from litestar.response import Template

from bidding.integrity.links.kinds import KeyKind, key_kinds
from web.auth.guards import PUBLIC
from web.rendering import page


@get("/privacy", opt=dict(PUBLIC), include_in_schema=False)
async def show_privacy() -> Template:
    """State what is compared, kind by kind with its published figures; the same for everybody."""
    kinds: list[KeyKind] = [kind for kind in key_kinds().values() if not kind.is_declared]
    return page("public/privacy.html", kinds=kinds)
