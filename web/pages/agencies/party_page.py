"""What a party does about the institutions of its case: name three, add its own number to the seed, open it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.errors import Refusal
from valuation.agencies import register_store
from valuation.agencies.register import Agency
from valuation.agencies.sub_lists import Level
from valuation.draws.commit_entropy import CommitEntropy, commit_entropy
from valuation.draws.open_entropy import OpenEntropy, open_entropy
from valuation.selections import selection_store, store_of_draws
from valuation.selections.cases import CaseDesk, party_of
from valuation.selections.pool import Asked, why_not
from valuation.selections.propose_agencies import ProposeAgencies, propose_agencies
from valuation.sides.speaking import SIDES
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages import draw_words
from web.pages.desk import desk_page, given_by
from web.wiring import Wiring

PARTIES = (Role.PARTY,)
TAKE_PART = "/draws/{draw_id:uuid}/take-part"
PROPOSE = "/selections/{mandate_id:uuid}"


class EntropyForm(msgspec.Struct, frozen=True, kw_only=True):
    """A commitment, or the number that opens it."""

    command_id: UUID
    commitment: str = ""
    value: str = ""


class ProposalForm(msgspec.Struct, frozen=True, kw_only=True):
    """Three institutions in their order, or none; and the list in which the side would have it drawn."""

    command_id: UUID
    agency_1: UUID | None = None
    agency_2: UUID | None = None
    agency_3: UUID | None = None
    draw_within: Level | None = None


def _desk(wiring: Wiring) -> CaseDesk:
    return cast(CaseDesk, wiring.ports["case_desk"])


@get(TAKE_PART, opt=dict(roles(*PARTIES)), include_in_schema=False)
async def show_entropy(
    draw_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring, actor: TheActor
) -> Template:
    """Ask a party of the case for its commitment or its opening."""
    return await _entropy_page(request, wiring, actor, draw_id)


@post(TAKE_PART, opt=dict(roles(*PARTIES)), include_in_schema=False, status_code=303)
async def take_entropy(
    draw_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Take a party's commitment or opening."""
    form = await read_form(request, EntropyForm)
    try:
        if form.value:
            opening = OpenEntropy(command_id=form.command_id, draw_id=draw_id, value=form.value.strip())
            await open_entropy(db, actor, opening, case_desk=_desk(wiring))
            return Redirect(f"/draws/{draw_id}?done=entropy_opened", status_code=303)
        commitment = CommitEntropy(command_id=form.command_id, draw_id=draw_id, commitment=form.commitment.strip())
        await commit_entropy(db, actor, commitment, case_desk=_desk(wiring))
    except Refusal as refusal:
        return await _entropy_page(request, wiring, actor, draw_id, refusal=refusal)
    return Redirect(f"/draws/{draw_id}?done=entropy_committed", status_code=303)


async def _entropy_page(
    request: Request[Any, Any, Any], wiring: Wiring, actor: Actor, draw_id: UUID, *, refusal: Refusal | None = None
) -> Template:
    async with wiring.db.reading() as tx:
        draw = await store_of_draws.draw(tx, draw_id)
        selection = await selection_store.selection(tx, draw.mandate_id)
        case = await _desk(wiring).case_of_draw(tx, selection.case_id, selection.asset_id)
        party = str(party_of(case, actor.person_id).party_id)
        own = next((row for row in await store_of_draws.entropy_of(tx, draw_id) if row.party == party), None)
        now = tx.now
    return desk_page(
        request,
        "public/take_part.html",
        refusal=refusal,
        given=await given_by(request) if refusal is not None else None,
        say=draw_words,
        draw=draw,
        party=party,
        own=own,
        now=now,
    )


@get(PROPOSE, opt=dict(roles(*PARTIES)), include_in_schema=False)
async def show_proposal(
    mandate_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring, actor: TheActor
) -> Template:
    """Ask a party of the case for three institutions in their order."""
    return await _proposal_page(request, wiring, actor, mandate_id)


@post(PROPOSE, opt=dict(roles(*PARTIES)), include_in_schema=False, status_code=303)
async def take_proposal(
    mandate_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Take a party's sealed proposal."""
    form = await read_form(request, ProposalForm)
    named = tuple(one for one in (form.agency_1, form.agency_2, form.agency_3) if one is not None)
    command = ProposeAgencies(
        command_id=form.command_id, mandate_id=mandate_id, agency_ids=named, draw_within=form.draw_within
    )
    try:
        await propose_agencies(db, actor, command, case_desk=_desk(wiring))
    except Refusal as refusal:
        return await _proposal_page(request, wiring, actor, mandate_id, refusal=refusal)
    return Redirect(f"/selections/{mandate_id}?done=proposed", status_code=303)


async def _proposal_page(
    request: Request[Any, Any, Any], wiring: Wiring, actor: Actor, mandate_id: UUID, *, refusal: Refusal | None = None
) -> Template:
    async with wiring.db.reading() as tx:
        selection = await selection_store.selection(tx, mandate_id)
        case = await _desk(wiring).case_of_draw(tx, selection.case_id, selection.asset_id)
        party = party_of(case, actor.person_id)
        asked = Asked(purpose=selection.purpose, case_id=selection.case_id, on=local_day(tx.now))
        register = (await register_store.register(tx)).values()
        spoken = await selection_store.spoken(tx, mandate_id)
        asked_of = await selection_store.asked_of(tx, mandate_id)
        ranks = await selection_store.ranks(tx, mandate_id)
        draws = await store_of_draws.draws_of(tx, mandate_id)
        now = tx.now
    own = next((one for one in asked_of if one.party_id == party.party_id), None)
    return desk_page(
        request,
        "public/propose.html",
        refusal=refusal,
        given=await given_by(request) if refusal is not None else None,
        done=draw_words.done_text(request.query_params.get("done", "")),
        say=draw_words,
        selection=selection,
        case=case,
        party=party,
        may_propose=own is not None
        and own.represented_by is None
        and party.party_id not in spoken
        and now < selection.proposals_until,
        own=own,
        has_spoken=party.party_id in spoken,
        several=[side for side in SIDES if sum(one.side == side for one in asked_of) > 1],
        agencies=_choosable([a for a in register if selection.profession in a.professions], asked),
        ranks=ranks,
        draws=draws,
        now=now,
    )


def _choosable(agencies: list[Agency], asked: Asked) -> list[Agency]:
    found = [agency for agency in agencies if why_not(agency, asked) is None]
    return sorted(found, key=lambda agency: (agency.province, agency.city, agency.name))
