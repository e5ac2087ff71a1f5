"""What the finance desk reads of payouts: each with its chain of signed steps, and what may be paid next.

Officers are shown by name, for four persons must be told apart; payees and their accounts are masked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.ledger.store import balance_of
from auction.fund.plans.payables import set_off_account
from auction.fund.set_offs.tables import SetOffRow
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
