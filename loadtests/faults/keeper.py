"""Run the servers and the parts of a house, and keep them running: ``python -m loadtests.faults.keeper FOLDER``.

It is what systemd and the product's supervisor are in production, in one process, so that it can be killed like any other
victim: PostgreSQL and two Redis servers (one is to be the other's replica), and under the product's own `Supervisor` two
committers and two gateways. What to run stands in ``FOLDER/plan.json``; who runs as which process, and where servers are
reached, it keeps writing into ``FOLDER/state.json``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from auction.kernel.stamp import Stamp
from migrations.run import migrate
from web.running.embedded import EmbeddedServer
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey
from web.running.readiness import AcceptsConnections, SaysLine
from web.running.supervisor import Part, Supervisor

WRITE_S: Final = 0.03
HEALTHY_AFTER_S: Final = 1.0
"""Parts are killed every few seconds here: whoever lived so long was ended from outside."""
MIGRATED: Final = "migrated"
POSTGRES: Final = "postgres"
REDIS: Final = ("redis-a", "redis-b")


class PlannedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the product: its command, its settings, and how it is seen to be ready."""

    name: str
    argv: tuple[str, ...]
    env: dict[str, str]
    port: int = 0
    line: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to run; TCP ports of the Redis servers, for each other."""

    parts: tuple[PlannedPart, ...]
    redis_ports: dict[str, int]


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """One process now: its id (zero while it is down), and the address of a server."""

    pid: int = 0
    url: str = ""
    socket: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that runs; ``is_up`` once all did."""

    keeper: int
    is_up: bool
    running: dict[str, Running]


def plan_file(folder: Path) -> Path:
    """Where the plan stands."""
    return folder / "plan.json"


def state_file(folder: Path) -> Path:
    """Where the state stands."""
    return folder / "state.json"


def log_file(folder: Path, part: str) -> Path:
    """Where a part's log stands."""
    return folder / "log" / f"{part}.log"


async def keep(folder: Path) -> None:
    """Run everything until SIGTERM."""
    plan = msgspec.json.decode(plan_file(folder).read_bytes(), type=Plan)
    postgres = EmbeddedPostgres(folder / POSTGRES)
    redis = {name: EmbeddedValkey(folder / name, tcp_port=port) for name, port in plan.redis_ports.items()}
    servers: dict[str, EmbeddedServer] = {POSTGRES: postgres, **redis}
    parts = Supervisor(folder, [_part(one) for one in plan.parts], healthy_after_s=HEALTHY_AFTER_S)
    stop = asyncio.Event()
    writing = asyncio.create_task(_write(folder, servers, parts, [one.name for one in plan.parts]))
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        serving = [server.start() for server in servers.values()]
        if (folder / MIGRATED).exists():  # the parts wait for their servers
            await asyncio.gather(*serving, parts.start())
        else:
            await asyncio.gather(*serving)
            await migrate(postgres.url, Stamp.TEST)
            (folder / MIGRATED).touch()
            await parts.start()
        await stop.wait()
    finally:
        writing.cancel()
        await parts.stop()
        await asyncio.gather(*(server.stop() for server in servers.values()), return_exceptions=True)


def _part(planned: PlannedPart) -> Part:
    readiness = AcceptsConnections("127.0.0.1", planned.port) if planned.port else SaysLine(planned.line)
    return Part(name=planned.name, argv=planned.argv, env=planned.env, readiness=readiness, grace_s=5.0)


async def _write(folder: Path, servers: Mapping[str, EmbeddedServer], parts: Supervisor, names: list[str]) -> None:
    """Keep the state file true."""
    told = None
    while True:
        running = {name: _server(server) for name, server in servers.items()}
        running |= {name: Running(pid=parts.pid_of(name) or 0) for name in names}
        is_up = all(one.pid for one in running.values())
        state = State(keeper=os.getpid(), is_up=is_up, running=running)
        if state != told:
            draft = state_file(folder).with_suffix(".draft")
            draft.write_bytes(msgspec.json.encode(state))
            draft.replace(state_file(folder))
            told = state
        await asyncio.sleep(WRITE_S)


def _server(server: EmbeddedServer) -> Running:
    if isinstance(server, EmbeddedPostgres):
        socket = server.socket_dir / ".s.PGSQL.5432"
    else:
        socket = Path(server.url.removeprefix("unix://").partition("?")[0])
    return Running(pid=server.pid or 0, url=server.url, socket=str(socket))


if __name__ == "__main__":
    asyncio.run(keep(Path(sys.argv[1])))
