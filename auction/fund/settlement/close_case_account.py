"""Close the account of a case: only at zero, once, and not while money is on its way into the books: what came back, what a card may still pay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from auction.fund.deposits.open_payments import require_no_card_payment
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import AccountKind
from auction.fund.ledger.open_case_fund import CaseFundUnknown, CaseNotAtZero
from auction.fund.ledger.store import AccountView
from auction.fund.orders_in_doubt import require_no_doubt_of_case
from auction.fund.undoings.store import has_open_recovery
from auction.fund.undoings.undoings import RecoveriesOpen
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction

MAX_NAMED = 10
"""A refusal names at most this many accounts."""


TELL_BIDDERS = frozenset(
    {
        *(AccountKind.BANK, AccountKind.CARD_CLEARING, AccountKind.DEPOSITS, AccountKind.REFUNDS),
        *(AccountKind.AUTHORISED, AccountKind.AUTHORISED_OWED),
    }
)
"""Accounts whose sums or number would tell how many deposits there are."""


class CloseCaseAccount(Command, frozen=True, kw_only=True):
    """Close the account of this case."""

    case_id: UUID


async def close_case_account(db: Database, actor: Actor, command: CloseCaseAccount) -> datetime:
    """Close the account and give the time; a closed one gives the time when it was.

    Raises `CaseNotAtZero`, `CardPaymentsOpen`, `OrderInDoubt`, `RecoveriesOpen`, `CaseFundUnknown`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.FINANCE)

    async def work(tx: Transaction) -> datetime:
        await tx.about_case(command.case_id)
        await tx.lock(f"ledger:case:{command.case_id}")
        fund = await ledger.case_fund(tx, command.case_id)
        if fund is None:
            raise CaseFundUnknown(case_id=command.case_id)
        if fund.closed_at is not None:
            return fund.closed_at
        open_accounts = [a for a in await ledger.accounts_of_case(tx, command.case_id) if a.amount_fen or a.held_fen]
        coming_back_fen = await _coming_back(tx, command.case_id)
        if coming_back_fen:
            raise CaseNotAtZero(accounts=f"{AccountKind.PAYOUT_CLEARING} {coming_back_fen}")
        if open_accounts:
            raise CaseNotAtZero(accounts=_named(open_accounts))
        await require_no_card_payment(tx, command.case_id)
        await require_no_doubt_of_case(tx, command.case_id)
        if await has_open_recovery(tx, command.case_id):
            raise RecoveriesOpen(case_id=command.case_id)
        fund.closed_at = tx.now
        await tx.session.flush()
        return tx.now

    return await db.carry_out(actor, command, work, datetime)


def _named(accounts: Sequence[AccountView]) -> str:
    """Name what is not at zero, in the order of the books; of accounts that would tell how many bid the kind alone, once (security 2)."""
    said = [str(one.kind) if one.kind in TELL_BIDDERS else f"{one.kind} {one.amount_fen}" for one in accounts]
    return ", ".join(list(dict.fromkeys(said))[:MAX_NAMED])


async def _coming_back(tx: Transaction, case_id: UUID) -> int:
    """Sum what the statement shows as returned to this case and no entry has booked yet; a receipt is no return, whatever key it carries."""
    found = await tx.session.execute(
        text(
            "SELECT coalesce(sum(l.amount_fen), 0)::bigint FROM fund.bank_line l JOIN ("
            " SELECT bank_key AS key FROM fund.disbursement WHERE case_id = :case_id AND state <> 'returned' UNION ALL"
            " SELECT provider_key FROM fund.refund WHERE case_id = :case_id AND state <> 'failed'"
            ") o ON o.key = l.order_key WHERE l.direction = 'in' AND NOT EXISTS"
            " (SELECT FROM fund.receipt r WHERE r.source = 'bank' AND r.external_id = l.line_id)"
        ),
        {"case_id": case_id},
    )
    return int(found.scalar_one())
