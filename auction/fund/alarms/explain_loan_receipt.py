"""Close the alarm of a lender's payment that was not his draw, once he has it back. One officer: nobody's money changes."""

from __future__ import annotations

from uuid import UUID

from auction.fund.alarms import store
from auction.fund.alarms.closings import MoneyNotBack, reason_given
from auction.fund.alarms.tables import AlarmClosingRow
from auction.fund.claims.claims import OFFICERS
from auction.fund.deposits.send_refund import refund_id_of
from auction.fund.deposits.store import refund_row
from auction.fund.loans.receive_loan import RECEIPT_DIFFERS
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction


class ExplainLoanReceipt(Command, frozen=True, kw_only=True):
    """Say what became of a lender's payment that was not his draw."""

    closing_id: UUID
    case_id: UUID
    receipt_id: UUID
    reason: str


async def explain_loan_receipt(db: Database, actor: Actor, command: ExplainLoanReceipt) -> UUID:
    """Close the alarm and give the id of its closing. Raises `ClosingUnexplained`, `AlarmSilent`, `MoneyNotBack`."""
    require_role(actor, *OFFICERS)
    reason = reason_given(command.reason)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.require_ringing(tx, RECEIPT_DIFFERS, command.receipt_id, case_id=command.case_id)
        refund = await refund_row(tx, refund_id_of("excess", command.receipt_id))
        if refund is None or refund.state != "done":
            raise MoneyNotBack(receipt_id=command.receipt_id)
        row = AlarmClosingRow(
            closing_id=command.closing_id,
            kind=RECEIPT_DIFFERS,
            subject_id=command.receipt_id,
            case_id=command.case_id,
            reason=reason,
            document_id=None,
            closed_at=tx.now,
        )
        await store.close_alarm(tx, row)
        return command.closing_id

    return await db.carry_out(actor, command, work, UUID)
