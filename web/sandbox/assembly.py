"""Puts one sandbox together: handlers, control, error answers, background loop, and the line before it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, MediaType, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, ControllerRouterHandler, Scope

from web.sandbox.background import Errand, Happen, background
from web.sandbox.book import Book
from web.sandbox.callbacks import Address
from web.sandbox.control import ControlDesk, Orders, order_control, show_control
from web.sandbox.faults import Line
from web.sandbox.refused import Refused

MAX_BODY_BYTES = 256 * 1024

_log = logging.getLogger("fapai.sandbox")


def assemble(
    name: str,
    book: Book,
    handlers: Sequence[ControllerRouterHandler],
    *,
    control_secret: str,
    orders: Orders,
    given: Mapping[str, object],
    happen: Happen,
    address: Address,
    errand: Errand | None = None,
) -> ASGIApp:
    """Build the ASGI app of one sandbox; ``given`` are the objects that its handlers ask for by name."""
    control = ControlDesk(book, control_secret, orders)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        del app
        async with background(book, happen=happen, address=address, errand=errand):
            yield
        book.close()

    app = Litestar(
        [*handlers, order_control, show_control],
        dependencies={key: _provide(value) for key, value in {**given, "control": control}.items()},
        exception_handlers={Refused: answer_refusal},
        after_exception=[_log_failure],
        lifespan=[lifespan],
        openapi_config=None,
        request_max_body_size=MAX_BODY_BYTES,
    )
    return Line(app, book, name)


def _provide(value: object) -> Provide:
    def give() -> Any:  # noqa: ANN401  # Litestar checks it against the handler's own annotation
        return value

    return Provide(give, sync_to_thread=False, use_cache=True)


async def _log_failure(error: Exception, scope: Scope) -> None:
    """Log our own failures; refusals and wrong addresses are answers."""
    if not isinstance(error, Refused | HTTPException):
        _log.error("a call failed", exc_info=error, extra={"path": scope["path"]})


def answer_refusal(request: Request[Any, Any, Any], refused: Refused) -> Response[dict[str, object]]:
    """Answer a refusal in the sandboxes' one shape."""
    del request
    content: dict[str, object] = {"error": {"code": refused.code, "message": refused.message}, "sandbox": True}
    return Response(content, status_code=refused.status, media_type=MediaType.JSON)
