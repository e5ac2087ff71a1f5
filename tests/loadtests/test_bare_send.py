"""The yardstick of a delivery, and what is measured of a process."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from loadtests.bare_send import bare_send_s
from loadtests.house import Process
from loadtests.scenarios.delivery import on_wire


async def test_bare_send_takes_processor_time() -> None:
    """A process of its own sends into all sockets; its price is above nothing and below a millisecond."""
    assert 0 < await bare_send_s(sockets=5, frame_bytes=300, rounds=4, rate=100.0) < 0.001


@pytest.mark.parametrize(("payload", "expected"), [(125, 127), (125.4, 127), (126, 130), (1_500, 1_504)])
def test_frames_are_counted_as_they_are_written(payload: float, expected: int) -> None:
    """A short frame has two bytes of header, a longer one four: the bare sender writes as many."""
    assert expected == on_wire(payload)


async def test_process_is_measured() -> None:
    """Processor time and memory of a process of the product are read where the system tells them."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "sum(range(3_000_000)); print(); input()"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    await running.stdout.readline()
    process = Process("one", running.pid, running)
    cpu_s, own, resident = process.cpu_s(), process.proportional_bytes(), process.resident_bytes()
    running.kill()
    await running.wait()

    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this system does not tell")
    assert cpu_s > 0.005
    assert 500_000 < own <= resident
    assert process.cpu_s() == process.proportional_bytes() == 0
