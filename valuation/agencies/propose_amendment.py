"""Propose that name, licence, lists or appraisers of an institution change."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.proposing import KEEPERS, propose
from valuation.agencies.register import Amendment, Appraiser, Profession


class ProposeAmendment(Command, frozen=True, kw_only=True):
    """All that may change, said anew."""

    change_id: UUID
    agency_id: UUID
    name: str
    licence_no: str
    licence_from: date
    licence_until: date
    professions: tuple[Profession, ...]
    province: str
    city: str
    appraisers: tuple[Appraiser, ...]
    reason: str
    document_sha256: str


async def propose_amendment(db: Database, actor: Actor, command: ProposeAmendment) -> UUID:
    """Propose an amendment. Raises: `RegisterMalformed`, `AgencyUnknown`."""
    require_role(actor, *KEEPERS)
    content = Amendment(**{name: getattr(command, name) for name in Amendment.__struct_fields__})

    async def work(tx: Transaction) -> UUID:
        return await propose(
            tx,
            actor,
            change_id=command.change_id,
            agency_id=command.agency_id,
            content=content,
            reason=command.reason,
            document_sha256=command.document_sha256,
        )

    return await db.carry_out(actor, command, work, UUID)
