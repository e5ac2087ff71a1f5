"""One's own identity, verified through the provider: a telephone of one's own, then the code that came. Works without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.errors import FaultOfOthers, NotFound, Refusal
from auction.kernel.ids import new_id
from web.auth import store
from web.auth.guards import SIGNED_IN
from web.auth.provider.provider import CHECKS_A_DAY, IdentityProvider
from web.auth.provider.verify_by_provider import (
    NOT_VERIFIED,
    BeginCheck,
    ProveCheck,
    begin_check,
    check_under_way,
    prove_check,
)
from web.errors import PageUnknown, PartnerUnavailable, status_of
from web.forms import read_form
from web.injected import TheActor, TheWiring
from web.pages.wired import IDENTITY_CODES_PAGE, identity_provider_of
from web.rendering import page
from web.telephones import mask_mobile
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
PATH = "/account/identity"


class NoProvider(NotFound):
    """This installation has no line to a provider."""

    code = "identity_provider_missing"
    article = "house: accounts rule 6"
    zh = "本院尚未接入线上实名核验，请持身份证件到法院窗口核验。"
    en = "There is no check on line here; bring your identity document to the court's counter."


class TelephoneForm(msgspec.Struct, frozen=True, kw_only=True):
    """The telephone, and the id of the check that it begins."""

    check_id: UUID
    telephone: str = ""


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The code of the check."""

    check_id: UUID
    code: str = ""


@get(PATH, opt=dict(SIGNED_IN), include_in_schema=False)
async def show(actor: TheActor, wiring: TheWiring) -> Template:
    """Show how one's identity stands, and what to do."""
    return await _show(actor, wiring)


@post(f"{PATH}/begin", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def begin(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Have a code sent; the form's check id makes a second click the same check."""
    form = await read_form(request, TelephoneForm)
    command = BeginCheck(command_id=form.check_id, check_id=form.check_id, telephone=form.telephone)
    try:
        await begin_check(wiring.db, actor, command, _provider(wiring))
    except Refusal as refusal:
        return await _show(actor, wiring, refusal, telephone=form.telephone)
    except FaultOfOthers:
        return await _show(actor, wiring, PartnerUnavailable(), telephone=form.telephone, check_id=form.check_id)
    return Redirect(PATH, status_code=303)


@post(f"{PATH}/prove", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def prove(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Bring the code."""
    form = await read_form(request, CodeForm)
    command = ProveCheck(command_id=new_id(), check_id=form.check_id, code=form.code)
    try:
        await prove_check(wiring.db, actor, command, _provider(wiring))
    except Refusal as refusal:
        return await _show(actor, wiring, refusal)
    except FaultOfOthers:
        return await _show(actor, wiring, PartnerUnavailable())
    return Redirect(PATH, status_code=303)


IDENTITY_PAGES = (show, begin, prove)


def _provider(wiring: Wiring) -> IdentityProvider:
    provider = identity_provider_of(wiring)
    if provider is None:
        raise NoProvider
    return provider


async def _show(
    actor: Actor, wiring: Wiring, refusal: Refusal | None = None, *, telephone: str = "", check_id: UUID | None = None
) -> Template:
    async with wiring.db.reading() as tx:
        account = await store.account_by_id(tx, actor.account_id)
    if account is None:
        raise PageUnknown
    provider = identity_provider_of(wiring)
    waiting = None if check_id is not None else await check_under_way(wiring.db, actor)
    return page(
        "identity.html",
        status=200 if refusal is None else status_of(refusal),
        may_check=provider is not None and account.identity_verified_by in NOT_VERIFIED and not account.is_sample,
        verified_by=account.identity_verified_by,
        provider=None if provider is None else provider.title,
        waiting=waiting,
        sent_to=None if waiting is None else mask_mobile(waiting.telephone),
        check_id=check_id or new_id(),
        most=CHECKS_A_DAY,
        telephone=telephone,
        codes_page=wiring.ports.get(IDENTITY_CODES_PAGE, ""),
        refusal=refusal,
    )
