"""The standing monitor of all draws: whether anybody was favoured, with what a false alarm is expected to be."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Template

from valuation.agencies import register_store
from valuation.agencies.views import failures_by_office
from valuation.draw_v1.uniformity import LEAST_EXPECTED, LEVEL
from valuation.draws.look_at_draws import newest_look
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.pages import draw_words
from web.pages.desk import desk_page

MONITOR = "/draws/monitor"


@get(MONITOR, opt=dict(PUBLIC), include_in_schema=False)
async def show_monitor(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the newest look at all draws."""
    async with db.reading() as tx:
        kept = await newest_look(tx)
        failures = await failures_by_office(tx)
        names = {str(id_): agency.name for id_, agency in (await register_store.register(tx)).items()}
    return desk_page(
        request,
        "public/draw_monitor.html",
        say=draw_words,
        kept=kept,
        failures=failures,
        names=names,
        level=f"{LEVEL:g}",
        least=f"{LEAST_EXPECTED:g}",
    )
