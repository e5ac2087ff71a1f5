"""Decide on an objection to a refusal: upheld, the person passes that guard for that lot; rejected, with the reason."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.guards import store
from auction.sale.guards.objections import LinkStandsUnexplained, OwnGuardObjection, require_reasoned
from auction.sale.guards.tables import GuardDecisionRow, GuardObjectionRow
from auction.sale.links.store import same_person_group

DECIDERS = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
"""Who decides for the court."""
SAME_PERSON = "same_person_registered"
"""The refusal that rests on a decided link."""


class DecideGuardObjection(Command, frozen=True, kw_only=True):
    """Uphold or reject, with reason and article; ``link_stands``: why the decided link that refused him stands nevertheless."""

    objection_id: UUID
    uphold: bool
    reason: str
    article: str
    link_stands: str = ""


class GuardDecided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided."""

    objection_id: UUID
    guard: str
    upheld: bool


async def decide_guard_objection(db: Database, actor: Actor, command: DecideGuardObjection) -> GuardDecided:
    """Keep the decision; nothing else changes: whoever is upheld registers like anybody.

    Raises `DecisionNotReasoned`, `GuardObjectionUnknown`, `OwnGuardObjection`, `LinkStandsUnexplained`. Source: CPL 236; 网拍 31(5).
    """
    require_role(actor, *DECIDERS)
    require_reasoned(command.reason, command.article)

    async def work(tx: Transaction) -> GuardDecided:
        case_id = (await store.objection_row(tx, command.objection_id)).case_id
        await tx.about_case(case_id)
        row = await store.waiting_objection(tx, command.objection_id)
        if row.person_id == actor.person_id:
            raise OwnGuardObjection
        link_stands = command.link_stands.strip() if command.uphold and await _rests_on_link(tx, row) else None
        if link_stands == "":
            raise LinkStandsUnexplained(field="link_stands")
        decision = GuardDecisionRow(
            objection_id=row.objection_id,
            upheld=command.uphold,
            reason=command.reason.strip(),
            article=command.article.strip(),
            decided_by=actor.person_id,
            decided_at=tx.now,
            link_stands=link_stands,
        )
        await add(tx, decision)
        return GuardDecided(objection_id=row.objection_id, guard=row.guard, upheld=command.uphold)

    return await db.carry_out(actor, command, work, GuardDecided)


async def _rests_on_link(tx: Transaction, objection: GuardObjectionRow) -> bool:
    """Whether the refusal was for a decided link, and one of this person stands."""
    refusal = await store.refusal_row(tx, objection.application_id, objection.person_id)
    return refusal.refusal == SAME_PERSON and len(await same_person_group(tx, objection.person_id)) > 1
