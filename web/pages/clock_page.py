"""The page on which a visitor of a test or demo installation lets business time run: for administrators (security 1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect, Template

from auction.kernel.actors import Role
from auction.kernel.ids import new_id
from web.auth.guards import roles
from web.demonstration.move_clock import MoveClock, move_clock
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.wired import live_of
from web.rendering import page
from web.texts import N_

Step = Literal["minute", "minutes", "hour", "day", "week", "month"]
STEPS: dict[Step, tuple[str, timedelta]] = {
    "minute": (N_("一分钟"), timedelta(minutes=1)),
    "minutes": (N_("五分钟"), timedelta(minutes=5)),
    "hour": (N_("一小时"), timedelta(hours=1)),
    "day": (N_("一天"), timedelta(days=1)),
    "week": (N_("一周"), timedelta(days=7)),
    "month": (N_("三十天"), timedelta(days=30)),
}


class ClockForm(msgspec.Struct, frozen=True, kw_only=True):
    """How far time is to run."""

    command_id: UUID
    step: Step


@get("/demonstration/clock", opt=dict(roles(Role.ADMINISTRATOR)), include_in_schema=False)
async def show_clock_page(db: TheDb) -> Template:
    """Show business time and how far it may run."""
    async with db.reading() as tx:
        now = tx.now
    return page("clock.html", now=now, steps=STEPS, command_id=new_id())


@post("/demonstration/clock", opt=dict(roles(Role.ADMINISTRATOR)), include_in_schema=False, status_code=303)
async def move_clock_by_hand(
    request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Redirect:
    """Let time run by one step; the database refuses it in production."""
    form = await read_form(request, ClockForm)
    async with db.reading() as tx:
        to = tx.now + STEPS[form.step][1]
    await move_clock(db, actor, MoveClock(command_id=form.command_id, to=to), live=live_of(wiring))
    return Redirect("/demonstration/clock", status_code=303)


CLOCK_PAGES = (show_clock_page, move_clock_by_hand)
