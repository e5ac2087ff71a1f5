"""The servers of one test run: PostgreSQL and one Valkey for each worker, in a folder that goes with the run.

The first worker that needs a server starts a *holder* (this module as a script); the others find it by the run's folder.
The holder stops its servers and removes the folder when the run's main process ends, however it ends.
``FAPAI_TEST_ROLE=application`` lets the tests' database act as the product does; tests that plant damage need its owner.
``FAPAI_TEST_POSTGRES=system15`` and ``FAPAI_TEST_REDIS=system7`` choose the distribution's servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import msgspec

from auction.kernel.db import APPLICATION_ROLE
from migrations.run import migrate
from web.running.embedded_postgres import EmbeddedPostgres, PostgresBinaries, Profile, system_postgres
from web.running.embedded_valkey import EmbeddedValkey, ValkeyBinary, system_redis

RUN_DIR = "FAPAI_TEST_RUN_DIR"
RUN_PID = "FAPAI_TEST_RUN_PID"
ROLE = "FAPAI_TEST_ROLE"
TEMPLATE = "fapai_template"
WITH_ACCOUNTS = "fapai_template_with_accounts"
START_S = 60.0
WATCH_S = 0.5
IN_MEMORY = "/dev/shm"
MEMORY = Path("/proc/meminfo")  # Linux; elsewhere there is no such folder in memory either
ROOM_BYTES = 6 * 1024**3
"""WAL grows to 4 GiB before it is recycled; the databases of a run are small."""
DATABASE_NUMBERS = itertools.count(1)
BEGAN_FROM: dict[str, str] = {}
"""Template of each database that this worker has open for a test."""

T = TypeVar("T")


class Addresses(msgspec.Struct, frozen=True):
    """Where the servers of this run listen."""

    holder_pid: int
    postgres_socket_dir: str
    postgres_url: str
    redis_urls: list[str]
    """One server for each worker, by its number."""

    def database_url(self, name: str) -> str:
        """SQLAlchemy's address of another database of the same server."""
        return self.postgres_url.replace("/fapai?", f"/{name}?")


def acting_role() -> str | None:
    """Give the role that the tests' database acts as: the owner, who may plant damage; ``application``: the product's own."""
    return APPLICATION_ROLE if os.environ.get(ROLE) == "application" else None


def begin_run() -> None:
    """Name the folder of this run, for this process and the workers it will start; nothing is started yet."""
    run_dir = Path(tempfile.mkdtemp(prefix="fapai-t-", dir=_fastest_folder()))
    run_dir.chmod(0o711)  # servers run under another account when we are root
    os.environ[RUN_DIR] = str(run_dir)
    os.environ[RUN_PID] = str(os.getpid())


def _fastest_folder() -> str:
    """Give the folder in memory, if it has room and may hold programs; else ``/tmp``.

    Every test has a database of its own, a thousand files: copying them is ten times as fast in memory.
    """
    try:
        seen = os.statvfs(IN_MEMORY)
        spare_bytes = available_bytes()
    except (OSError, StopIteration):
        return "/tmp"
    has_room = min(seen.f_bavail * seen.f_frsize, spare_bytes) >= ROOM_BYTES
    is_usable = os.access(IN_MEMORY, os.W_OK) and not seen.f_flag & os.ST_NOEXEC
    return IN_MEMORY if has_room and is_usable else "/tmp"


def available_bytes(memory: Path = MEMORY) -> int:
    """Give the memory that programs can have: what is free, and what the system gives up for them (its cache of files).

    Free memory alone is little on every machine that has read files for a while.
    """
    lines = memory.read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def end_run() -> None:
    """Stop the holder, if one was started, and remove the folder of this run."""
    run_dir = Path(os.environ[RUN_DIR])
    if (run_dir / "addresses.json").exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(_addresses(run_dir).holder_pid, signal.SIGTERM)
    deadline = time.monotonic() + START_S
    while (run_dir / "addresses.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    shutil.rmtree(run_dir, ignore_errors=True)


def servers() -> Addresses:
    """Give the addresses of this run's servers; start them if this is the first call of the run."""
    run_dir = run_folder()
    with only_one(run_dir / "start.lock"):
        if not (run_dir / "addresses.json").exists():
            _start_holder(run_dir)
    return _addresses(run_dir)


def template(addresses: Addresses) -> str:
    """Give the name of the migrated template database; build it if this is the first call of the run."""

    async def fill() -> None:
        await admin(addresses, f"CREATE DATABASE {TEMPLATE}")
        await migrate(addresses.database_url(TEMPLATE), stamp="test")

    return _built_once(TEMPLATE, fill)


def template_with_accounts(addresses: Addresses, fill: Callable[[str], Coroutine[Any, Any, None]]) -> str:
    """Give the name of a template made from the first by ``fill``, which opens the sample accounts at an address."""

    async def copy_and_fill() -> None:
        await admin(addresses, f"CREATE DATABASE {WITH_ACCOUNTS} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        await fill(addresses.database_url(WITH_ACCOUNTS))

    template(addresses)
    return _built_once(WITH_ACCOUNTS, copy_and_fill)


def _built_once(name: str, build: Callable[[], Coroutine[Any, Any, None]]) -> str:
    run_dir = run_folder()
    with only_one(run_dir / f"{name}.lock"):
        if not (run_dir / f"{name}.done").exists():
            in_own_loop(build())
            (run_dir / f"{name}.done").touch()
    return name


def fresh_database(addresses: Addresses, template: str) -> Iterator[str]:
    """Give the address of a copy of a template database, and drop the copy when asked again."""
    name = f"t{worker_number()}_{next(DATABASE_NUMBERS)}"
    OWNER.run(addresses, [f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"]).result()
    BEGAN_FROM[name] = template
    try:
        yield addresses.database_url(name)
    finally:
        del BEGAN_FROM[name]
        OWNER.run(addresses, [f"DROP DATABASE {name} WITH (FORCE)"]).result()


async def admin(addresses: Addresses, *statements: str) -> None:
    """Run statements as the server's owner, each in a transaction of its own."""
    await asyncio.wrap_future(OWNER.run(addresses, statements))


class Owner:
    """The server's owner in this process: one connection for the whole run, in a thread and a loop of its own."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="owner")
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection | None = None

    def run(self, addresses: Addresses, statements: Sequence[str]) -> Future[None]:
        """Run statements one after the other; what is given ends with the last of them."""
        return self._thread.submit(lambda: self._runner.run(self._execute(addresses, statements)))

    def leave(self) -> None:
        """Close the connection and the loop, if there are any."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    async def _execute(self, addresses: Addresses, statements: Sequence[str]) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                host=addresses.postgres_socket_dir, user="fapai", database="postgres"
            )
        for statement in statements:
            await self._connection.execute(statement)

    def _close(self) -> None:
        if self._connection is not None:
            self._runner.run(self._connection.close())
        self._runner.close()


OWNER = Owner()


def in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end in a thread and a loop of its own: the test's loop stays as it is."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def run_folder() -> Path:
    """The folder of this run, which goes with it."""
    return Path(os.environ[RUN_DIR])


def worker_number() -> int:
    """The number of this xdist worker, 0 without xdist."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _worker_count() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def _addresses(run_dir: Path) -> Addresses:
    return msgspec.json.decode((run_dir / "addresses.json").read_bytes(), type=Addresses)


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Let one worker at a time do what follows."""
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_holder(run_dir: Path) -> None:
    command = [sys.executable, "-m", "tests.servers", str(run_dir), os.environ[RUN_PID], str(_worker_count())]
    root = Path(__file__).parent.parent
    with (run_dir / "holder.log").open("w+b") as output:
        holder = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, cwd=root)
        deadline = time.monotonic() + START_S
        while not (run_dir / "addresses.json").exists():
            if holder.poll() is not None or time.monotonic() > deadline:
                output.seek(0)  # read what was written even if the holder removed the file with its folder
                raise RuntimeError(f"the test servers did not start:\n{output.read().decode('utf-8', 'replace')}")
            time.sleep(0.02)
    holder.returncode = 0  # it outlives this worker on purpose; no ResourceWarning for it


# The holder ------------------------------------------------------------------------------------------------------


def chosen_postgres() -> PostgresBinaries | None:
    """The server that FAPAI_TEST_POSTGRES names; ``None`` is the embedded one."""
    wish = os.environ.get("FAPAI_TEST_POSTGRES", "")
    if not wish:
        return None
    found = system_postgres(int(wish.removeprefix("system")))
    assert found is not None, f"FAPAI_TEST_POSTGRES={wish}, but this system has no such server"
    return found


def chosen_redis() -> ValkeyBinary | None:
    """The server that FAPAI_TEST_REDIS names; ``None`` is the embedded one."""
    wish = os.environ.get("FAPAI_TEST_REDIS", "")
    if not wish:
        return None
    found = system_redis()
    assert found is not None, f"FAPAI_TEST_REDIS={wish}, but this system has no such server"
    return found


def find_system_servers() -> str:
    """Environment assignments that choose the distribution's servers; empty unless it has both. 15 is preferred."""
    major = next((major for major in (15, 16, 17, 18) if system_postgres(major) is not None), None)
    if major is None or system_redis() is None:
        return ""
    return f"FAPAI_TEST_POSTGRES=system{major} FAPAI_TEST_REDIS=system7"


async def _hold(run_dir: Path, run_pid: int, workers: int) -> None:
    """Run the servers until we are told to stop or the run's main process is gone."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    fast = Profile.FAST_FOR_TESTS
    postgres = EmbeddedPostgres(run_dir / "pg", profile=fast, binaries=chosen_postgres())
    valkeys = [EmbeddedValkey(run_dir / f"vk{n}", profile=fast, binary=chosen_redis()) for n in range(workers)]
    try:
        await asyncio.gather(postgres.start(), *(valkey.start() for valkey in valkeys))
        found = Addresses(os.getpid(), str(postgres.socket_dir), postgres.url, [valkey.url for valkey in valkeys])
        fresh = run_dir / "addresses.new"
        fresh.write_text(json.dumps(msgspec.to_builtins(found)), encoding="utf-8")
        fresh.rename(run_dir / "addresses.json")
        while not stop.is_set() and _lives(run_pid):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_S)
    finally:
        await asyncio.gather(postgres.stop(), *(valkey.stop() for valkey in valkeys))
        shutil.rmtree(run_dir, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    if sys.argv[1:] == ["system"]:
        sys.stdout.write(find_system_servers())
    else:
        asyncio.run(_hold(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
