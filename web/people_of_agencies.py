"""Whose accounts act for a valuation agency: the accounts say so, and the agency's manager gives them their parts."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of
from web.auth.tables import AccountRow, RoleGrantRow

PEOPLE_LIMIT = 500


class AgencyPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One account that acts for an agency, as its own people see it."""

    account_id: UUID
    username: str
    masked: str


class PeopleOfAgencies:
    """See `valuation.agencies.staff.name_staff.AgencyPeople`."""

    async def accounts_of(self, tx: Transaction, institution: UUID) -> frozenset[UUID]:
        """Give the open accounts that act for this institution now."""
        return frozenset(one.account_id for one in await people_of(tx, institution))


async def people_of(tx: Transaction, institution: UUID) -> list[AgencyPerson]:
    """Give the open accounts that act for an institution, by username."""
    rows = await tx.session.execute(
        select(AccountRow.account_id, AccountRow.username, AccountRow.person_id)
        .join(RoleGrantRow, RoleGrantRow.account_id == AccountRow.account_id)
        .where(
            AccountRow.state == "open",
            RoleGrantRow.role == Role.AGENCY.value,
            RoleGrantRow.institution == str(institution),
            RoleGrantRow.confirmed_at.is_not(None),
            RoleGrantRow.ended_at.is_(None),
        )
        .order_by(AccountRow.username)
        .limit(PEOPLE_LIMIT)
    )
    return [
        AgencyPerson(account_id=row.account_id, username=row.username, masked=await masked_of(tx, row.person_id))
        for row in rows.all()
    ]
