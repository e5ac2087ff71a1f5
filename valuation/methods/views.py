"""How a reference price came, for the public page: every platform that was asked, with its value; late ones marked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.methods import store


class InquiryShown(msgspec.Struct, frozen=True, kw_only=True):
    """The online inquiry behind a price."""

    started_at: datetime
    closed_at: datetime | None
    platforms: tuple[store.AskView, ...]


async def inquiry_behind(tx: Transaction, reference_price_id: UUID) -> InquiryShown | None:
    """Give the inquiry that made this price, ``None`` if the price came another way.

    Source: 网拍 13(3); 参考价 11, 13.
    """
    row = (
        await tx.session.execute(
            text(
                "SELECT i.inquiry_id, i.started_at, i.closed_at FROM valuation.reference_price p "
                "JOIN valuation.inquiry i USING (inquiry_id) WHERE p.reference_price_id = :id"
            ),
            {"id": reference_price_id},
        )
    ).one_or_none()
    if row is None:
        return None
    platforms = tuple(await store.asks(tx, row.inquiry_id))
    return InquiryShown(started_at=row.started_at, closed_at=row.closed_at, platforms=platforms)
