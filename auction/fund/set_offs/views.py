"""What the desks read of set-offs: those that were fixed, and those that wait for their second person; buyers are masked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.store import balance_of
from auction.fund.plans.payables import set_off_account
from auction.fund.set_offs.tables import SetOffCheckRow, SetOffProposalRow, SetOffRow
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of


class SetOffShown(msgspec.Struct, frozen=True, kw_only=True):
    """What of a buyer's share stands for his price, and how much of it no plan has used up yet."""

    round_id: UUID
    buyer_masked: str
    amount_fen: int
    ceiling_fen: int
    open_fen: int
    fixed_at: datetime


async def set_offs_of_case(tx: Transaction, case_id: UUID) -> tuple[SetOffShown, ...]:
    """Give the set-offs of a case, the first one first."""
    rows = await tx.session.scalars(select(SetOffRow).where(SetOffRow.case_id == case_id).order_by(SetOffRow.fixed_at))
    return tuple(
        [
            SetOffShown(
                round_id=row.round_id,
                buyer_masked=await masked_of(tx, row.person_id),
                amount_fen=row.amount_fen,
                ceiling_fen=row.ceiling_fen,
                open_fen=(await balance_of(tx, set_off_account(case_id, row.round_id))).fen,
                fixed_at=row.fixed_at,
            )
            for row in rows
        ]
    )


class SetOffWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """A set-off that one officer proposed; it counts for nothing until another natural person vouches for it."""

    proposal_id: UUID
    round_id: UUID
    buyer_masked: str
    amount_fen: int
    ordinary_order: str
    application_sha256: str
    document_id: UUID
    proposed_at: datetime


async def waiting_set_offs(tx: Transaction, case_id: UUID) -> tuple[SetOffWaiting, ...]:
    """Give the proposals of purchases that are open still and that nobody has looked at, the first one first."""
    found = (
        select(SetOffProposalRow, PurchaseRow.person_id)
        .join(PurchaseRow, PurchaseRow.round_id == SetOffProposalRow.round_id)
        .where(
            SetOffProposalRow.case_id == case_id,
            PurchaseRow.state == "open",
            SetOffProposalRow.proposal_id.not_in(select(SetOffCheckRow.proposal_id)),
        )
        .order_by(SetOffProposalRow.proposed_at)
    )
    return tuple(
        [
            SetOffWaiting(
                proposal_id=row.proposal_id,
                round_id=row.round_id,
                buyer_masked=await masked_of(tx, person_id),
                amount_fen=row.amount_fen,
                ordinary_order=row.ordinary_order,
                application_sha256=row.application_sha256,
                document_id=row.document_id,
                proposed_at=row.proposed_at,
            )
            for row, person_id in (await tx.session.execute(found)).all()
        ]
    )
