"""The house that is attacked: its processes, and all lines between them through proxies of ours.

1. Each committer and each gateway has lines of its own to PostgreSQL and to Redis, and each gateway one for its clients, so
   that one part can be cut off while the others are not. The driver's own line to Redis follows the primary; PostgreSQL it
   asks directly.
2. Everything runs under a keeper (`keeper`), which is a victim as well; `whole` waits until all stands again.
3. Everything ends with the block, whatever happened in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis.asyncio import Redis
from redis.exceptions import RedisError

from auction.kernel.config import read_settings
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp
from bidding.live.keys import clock_key
from bidding.live.move_clock import move_clock
from loadtests.faults import planted
from loadtests.faults.keeper import POSTGRES, REDIS, Plan, PlannedPart, Running, State, log_file, plan_file, state_file
from loadtests.faults.part import READY
from loadtests.faults.proxy import HOST, Address, Line
from loadtests.house import PATH, ROOT, SHARD, SITE, House, HouseUnfit, durability_of
from web.live_wiring import build_live, plain_dsn, receipt_key
from web.running.processes import end, poll_async, spawn, tail

COMMITTERS: Final = ("committer-a", "committer-b")
GATEWAYS: Final = ("gateway-a", "gateway-b")
DRIVER: Final = "driver.redis"
REPLICATION: Final = "replication"
UP_S: Final = 60.0
WHOLE_S: Final = 45.0
KEEPER_GRACE_S: Final = 15.0
ASK_S: Final = 2.0


class Ground:
    """One house under attack; see the rules of the module."""

    def __init__(self, folder: Path, *, breakable: bool = False) -> None:
        """Bind; `stand` runs it. Only in a ``breakable`` house bugs can be turned on (`switch`)."""
        self.folder = folder
        self.switch = planted.Switch(folder / "planted")
        self._breakable = breakable
        self.lines = {
            name: Line(name)
            for name in (
                *(f"{part}.{server}" for part in (*COMMITTERS, *GATEWAYS) for server in ("postgres", "redis")),
                *(DRIVER, REPLICATION),
            )
        }
        self.lines |= {f"{gateway}.clients": Line(f"{gateway}.clients", keep_source=True) for gateway in GATEWAYS}
        self.primary = REDIS[0]
        self.redis_ports = {name: _free_port() for name in REDIS}
        self.gateway_ports = {name: _free_port() for name in GATEWAYS}
        self._keeper: asyncio.subprocess.Process | None = None
        self._house: House | None = None

    @property
    def house(self) -> House:
        """What scenarios need of a house; its port is the first gateway's line."""
        assert self._house is not None, "the house stands"
        return self._house

    @property
    def replica(self) -> str:
        """The Redis server that is not the primary."""
        return REDIS[1] if self.primary == REDIS[0] else REDIS[0]

    def house_at(self, gateway: str) -> House:
        """Give the house as the clients of one gateway reach it."""
        return replace(self.house, port=self.lines[f"{gateway}.clients"].port)

    # Coming up and going.

    @asynccontextmanager
    async def stand(self) -> AsyncIterator[None]:
        """Run the house while the block runs.

        Raises:
            HouseUnfit: it did not come up, or is not durable.
        """
        async with AsyncExitStack() as stack:
            for line in self.lines.values():
                await line.open()
                stack.push_async_callback(line.close)
            stack.push_async_callback(self._end_keeper)
            ticket_key = Ed25519PrivateKey.generate()
            environment = self._environment(ticket_key)
            plan_file(self.folder).write_bytes(msgspec.json.encode(self._plan(environment)))
            await self.start_keeper()
            if not await poll_async(self._has_servers, UP_S):
                raise HouseUnfit(f"the servers did not come up: {tail(self.folder / 'keeper.log')}")
            self._lead_lines()
            await self._open_house(stack, environment, ticket_key)
            await self.whole()
            yield

    async def start_keeper(self) -> None:
        """Start what keeps everything else running."""
        state_file(self.folder).unlink(missing_ok=True)
        self._keeper = await spawn(
            [sys.executable, "-m", "loadtests.faults.keeper", str(self.folder)],
            log=self.folder / "keeper.log",
            death_signal=signal.SIGKILL,
            cwd=ROOT,
        )

    def kill_keeper(self) -> None:
        """Kill it, and with it everything."""
        assert self._keeper is not None, "the keeper was started"
        with suppress(ProcessLookupError):
            self._keeper.kill()

    async def _end_keeper(self) -> None:
        if self._keeper is not None:
            await end(self._keeper, [signal.SIGTERM], grace_s=KEEPER_GRACE_S)

    async def _has_servers(self) -> bool:
        running = self.state().running
        return all(name in running and running[name].pid for name in (POSTGRES, *REDIS)) and (
            (self.folder / "migrated").exists()
        )

    def _lead_lines(self) -> None:
        running = self.state().running
        for name, line in self.lines.items():
            part, _, server = name.partition(".")
            if server == "postgres":
                line.lead(Address(path=Path(running[POSTGRES].socket)), reset=False)
            elif server == "redis":
                line.lead(Address(path=Path(running[self.primary].socket)), reset=False)
            elif server == "clients":
                line.lead(Address(port=self.gateway_ports[part]), reset=False)
        self.lines[REPLICATION].lead(Address(port=self.redis_ports[self.primary]), reset=False)

    async def _open_house(
        self, stack: AsyncExitStack, environment: Mapping[str, str], ticket_key: Ed25519PrivateKey
    ) -> None:
        settings = read_settings(
            {
                **environment,
                "DATABASE_URL": self.state().running[POSTGRES].url,
                "REDIS_URL": f"redis://{HOST}:{self.lines[DRIVER].port}/0",
            }
        )
        db = Database(settings.database_url, Sealer(bytes.fromhex(settings.secret)), pool_size=8)
        stack.push_async_callback(db.close)
        live = build_live(settings)
        stack.push_async_callback(live.nodes.close)
        dsn = plain_dsn(settings)
        durability = await durability_of(dsn, live)
        port = self.lines[f"{GATEWAYS[0]}.clients"].port
        self._house = House(settings, db, live, dsn, port, ticket_key, receipt_key(settings), {}, durability)

    def _environment(self, ticket_key: Ed25519PrivateKey) -> dict[str, str]:
        return {
            "FAPAI_STAMP": Stamp.TEST.value,
            "FAPAI_SITE_URL": SITE,
            "FAPAI_BIND": HOST,
            "FAPAI_SHARDS": "1",
            "FAPAI_SECRET": secrets.token_hex(32),
            "FAPAI_JOURNAL_KEY": secrets.token_hex(32),
            "FAPAI_TICKET_KEY": ticket_key.private_bytes_raw().hex(),
            "FAPAI_TICKET_PUBLIC_KEY": ticket_key.public_key().public_bytes_raw().hex(),
        }

    def _plan(self, environment: Mapping[str, str]) -> Plan:
        def part(name: str, what: str, **ready: str | int) -> PlannedPart:
            port = self.gateway_ports.get(name, 0)
            env = {
                **environment,
                "DATABASE_URL": f"postgresql+asyncpg://fapai@{HOST}:{self.lines[f'{name}.postgres'].port}/fapai",
                "REDIS_URL": f"redis://{HOST}:{self.lines[f'{name}.redis'].port}/0",
                "FAPAI_GATEWAY_URL": f"ws://{HOST}:{port}{PATH}",
                "FAPAI_GATEWAY_PORT": str(port),
                planted.VARIABLE: str(self.folder / "planted") if self._breakable else "",
            }
            argv = (sys.executable, "-m", "loadtests.faults.part", what, str(self.folder))
            return PlannedPart(name=name, argv=argv, env=env, port=port, line=READY)

        committers = [part(name, "committer") for name in COMMITTERS]
        return Plan(parts=(*committers, *(part(name, "gateway") for name in GATEWAYS)), redis_ports=self.redis_ports)

    # What runs.

    def state(self) -> State:
        """Read what runs now; nothing, while the keeper has said nothing."""
        try:
            return msgspec.json.decode(state_file(self.folder).read_bytes(), type=State)
        except OSError:
            return State(keeper=0, is_up=False, running={})

    def pid(self, name: str) -> int:
        """Give the process id of a server or part; zero: it is down."""
        return self.state().running.get(name, Running()).pid

    def tree(self, name: str) -> list[int]:
        """Give the process ids of a server and of its children, the parent first."""
        pid = self.pid(name)
        if not pid:
            return []
        with suppress(OSError):
            return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())]
        return [pid]

    def owner(self) -> str:
        """Name the committer that took the shard last, by the committers' own logs."""
        taken = {name: _last_epoch(log_file(self.folder, name)) for name in COMMITTERS}
        return max(taken, key=lambda name: taken[name])

    def redis(self, name: str) -> Redis:
        """Make a client of one Redis server, past all lines."""
        client: Redis = Redis.from_url(
            self.state().running[name].url, socket_timeout=ASK_S, socket_connect_timeout=ASK_S
        )
        return client

    def lines_to(self, server: str) -> list[Line]:
        """Give the lines of all parts to a server; the driver's own is not among them."""
        return [self.lines[f"{part}.{server}"] for part in (*COMMITTERS, *GATEWAYS)]

    # Redis's two servers.

    async def promote(self, *, reset: bool) -> None:
        """Make the replica the primary and lead all lines there; with ``reset`` old lines end, otherwise they stay."""
        async with self.redis(self.replica) as fresh:
            await fresh.execute_command("REPLICAOF", "NO", "ONE")
        self.primary = self.replica
        upstream = Address(path=Path(self.state().running[self.primary].socket))
        for line in self.lines_to("redis"):
            line.lead(upstream, reset=reset)
        self.lines[DRIVER].lead(upstream, reset=True)
        self.lines[REPLICATION].lead(Address(port=self.redis_ports[self.primary]), reset=True)

    async def make_replica(self) -> None:
        """Make the other server the primary's replica, once it runs."""
        await poll_async(self._is_replicating, WHOLE_S)

    async def _is_replicating(self) -> bool:
        with suppress(RedisError, OSError, KeyError):
            async with self.redis(self.replica) as client:
                if (await client.info("replication")).get("role") != "slave":
                    await client.execute_command("REPLICAOF", HOST, str(self.lines[REPLICATION].port))
                return (await client.info("replication")).get("master_link_status") == "up"
        return False

    # All well.

    async def whole(self) -> None:
        """Heal all lines, set the clock right, and wait until everything runs and somebody owns the shard.

        Raises:
            HouseUnfit: it does not, in time.
        """
        for line in self.lines.values():
            line.heal()
        if not await poll_async(self._is_whole, WHOLE_S):
            raise HouseUnfit(f"the house did not come back: {self.state()}")
        await self.house.live.nodes.refresh()

    async def _is_whole(self) -> bool:
        state = self.state()
        if not (state.is_up and state.running and await self._is_replicating()):
            return False
        with suppress(FaultOfOthers, RedisError, OSError):
            await move_clock(self.house.live, offset_us=0)
            client = await self.house.live.nodes.client(SHARD)
            return not await client.exists(clock_key(SHARD)) and await self.house.epoch() > 0
        return False


@asynccontextmanager
async def open_ground(*, breakable: bool = False) -> AsyncIterator[Ground]:
    """Run a house to be attacked in a temporary folder while the block runs; raises as `Ground.stand`."""
    with tempfile.TemporaryDirectory(prefix="fapai-g-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # the servers run under another account when we are root
        ground = Ground(folder, breakable=breakable)
        async with ground.stand():
            yield ground


def _last_epoch(log: Path) -> int:
    """Give the epoch of the last tenure that a committer's log tells of; zero: none."""
    if not log.exists():
        return 0
    for text in reversed(log.read_text("utf-8", "replace").splitlines()):
        if '"shard_taken"' in text:
            with suppress(ValueError):
                return int(json.loads(text)["epoch"])
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def kill_all(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to processes, those that are gone excepted."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
