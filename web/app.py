"""The site as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from bidding.availability.store import note_key
from web import errors, health
from web.api import opening, tokens
from web.api.commands import command_router
from web.api.documentation import openapi_config
from web.auth.guards import PUBLIC, FormTokenGuard, check_declared, require_declared_role
from web.auth.sessions import SignInNeeded
from web.forms import refuse_nul
from web.metrics import Metrics
from web.pages import account, home, language, open_account_page, session_page, sign_in_page
from web.pages.factors.routes import FACTOR_PAGES
from web.pages.identity_page import IDENTITY_PAGES
from web.rendering import template_config
from web.visit import visit_of
from web.visit_frame import VisitFrame
from web.wiring import Wiring, check_installation

STATIC_DIR = Path(__file__).parent / "static"
BODY_MAX_BYTES = 1024 * 1024
"""Largest request; a route for uploads declares its own."""
COMPRESSION = CompressionConfig(backend="gzip", minimum_size=1024, gzip_compress_level=5, exclude=["^/pictures/"])
"""Pages, scripts and data travel compressed (W-71); pictures are small already."""


def create_app(wiring: Wiring) -> Litestar:
    """Build the site; raises `RouteUndeclared` if a route does not say whom it is for.

    The databases are looked at when the server starts (`check_installation`), and closed when it stops.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        try:
            await check_installation(wiring)
            evidence = wiring.keys.evidence
            await wiring.db.transact(lambda tx: note_key(tx, evidence.key_id, evidence.public))
            yield
        finally:
            await wiring.close()

    def provide_wiring() -> Wiring:
        return wiring

    def provide_db() -> Database:
        return wiring.db

    def provide_metrics() -> Metrics:
        return metrics

    app = Litestar(
        route_handlers=[*_own_routes(), command_router(wiring.commands, wiring.db, wiring.ports), *wiring.routes],
        dependencies={
            "wiring": Provide(provide_wiring, sync_to_thread=False),
            "db": Provide(provide_db, sync_to_thread=False),
            "metrics": Provide(provide_metrics, sync_to_thread=False),
            "actor": Provide(provide_actor, sync_to_thread=False),
        },
        guards=[require_declared_role, FormTokenGuard(wiring.keys), refuse_nul],
        exception_handlers=errors.handlers(),
        lifespan=[lifespan],
        openapi_config=openapi_config(),
        compression_config=COMPRESSION,
        template_config=template_config(wiring),
        request_max_body_size=BODY_MAX_BYTES,
        logging_config=None,
    )
    check_declared(app)
    app.asgi_handler = VisitFrame(app.asgi_handler, wiring, metrics)
    return app


def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Give who acts; raises `SignInNeeded` on a public route that nobody is signed in to."""
    actor = visit_of(request).actor
    if actor is None:
        raise SignInNeeded
    return actor


def _own_routes() -> Sequence[ControllerRouterHandler]:
    static = create_static_files_router(path="/static", directories=[STATIC_DIR], opt=dict(PUBLIC))
    entering = (sign_in_page.show, sign_in_page.submit, sign_in_page.leave)
    opening_pages = (open_account_page.show, open_account_page.submit)
    pages = (
        home.home,
        *entering,
        *opening_pages,
        *account.ACCOUNT_PAGES,
        *session_page.SESSION_PAGES,
        *IDENTITY_PAGES,
        *FACTOR_PAGES,
        language.choose,
    )
    api = (tokens.api_sign_in, tokens.api_sign_out, tokens.api_account, opening.api_open_account)
    return (static, health.live, health.ready, health.show_metrics, *pages, *api)
