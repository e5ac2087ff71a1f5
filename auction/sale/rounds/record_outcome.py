"""Record how a round ended: outcome, states, deposits, and the confirmation, in one transaction."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.contracts import RoundOutcome
from auction.fund.deposits.apply_deposit import close_deposits
from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.money import Money
from auction.sale.columns import add
from auction.sale.guards.ask_control import AskControlOfRound, plan_asking_control
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotRow, OutcomeRow, RoundRow
from auction.sale.registers.ask_lists import AskLists, plan_asking
from auction.sale.rounds import store
from auction.sale.rounds.bidders import RegistrationState
from auction.sale.rounds.rounds import OutcomeAfterStop, OutcomeDiffers, RoundState
from auction.sale.rounds.tables import RegistrationRow
from auction.sale.rounds.tell_integrity import send_roster
from auction.sale.title.issue_confirmation import Buyer, issue_confirmation_in

RECORD_OUTCOME = "sale.record_outcome"


class RecordOutcome(Command, frozen=True, kw_only=True):
    """Record this outcome of a session whose journal was replayed and found equal."""

    outcome: RoundOutcome


class OutcomeRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """How the round stands after its outcome."""

    round_id: UUID
    lot_id: UUID
    state: RoundState
    confirmation_document_id: UUID | None


async def handle_record_outcome(db: Database, job: Job) -> None:
    """Handle the job `RECORD_OUTCOME`; a repeated message changes nothing."""
    outcome: RoundOutcome = job.decode(RoundOutcome)
    await record_outcome(db, SYSTEM, RecordOutcome(command_id=job.command_id("outcome"), outcome=outcome))


async def record_outcome(db: Database, actor: Actor, command: RecordOutcome) -> OutcomeRecorded:
    """Store the outcome; sold: confirmation and the winner's deposit applied; losers' deposits are released at once.

    Raises: `RoundUnknown`, `OutcomeDiffers`, `OutcomeAfterStop`. Source: 网拍 22, 23, 26.
    """
    require_role(actor, Role.SYSTEM)
    outcome = command.outcome

    async def work(tx: Transaction) -> OutcomeRecorded:
        round_row, lot = await store.open_round(tx, outcome.round_id)
        held = await store.outcome_of(tx, outcome.round_id)
        if held is not None:
            return await _same(held, outcome, round_row)
        await _check(tx, round_row, outcome)
        buyer = None
        if outcome.buyer_code is not None:
            buyer = await store.registration_behind(tx, outcome.round_id, outcome.buyer_code)
        await add(tx, _row(tx, outcome, buyer))
        state = RoundState.FAILED if buyer is None else RoundState.SOLD
        await store.move_round(tx, round_row, state, actor)
        await lots.move_lot(tx, lot, LotState(state.value), actor)
        await store.end_registrations(
            tx,
            outcome.round_id,
            winner=None if buyer is None else buyer.registration_id,
            admitted_become=RegistrationState.LOST,
        )
        document_id = await _settle(tx, actor, lot, round_row, buyer, outcome)
        await send_roster(tx, round_row)
        return OutcomeRecorded(
            round_id=outcome.round_id, lot_id=lot.lot_id, state=state, confirmation_document_id=document_id
        )

    return await db.carry_out(actor, command, work, OutcomeRecorded)


async def _settle(
    tx: Transaction, actor: Actor, lot: LotRow, row: RoundRow, buyer: RegistrationRow | None, outcome: RoundOutcome
) -> UUID | None:
    """Let fund apply and release the deposits; sold: issue the confirmation and give its document."""
    due_on = None
    document_id = None
    if buyer is not None:
        confirmation = await issue_confirmation_in(
            tx, actor, lot, Buyer(person_id=buyer.person_id, deposit_fen=buyer.deposit_fen), outcome
        )
        due_on, document_id = confirmation.balance_due_on, confirmation.document_id
        asking = AskLists(lot_id=lot.lot_id, round_id=row.round_id, person_id=buyer.person_id, moment="ruling")
        await plan_asking(tx, asking)
        of_round = AskControlOfRound(lot_id=lot.lot_id, round_id=row.round_id)
        await plan_asking_control(tx, of_round, moment="ruling")
    await close_deposits(
        tx,
        round_id=row.round_id,
        closed_at=outcome.closed_at,
        buyer_registration_id=None if buyer is None else buyer.registration_id,
        hammer_price=None if outcome.hammer_price_fen is None else Money(outcome.hammer_price_fen),
        balance_due_on=due_on,
    )
    return document_id


async def _same(held: OutcomeRow, outcome: RoundOutcome, row: RoundRow) -> OutcomeRecorded:
    """Answer a repeated outcome, or refuse another one (`OutcomeDiffers`)."""
    told = (outcome.session_id, outcome.result, outcome.hammer_price_fen, outcome.buyer_code, outcome.chain_head)
    known = (held.session_id, held.result, held.hammer_price_fen, held.buyer_code, held.chain_head)
    if told != known:
        raise OutcomeDiffers
    return OutcomeRecorded(
        round_id=row.round_id, lot_id=row.lot_id, state=RoundState(row.state), confirmation_document_id=None
    )


async def _check(tx: Transaction, row: RoundRow, outcome: RoundOutcome) -> None:
    if (row.session_id, row.lot_id) != (outcome.session_id, outcome.lot_id):
        raise OutcomeDiffers
    is_sold = outcome.result == "sold"
    if is_sold != (outcome.buyer_code is not None and outcome.hammer_price_fen is not None):
        raise OutcomeDiffers
    stop = await store.newest_stop(tx, row.round_id)
    if row.state == RoundState.STOPPED and stop is not None and outcome.closed_at >= stop.stopped_at:
        raise OutcomeAfterStop(closed_at=outcome.closed_at.isoformat(timespec="seconds"))


def _row(tx: Transaction, outcome: RoundOutcome, buyer: RegistrationRow | None) -> OutcomeRow:
    return OutcomeRow(
        round_id=outcome.round_id,
        session_id=outcome.session_id,
        lot_id=outcome.lot_id,
        result=outcome.result,
        hammer_price_fen=outcome.hammer_price_fen,
        buyer_code=outcome.buyer_code,
        buyer_registration_id=None if buyer is None else buyer.registration_id,
        closed_at=outcome.closed_at,
        bid_count=outcome.bid_count,
        last_sequence=outcome.last_sequence,
        chain_head=outcome.chain_head,
        taken_at=tx.now,
    )
