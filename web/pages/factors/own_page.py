"""One's own authenticator: set up, confirmed, its recovery codes, removed. Works without scripts."""

from __future__ import annotations

from typing import Any

import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.errors import Refusal
from web.auth.factors import factor_store, totp
from web.auth.factors.fresh import FRESH_FOR
from web.auth.guards import SIGNED_IN
from web.auth.keep_totp import begin_totp, begun_secret, confirm_totp, end_totp, prove_again, renew_recovery_codes
from web.auth.opening_codes import written
from web.auth.passkeys import store as passkey_store
from web.auth.passkeys.passkeys import NAME_MOST, relying_party
from web.auth.sign_in import Credentials, Origin
from web.cookies import DEVICE_COOKIE
from web.errors import status_of
from web.forms import read_form
from web.injected import TheActor, TheWiring
from web.leave import pass_on
from web.rendering import page
from web.texts import N_, _
from web.visit import SessionHash, visit_of
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
PATH = "/account/second-factor"
DONE = {
    "removed": N_("身份验证器已解除绑定，恢复码一并失效。"),
    "passkey": N_("通行密钥已添加，其他登录均已退出。"),
    "passkey_removed": N_("通行密钥已移除。"),
    "proven": N_("验证通过，请返回原页面重新提交。"),
}
QR_SCALE = 5


class FactorForm(msgspec.Struct, frozen=True, kw_only=True):
    """The present password, a code, or both."""

    present: str = ""
    code: str = ""


@get(PATH, opt=dict(SIGNED_IN), include_in_schema=False)
async def show(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Template:
    """Show whether there is an authenticator; to the session that is setting one up, its secret."""
    return await show_own(request, actor, wiring)


@post(f"{PATH}/begin", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def begin(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Make a secret and go on to its QR code."""
    form, own = await read_form(request, FactorForm), own_session(request)
    try:
        credentials, origin = _credentials(request, form), origin_of(request, wiring)
        await begin_totp(
            wiring.db,
            credentials,
            own,
            passwords=wiring.passwords,
            origin=origin,
            now=wiring.real_now(),
            is_proven=actor.has_fresh_factor,
        )
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    return Redirect(PATH, status_code=303)


@post(f"{PATH}/confirm", opt=dict(SIGNED_IN), include_in_schema=False, status_code=200)
async def confirm(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Take the first code, and show the recovery codes."""
    form = await read_form(request, FactorForm)
    try:
        confirmed = await confirm_totp(
            wiring.db, actor.account_id, own_session(request), form.code, now=wiring.real_now()
        )
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    for ended in confirmed.ended:
        await pass_on(wiring, ended)
    return page("factors/recovery_codes.html", codes=[written(code) for code in confirmed.recovery_codes], is_new=True)


@post(f"{PATH}/recovery-codes", opt=dict(SIGNED_IN), include_in_schema=False, status_code=200)
async def renew(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Make new recovery codes, and show them."""
    form = await read_form(request, FactorForm)
    try:
        codes = await renew_recovery_codes(wiring.db, actor.account_id, form.code, now=wiring.real_now())
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    return page("factors/recovery_codes.html", codes=[written(code) for code in codes], is_new=False)


@post(f"{PATH}/prove", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def prove(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Prove the second factor again, for a step that asks for it."""
    form = await read_form(request, FactorForm)
    try:
        await prove_again(wiring.db, actor.account_id, own_session(request), form.code, now=wiring.real_now())
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    return Redirect(f"{PATH}?done=proven", status_code=303)


@post(f"{PATH}/end", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def end(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Remove the authenticator."""
    form = await read_form(request, FactorForm)
    try:
        credentials, origin = _credentials(request, form), origin_of(request, wiring)
        await end_totp(wiring.db, credentials, passwords=wiring.passwords, origin=origin, now=wiring.real_now())
    except Refusal as refusal:
        return await show_own(request, actor, wiring, refusal)
    return Redirect(f"{PATH}?done=removed", status_code=303)


PAGES = (show, begin, confirm, renew, prove, end)


def own_session(request: AnyRequest) -> SessionHash:
    """Give the session of a request that the guard let in."""
    session_hash = visit_of(request).session_hash
    assert session_hash is not None, "the guard lets only sessions in"
    return session_hash


def _credentials(request: AnyRequest, form: FactorForm) -> Credentials:
    return Credentials(username=visit_of(request).username or "", password=form.present, code=form.code)


def origin_of(request: AnyRequest, wiring: Wiring) -> Origin:
    """Give where a signed-in person's attempt comes from."""
    visit = visit_of(request)
    device = wiring.keys.device_of(visit.username or "", request.cookies.get(DEVICE_COOKIE, ""))
    return Origin(address=visit.address, device=device, channel="browser")


async def show_own(request: AnyRequest, actor: Actor, wiring: Wiring, refusal: Refusal | None = None) -> Template:
    """Show one's own second factors, with what was just refused."""
    now, said = wiring.real_now(), DONE.get(request.query_params.get("done", ""))
    async with wiring.db.reading() as tx:
        since = await factor_store.totp_since(tx, actor.account_id)
        passkeys = await passkey_store.shown(tx, actor.account_id)
        left = await factor_store.count_recovery_codes(tx, actor.account_id)
        secret = None if since else await begun_secret(tx, actor.account_id, own_session(request), now=now)
    username = visit_of(request).username or ""
    return page(
        "factors/own.html",
        status=200 if refusal is None else status_of(refusal),
        since=since,
        passkeys=passkeys,
        is_proven=actor.has_fresh_factor,
        party=relying_party(wiring.settings.site_url),
        name_most=NAME_MOST,
        left=left,
        fresh_minutes=FRESH_FOR.seconds // 60,
        secret=None if secret is None else written(secret),
        picture=None if secret is None else _picture(totp.address_of(secret, username)),
        minutes=totp.BEGUN_FOR.seconds // 60,
        refusal=refusal,
        done=None if said is None or refusal is not None else _(said),
    )


def _picture(address: str) -> str:
    """Draw the QR code as the address of a picture that is its own content."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=QR_SCALE, border=4, light="#fff"))
