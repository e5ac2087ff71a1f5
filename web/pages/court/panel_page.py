"""The panel's page: what is proposed, the secret vote, the closing of the vote, the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.sale.case_access import require_part
from auction.sale.lots.cast_vote import CastVote, cast_vote
from auction.sale.lots.confirm_first_refusal import ConfirmFirstRefusal, confirm_first_refusal
from auction.sale.lots.decide_listing import DecideListing, decide_listing
from auction.sale.lots.panel import FirstRefusalProposal, ListingProposal, ProposalDiffers, Vote
from auction.sale.lots.panel_file import QuestionFile, question_file
from valuation.objections.views import PriceEvidence, price_evidence
from valuation.plausibility.signals import Signal
from web.auth.factors.fresh import require_fresh_factor
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.court.case_page import RULERS
from web.pages.court.plausibility_shown import signals_on_listing
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.steps.all_forms import FORMS, route_of
from web.texts import _

MEMBERS = (Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)
CLOSERS = (Role.PRESIDING_JUDGE, Role.CLERK)
COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    "default": ("declare-default", "grant-more-time"),
    "after_failure": ("choose-after-failure",),
    "barred_buyer": ("set-sale-aside",),
    "unclear_list": (),
}
"""Questions whose votes are counted by the step that carries the decision out, by its form."""
RULED_ON = frozenset({"barred_buyer", "unclear_list"})
"""Questions whose votes the ruling itself counts."""
JUDGES = frozenset({*MEMBERS, Role.CASE_HANDLER})
"""Who is shown whether the price is plausible."""
READERS = (*MEMBERS, Role.CLERK, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT)


class VoteForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the vote's form sends."""

    command_id: UUID
    proposal_sha256: str
    vote: str = ""
    opinion: str = ""


class CloseForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the closing's form sends."""

    command_id: UUID


@get("/court/questions/{question_id:uuid}", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_question(
    question_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show a question before the panel."""
    return await _show(request, db, actor, question_id)


@post("/court/questions/{question_id:uuid}/vote", opt=dict(roles(*MEMBERS)), include_in_schema=False, status_code=303)
async def vote(
    question_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Seal a member's vote into the closed file; the page afterwards says only that he has voted."""
    await _read(db, actor, question_id)
    try:
        require_fresh_factor(actor)
        form = await read_form(request, VoteForm)
        chosen = required(form.vote, field="vote", zh="同意或者不同意", en="approve or reject")
        command = CastVote(
            command_id=form.command_id,
            question_id=question_id,
            vote=cast(Vote, chosen if chosen == "approve" else "reject"),
            proposal_sha256=form.proposal_sha256,
            opinion=form.opinion.strip(),
        )
        await cast_vote(db, actor, command)
    except Refusal as refusal:
        return await _show(request, db, actor, question_id, refusal=refusal, given=await given_by(request))
    return done_at(f"/court/questions/{question_id}", "voted")


@post("/court/questions/{question_id:uuid}/close", opt=dict(roles(*CLOSERS)), include_in_schema=False, status_code=303)
async def close(
    question_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Close the vote and record the decision: of a listing, or of a right of first refusal."""
    question, _evidence = await _read(db, actor, question_id)
    try:
        form = await read_form(request, CloseForm)
        done = await _decide(db, actor, question, form.command_id)
    except Refusal as refusal:
        return await _show(request, db, actor, question_id, refusal=refusal)
    return done_at(f"/court/questions/{question_id}", done)


async def _decide(db: Database, actor: Actor, question: QuestionFile, command_id: UUID) -> str:
    """Take the step that counts the votes of this question; default and failure are counted by their own steps."""
    proposal = question.proposal
    if isinstance(proposal, FirstRefusalProposal):
        confirmation = ConfirmFirstRefusal(
            command_id=command_id,
            lot_id=question.lot_id,
            person_id=proposal.person_id,
            basis=proposal.basis,
            rank=proposal.rank,
            question_id=question.question_id,
        )
        await confirm_first_refusal(db, actor, confirmation)
        return "confirmed"
    if not question.is_present:
        raise ProposalDiffers
    await decide_listing(db, actor, DecideListing(command_id=command_id, lot_id=question.lot_id))
    return "decided"


async def _show(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    question_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    question, evidence = await _read(db, actor, question_id)
    signals = () if actor.roles.isdisjoint(JUDGES) else await _signals(db, question, evidence)
    is_closed_here = question.subject in ("listing", "first_refusal")
    return desk_page(
        request,
        "court/question.html",
        refusal=refusal,
        given=given,
        question=question,
        evidence=evidence,
        signals=signals,
        may_vote=not actor.roles.isdisjoint(MEMBERS),
        may_close=is_closed_here and not actor.roles.isdisjoint(CLOSERS),
        counting=() if is_closed_here else _counting(question, actor),
        **_shares(question),
    )


async def _read(db: Database, actor: Actor, question_id: UUID) -> tuple[QuestionFile, PriceEvidence | None]:
    """Read the question; a case in which the reader has no part does not exist for him."""
    async with db.reading() as tx:
        question = await question_file(tx, question_id, actor.person_id)
        await require_part(tx, actor, question.case_id)
        return question, await price_evidence(tx, question.asset_id)


async def _signals(db: Database, question: QuestionFile, evidence: PriceEvidence | None) -> Sequence[Signal]:
    """Give the signals on the price, for judges' eyes: they refuse, change and delay nothing."""
    async with db.reading() as tx:
        return await signals_on_listing(tx, question, evidence)


def _counting(question: QuestionFile, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Give the steps that count the votes of this question and carry it out: heading and address, for who may take them."""
    steps = [form for form in FORMS if form.name in COUNTED_BY[question.subject]]
    shown = [
        (_(form.heading), f"/court/cases/{question.case_id}/steps/{form.name}")
        for form in steps
        if not actor.roles.isdisjoint(route_of(form).roles)
    ]
    if question.subject in RULED_ON and not actor.roles.isdisjoint(RULERS):
        shown.insert(0, (_("作出成交裁定"), f"/court/lots/{question.lot_id}/rule"))
    return tuple(shown)


def _shares(question: QuestionFile) -> dict[str, Any]:
    """Give reserve and deposit as shares of what the law measures them by."""
    proposal, listing = question.proposal, question.listing
    if not isinstance(proposal, ListingProposal) or listing is None:
        return {"percent_of_reference": "", "percent_of_reserve": ""}
    terms = proposal.terms
    return {
        "percent_of_reference": percent(terms.reserve_fen, listing.reference_price_fen),
        "percent_of_reserve": percent(terms.deposit_fen, terms.reserve_fen),
    }


def percent(part_fen: int, whole_fen: int) -> str:
    """Give a share with two places, cut, so that nothing below a limit looks like the limit: ``69.99%``."""
    if whole_fen <= 0:
        return ""
    hundredths = int(Fraction(part_fen, whole_fen) * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02d}%".replace(".00%", "%")
