"""Stages of a made-up case: reached once per run by the real commands, then copied for every test that starts from there.

1. A method of a world that `staged` marks goes from nothing to a stage. The first world of its class that comes there
   leaves a template database and what it remembers (ids, results); the next ones take both instead of going the way.
2. Only a world that nothing has happened in takes a copy: its attributes are as they were made, every table has as
   many rows as in a fresh database, and nobody else is connected. Whoever changes the terms goes the whole way.
3. The world's class, the method and the database that the test began from name the stage.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

import asyncpg
from sqlalchemy.engine import make_url

from auction.kernel.db import Database
from tests import servers

KEPT_OUT = frozenset({"db", "_url", "seal", "as_made"})
"""What belongs to a test and is never remembered: its database, and a port that only looks on."""
TABLES = """SELECT format('SELECT count(*) AS n FROM %I.%I', schemaname, tablename) AS counted FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

_ROWS: dict[str, int] = {}
"""Rows of each template, counted once per worker."""


class Made(type):
    """Class of worlds that remember how they were made, so that a test that gives one other people is seen."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever world it is
        """Make the world and note its attributes."""
        world = super().__call__(*args, **kwargs)
        world.as_made = dict(vars(world))
        return world


class World(Protocol):
    """A world on a database of its own."""

    db: Database
    as_made: dict[str, object]
    _url: str


@runtime_checkable
class Rewired(Protocol):
    """A world that remembers more than ids, some of which has to find its database again."""

    def rewire(self) -> None:
        """Bind what was remembered to the world's database."""


Way = TypeVar("Way", bound=Callable[..., Coroutine[Any, Any, Any]])


def staged(way: Way) -> Way:
    """Mark a way of a world from nothing to a stage; what the way returns can be pickled."""

    @functools.wraps(way)
    async def reach(world: World, *args: object, **changes: object) -> object:
        own = make_url(world._url).database if world._url else None
        if own is None or args or changes or {**vars(world), **world.as_made} != vars(world):
            return await way(world, *args, **changes)
        await world.db.close()  # its pool opens new connections when it is asked again
        if not await _is_untouched(own):
            return await way(world)
        stage = f"{servers.BEGAN_FROM[own]}_{type(world).__module__}_{type(world).__qualname__}_{way.__module__}_{way.__qualname__}"
        name = "fapai_" + hashlib.sha256(stage.encode()).hexdigest()[:16]
        return await _take_or_make(world, name, lambda: way(world))

    return cast("Way", reach)


async def _is_untouched(database: str) -> bool:
    """Whether the database has the rows that it began with, and nobody is in it."""
    template = servers.BEGAN_FROM[database]
    if template not in _ROWS:
        _ROWS[template] = (await _rows(template))[1]
    return await _rows(database) == (0, _ROWS[template])


async def _rows(database: str) -> tuple[int, int]:
    """Give the number of others who are connected, and of all rows of all tables."""
    at = servers.servers()
    connection = await asyncpg.connect(host=at.postgres_socket_dir, user="fapai", database=database)
    try:
        counted = [row["counted"] for row in await connection.fetch(TABLES)]
        rows = await connection.fetchval(f"SELECT sum(n)::bigint FROM ({' UNION ALL '.join(counted)}) AS every")
        return await connection.fetchval(OTHERS), rows
    finally:
        await connection.close()


async def _take_or_make(world: World, stage: str, go: Callable[[], Awaitable[object]]) -> object:
    remembered = servers.run_folder() / f"{stage}.pickle"
    if remembered.exists():
        return await _take(world, stage, remembered)
    given = await go()
    await world.db.close()
    await _keep(world, stage, given, remembered)
    return given


async def _take(world: World, stage: str, remembered: Path) -> object:
    own = make_url(world._url).database
    at = servers.servers()
    await servers.admin(
        at, f"DROP DATABASE {own} WITH (FORCE)", f"CREATE DATABASE {own} TEMPLATE {stage} STRATEGY FILE_COPY"
    )
    attributes, given = pickle.loads(remembered.read_bytes())  # noqa: S301 - written by this run
    world.__dict__.update(attributes)
    if isinstance(world, Rewired):
        world.rewire()
    return cast("object", given)


async def _keep(world: World, stage: str, given: object, remembered: Path) -> None:
    """Copy the database to a template; the first of two workers that came here is enough."""
    with servers.only_one(servers.run_folder() / f"{stage}.lock"):
        if remembered.exists():
            return
        await servers.admin(servers.servers(), f"CREATE DATABASE {stage} TEMPLATE {make_url(world._url).database}")
        attributes = {name: value for name, value in vars(world).items() if name not in KEPT_OUT}
        fresh = remembered.with_suffix(".new")
        fresh.write_bytes(pickle.dumps((attributes, given)))
        fresh.rename(remembered)
