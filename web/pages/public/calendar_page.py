"""The month page: a table of days, each with the number of lots on which bidding runs and a link to them."""

from __future__ import annotations

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from auction.kernel.clock import local_day
from web.auth.guards import PUBLIC
from web.catalogue.month import first_of_month, month_beside, stretches_of, weeks_of
from web.injected import TheDb
from web.rendering import page
from web.texts import N_

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


@get("/calendar", opt=dict(PUBLIC), include_in_schema=False)
async def show_calendar(db: TheDb, month: FromQuery[str] = "") -> Template:
    """Show a month (``2027-03``; else the present one)."""
    async with db.reading() as tx:
        today = local_day(tx.now)
        first = first_of_month(month, today)
        weeks = weeks_of(first, await stretches_of(tx, first))
    return page(
        "public/calendar.html",
        first=first,
        weeks=weeks,
        weekdays=WEEKDAYS,
        today=today,
        before=month_beside(first, later=False),
        after=month_beside(first, later=True),
    )
