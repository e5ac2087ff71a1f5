"""What was sold, and on which reference price: for comparing prices, and for the inquiry fee (参考价 27, 31).

1. A lot counts as sold while its sale neither was set aside nor failed by default.
2. The actual sale price, on which a fee rests, is told once the ruling confirms the sale: before it the buyer may default.
3. Of an area only a plain figure of square metres is read; anything else is no figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from auction.contracts import ClosedLot
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction

LOTS_LIMIT = 20_000
"""Newest sold lots that are read at once."""
_AREA = re.compile(r"(?<![\d.])(\d{1,7})(?:\.(\d{1,4}))?\s*(?:平方米|平米|㎡|m²|m2)")


class SoldLots:
    """The sale as valuation may look at it."""

    async def first_announced_on(self, tx: Transaction, reference_price_id: UUID) -> date | None:
        """Give the day of the first announcement on this price; ``None`` before. Source: 参考价 27."""
        found = await tx.session.scalar(
            text(
                "SELECT min(r.announced_at) FROM sale.round r JOIN sale.listing l ON (l.lot_id, l.version) "
                "= (r.lot_id, r.version) WHERE l.reference_price_id = :id"
            ),
            {"id": reference_price_id},
        )
        return None if found is None else local_day(found)

    async def sale_price_of(self, tx: Transaction, reference_price_id: UUID) -> int | None:
        """Give the hammer price that a ruling confirmed, in fen; ``None`` before (rule 2). Source: 参考价 31."""
        price: int | None = await tx.session.scalar(
            text(
                "SELECT o.hammer_price_fen FROM sale.outcome o JOIN sale.round r USING (round_id) "
                "JOIN sale.listing l ON (l.lot_id, l.version) = (r.lot_id, r.version) "
                "JOIN sale.sale_ruling s ON s.round_id = o.round_id "
                "WHERE l.reference_price_id = :id AND o.result = 'sold' ORDER BY o.closed_at DESC LIMIT 1"
            ),
            {"id": reference_price_id},
        )
        return price

    async def closed_lots(self, tx: Transaction, asset_class: str = "") -> Sequence[ClosedLot]:
        """Give the sold lots (rule 1), the newest first; of one class where it is named."""
        rows = await tx.session.execute(
            text(
                "SELECT o.lot_id, p.reference_price_id, a.asset_class, a.address, p.method, p.amount_fen AS reference_fen, "
                "o.hammer_price_fen AS hammer_fen, o.closed_at, (SELECT f.zh FROM sale.asset_fact f WHERE f.asset_id = "
                "a.asset_id AND f.field = 'area' ORDER BY f.number DESC LIMIT 1) AS area FROM sale.outcome o "
                "JOIN sale.round r USING (round_id) JOIN sale.listing l ON (l.lot_id, l.version) = (r.lot_id, r.version) "
                "JOIN sale.lot t ON t.lot_id = r.lot_id JOIN sale.asset a USING (asset_id) "
                "JOIN sale.reference_price p USING (reference_price_id) WHERE o.result = 'sold' AND :class IN ('', a.asset_class) "
                "AND NOT EXISTS (SELECT FROM sale.default_declaration d WHERE d.round_id = o.round_id) "
                "AND NOT EXISTS (SELECT FROM sale.setting_aside s WHERE s.round_id = o.round_id) "
                "ORDER BY o.closed_at DESC, o.lot_id LIMIT :limit"
            ),
            {"limit": LOTS_LIMIT, "class": asset_class},
        )
        return [
            ClosedLot(
                lot_id=row.lot_id,
                reference_price_id=row.reference_price_id,
                asset_class=row.asset_class,
                address=row.address,
                area_cm2=area_cm2(row.area or ""),
                method=row.method,
                reference_fen=row.reference_fen,
                hammer_fen=row.hammer_fen,
                closed_on=local_day(row.closed_at),
            )
            for row in rows
        ]


def area_cm2(written: str) -> int | None:
    """Read square metres from what a file says, in square centimetres; ``None`` where it holds no figure (rule 3)."""
    found = _AREA.search(written)
    if found is None:
        return None
    return int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))
