"""Child processes that cannot outlive us, and a folder lock that they share.

1. A child started by `spawn` gets its death signal when the *thread* that started it ends; start children in the main
   thread's event loop.
2. `FolderLock` is an flock on a file that children inherit: it is free only when the holder and all of its children
   are gone, whoever died first and however.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAUNCHER = Path(__file__).with_name("launcher.py")
POLL_S = 0.05
SOCKET_PATH_BYTES = 100
"""Longest path of a unix socket that every system takes, with some room (Linux 107, macOS 103)."""
LOG_BYTES = 10_000_000
"""A log file larger than this is set aside at the next start; one older file is kept."""


class FolderHeld(Exception):
    """Another process holds the folder; ``holder`` is what it wrote about itself (``pid``, perhaps ``url``)."""

    def __init__(self, folder: Path, holder: Mapping[str, object]) -> None:
        """Keep folder and holder; the text names both."""
        super().__init__(f"{folder} is in use by process {holder.get('pid', 'unknown')}")
        self.folder = folder
        self.holder = holder


class ServerFailed(Exception):
    """A server or process could not be started or kept running; the text says which, and shows the end of its log."""


@dataclass(frozen=True)
class Account:
    """A user account by numbers."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account that servers run under: ``nobody`` if we are root, ``None`` (our own) otherwise."""
    if os.geteuid() != 0:
        return None
    found = pwd.getpwnam("nobody")
    return Account(uid=found.pw_uid, gid=found.pw_gid)


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether ``account`` may enter every folder above ``path``, as written and as resolved, judged by permission bits."""
    above = {*path.absolute().parents, *path.resolve().parents}
    return account is None or all(_may_enter(folder.stat(), account) for folder in above if folder.exists())


def _may_enter(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def give_to(path: Path, account: Account | None) -> None:
    """Make ``account`` the owner of ``path`` if we may."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def private_folder(path: Path, account: Account | None) -> Path:
    """Make the folder ``path``, readable by its owner (``account``) only."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    give_to(path, account)
    return path


def socket_folder(preferred: Path, file_name: str, account: Account | None) -> Path:
    """A private folder for a unix socket: ``preferred``, or a short one under /tmp if its path is too long.

    The short one is named by a hash of ``preferred``, so the same home always gets the same address. A folder of
    that name that belongs to somebody else is refused: its owner could listen in our place.
    """
    if len(os.fsencode(preferred / file_name)) < SOCKET_PATH_BYTES and can_reach(preferred, account):
        return private_folder(preferred, account)
    short = _short_folder(preferred)
    owner = os.geteuid() if account is None else account.uid
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
        give_to(short, account)
    status = short.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise ServerFailed(f"{short} exists, but is not a private folder of account {owner}")
    return short


def remove_socket_folder(preferred: Path) -> None:
    """Remove the short stand-in of ``preferred``, if there is one and it is empty."""
    with contextlib.suppress(OSError):
        _short_folder(preferred).rmdir()


def _short_folder(preferred: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
    return Path("/tmp") / f"fapai-{digest}"  # noqa: S108 - its owner and mode are checked


class FolderLock:
    """The right to use a folder, held by an flock on ``<folder>/lock``; see rule 2 of the module."""

    def __init__(self, folder: Path) -> None:
        """Take nothing yet."""
        self.folder = folder
        self._file: IO[str] | None = None

    @property
    def fd(self) -> int:
        """The descriptor that children inherit."""
        assert self._file is not None, "the lock is not held"
        return self._file.fileno()

    async def take(self, *, wait_s: float) -> None:
        """Take the lock, waiting at most ``wait_s`` seconds; `FolderHeld` names the holder otherwise."""
        # The descriptor lives as long as the lock, so no "with".
        file = (self.folder / "lock").open("a+", encoding="utf-8")
        try:
            if not await poll(lambda: _try_lock(file.fileno()), wait_s):
                raise FolderHeld(self.folder, read_holder(self.folder))
        except BaseException:
            file.close()
            raise
        self._file = file
        self.describe({"pid": os.getpid()})

    def describe(self, holder: Mapping[str, object]) -> None:
        """Write down who holds the lock, for `FolderHeld` and for people."""
        assert self._file is not None, "the lock is not held"
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(holder))
        self._file.flush()

    def release(self) -> None:
        """Give up our share; children that inherited it keep theirs until they end."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_holder(folder: Path) -> dict[str, object]:
    """What the last holder of the folder's lock wrote about itself; empty if unreadable."""
    try:
        found = json.loads((folder / "lock").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


async def poll(happened: Callable[[], bool], within_s: float) -> bool:
    """Ask until ``happened()`` or ``within_s`` seconds have passed; ask at least once."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not happened():
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


async def poll_async(happened: Callable[[], Awaitable[bool]], within_s: float) -> bool:
    """Like `poll`, for a question that must be awaited."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not await happened():
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


async def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    inherited_fds: Sequence[int] = (),
    cwd: Path | None = None,
) -> asyncio.subprocess.Process:
    """Start a program whose output goes to the end of ``log``; when we die it gets ``death_signal``.

    ``env`` of ``None`` means ours. The process id is the program's own: the launcher replaces itself.
    """
    become = "-" if account is None else f"{account.uid}:{account.gid}"
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(death_signal)), become),
            *(str(argument) for argument in argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if env is None else dict(env),
            pass_fds=tuple(inherited_fds),
            cwd=cwd,
        )


async def end(process: asyncio.subprocess.Process, signals: Sequence[signal.Signals], *, grace_s: float) -> None:
    """Send each signal in turn until the process has ended, ``grace_s`` seconds apart; SIGKILL is the last."""
    for stop_signal in (*signals, signal.SIGKILL):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace_s)


def set_aside_large_log(log: Path) -> None:
    """Start a new log file if the old one has grown beyond `LOG_BYTES`."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))


def tail(log: Path, *, lines: int = 15) -> str:
    """The last lines of a log, for the text of an error."""
    if not log.exists():
        return "(no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def fresh_folder_for(target: Path) -> Path:
    """Make a folder beside ``target``, to be filled and then renamed to it in one step.

    What an interrupted earlier attempt left is removed; the caller holds the lock of the parent folder.
    """
    for abandoned in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
