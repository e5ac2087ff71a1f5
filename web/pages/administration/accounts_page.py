"""Accounts for administrators: offices held, what waits for a second administrator, and one account with its steps.

1. Two administrators grant a role or reset a lost second factor: the first one's form proposes, the second one's confirms.
2. A stolen session gives nobody an office: each step asks for the second factor again (security 3).
3. The rules are the use cases' (`grant_role`, `end_role`, `reset_factors`); the page only leaves out buttons that would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from web.auth import accounts
from web.auth.administered import account_shown, offices_held, roles_held, waiting_grants, waiting_resets
from web.auth.end_role import EndRole, end_role
from web.auth.factors.fresh import require_fresh_factor
from web.auth.grant_role import GrantRole, grant_role
from web.auth.guards import roles
from web.auth.reset_factors import CONFIRMED_WITHIN, REASON_MOST, ResetFactors, reset_factors
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, given_by, required

AnyRequest = Request[Any, Any, Any]
PATH = "/administration"
ACCOUNT_PATH = f"{PATH}/account"
ADMINISTRATORS = (Role.ADMINISTRATOR,)
GRANTABLE = tuple(role for role in Role if role is not Role.SYSTEM)


class AccountForm(msgspec.Struct, frozen=True, kw_only=True):
    """A step about one account, as it was typed."""

    command_id: UUID
    username: str = ""
    role: str = ""
    institution: str = ""
    reason: str = ""


@get(PATH, opt=dict(roles(*ADMINISTRATORS)), include_in_schema=False)
async def show_administration(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show what waits for a second administrator, and who holds which office."""
    return await _desk(request, db, actor)


@get(ACCOUNT_PATH, opt=dict(roles(*ADMINISTRATORS)), include_in_schema=False)
async def show_account(request: AnyRequest, db: TheDb, actor: TheActor, username: FromQuery[str] = "") -> Template:
    """Show one account by its whole username, with the steps about it."""
    return await _account(request, db, actor, username)


@post(f"{ACCOUNT_PATH}/grant", opt=dict(roles(*ADMINISTRATORS)), include_in_schema=False, status_code=303)
async def grant_by_form(request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Propose a role, or confirm the one that another administrator proposed."""
    form = await read_form(request, AccountForm)
    try:
        require_fresh_factor(actor)
        command = GrantRole(
            command_id=form.command_id,
            account_id=await _account_id(db, form),
            role=_role(form),
            institution=form.institution.strip() or None,
        )
        state = (await grant_role(db, actor, command)).state
    except Refusal as refusal:
        return await _refused(request, db, actor, form, refusal)
    return _done(form, f"role_{state}")


@post(f"{ACCOUNT_PATH}/end", opt=dict(roles(*ADMINISTRATORS)), include_in_schema=False, status_code=303)
async def end_by_form(request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """End a role, or drop a proposal: one administrator is enough."""
    form = await read_form(request, AccountForm)
    try:
        require_fresh_factor(actor)
        command = EndRole(command_id=form.command_id, account_id=await _account_id(db, form), role=_role(form))
        await end_role(db, actor, command)
    except Refusal as refusal:
        return await _refused(request, db, actor, form, refusal)
    return _done(form, "role_ended")


@post(f"{ACCOUNT_PATH}/reset", opt=dict(roles(*ADMINISTRATORS)), include_in_schema=False, status_code=303)
async def reset_by_form(request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Propose the reset of a lost second factor, or confirm it."""
    form = await read_form(request, AccountForm)
    try:
        require_fresh_factor(actor)
        command = ResetFactors(command_id=form.command_id, account_id=await _account_id(db, form), reason=form.reason)
        state = (await reset_factors(db, actor, command)).state
    except Refusal as refusal:
        return await _refused(request, db, actor, form, refusal)
    return _done(form, f"factors_{state}")


PAGES = (show_administration, show_account, grant_by_form, end_by_form, reset_by_form)


async def _account_id(db: Database, form: AccountForm) -> UUID:
    async with db.reading() as tx:
        found = await account_shown(tx, form.username)
    if found is None:
        raise accounts.AccountUnknown
    return found.account_id


def _role(form: AccountForm) -> Role:
    known = form.role if form.role in {role.value for role in GRANTABLE} else ""
    return Role(required(known, field="role", zh="岗位", en="the role"))


def _done(form: AccountForm, what: str) -> Redirect:
    return Redirect(f"{ACCOUNT_PATH}?{urlencode({'username': form.username, 'done': what})}", status_code=303)


async def _refused(request: AnyRequest, db: Database, actor: Actor, form: AccountForm, refusal: Refusal) -> Template:
    return await _account(request, db, actor, form.username, refusal, await given_by(request))


async def _desk(request: AnyRequest, db: Database, actor: Actor, refusal: Refusal | None = None) -> Template:
    async with db.reading() as tx:
        held, grants, resets = await tx.together(offices_held(tx), waiting_grants(tx), waiting_resets(tx))
    return desk_page(
        request,
        "administration/desk.html",
        refusal=refusal,
        held=held,
        grants=grants,
        resets=resets,
        own=actor.person_id,
    )


async def _account(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    username: str,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        found, held, grants, resets = await tx.together(
            account_shown(tx, username), roles_held(tx, username), waiting_grants(tx), waiting_resets(tx)
        )
    if found is None:
        return await _desk(request, db, actor, refusal or accounts.AccountUnknown())
    return desk_page(
        request,
        "administration/account.html",
        refusal=refusal,
        given=given,
        account=found,
        held=held,
        grants=[one for one in grants if one.account_id == found.account_id],
        resets=[one for one in resets if one.account_id == found.account_id],
        grantable=GRANTABLE,
        own=actor.person_id,
        reason_most=REASON_MOST,
        hours=CONFIRMED_WITHIN.total_seconds() // 3600,
    )
