"""Who may call which route: nobody, unless the route says so.

1. Every route declares ``opt=roles(Role.X, …)``, ``opt=SIGNED_IN`` or ``opt=PUBLIC``; the site does not start with one
   that does not (`check_declared`), and would refuse it anyway.
2. A role opens the door only; the use case checks the actor again, and his part in the case.
3. Every request that may change something and comes from a browser carries a form token (field ``csrf_token`` or
   header ``x-csrf-token``) bound to its session. A bearer token needs none: no foreign page can send it. A route that
   is called by programs without a session (callbacks) says why: ``opt={**PUBLIC, "no_form_token": "signed call"}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute

from auction.kernel.actors import Role, RoleLacking, roles_said
from auction.kernel.errors import NotPermitted
from web.auth.sessions import SignInNeeded
from web.keys import SiteKeys
from web.visit import Visit, visit_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TOKEN_FIELD = "csrf_token"  # noqa: S105 - a field's name
FORM_TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - a header's name
_OWN_SITES = frozenset({"", "same-origin", "none"})

PUBLIC: Mapping[str, Any] = {"public": True}
"""Declares a route for everybody."""
SIGNED_IN: Mapping[str, Any] = {"signed_in": True}
"""Declares a route for everybody with an account, whatever its roles."""


class RouteUndeclared(Exception):
    """A route says neither whom it is for nor that it is public: a mistake of ours, found at start-up."""


class FormExpired(NotPermitted):
    """The form token is missing or belongs to another session (rule 3)."""

    code = "form_expired"
    article = "house: guards rule 3"
    zh = "页面已过期或请求来源不明，请刷新页面后重新提交。"
    en = "This page has expired, or the request came from elsewhere; reload the page and submit again."


def roles(*allowed: Role) -> Mapping[str, Any]:
    """Declare a route for accounts that hold one of these roles."""
    assert allowed, "a route for no role is a route for nobody"
    assert Role.SYSTEM not in allowed, "the product's own workers do not come over HTTP"
    return {"roles": frozenset(allowed)}


def check_declared(app: Litestar) -> None:
    """Raise `RouteUndeclared`, naming every route that does not declare whom it is for (rule 1)."""
    missing = sorted({f"{method} {path}" for method, path, handler in _handlers_of(app) if not _is_declared(handler)})
    if missing:
        raise RouteUndeclared(", ".join(missing))


def require_declared_role(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whom the route declares: `SignInNeeded`, `RoleLacking`, or `RouteUndeclared` if it declares nobody."""
    if handler.opt.get("public") is True:
        return
    if not _is_declared(handler):
        raise RouteUndeclared(str(handler))
    actor = visit_of(connection).actor
    if actor is None:
        raise SignInNeeded
    allowed = handler.opt.get("roles")
    if allowed and actor.roles.isdisjoint(allowed):
        raise RoleLacking(needed=roles_said(allowed), roles=", ".join(sorted(allowed)))


class FormTokenGuard:
    """Checks form tokens (rule 3)."""

    def __init__(self, keys: SiteKeys) -> None:
        """Keep the keys that made the tokens."""
        self.keys = keys

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Refuse with `FormExpired` a browser's unsafe request without its token."""
        request = cast(Request[Any, Any, Any], connection)
        visit = visit_of(request)
        if request.method in SAFE_METHODS or visit.by_bearer or handler.opt.get("no_form_token"):
            return
        if request.headers.get("sec-fetch-site", "") not in _OWN_SITES:
            raise FormExpired
        if not self._fits(visit, await _given_token(request)):
            raise FormExpired

    def _fits(self, visit: Visit, given: str) -> bool:
        if visit.session_hash is None and visit.browser is None:
            return False
        return self.keys.is_form_token(visit.bound_to(), given)


async def _given_token(request: Request[Any, Any, Any]) -> str:
    header = request.headers.get(FORM_TOKEN_HEADER)
    if header is not None:
        return header
    form = await request.form()
    return str(form.get(FORM_TOKEN_FIELD, ""))


def _handlers_of(app: Litestar) -> Iterable[tuple[str, str, BaseRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _model) in route.route_handler_map.items():
                yield str(method), route.path, handler
        else:
            yield "*", route.path, cast(Any, route).route_handler


def _is_declared(handler: BaseRouteHandler) -> bool:
    opt = handler.opt
    named = opt.get("public") is True or opt.get("signed_in") is True or bool(opt.get("roles"))
    return named or _answers_options(handler)


def _answers_options(handler: BaseRouteHandler) -> bool:
    """Whether Litestar itself made this handler, to say which methods an address takes."""
    return getattr(handler, "http_methods", None) == {"OPTIONS"}
