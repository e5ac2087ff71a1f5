"""What a person was refused at the door, by which guard, and his objection to it; declaring joint bidders behind a registration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.sale.disclosure.own_registrations import own_registration
from auction.sale.guards.joint import JointMember
from auction.sale.guards.object_to_refusal import ObjectToRefusal, object_to_refusal
from auction.sale.guards.store import joint_members, refusals_of
from auction.sale.rounds.bidders import RegistrationUnknown
from auction.sale.rounds.declare_joint_bidders import DeclareJointBidders, declare_joint_bidders
from auction.sale.rounds.store import registration_row
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.desk import desk_page, done_at, given_by
from web.pages.public.guards_page import refused_as
from web.pages.wired import lists_of

AnyRequest = Request[Any, Any, Any]
ROWS = 4
"""So many joint bidders fit on the form; more are declared over the command API."""
SHARE_PARTS = 2


class GuardObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """An objection; papers stand one a line."""

    command_id: UUID
    grounds: str = ""
    papers: str = ""


class JointForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is declared beside the rows of the members."""

    command_id: UUID
    document_ref: str = ""


@get("/my/refusals", opt=FOR_BIDDERS, include_in_schema=False)
async def show_refusals(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the caller's refusals with their guards."""
    return await _refusals(request, db, actor)


@post("/my/refusals/{application_id:uuid}/object", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def object_to_it(
    application_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Take the caller's objection."""
    form = await read_form(request, GuardObjectionForm)
    try:
        command = ObjectToRefusal(
            command_id=form.command_id,
            application_id=application_id,
            grounds=form.grounds,
            papers=tuple(form.papers.lower().split()),
        )
        await object_to_refusal(db, actor, command)
    except Refusal as refusal:
        given = {**await given_by(request), "of": str(application_id)}
        return await _refusals(request, db, actor, refusal=refusal, given=given)
    return done_at("/my/refusals", "objected")


async def _refusals(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        shown = await refusals_of(tx, actor.person_id)
    return desk_page(request, "bidder/refusals.html", shown=shown, refused_as=refused_as, refusal=refusal, given=given)


@get("/my/registrations/{registration_id:uuid}/joint", opt=FOR_BIDDERS, include_in_schema=False)
async def show_joint(registration_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the joint bidders behind one's own registration, or the form that declares them."""
    return await _joint(request, db, actor, registration_id)


@post("/my/registrations/{registration_id:uuid}/joint", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def declare(
    registration_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Take the declaration."""
    form = await read_form(request, JointForm)
    given = await given_by(request)
    try:
        command = DeclareJointBidders(
            command_id=form.command_id,
            registration_id=registration_id,
            members=_members(given),
            document_ref=form.document_ref,
        )
        await declare_joint_bidders(db, actor, command, lists=lists_of(wiring))
    except Refusal as refusal:
        return await _joint(request, db, actor, registration_id, refusal=refusal, given=given)
    return Redirect(f"/my/registrations/{registration_id}/joint", status_code=303)


def _members(given: Mapping[str, str]) -> tuple[JointMember, ...]:
    """Read the rows that name somebody."""
    return tuple(
        JointMember(
            kind="organisation" if given.get(f"kind-{row}") == "organisation" else "natural",
            name=given[f"name-{row}"].strip(),
            identity_number=given.get(f"number-{row}", "").strip(),
            share_bp=_share(given.get(f"share-{row}", "")),
        )
        for row in range(1, ROWS + 1)
        if given.get(f"name-{row}", "").strip()
    )


def _share(text: str) -> int:
    """Read a per cent with at most two places as hundredths of it; what is none is no share."""
    whole, _, part = text.strip().partition(".")
    if not whole.isascii() or not whole.isdigit() or len(part) > SHARE_PARTS or (part and not part.isdigit()):
        return 0
    return int(whole[:4]) * 100 + int(part.ljust(SHARE_PARTS, "0") or "0")


async def _joint(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    registration_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        row = await registration_row(tx, registration_id)
        if row.person_id != actor.person_id:
            raise RegistrationUnknown(registration_id=registration_id)
        own = await own_registration(tx, actor.person_id, registration_id)
        rows = await joint_members(tx, registration_id)
        members = [msgspec.json.decode(tx.sealer.open(one.member_sealed), type=JointMember) for one in rows]
        is_open = tx.now < own.opens_at
    return desk_page(
        request,
        "bidder/joint.html",
        own=own,
        members=members,
        is_open=is_open,
        rows=range(1, ROWS + 1),
        refusal=refusal,
        given=given,
    )
