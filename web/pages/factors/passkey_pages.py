"""Passkeys: registered and removed on one's own page, used to sign in and to prove oneself again.

A ceremony takes two requests: the first gives a challenge to the script of the page, the second is the form itself with the answer. The
second works like every form; the first answers with JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.response import Redirect, Template

from auction.kernel.errors import Refusal
from web.auth.guards import PUBLIC, SIGNED_IN
from web.auth.opening_codes import written
from web.auth.passkeys.passkeys import PasskeyWrong, RelyingParty, relying_party
from web.auth.passkeys.register_passkey import begin_registration, finish_registration, remove_passkey
from web.auth.passkeys.use_passkey import begin_proof, begin_sign_in, finish_sign_in, prove_again
from web.auth.sign_in import Credentials, Origin
from web.errors import InputMalformed, status_of
from web.forms import read_form, safe_path
from web.injected import TheActor, TheWiring
from web.leave import pass_on
from web.pages.factors.own_page import PATH, origin_of, own_session, show_own
from web.pages.sign_in_page import enter
from web.rendering import page
from web.visit import visit_of
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
ENTRY = "/sign-in/passkey"


class PasskeyForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the forms of passkeys send."""

    credential: str = ""
    name: str = ""
    present: str = ""
    passkey_id: str = ""
    next: str = "/"


@post(f"{ENTRY}/begin", opt=dict(PUBLIC), include_in_schema=False, status_code=200)
async def begin_entry(request: AnyRequest, wiring: TheWiring) -> Response[bytes]:
    """Give a challenge to a browser that wants to sign in."""
    visit = visit_of(request)
    origin = Origin(address=visit.address, device=None, channel="browser")
    options = await begin_sign_in(
        wiring.db, visit.bound_to(), origin=origin, party=party_of(wiring), now=wiring.real_now()
    )
    return _options(options)


@post(ENTRY, opt=dict(PUBLIC), include_in_schema=False, status_code=303)
async def enter_by_passkey(request: AnyRequest, wiring: TheWiring) -> Response[Any]:
    """Sign in with the answer, or show the sign-in page with what is wrong."""
    form, visit = await read_form(request, PasskeyForm), visit_of(request)
    path = safe_path(form.next)
    try:
        signed_in = await finish_sign_in(
            wiring.db,
            visit.bound_to(),
            form.credential,
            origin=Origin(address=visit.address, device=None, channel="browser"),
            party=party_of(wiring),
            now=wiring.real_now(),
            replaces=visit.session_hash,
        )
    except PasskeyWrong as refusal:
        return page(
            "sign_in.html", status=status_of(refusal), next_path=path, username="", refusal=refusal, opened=False
        )
    return enter(signed_in, wiring, path)


@post(f"{PATH}/passkeys/begin", opt=dict(SIGNED_IN), include_in_schema=False, status_code=200)
async def begin_own(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[bytes]:
    """Give a challenge for a new passkey, for the password."""
    form = await read_form(request, PasskeyForm)
    options = await begin_registration(
        wiring.db,
        actor,
        _credentials(request, form),
        own_session(request),
        passwords=wiring.passwords,
        origin=origin_of(request, wiring),
        party=party_of(wiring),
        now=wiring.real_now(),
    )
    return _options(options)


@post(f"{PATH}/passkeys", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def register(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Store a new passkey; show the recovery codes if they are new."""
    form = await read_form(request, PasskeyForm)
    try:
        made = await finish_registration(
            wiring.db,
            actor.account_id,
            own_session(request),
            form.credential,
            form.name,
            party=party_of(wiring),
            now=wiring.real_now(),
        )
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    for ended in made.ended:
        await pass_on(wiring, ended)
    if made.recovery_codes:
        return _codes(made.recovery_codes)
    return Redirect(f"{PATH}?done=passkey", status_code=303)


@post(f"{PATH}/passkeys/prove/begin", opt=dict(SIGNED_IN), include_in_schema=False, status_code=200)
async def begin_proving(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[bytes]:
    """Give a challenge for a passkey of one's own."""
    options = await begin_proof(
        wiring.db, actor.account_id, own_session(request), party=party_of(wiring), now=wiring.real_now()
    )
    return _options(options)


@post(f"{PATH}/passkeys/prove", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def prove(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Prove the second factor again with a passkey."""
    form = await read_form(request, PasskeyForm)
    try:
        await prove_again(
            wiring.db,
            actor.account_id,
            own_session(request),
            form.credential,
            party=party_of(wiring),
            now=wiring.real_now(),
        )
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    return Redirect(f"{PATH}?done=proven", status_code=303)


@post(f"{PATH}/passkeys/remove", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def remove(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Remove a passkey; works without scripts."""
    form = await read_form(request, PasskeyForm)
    try:
        await remove_passkey(
            wiring.db,
            actor,
            _id_of(form),
            _credentials(request, form),
            passwords=wiring.passwords,
            origin=origin_of(request, wiring),
            now=wiring.real_now(),
        )
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    return Redirect(f"{PATH}?done=passkey_removed", status_code=303)


PAGES = (begin_entry, enter_by_passkey, begin_own, register, begin_proving, prove, remove)


def party_of(wiring: Wiring) -> RelyingParty:
    """Give the relying party of this installation."""
    return relying_party(wiring.settings.site_url)


def _options(options: str) -> Response[bytes]:
    return Response(options.encode(), media_type="application/json", headers={"cache-control": "no-store"})


def _codes(codes: Sequence[str]) -> Template:
    return page("factors/recovery_codes.html", codes=[written(code) for code in codes], is_new=True)


def _credentials(request: AnyRequest, form: PasskeyForm) -> Credentials:
    return Credentials(username=visit_of(request).username or "", password=form.present)


def _id_of(form: PasskeyForm) -> UUID:
    try:
        return UUID(form.passkey_id)
    except ValueError:
        raise InputMalformed(field="passkey_id", reason="UUID") from None
