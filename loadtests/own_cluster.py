"""A cluster of our own on this machine: primaries with replicas, each a process that may be killed, stopped and woken.

1. Nodes listen on loopback, on ports chosen by the system, keep nothing on disk, and die with us.
2. Nobody starts a dead node again: a cluster that lost a primary lives on the replica that took its place.
3. `start` ends when every replica follows its primary (``master_link_status:up``): only then can it take over.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bidding.live.slots import SLOTS
from web.running.embedded_valkey import USERS, ValkeyBinary, bundled_valkey, write_users
from web.running.processes import ServerFailed, end, poll_async, spawn, tail

HOST: Final = "127.0.0.1"
PRIMARIES: Final = 3
NODE_TIMEOUT_MS: Final = 1_000
"""Silence after which the others call a node dead; its replica is promoted a moment later. Half of it replaces primaries
that are merely slow, where other work keeps a machine busy."""
READY_S: Final = 20.0
ROUNDS: Final = 3
"""Most tries to start a node: between choosing a port and listening on it somebody else may take it."""


@dataclass
class Node:
    """One server of the cluster."""

    port: int
    bus: int
    """Port on which the nodes talk to each other."""
    process: asyncio.subprocess.Process
    client: Redis

    def send(self, number: signal.Signals) -> None:
        """Send a signal: SIGKILL kills, SIGSTOP puts to sleep, SIGCONT wakes."""
        self.process.send_signal(number)

    async def role(self) -> str:
        """Give ``master`` or ``slave``, as the node itself says."""
        return str((await self.client.info("replication"))["role"])

    async def follows(self) -> int:
        """Give the port of the primary whose replica this is; zero: it is one itself."""
        return int((await self.client.info("replication")).get("master_port", 0))


class OwnCluster:
    """The nodes of one cluster: the first `PRIMARIES` began as primaries, each other one as the replica of one of them."""

    def __init__(self, folder: Path, binary: ValkeyBinary, *, options: Sequence[str] = ()) -> None:
        """Do nothing yet; ``options`` are given to every server."""
        self._folder = folder
        self._binary = binary
        self._options = options
        self.nodes: list[Node] = []

    @property
    def url(self) -> str:
        """The address of the cluster, as ``REDIS_URL`` takes it."""
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    async def start(self) -> None:
        """Start all nodes and make them one cluster (rule 3). Raises `ServerFailed`."""
        self.nodes = list(await asyncio.gather(*(self._node(number) for number in range(2 * PRIMARIES))))
        first, *others = self.nodes
        for number, node in enumerate(self.nodes):
            await node.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number, (low, high) in enumerate(_ranges(PRIMARIES)):
            await self.nodes[number].client.execute_command("CLUSTER", "ADDSLOTSRANGE", low, high)
        for node in others:
            await node.client.execute_command("CLUSTER", "MEET", HOST, first.port, first.bus)
        await self._until(self._all_met, "meet")
        for number, replica in enumerate(self.nodes[PRIMARIES:]):
            primary = await self.nodes[number].client.execute_command("CLUSTER", "MYID")
            await replica.client.execute_command("CLUSTER", "REPLICATE", primary.decode())
        await self._until(self._all_serve, "serve")

    async def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes:
            with suppress(ProcessLookupError):
                node.send(signal.SIGCONT)
            await end(node.process, [], grace_s=1)
            await node.client.aclose()

    async def _node(self, number: int) -> Node:
        log = self._folder / f"node-{number}.log"
        for _ in range(ROUNDS):
            port, bus = _free_port(), _free_port()
            process = await spawn(self._argv(number, port, bus), log=log, death_signal=signal.SIGKILL)
            node = Node(port, bus, process, Redis(host=HOST, port=port, socket_timeout=2))

            async def answers(node: Node = node) -> bool:
                return node.process.returncode is not None or await _pings(node)

            if await poll_async(answers, READY_S) and process.returncode is None:
                return node
            await end(process, [], grace_s=1)
            await node.client.aclose()
        raise ServerFailed(f"a node of the cluster did not start:\n{tail(log)}")

    def _argv(self, number: int, port: int, bus: int) -> list[str]:
        home = self._folder / f"node-{number}-{port}"
        home.mkdir()
        write_users(home / USERS)
        settings = {
            "bind": HOST,
            "port": str(port),
            "cluster-enabled": "yes",
            "cluster-port": str(bus),
            "cluster-node-timeout": str(NODE_TIMEOUT_MS),
            "cluster-require-full-coverage": "no",
            "repl-diskless-sync-delay": "0",
            "maxmemory-policy": "noeviction",
            "appendonly": "no",
            "save": "",
            "aclfile": str(home / USERS),
            "dir": str(home),
            "logfile": "",
        }
        return [
            str(self._binary.program),
            *(part for name, value in settings.items() for part in (f"--{name}", value)),
            *self._options,
        ]

    async def _until(self, happened: Callable[[], Awaitable[bool]], what: str) -> None:
        if not await poll_async(happened, READY_S):
            raise ServerFailed(f"the nodes of the cluster did not {what} in time")

    async def _all_met(self) -> bool:
        """Whether every node has shaken hands with every other."""
        for node in self.nodes:
            told = (await node.client.execute_command("CLUSTER", "NODES")).decode()
            if len(told.splitlines()) < len(self.nodes) or "handshake" in told:
                return False
        return True

    async def _all_serve(self) -> bool:
        for number, node in enumerate(self.nodes):
            about = (await node.client.execute_command("CLUSTER", "INFO")).decode()
            if "cluster_state:ok" not in about:
                return False
            link = (await node.client.info("replication")).get("master_link_status")
            if number >= PRIMARIES and link != "up":
                return False
        return True


@asynccontextmanager
async def own_cluster(
    folder: Path, *, binary: ValkeyBinary | None = None, options: Sequence[str] = ()
) -> AsyncIterator[OwnCluster]:
    """Run a cluster while the block runs; its nodes keep their files in ``folder``."""
    cluster = OwnCluster(folder, binary or bundled_valkey(), options=options)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


def _ranges(parts: int) -> list[tuple[int, int]]:
    bounds = [SLOTS * number // parts for number in range(parts + 1)]
    return [(low, high - 1) for low, high in pairwise(bounds)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def _pings(node: Node) -> bool:
    """Whether the node answers: itself, not somebody else's server that had its port a moment before."""
    try:
        return int((await node.client.info("server"))["process_id"]) == node.process.pid
    except (RedisError, OSError):
        return False
