"""What the silence of each third party blocks, and since when registers have not answered: published (practice 8)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from litestar import get
from litestar.response import Template

from auction.kernel.clock import local_day
from auction.law.asset_facts import FACT_LAW, Silence
from valuation.facts.store import RegisterStanding, standings
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.pages.facts_shown import age_text
from web.pages.public.words import own_language
from web.rendering import page
from web.texts import N_, _

STEPS: dict[str, str] = {
    "price": N_("询价、评估"),
    "listing": N_("上拍"),
    "plan": N_("最终分配方案"),
    "document": N_("该文书的送达"),
}
"""What a silence may block."""


class SilenceShown(NamedTuple):
    """One row of the table, with how the register stands now where it is one."""

    title: str
    blocks: str
    effect: str
    article: str
    is_register: bool
    waiting: int
    unanswered_since: datetime | None
    last_answer_at: datetime | None
    age: str


@get("/unanswered", opt=dict(PUBLIC), include_in_schema=False)
async def show_unanswered(db: TheDb) -> Template:
    """Show the table; nobody is named, and no case."""
    async with db.reading() as tx:
        found, now = await standings(tx), tx.now
    known: dict[str, RegisterStanding] = dict(found.items())
    return page(
        "public/unanswered.html",
        rows=[_row(silence, known.get(silence.request), now) for silence in FACT_LAW.silences],
        now=now,
    )


def _row(silence: Silence, standing: RegisterStanding | None, now: datetime) -> SilenceShown:
    blocks = own_language("、", ", ").join(_(STEPS[step]) for step in silence.blocks)
    last = None if standing is None else standing.last_answer_at
    return SilenceShown(
        title=own_language(silence.title_zh, silence.title_en),
        blocks=blocks,
        effect=own_language(silence.zh, silence.en),
        article=silence.article,
        is_register=silence.request in FACT_LAW.registers,
        waiting=0 if standing is None else standing.waiting,
        unanswered_since=None if standing is None else standing.unanswered_since,
        last_answer_at=last,
        age="" if last is None else age_text(local_day(last), local_day(now)),
    )
