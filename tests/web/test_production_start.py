"""Site and worker as processes of a production installation: they start with real partners, and not with sandboxes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import httpx
import pytest

from migrations.run import migrate
from tests.web.test_ports import PRODUCTION, partners_file
from web.ports import NEEDED

PATIENCE_S = 60.0
COMMAND = [sys.executable, "-c", "from web.cli import main; main()"]
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def environment(empty_database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of a production installation whose partners all have addresses of their own."""
    await migrate(empty_database_url, "production")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("FAPAI_", "STRIPE_"))},
        **PRODUCTION,
        "DATABASE_URL": empty_database_url,
        "REDIS_URL": redis_url,
        "FAPAI_TICKET_KEY": "7b" * 32,
        "FAPAI_LINK_KEYS": "2026a:" + "5c" * 32,
        "FAPAI_SITE_URL": "https://auction.court.example",
        "FAPAI_SITE_PORT": str(free_port()),
        "FAPAI_PARTNERS": partners_file(tmp_path, *NEEDED),
    }


async def start(part: str, environment: dict[str, str]) -> Process:
    """Start a process of the product."""
    return await asyncio.create_subprocess_exec(
        *COMMAND, part, cwd=ROOT, env=environment, stdout=PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def end(process: Process) -> int:
    """Ask a process to stop and give its status; one that does not is killed."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
    assert process.returncode is not None
    return process.returncode


async def answers(port: str) -> int:
    """Give the status of the site's readiness once it answers."""
    until = time.monotonic() + PATIENCE_S
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code
            except httpx.TransportError:
                assert time.monotonic() < until, "the site never answered"
            await asyncio.sleep(0.1)


async def test_site_of_production_answers(environment: dict[str, str]) -> None:
    """`fapai web` starts under the production stamp with real addresses of all partners."""
    site = await start("web", environment)
    try:
        assert await answers(environment["FAPAI_SITE_PORT"]) == 200
    finally:
        status = await end(site)
    assert status == -signal.SIGTERM  # the server shuts down in order, then lets the signal through


async def test_worker_of_production_stands_ready(environment: dict[str, str]) -> None:
    """`fapai worker` does as well: it says that it is ready, and ends in good order."""
    worker = await start("worker", environment)
    try:
        assert worker.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while b"worker_ready" not in (line := await worker.stdout.readline()):
                assert line, "the worker ended before it was ready"
    finally:
        status = await end(worker)
    assert status == 0


@pytest.mark.parametrize("part", ["web", "worker"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:8405", "https://127.0.0.1:8405"])
async def test_production_with_a_sandbox_seal_does_not_start(environment: dict[str, str], part: str, url: str) -> None:
    """A seal service on this machine is a sandbox: neither part starts, and the refusal names the entry."""
    partners = Path(environment["FAPAI_PARTNERS"])
    content = json.loads(partners.read_text("utf-8"))
    content["seal"]["url"] = url
    partners.write_text(json.dumps(content), "utf-8")
    process = await start(part, environment)
    async with asyncio.timeout(PATIENCE_S):
        said, _ = await process.communicate()

    assert process.returncode == 1
    assert b"FAPAI_PARTNERS: seal" in said
