"""Confirm a right of first refusal and its rank by the panel's decision."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyUnknown
from auction.sale.columns import add
from auction.sale.lots import store
from auction.sale.lots.panel import FirstRefusalProposal
from auction.sale.lots.tables import FirstRefusalRow, ResumptionRow, RoundRow, StopRow

MAX_RANK = 99


class FirstRefusalAlreadyConfirmed(Conflict):
    """This person's right was confirmed before."""

    code = "first_refusal_already_confirmed"
    article = "网拍 19"
    zh = "该优先购买权已确认。"
    en = "This right of first refusal was already confirmed."


class FirstRefusalTooLate(Conflict):
    """Rights and ranks are confirmed before the bidding opens and before the holder is admitted."""

    code = "first_refusal_too_late"
    article = "网拍 19"
    zh = "竞价已经开始、结束或者该权利人已取得竞买资格，不再确认优先购买权。"
    en = "The bidding has opened or ended, or the holder is admitted; no right is confirmed any more."


class ConfirmFirstRefusal(Command, frozen=True, kw_only=True):
    """Confirm this right; the panel's question must hold exactly these facts. Rank 1 is the highest."""

    lot_id: UUID
    person_id: UUID
    basis: Literal["tenant", "co_owner", "shareholder", "other"]
    rank: int
    question_id: UUID


async def confirm_first_refusal(db: Database, actor: Actor, command: ConfirmFirstRefusal) -> UUID:
    """Store the confirmed right; later admissions of this person carry its rank.

    Raises: `ProposalDiffers`, `VotesOutstanding`, `PanelDisapproved`, `FirstRefusalAlreadyConfirmed`,
    `FirstRefusalTooLate`, `PartyUnknown`. Source: 网拍 19, 27.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK, Role.PRESIDING_JUDGE)
    proposal = FirstRefusalProposal(
        lot_id=command.lot_id, person_id=command.person_id, basis=command.basis, rank=command.rank
    )

    async def work(tx: Transaction) -> UUID:
        lot = await store.open_lot(tx, command.lot_id)
        if lot.state not in ("listed", "decided", "announced", "stopped", "draft"):
            raise FirstRefusalTooLate
        if not await cases.parties_by_person(tx, lot.case_id, command.person_id) or not 1 <= command.rank <= MAX_RANK:
            raise PartyUnknown
        if await store.is_admitted(tx, command.lot_id, command.person_id):
            raise FirstRefusalTooLate
        if await _has_opened(tx, command.lot_id):
            raise FirstRefusalTooLate
        await store.require_approved(tx, command.question_id, proposal)
        if await store.rank_of(tx, command.lot_id, command.person_id) is not None:
            raise FirstRefusalAlreadyConfirmed
        row = FirstRefusalRow(
            lot_id=command.lot_id,
            person_id=command.person_id,
            basis=command.basis,
            rank=command.rank,
            question_id=command.question_id,
            confirmed_at=tx.now,
        )
        await add(tx, row)
        return command.person_id

    return await db.carry_out(actor, command, work, UUID)


async def _has_opened(tx: Transaction, lot_id: UUID) -> bool:
    """Whether the bidding of the present round has begun; before its hour, and stopped before its hour, it has not."""
    found = select(RoundRow).where(RoundRow.lot_id == lot_id).order_by(RoundRow.number.desc()).limit(1)
    row = await tx.session.scalar(found)
    if row is None or row.state in ("failed", "withdrawn"):
        return False
    if row.state != "stopped":
        return tx.now >= row.opens_at
    newest = select(StopRow).where(StopRow.round_id == row.round_id).order_by(StopRow.stopped_at.desc()).limit(1)
    stop = await tx.session.scalar(newest)
    assert stop is not None, "a stopped round has a stop"
    if stop.resumes_into != "announced":
        return True
    resumption = await tx.session.get(ResumptionRow, stop.stop_id)
    return resumption is not None and tx.now >= max(row.opens_at, resumption.resumes_at)
