"""Break the house on purpose, in a process of its own, to see whether the checker says so (bid-core 27).

A bug is planted when the environment names it as `VARIABLE`, which nothing but a fault schedule does; the product knows neither the
variable nor this module. Each bug takes away every guard that stands in its way, because the house has several: one guard less
is survived, and what is survived exposes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import asyncpg

from bidding.journal import hold_shard
from bidding.journal.batches import BatchPlan
from bidding.journal.commit_bids import Checkpoint, Done, commit_batch, nothing
from bidding.journal.committed import Committed
from bidding.journal.hold_shard import Tenure
from bidding.journal.receipts import ReceiptKey
from bidding.journal.shard_door import Ownership
from bidding.live.keys import Entry
from bidding.rooms.room import Member, Room
from bidding.rooms.shard_rooms import ShardRooms
from bidding.rooms.wire import Events

VARIABLE: Final = "LOADTESTS_PLANTED"
ACKNOWLEDGE_EARLY: Final = "acknowledge-before-commit"
NO_EPOCH_CHECK: Final = "no-epoch-check"
PUBLISH_TWICE: Final = "publish-twice"
BUGS: Final = (ACKNOWLEDGE_EARLY, NO_EPOCH_CHECK, PUBLISH_TWICE)


def plant() -> None:
    """Plant the bug that the environment names, if it names one."""
    named = os.environ.get(VARIABLE, "")
    if named == ACKNOWLEDGE_EARLY:
        _acknowledge_early()
    elif named == NO_EPOCH_CHECK:
        _forget_epochs()
    elif named == PUBLISH_TWICE:
        _publish_twice()
    else:
        assert not named, f"no bug is called {named}"


def _acknowledge_early() -> None:
    """Have committers publish a batch while its transaction is still open."""
    commit, publish = Tenure._commit, Tenure._publish
    owners: list[Tenure] = []

    async def noted(tenure: Tenure, entries: Sequence[Entry]) -> None:
        owners[:] = [tenure]
        await commit(tenure, entries)

    async def early(
        door: asyncpg.Connection[Any], own: Ownership, plan: BatchPlan, key: ReceiptKey, *, checkpoint: Checkpoint
    ) -> Done:
        async with door.transaction():
            done = await commit_batch(door, own, plan, key, checkpoint=nothing)
            await publish(owners[0], done.message)
            await checkpoint("inserted")
        await checkpoint("committed")
        return done

    Tenure._commit = noted  # type: ignore[assignment] # a planted bug, in this process only
    vars(hold_shard)["commit_batch"] = early


def _forget_epochs() -> None:
    """Have gateways answer by the number alone, whatever became of the epoch in which it was given."""

    def note(room: Room, epoch: int) -> None:
        room.epoch = max(room.epoch, epoch)

    def agree(*_: object) -> bool:
        return True

    def keep(_: Room) -> None:
        return

    Room.note_epoch = note  # type: ignore[assignment] # a planted bug, in this process only
    Room._agrees = agree  # type: ignore[assignment]
    Room.decide_again = keep  # type: ignore[assignment]


def _publish_twice() -> None:
    """Have committers publish everything twice, and gateways show it twice."""
    publish, show = Tenure._publish, ShardRooms._fan_out

    async def published(tenure: Tenure, message: Committed) -> None:
        await publish(tenure, message)
        await publish(tenure, message)

    async def shown(
        rooms: ShardRooms, members: Iterable[Member], message: Events, frame: bytes, letters: Mapping[Member, bytes]
    ) -> None:
        everybody = list(members)
        await show(rooms, everybody, message, frame, letters)
        await show(rooms, everybody, message, frame, {})

    Tenure._publish = published  # type: ignore[assignment] # a planted bug, in this process only
    ShardRooms._fan_out = shown  # type: ignore[assignment]
