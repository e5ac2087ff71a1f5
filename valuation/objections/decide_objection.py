"""Decide an objection to an inquiry report; when the last one is decided the price falls due again."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.jobs import enqueue
from valuation.inquiries import store as inquiries
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.objections import store


class DecideObjection(Command, frozen=True, kw_only=True):
    """The court's decision on one objection."""

    inquiry_id: UUID
    objection_id: UUID
    decision: Literal["rejected", "upheld"]


class ObjectionDecided(msgspec.Struct, frozen=True, kw_only=True):
    """How many objections of this inquiry are still open."""

    open_objections: int


class ObjectionNotOpen(Conflict):
    """There is no such open objection."""

    code = "objection_not_open"
    article = "参考价 22; CPL 236"
    zh = "没有待处理的该项异议。"
    en = "There is no such open objection."


async def decide_objection(db: Database, actor: Actor, command: DecideObjection) -> ObjectionDecided:
    """Record the decision; raises `ObjectionNotOpen` if it was decided before."""
    require_role(actor, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)

    async def work(tx: Transaction) -> ObjectionDecided:
        inquiry = await inquiries.inquiry(tx, command.inquiry_id)
        await tx.about_case(inquiry.case_id)
        if not await store.decide_objection(tx, command.inquiry_id, command.objection_id, command.decision):
            raise ObjectionNotOpen
        left = await store.open_objections(tx, command.inquiry_id)
        if not left:
            await enqueue(tx, "valuation.fix_reference_price", InquiryDue(inquiry_id=command.inquiry_id))
        return ObjectionDecided(open_objections=len(left))

    return await db.carry_out(actor, command, work, ObjectionDecided)
