"""How long one's own session still lasts, and a longer one: what the idle warning of every page asks.

1. Asking how long is left is no use of the session: it ends as it would have (`visit_frame`).
2. Extending is being seen now; nobody stays beyond the longest time of a session, and `may_extend` says so before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post

from web.auth.find_session import see_again
from web.auth.guards import SIGNED_IN
from web.auth.sessions import ABSOLUTE_LIMIT, SignInNeeded, ends_at
from web.auth.store import FoundSession
from web.injected import TheWiring
from web.visit import visit_of
from web.visit_frame import SESSION_LEFT

AnyRequest = Request[Any, Any, Any]


class SessionLeft(msgspec.Struct, frozen=True, kw_only=True):
    """Whole seconds until the session ends if nobody is seen again, and whether extending makes them more."""

    left_s: int
    may_extend: bool


@get(SESSION_LEFT, opt=dict(SIGNED_IN), include_in_schema=False)
async def show_left(request: AnyRequest, wiring: TheWiring) -> SessionLeft:
    """Say how long is left; nobody is seen by it."""
    now = wiring.real_now()
    return _left(await _found(request, wiring, now, is_seen=False), now)


@post(f"{SESSION_LEFT}/extend", opt=dict(SIGNED_IN), include_in_schema=False, status_code=200)
async def extend(request: AnyRequest, wiring: TheWiring) -> SessionLeft:
    """Be seen now, and say how long is left then."""
    now = wiring.real_now()
    return _left(await _found(request, wiring, now, is_seen=True), now)


SESSION_PAGES = (show_left, extend)


async def _found(request: AnyRequest, wiring: TheWiring, now: datetime, *, is_seen: bool) -> FoundSession:
    session_hash = visit_of(request).session_hash
    found = None if session_hash is None else await see_again(wiring.db, session_hash, now=now, is_seen=is_seen)
    if found is None:
        raise SignInNeeded
    return found


def _left(found: FoundSession, now: datetime) -> SessionLeft:
    until = ends_at(signed_in_at=found.signed_in_at, seen_at=found.seen_at)
    is_at_its_longest = until == found.signed_in_at + ABSOLUTE_LIMIT
    return SessionLeft(left_s=max(0, int((until - now).total_seconds())), may_extend=not is_at_its_longest)
