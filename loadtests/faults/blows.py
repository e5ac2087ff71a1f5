"""Do to the house what a schedule says: one function for each kind of fault, each giving what undoes it.

1. A blow has fallen when its function returns; `Struck.at_s` is the instant from which the house suffers.
2. Healing is done however the run ends; it may be done twice.
3. Victims are looked up when the blow falls: of two faults at once the second hits what the first has left.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from auction.kernel.errors import FaultOfOthers
from bidding.live.move_clock import move_clock
from loadtests.faults.full_disk import FullDisk
from loadtests.faults.ground import GATEWAYS, Ground, kill_all
from loadtests.faults.keeper import POSTGRES
from loadtests.faults.proxy import Line
from loadtests.faults.schedule import EMPTIED, Fault

DIES_S: Final = 4.0
"""A committer that shall kill itself at its next batch does so within this, or is killed."""
LOOK_S: Final = 0.005
TRIES: Final = 100
PAUSE_S: Final = 0.1
DETECTED_S: Final = 0.5
"""How long a silent primary goes unnoticed before its replica is promoted."""
OLD_PRIMARY_S: Final = 1.0
"""How long an old primary that woke up stays one before somebody tells it."""

Heal = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Struck:
    """A blow that has fallen."""

    at_s: float
    heal: Heal


async def _nothing() -> None:
    """Heal what needs no healing."""


async def strike(ground: Ground, fault: Fault) -> Struck:
    """Let one blow fall (rule 1)."""
    return await BLOWS[fault.kind](ground, fault)


def _now(heal: Heal = _nothing) -> Struck:
    return Struck(time.monotonic(), heal)


# PostgreSQL.


async def _kill_postgres(ground: Ground, _: Fault) -> Struck:
    kill_all([ground.pid(POSTGRES)] if ground.pid(POSTGRES) else [], signal.SIGKILL)
    return _now()


async def _kill_backend(ground: Ground, _: Fault) -> Struck:
    kill_all(ground.tree(POSTGRES)[-1:], signal.SIGKILL)
    return _now()


async def _stop_postgres(ground: Ground, _: Fault) -> Struck:
    return _stop(ground.tree(POSTGRES))


async def _fill_disk_of_postgres(ground: Ground, _: Fault) -> Struck:
    return await _fill(ground, POSTGRES)


# Redis.


async def _kill_redis(ground: Ground, _: Fault) -> Struck:
    kill_all([pid] if (pid := ground.pid(ground.primary)) else [], signal.SIGKILL)
    return _now(ground.make_replica)


async def _stop_redis(ground: Ground, _: Fault) -> Struck:
    return _stop(ground.tree(ground.primary))


async def _flush_redis(ground: Ground, _: Fault) -> Struck:
    with suppress(RedisError, OSError):
        async with ground.redis(ground.primary) as client:
            await client.flushall()
    return _now()


async def _fill_disk_of_redis(ground: Ground, _: Fault) -> Struck:
    return await _fill(ground, ground.primary)


async def _promote(ground: Ground, fault: Fault) -> Struck:
    """Kill the primary; its replica, which may have missed the last entries, takes its place; old lines end."""
    ground.lines["replication"].silence(lost=True)
    await asyncio.sleep(fault.lag_s)
    kill_all([pid] if (pid := ground.pid(ground.primary)) else [], signal.SIGKILL)
    struck_s = time.monotonic()
    await _promoted(ground, reset=True)
    return Struck(struck_s, ground.make_replica)


async def _wake_old_primary(ground: Ground, _: Fault) -> Struck:
    """Stop the primary; the replica takes its place for new lines; later the old one wakes up and knows of nothing."""
    stopped = _stop(ground.tree(ground.primary))
    await asyncio.sleep(DETECTED_S)
    await _promoted(ground, reset=False)

    async def wake() -> None:
        await stopped.heal()
        await asyncio.sleep(OLD_PRIMARY_S)
        await ground.make_replica()

    return Struck(stopped.at_s, wake)


async def _promoted(ground: Ground, *, reset: bool) -> None:
    for _ in range(TRIES):
        try:
            await ground.promote(reset=reset)
        except (RedisError, OSError, KeyError):
            await asyncio.sleep(PAUSE_S)
        else:
            break
    ground.lines["replication"].heal()


async def _step_clock(ground: Ground, fault: Fault) -> Struck:
    await _move(ground, fault.step_ms * 1_000)

    async def back() -> None:
        await _move(ground, 0)

    return _now(back)


async def _move(ground: Ground, offset_us: int) -> None:
    for _ in range(TRIES):
        try:
            await move_clock(ground.house.live, offset_us=offset_us)
        except (FaultOfOthers, RedisError, OSError):
            await asyncio.sleep(PAUSE_S)
        else:
            return


# Committers.


async def _kill_committer(ground: Ground, _: Fault) -> Struck:
    kill_all([pid] if (pid := ground.pid(ground.owner())) else [], signal.SIGKILL)
    return _now()


async def _stop_committer(ground: Ground, _: Fault) -> Struck:
    return _stop([pid] if (pid := ground.pid(ground.owner())) else [])


def _die_at(instant: str) -> Callable[[Ground, Fault], Awaitable[Struck]]:
    async def die(ground: Ground, _: Fault) -> Struck:
        order = ground.folder / instant
        order.touch()
        if not await gone(order, DIES_S):
            order.unlink(missing_ok=True)
            return await _kill_committer(ground, _)
        return _now()

    return die


async def _die_and_forget(ground: Ground, fault: Fault) -> Struck:
    """Have the owner die between INSERT and COMMIT, and Redis forget everything before anybody can take over."""
    async with ground.redis(ground.primary) as client:
        await client.ping()  # connected before, so that nothing is lost by waiting
        await _die_at("inserted")(ground, fault)
        await client.flushall()
    return _now()


async def gone(order: Path, within_s: float) -> bool:
    """Wait until a committer took the order to kill itself; false: none did."""
    until_s = time.monotonic() + within_s
    while order.exists():
        if time.monotonic() > until_s:
            return False
        await asyncio.sleep(LOOK_S)
    return True


# Gateways.


async def _kill_gateway(ground: Ground, fault: Fault) -> Struck:
    kill_all([pid] if (pid := ground.pid(GATEWAYS[fault.side])) else [], signal.SIGKILL)
    return _now()


async def _stop_gateway(ground: Ground, fault: Fault) -> Struck:
    return _stop([pid] if (pid := ground.pid(GATEWAYS[fault.side])) else [])


# The supervisor.


async def _kill_supervisor(ground: Ground, _: Fault) -> Struck:
    ground.kill_keeper()
    struck = _now(ground.make_replica)
    await ground.start_keeper()
    return struck


# Lines.

Choose = Callable[[Ground, Fault], Sequence[Line]]


def _all_to(server: str) -> Choose:
    return lambda ground, _: ground.lines_to(server)


def _owner_to(server: str) -> Choose:
    return lambda ground, _: [ground.lines[f"{ground.owner()}.{server}"]]


def _gateway_to(what: str) -> Choose:
    return lambda ground, fault: [ground.lines[f"{GATEWAYS[fault.side]}.{what}"]]


def _on(choose: Choose, act: Callable[[Line, Fault], None]) -> Callable[[Ground, Fault], Awaitable[Struck]]:
    async def blow(ground: Ground, fault: Fault) -> Struck:
        lines = choose(ground, fault)
        for line in lines:
            act(line, fault)

        async def heal() -> None:
            for line in lines:
                line.heal()

        return _now(heal)

    return blow


def _cut(line: Line, _: Fault) -> None:
    line.cut()


def _silence(line: Line, _: Fault) -> None:
    line.silence(lost=False)


def _lose(line: Line, _: Fault) -> None:
    line.silence(lost=True)


def _slow(line: Line, fault: Fault) -> None:
    line.slow(fault.delay_s)


# What several share.


def _stop(pids: list[int]) -> Struck:
    kill_all(pids, signal.SIGSTOP)

    async def go_on() -> None:
        kill_all(list(reversed(pids)), signal.SIGCONT)

    return _now(go_on)


async def _fill(ground: Ground, server: str) -> Struck:
    disk = FullDisk(lambda: ground.tree(server))
    await disk.fill()
    return _now(disk.empty)


BLOWS: Final[dict[str, Callable[[Ground, Fault], Awaitable[Struck]]]] = {
    "postgres-kill": _kill_postgres,
    "postgres-backend-kill": _kill_backend,
    "postgres-stop": _stop_postgres,
    "postgres-cut": _on(_all_to("postgres"), _cut),
    "postgres-silence": _on(_all_to("postgres"), _silence),
    "postgres-lost": _on(_all_to("postgres"), _lose),
    "postgres-slow": _on(_all_to("postgres"), _slow),
    "postgres-disk-full": _fill_disk_of_postgres,
    "redis-kill": _kill_redis,
    "redis-stop": _stop_redis,
    "redis-cut": _on(_all_to("redis"), _cut),
    "redis-silence": _on(_all_to("redis"), _silence),
    "redis-lost": _on(_all_to("redis"), _lose),
    "redis-slow": _on(_all_to("redis"), _slow),
    "redis-flush": _flush_redis,
    "redis-disk-full": _fill_disk_of_redis,
    "redis-promote": _promote,
    "redis-wake": _wake_old_primary,
    "committer-kill": _kill_committer,
    "committer-stop": _stop_committer,
    "committer-inserted": _die_at("inserted"),
    "committer-committed": _die_at("committed"),
    EMPTIED.name: _die_and_forget,
    "committer-lost-postgres": _on(_owner_to("postgres"), _lose),
    "committer-lost-redis": _on(_owner_to("redis"), _lose),
    "gateway-kill": _kill_gateway,
    "gateway-stop": _stop_gateway,
    "gateway-cut": _on(_gateway_to("clients"), _cut),
    "gateway-lost": _on(_gateway_to("clients"), _lose),
    "gateway-lost-redis": _on(_gateway_to("redis"), _lose),
    "gateway-lost-postgres": _on(_gateway_to("postgres"), _lose),
    "supervisor-kill": _kill_supervisor,
    "clock-step": _step_clock,
}
