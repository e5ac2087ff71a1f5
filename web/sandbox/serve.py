"""Serve all sandboxes in one process, each on its own loopback port: ``python -m web.sandbox.serve``.

The first line on standard output is ``READY`` and the addresses as JSON; ``connections.json`` in the data folder
tells clients the rest. SIGTERM and SIGINT end it in order; SIGKILL loses nothing that was answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager

import uvicorn
from litestar.types import ASGIApp

from auction.kernel.errors import SettingInvalid
from web.sandbox.connect import Connections, build_apps
from web.sandbox.settings import HOST, Secrets, Settings, read_settings, write_private

BACKLOG = 512
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 5


class _Server(uvicorn.Server):
    """A server that leaves signals to the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none: several servers share one process."""
        yield


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Connections]:
    """Run all sandboxes while the block runs; gives addresses and keys for clients."""
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(closing(_bind(name, port))) for name, port in settings.ports.items()}
        urls = {name: f"http://{HOST}:{listener.getsockname()[1]}" for name, listener in sockets.items()}
        apps, connections = build_apps(settings, Secrets(settings), urls)
        async with _serving([(apps[name], sockets[name]) for name in sockets]):
            write_private(settings.folder / "connections.json", connections)
            yield connections


async def serve(settings: Settings) -> None:
    """Serve until cancelled."""
    async with running(settings):
        await asyncio.Event().wait()


def _bind(name: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise SettingInvalid(name=f"port of {name}", reason=f"{port}: {error.strerror}") from error
    listener.listen(BACKLOG)
    return listener


@asynccontextmanager
async def _serving(pairs: Sequence[tuple[ASGIApp, socket.socket]]) -> AsyncIterator[None]:
    servers = [_Server(_config(app)) for app, _ in pairs]
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for server, (_, listener) in zip(servers, pairs, strict=True)
    ]
    try:
        await _started(servers, tasks)
        yield
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.wait(tasks, timeout=2 * STOP_TIMEOUT_S)


async def _started(servers: Sequence[_Server], tasks: Sequence[asyncio.Task[None]]) -> None:
    async with asyncio.timeout(START_TIMEOUT_S):
        while not all(server.started for server in servers):
            if any(task.done() for task in tasks):
                raise RuntimeError("a sandbox did not start")
            await asyncio.sleep(0.005)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_level="critical", access_log=False, lifespan="on", ws="none", timeout_graceful_shutdown=STOP_TIMEOUT_S
    )


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(settings) as connections:
        _say_ready(connections)
        await stop.wait()


def _say_ready(connections: Mapping[str, Mapping[str, str]]) -> None:
    urls = {name: connection["url"] for name, connection in connections.items() if "url" in connection}
    sys.stdout.write(f"READY {json.dumps(urls)}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the settings and serve until a signal comes."""
    asyncio.run(_main(read_settings(sys.argv[1:], os.environ)))


if __name__ == "__main__":
    main()
