"""The frame around the whole application: session, language, script nonce, measuring, security headers.

It stands outside the router, so that an unknown address gets its error page in the right language too.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from web import errors, texts
from web.auth.factors.fresh import is_fresh
from web.auth.find_session import TOKEN_MAX, find_session
from web.auth.sessions import ends_at, hash_of
from web.auth.store import FoundSession
from web.client_address import client_address
from web.cookies import BROWSER_COOKIE, LOCALE_COOKIE, session_cookie_name, set_cookie
from web.metrics import Metrics
from web.rate import PREFIX as COUNTED
from web.rate import count_request
from web.visit import SessionHash, Visit
from web.wiring import Wiring

BEARER = "bearer "
PICTURES = "/pictures/"
"""Where files of pictures stand: the same for everybody."""
SESSION_LEFT = "/account/session"
"""Where a page asks how long the session still lasts: no use of it."""
_QUIET_PATHS = ("/static/", PICTURES, "/health/", "/metrics")
_SHARED_PATHS = ("/static/", PICTURES)
"""Paths that need neither session nor language; the shared ones may be kept for whoever asks."""


class VisitFrame:
    """The outermost layer of the site."""

    def __init__(self, app: ASGIApp, wiring: Wiring, metrics: Metrics) -> None:
        """Stand around ``app``."""
        self.app = app
        self.wiring = wiring
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope, receive=receive, send=send)
        visit = self._first_look(request)
        scope["state"]["visit"] = visit
        started = time.perf_counter()
        status, begun = 500, False

        async def send_framed(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                self._add_headers(message, visit, scope["path"])
            await send(message)

        try:
            await self._serve(request, visit, receive, send_framed)
        except Exception as fault:
            if begun:
                raise
            answer = errors.last_answer(request, fault)  # even the error page failed
            await answer.to_asgi_response(app=None, request=request)(scope, receive, send_framed)
        finally:
            self.metrics.note(scope, status, time.perf_counter() - started)

    async def _serve(self, request: Request[Any, Any, Any], visit: Visit, receive: Receive, send: Send) -> None:
        """Find the session, then let the application answer, in the visit's language."""
        try:
            if not request.scope["path"].startswith(_QUIET_PATHS):
                await self._find_session(request, visit)
            if request.scope["path"].startswith(COUNTED):
                await self._count(visit)
        except Exception as fault:  # noqa: BLE001 - the outermost layer: becomes an answer with an incident number
            with texts.speaking(visit.locale):
                answer = errors.answer(request, fault)
                await answer.to_asgi_response(app=None, request=request)(request.scope, receive, send)
            return
        with texts.speaking(visit.locale):
            await self.app(request.scope, receive, send)

    async def _count(self, visit: Visit) -> None:
        """Count a request for open data; raises `TooManyRequests`."""
        now = self.wiring.real_now()
        visit.rate = await count_request(self.wiring.nodes, self.wiring.db.sealer, visit.address, now=now)
        if visit.rate is not None:
            visit.rate.require()

    def _first_look(self, request: Request[Any, Any, Any]) -> Visit:
        chosen = texts.read_locale(request.cookies.get(LOCALE_COOKIE))
        return Visit(
            locale=chosen or texts.negotiate(request.headers.get("accept-language", "")),
            address=client_address(request, self.wiring.trusted_proxies),
            browser=request.cookies.get(BROWSER_COOKIE) or None,
        )

    async def _find_session(self, request: Request[Any, Any, Any], visit: Visit) -> None:
        authorization = request.headers.get("authorization", "")
        visit.by_bearer = authorization.lower().startswith(BEARER)
        cookie = request.cookies.get(session_cookie_name(self.wiring.is_https), "")
        token = authorization[len(BEARER) :].strip() if visit.by_bearer else cookie
        if not token or len(token) > TOKEN_MAX:
            return
        session_hash = hash_of(token)
        now, is_seen = self.wiring.real_now(), request.scope["path"] != SESSION_LEFT
        found = await find_session(self.wiring.db, session_hash, now=now, is_seen=is_seen)
        channel = "api" if visit.by_bearer else "browser"
        if found is not None and found.channel == channel:
            self._recognise(request, visit, found, session_hash)

    def _recognise(
        self, request: Request[Any, Any, Any], visit: Visit, found: FoundSession, session_hash: SessionHash
    ) -> None:
        visit.session_hash = session_hash
        fresh = is_fresh(
            has_factor=found.has_factor,
            is_sample=found.is_sample,
            proven_at=found.proven_at,
            now=self.wiring.real_now(),
        )
        visit.actor = msgspec.structs.replace(found.actor, has_fresh_factor=fresh)
        visit.username = found.username
        until = ends_at(signed_in_at=found.signed_in_at, seen_at=found.seen_at)
        visit.session_left_s = max(0, int((until - self.wiring.real_now()).total_seconds()))
        visit.is_sample = found.is_sample
        own = texts.read_locale(found.locale)
        if own is not None and texts.read_locale(request.cookies.get(LOCALE_COOKIE)) is None:
            visit.locale = own

    def _add_headers(self, message: HTTPResponseStartEvent, visit: Visit, path: str) -> None:
        headers = MutableScopeHeaders.from_message(message)
        for name, value in self.wiring.security_headers.items():
            headers.setdefault(name, value.replace("{nonce}", visit.nonce))
        for name, value in ({} if visit.rate is None else visit.rate.headers).items():
            headers.setdefault(name, value)
        if visit.new_browser:
            assert visit.browser is not None, "a new browser was given a name"
            set_cookie(headers, BROWSER_COOKIE, visit.browser, secure=self.wiring.is_https, max_age_s=None)
        if not path.startswith(_SHARED_PATHS):
            headers.setdefault("cache-control", "no-store" if visit.actor is not None else "no-cache")
            headers.add("vary", "Cookie, Accept-Language")
