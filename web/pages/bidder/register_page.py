"""Register for a round: read and accept the warnings, undertake, name an agent if there is one."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.disclosure.lot_file import lot_file
from auction.sale.disclosure.own_registrations import own_registration_for
from auction.sale.links.traits import Contact, Origin, network_of
from auction.sale.lots.sell_off import prepayment_fen
from auction.sale.rounds.bidders import UndertakingMissing, WarningsNotAccepted
from auction.sale.rounds.register_bidder import Agent, RegisterBidder, register_bidder
from web.auth.guards import roles
from web.cookies import REGISTRATION_COOKIE, YEAR_S, cookie
from web.errors import status_of
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.public import words
from web.pages.wired import companies_of, lists_of
from web.rendering import page
from web.visit import visit_of
from web.wiring import Wiring

FOR_BIDDERS = dict(roles(Role.BIDDER))
FIELD_OF = {WarningsNotAccepted.code: "accepts", UndertakingMissing.code: "undertakes"}
"""Fields that refusals are about; all others stand for the whole form or the agent's part."""
DEVICE_BYTES = 24
DEVICE_LETTERS = 32
"""Letters of `secrets.token_urlsafe` of so many bytes."""
AGENT_CODES = frozenset({"agent_too_late", "party_name_malformed", "case_field_missing", "identity_number_invalid"})


class RegisterForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the form sends; a box that is not ticked is absent."""

    command_id: UUID
    registration_id: UUID
    accepts: str = ""
    undertakes: str = ""
    agent_name: str = ""
    agent_number: str = ""
    agent_document: str = ""
    phone: str = ""
    address: str = ""
    employer: str = ""
    legal_representative_number: str = ""

    @property
    def contact(self) -> Contact:
        """What the bidder says of himself."""
        return Contact(
            phone=self.phone.strip(),
            address=self.address.strip(),
            employer=self.employer.strip(),
            legal_representative_number=self.legal_representative_number.strip(),
        )

    @property
    def agent(self) -> Agent | None:
        """The agent, if any of his fields is filled in."""
        given = (self.agent_name, self.agent_number, self.agent_document)
        if not any(text.strip() for text in given):
            return None
        return Agent(name=given[0].strip(), identity_number=given[1].strip(), document_ref=given[2].strip())


@get("/lots/{lot_id:uuid}/register", opt=FOR_BIDDERS, include_in_schema=False)
async def show_register(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring, actor: TheActor
) -> Response[Any]:
    """Show the form and name the browser; who is registered already goes to his registration."""
    async with db.reading() as tx:
        file = await lot_file(tx, lot_id)
        own = await own_registration_for(tx, actor.person_id, file.card.round_id)
    if own is not None:
        return Redirect(f"/my/registrations/{own.registration_id}", status_code=303)
    empty = RegisterForm(command_id=new_id(), registration_id=new_id())
    shown = await _form(db, lot_id, empty, refusal=None)
    if not _device_of(request):
        named = secrets.token_urlsafe(DEVICE_BYTES)
        shown.cookies.append(cookie(REGISTRATION_COOKIE, named, secure=wiring.is_https, max_age_s=YEAR_S))
    return shown


@post("/lots/{lot_id:uuid}/register", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def submit_register(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Register and go on to the deposit, or show the form again with what is wrong."""
    form = await read_form(request, RegisterForm)
    try:
        registration_id = await _register(db, actor, lot_id, form, wiring, _origin(request))
    except Refusal as refusal:
        return await _form(db, lot_id, form, refusal=refusal)
    return Redirect(f"/my/registrations/{registration_id}", status_code=303)


def _device_of(request: Request[Any, Any, Any]) -> str:
    """Give the random word by which this site knows the browser; empty for what this site did not make."""
    named = request.cookies.get(REGISTRATION_COOKIE, "")
    return named if len(named) == DEVICE_LETTERS and named.replace("-", "").replace("_", "").isalnum() else ""


def _origin(request: Request[Any, Any, Any]) -> Origin:
    return Origin(device=_device_of(request), network=network_of(visit_of(request).address))


async def _register(
    db: Database, actor: Actor, lot_id: UUID, form: RegisterForm, wiring: Wiring, origin: Origin
) -> UUID:
    command = RegisterBidder(
        command_id=form.command_id,
        registration_id=form.registration_id,
        lot_id=lot_id,
        accepts_warnings=form.accepts == "yes",
        undertakes_eligibility=form.undertakes == "yes",
        agent=form.agent,
        contact=form.contact,
    )
    registered = await register_bidder(
        db, actor, command, lists=lists_of(wiring), companies=companies_of(wiring), origin=origin
    )
    return registered.registration_id


async def _form(db: Database, lot_id: UUID, form: RegisterForm, *, refusal: Refusal | None) -> Template:
    """Show the form; after a refusal it gets a new command id, because the same id stands for the same content."""
    async with db.reading() as tx:
        file = await lot_file(tx, lot_id)
        now = tx.now
    again = msgspec.structs.replace(form, command_id=new_id()) if refusal is not None else form
    return page(
        "bidder/register.html",
        status=200 if refusal is None else status_of(refusal),
        say=words,
        file=file,
        card=file.card,
        terms=file.terms,
        prepayment_fen=prepayment_fen(file.terms),
        form=again,
        refusal=refusal,
        target=_target(refusal),
        agents_open=now < file.card.opens_at,
        now=now,
    )


def _target(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    return FIELD_OF.get(refusal.code, "agent_name" if refusal.code in AGENT_CODES else "accepts")
