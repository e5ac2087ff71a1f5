"""Keep the parts of the product running: start them side by side, restart what dies, stop them in reverse order.

1. One supervisor per data folder: a second one waits a little, then says who holds it (`FolderHeld`).
2. A part that dies is started again, with growing pauses up to `PAUSE_MAX_S`. After `DEATHS_IN_A_ROW` deaths without
   `HEALTHY_AFTER_S` of life between them everything is stopped and `run` fails: a part that cannot live needs a person.
3. When the supervisor dies, even by SIGKILL, its parts die at once, and the next start works at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auction.kernel.endings import end_all
from web.running.processes import (
    FolderLock,
    ServerFailed,
    end,
    poll_async,
    set_aside_large_log,
    spawn,
    tail,
)
from web.running.readiness import Readiness

LOCK_WAIT_S = 10.0
READY_S = 60.0
PAUSE_FIRST_S = 0.2
PAUSE_MAX_S = 10.0
DEATHS_IN_A_ROW = 8
HEALTHY_AFTER_S = 30.0
KEEPER_END_S = 20.0
"""A part that is starting when it is stopped has its ``grace_s`` first."""


@dataclass(frozen=True)
class Part:
    """One process to keep running. ``env`` is added to ours; ``readiness`` of ``None``: ready once started."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    readiness: Readiness | None = None
    grace_s: float = 15.0
    """How long it may take to stop after SIGTERM."""


@dataclass
class _Running:
    part: Part
    process: asyncio.subprocess.Process
    ready_at_s: float


class Supervisor:
    """Runs a list of parts; see the rules of the module."""

    def __init__(
        self,
        data_dir: Path,
        parts: Sequence[Part],
        *,
        say: Callable[[str], None] = lambda _: None,
        healthy_after_s: float = HEALTHY_AFTER_S,
    ) -> None:
        """Do nothing yet. ``say`` gets one English line per event, for the terminal or a log.

        ``healthy_after_s`` is shorter where parts are killed on purpose (fault schedules).
        """
        assert len({part.name for part in parts}) == len(parts), "names of parts are unique: they name log files"
        self._folder = data_dir / "supervisor"
        self._logs = data_dir / "log"
        self._parts = parts
        self._say = say
        self._healthy_after_s = healthy_after_s
        self._lock = FolderLock(self._folder)
        self._running: dict[str, _Running] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self._failure: str | None = None

    def log_of(self, name: str) -> Path:
        """The file that has the output of a part."""
        return self._logs / f"{name}.log"

    def pid_of(self, name: str) -> int | None:
        """The process id of a part, or ``None`` while it is down."""
        found = self._running.get(name)
        return None if found is None or found.process.returncode is not None else found.process.pid

    def request_stop(self) -> None:
        """Make `run` stop all parts and return; may be called from a signal handler of the loop."""
        self._stop.set()

    async def until_failed(self) -> str:
        """Wait until a part keeps dying (rule 2); gives what a person should know."""
        await self._stop.wait()
        return self._failure or "the parts were told to stop"

    async def run(self) -> None:
        """Start everything, keep it running until SIGTERM, SIGINT or `request_stop`, then stop everything.

        Raises `FolderHeld`, or `ServerFailed` if a part does not become ready or keeps dying.
        """
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, self.request_stop)
        try:
            await self.start()
            await self._stop.wait()
        finally:
            await self.stop()
            for signal_number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(signal_number)
        if self._failure is not None:
            raise ServerFailed(self._failure)

    async def start(self, *, wait_s: float = LOCK_WAIT_S) -> None:
        """Start all parts at once and return when each is ready; stop what was started if one fails.

        Side by side, because most of a start is the interpreter reading modules; parts wait for each other by themselves.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        await self._lock.take(wait_s=wait_s)
        (self._folder / "pid").write_text(f"{os.getpid()}\n", encoding="ascii")
        try:
            await self._start_all()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all parts in reverse order and give up the folder; harmless if nothing runs."""
        self._stop.set()
        await end_all(self._keepers, each_s=KEEPER_END_S)
        self._keepers.clear()
        for running in (self._running[part.name] for part in reversed(self._parts) if part.name in self._running):
            await end(running.process, [signal.SIGTERM], grace_s=running.part.grace_s)
            self._say(f"{running.part.name}: stopped")
        self._running.clear()
        (self._folder / "pid").unlink(missing_ok=True)
        self._lock.release()

    async def _start_all(self) -> None:
        starting = [asyncio.create_task(self._start_and_keep(part)) for part in self._parts]
        try:
            await asyncio.gather(*starting)
        finally:
            await end_all(starting, each_s=KEEPER_END_S)  # those that are not ready yet end their process

    async def _start_and_keep(self, part: Part) -> None:
        self._running[part.name] = await self._start_part(part)
        self._keepers.append(asyncio.create_task(self._keep(part.name), name=f"keep {part.name}"))

    async def _start_part(self, part: Part) -> _Running:
        """Start one part and wait until it is ready; it is ended again if we stop waiting."""
        log = self.log_of(part.name)
        set_aside_large_log(log)
        since = log.stat().st_size if log.exists() else 0
        process = await spawn(
            part.argv,
            log=log,
            death_signal=signal.SIGKILL,
            env={**os.environ, **part.env},
            inherited_fds=[self._lock.fd],
        )
        try:
            await self._until_ready(part, process, since)
        except BaseException:
            await end(process, [signal.SIGTERM], grace_s=part.grace_s)
            raise
        self._say(f"{part.name}: ready (process {process.pid})")
        return _Running(part, process, asyncio.get_running_loop().time())

    async def _until_ready(self, part: Part, process: asyncio.subprocess.Process, since: int) -> None:
        log = self.log_of(part.name)

        async def is_settled() -> bool:
            if process.returncode is not None or self._stop.is_set():
                return True
            return part.readiness is None or await part.readiness.is_ready(log, since)

        settled = await poll_async(is_settled, READY_S)
        if not settled or process.returncode is not None:
            raise ServerFailed(f"{part.name} did not become ready; the end of {log}:\n{tail(log)}")

    async def _keep(self, name: str) -> None:
        """Start a part again whenever it ends; give up as rule 2 says."""
        loop = asyncio.get_running_loop()
        deaths = 0
        while not self._stop.is_set():  # and at most DEATHS_IN_A_ROW times
            running = self._running[name]
            status = await running.process.wait()
            deaths = 1 if loop.time() - running.ready_at_s > self._healthy_after_s else deaths + 1
            if deaths == DEATHS_IN_A_ROW:
                self._give_up(f"{name} died {deaths} times in a row; see {self.log_of(name)}")
                return
            pause_s = min(PAUSE_MAX_S, PAUSE_FIRST_S * 2 ** (deaths - 1))
            self._say(f"{name}: ended with status {status}, starting again in {pause_s:g} s")
            await asyncio.sleep(pause_s)
            try:
                self._running[name] = await self._start_part(running.part)
            except ServerFailed:
                # Its dead process stays in place, so the next turn counts this as one more quick death.
                running.ready_at_s = loop.time()

    def _give_up(self, reason: str) -> None:
        self._failure = reason
        self._say(reason)
        self._stop.set()
