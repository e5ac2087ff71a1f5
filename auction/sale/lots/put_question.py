"""Put a question other than a listing to the panel."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.lots import store
from auction.sale.lots.panel import (
    AfterFailureProposal,
    AlreadyDecided,
    BarredBuyerProposal,
    BuyerNotBarred,
    DefaultProposal,
    FirstRefusalProposal,
    UnclearListProposal,
)
from auction.sale.lots.tables import LotRow
from auction.sale.lots.unclear_list import check_may_ask


class PutQuestion(Command, frozen=True, kw_only=True):
    """Ask the panel of the lot's case to approve this proposal."""

    question_id: UUID
    proposal: FirstRefusalProposal | DefaultProposal | AfterFailureProposal | BarredBuyerProposal | UnclearListProposal


async def put_question(db: Database, actor: Actor, command: PutQuestion) -> UUID:
    """Store the question and give its id.

    A sale is put to the panel only while a ban of its buyer holds for the asset. One that it did not uphold is not put to
    it again: there the next step is to set it aside. Silence of a list is put to it once the wait is over (S26).
    Raises: `LotUnknown`, `PanelUnknown`, `BuyerNotBarred`, `AlreadyDecided`, `VotesOutstanding`, `NothingUnclear`, `ListSilent`. Source: 网拍 19, 24, 27.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> UUID:
        lot = await store.open_lot(tx, command.proposal.lot_id)
        if isinstance(command.proposal, BarredBuyerProposal):
            await _check_barred(tx, lot, command.proposal)
        if isinstance(command.proposal, UnclearListProposal):
            await check_may_ask(tx, command.proposal)
        await store.put(
            tx,
            question_id=command.question_id,
            case_id=lot.case_id,
            lot_id=lot.lot_id,
            proposal=command.proposal,
        )
        return command.question_id

    return await db.carry_out(actor, command, work, UUID)


async def _check_barred(tx: Transaction, lot: LotRow, asked: BarredBuyerProposal) -> None:
    if await store.buyer_barred_at(tx, lot, asked.round_id) is None:
        raise BuyerNotBarred
    if await store.is_not_upheld(tx, lot_id=lot.lot_id, round_id=asked.round_id):
        raise AlreadyDecided
