"""What administrators read of accounts: who holds an office, what waits for a second administrator, one account in detail.

No name and no identity number: an administrator knows accounts by username. Bidders and parties are not listed; one of
them is found by his whole username alone, for a lost second factor.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from auction.kernel.db import Transaction
from web.auth.accounts import SELF_SERVICE_ROLES
from web.auth.reset_factors import CONFIRMED_WITHIN
from web.auth.store import HAS_FACTOR
from web.auth.tables import AccountRow, FactorResetRow, RoleGrantRow

LISTED_MOST = 500
_PROPOSER = aliased(AccountRow)


class OfficeHeld(NamedTuple):
    """One office of one account, since when, and whether the account has a second factor."""

    username: str
    role: str
    institution: str | None
    since: datetime
    has_factor: bool


class WaitingGrant(NamedTuple):
    """A role that one administrator proposed."""

    account_id: UUID
    username: str
    role: str
    institution: str | None
    proposed_by: str | None
    proposer_person: UUID | None
    proposed_at: datetime


class WaitingReset(NamedTuple):
    """A reset of second factors that one administrator proposed, still young enough to be confirmed."""

    account_id: UUID
    username: str
    reason: str
    proposed_by: str
    proposer_person: UUID
    proposed_at: datetime


class AccountShown(NamedTuple):
    """One account as an administrator sees it."""

    account_id: UUID
    person_id: UUID
    username: str
    opened_at: datetime
    has_factor: bool


class RoleHeld(NamedTuple):
    """A role that stands."""

    role: str
    institution: str | None
    confirmed_at: datetime


async def offices_held(tx: Transaction) -> list[OfficeHeld]:
    """Give the offices that stand, by username; at most `LISTED_MOST`."""
    asked = (
        select(AccountRow.username, RoleGrantRow.role, RoleGrantRow.institution, RoleGrantRow.confirmed_at, HAS_FACTOR)
        .join(RoleGrantRow, RoleGrantRow.account_id == AccountRow.account_id)
        .where(
            AccountRow.state == "open",
            RoleGrantRow.role.not_in([role.value for role in SELF_SERVICE_ROLES]),
            RoleGrantRow.confirmed_at.is_not(None),
            RoleGrantRow.ended_at.is_(None),
        )
        .order_by(AccountRow.username, RoleGrantRow.role)
        .limit(LISTED_MOST)
    )
    return [OfficeHeld(*row) for row in await tx.session.execute(asked)]  # type: ignore[arg-type]  # confirmed: asked for


async def waiting_grants(tx: Transaction) -> list[WaitingGrant]:
    """Give the roles that wait for a second administrator, the oldest first."""
    asked = (
        select(
            AccountRow.account_id,
            AccountRow.username,
            RoleGrantRow.role,
            RoleGrantRow.institution,
            _PROPOSER.username,
            _PROPOSER.person_id,
            RoleGrantRow.proposed_at,
        )
        .join(AccountRow, AccountRow.account_id == RoleGrantRow.account_id)
        .outerjoin(_PROPOSER, _PROPOSER.account_id == RoleGrantRow.proposed_by)
        .where(RoleGrantRow.confirmed_at.is_(None), RoleGrantRow.ended_at.is_(None), AccountRow.state == "open")
        .order_by(RoleGrantRow.proposed_at)
        .limit(LISTED_MOST)
    )
    return [WaitingGrant(*row) for row in await tx.session.execute(asked)]


async def waiting_resets(tx: Transaction) -> list[WaitingReset]:
    """Give the resets that wait for a second administrator, the oldest first."""
    asked = (
        select(
            AccountRow.account_id,
            AccountRow.username,
            FactorResetRow.reason,
            _PROPOSER.username,
            _PROPOSER.person_id,
            FactorResetRow.proposed_at,
        )
        .join(AccountRow, AccountRow.account_id == FactorResetRow.account_id)
        .join(_PROPOSER, _PROPOSER.account_id == FactorResetRow.proposed_by)
        .where(FactorResetRow.confirmed_at.is_(None), FactorResetRow.proposed_at > tx.now - CONFIRMED_WITHIN)
        .order_by(FactorResetRow.proposed_at)
        .limit(LISTED_MOST)
    )
    return [WaitingReset(*row) for row in await tx.session.execute(asked)]


async def account_shown(tx: Transaction, username: str) -> AccountShown | None:
    """Give the open account of exactly this username."""
    asked = select(
        AccountRow.account_id, AccountRow.person_id, AccountRow.username, AccountRow.opened_at, HAS_FACTOR
    ).where(AccountRow.username == username, AccountRow.state == "open")
    row = (await tx.session.execute(asked)).one_or_none()
    return None if row is None else AccountShown(*row)


async def roles_held(tx: Transaction, username: str) -> list[RoleHeld]:
    """Give the roles of the open account of this username that stand."""
    asked = (
        select(RoleGrantRow.role, RoleGrantRow.institution, RoleGrantRow.confirmed_at)
        .join(AccountRow, AccountRow.account_id == RoleGrantRow.account_id)
        .where(
            AccountRow.username == username,
            AccountRow.state == "open",
            RoleGrantRow.confirmed_at.is_not(None),
            RoleGrantRow.ended_at.is_(None),
        )
        .order_by(RoleGrantRow.role)
    )
    return [RoleHeld(*row) for row in await tx.session.execute(asked)]  # type: ignore[arg-type]  # confirmed: asked for
