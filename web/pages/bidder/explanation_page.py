"""What the court asked of one's own code, what was found once the bidding is over, and one's own answer.

While the round runs the question alone is shown: a finding may tie the reader to another code. Afterwards whoever is asked reads what was
seen, against what it was held, what it does not prove and how it may be innocent, as the judge does; never a name.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.sale.disclosure.own_registrations import OwnRegistration, own_registration_for
from bidding.integrity.findings.act_store import Asked, asked_of, finding_when_over, request_row
from bidding.integrity.findings.acts import ExplanationUnknown
from bidding.integrity.findings.answer_explanation import AnswerExplanation, answer_explanation
from bidding.integrity.findings.findings import Finding
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages import finding_words
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.desk import desk_page, done_at, given_by
from web.pages.public import words
from web.participants_of_rounds import ParticipantsOfRounds
from web.texts import current_locale


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    """The answer as it was typed."""

    command_id: UUID
    reason: str = ""


@get("/my/explanations/{request_id:uuid}", opt=FOR_BIDDERS, include_in_schema=False)
async def show_explanation(
    request_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show what the court asks of the reader; `ExplanationUnknown` for anybody else's."""
    return await _page(request, db, actor, request_id)


@post("/my/explanations/{request_id:uuid}", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def send_explanation(
    request_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Redirect | Template:
    """Answer, or say why not."""
    try:
        form = await read_form(request, AnswerForm)
        command = AnswerExplanation(command_id=form.command_id, request_id=request_id, answer=form.reason)
        await answer_explanation(db, actor, command, participants=ParticipantsOfRounds())
    except ExplanationUnknown:
        raise
    except Refusal as refusal:
        return await _page(request, db, actor, request_id, refusal=refusal, given=await given_by(request))
    return done_at(f"/my/explanations/{request_id}", "explained")


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    request_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        asked, own = await _own(tx, actor, request_id)
        finding = await finding_when_over(tx, asked.finding_id)
    return desk_page(
        request,
        "bidder/explanation.html",
        refusal=refusal,
        given=given,
        asked=asked,
        own=own,
        say=words,
        found=_found(finding),
    )


def _found(finding: Finding | None) -> dict[str, Any] | None:
    """Say what was found as the judge reads it; ``None`` while it is not shown."""
    if finding is None:
        return None
    screen = finding_words.screen_of(finding)
    return {
        "title": finding_words.title_of(finding),
        "seen": finding_words.seen_of(finding),
        "odds": finding_words.odds_of(finding),
        "controls": finding_words.controls_of(finding.controls),
        "proves_not": "" if screen is None else screen.proves_not[current_locale()],
        "innocent": () if screen is None else screen.innocent[current_locale()],
    }


async def _own(tx: Transaction, actor: Actor, request_id: UUID) -> tuple[Asked, OwnRegistration]:
    row = await request_row(tx, request_id)
    own = None if row is None else await own_registration_for(tx, actor.person_id, row.round_id)
    if row is None or own is None or own.bidder_code != row.code:
        raise ExplanationUnknown(request_id=request_id)
    found = await asked_of(tx, {(row.round_id, row.code)})
    return next(one for one in found if one.request_id == request_id), own
