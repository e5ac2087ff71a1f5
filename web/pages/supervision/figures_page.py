"""Figures of courts against their targets: cases brought to their end within six months, payouts in time.

The three targets of 90 in 100 of the enforcement campaigns (general knowledge; law.md 16 names them) are: cases with property ended
within the term, orders of non-enforceability that were right, petitions settled. The first is measured here; the others belong to
procedures that this platform does not hold, and the page says so instead of showing a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, get
from litestar.response import Template

from web.auth.guards import roles
from web.injected import TheActor, TheDb
from web.oversight.store import CourtShare, ended_in_time
from web.pages.desk import desk_page
from web.pages.finance.standing_pages import payout_figures
from web.pages.supervision.overdue_page import OVERSEERS

TARGET_PERCENT = 90


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: how many of how many; ``percent_tenths`` is cut, never rounded up to the target."""

    name: str
    judged: int
    in_time: int

    @property
    def percent_tenths(self) -> int:
        """Give the share in tenths of a percent, cut."""
        return 1000 * self.in_time // self.judged if self.judged else 0

    @property
    def is_reached(self) -> bool:
        """Whether the target is reached exactly or passed."""
        return 100 * self.in_time >= TARGET_PERCENT * self.judged


@get("/supervision/figures", opt=dict(roles(*OVERSEERS)), include_in_schema=False)
async def show_target_figures(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the figures of courts as bars and as tables."""
    async with db.reading() as tx:
        ended = await ended_in_time(tx)
    courts, _handlers = await payout_figures(db, actor)
    paid = [Share(name=one.name, judged=one.paid, in_time=one.in_time) for one in courts if one.paid]
    return desk_page(request, "supervision/figures.html", ended=_shares(ended), paid=paid, target=TARGET_PERCENT)


def _shares(courts: Sequence[CourtShare]) -> list[Share]:
    return [Share(name=one.name, judged=one.judged, in_time=one.in_time) for one in courts]
