"""One schedule: open lots, let bidders in, bid in an open model, let the blows fall, and have everything checked.

1. Two lots stay open, one of them in its last five minutes, so that every bid moves its end; the third ends while bids go on,
   at a hard end or by a short extension.
2. Bidding goes on until every group of clients of the open lots was acknowledged `CALM_S` after the last healing, for
   `LONGEST_S` at most. Then every bid must have its final answer, and everybody must have been shown everything.
3. After a single fault bids must be acknowledged again within `AGAIN_S` (bid-core 26): the last silence of any group
   must have ended by then.
4. No process of the product may end by itself, and none may meet what it cannot explain.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from bidding.rules.session import SPC_2016, RuleSet, recorded
from loadtests.checker import check
from loadtests.faults.blows import Struck, strike
from loadtests.faults.clients import BIDS_LIMIT, FaultCrowd
from loadtests.faults.ground import COMMITTERS, GATEWAYS, Ground
from loadtests.faults.keeper import log_file
from loadtests.faults.schedule import EMPTIED, LONGEST_S, Fault, Schedule
from loadtests.lot import Lot
from loadtests.lots import SECOND_US, open_lots
from loadtests.stored import Stored, read_stored
from web.running.processes import poll, poll_async

RATE: Final = 50.0
BIDDERS: Final = 6
CALM_S: Final = 1.5
AGAIN_S: Final = 10.0
ENTER_S: Final = 20.0
ANSWERS_S: Final = 15.0
HEAL_S: Final = 12.0
SETTLE_S: Final = 10.0
LOOKS: Final = 3
POLL_S: Final = 0.05
ENDS_S: Final = (2.5, 7.0)
"""When the third lot ends, after the first bid."""
SET_UP_S: Final = 1.5
LAST_MINUTES: Final = recorded("spc", SPC_2016)
HARD_END: Final = recorded("hard-end", msgspec.structs.replace(SPC_2016, extension_window_us=0, extension_us=0))
SHORT_END: Final = recorded(
    "short-end", msgspec.structs.replace(SPC_2016, extension_window_us=SECOND_US // 2, extension_us=SECOND_US // 2)
)
OWN_FAULTS: Final = ('"room_task_failed"', '"room_contradicted"', '"lot_halted"', "Traceback (most recent")
"""What a log of the product says only when something happened that it cannot explain."""


class Endured(msgspec.Struct, frozen=True, kw_only=True):
    """One fault as it happened; ``again_s`` is missing where it counts for nothing (two faults at once)."""

    kind: str
    at_s: float
    lasted_s: float
    again_s: float | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one schedule found."""

    seed: int
    faults: tuple[Endured, ...]
    violations: tuple[str, ...]
    bids: int
    accepted: int
    refused: int
    bidding_s: float
    returns: int
    """How often a client came in again."""


class Blow:
    """One fault on its way."""

    def __init__(self, ground: Ground, fault: Fault, began_s: float) -> None:
        """Bind; `fall` carries it out."""
        self.fault = fault
        self._ground = ground
        self._began_s = began_s
        self._struck: Struck | None = None
        self.healed_s = 0.0

    async def fall(self) -> None:
        """Let it fall when it is due, and undo it after a while, whatever happens."""
        await asyncio.sleep(max(0.0, self._began_s + self.fault.at_s - time.monotonic()))
        self._struck = struck = await strike(self._ground, self.fault)
        try:
            await asyncio.sleep(self.fault.lasts_s)
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(struck.heal(), HEAL_S)
            self.healed_s = time.monotonic()

    @property
    def from_s(self) -> float:
        """From when recovery counts."""
        return self.struck_s if self.fault.from_blow else self.healed_s

    @property
    def struck_s(self) -> float:
        """When it fell."""
        assert self._struck is not None, "it has fallen"
        return self._struck.at_s


async def run_schedule(ground: Ground, schedule: Schedule) -> Result:
    """Run one schedule on a house that is whole; give what was found.

    Raises:
        HouseUnfit: the house did not come up before it, or lots could not be opened.
    """
    await ground.whole()
    chance = Random(f"load {schedule.seed}")
    lots = await _lots(ground, chance)
    crowd = FaultCrowd(ground, lots, seed=schedule.seed)
    crowd.come()
    before = _standing(ground)
    logs = _ends_of_logs(ground)
    try:
        found = (
            [] if await poll(lambda: crowd.all_in, ENTER_S) else ["not in: clients were not let in before any fault"]
        )
        began_s = time.monotonic()
        blows = [Blow(ground, fault, began_s) for fault in schedule.faults]
        found += await _bid(crowd, lots, blows, chance, began_s)
        bidding_s = time.monotonic() - began_s
        stored = await _settle(ground, crowd)
    finally:
        await crowd.go()
    found += crowd.absent() + _checked(ground, crowd, stored)
    found += _deaths(ground, schedule, before) + _own_faults(ground, logs)
    faults = _endured(crowd, blows, began_s)
    found += [late for one in faults if (late := _late(one))]
    return _result(schedule, crowd, faults, found, bidding_s)


def _result(
    schedule: Schedule, crowd: FaultCrowd, faults: Sequence[Endured], found: Sequence[str], bidding_s: float
) -> Result:
    told = [answers[0].accepted for client in crowd.clients for answers in client.answers.values()]
    return Result(
        seed=schedule.seed,
        faults=tuple(faults),
        violations=tuple(found),
        bids=crowd.sent,
        accepted=sum(told),
        refused=len(told) - sum(told),
        bidding_s=round(bidding_s, 2),
        returns=sum(seat.returns - 1 for seat in crowd.seats),
    )


# Lots and bids.


async def _lots(ground: Ground, chance: Random) -> list[Lot]:
    """Open the three lots (rule 1)."""
    last: RuleSet = chance.choice([HARD_END, SHORT_END])
    minutes_us = 60 * SECOND_US
    ends_us = round((SET_UP_S + chance.uniform(*ENDS_S)) * SECOND_US)
    opened = await asyncio.gather(
        open_lots(ground.house, lots=1, bidders=BIDDERS, rules=LAST_MINUTES, lasts_us=4 * minutes_us),
        open_lots(ground.house, lots=1, bidders=BIDDERS, rules=LAST_MINUTES, lasts_us=60 * minutes_us),
        open_lots(ground.house, lots=1, bidders=BIDDERS, rules=last, lasts_us=ends_us),
    )
    return [lot for lots in opened for lot in lots]


async def _bid(
    crowd: FaultCrowd, lots: Sequence[Lot], blows: Sequence[Blow], chance: Random, began_s: float
) -> list[str]:
    """Bid while the blows fall and until all is well again (rule 2); tell who was not answered."""
    bidding: set[asyncio.Task[None]] = set()
    arriving = asyncio.create_task(_arrive(crowd, lots, chance, bidding))
    falling = [asyncio.create_task(blow.fall()) for blow in blows]
    try:
        await asyncio.gather(*falling)
        while time.monotonic() - began_s < LONGEST_S:
            since_s = max(blow.healed_s for blow in blows) + CALM_S
            if crowd.accepted.all_since(since_s, lots=range(2)):
                break
            await asyncio.sleep(POLL_S)
    finally:
        arriving.cancel()
        await asyncio.gather(arriving, *falling, return_exceptions=True)
        if bidding:
            await asyncio.wait(bidding, timeout=ANSWERS_S)
        for task in list(bidding):
            task.cancel()
        await asyncio.gather(*bidding, return_exceptions=True)
    unanswered = crowd.sent - crowd.answered
    return [f"unanswered: {unanswered} bids have no final answer"] if unanswered else []


async def _arrive(crowd: FaultCrowd, lots: Sequence[Lot], chance: Random, bidding: set[asyncio.Task[None]]) -> None:
    """Send bids when they are due, whatever became of earlier ones; the same ones for the same seed."""
    due_s = time.monotonic()
    for _ in range(BIDS_LIMIT):
        due_s += chance.expovariate(RATE)
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        task = asyncio.create_task(crowd.bid(chance.choice(lots)))
        bidding.add(task)
        task.add_done_callback(bidding.discard)


# Afterwards.


def _sessions(crowd: FaultCrowd) -> set[UUID]:
    return {client.session_id for client in crowd.clients}


async def _settle(ground: Ground, crowd: FaultCrowd) -> Stored:
    """Wait until everybody is in and was shown all that is stored; then nobody is shown any more (the checker compares)."""
    sessions = sorted(_sessions(crowd))
    for look in range(LOOKS):
        await poll_async(lambda: _knows_all(ground, crowd), SETTLE_S)
        stored = await read_stored(ground.house.dsn, sessions)
        last = {row.session_id: row.sequence for row in stored.sessions}
        settled = all(seat.is_in and seat.known == last.get(seat.record.session_id) for seat in crowd.seats)
        if settled or look == LOOKS - 1:
            crowd.freeze()
            return stored
    raise AssertionError("there is a last look")


async def _knows_all(ground: Ground, crowd: FaultCrowd) -> bool:
    try:
        connection = await asyncpg.connect(ground.house.dsn, timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    try:
        rows = await connection.fetch(
            "SELECT session_id, sequence FROM bidding.session WHERE session_id = ANY($1)", list(_sessions(crowd))
        )
    finally:
        await connection.close()
    stored = {row["session_id"]: row["sequence"] for row in rows}
    return all(seat.is_in and seat.known == stored.get(seat.record.session_id) for seat in crowd.seats)


def _checked(ground: Ground, crowd: FaultCrowd, stored: Stored) -> list[str]:
    house = ground.house
    return check(crowd.clients, stored, {house.receipts.key_id: house.receipts.public})


# What the processes did (rule 4).


def _standing(ground: Ground) -> dict[str, int]:
    return {name: ground.pid(name) for name in (*COMMITTERS, *GATEWAYS)}


def _deaths(ground: Ground, schedule: Schedule, before: Mapping[str, int]) -> list[str]:
    kinds = {fault.kind for fault in schedule.faults}
    if "supervisor-kill" in kinds:
        return []
    victims = {GATEWAYS[fault.side] for fault in schedule.faults if fault.kind == "gateway-kill"}
    if kinds & {"committer-kill", "committer-inserted", "committer-committed", EMPTIED.name}:
        victims |= set(COMMITTERS)
    now = _standing(ground)
    return [f"died: {name} ended by itself" for name, pid in before.items() if name not in victims and now[name] != pid]


def _ends_of_logs(ground: Ground) -> dict[str, int]:
    logs = {name: log_file(ground.folder, name) for name in (*COMMITTERS, *GATEWAYS)}
    return {name: log.stat().st_size if log.exists() else 0 for name, log in logs.items()}


def _own_faults(ground: Ground, since: Mapping[str, int]) -> list[str]:
    found = []
    for name, start in since.items():
        with suppress(OSError), log_file(ground.folder, name).open("rb") as log:
            log.seek(start)
            said = log.read().decode("utf-8", "replace")
            found += [f"own fault: {name} says {word}" for word in OWN_FAULTS if word in said]
    return found


# Bid-core 26.


def _endured(crowd: FaultCrowd, blows: Sequence[Blow], began_s: float) -> list[Endured]:
    single = len(blows) == 1
    return [
        Endured(
            kind=blow.fault.kind,
            at_s=round(blow.struck_s - began_s, 2),
            lasted_s=round(blow.healed_s - blow.struck_s, 2),
            again_s=_again_s(crowd, blow) if single else None,
        )
        for blow in blows
    ]


def _again_s(crowd: FaultCrowd, blow: Blow) -> float:
    """Give how long after it counts bids were acknowledged again; a minute stands for *not within the schedule*."""
    again_s = crowd.accepted.again_after(blow.struck_s, lots=range(2)) - blow.from_s
    return round(max(0.0, again_s), 3) if math.isfinite(again_s) else 60.0


def _late(one: Endured) -> str:
    if one.again_s is None or one.again_s <= AGAIN_S:
        return ""
    return f"not again: {one.kind} was endured for {one.again_s:g} s, {AGAIN_S:g} s are allowed"
