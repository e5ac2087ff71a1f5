"""The public pages of draws: what was frozen, opened and drawn, when, and how to check it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from valuation.agencies.rules_of_court import OFFICE_ROLES, SECOND_OFFICE
from valuation.agencies.views import newest_rules, public_draws
from valuation.draw_v1.beacon import PUBLIC_KEY
from valuation.draw_v1.draw_chain import Failure, Withdrawal
from valuation.draw_v1.draw_pool import BeaconRound, Pool
from valuation.draw_v1.transcript import Transcript, read_transcript
from valuation.draws.fetch_round import gaps_of
from valuation.draws.notices import addressees_of, count_told
from valuation.draws.restart_draw import ENTERERS
from valuation.selections import selection_store, store_of_draws
from valuation.selections.selection_store import RankRow
from valuation.selections.store_of_draws import Draw, EntropyRow
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.navigation import Entry
from web.pages import draw_words
from web.pages.desk import desk_page
from web.texts import N_
from web.visit import visit_of

DRAWS = "/draws"
DRAWS_ENTRY = Entry(N_("摇号"), DRAWS)
LISTED = 50
CHAIN_SHOWN = 500


class StepOf(NamedTuple):
    """A step that the reader's office may take now: the form's name and what it is called."""

    form: str
    text: str


class Placed(NamedTuple):
    """One of the drawn order."""

    rank: int
    agency_id: str
    name: str
    is_picked: bool
    replaced_for: str


@get(DRAWS, opt=dict(PUBLIC), include_in_schema=False)
async def show_draws(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show all draws, the newest first, and how each court draws."""
    given = request.query_params.get("page", "1")
    number = int(given) if given.isascii() and given.isdecimal() and 0 < len(given) <= 4 else 1
    number = max(number, 1)
    async with db.reading() as tx:
        found = await public_draws(tx, limit=LISTED + 1, before=(number - 1) * LISTED)
        rules = await newest_rules(tx)
        now = tx.now
    return desk_page(
        request,
        "public/draws.html",
        done=draw_words.done_text(request.query_params.get("done", "")),
        say=draw_words,
        draws=found[:LISTED],
        number=number,
        has_more=len(found) > LISTED,
        rules=rules,
        now=now,
    )


@get(f"{DRAWS}/{{draw_id:uuid}}", opt=dict(PUBLIC), include_in_schema=False)
async def show_draw(draw_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show one draw: pool with every exclusion, times, commitments, openings, order, picks, chain."""
    async with db.reading() as tx:
        draw = await store_of_draws.draw(tx, draw_id)
        selection = await selection_store.selection(tx, draw.mandate_id)
        ranks = await selection_store.ranks(tx, draw.mandate_id)
        decision = await selection_store.sub_list_decision(tx, draw.mandate_id)
        attempts = await store_of_draws.draws_of(tx, draw.mandate_id)
        entropy = await store_of_draws.entropy_of(tx, draw_id)
        chain = await store_of_draws.chain_of(tx, draw_id, limit=CHAIN_SHOWN)
        gaps = await gaps_of(tx, draw_id)
        addressees = await addressees_of(tx, draw_id)
        now = tx.now
    pool = None if draw.pool is None else draw.frozen_pool
    transcript = None if draw.transcript is None else read_transcript(draw.transcript)
    actor = visit_of(request).actor
    return desk_page(
        request,
        "public/draw.html",
        done=draw_words.done_text(request.query_params.get("done", "")),
        say=draw_words,
        draw=draw,
        selection=selection,
        decision=decision,
        pool=pool,
        names=_names(pool),
        beacon=pool.second if pool is not None and isinstance(pool.second, BeaconRound) else None,
        is_drand=pool is not None and isinstance(pool.second, BeaconRound) and pool.second.public_key == PUBLIC_KEY,
        beacon_gaps=gaps,
        told=count_told(addressees, draw.draw_at) if addressees and draw.draw_at is not None else None,
        transcript=transcript,
        order=_order(pool, transcript, ranks),
        entropy=_shown_entropy(entropy),
        failure=None if draw.failure is None else msgspec.json.decode(draw.failure, type=Failure),
        withdrawal=None if draw.withdrawal is None else msgspec.json.decode(draw.withdrawal, type=Withdrawal),
        attempts=[one for one in attempts if one.draw_id != draw_id],
        chain=chain,
        steps=_steps(actor, draw, now),
        is_party=actor is not None and Role.PARTY in actor.roles and draw.state == "frozen",
        now=now,
    )


def _names(pool: Pool | None) -> dict[str, str]:
    return {} if pool is None else {member.id: member.name for member in pool.members}


def _order(pool: Pool | None, transcript: Transcript | None, ranks: list[RankRow]) -> list[Placed]:
    if transcript is None:
        return []
    names, replaced = _names(pool), {str(row.agency_id): row.replaced_for or "" for row in ranks}
    return [
        Placed(rank, one, names[one], one in transcript.picks, replaced.get(one, ""))
        for rank, one in enumerate(transcript.order, start=1)
    ]


def _shown_entropy(rows: list[EntropyRow]) -> list[EntropyRow]:
    """Give all that the chain publishes of the parties."""
    return rows


def _steps(actor: Actor | None, draw: Draw, now: datetime) -> list[StepOf]:
    """Give the steps that the reader's office may take now; the door decides again."""
    if actor is None:
        return []
    draws, is_second = OFFICE_ROLES[draw.drawing_office] in actor.roles, OFFICE_ROLES[SECOND_OFFICE] in actor.roles
    found = []
    if draws and draw.state == "requested" and now < draw.freeze_due:
        found.append(_next_of_drawing(draw))
    if is_second and draw.second == "secret" and draw.state == "requested" and draw.second_commitment is None:
        found.append(StepOf("commit-second-secret", N_("提交第二份承诺")))
    if is_second and draw.second == "secret" and draw.state == "frozen" and draw.second_sealed is None:
        found.append(StepOf("open-second-secret", N_("揭示第二份秘密")))
    if draws and draw.state == "frozen":
        found.append(StepOf("execute-draw", N_("执行摇号")))
    if draw.may_be_ordered_anew and not actor.roles.isdisjoint(ENTERERS):
        found.append(StepOf("restart-draw", N_("录入上级法院重新摇号的命令")))
    return [step for step in found if step is not None]


def _next_of_drawing(draw: Draw) -> StepOf | None:
    if draw.court_commitment is None:
        return StepOf("commit-court-secret", N_("提交摇号部门的承诺"))
    return StepOf("freeze-pool", N_("冻结并公布候选名单")) if draw.is_committed else None
