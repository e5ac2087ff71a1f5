"""What of a case's money may be shown to whom, for the pages and for the JSON queries alike.

Before the close nobody but finance sees single deposits, nor the sums that would tell how many there are (security 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.fund.ledger.accounts import AccountKind
from auction.fund.ledger.store import AccountView, accounts_of_case
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.sale.lots.case_lots import has_running_round

FINANCE = frozenset({Role.FINANCE, Role.CASHIER, Role.SUPERVISOR})
"""Who sees single deposits and receipts before the close."""
SECRET_KINDS = frozenset(
    {
        *(AccountKind.BANK, AccountKind.CARD_CLEARING, AccountKind.AUTHORISED, AccountKind.AUTHORISED_OWED),
        *(AccountKind.DEPOSITS, AccountKind.REFUNDS),
    }
)
"""Accounts whose amounts would tell how many deposits there are."""
SECRET_CAUSES = frozenset(
    {
        *("deposit_received", "deposit_authorised", "authorisation_ended", "deposit_released", "excess_returned"),
        *(
            "refund_paid",
            "refund_returned",
            "card_money_arrived",
            "provider_fee",
            "payment_disputed",
            "dispute_won",
            "dispute_lost",
        ),
        "receipt_attributed",
    }
)
"""Entries that would tell the same."""


def sees_single(actor: Actor) -> bool:
    """Whether the actor sees single deposits while a round runs."""
    return not actor.roles.isdisjoint(FINANCE)


async def shows_single(tx: Transaction, case_id: UUID, *, sees: bool) -> bool:
    """Whether single deposits of the case are shown now: to finance always, to others when no round runs."""
    return sees or not await has_running_round(tx, case_id)


async def accounts_shown(tx: Transaction, case_id: UUID, *, shows: bool) -> Sequence[AccountView]:
    """Give the case's accounts, without those that tell of single deposits unless ``shows``."""
    return [view for view in await accounts_of_case(tx, case_id) if shows or view.kind not in SECRET_KINDS]
