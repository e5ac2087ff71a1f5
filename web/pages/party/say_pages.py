"""What a party says at its desk: a price in an agreement, a request for a method."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from auction.sale.disclosure.own_cases import own_case
from valuation.agreements.propose_price import ProposePrice, propose_price
from valuation.appraisals.disputes.object_as_party import ObjectToAppraisal, object_to_appraisal
from valuation.appraisals.rules.disputes import AnyGround
from valuation.methods.ask_for_method import AskForMethod, ask_for_method
from valuation.methods.steps import Method
from valuation.objections.object_as_party import ObjectAsParty, object_as_party
from valuation.objections.objections import Ground
from web.asset_file import AssetsOnFile
from web.errors import malformed_by
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import done_at, given_by
from web.pages.party.case_pages import FOR_PARTIES, case_shown
from web.parties_of_cases import PartiesOfCases

AnyRequest = Request[Any, Any, Any]


class PriceForm(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed price."""

    command_id: UUID
    step_id: UUID
    party_id: UUID
    amount: str
    valid_until: date


class MethodForm(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a method."""

    command_id: UUID
    asset_id: UUID
    party_id: UUID
    method: Method


class ObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to inquiry reports; no platform: to all of them."""

    command_id: UUID
    inquiry_id: UUID
    party_id: UUID
    platform_id: str | None = None
    ground: Ground
    writing: str = ""


class AppraisalObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to an appraisal report, without its grounds: a form may tick several."""

    command_id: UUID
    appraisal_id: UUID
    party_id: UUID
    writing: str = ""


@post("/party/cases/{case_id:uuid}/object", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def object_to_reports(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take the caller's objection to inquiry reports."""

    async def say() -> None:
        form = await read_form(request, ObjectionForm)
        command = ObjectAsParty(
            command_id=form.command_id,
            inquiry_id=form.inquiry_id,
            party_id=form.party_id,
            platform_id=form.platform_id,
            ground=form.ground,
            writing=form.writing,
        )
        await object_as_party(db, actor, command, parties=PartiesOfCases())

    return await _said(request, db, actor, case_id, say(), done="objected")


@post("/party/cases/{case_id:uuid}/object-appraisal", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def object_to_report(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take the caller's objection to an appraisal report."""

    async def say() -> None:
        form = await read_form(request, AppraisalObjectionForm)
        grounds = (await request.form()).getall("grounds", [])
        try:
            named = msgspec.convert(grounds, tuple[AnyGround, ...])
        except msgspec.ValidationError as fault:
            raise malformed_by(fault) from None
        command = ObjectToAppraisal(
            command_id=form.command_id,
            appraisal_id=form.appraisal_id,
            party_id=form.party_id,
            grounds=named,
            writing=form.writing,
        )
        await object_to_appraisal(db, actor, command, parties=PartiesOfCases())

    return await _said(request, db, actor, case_id, say(), done="objected")


@post("/party/cases/{case_id:uuid}/propose", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def propose(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Seal the caller's price."""

    async def say() -> None:
        form = await read_form(request, PriceForm)
        command = ProposePrice(
            command_id=form.command_id,
            step_id=form.step_id,
            party_id=form.party_id,
            amount_fen=Money.parse_yuan(form.amount).fen,
            valid_until=form.valid_until,
        )
        await propose_price(db, actor, command, parties=PartiesOfCases())

    return await _said(request, db, actor, case_id, say(), done="proposed")


@post("/party/cases/{case_id:uuid}/ask-method", opt=FOR_PARTIES, include_in_schema=False, status_code=303)
async def ask_method(case_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Record the request of the caller's side."""

    async def say() -> None:
        form = await read_form(request, MethodForm)
        command = AskForMethod(
            command_id=form.command_id,
            case_id=case_id,
            asset_id=form.asset_id,
            party_id=form.party_id,
            method=form.method,
        )
        await ask_for_method(db, actor, command, parties=PartiesOfCases(), asset_file=AssetsOnFile())

    return await _said(request, db, actor, case_id, say(), done="method_asked")


async def _said(
    request: AnyRequest, db: Database, actor: Actor, case_id: UUID, saying: Awaitable[None], *, done: str
) -> Response[Any]:
    """Say it and come back to the case, or show the case with what is wrong."""
    try:
        await saying
    except Refusal as refusal:
        async with db.reading() as tx:
            case = await own_case(tx, actor.person_id, case_id)
            ticked = [str(one) for one in (await request.form()).getall("grounds", [])]
            return await case_shown(request, tx, case, refusal=refusal, given=await given_by(request), ticked=ticked)
    return done_at(f"/party/cases/{case_id}", done)
