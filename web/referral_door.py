"""A case goes to the bankruptcy court once the bidding for its debtor's lots is stopped. Only the sale knows rounds, so the door checks."""

from __future__ import annotations

from auction.fund.bankruptcy.refer_to_bankruptcy import ReferToBankruptcy
from auction.fund.stays.scope import may_be_owned_by
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.sale.lots.case_lots import lots_offered


class LotsStillOffered(Conflict):
    """A lot of the debtor is announced or being bid for."""

    code = "bankruptcy_lots_offered"
    article = "Interp. 511, 513; 网拍 28"
    zh = "被执行人尚有{count}项标的物正在公告或者竞价，应当先裁定中止拍卖，再移送破产审查。"
    en = "{count} lots of this debtor are announced or being bid for; their sales are stopped first."


async def require_lots_stopped(tx: Transaction, command: ReferToBankruptcy) -> None:
    """Refuse to refer while a lot of this debtor, or one of which nobody recorded whose it is, is offered (`LotsStillOffered`)."""
    offered = [
        lot_id
        for lot_id in await lots_offered(tx, command.case_id)
        if await may_be_owned_by(tx, command.case_id, lot_id, command.debtor_person_id)
    ]
    if offered:
        raise LotsStillOffered(count=len(offered))
