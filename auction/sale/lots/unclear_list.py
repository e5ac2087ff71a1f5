"""Whether the lists let a sale be ruled on: they answered, or the panel decided knowing that they had not (S26)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Transaction
from auction.sale.lots import store
from auction.sale.lots.panel import AlreadyDecided, PanelDisapproved, UnclearListProposal, fingerprint_of
from auction.sale.lots.tables import LotRow, QuestionRow
from auction.sale.silence.store import unclear_of
from auction.sale.silence.unclear import WAIT, ListSilent, ListUnclear, NothingUnclear, Unclear


async def require_clear_lists(tx: Transaction, lot: LotRow, round_id: UUID) -> None:
    """Refuse the ruling while a list leaves the buyer open and the panel has not approved it knowing that.

    Raises: `ListSilent` (the wait is not over), `ListUnclear` (the panel was not asked), `VotesOutstanding`, `PanelDisapproved`.
    Source: 网拍 31(4), 34.
    """
    unclear = await unclear_of(tx, round_id)
    if not unclear:
        return
    last = _last(unclear)
    question = await _newest(tx, lot.lot_id, round_id)
    if question is None or question.put_at < last.panel_from:
        raise _silent(last) if tx.now < last.panel_from else ListUnclear(list=last.name)
    if not await store.decide_question(tx, question):
        raise PanelDisapproved


async def check_may_ask(tx: Transaction, asked: UnclearListProposal) -> None:
    """Refuse to put to the panel what is clear, what is still waited for, or what it has just not approved.

    Raises: `NothingUnclear`, `ListSilent`, `VotesOutstanding`, `AlreadyDecided`.
    """
    unclear = await unclear_of(tx, asked.round_id)
    if not unclear:
        raise NothingUnclear
    last = _last(unclear)
    if tx.now < last.panel_from:
        raise _silent(last)
    question = await _newest(tx, asked.lot_id, asked.round_id)
    if question is None or question.put_at < last.panel_from:
        return
    if await store.decide_question(tx, question) or tx.now < question.put_at + WAIT:
        raise AlreadyDecided


def _last(unclear: list[Unclear]) -> Unclear:
    """Give the list that the panel has to wait for longest."""
    return max(unclear, key=lambda each: each.panel_from)


def _silent(found: Unclear) -> ListSilent:
    return ListSilent(
        list=found.name,
        since=f"{found.since.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        until=f"{found.panel_from.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    )


async def _newest(tx: Transaction, lot_id: UUID, round_id: UUID) -> QuestionRow | None:
    digest = fingerprint_of(UnclearListProposal(lot_id=lot_id, round_id=round_id))
    found = select(QuestionRow).where(QuestionRow.lot_id == lot_id, QuestionRow.proposal_sha256 == digest)
    return await tx.session.scalar(found.order_by(QuestionRow.put_at.desc()).limit(1))
