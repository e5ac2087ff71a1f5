"""The page on which a person opens an account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect, Template

from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from web.auth.guards import PUBLIC
from web.auth.open_account import OpenAccount, count_opening, open_account
from web.auth.opening_codes import VALID_HOURS
from web.errors import status_of
from web.forms import read_form, safe_path
from web.injected import TheWiring
from web.rendering import page
from web.visit import visit_of

FIELD_OF: dict[str, str] = {
    "account_name_malformed": "name",
    "identity_number_invalid": "identity_number",
    "opening_needs_counter": "opening_code",
    "opening_code_wrong": "opening_code",
    "person_has_account": "identity_number",
    "person_name_differs": "name",
    "username_malformed": "username",
    "username_taken": "username",
    "password_weak": "password",
}
"""Which field a refusal is about; others are about the whole form and get their own page."""


class OpeningForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the page sends; a missing field is refused by the rule that it breaks."""

    command_id: UUID
    username: str = ""
    password: str = ""
    name: str = ""
    identity_number: str = ""
    opening_code: str = ""
    next: str = "/"
    """Where to go on after the first sign-in."""


@get("/open-account", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def show(request: Request[Any, Any, Any]) -> Template:
    """Show the empty form; ``next`` says where to go on after signing in."""
    return _form(OpeningForm(command_id=new_id(), next=request.query_params.get("next", "/")), None)


@post("/open-account", opt=dict(PUBLIC), include_in_schema=False, status_code=303)
async def submit(request: Request[Any, Any, Any], wiring: TheWiring) -> Response[Any]:
    """Open the account and go on to sign in, or show the form again with what is wrong; never password or code."""
    form = await read_form(request, OpeningForm)
    await count_opening(wiring.db, visit_of(request).address, now=wiring.real_now())
    command = OpenAccount(
        command_id=form.command_id,
        username=form.username.strip().lower(),
        password=form.password,
        name=form.name,
        identity_number=form.identity_number,
        opening_code=form.opening_code,
        locale=visit_of(request).locale,
    )
    try:
        await open_account(wiring.db, command, passwords=wiring.passwords)
    except Refusal as refusal:
        if refusal.code not in FIELD_OF:
            raise
        return _form(form, refusal)
    path = safe_path(form.next)
    on = "" if path == "/" else f"&{urlencode({'next': path})}"
    return Redirect(f"/sign-in?opened=1{on}", status_code=303)


def _form(form: OpeningForm, refusal: Refusal | None) -> Template:
    """Show the form; its next sending is a new command, for a refused one was not carried out."""
    return page(
        "open_account.html",
        status=200 if refusal is None else status_of(refusal),
        form=form,
        next_path=safe_path(form.next),
        command_id=new_id(),
        code_hours=VALID_HOURS,
        refusal=refusal,
        wrong_field=None if refusal is None else FIELD_OF[refusal.code],
    )
