"""The supervisor restarts what dies, stops in reverse order, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from web.running import supervisor as supervising
from web.running.processes import FolderHeld, FolderLock, ServerFailed, poll
from web.running.readiness import AcceptsConnections, AnswersHttp, SaysLine
from web.running.supervisor import Part, Supervisor

ROOT = Path(__file__).parents[3]
WITHIN_S = 20.0
# Says that it is ready, and on SIGTERM says so and ends.
CHILD = """
import signal, sys, time
def end(*_):
    print("stopped", sys.argv[1], time.monotonic_ns(), flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", sys.argv[1], flush=True)
while True: signal.pause()
"""
# A supervisor of two children, as a process that can be killed.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from web.running.readiness import SaysLine
from web.running.supervisor import Part, Supervisor
child, folder = sys.argv[1:]
parts = [Part(n, [sys.executable, "-c", child, n], readiness=SaysLine("ready")) for n in ("one", "two")]
asyncio.run(Supervisor(Path(folder), parts, say=lambda line: print(line, flush=True)).run())
"""


def _part(name: str) -> Part:
    return Part(name, [sys.executable, "-c", CHILD, name], readiness=SaysLine("ready"))


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def _eventually(happened: Callable[[], bool]) -> None:
    assert await poll(happened, WITHIN_S), "did not happen in time"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Supervisor]:
    """A started supervisor of two parts."""
    supervisor = Supervisor(tmp_path, [_part("one"), _part("two")])
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def test_killed_part_is_started_again(running: Supervisor) -> None:
    """A part that is killed comes back as a new process; the other stays."""
    first, other = running.pid_of("one"), running.pid_of("two")
    assert first is not None
    os.kill(first, signal.SIGKILL)

    await _eventually(lambda: running.pid_of("one") not in (None, first))

    assert running.pid_of("two") == other


async def test_parts_stop_in_reverse_order(running: Supervisor) -> None:
    """A clean stop asks the last part first and waits for it."""
    await running.stop()

    stopped_at = {name: int(running.log_of(name).read_text("utf-8").split()[-1]) for name in ("one", "two")}
    assert stopped_at["two"] < stopped_at["one"]


async def test_stop_twice_is_harmless(running: Supervisor) -> None:
    """A second stop changes nothing."""
    await running.stop()
    await running.stop()

    assert running.pid_of("one") is None


async def test_second_supervisor_says_who_holds_the_folder(running: Supervisor, tmp_path: Path) -> None:
    """A second start on one data folder names the process that holds it and starts nothing."""
    second = Supervisor(tmp_path, [_part("three")])

    with pytest.raises(FolderHeld) as held:
        await second.start(wait_s=0)

    assert held.value.holder == {"pid": os.getpid()}
    assert not second.log_of("three").exists()
    assert running.pid_of("one") is not None


async def test_part_that_cannot_start_fails_with_its_log(tmp_path: Path) -> None:
    """A part that ends before it is ready fails the start, shows its output, and ends the parts beside it."""
    broken = Part("broken", [sys.executable, "-c", "raise SystemExit('no such thing')"], readiness=SaysLine("ready"))
    supervisor = Supervisor(tmp_path, [_part("one"), broken])

    with pytest.raises(ServerFailed, match="no such thing"):
        await supervisor.start()

    # The parts share the folder's lock, so it is free only when all of them are gone.
    lock = FolderLock(tmp_path / "supervisor")
    await lock.take(wait_s=0)
    lock.release()


async def test_part_that_keeps_dying_stops_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the named number of quick deaths the supervisor stops all parts and fails."""
    monkeypatch.setattr(supervising, "PAUSE_FIRST_S", 0.001)
    supervisor = Supervisor(tmp_path, [_part("one"), Part("brief", [sys.executable, "-c", "print('life')"])])

    with pytest.raises(ServerFailed, match=f"brief died {supervising.DEATHS_IN_A_ROW} times"):
        await supervisor.run()

    assert supervisor.pid_of("one") is None
    assert supervisor.log_of("brief").read_text("utf-8").count("life") == supervising.DEATHS_IN_A_ROW


async def _start_program(folder: Path) -> tuple[asyncio.subprocess.Process, dict[str, int]]:
    """Start a supervisor as a process; give it and the process ids of its parts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, CHILD, str(folder)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    pids = {}
    for _ in range(2):
        line = (await asyncio.wait_for(process.stdout.readline(), WITHIN_S)).decode()
        name, _, pid = line.partition(": ready (process ")
        pids[name] = int(pid.removesuffix(")\n"))
    return process, pids


async def test_parts_die_with_a_killed_supervisor_and_start_works_again(tmp_path: Path) -> None:
    """SIGKILL of the supervisor takes its parts along, and the next start works at once."""
    process, pids = await _start_program(tmp_path)
    process.kill()
    await process.wait()

    await _eventually(lambda: not any(map(_lives, pids.values())))

    again = Supervisor(tmp_path, [_part("one")])
    await again.start()
    await again.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_stops_supervisor_and_parts(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and SIGINT stop the parts in good order, and the supervisor ends with status 0."""
    process, pids = await _start_program(tmp_path)
    process.send_signal(number)

    assert await asyncio.wait_for(process.wait(), WITHIN_S) == 0
    assert not any(map(_lives, pids.values()))
    assert not (tmp_path / "supervisor" / "pid").exists()
    assert "stopped two" in (tmp_path / "log" / "two.log").read_text("utf-8")


async def test_http_readiness_wants_a_good_status(tmp_path: Path) -> None:
    """A server is ready when it answers below 400, not when it merely answers."""
    statuses = iter((b"503 Busy", b"404 Not Found", b"200 OK"))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 " + next(statuses) + b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asking = AnswersHttp(f"http://127.0.0.1:{port}/health")
    answers = [await asking.is_ready(tmp_path / "log", 0) for _ in range(3)]
    server.close()
    await server.wait_closed()

    assert answers == [False, False, True]
    assert not await asking.is_ready(tmp_path / "log", 0)
    assert not await AcceptsConnections("127.0.0.1", port).is_ready(tmp_path / "log", 0)


async def test_line_readiness_looks_at_new_output_only(tmp_path: Path) -> None:
    """What an earlier process said does not make a new one ready."""
    log = tmp_path / "log"
    log.write_text("ready\n", encoding="utf-8")
    asking = SaysLine("ready")

    assert await asking.is_ready(log, 0)
    assert not await asking.is_ready(log, log.stat().st_size)


async def test_part_gets_its_environment(tmp_path: Path) -> None:
    """A part's own environment is added to ours."""
    show = "import json, os; print(json.dumps([os.environ['FAPAI_SHOWN'], 'PATH' in os.environ]), flush=True)"
    wait = "; import signal; signal.pause()"
    part = Part("one", [sys.executable, "-c", show + wait], {"FAPAI_SHOWN": "yes"}, SaysLine("]"))
    supervisor = Supervisor(tmp_path, [part])
    await supervisor.start()
    await supervisor.stop()

    assert json.loads(supervisor.log_of("one").read_text("utf-8")) == ["yes", True]
