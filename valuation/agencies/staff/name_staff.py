"""Give somebody of the own institution a part, or end it, as its manager."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from valuation.agencies import register_store
from valuation.agencies.register import AgencyUnknown
from valuation.agencies.staff import staff_store
from valuation.agencies.staff.staff import (
    Part,
    StaffUnknown,
    check_ending,
    check_naming,
    own_parts,
    require_part,
    still_acting,
)


class AgencyPeople(Protocol):
    """Whose accounts act for an institution; the accounts know."""

    async def accounts_of(self, tx: Transaction, institution: UUID) -> frozenset[UUID]:
        """Give the open accounts that act for this institution now."""
        ...


class NameStaff(Command, frozen=True, kw_only=True):
    """Give an account of the own institution a part; an appraiser with his licence of the register."""

    account_id: UUID
    part: Part
    licence_no: str = ""


class EndStaff(Command, frozen=True, kw_only=True):
    """End a part."""

    grant_id: UUID


async def name_staff(db: Database, actor: Actor, command: NameStaff, *, people: AgencyPeople) -> UUID:
    """Give the part; gives its id. Whoever is named acts for the institution already.

    Raises `PartLacking`, `StaffUnknown`, `StaffLicenceUnfit`, `StaffNamed`. Source: 资产评估法 24, 27, 28.
    """
    agency_id = staff_store.institution_of(actor)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(staff_store.lock_name(agency_id))
        staff, accounts = await staff_store.staff_of(tx, agency_id), await people.accounts_of(tx, agency_id)
        require_part(own_parts(still_acting(staff, accounts), actor.account_id), "manager")
        if command.account_id not in accounts:
            raise StaffUnknown
        agency = (await register_store.register(tx)).get(agency_id)
        if agency is None:
            raise AgencyUnknown(agency_id=agency_id)
        licence_no = command.licence_no.strip()
        check_naming(staff, agency, account_id=command.account_id, part=command.part, licence_no=licence_no)
        named = staff_store.made(new_id(), agency_id, command.account_id, command.part, licence_no, tx)
        await staff_store.add_staff(tx, named, named_by=actor.account_id)
        return named.grant_id

    return await db.carry_out(actor, command, work, UUID)


async def end_staff(db: Database, actor: Actor, command: EndStaff, *, people: AgencyPeople) -> UUID:
    """End a standing part of the own institution; gives its id. Raises `PartLacking`, `StaffUnknown`, `LastManager`."""
    agency_id = staff_store.institution_of(actor)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(staff_store.lock_name(agency_id))
        staff = await staff_store.staff_of(tx, agency_id)
        acting = still_acting(staff, await people.accounts_of(tx, agency_id))
        require_part(own_parts(acting, actor.account_id), "manager")
        ending = next((one for one in staff if one.grant_id == command.grant_id), None)
        if ending is None:
            raise StaffUnknown
        check_ending(acting, ending)
        await staff_store.end_staff(tx, ending.grant_id, ended_by=actor.account_id)
        return ending.grant_id

    return await db.carry_out(actor, command, work, UUID)
