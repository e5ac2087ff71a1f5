"""Write the payouts that the bank has not decided on as a file (pain.001), to be handed over where the line to the bank is down.

1. In the file stands what was ordered by four officers and is still under way, nothing else: no order is made by it. A case whose books
   are not straight is left out, as over the line.
2. Each keeps its key as end-to-end id, so a bank that had it over the line already pays it once (``docs/bank.md``).
3. The same orders give the same message id: a file that is handed over twice is known again.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from auction.fund.channels.iso20022.payment_orders import MAX_ORDERS, write_orders
from auction.fund.gateway import Bank, BankOrder
from auction.fund.payouts.sign_step import bank_order, books_are_straight
from auction.fund.payouts.tables import DisbursementRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.log import get_log

UNDER_WAY = "ordered"
MESSAGE_ID_LENGTH = 32

log = get_log("fund.export_orders")


class NothingUnderWay(Conflict):
    """No payout waits for the bank."""

    code = "no_orders_under_way"
    article = "house: a file has orders"
    zh = "没有待银行处理的付款指令。"
    en = "No payment order waits for the bank."


class OrderFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of orders."""

    message_id: str
    orders: int
    body: bytes


async def export_orders(db: Database, actor: Actor, *, bank: Bank, payer: str) -> OrderFile:
    """Write the orders under way, oldest first, at most `MAX_ORDERS`. Raises `NothingUnderWay`."""
    require_role(actor, Role.CASHIER)
    async with db.reading() as tx:
        found, now = await _orders(tx), tx.now
    straight = {case_id for case_id in found if await books_are_straight(db, case_id)}
    orders = [order for case_id, of_case in found.items() if case_id in straight for order in of_case]
    if not orders:
        raise NothingUnderWay
    message_id = hashlib.sha256("\n".join(order.key for order in orders).encode()).hexdigest()[:MESSAGE_ID_LENGTH]
    body = write_orders(orders, message_id=message_id, payer=payer, main_account=bank.main_account, at=now)
    log.info("orders_exported", message_id=message_id, orders=len(orders), account_id=str(actor.account_id))
    return OrderFile(message_id=message_id, orders=len(orders), body=body)


async def orders_under_way(tx: Transaction) -> int:
    """Count the payouts that the bank has not decided on."""
    found = await tx.session.execute(
        select(func.count()).select_from(DisbursementRow).where(DisbursementRow.state == UNDER_WAY)
    )
    return int(found.scalar_one())


async def _orders(tx: Transaction) -> dict[UUID, list[BankOrder]]:
    """Give the orders under way, by case."""
    found = await tx.session.execute(
        select(DisbursementRow)
        .where(DisbursementRow.state == UNDER_WAY)
        .order_by(DisbursementRow.prepared_at, DisbursementRow.disbursement_id)
        .limit(MAX_ORDERS)
    )
    orders: dict[UUID, list[BankOrder]] = {}
    for row in found.scalars().all():
        orders.setdefault(row.case_id, []).append(await bank_order(tx, row))
    return orders
