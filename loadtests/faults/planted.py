"""Break the house on purpose, in processes of its own, to see whether the checker says so (bid-core 27).

Nothing is planted unless the environment names a switch (`VARIABLE`), which only fault schedules do; the product knows neither the
variable nor this module. The switch is a file that holds the name of the bug that is on now. Each bug takes away every
guard that stands in its way, because the house has several: one guard less is survived, and what is survived exposes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from bidding.journal import hold_shard
from bidding.journal.batches import BatchPlan
from bidding.journal.commit_bids import Checkpoint, Done, nothing
from bidding.journal.committed import Committed
from bidding.journal.hold_shard import Tenure
from bidding.journal.receipts import ReceiptKey
from bidding.journal.shard_door import Ownership
from bidding.live.decision import Decision
from bidding.live.keys import Entry
from bidding.rooms.room import Member, Room
from bidding.rooms.shard_rooms import ShardRooms
from bidding.rooms.wire import Events
from bidding.rules.session import BidId

VARIABLE: Final = "LOADTESTS_PLANTED"
ACKNOWLEDGE_EARLY: Final = "acknowledge-before-commit"
NO_EPOCH_CHECK: Final = "no-epoch-check"
PUBLISH_TWICE: Final = "publish-twice"
BUGS: Final = (ACKNOWLEDGE_EARLY, NO_EPOCH_CHECK, PUBLISH_TWICE)


class Switch:
    """The file that says which bug is on."""

    def __init__(self, file: Path) -> None:
        """Bind."""
        self._file = file

    def turn(self, bug: str) -> None:
        """Turn one bug on and the others off; an empty name: all off."""
        assert not bug or bug in BUGS, f"no bug is called {bug}"
        self._file.write_text(bug, encoding="ascii")

    def is_on(self, bug: str) -> bool:
        """Whether this bug is on."""
        return self._file.exists() and self._file.read_text("ascii") == bug


def plant() -> None:
    """Plant all bugs behind the switch that the environment names, if it names one."""
    named = os.environ.get(VARIABLE, "")
    if not named:
        return
    switch = Switch(Path(named))
    _acknowledge_early(switch)
    _forget_epochs(switch)
    _publish_twice(switch)


def _acknowledge_early(switch: Switch) -> None:
    """Have committers publish a batch while its transaction is still open."""
    commit, publish = Tenure._commit, Tenure._publish
    commit_batch: Callable[..., Awaitable[Done]] = vars(hold_shard)["commit_batch"]
    owners: list[Tenure] = []

    async def noted(tenure: Tenure, entries: Sequence[Entry]) -> None:
        owners[:] = [tenure]
        await commit(tenure, entries)

    async def early(
        door: asyncpg.Connection[Any], own: Ownership, plan: BatchPlan, key: ReceiptKey, *, checkpoint: Checkpoint
    ) -> Done:
        if not switch.is_on(ACKNOWLEDGE_EARLY):
            return await commit_batch(door, own, plan, key, checkpoint=checkpoint)
        async with door.transaction():
            done = await commit_batch(door, own, plan, key, checkpoint=nothing)
            await publish(owners[0], done.message)
            await checkpoint("inserted")
        await checkpoint("committed")
        return done

    Tenure._commit = noted  # type: ignore[assignment] # a planted bug, in this process only
    vars(hold_shard)["commit_batch"] = early


def _forget_epochs(switch: Switch) -> None:
    """Have gateways answer by the number alone, whatever became of the epoch in which it was given."""
    note, agrees, decide_again = Room.note_epoch, Room._agrees, Room.decide_again

    def noted(room: Room, epoch: int) -> None:
        if switch.is_on(NO_EPOCH_CHECK):
            room.epoch = max(room.epoch, epoch)
        else:
            note(room, epoch)

    def agreed(room: Room, bid_id: BidId, decision: Decision, member: Member | None = None) -> bool | None:
        return True if switch.is_on(NO_EPOCH_CHECK) else agrees(room, bid_id, decision, member)

    def decided_again(room: Room) -> None:
        if not switch.is_on(NO_EPOCH_CHECK):
            decide_again(room)

    Room.note_epoch = noted  # type: ignore[assignment] # a planted bug, in this process only
    Room._agrees = agreed  # type: ignore[assignment]
    Room.decide_again = decided_again  # type: ignore[assignment]


def _publish_twice(switch: Switch) -> None:
    """Have committers publish everything twice, and gateways show it twice."""
    publish, show = Tenure._publish, ShardRooms._fan_out

    async def published(tenure: Tenure, message: Committed) -> None:
        for _ in range(2 if switch.is_on(PUBLISH_TWICE) else 1):
            await publish(tenure, message)

    async def shown(
        rooms: ShardRooms, members: Iterable[Member], message: Events, frame: bytes, letters: Mapping[Member, bytes]
    ) -> None:
        everybody = list(members)
        await show(rooms, everybody, message, frame, letters)
        if switch.is_on(PUBLISH_TWICE):
            await show(rooms, everybody, message, frame, {})

    Tenure._publish = published  # type: ignore[assignment] # a planted bug, in this process only
    ShardRooms._fan_out = shown  # type: ignore[assignment]
