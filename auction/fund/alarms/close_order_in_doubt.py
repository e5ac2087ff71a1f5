"""Say what happened to an order of which the bank's statement told something else, on its written answer and two persons' words.

1. Closing moves no money. An order that the bank calls carried out is booked as paid after it; one whose money is lost is not closed, it stays in doubt.
2. The second person compares the same answer of the bank, by its fingerprint; whom the order pays is neither of them.

Source: house (practice 8); security 6; auction/DECISIONS F102.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.alarms import store
from auction.fund.alarms.closings import reason_given
from auction.fund.alarms.tables import AlarmClosingRow
from auction.fund.channels.read_order import READ_ORDER, OrderNamed
from auction.fund.claims.claims import OFFICERS
from auction.fund.orders_in_doubt import ORDER_DIFFERS
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue

_ORDER = """
SELECT bank_key AS key, amount_fen, payee_person_id AS person_id FROM fund.disbursement WHERE disbursement_id = :id
UNION ALL
SELECT f.provider_key, f.amount_fen, d.person_id FROM fund.refund f LEFT JOIN fund.deposit d USING (deposit_id) WHERE f.refund_id = :id
"""


class CloseOrderInDoubt(Command, frozen=True, kw_only=True):
    """Say what the bank answered about this payout or refund; ``evidence_sha256``: the fingerprint of its written answer."""

    closing_id: UUID
    case_id: UUID
    order_id: UUID
    evidence_sha256: str
    reason: str


async def close_order_in_doubt(db: Database, actor: Actor, command: CloseOrderInDoubt) -> ActShown:
    """Propose to end the doubt; it waits for its second person (`auction.fund.agree_to_act`).

    Raises `ClosingUnexplained`, `AlarmSilent`, `ConcernedPersonActs`, `ActWaits`.
    """
    require_role(actor, *OFFICERS)
    reason_given(command.reason)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.ORDER_IN_DOUBT, command, lambda: carry_out_doubt(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_doubt(tx: Transaction, command: CloseOrderInDoubt) -> Effect:
    """End the doubt, as two persons agreed, and have the order read again. Raises as `close_order_in_doubt`."""
    await store.require_ringing(tx, ORDER_DIFFERS, command.order_id, case_id=command.case_id)
    order = (await tx.session.execute(text(_ORDER), {"id": command.order_id})).one()
    row = AlarmClosingRow(
        closing_id=command.closing_id,
        kind=ORDER_DIFFERS,
        subject_id=command.order_id,
        case_id=command.case_id,
        reason=reason_given(command.reason),
        document_id=None,
        closed_at=tx.now,
    )
    await store.close_alarm(tx, row)
    await enqueue(tx, READ_ORDER, OrderNamed(key=order.key))
    concerned = () if order.person_id is None else (order.person_id,)
    return Effect(command.order_id, command.evidence_sha256, concerned, {"amount_fen": order.amount_fen})
