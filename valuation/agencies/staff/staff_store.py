"""SQL of the parts inside institutions."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Transaction
from valuation.agencies.staff.staff import PART_NAMES, OwnParts, Part, PartLacking, Staff, own_parts

STAFF_LIMIT = 1_000


def lock_name(agency_id: UUID) -> str:
    """Name the lock under which an institution's parts change one after the other."""
    return f"valuation agency staff {agency_id}"


async def staff_of(tx: Transaction, agency_id: UUID) -> list[Staff]:
    """Give the standing parts of an institution, the oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT s.grant_id, s.agency_id, s.account_id, s.part, s.licence_no, s.named_at FROM valuation.agency_staff s "
            "WHERE s.agency_id = :id AND NOT EXISTS (SELECT FROM valuation.agency_staff_end e WHERE e.grant_id = s.grant_id) "
            "ORDER BY s.named_at, s.grant_id LIMIT :limit"
        ),
        {"id": agency_id, "limit": STAFF_LIMIT},
    )
    return [msgspec.convert(dict(row), Staff) for row in rows.mappings()]


async def was_named(tx: Transaction, grant_id: UUID) -> bool:
    """Whether this part was ever given."""
    found = text("SELECT EXISTS (SELECT FROM valuation.agency_staff WHERE grant_id = :id)")
    return bool(await tx.session.scalar(found, {"id": grant_id}))


async def add_staff(tx: Transaction, staff: Staff, *, named_by: UUID) -> None:
    """Record that an account got a part."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agency_staff (grant_id, agency_id, account_id, part, licence_no, named_by, named_at) "
            "VALUES (:grant_id, :agency_id, :account_id, :part, :licence_no, :named_by, :now)"
        ),
        {**msgspec.structs.asdict(staff), "named_by": named_by, "now": staff.named_at},
    )


async def end_staff(tx: Transaction, grant_id: UUID, *, ended_by: UUID) -> None:
    """Record that a part ended."""
    await tx.session.execute(
        text("INSERT INTO valuation.agency_staff_end (grant_id, ended_by, ended_at) VALUES (:id, :by, :now)"),
        {"id": grant_id, "by": ended_by, "now": tx.now},
    )


async def parts_of(tx: Transaction, actor: Actor) -> OwnParts:
    """Give the parts of an officer in his own institution; nobody else has any. Raises `RoleLacking`, `PartLacking`."""
    return own_parts(await staff_of(tx, institution_of(actor)), actor.account_id)


def institution_of(actor: Actor) -> UUID:
    """Give the institution for which an officer acts. Raises `RoleLacking`, and `PartLacking` for who acts for none."""
    require_role(actor, Role.AGENCY)
    if actor.institution is None:
        raise PartLacking(needed=PART_NAMES["manager"])
    return UUID(actor.institution)


def made(grant_id: UUID, agency_id: UUID, account_id: UUID, part: Part, licence_no: str, tx: Transaction) -> Staff:
    """Make a part that stands from now on."""
    return Staff(
        grant_id=grant_id,
        agency_id=agency_id,
        account_id=account_id,
        part=part,
        licence_no=licence_no,
        named_at=tx.now,
    )
