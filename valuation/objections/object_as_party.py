"""Object to inquiry reports as a party served with them, at its own desk (参考价 22)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from valuation.inquiries import store as inquiries
from valuation.objections import store
from valuation.objections.objections import Ground
from valuation.objections.raise_objection import ObjectionRaised, take_objection
from valuation.parties import Parties, require_party
from valuation.party_papers import hand_in


class ObjectAsParty(Command, frozen=True, kw_only=True):
    """A party's own objection, written by itself; ``platform_id`` ``None``: to all reports of the inquiry."""

    inquiry_id: UUID
    party_id: UUID
    platform_id: str | None = None
    ground: Ground
    writing: str


async def object_as_party(db: Database, actor: Actor, command: ObjectAsParty, *, parties: Parties) -> ObjectionRaised:
    """Keep the writing and take the objection in time.

    Raises `NotThatParty`, `IdentityUnproven`, `WritingMalformed` and what `raise_objection` raises.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> ObjectionRaised:
        inquiry = await inquiries.inquiry(tx, command.inquiry_id)
        await tx.about_case(inquiry.case_id)
        await require_party(tx, parties, actor, case_id=inquiry.case_id, party_id=command.party_id)
        paper = await hand_in(tx, case_id=inquiry.case_id, party_id=command.party_id, writing=command.writing)
        objection = store.Objection(
            objection_id=new_id(),
            inquiry_id=command.inquiry_id,
            party_id=command.party_id,
            platform_id=command.platform_id,
            ground=command.ground,
            document_sha256=paper,
        )
        return await take_objection(tx, objection)

    return await db.carry_out(actor, command, work, ObjectionRaised)
