"""The court's counter: a clerk verifies the owner of an account, or hands a code for opening one, to who stands there."""

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
from web.auth.issue_opening_code import IssueOpeningCode, issue_opening_code
from web.auth.verify_identity import IdentityDocument, VerifyIdentity, verify_identity
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.service_record import DayMalformed
from web.texts import N_

PATH = "/counter"
CODE_PATH = f"{PATH}/opening-code"
CODE_TEMPLATE = "court/opening_code.html"
CLERKS = (Role.CLERK,)
DOCUMENTS: dict[str, str] = {
    "resident_card": N_("居民身份证"),
    "temporary_card": N_("临时居民身份证"),
    "residence_permit": N_("港澳台居民居住证"),
}
"""Documents by their stored word."""


class DocumentForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the clerk reads in the document; ``compared`` says that he compared it with the person before him."""

    command_id: UUID
    name: str = ""
    identity_number: str = ""
    document: IdentityDocument | None = None
    valid_until: str = ""
    compared: bool = False


class CounterForm(DocumentForm, frozen=True, kw_only=True):
    """The document of an account's owner."""

    username: str = ""


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


@get(CODE_PATH, opt=dict(roles(*CLERKS)), include_in_schema=False)
async def show_code_form(request: Request[Any, Any, Any]) -> Template:
    """Ask for what stands in the identity document."""
    return desk_page(request, CODE_TEMPLATE, issued=None, documents=DOCUMENTS)


@post(CODE_PATH, opt=dict(roles(*CLERKS)), include_in_schema=False, status_code=200)
async def issue_code(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the code on the answer itself: it must stand in no address, and loading the page again shows it no more."""
    try:
        issued = await issue_opening_code(db, actor, _code_command(await read_form(request, DocumentForm)))
    except Refusal as refusal:
        return desk_page(request, CODE_TEMPLATE, refusal=refusal, issued=None, documents=DOCUMENTS)
    return desk_page(request, CODE_TEMPLATE, issued=issued, documents=DOCUMENTS)


def _command(form: CounterForm) -> VerifyIdentity:
    document, name, identity_number = _read(form)
    return VerifyIdentity(
        command_id=form.command_id,
        username=required(form.username, field="username", zh="用户名", en="the username"),
        name=name,
        identity_number=identity_number,
        document=document,
        valid_until=_day(form.valid_until),
    )


def _code_command(form: DocumentForm) -> IssueOpeningCode:
    document, name, identity_number = _read(form)
    return IssueOpeningCode(
        command_id=form.command_id,
        name=name,
        identity_number=identity_number,
        document=document,
        valid_until=_day(form.valid_until),
    )


def _read(form: DocumentForm) -> tuple[IdentityDocument, str, str]:
    required("1" if form.compared else "", field="compared", zh="人证核对", en="that you compared person and document")
    required(form.document, field="document", zh="证件种类", en="the kind of document")
    assert form.document is not None, "required above"
    name = required(form.name, field="name", zh="证件姓名", en="the name in the document")
    number = required(form.identity_number, field="identity_number", zh="证件号码", en="the number in the document")
    return form.document, name, number


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayMalformed(field="valid_until", given=text) from None
