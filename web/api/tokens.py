"""Sign in and out for programs: a bearer token instead of a cookie."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from auction.kernel.actors import Role
from web.auth.guards import PUBLIC, SIGNED_IN
from web.auth.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from web.auth.sign_in import Credentials, Origin, sign_in
from web.errors import PROBLEM_JSON, Problem
from web.injected import TheActor, TheWiring
from web.leave import leave
from web.visit import visit_of

NO_SESSION_YET = "the request carries its own credentials and sets no cookie"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A session for programs: send ``Authorization: Bearer <token>``."""

    token: str
    account_id: UUID
    idle_seconds: int
    expires_at: datetime


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who the caller is."""

    account_id: UUID
    username: str
    roles: list[Role]


@post(
    "/api/sign-in",
    status_code=200,
    opt={**PUBLIC, "no_form_token": NO_SESSION_YET},
    tags=["account"],
    summary="Sign in",
    operation_id="api_sign_in",
    security=[{}],
    responses={status: ResponseSpec(Problem, media_type=PROBLEM_JSON) for status in (401, 422, 429)},
)
async def api_sign_in(data: JSONBody[Credentials], request: Request[Any, Any, Any], wiring: TheWiring) -> Token:
    """Give a token for username and password; it ends when idle, at its expiry, or at sign-out."""
    now = wiring.real_now()
    signed_in = await sign_in(
        wiring.db,
        data,
        passwords=wiring.passwords,
        origin=Origin(address=visit_of(request).address, device=None, channel="api"),
        now=now,
    )
    return Token(
        token=signed_in.token,
        account_id=signed_in.account_id,
        idle_seconds=int(IDLE_LIMIT.total_seconds()),
        expires_at=now + ABSOLUTE_LIMIT,
    )


@post(
    "/api/sign-out",
    status_code=204,
    opt=dict(SIGNED_IN),
    tags=["account"],
    summary="Sign out",
    operation_id="api_sign_out",
)
async def api_sign_out(request: Request[Any, Any, Any], wiring: TheWiring) -> None:
    """End this session at once."""
    session_hash = visit_of(request).session_hash
    assert session_hash is not None, "the guard lets only sessions in"
    await leave(wiring, session_hash)


@get("/api/account", opt=dict(SIGNED_IN), tags=["account"], summary="Who am I", operation_id="api_account")
async def api_account(request: Request[Any, Any, Any], actor: TheActor) -> Account:
    """Give the caller's account and the roles that it holds now."""
    return Account(account_id=actor.account_id, username=visit_of(request).username or "", roles=sorted(actor.roles))
