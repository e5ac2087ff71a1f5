"""Whether the site lives, whether it can serve, and what it has counted."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.db import Database
from web.auth.guards import PUBLIC
from web.client_address import is_from_this_machine
from web.errors import AccessDenied
from web.injected import TheMetrics, TheWiring
from web.wiring import Wiring

CHECK_TIMEOUT_S = 2.0
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the servers that the site needs answer."""

    postgres: bool
    redis: bool


@get("/health/live", opt=dict(PUBLIC), include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, bool]:
    """Say that this process answers."""
    return {"live": True}


@get("/health/ready", opt=dict(PUBLIC), include_in_schema=False)
async def ready(wiring: TheWiring) -> Response[Readiness]:
    """Say whether PostgreSQL and Redis answer: 200 if both do, else 503."""
    postgres, redis = await asyncio.gather(_postgres_answers(wiring.db), _redis_answers(wiring))
    return Response(Readiness(postgres=postgres, redis=redis), status_code=200 if postgres and redis else 503)


@get("/metrics", opt=dict(PUBLIC), include_in_schema=False, media_type=METRICS_TYPE)
async def show_metrics(request: Request[Any, Any, Any], metrics: TheMetrics, wiring: TheWiring) -> bytes:
    """Give the counters, and the state of the installation, to a process of this machine; to nobody else, proxied or not."""
    if not is_from_this_machine(request):
        raise AccessDenied
    await metrics.state.read(wiring.db)
    return metrics.render()


async def _postgres_answers(db: Database) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S), db.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True


async def _redis_answers(wiring: Wiring) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return all([await server.ping() for server in await wiring.nodes.primaries()])
    except (RedisError, OSError, TimeoutError):
        return False
