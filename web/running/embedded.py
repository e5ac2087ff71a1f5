"""What embedded PostgreSQL and embedded Valkey have in common: one server process on one home folder.

1. One home, one server: a second start waits a little and then raises `FolderHeld` with the running one's address.
2. The server dies with us (`launcher`), and is started again if it dies without us.
3. As root, the server runs under an unprivileged account that owns its home. What that account cannot reach is moved
   or copied to where it can: the home to ``/var/lib/fapai``, the binaries into the home. Nothing else changes mode.
4. Nobody else can connect: unix sockets in a private folder, no TCP unless asked for.
5. A server whose keeper was killed is told to stop, and may not manage it (PostgreSQL 18 waits for ever when it is told so in the
   middle of its recovery from a crash). The next start ends it the hard way, once it is certain that nobody keeps it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from auction.kernel.endings import end_all
from web.running.processes import (
    Account,
    FolderHeld,
    FolderLock,
    ServerFailed,
    can_reach,
    end,
    fresh_folder_for,
    poll_async,
    private_folder,
    remove_socket_folder,
    set_aside_large_log,
    socket_folder,
    spawn,
    tail,
    unprivileged_account,
)

LOCK_WAIT_S = 10.0
"""A server whose supervisor was killed needs a moment to stop; a second start waits this long for it."""
ORPHAN_S = 5.0
"""A server whose keeper is dead has so long to stop by itself."""
ORPHAN_END_S = 2.0
READY_S = 60.0
"""Recovery after a crash may take long on a slow disk."""
STALE_LOCK_S = 3.0
"""For this long after a death, a refusal to start may come from a process that is not quite gone."""
STOP_GRACE_S = 10.0
KEEPER_END_S = 3.0
DEATHS_IN_A_ROW = 8
PAUSE_FIRST_S = 0.05
PAUSE_MAX_S = 1.0
HEALTHY_AFTER_S = 5.0
"""A server that cannot live on its data or machine dies sooner than this; whoever lived longer was ended from outside."""
MACHINE_HOMES = Path("/var/lib/fapai")


class EmbeddedServer(ABC):
    """A server process that we own; subclasses say what it is called and how to talk to it."""

    name: ClassVar[str]
    death_signal: ClassVar[signal.Signals]
    stop_signals: ClassVar[Sequence[signal.Signals]]

    def __init__(self, data_dir: Path) -> None:
        """Do nothing yet; ``data_dir`` is made by `start`.

        Start it in the main thread's event loop: it dies with the thread that started it.
        """
        self.account: Account | None = unprivileged_account()
        self.home = Path(os.path.abspath(data_dir))  # noqa: PTH100 - links stay, so that addresses stay
        self.failed = asyncio.Event()
        """Set when the server died and could not be started again."""
        self.fault = ""
        """What kept the server from starting again the last time, for whoever is told of `failed`."""
        self._lock: FolderLock | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    @abstractmethod
    def url(self) -> str:
        """The address that clients use; final once started."""

    @property
    def log(self) -> Path:
        """Where the server's own words go."""
        return self.home / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The process id of the server, or ``None`` while it is down."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self, *, wait_s: float = LOCK_WAIT_S) -> str:
        """Start the server if we have not yet, and return its url once it answers.

        Raises `FolderHeld` if another process still uses the home after ``wait_s`` seconds (its url is in
        ``holder``), `ServerFailed` if the server does not come up.
        """
        if self._process is not None:
            return self.url
        self._settle()
        self._lock = await self._take_lock(wait_s)
        try:
            await asyncio.to_thread(self._bring_binaries)
            await self._prepare()
            await self._launch()
        except BaseException:
            await self._let_go()
            raise
        self._is_stopping = False
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")
        return self.url

    async def stop(self) -> None:
        """Stop the server in good order and give up the home; harmless if it does not run."""
        self._is_stopping = True  # seen by a keeper whose cancellation is swallowed on its way (`endings`)
        if self._keeper is not None:
            await end_all([self._keeper], each_s=KEEPER_END_S)
            self._keeper = None
        await self._let_go()

    async def __aenter__(self) -> str:
        """Start."""
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    # What a subclass says ---------------------------------------------------------------------------------------

    @abstractmethod
    def _bring_binaries(self) -> None:
        """Make the program's files reachable for the account (in a thread)."""

    @abstractmethod
    async def _prepare(self) -> None:
        """Make the home ready for `_argv`; called under the lock."""

    @abstractmethod
    def _argv(self) -> Sequence[str | Path]:
        """The command of the server."""

    @abstractmethod
    async def _answers(self) -> bool:
        """Whether the server takes commands now; no exception for one that does not yet."""

    async def _complete(self) -> None:  # noqa: B027 - most servers need nothing more
        """Do what must be done once the server answers; may run again after a restart."""

    # How it is done ----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        self.home.parent.mkdir(parents=True, exist_ok=True)
        if not can_reach(self.home, self.account):
            self.home = _machine_home(self.home, self.name)
        private_folder(self.home, self.account)

    async def _take_lock(self, wait_s: float) -> FolderLock:
        """Take the home, from a server that nobody keeps any more if need be (rule 5). Raises `FolderHeld`."""
        lock = FolderLock(self.home)
        try:
            await lock.take(wait_s=min(wait_s, ORPHAN_S))
        except FolderHeld as held:
            for stop_signal in (*self.stop_signals[1:], signal.SIGKILL):
                if not _end_orphan(held.holder, self.home, stop_signal):
                    break
                with contextlib.suppress(FolderHeld):
                    await lock.take(wait_s=ORPHAN_END_S)
                    return lock
            await lock.take(wait_s=max(0.0, wait_s - ORPHAN_S))
        return lock

    def _socket_folder(self, file_name: str) -> Path:
        return socket_folder(self.home / "socket", file_name, self.account)

    async def _launch(self) -> None:
        """Start the process; retry for `STALE_LOCK_S` if it refuses at once."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:  # bounded by STALE_LOCK_S, after which a refusal is an error
            assert self._lock is not None, "a server starts under its lock"
            set_aside_large_log(self.log)
            self._process = process = await spawn(
                self._argv(),
                log=self.log,
                death_signal=self.death_signal,
                env=_server_environment(),
                account=self.account,
                inherited_fds=[self._lock.fd],
                cwd=self.home,
            )
            self._lock.describe({"pid": os.getpid(), "server_pid": process.pid, "url": self.url})
            if await poll_async(self._answers_or_ended, READY_S) and process.returncode is None:
                await self._complete()
                return
            if process.returncode is None or loop.time() - began > STALE_LOCK_S:
                raise ServerFailed(f"{self.name} did not start; the end of {self.log}:\n{tail(self.log)}")
            await asyncio.sleep(0.2)

    async def _answers_or_ended(self) -> bool:
        return self._process is None or self._process.returncode is not None or await self._answers()

    async def _keep(self) -> None:
        """Start the server again whenever it dies; set `failed` after `DEATHS_IN_A_ROW` quick deaths.

        A start that does not succeed (the server may be killed while it starts) is one more quick death.
        """
        deaths, loop = 0, asyncio.get_running_loop()
        while not self._is_stopping:  # and at most DEATHS_IN_A_ROW times
            assert self._process is not None, "a kept server has a process"
            began = loop.time()
            await self._process.wait()
            deaths = 1 if loop.time() - began > HEALTHY_AFTER_S else deaths + 1
            if deaths == DEATHS_IN_A_ROW:
                self.failed.set()
                return
            await asyncio.sleep(min(PAUSE_MAX_S, PAUSE_FIRST_S * 2 ** (deaths - 1)))
            try:
                await self._launch()
            except Exception as fault:  # noqa: BLE001 - whatever kept it from starting, it is tried again or given up
                self.fault = repr(fault)
                await end(self._process, [], grace_s=1)

    async def _let_go(self) -> None:
        if self._process is not None:
            await end(self._process, self.stop_signals, grace_s=STOP_GRACE_S)
            self._process = None
        if self._lock is not None:
            remove_socket_folder(self.home / "socket")
            self._lock.release()
            self._lock = None

    async def _run_once(self, argv: Sequence[str | Path]) -> None:
        """Run a preparing command under the server's account to its end; `ServerFailed` shows its output."""
        process = await spawn(
            argv,
            log=self.log,
            death_signal=signal.SIGKILL,
            env=_server_environment(),
            account=self.account,
            cwd=self.home,
        )
        try:
            status = await asyncio.wait_for(process.wait(), READY_S)
        except BaseException:
            await end(process, [], grace_s=1)
            raise
        if status != 0:
            raise ServerFailed(f"{argv[0]} ended with status {status}:\n{tail(self.log)}")

    def _reachable_copy(self, folders: Sequence[Path], *, version: str) -> Path:
        """The common parent of ``folders`` for the account: where they are, or a copy of them in the home.

        The copy is made once per ``version``, beside its name, and renamed when complete.
        """
        if all(can_reach(folder / "inside", self.account) for folder in folders):
            return folders[0].parent
        target = self.home / f"{self.name}-{version}"
        if not target.exists():
            fresh = fresh_folder_for(target)
            for folder in folders:
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
            fresh.chmod(0o755)
            fresh.rename(target)
        return target


def _end_orphan(holder: Mapping[str, object], home: Path, stop_signal: signal.Signals) -> bool:
    """Send a signal to the server that holds a home and that nobody keeps; false: it is kept, gone, or not surely ours."""
    keeper, server = holder.get("pid"), holder.get("server_pid")
    if not isinstance(keeper, int) or not isinstance(server, int) or _is_alive(keeper):
        return False
    try:
        works_in = Path(f"/proc/{server}/cwd").resolve(strict=True)
        if home.resolve() not in (works_in, *works_in.parents):
            return False
        os.kill(server, stop_signal)
    except OSError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _server_environment() -> dict[str, str]:
    """The environment of a server: none of our settings and secrets, a fixed language and zone."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _machine_home(wanted: Path, name: str) -> Path:
    """A home under `MACHINE_HOMES` that stands for ``wanted``, which the account cannot reach.

    ``wanted`` becomes a link to it, so that people find the files where they look for them.
    """
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    home = MACHINE_HOMES / f"{name}-{digest}"
    MACHINE_HOMES.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not wanted.exists():
        wanted.symlink_to(home, target_is_directory=True)
    return home
