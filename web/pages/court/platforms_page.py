"""The court's page of the platforms' register: enter a published listing, remove a platform on a ground of the law."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Template

from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from valuation.listed_platforms.admission import Conditions
from valuation.listed_platforms.keep_register import (
    KEEPERS,
    ListPlatform,
    RemovePlatform,
    list_platform,
    remove_platform,
)
from valuation.listed_platforms.register import RemovalGround
from valuation.listed_platforms.views import register_shown
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages import desk_words
from web.pages.desk import desk_page, done_at, given_by, required
from web.pages.steps.fields import FingerprintMalformed, WholeMalformed, read_day

PATH = "/court/platforms"
SHA256_LENGTH = 64
DIGITS_MOST = 4


class EntryForm(msgspec.Struct, frozen=True, kw_only=True):
    """A listing as the officer types it."""

    command_id: UUID
    platform_id: str = ""
    platform_name: str = ""
    listed_on: str = ""
    price_kinds: str = ""
    retention_years: str = ""
    licensed: bool = False
    truthful: bool = False
    analysis: bool = False
    sound: bool = False
    document_sha256: str = ""


class RemovalForm(msgspec.Struct, frozen=True, kw_only=True):
    """A removal as the officer types it."""

    command_id: UUID
    removed: str = ""
    ground: RemovalGround | None = None
    reason: str = ""
    removed_on: str = ""
    decision_sha256: str = ""


@get(PATH, opt=dict(roles(*KEEPERS)), include_in_schema=False)
async def show_register(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the register with both forms."""
    return await _page(request, db)


@post(PATH, opt=dict(roles(*KEEPERS)), include_in_schema=False, status_code=303)
async def enter(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Enter a platform."""
    try:
        await list_platform(db, actor, _listing(await read_form(request, EntryForm)))
    except Refusal as refusal:
        return await _page(request, db, refusal=refusal, given=await given_by(request))
    return done_at(PATH, "platform_listed")


@post(f"{PATH}/removal", opt=dict(roles(*KEEPERS)), include_in_schema=False, status_code=303)
async def remove(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Remove a platform."""
    try:
        await remove_platform(db, actor, _removal(await read_form(request, RemovalForm)))
    except Refusal as refusal:
        return await _page(request, db, refusal=refusal, given=await given_by(request))
    return done_at(PATH, "platform_removed")


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        shown = await register_shown(tx)
    return desk_page(
        request,
        "court/platforms.html",
        refusal=refusal,
        given=given or {"listed_on": shown.as_of.isoformat(), "removed_on": shown.as_of.isoformat()},
        register=shown,
        grounds=desk_words.REMOVAL_GROUNDS,
    )


def _listing(form: EntryForm) -> ListPlatform:
    return ListPlatform(
        command_id=form.command_id,
        platform_id=required(form.platform_id, field="platform_id", zh="平台编号", en="the platform's id"),
        platform_name=required(form.platform_name, field="platform_name", zh="平台名称", en="the platform's name"),
        listed_on=_day(form.listed_on, field="listed_on"),
        conditions=Conditions(
            is_licensed=form.licensed,
            price_kinds=_kinds(form.price_kinds),
            data_is_true=form.truthful,
            analyses=form.analysis,
            runs_soundly=form.sound,
            retention_years=_whole(form.retention_years, field="retention_years"),
        ),
        document_sha256=_sha256(form.document_sha256, field="document_sha256"),
    )


def _removal(form: RemovalForm) -> RemovePlatform:
    platform_id = required(form.removed, field="removed", zh="平台", en="the platform")
    required(form.ground, field="ground", zh="除名事由", en="the ground")
    assert form.ground is not None, "required above"
    return RemovePlatform(
        command_id=form.command_id,
        platform_id=platform_id,
        ground=form.ground,
        reason=required(form.reason, field="reason", zh="事实和理由", en="facts and reasons"),
        removed_on=_day(form.removed_on, field="removed_on"),
        document_sha256=_sha256(form.decision_sha256, field="decision_sha256"),
    )


def _day(typed: str, *, field: str) -> date:
    try:
        return date.fromisoformat(read_day(required(typed, field=field, zh="日期", en="the day")))
    except Refusal as refusal:
        refusal.facts.setdefault("field", field)
        raise


def _kinds(typed: str) -> tuple[str, ...]:
    """Read kinds that are separated by commas of either script."""
    given = required(typed, field="price_kinds", zh="价格数据种类", en="the kinds of price data")
    parts = [part.strip() for part in given.replace("、", ",").replace("，", ",").split(",")]
    return tuple(part for part in parts if part)


def _whole(typed: str, *, field: str) -> int:
    given = required(typed, field=field, zh="数目", en="the number")
    if not given.isascii() or not given.isdigit() or len(given) > DIGITS_MOST:
        raise WholeMalformed(field=field, given=given[:40])
    return int(given)


def _sha256(typed: str, *, field: str) -> str:
    given = required(typed, field=field, zh="文件指纹", en="the fingerprint of the paper").lower()
    if len(given) != SHA256_LENGTH or any(letter not in "0123456789abcdef" for letter in given):
        raise FingerprintMalformed(field=field, given=given[:80])
    return given
