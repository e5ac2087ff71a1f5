"""A case's account is closed only when none of its lots is on its way through a sale. Only the sale knows lots, so the door checks."""

from __future__ import annotations

from auction.fund.settlement.close_case_account import CloseCaseAccount
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.sale.lots.case_lots import has_lot_under_way


class LotUnderWay(Conflict):
    """A lot of the case is listed, announced, or in its bidding; no sum is told, it would count the bidders."""

    code = "lot_under_way"
    article = "网拍 18; house: D7, a case closes only at zero, once"
    zh = "本案尚有标的物正在上拍或者竞价，竞价结束前不得销户。"
    en = "A lot of this case is being listed or bid for; the account is closed after that."


async def require_no_lot_under_way(tx: Transaction, command: CloseCaseAccount) -> None:
    """Refuse to close while a lot is on its way (`LotUnderWay`), before any balance is looked at (security 2)."""
    if await has_lot_under_way(tx, command.case_id):
        raise LotUnderWay
