"""The probe's own process is killed or stopped: the room was up all the time, and nobody calls it down (bid-core 23, 25)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from auction.kernel.ids import SessionId
from bidding.availability.evidence import check_evidence, encode_evidence
from bidding.availability.export_evidence import export_evidence
from bidding.availability.signed_spans import ProbeKey
from tests.bidding.availability.measured import FILE_KEY
from tests.bidding.journal.world import World, eventually
from tests.bidding.rooms.house import ORIGIN, PROBE_SEED, RunningGateway, running_gateway

ROOT = Path(__file__).parents[2]
KEY = ProbeKey(PROBE_SEED)
STOPPED_S = 4.0
"""Longer than three probes and their patience."""


@asynccontextmanager
async def probe(world: World, gateway: RunningGateway) -> AsyncIterator[asyncio.subprocess.Process]:
    """``fapai probe`` in a process of its own, ended in good order unless the test has killed it."""
    environment = {
        **os.environ,
        "FAPAI_STAMP": "test",
        "DATABASE_URL": world.url,
        "REDIS_URL": "",
        "FAPAI_SITE_URL": ORIGIN,
        "FAPAI_GATEWAY_URL": gateway.url,
        "FAPAI_PROBE_KEY": PROBE_SEED.hex(),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "web.cli", "probe", cwd=ROOT, env=environment)
    try:
        yield process
        if process.returncode is None:
            process.terminate()
    finally:
        if process.returncode is None:
            await asyncio.wait_for(process.wait(), 15)


async def measuring(world: World, runs: int) -> list[asyncpg.Record]:
    """Wait until so many runs of a probe have seen the open room."""

    async def seen() -> list[asyncpg.Record]:
        rows = await world.fetch("SELECT run_id FROM bidding.probe_run WHERE rooms = 1")
        return rows if len(rows) >= runs else []

    return await eventually(seen, 20)


async def pause(seconds: float) -> None:
    """Let real time pass: what must not happen cannot be waited for."""
    await asyncio.wait([asyncio.create_task(asyncio.sleep(seconds))])


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
async def test_probe_that_is_struck_invents_no_outage(world: World, blow: signal.Signals) -> None:
    """Killed and started anew, or stopped for four seconds: that time is not measured, the rest is up, no court is told."""
    async with world.committer(), running_gateway(world) as gateway:
        await world.owned()
        terms = await world.open("A")
        async with probe(world, gateway) as first:
            await measuring(world, 1)
            await pause(2.5)
            os.kill(first.pid, blow)
            if blow is signal.SIGSTOP:
                await pause(STOPPED_S)
                os.kill(first.pid, signal.SIGCONT)
                await pause(2.5)
        if blow is signal.SIGKILL:
            async with probe(world, gateway):
                await measuring(world, 2)
                await pause(2.5)
    file = await export_evidence(world.db, SessionId(terms.session_id), FILE_KEY)

    assert {one.span.state for one in file.spans} == {"up"}
    assert file.summary.outages == ()
    assert file.summary.not_measured_us > 0
    assert len(file.spans) in (1, 2)  # before and after, or only the longer of them on a machine that is busy
    assert check_evidence(encode_evidence(file), {KEY.key_id: KEY.public, FILE_KEY.key_id: FILE_KEY.public}).is_right
    assert await world.fetch("SELECT 1 FROM bidding.incident") == []
