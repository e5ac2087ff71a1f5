"""Bank files: statements that one officer brings and another confirms, and the payouts under way as a file for the bank.

Both serve a court whose bank has no line to the house, or whose line is down; what travels over the line needs no hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Template

from auction.fund.channels.bring_statement import BringStatement, bring_statement
from auction.fund.channels.confirm_statement import ConfirmStatement, confirm_statement, statement_files, with_lines
from auction.fund.channels.export_orders import export_orders, orders_under_way
from auction.fund.channels.iso20022.messages import MAX_BYTES, MessageMalformed, MessageTooLarge
from auction.fund.gateway import Bank
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.kernel.money import Money
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.pages.desk import desk_page, done_at, given_by, required
from web.wiring import Wiring

PATH = "/finance/bank-files"
BODY_MAX_BYTES = MAX_BYTES + 64 * 1024
"""A file and the rest of its form."""
COURT = "人民法院"


class BroughtForm(msgspec.Struct, frozen=True, kw_only=True):
    """The command of a file; the file itself is read apart."""

    command_id: UUID


class ConfirmForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the second officer read on the bank's own paper."""

    command_id: UUID
    file_id: UUID
    opening: str = ""
    closing: str = ""
    line_count: int = 0
    compared: str = ""


@get(PATH, opt=dict(roles(Role.FINANCE, Role.CASHIER)), include_in_schema=False)
async def show_bank_files(request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring) -> Template:
    """Show the statements that came as files, and how many payouts wait for the bank."""
    return await _show(request, db, actor, wiring)


@post(
    f"{PATH}/statements",
    opt=dict(roles(Role.FINANCE, Role.CASHIER)),
    include_in_schema=False,
    status_code=303,
    request_max_body_size=BODY_MAX_BYTES,
)
async def bring(request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Take a statement file from the first officer."""
    try:
        text = await _text_of_file(request)
        form = msgspec.convert({"command_id": (await request.form()).get("command_id")}, BroughtForm, strict=False)
        command = BringStatement(
            command_id=form.command_id, file_id=named_id("statement by hand", str(form.command_id)), text=text
        )
        await bring_statement(db, actor, command, bank=bank_of(wiring))
    except Refusal as refusal:
        return await _show(request, db, actor, wiring, refusal=refusal)
    return done_at(PATH, "statement_brought")


@post(f"{PATH}/confirmations", opt=dict(roles(Role.FINANCE)), include_in_schema=False, status_code=303)
async def confirm(request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Take the second officer's confirmation."""
    try:
        form = await read_form(request, ConfirmForm)
        command = ConfirmStatement(
            command_id=form.command_id,
            file_id=form.file_id,
            opening_fen=_fen(form.opening, "opening", zh="期初余额", en="the opening balance"),
            closing_fen=_fen(form.closing, "closing", zh="期末余额", en="the closing balance"),
            line_count=form.line_count,
            lines_compared=form.compared == "yes",
        )
        await confirm_statement(db, actor, command, bank=bank_of(wiring))
    except Refusal as refusal:
        return await _show(request, db, actor, wiring, refusal=refusal, given=await given_by(request))
    return done_at(PATH, "statement_confirmed")


@post(f"{PATH}/orders", opt=dict(roles(Role.CASHIER)), include_in_schema=False, status_code=200)
async def download_orders(
    request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Give the payouts under way as a file for the bank."""
    try:
        file = await export_orders(db, actor, bank=bank_of(wiring), payer=COURT)
    except Refusal as refusal:
        return await _show(request, db, actor, wiring, refusal=refusal)
    headers = {"Content-Disposition": f'attachment; filename="{file.message_id}.pain.001.xml"'}
    return Response(file.body, media_type="application/xml", headers=headers)


def bank_of(wiring: Wiring) -> Bank:
    """Give the court's bank."""
    return cast(Bank, wiring.ports["bank"])


async def _text_of_file(request: Request[Any, Any, Any]) -> str:
    """Read the file of the form; it is text in UTF-8, as the standard says."""
    file = (await request.form()).get("file")
    body = await file.read() if isinstance(file, UploadFile) else b""
    if len(body) > MAX_BYTES:
        raise MessageTooLarge(limit=MAX_BYTES)
    try:
        return required(body.decode("utf-8"), field="file", zh="对账单文件", en="the statement file")
    except UnicodeDecodeError as fault:
        raise MessageMalformed(fault="UTF-8") from fault


def _fen(text: str, field: str, *, zh: str, en: str) -> int:
    return Money.parse_yuan(required(text, field=field, zh=zh, en=en).replace(",", "")).fen


async def _show(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    wiring: Wiring,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        files, waiting = await statement_files(tx), await orders_under_way(tx)
        if Role.FINANCE in actor.roles:
            files = await with_lines(tx, files, person_id=actor.person_id, bank=bank_of(wiring))
    return desk_page(
        request,
        "finance/bank_files.html",
        refusal=refusal,
        given=given,
        files=files,
        waiting=waiting,
        me=actor.person_id,
        is_finance=Role.FINANCE in actor.roles,
        is_cashier=Role.CASHIER in actor.roles,
    )
