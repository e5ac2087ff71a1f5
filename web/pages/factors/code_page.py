"""The second page of signing in: the code of the authenticator, or a recovery code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from auction.kernel.errors import Refusal
from web.auth.factors.totp import SecondFactorWrong
from web.auth.guards import PUBLIC
from web.auth.sign_in import Origin, SignInWaitedTooLong, account_of_half, finish_sign_in
from web.auth.throttle import TooManyAttempts
from web.cookies import HALF_COOKIE
from web.errors import status_of
from web.forms import read_form, safe_path
from web.injected import TheWiring
from web.pages.sign_in_page import enter
from web.rendering import page
from web.visit import visit_of

AnyRequest = Request[Any, Any, Any]


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    """A code, and where to go on."""

    code: str = ""
    next: str = "/"


@get("/sign-in/code", opt=dict(PUBLIC), include_in_schema=False)
async def show(request: AnyRequest, wiring: TheWiring) -> Response[Any]:
    """Ask for the code; without a sign-in that waits for one, begin at the sign-in page."""
    half, path = request.cookies.get(HALF_COOKIE, ""), safe_path(request.query_params.get("next", "/"))
    try:
        await wiring.db.transact(lambda tx: account_of_half(tx, half, wiring.real_now()))
    except SignInWaitedTooLong:
        return Redirect(f"/sign-in?{urlencode({'next': path})}", status_code=303)
    return _page(path, None)


@post("/sign-in/code", opt=dict(PUBLIC), include_in_schema=False, status_code=303)
async def submit(request: AnyRequest, wiring: TheWiring) -> Response[Any]:
    """Finish the sign-in, or ask again and say what is wrong."""
    form, visit = await read_form(request, CodeForm), visit_of(request)
    path = safe_path(form.next)
    try:
        signed_in = await finish_sign_in(
            wiring.db,
            request.cookies.get(HALF_COOKIE, ""),
            form.code,
            origin=Origin(address=visit.address, device=None, channel="browser"),
            now=wiring.real_now(),
            replaces=visit.session_hash,
        )
    except (SecondFactorWrong, TooManyAttempts) as refusal:
        return _page(path, refusal)
    except SignInWaitedTooLong as refusal:
        return page("sign_in.html", status=status_of(refusal), next_path=path, refusal=refusal, opened=False)
    return enter(signed_in, wiring, path)


PAGES = (show, submit)


def _page(path: str, refusal: Refusal | None) -> Template:
    status = 200 if refusal is None else status_of(refusal)
    return page("factors/code.html", status=status, next_path=path, refusal=refusal)
