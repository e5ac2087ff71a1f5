"""What was sold, and on which reference price: for comparing prices, and for the inquiry fee (参考价 27, 31).

1. A lot counts as sold while its sale neither was set aside nor failed by default.
2. The actual sale price, on which a fee rests, is told once the ruling confirms the sale: before it the buyer may default.
3. Of an area only a plain figure of square metres is read; anything else is no figure.
4. A sale ended unsold when the lot was taken in satisfaction of debt or given back, or its last round failed and other
   measures were chosen: then no round follows. A stop, a default, a sale set aside and a failed round with a round to come
   end nothing. Of several lots of an asset, one after the other, the newest counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import ClosedLot, SaleEnd
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.lots.lots import LotState

_CONFIRMED = frozenset({LotState.RULED, LotState.TITLE_PASSED, LotState.COMPLETED})
_UNSOLD = frozenset({LotState.SATISFIED, LotState.RETURNED})
LAST_CHOICE = "other_measures"
"""The choice after a failed round that leaves the lot failed, with no round to come (拍变 25, 变卖衔接 8)."""
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

    async def end_of_sale(self, tx: Transaction, asset_id: UUID) -> SaleEnd:
        """Say how the sale of an asset ended (rules 2 and 4). Source: 参考价 32."""
        rows = await tx.session.execute(
            text(
                "SELECT t.state, (SELECT c.choice FROM sale.choice_after_failure c JOIN sale.round r USING (round_id) "
                "WHERE r.lot_id = t.lot_id ORDER BY r.number DESC LIMIT 1) AS choice, "
                "(SELECT o.hammer_price_fen FROM sale.outcome o JOIN sale.sale_ruling s USING (round_id) "
                "WHERE o.lot_id = t.lot_id AND o.result = 'sold' ORDER BY o.closed_at DESC LIMIT 1) AS hammer_fen, "
                "greatest((SELECT max(e.at) FROM sale.lot_event e WHERE e.lot_id = t.lot_id), "
                "(SELECT max(c.chosen_at) FROM sale.choice_after_failure c WHERE c.lot_id = t.lot_id)) AS ended_at "
                "FROM sale.lot t WHERE t.asset_id = :id ORDER BY t.created_at DESC, t.lot_id DESC LIMIT 1"
            ),
            {"id": asset_id},
        )
        lot = rows.one_or_none()
        if lot is None:
            return SaleEnd(state="not_offered")
        found = end_of(LotState(lot.state), choice=lot.choice, hammer_fen=lot.hammer_fen)
        return found if found.state == "open" else msgspec.structs.replace(found, ended_at=lot.ended_at)

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


def end_of(state: LotState, *, choice: str | None, hammer_fen: int | None) -> SaleEnd:
    """Read how a sale ended from the lot's state, the choice after its last failed round, and the confirmed price (rule 4)."""
    if state in _CONFIRMED:
        return SaleEnd(state="sold", hammer_price_fen=hammer_fen)
    if state in _UNSOLD or (state is LotState.FAILED and choice == LAST_CHOICE):
        return SaleEnd(state="unsold")
    return SaleEnd(state="withdrawn" if state is LotState.WITHDRAWN else "open")


def area_cm2(written: str) -> int | None:
    """Read square metres from what a file says, in square centimetres; ``None`` where it holds no figure (rule 3)."""
    found = _AREA.search(written)
    if found is None:
        return None
    return int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))
