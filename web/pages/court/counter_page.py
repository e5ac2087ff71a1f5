"""The court's counter: a clerk verifies the identity of an account's owner who stands before him."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Template

from auction.kernel.actors import Role
from auction.kernel.errors import Refusal
from web.auth.guards import roles
from web.auth.verify_identity import IdentityDocument, VerifyIdentity, verify_identity
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.service_record import DayMalformed
from web.texts import N_

PATH = "/counter"
CLERKS = (Role.CLERK,)
DOCUMENTS: dict[str, str] = {
    "resident_card": N_("居民身份证"),
    "temporary_card": N_("临时居民身份证"),
    "residence_permit": N_("港澳台居民居住证"),
}
"""Documents by their stored word."""


class CounterForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the clerk reads in the document; ``compared`` says that he compared it with the person before him."""

    command_id: UUID
    username: str = ""
    name: str = ""
    identity_number: str = ""
    document: IdentityDocument | None = None
    valid_until: str = ""
    compared: bool = False


@get(PATH, opt=dict(roles(*CLERKS)), include_in_schema=False)
async def show_counter(request: Request[Any, Any, Any]) -> Template:
    """Ask for the account and for what stands in the identity document."""
    return desk_page(request, "court/counter.html", documents=DOCUMENTS)


@post(PATH, opt=dict(roles(*CLERKS)), include_in_schema=False, status_code=303)
async def verify(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Verify the identity; what was typed of a person is never shown again."""
    try:
        await verify_identity(db, actor, _command(await read_form(request, CounterForm)))
    except Refusal as refusal:
        given = {"username": (await given_by(request)).get("username", "")}
        return desk_page(request, "court/counter.html", refusal=refusal, given=given, documents=DOCUMENTS)
    return done_at(PATH, "identity_verified")


def _command(form: CounterForm) -> VerifyIdentity:
    required("1" if form.compared else "", field="compared", zh="人证核对", en="that you compared person and document")
    required(form.document, field="document", zh="证件种类", en="the kind of document")
    assert form.document is not None, "required above"
    return VerifyIdentity(
        command_id=form.command_id,
        username=required(form.username, field="username", zh="用户名", en="the username"),
        name=required(form.name, field="name", zh="证件姓名", en="the name in the document"),
        identity_number=required(
            form.identity_number, field="identity_number", zh="证件号码", en="the number in the document"
        ),
        document=form.document,
        valid_until=_day(form.valid_until),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayMalformed(field="valid_until", given=text) from None
