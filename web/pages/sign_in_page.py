"""The sign-in page, and leaving."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from auction.kernel.errors import Refusal
from web.auth.factors.factor_store import HALF_FOR
from web.auth.guards import PUBLIC, SIGNED_IN
from web.auth.sign_in import Credentials, HalfSignedIn, Origin, SignedIn, SignInWrong, begin_sign_in
from web.auth.throttle import TooManyAttempts
from web.cookies import DEVICE_COOKIE, HALF_COOKIE, YEAR_S, cookie, session_cookie_name
from web.errors import status_of
from web.forms import read_form, safe_path
from web.injected import TheWiring
from web.leave import leave as end_session
from web.rendering import page
from web.visit import visit_of
from web.wiring import Wiring


class SignInForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the sign-in page sends; missing fields are simply wrong."""

    username: str = ""
    password: str = ""
    next: str = "/"


@get("/sign-in", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def show(request: Request[Any, Any, Any]) -> Template:
    """Show the form; ``next`` says where to go on."""
    return page(
        "sign_in.html",
        next_path=safe_path(request.query_params.get("next", "/")),
        username="",
        refusal=None,
        opened="opened" in request.query_params,
    )


@post("/sign-in", opt=dict(PUBLIC), include_in_schema=False, status_code=303)
async def submit(request: Request[Any, Any, Any], wiring: TheWiring) -> Response[Any]:
    """Sign in: a fresh session in place of the one that this browser had, or the form again with what is wrong."""
    form = await read_form(request, SignInForm)
    visit = visit_of(request)
    mark = request.cookies.get(DEVICE_COOKIE, "")
    origin = Origin(
        address=visit.address, device=wiring.keys.device_of(form.username.strip().lower(), mark), channel="browser"
    )
    try:
        signed_in = await begin_sign_in(
            wiring.db,
            Credentials(username=form.username, password=form.password),
            passwords=wiring.passwords,
            origin=origin,
            now=wiring.real_now(),
            replaces=visit.session_hash,
        )
    except (SignInWrong, TooManyAttempts) as refusal:
        path = safe_path(form.next)
        return _form(next_path=path, username=form.username, refusal=refusal, status=status_of(refusal))
    if isinstance(signed_in, HalfSignedIn):
        return _ask_for_factor(signed_in, wiring, safe_path(form.next))
    return enter(signed_in, wiring, safe_path(form.next))


@post("/sign-out", opt=dict(SIGNED_IN), include_in_schema=False, status_code=303)
async def leave(request: Request[Any, Any, Any], wiring: TheWiring) -> Redirect:
    """End this session and go to the home page."""
    session_hash = visit_of(request).session_hash
    assert session_hash is not None, "the guard lets only sessions in"
    await end_session(wiring, session_hash)
    gone = cookie(session_cookie_name(wiring.is_https), "", secure=wiring.is_https, max_age_s=0)
    return Redirect("/", status_code=303, cookies=[gone])


def _form(*, next_path: str, username: str, refusal: Refusal | None, status: int) -> Template:
    return page("sign_in.html", status=status, next_path=next_path, username=username, refusal=refusal, opened=False)


def _ask_for_factor(half: HalfSignedIn, wiring: Wiring, path: str) -> Redirect:
    """Go on to the page of the code, with the half of the sign-in in a cookie."""
    waiting = cookie(HALF_COOKIE, half.token, secure=wiring.is_https, max_age_s=int(HALF_FOR.total_seconds()))
    return Redirect(f"/sign-in/code?{urlencode({'next': path})}", status_code=303, cookies=[waiting])


def enter(signed_in: SignedIn, wiring: Wiring, path: str) -> Redirect:
    """Go on with a fresh session: its cookie, and the mark of this device."""
    secure = wiring.is_https
    session = cookie(session_cookie_name(secure), signed_in.token, secure=secure, max_age_s=None)
    device = cookie(DEVICE_COOKIE, wiring.keys.device_mark(signed_in.username), secure=secure, max_age_s=YEAR_S)
    half = cookie(HALF_COOKIE, "", secure=secure, max_age_s=0)
    return Redirect(path, status_code=303, cookies=[session, device, half])
