"""A closed case takes no card payment, and no case closes while one may still be made.

1. Whoever was asked to pay by card may do so on the provider's page for as long as the provider waits. Money that came after the close would lie at the
   provider, and no entry could take it or send it back. So the account stays open until the payment was made or is given up there.
2. No deposit is opened, and no card asked, in a case whose account is closed. (What a bank brings for one is set aside: `take_bank_line`.)

Source: house: D7, a case closes only at zero, once; auction/DECISIONS F100.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from auction.fund.deposits.tables import CardPaymentRow
from auction.fund.ledger.open_case_fund import CaseFundUnknown
from auction.fund.ledger.post_entry import CaseAccountClosed
from auction.fund.ledger.store import case_fund
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict

UNFINISHED = ("asked", "open", "authorised")
"""States of a card payment from which money may still come."""


class CardPaymentsOpen(Conflict):
    """A card payment of the case may still be made."""

    code = "card_payments_open"
    article = "house: D7, a case closes only at zero, once"
    zh = "本案尚有 {count} 笔银行卡支付未完成也未撤销，待其了结后方可销户。"
    en = "{count} card payments of this case are neither made nor given up; the account is closed once they are."


async def require_no_card_payment(tx: Transaction, case_id: UUID) -> None:
    """Refuse while a card payment of the case may still be made (`CardPaymentsOpen`)."""
    waiting = select(func.count()).where(CardPaymentRow.case_id == case_id, CardPaymentRow.state.in_(UNFINISHED))
    count = (await tx.session.execute(waiting)).scalar_one()
    if count:
        raise CardPaymentsOpen(count=count)


async def require_open_account(tx: Transaction, case_id: UUID) -> None:
    """Refuse where the case has no account (`CaseFundUnknown`), or a closed one (`CaseAccountClosed`)."""
    fund = await case_fund(tx, case_id)
    if fund is None:
        raise CaseFundUnknown(case_id=case_id)
    if fund.closed_at is not None:
        raise CaseAccountClosed
