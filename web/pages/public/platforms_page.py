"""The public register of inquiry platforms: who is listed, who came late and how often, who was removed."""

from __future__ import annotations

from litestar import get
from litestar.response import Template

from auction.law.parameters import LAW
from valuation.listed_platforms.views import register_shown
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.pages import desk_words
from web.rendering import page


@get("/platforms", opt=dict(PUBLIC), include_in_schema=False)
async def show_platforms_page(db: TheDb) -> Template:
    """Show the register."""
    async with db.reading() as tx:
        shown = await register_shown(tx)
    return page(
        "public/platforms.html",
        register=shown,
        words=desk_words,
        state=desk_words.status_in,
        limit=LAW.count("reference_price.platform_late_limit_per_year", on=shown.as_of),
        ban_years=LAW.years("reference_price.ban_years", on=shown.as_of),
    )
