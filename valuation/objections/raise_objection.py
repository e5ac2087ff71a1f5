"""Raise an objection against one platform's report, or against all (参考价 22)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from valuation.inquiries import correction_store
from valuation.inquiries import store as inquiries
from valuation.objections import store
from valuation.objections.objections import (
    Ground,
    NotServedYet,
    ObjectionAfterInquiry,
    ObjectionRepeated,
    ObjectionToCorrection,
    check_in_time,
)

OVER = frozenset({"failed", "fixed", "withdrawn"})
"""States of an inquiry in which no objection is taken, though its time was read while the window ran."""


class RaiseObjection(Command, frozen=True, kw_only=True):
    """An addressee objects; ``platform_id`` ``None``: to all reports of the inquiry."""

    inquiry_id: UUID
    party_id: UUID
    platform_id: str | None
    ground: Ground
    document_sha256: str


class ObjectionRaised(msgspec.Struct, frozen=True, kw_only=True):
    """The objection's id; the court decides it as an objection to an act of enforcement (CPL 236)."""

    objection_id: UUID


async def raise_objection(db: Database, actor: Actor, command: RaiseObjection) -> ObjectionRaised:
    """Record an objection in time.

    Raises `NotServedYet`, `ObjectionLate`, `ObjectionAfterInquiry`, `ObjectionRepeated`, `ObjectionToCorrection`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> ObjectionRaised:
        inquiry = await inquiries.inquiry(tx, command.inquiry_id)
        await tx.about_case(inquiry.case_id)
        return await take_objection(
            tx,
            store.Objection(
                objection_id=new_id(),
                inquiry_id=command.inquiry_id,
                party_id=command.party_id,
                platform_id=command.platform_id,
                ground=command.ground,
                document_sha256=command.document_sha256,
            ),
        )

    return await db.carry_out(actor, command, work, ObjectionRaised)


async def take_objection(tx: Transaction, objection: store.Objection) -> ObjectionRaised:
    """Take an objection in a transaction that holds the case; see `raise_objection` for what is refused."""
    windows = await store.windows(tx, objection.inquiry_id)
    if objection.party_id not in windows:
        raise NotServedYet
    check_in_time(tx.now, windows[objection.party_id])
    if (await inquiries.inquiry(tx, objection.inquiry_id)).state in OVER:
        raise ObjectionAfterInquiry
    if await correction_store.was_demanded(tx, objection.inquiry_id, "objections"):
        raise ObjectionToCorrection
    if await store.has_objected(
        tx, inquiry_id=objection.inquiry_id, party_id=objection.party_id, platform_id=objection.platform_id
    ):
        raise ObjectionRepeated
    await store.add_objection(tx, objection)
    return ObjectionRaised(objection_id=objection.objection_id)
