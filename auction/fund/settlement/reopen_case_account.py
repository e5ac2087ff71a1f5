"""Open a closed case account again for a payout that came back: by an order that says why, never by itself.

What waited with the court's pooled money is the case's again and owed to the same line; a new chain of four pays it, and the account
closes at zero as before (auction/DECISIONS F47).
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits.store import add, clear_alarm, raise_alarm
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.clocks import APPROVERS
from auction.fund.payouts.note_payout import PAYOUT_RETURNED, RETURNED_AFTER_CLOSE, returned_account
from auction.fund.payouts.tables import CaseReopeningRow, DisbursementRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import Money


class NothingCameBack(Conflict):
    """No payout of this account came back after it was closed."""

    code = "nothing_came_back_after_close"
    article = "house: D7, a closed account is opened again only for a payout that came back"
    zh = "该笔发放不存在销户后退回的款项，不能重开案款专户。"
    en = "No money of this payout came back after the account was closed; it is not opened again."


class ReopeningUnexplained(Malformed):
    """Nobody says why the account is opened again."""

    code = "reopening_unexplained"
    article = "house: D7, a closed account is opened again only for a payout that came back"
    zh = "须写明重开案款专户的理由。"
    en = "Say why the account is opened again."


class ReopenCaseAccount(Command, frozen=True, kw_only=True):
    """Open the account again from which this payout was paid."""

    disbursement_id: UUID
    reason: str


async def reopen_case_account(db: Database, actor: Actor, command: ReopenCaseAccount) -> UUID:
    """Open the account, bring the money back into it, and give the case. Raises `NothingCameBack`, `DisbursementUnknown`."""
    require_role(actor, *APPROVERS)
    if not command.reason.strip():
        raise ReopeningUnexplained

    async def work(tx: Transaction) -> UUID:
        case_id = await payout_store.case_of_disbursement(tx, command.disbursement_id)
        await tx.about_case(case_id)
        await tx.lock(f"ledger:case:{case_id}")
        row = await payout_store.disbursement_row(tx, command.disbursement_id)
        fund = await ledger.case_fund(tx, case_id)
        if fund is None or not await ledger.balance_of(tx, returned_account(row)):
            raise NothingCameBack(disbursement_id=row.disbursement_id)
        if fund.closed_at is not None:
            opened = CaseReopeningRow(
                case_id=case_id,
                closed_at=fund.closed_at,
                disbursement_id=row.disbursement_id,
                reason=command.reason.strip(),
                reopened_by=actor.person_id,
                at=tx.now,
            )
            await add(tx, opened)
            fund.closed_at = None
            await tx.session.flush()
        await _bring_back(tx, row)
        return case_id

    return await db.carry_out(actor, command, work, UUID)


async def _bring_back(tx: Transaction, row: DisbursementRow) -> None:
    amount = Money(row.amount_fen)
    postings = [
        Posting(Account(AccountKind.BANK, row.case_id), amount),
        Posting(parse_code(row.account_code), -amount),
        Posting(Account(AccountKind.COURT_BANK), -amount),
        Posting(returned_account(row), amount),
    ]
    key = f"payout-brought-back:{row.disbursement_id}"
    entry = book(key, Cause.PAYOUT_RETURNED, postings, case_id=row.case_id, subject_id=row.disbursement_id)
    await post_entry(tx, entry)
    await clear_alarm(tx, RETURNED_AFTER_CLOSE, row.disbursement_id)
    await raise_alarm(tx, PAYOUT_RETURNED, row.disbursement_id, case_id=row.case_id, detail="reopened")
