"""The accounts that fund knows of a deposit, opened for keyed comparison; the sale hears when another becomes known.

1. Nothing is kept of what is opened here. Numbers leave this package towards one reader: the step that hashes them.
2. The first `ACCOUNTS_MAX` of each are given: who pays from more accounts than that shares one of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.contracts import RegistrationNamed
from auction.fund.deposits import store
from auction.fund.deposits.send_refund import Payer
from auction.fund.deposits.tables import RefundAccountRow, RefundRow
from auction.kernel.db import Transaction
from auction.kernel.jobs import enqueue

KEY_REGISTRATION: Final = "sale.key_registration"
ACCOUNTS_MAX: Final = 8


class KnownAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """Account numbers that paid a deposit, and those to which it was sent back because the first was closed."""

    payers: tuple[str, ...]
    refunds: tuple[str, ...]


async def known_accounts(tx: Transaction, deposit_id: UUID) -> KnownAccounts:
    """Open the accounts of a deposit; empty while no bank has named one, and once the rows were erased."""
    receipts = await store.receipts_for(tx, "deposit", deposit_id)
    payers = (
        msgspec.json.decode(tx.sealer.open(one.payer_sealed), type=Payer).account
        for one in receipts
        if one.payer_sealed is not None
    )
    found = (
        select(RefundAccountRow.number_sealed)
        .join(RefundRow, RefundRow.refund_id == RefundAccountRow.refund_id)
        .where(RefundRow.deposit_id == deposit_id, RefundAccountRow.state == "confirmed")
        .order_by(RefundAccountRow.recorded_at, RefundAccountRow.refund_account_id)
    )
    refunds = (tx.sealer.open(sealed) for sealed in (await tx.session.scalars(found)))
    return KnownAccounts(payers=_first(payers), refunds=_first(refunds))


async def tell_account_known(tx: Transaction, registration_id: UUID) -> None:
    """Let the sale hear, with this transaction, that an account of this registration became known."""
    await enqueue(tx, KEY_REGISTRATION, RegistrationNamed(registration_id=registration_id))


def _first(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(numbers))[:ACCOUNTS_MAX]
