"""Propose that an institution enters the register (参考价 15; 评估规范)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.proposing import KEEPERS, propose
from valuation.agencies.register import Appraiser, Entry, Profession


class ProposeEntry(Command, frozen=True, kw_only=True):
    """An institution with its licence, lists and appraisers; the document is the association's proposal."""

    change_id: UUID
    agency_id: UUID
    name: str
    credit_code: str
    licence_no: str
    licence_from: date
    licence_until: date
    professions: tuple[Profession, ...]
    province: str
    city: str
    appraisers: tuple[Appraiser, ...]
    last_punished_on: date | None = None
    fee_fen: int | None = None
    average_fee_fen: int | None = None
    reason: str
    document_sha256: str


async def propose_entry(db: Database, actor: Actor, command: ProposeEntry) -> UUID:
    """Propose an entry. Raises: `RegisterMalformed`, `AgencyPunished`, `AgencyOverpriced`, `AgencyListed`, `AgencyBarred`."""
    require_role(actor, *KEEPERS)
    content = Entry(**{name: getattr(command, name) for name in Entry.__struct_fields__})

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
