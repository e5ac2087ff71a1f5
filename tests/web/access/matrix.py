"""The access matrix: every role at every route, with a thing of its own case and with one of a case of others.

1. *door*: whom the route lets in, asked of the site's own guard for each role and for nobody; that it stands before every route is
   shown over HTTP (`test_closed_doors_are_closed_over_http`).
2. *part*, *stranger*: what a page or query with an id answers to whoever has a part in the case, and to the same office
   without one. Steps are given by strangers only, for whoever has a part would take them.
3. *unknown*: nothing of this kind stands in the made-up case, so that nobody could be told apart here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, cast

import httpx
from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler

from auction.kernel.actors import Actor, Role
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId, new_id
from web.auth.guards import require_declared_role
from web.visit import Visit

ASKED = (*(role for role in Role if role is not Role.SYSTEM),)
EVERYBODY = "everybody"
ANY_ACCOUNT = "any account"


def door_of(handler: HTTPRouteHandler) -> tuple[str, ...]:
    """Give the roles that the guard lets in, in a fixed order; ``everybody`` if it lets in nobody-signed-in too."""
    if _lets_in(handler, None):
        return (EVERYBODY,)
    return tuple(sorted(role.value for role in ASKED if _lets_in(handler, role)))


def _lets_in(handler: HTTPRouteHandler, role: Role | None) -> bool:
    actor = None
    if role is not None:
        actor = Actor(account_id=AccountId(new_id()), person_id=PersonId(new_id()), roles=frozenset({role}))
    visit = Visit(locale="zh", address="203.0.113.7", actor=actor)
    scope = cast(Any, {"type": "http", "state": {"visit": visit}, "headers": []})
    try:
        require_declared_role(ASGIConnection(scope), handler)
    except Refusal:
        return False
    return True


def door_said(door: tuple[str, ...]) -> list[str]:
    """Give the line that says whom a route lets in."""
    return lines_of("door", dict.fromkeys((ANY_ACCOUNT,) if len(door) == len(ASKED) else door, "open to"))


def outcome_of(answer: httpx.Response) -> str:
    """Say in a word what became of a request."""
    status = answer.status_code
    if status < 400:
        return "allowed"
    words = {401: "refused", 403: "refused", 404: "not found", 409: "not now", 422: "malformed or not now"}
    return words.get(status, f"status {status}")


def lines_of(heading: str, outcomes: Mapping[str, str]) -> list[str]:
    """Give the lines of one row: outcomes with the roles that met them."""
    met: dict[str, list[str]] = defaultdict(list)
    for role, outcome in sorted(outcomes.items()):
        met[outcome].append(role)
    return [f"    {heading:<9} {outcome}: {' '.join(roles)}" for outcome, roles in sorted(met.items())]


def written(rows: Iterable[tuple[str, list[str]]]) -> str:
    """Give the matrix as it is committed: routes by address, then by method."""
    ordered = sorted(rows, key=lambda row: tuple(reversed(row[0].split(" ", 1))))
    return "\n".join(line for name, lines in ordered for line in (name, *lines)) + "\n"
