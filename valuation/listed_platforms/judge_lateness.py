"""Decide whether a platform had a reason for a late, missing or refused report: accepted, it does not count (参考价 9)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound
from valuation.listed_platforms import store
from valuation.listed_platforms.keep_register import REASON_LIMIT, RegisterEntryMalformed

JUDGES = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)


class JudgeLateness(Command, frozen=True, kw_only=True):
    """The court's decision on the reason that a platform gave; ``document_sha256``: its explanation."""

    inquiry_id: UUID
    platform_id: str
    reason: str
    accepted: bool
    document_sha256: str


class LatenessJudged(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, for good."""

    accepted: bool


class NothingToExcuse(NotFound):
    """The platform was not asked in this inquiry, or it reported in time."""

    code = "nothing_to_excuse"
    article = "参考价 9"
    zh = "该平台在此次询价中没有逾期或者拒绝的记录。"
    en = "This platform was neither late nor refused in this inquiry."


class ExcuseDecided(Conflict):
    """The court has decided on the reason before."""

    code = "platform_excuse_decided"
    article = "参考价 9"
    zh = "对该平台的理由已经作出认定。"
    en = "The reason of this platform was decided on before."


async def judge_lateness(db: Database, actor: Actor, command: JudgeLateness) -> LatenessJudged:
    """Record the decision once; raises `NothingToExcuse`, `ExcuseDecided`. Source: 参考价 9."""
    require_role(actor, *JUDGES)
    if not 0 < len(command.reason.strip()) <= REASON_LIMIT:
        raise RegisterEntryMalformed(field="reason")

    async def work(tx: Transaction) -> LatenessJudged:
        found = await store.outcome_of(tx, command.inquiry_id, command.platform_id)
        if found is None or found[1] not in ("late", "silent", "refused"):
            raise NothingToExcuse
        await tx.about_case(found[0])
        excuse = store.Excuse(
            inquiry_id=command.inquiry_id,
            platform_id=command.platform_id,
            reason=command.reason.strip(),
            accepted=command.accepted,
            document_sha256=command.document_sha256,
            decided_by=actor.person_id,
        )
        if not await store.add_excuse(tx, excuse):
            raise ExcuseDecided
        return LatenessJudged(accepted=command.accepted)

    return await db.carry_out(actor, command, work, LatenessJudged)
