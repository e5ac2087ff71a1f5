"""Admit a bidder when his deposit is held: draw his code and hand the admission to the room."""

from __future__ import annotations

from auction.contracts import Admission, DepositHeld, RegistrationNamed
from auction.fund.deposits import store as deposits
from auction.fund.deposits.deposits import DepositTooLate, require_admissible
from auction.fund.deposits.release_deposit import plan_release
from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money
from auction.sale.links.traits import KEY_REGISTRATION
from auction.sale.lots import store as lots
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.bidders import RegistrationState, RegistrationUnknown
from auction.sale.rounds.tables import RegistrationRow
from auction.sale.rounds.tell_same_person import tell_room_of

DEPOSIT_HELD = "sale.deposit_held"
ADMIT_BIDDER = "bidding.admit_bidder"


class AdmitBidder(Command, frozen=True, kw_only=True):
    """Admit the registration whose deposit is held."""

    held: DepositHeld


async def handle_deposit_held(db: Database, job: Job) -> None:
    """Handle the job `DEPOSIT_HELD`; a repeated message changes nothing.

    The accounts that paid are known now, so the registration's keys are sent again: by a transaction of its own, before the admission,
    because a job that names the registration and one that names its code must not come from one moment (security 2).
    """
    held: DepositHeld = job.decode(DepositHeld)
    named = RegistrationNamed(registration_id=held.registration_id)
    await db.transact(lambda tx: enqueue(tx, KEY_REGISTRATION, named, only_once_as=job.command_id("keys")))
    await admit_bidder(db, SYSTEM, AdmitBidder(command_id=job.command_id("admit"), held=held))


async def admit_bidder(db: Database, actor: Actor, command: AdmitBidder) -> RegistrationState:
    """Admit, or give the deposit back if the round has ended meanwhile; the result never holds the code.

    Raises: `RegistrationUnknown` (also for a deposit that is not this registration's). Source: 网拍 17, 18, 19.
    """
    require_role(actor, Role.SYSTEM)
    held = command.held

    async def work(tx: Transaction) -> RegistrationState:
        found = await store.registration_row(tx, held.registration_id)
        round_row, _ = await store.open_round(tx, found.round_id)
        row = await store.registration_row(tx, held.registration_id)
        if row.deposit_id != held.deposit_id:
            raise RegistrationUnknown(registration_id=held.registration_id)
        if row.state == RegistrationState.AWAITING_DEPOSIT:
            await _admit(tx, row, round_row)
        return RegistrationState(row.state)

    return await db.carry_out(actor, command, work, RegistrationState)


async def _admit(tx: Transaction, row: RegistrationRow, round_row: RoundRow) -> None:
    """Admit whom his deposit admits; this transaction is the platform's confirmation that 网拍 18 asks for."""
    deposit = await deposits.deposit_row(tx, row.deposit_id)
    received = Money((await deposits.deposit_view(tx, deposit)).received_fen)
    ended_at = await store.ended_at(tx, round_row)
    try:
        require_admissible(due=Money(row.deposit_fen), confirmed=received, confirmed_at=tx.now, ended_at=ended_at)
    except DepositTooLate:
        row.state = RegistrationState.TOO_LATE.value
        await plan_release(tx, deposit, closed_at=tx.now)
        return
    row.state = RegistrationState.ADMITTED.value
    await tx.session.flush()
    admission = Admission(
        session_id=round_row.session_id,
        bidder_code=await store.draw_code(tx, row),
        first_refusal_rank=await lots.rank_of(tx, row.lot_id, row.person_id),
        has_agent=row.agent_confirmed_at is not None,
    )
    await enqueue(tx, ADMIT_BIDDER, admission)
    await tell_room_of(tx, round_row, row)
