"""What forms know of payouts beside the chain of four."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.case_contents import CaseContents, no_rows
from auction.fund.payouts.delay_payout import DelayView, delays_of
from auction.fund.payouts.publish_unclaimed import UnclaimedView, unclaimed_shares
from auction.fund.payouts.put_in_escrow import EscrowView, escrows
from auction.fund.payouts.views import ReturnedLate, returned_late
from auction.fund.settlement.views import PayableLine, payable_lines
from auction.kernel.db import Transaction


class PayoutsKnown(msgspec.Struct, frozen=True, kw_only=True):
    """What waits of a case's payouts; payees are masked."""

    lines: tuple[PayableLine, ...] = ()
    """Settled shares of which something is left."""
    delays: tuple[DelayView, ...] = ()
    escrows: tuple[EscrowView, ...] = ()
    """Escrows that stand."""
    unclaimed: tuple[UnclaimedView, ...] = ()
    """Shares made public that wait for an approval."""
    returned_late: tuple[ReturnedLate, ...] = ()
    """Payouts that came back after the account was closed."""


async def read_payouts(tx: Transaction, case_id: UUID, there: CaseContents) -> PayoutsKnown:
    """Read what forms know of a case's payouts, of the kinds that are there."""
    lines, delayed, held, public, late = await tx.together(
        payable_lines(tx, [case_id]),
        delays_of(tx, case_id) if there.delays else no_rows(),
        escrows(tx, case_id, standing_only=True) if there.escrows else no_rows(),
        unclaimed_shares(tx, case_id) if there.unclaimed else no_rows(),
        returned_late(tx, case_id) if there.payouts else no_rows(),
    )
    return PayoutsKnown(lines=lines, delays=delayed, escrows=held, unclaimed=public, returned_late=late)
