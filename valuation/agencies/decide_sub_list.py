"""Decide which wider list is drawn from where city and province do not suffice: the court's recorded decision."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from valuation.agencies import selection_store
from valuation.agencies.papers import require_paper

REASON_MAX = 2000


class DecideSubList(Command, frozen=True, kw_only=True):
    """The list, why, and the signed decision."""

    case_id: UUID
    mandate_id: UUID
    level: Literal["province", "national"]
    reason: str
    document_sha256: str


class SubListDecided(Conflict):
    """The court decided on the list before."""

    code = "sub_list_decided"
    article = "评估规范 sub-lists; house: decided once"
    zh = "法院已就名单子库作出决定。"
    en = "The court has decided on the list before."


class SubListReasonNeeded(Malformed):
    """A decision on the list states its reason."""

    code = "sub_list_reason_needed"
    article = "评估规范 sub-lists; house: a decision states its reason"
    zh = "应当写明决定的理由（不超过2000字）。"
    en = "The decision states its reason, in at most 2000 characters."


async def decide_sub_list(db: Database, actor: Actor, command: DecideSubList) -> UUID:
    """Record the decision, once per mandate, with a published reason; gives the mandate."""
    require_role(actor, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD)
    require_paper(command.document_sha256)
    if not 0 < len(command.reason.strip()) <= REASON_MAX:
        raise SubListReasonNeeded

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await selection_store.selection_in(tx, command.mandate_id, command.case_id)
        if await selection_store.decided_level(tx, command.mandate_id) is not None:
            raise SubListDecided
        await selection_store.add_sub_list_decision(
            tx,
            command.mandate_id,
            command.level,
            reason=command.reason.strip(),
            document_sha256=command.document_sha256,
            decided_by=actor.person_id,
        )
        return command.mandate_id

    return await db.carry_out(actor, command, work, UUID)
