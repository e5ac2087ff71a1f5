"""Leave a round that is stopped: the bidder has his deposit back and takes no further part.

1. Only while the round is deferred or stayed: nobody keeps a bidder's money for a sale of which no hour is known. 网拍 23
   frees deposits at the end and is silent on a stop; the release within its hours is a rule of this house (DECISIONS F43).
2. Who leads is bound by his bid until a higher one comes (拍卖法 36): he stays, and with him his deposit.
3. What leads is asked of the room once it has come to rest; before that nobody leaves.
4. Whoever left does not come back in this round: his code is void in the room, his deposit is on its way back.
5. A bidder leaves until shortly before a published resumption, so that no void code meets a running room.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from auction.contracts import Departure, StoppedRoom
from auction.fund.deposits import store as deposits
from auction.fund.deposits.release_deposit import plan_release, release_due
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Unlawful
from auction.kernel.jobs import enqueue
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.bidders import RegistrationState, RegistrationUnknown
from auction.sale.rounds.rounds import RoundState
from auction.sale.rounds.tables import RegistrationRow

LEAVE_ROOM = "bidding.leave_room"
LAST_EXIT = timedelta(minutes=10)
"""Nobody leaves later than this before a published resumption."""
TAKES_PART = frozenset({RegistrationState.AWAITING_DEPOSIT, RegistrationState.ADMITTED})


class NothingToLeave(Conflict):
    """The round is not stopped, or this registration has ended."""

    code = "round_not_to_be_left"
    article = "网拍 23, 28"
    zh = "只有在暂缓或者中止期间、报名仍有效时，才能申请退还保证金并退出。"
    en = "Only while the round is deferred or stayed, and the registration stands, may a bidder have his deposit back and leave."


class LeaderStays(Unlawful):
    """The highest bid binds its bidder."""

    code = "leader_does_not_leave"
    article = "拍卖法 36"
    zh = "您的出价目前最高，在出现更高出价之前不得撤回，不能退出。"
    en = "Your bid is the highest and binds you until a higher one comes; you cannot leave."


class RoomStillRuns(Conflict):
    """The room has not come to rest."""

    code = "room_still_runs"
    article = "house: who leads is known when the room has come to rest"
    zh = "竞价现场正在停止，请稍后再试。"
    en = "The room is coming to rest; please try again in a moment."


class ResumesSoon(Conflict):
    """The round goes on in a few minutes."""

    code = "round_resumes_soon"
    article = "house: nobody leaves in the last minutes before a resumption"
    zh = "竞价即将于{resumes_at}恢复，不再办理退出。"
    en = "The bidding goes on at {resumes_at}; nobody leaves in these last minutes."


class LeaveRound(Command, frozen=True, kw_only=True):
    """Have the deposit of one's own registration back, and leave."""

    registration_id: UUID


class StoppedRooms(Protocol):
    """Where the rooms are: in the bidding zone."""

    async def stopped_room(self, tx: Transaction, session_id: UUID) -> StoppedRoom | None:
        """Say whether a room is at rest and who leads, ``None`` if it was never opened."""
        ...


async def leave_round(db: Database, actor: Actor, command: LeaveRound, *, rooms: StoppedRooms) -> datetime:
    """Leave, and give the last lawful instant for the deposit's return.

    Raises: `RegistrationUnknown` (also another's), `NothingToLeave`, `RoomStillRuns`, `LeaderStays`, `ResumesSoon`.
    """
    require_role(actor, Role.BIDDER)

    async def work(tx: Transaction) -> datetime:
        found = await store.registration_row(tx, command.registration_id)
        if found.person_id != actor.person_id:
            raise RegistrationUnknown(registration_id=command.registration_id)
        round_row, _ = await store.open_round(tx, found.round_id)
        row = await store.registration_row(tx, command.registration_id)
        if round_row.state != RoundState.STOPPED or row.state not in TAKES_PART:
            raise NothingToLeave
        await _require_time(tx, round_row)
        code = await store.code_of(tx, row.registration_id)
        await _require_free(tx, rooms, round_row, code)
        return await _leave(tx, row, round_row, code)

    return await db.carry_out(actor, command, work, datetime)


async def _require_time(tx: Transaction, round_row: RoundRow) -> None:
    stop = await store.newest_stop(tx, round_row.round_id)
    resumption = None if stop is None else await store.resumption_of(tx, stop.stop_id)
    if resumption is not None and tx.now > resumption.resumes_at - LAST_EXIT:
        raise ResumesSoon(resumes_at=resumption.resumes_at.isoformat(timespec="minutes"))


async def _require_free(tx: Transaction, rooms: StoppedRooms, round_row: RoundRow, code: str | None) -> None:
    room = await rooms.stopped_room(tx, round_row.session_id)
    if room is None:
        return
    if not room.is_stopped:
        raise RoomStillRuns
    if code is not None and room.leader == code:
        raise LeaderStays


async def _leave(tx: Transaction, row: RegistrationRow, round_row: RoundRow, code: str | None) -> datetime:
    row.state = RegistrationState.LEFT.value
    await tx.session.flush()
    await plan_release(tx, await deposits.deposit_row(tx, row.deposit_id), closed_at=tx.now)
    if code is not None:
        left = Departure(session_id=round_row.session_id, lot_id=row.lot_id, registration_id=row.registration_id)
        await enqueue(tx, LEAVE_ROOM, left)
    return release_due(tx.now)
