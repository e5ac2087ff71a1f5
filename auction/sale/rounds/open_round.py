"""Mark a round as open when its hour has come, or as resumed when its published hour has come.

The room decides by its own clock; this only keeps the public state of lot and round in step.
"""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.guards.ask_control import AskControlOfRound, plan_asking_control
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import RoundRow
from auction.sale.lots.venue import OpenRound
from auction.sale.registers.ask_lists import AskLists, plan_asking
from auction.sale.rounds import store
from auction.sale.rounds.rounds import RoundState


class MarkRoundOpen(Command, frozen=True, kw_only=True):
    """Bring the state of this round up to the present time."""

    round_id: UUID


async def handle_open_round(db: Database, job: Job) -> None:
    """Handle the job ``sale.open_round``; harmless whenever it comes."""
    opening: OpenRound = job.decode(OpenRound)
    await open_round(db, SYSTEM, MarkRoundOpen(command_id=job.command_id("open"), round_id=opening.round_id))


async def open_round(db: Database, actor: Actor, command: MarkRoundOpen) -> RoundState:
    """Move round and lot if their hour has come; gives the round's state. Raises: `RoundUnknown`."""
    require_role(actor, Role.SYSTEM)

    async def work(tx: Transaction) -> RoundState:
        round_row, lot = await store.open_round(tx, command.round_id)
        due = await _due_state(tx, round_row)
        if due is not None:
            await store.move_round(tx, round_row, due, actor)
            await lots.move_lot(tx, lot, LotState(due.value), actor)
            if due is RoundState.OPEN:
                await plan_asking(tx, AskLists(lot_id=lot.lot_id, round_id=round_row.round_id, moment="opening"))
                asking = AskControlOfRound(lot_id=lot.lot_id, round_id=round_row.round_id)
                await plan_asking_control(tx, asking, moment="opening")
        return RoundState(round_row.state)

    return await db.carry_out(actor, command, work, RoundState)


async def _due_state(tx: Transaction, row: RoundRow) -> RoundState | None:
    """The state into which the round is due to move now, ``None`` if it stays."""
    by_hour = RoundState.OPEN if tx.now >= row.opens_at else RoundState.ANNOUNCED
    if row.state == RoundState.ANNOUNCED:
        return by_hour if by_hour is RoundState.OPEN else None
    if row.state != RoundState.STOPPED:
        return None
    stop = await store.newest_stop(tx, row.round_id)
    resumption = None if stop is None else await store.resumption_of(tx, stop.stop_id)
    return by_hour if resumption is not None and resumption.resumes_at <= tx.now else None
