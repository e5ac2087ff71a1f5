"""A house under load: durable servers, and committer and gateway in processes of their own, as production runs them.

1. Without addresses the servers are embedded ones in a temporary folder, durable; they go with the run.
2. With addresses the servers must be stamped *test*, and lie on this machine unless the caller allows other ones.
3. Nothing runs unless ``fsync``, ``full_page_writes``, ``synchronous_commit`` and ``noeviction`` hold (bid-core 1); the
   committer asserts it for itself as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auction.kernel.clock import real_now
from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.move_clock import read_stamp
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp
from bidding.journal.receipts import ReceiptKey
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.live.read_room import read_shard
from bidding.live.roles import RoleName, as_user
from bidding.live.slots import hosts_of
from bidding.rooms.tickets import Pass, issue_ticket
from loadtests.lot import Lot
from loadtests.own_cluster import OwnCluster, own_cluster
from migrations.run import migrate
from web.live_wiring import build_live, plain_dsn, receipt_key
from web.ports import NEEDED
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey
from web.running.processes import end, poll_async, spawn, tail

ROOT: Final = Path(__file__).parents[1]
HOST: Final = "127.0.0.1"
SITE: Final = "http://127.0.0.1"
PATH: Final = "/room"
SHARD: Final = Shard(0)
READY_S: Final = 30.0
GRACE_S: Final = 6.0
SYNCS: Final = 50
COMMANDS: Final[Mapping[RoleName, str]] = MappingProxyType({"site": "web"})
"""Commands that are not called as their role."""
NOWHERE: Final = "http://127.0.0.1:9"
"""Port 9 (discard): nobody listens."""
NEAR: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})


class HouseUnfit(Exception):
    """The servers may not or cannot be used for a load test; the text says why."""


@dataclass(frozen=True)
class Process:
    """One process of the product: ours, or one that we only look at."""

    name: str
    pid: int
    running: asyncio.subprocess.Process | None = None
    """``None``: somebody else's."""
    log: Path = Path()

    def check(self) -> None:
        """Raise `HouseUnfit` if it has ended."""
        if self.running is None:
            if not Path(f"/proc/{self.pid}").exists():
                raise HouseUnfit(f"{self.name} (process {self.pid}) is not there")
        elif self.running.returncode is not None:
            raise HouseUnfit(f"{self.name} ended with {self.running.returncode}: {tail(self.log)}")

    def cpu_s(self) -> float:
        """Give the processor time that it has used so far, in seconds (Linux; elsewhere zero)."""
        tasks = Path(f"/proc/{self.pid}/task")
        if not tasks.exists():
            return 0.0
        return sum(int(one.read_text("ascii").split()[0]) for one in tasks.glob("*/schedstat")) / 1_000_000_000

    def resident_bytes(self) -> int:
        """Give the memory that it holds (Linux; elsewhere zero)."""
        statm = Path(f"/proc/{self.pid}/statm")
        return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0

    def proportional_bytes(self) -> int:
        """Give its own memory and its share of what it shares with others (Linux; elsewhere zero)."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup")
        lines = rollup.read_text("ascii").splitlines() if rollup.exists() else []
        return sum(int(line.split()[1]) * 1_024 for line in lines if line.startswith("Pss:"))


class Door(NamedTuple):
    """Where clients go in, and the page's origin that they name."""

    host: str
    port: int
    path: str
    origin: str
    is_tls: bool = False


@dataclass(frozen=True)
class House:
    """What scenarios need of a house."""

    settings: Settings
    db: Database
    live: Live
    dsn: str
    port: int
    """The gateway's; zero: no gateway runs."""
    ticket_key: Ed25519PrivateKey
    receipts: ReceiptKey
    processes: Mapping[str, Process]
    durability: Mapping[str, str]
    """Settings of the servers as they were found, by name."""
    cluster: OwnCluster | None = None
    """The cluster of our own, if the house stands on one."""

    @property
    def door(self) -> Door:
        """The gateway's door."""
        return Door(HOST, self.port, PATH, self.settings.site_url)

    @property
    def receipt_keys(self) -> Mapping[str, bytes]:
        """The public keys under which receipts are believed, by id."""
        return {self.receipts.key_id: self.receipts.public}

    async def ticket(self, lot: Lot, code: str) -> str:
        """Give a fresh ticket, as the site would sign it; an empty ``code`` watches. Raises ``OSError``."""
        admits = Pass(
            lot_id=lot.terms.lot_id,
            session_id=lot.terms.session_id,
            role="bidder" if code else "spectator",
            code=code,
            origin=self.settings.site_url,
            grant="load" if code else "",
        )
        return issue_ticket(self.ticket_key, admits, now=real_now())

    async def lend(self, *, lots: int, bidders: int) -> Sequence[Lot] | None:
        """Give lots that are there already; ``None``: there are none, open them."""
        return None

    async def numbers_before(self, sessions: Sequence[UUID]) -> Mapping[UUID, int]:
        """Give through which number the journals of these sessions were written before we came."""
        return {}

    def process(self, name: str) -> Process:
        """Give a process of the house. Raises `HouseUnfit` if we do not know it."""
        if name not in self.processes:
            raise HouseUnfit(f"this scenario measures the process {name}; --gateway-pid says which it is")
        return self.processes[name]

    def check(self) -> None:
        """Raise `HouseUnfit` if a process has ended."""
        for process in self.processes.values():
            process.check()

    async def epoch(self, shard: Shard = SHARD) -> int:
        """Give the epoch in which bids of a shard are decided now; zero: nobody owns it."""
        try:
            head = await read_shard(self.live, shard)
        except FaultOfOthers:
            return 0
        return head.epoch if head else 0


def require_near(address: str) -> None:
    """Refuse an address that is not on this machine (`HouseUnfit`)."""
    hosts = hosts_of(address).union(parse_qs(urlsplit(address).query).get("host", []))
    far = {host for host in hosts if host not in NEAR and not host.startswith("/")}
    if far:
        raise HouseUnfit(f"{', '.join(sorted(far))} is not this machine; --allow-remote says that you mean it")


@asynccontextmanager
async def open_house(
    *,
    database_url: str,
    redis_url: str,
    with_gateway: bool,
    with_site: bool = False,
    shards: int = 1,
    on_cluster: bool = False,
) -> AsyncIterator[House]:
    """Run a house while the block runs; both addresses empty: on embedded servers of its own (rules 1 to 3).

    ``with_site``: site and worker run as well; its partners are addresses where nobody listens. ``on_cluster``: its own
    Redis is a cluster of three primaries with replicas.

    Raises:
        HouseUnfit: the servers are not stamped test, not durable, or a process does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="fapai-l-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the servers run under another account when we are root
        async with AsyncExitStack() as stack:
            own = OwnServers(database_url, redis_url)
            sync = {}
            if not database_url:
                sync = {"fdatasync of 8 KiB": f"{sync_us(folder):.0f} µs (median)"}
                own = await stack.enter_async_context(_own_servers(folder, on_cluster=on_cluster))
            parts: tuple[RoleName, ...] = ("committer", "gateway") if with_gateway else ("committer",)
            if with_site:
                parts = (*parts, "site", "worker")
            house = await _start(stack, folder, own, parts, shards=shards)
            yield replace(house, durability={**house.durability, **sync})


class OwnServers(NamedTuple):
    """Addresses of the servers; ours have a user for each role."""

    database_url: str
    redis_url: str
    are_ours: bool = False
    cluster: OwnCluster | None = None


@asynccontextmanager
async def _own_servers(folder: Path, *, on_cluster: bool) -> AsyncIterator[OwnServers]:
    postgres, valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(postgres.stop)
        if on_cluster:
            (folder / "cluster").mkdir()
            cluster = await stack.enter_async_context(own_cluster(folder / "cluster"))
            own = OwnServers(await postgres.start(), cluster.url, True, cluster)
        else:
            stack.push_async_callback(valkey.stop)
            own = OwnServers(*await asyncio.gather(postgres.start(), valkey.start()), True)
        await migrate(own.database_url, Stamp.TEST)
        yield own


async def _start(
    stack: AsyncExitStack, folder: Path, own: OwnServers, parts: Sequence[RoleName], *, shards: int
) -> House:
    port = _free_port() if "gateway" in parts else 0
    ticket_key = Ed25519PrivateKey.generate()
    environment = _environment(own, port, ticket_key, shards)
    if "site" in parts:
        environment |= _site_environment(folder)
    settings = read_settings(environment)
    db = Database(own.database_url, Sealer(bytes.fromhex(settings.secret)), pool_size=16)
    stack.push_async_callback(db.close)
    await _require_test(db)
    live = build_live(settings)
    stack.push_async_callback(live.nodes.close)
    durability = await durability_of(plain_dsn(settings), live)
    processes: dict[str, Process] = {}
    for part in parts:
        as_role = {"REDIS_URL": as_user(own.redis_url, part)} if own.are_ours else {}
        processes[part] = await _launch(stack, part, folder, {**environment, **as_role})
    house = House(
        *(settings, db, live, plain_dsn(settings), port, ticket_key, receipt_key(settings), processes, durability),
        cluster=own.cluster,
    )
    await _ready(house)
    return house


async def _launch(stack: AsyncExitStack, part: RoleName, folder: Path, environment: Mapping[str, str]) -> Process:
    log = folder / f"{part}.log"
    running = await spawn(
        [sys.executable, "-m", "web.cli", COMMANDS.get(part, part)],
        log=log,
        death_signal=signal.SIGKILL,
        env={**os.environ, **environment},
        cwd=ROOT,
    )
    stack.push_async_callback(end, running, [signal.SIGTERM], grace_s=GRACE_S)
    return Process(part, running.pid, running, log)


async def _ready(house: House) -> None:
    async def is_ready() -> bool:
        house.check()
        owned = all([await house.epoch(Shard(number)) > 0 for number in range(house.live.shards)])
        ports = [house.port] if house.port else []
        if "site" in house.processes:
            ports.append(int(house.settings.site_port))
        return owned and all([await _listens(port) for port in ports])

    if not await poll_async(is_ready, READY_S):
        raise HouseUnfit("committer, gateway or site did not come up in time")


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def _require_test(db: Database) -> None:
    async with db.reading() as tx:
        stamp = await read_stamp(tx.session)
    if stamp is not Stamp.TEST:
        raise HouseUnfit(f"the database is stamped {stamp.value}; load tests write into test installations only")


async def durability_of(dsn: str, live: Live) -> dict[str, str]:
    """Read the settings that keep a committed bid, and refuse to run without them (rule 3)."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await postgres_durability(connection)
    finally:
        await connection.close()
    client = await live.nodes.client(SHARD)
    about = await client.info()
    found["maxmemory_policy"] = str(about.get("maxmemory_policy"))
    found["redis"] = f"{about.get('server_name', 'redis')} {about.get('valkey_version', about.get('redis_version'))}"
    found["appendonly"] = str((await client.config_get("appendonly")).get("appendonly"))
    require_durable(found)
    return found


async def postgres_durability(connection: asyncpg.Connection[Any]) -> dict[str, str]:
    """Read what PostgreSQL is set to."""
    found = {
        name: str(await connection.fetchval("SELECT current_setting($1)", name))
        for name in ("fsync", "full_page_writes", "synchronous_commit")
    }
    return {**found, "postgresql": str(await connection.fetchval("SHOW server_version"))}


def require_durable(found: Mapping[str, str]) -> None:
    """Raise `HouseUnfit` naming the first setting with which a committed bid could be lost (rule 3)."""
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if found.get(name) not in {"on", "remote_apply"}:
            raise HouseUnfit(f"{name} is {found.get(name)}: figures without durability are refused")
    if found.get("maxmemory_policy") != "noeviction":
        raise HouseUnfit(f"maxmemory-policy is {found.get('maxmemory_policy')}: Redis could drop a room")


def sync_us(folder: Path) -> float:
    """Give the median microseconds that one small durable write takes in a folder: what a commit costs here."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            file.write(b"x" * 8_192)
            began = time.perf_counter()
            file.flush()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1_000_000)
    return statistics.median(took)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(own: OwnServers, port: int, ticket_key: Ed25519PrivateKey, shards: int) -> dict[str, str]:
    return {
        "FAPAI_STAMP": Stamp.TEST.value,
        "DATABASE_URL": own.database_url,
        "REDIS_URL": own.redis_url,
        "FAPAI_SITE_URL": SITE,
        "FAPAI_GATEWAY_URL": f"ws://{HOST}:{port}{PATH}",
        "FAPAI_GATEWAY_PORT": str(port),
        "FAPAI_BIND": HOST,
        "FAPAI_SHARDS": str(shards),
        "FAPAI_SECRET": secrets.token_hex(32),
        "FAPAI_JOURNAL_KEY": secrets.token_hex(32),
        "FAPAI_TICKET_KEY": ticket_key.private_bytes_raw().hex(),
        "FAPAI_TICKET_PUBLIC_KEY": ticket_key.public_key().public_bytes_raw().hex(),
    }


def _site_environment(folder: Path) -> dict[str, str]:
    """Give what a site needs beside: an address, and partners of whom a load test asks nothing."""
    port = _free_port()
    partner = {
        "url": NOWHERE,
        "key_id": "load",
        "callback_key_id": "load",
        "secret": secrets.token_hex(32),
        "public_key": Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex(),
    }
    partners = folder / "partners.json"
    partners.write_text(json.dumps(dict.fromkeys(NEEDED, partner)), encoding="utf-8")
    return {
        "FAPAI_SITE_URL": f"{SITE}:{port}",
        "FAPAI_SITE_PORT": str(port),
        "FAPAI_PARTNERS": str(partners),
        "STRIPE_API_URL": NOWHERE,
        "STRIPE_API_KEY": secrets.token_hex(16),
        "STRIPE_WEBHOOK_SECRET": secrets.token_hex(16),
    }
