"""Rows of identity checks, read and written."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from auction.kernel.db import Transaction
from auction.kernel.persons import identity_of, name_of
from web.auth.provider.provider import A_DAY, CheckAsked, CheckUnknown
from web.auth.tables import AccountRow, ProviderCheckRow, ProviderOutcomeRow


async def checks_of_a_day(tx: Transaction, account_id: UUID, now: datetime) -> int:
    """Count the checks that an account began in the last day."""
    found = select(func.count()).where(
        ProviderCheckRow.account_id == account_id, ProviderCheckRow.begun_at > now - A_DAY
    )
    return int(await tx.session.scalar(found.select_from(ProviderCheckRow)) or 0)


async def open_check(tx: Transaction, account_id: UUID) -> ProviderCheckRow | None:
    """Give the newest check of an account of the last day where it has no outcome."""
    found = (
        select(ProviderCheckRow)
        .where(ProviderCheckRow.account_id == account_id, ProviderCheckRow.begun_at > tx.now - A_DAY)
        .order_by(ProviderCheckRow.begun_at.desc())
        .limit(1)
    )
    newest = await tx.session.scalar(found)
    if newest is None or await tx.session.get(ProviderOutcomeRow, newest.check_id) is not None:
        return None
    return newest


async def asked_in(tx: Transaction, account: AccountRow, check_id: UUID) -> CheckAsked:
    """Put a check together as the provider is asked, from what is on file. Raises `CheckUnknown`."""
    row = await tx.session.get(ProviderCheckRow, check_id)
    if row is None or row.account_id != account.account_id:
        raise CheckUnknown(check_id=check_id)
    return CheckAsked(
        check_id=check_id,
        name=await name_of(tx, account.person_id),
        identity_number=(await identity_of(tx, account.person_id))[1],
        telephone=tx.sealer.open(row.telephone_sealed),
    )
