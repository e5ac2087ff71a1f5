"""Record what follows a failed round."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.sale.cases import store as cases
from auction.sale.cases.cases import require_text
from auction.sale.cases.parties import PartyRole
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.lots.panel import AfterFailureProposal
from auction.sale.lots.tables import ChoiceAfterFailureRow, LotRow, RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.rounds import (
    Choice,
    ChoiceAlreadyMade,
    NotACreditor,
    RoundMoveNotAllowed,
    RoundState,
    SatisfactionBelowReserve,
    check_choice,
)

CREDITORS = frozenset({PartyRole.APPLICANT, PartyRole.OTHER_CREDITOR, PartyRole.MORTGAGEE})


class ChooseAfterFailure(Command, frozen=True, kw_only=True):
    """Record this choice, which the panel approved; the creditor and the price where one takes the asset in satisfaction."""

    round_id: UUID
    choice: Choice
    reason: str
    question_id: UUID
    creditor_party_id: UUID | None = None
    price_fen: int | None = None


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The choice, and the state of the lot after it."""

    round_id: UUID
    choice: Choice
    lot_state: LotState


async def choose_after_failure(db: Database, actor: Actor, command: ChooseAfterFailure) -> Chosen:
    """Store the choice, once. A second round or sell-off is then listed anew (`list_lot`) within the lawful time.

    Raises: `ChoiceNotLawful`, `ChoiceAlreadyMade`, `NotACreditor`, `SatisfactionBelowReserve`, `RoundMoveNotAllowed`,
    and the panel's refusals. Source: 网拍 26, 27; 拍变 16, 24, 25; 变卖衔接 2.
    """
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
    reason = require_text("choice.reason", command.reason, limit=2000)

    async def work(tx: Transaction) -> Chosen:
        round_row, lot = await store.open_round(tx, command.round_id)
        if round_row.state != RoundState.FAILED:
            raise RoundMoveNotAllowed(state=round_row.state, wanted=command.choice)
        if await tx.session.get(ChoiceAfterFailureRow, command.round_id) is not None:
            raise ChoiceAlreadyMade
        check_choice(round_row.kind, command.choice)
        await lots.require_approved(
            tx,
            command.question_id,
            AfterFailureProposal(lot_id=lot.lot_id, round_id=command.round_id, choice=command.choice),
        )
        await _check_satisfaction(tx, lot, command)
        await add(tx, _row(tx, actor, command, round_row, reason))
        if command.choice == "in_satisfaction":
            await lots.move_lot(tx, lot, LotState.SATISFIED, actor, reason=command.choice)
        elif command.choice == "lift_and_return":
            await lots.move_lot(tx, lot, LotState.RETURNED, actor, reason=command.choice)
        return Chosen(round_id=command.round_id, choice=command.choice, lot_state=LotState(lot.state))

    return await db.carry_out(actor, command, work, Chosen)


async def _check_satisfaction(tx: Transaction, lot: LotRow, command: ChooseAfterFailure) -> None:
    """Refuse a transfer in satisfaction to a stranger, or at another price than that round's reserve."""
    if command.choice != "in_satisfaction":
        return
    if command.creditor_party_id is None:
        raise NotACreditor
    party = await cases.party_row(tx, lot.case_id, command.creditor_party_id)
    if PartyRole(party.role) not in CREDITORS:
        raise NotACreditor
    listing = await lots.listing_row(tx, lot)
    if command.price_fen != listing.reserve_fen:
        raise SatisfactionBelowReserve(reserve=Money(listing.reserve_fen))


def _row(
    tx: Transaction, actor: Actor, command: ChooseAfterFailure, round_row: RoundRow, reason: str
) -> ChoiceAfterFailureRow:
    is_taken = command.choice == "in_satisfaction"
    return ChoiceAfterFailureRow(
        round_id=command.round_id,
        lot_id=round_row.lot_id,
        choice=command.choice,
        reason=reason,
        creditor_party_id=command.creditor_party_id if is_taken else None,
        price_fen=command.price_fen if is_taken else None,
        question_id=command.question_id,
        chosen_by=actor.account_id,
        chosen_at=tx.now,
    )
