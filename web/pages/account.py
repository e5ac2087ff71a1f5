"""One's own account: who one is here, one's password, and where one is signed in."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor
from auction.kernel.errors import Malformed, Refusal
from auction.kernel.persons import masked_of
from web.auth import store
from web.auth.change_password import change_password
from web.auth.end_sessions import end_other_sessions, end_own_session
from web.auth.guards import SIGNED_IN
from web.auth.sessions import ends_at, public_name
from web.auth.sign_in import Credentials, Origin
from web.cookies import DEVICE_COOKIE
from web.errors import PageUnknown, status_of
from web.forms import read_form
from web.injected import TheActor, TheWiring
from web.leave import pass_on
from web.pages.sign_in_page import enter
from web.rendering import page
from web.texts import N_, _
from web.visit import SessionHash, visit_of
from web.wiring import Wiring

AnyRequest = Request[Any, Any, Any]
DONE = {
    "password": N_("密码已修改，其他登录均已退出。"),
    "session": N_("该登录已退出。"),
    "others": N_("其他登录均已退出。"),
}


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    """The present password, and twice the one that is wished."""

    present: str = ""
    wished: str = ""
    repeated: str = ""


class SessionForm(msgspec.Struct, frozen=True, kw_only=True):
    """Which session shall end; empty: all others."""

    name: str = ""


class PasswordsDiffer(Malformed):
    """The new password was typed in two ways."""

    code = "passwords_differ"
    article = "house: accounts rule 2"
    zh = "两次输入的新密码不一致。"
    en = "The new password was typed in two ways."


@get("/account", opt=dict(SIGNED_IN), include_in_schema=False)
async def show(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Template:
    """Show the account, its roles, when this session ends, and the others."""
    return await _show(request, actor, wiring)


@post("/account/password", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def take_password(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Change the password; this browser goes on with a fresh session, all others are signed out."""
    form, visit = await read_form(request, PasswordForm), visit_of(request)
    username = visit.username or ""
    device = wiring.keys.device_of(username, request.cookies.get(DEVICE_COOKIE, ""))
    try:
        if form.wished != form.repeated:
            raise PasswordsDiffer
        changed = await change_password(
            wiring.db,
            Credentials(username=username, password=form.present),
            form.wished,
            passwords=wiring.passwords,
            origin=Origin(address=visit.address, device=device, channel="browser"),
            now=wiring.real_now(),
        )
    except Refusal as refusal:
        return await _show(request, actor, wiring, refusal)
    for ended in changed.ended:
        await pass_on(wiring, ended)
    return enter(changed.signed_in, wiring, "/account?done=password")


@post("/account/sessions/end", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def end_session(request: AnyRequest, actor: TheActor, wiring: TheWiring) -> Redirect:
    """End the session that is named, or all others if none is."""
    form, now = await read_form(request, SessionForm), wiring.real_now()
    if form.name:
        ended = [await end_own_session(wiring.db, actor.account_id, form.name, now=now)]
    else:
        ended = [*await end_other_sessions(wiring.db, actor.account_id, _own(request), now=now)]
    for one in ended:
        await pass_on(wiring, one)
    return Redirect(f"/account?done={'session' if form.name else 'others'}", status_code=303)


ACCOUNT_PAGES = (show, take_password, end_session)


def _own(request: AnyRequest) -> SessionHash:
    session_hash = visit_of(request).session_hash
    assert session_hash is not None, "the guard lets only sessions in"
    return session_hash


async def _show(request: AnyRequest, actor: Actor, wiring: Wiring, refusal: Refusal | None = None) -> Template:
    own, now = _own(request), wiring.real_now()
    async with wiring.db.reading() as tx:
        found = await store.session_by_hash(tx, own)
        running = await store.running_sessions(tx, actor.account_id, now)
        masked = await masked_of(tx, actor.person_id)
    if found is None:
        raise PageUnknown
    said = DONE.get(request.query_params.get("done", ""))
    return page(
        "account.html",
        status=200 if refusal is None else status_of(refusal),
        found=found,
        roles=sorted(actor.roles),
        masked=masked,
        session_ends_at=ends_at(signed_in_at=found.signed_in_at, seen_at=found.seen_at),
        sessions=[(public_name(one.session_hash), one, one.session_hash == own) for one in running],
        refusal=refusal,
        done=None if said is None or refusal is not None else _(said),
    )
