"""Stalled cases: what stands still, since when, what the nights noted, and what the court says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.sale.case_access import CaseSeen, cases_among
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.court import stall_words
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.readers import CASE_READERS
from web.stalls.explain_stall import EXPLAINERS, REASON_MOST, ExplainStall, explain_stall
from web.stalls.stalls import GRAVITY, Ground, Level, Stall, days_until
from web.stalls.store import Noted, Reason, noted_candidates, noted_of, reasons_of, stalls_now

AnyRequest = Request[Any, Any, Any]
PATH = "/court/stalled"
SHOWN_MOST = 200
"""Most cases looked at for one page, those noted last."""


class StalledCase(msgspec.Struct, frozen=True, kw_only=True):
    """One case that stands still: the gravest ground first, the newest note and reason first."""

    case: CaseSeen
    stalls: tuple[Stall, ...]
    noted: tuple[Noted, ...]
    reasons: tuple[Reason, ...]


class ExplainForm(msgspec.Struct, frozen=True, kw_only=True):
    """Why the case stands."""

    command_id: UUID
    reason: str = ""


@get(PATH, opt=dict(roles(*CASE_READERS)), include_in_schema=False)
async def show_stalled(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the stalled cases that this officer may read, the gravest first."""
    return await _page(request, db, actor)


@post("/court/stalled/{case_id:uuid}", opt=dict(roles(*EXPLAINERS)), include_in_schema=False, status_code=303)
async def take_reason(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Keep what the court says of a case that stands."""
    form = await read_form(request, ExplainForm)
    try:
        required(form.reason, field="reason", zh="停滞的原因和下一步安排", en="the reason and the next step")
        await explain_stall(db, actor, ExplainStall(command_id=form.command_id, case_id=case_id, reason=form.reason))
    except Refusal as refusal:
        return await _page(
            request, db, actor, refusal=refusal, given={**await given_by(request), "case_id": str(case_id)}
        )
    return done_at(PATH, "stall_explained")


async def stalled_cases(tx: Transaction, actor: Actor) -> tuple[StalledCase, ...]:
    """Give the stalled cases that this actor may read, the gravest first, then the longest."""
    seen = await cases_among(tx, actor, await noted_candidates(tx, SHOWN_MOST))
    stalled, noted, reasons = await tx.together(stalls_now(tx, seen), noted_of(tx, seen), reasons_of(tx, seen))
    found = [
        StalledCase(
            case=seen[case_id],
            stalls=stalls,
            noted=tuple(noted.get(case_id, ())),
            reasons=tuple(reasons.get(case_id, ())),
        )
        for case_id, stalls in stalled.items()
    ]
    return tuple(sorted(found, key=lambda one: (-GRAVITY.index(one.stalls[0].level), one.stalls[0].since)))


async def _page(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        found = await stalled_cases(tx, actor)
        today = local_day(tx.now)
    return desk_page(
        request,
        "court/stalled.html",
        stalled=found,
        today=today,
        say=stall_words,
        figures=_figures(today),
        reason_most=REASON_MOST,
        may_explain=not actor.roles.isdisjoint(EXPLAINERS),
        refusal=refusal,
        given=given,
        input_of={"stall.reason": "reason"},
    )


def _figures(on: date) -> list[tuple[Ground, list[tuple[Level, int]]]]:
    return [
        (ground, [(level, days_until(ground, level, on)) for level in Level])
        for ground in (Ground.IDLE, Ground.OVERDUE)
    ]
