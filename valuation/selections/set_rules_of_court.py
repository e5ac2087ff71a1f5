"""Set how a court draws: the office, the second source of chance, the notice, a workload limit (practice 9)."""

from __future__ import annotations

import re

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.sentences import Said
from valuation.agencies.rules_of_court import DrawRules, Office, Second
from valuation.selections import selection_store

LEADERS = (Role.PRESIDENT, Role.VICE_PRESIDENT)
NOTICE_HOURS_MAX, WORKLOAD_MAX = 720, 1_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class SetRulesOfCourt(Command, frozen=True, kw_only=True):
    """The whole setting, said anew; draws under way keep the one with which they were requested."""

    court: str
    drawing_office: Office
    second: Second
    workload_limit: int | None = None
    notice_hours: int
    all_told: bool = False
    reason: str
    document_sha256: str


class RulesMalformed(Malformed):
    """A setting is out of its bounds, or lacks reason or document."""

    code = "draw_rules_malformed"
    article = "practice 9; house: a court's setting is published with its reason"
    zh = "摇号设置不完整或者超出范围：{reason}。"
    en = "The setting is incomplete or out of its bounds: {reason}."


async def set_rules_of_court(db: Database, actor: Actor, command: SetRulesOfCourt) -> int:
    """Set a court's rules; gives the number of the setting. Raises `RulesMalformed`."""
    require_role(actor, *LEADERS)
    if not command.court.strip() or not command.reason.strip() or _SHA256.fullmatch(command.document_sha256) is None:
        raise RulesMalformed(reason=Said("缺少法院、理由或者依据文件", "court, reason or document is missing"))
    if not 1 <= command.notice_hours <= NOTICE_HOURS_MAX:
        raise RulesMalformed(reason=Said("告知时间应为1至720小时", "the notice is 1 to 720 hours"))
    if command.workload_limit is not None and not 1 <= command.workload_limit <= WORKLOAD_MAX:
        raise RulesMalformed(reason=Said("在办上限应为1至1000", "the workload limit is 1 to 1000"))
    rules = DrawRules(
        drawing_office=command.drawing_office,
        second=command.second,
        workload_limit=command.workload_limit,
        notice_hours=command.notice_hours,
        all_told=command.all_told,
    )

    async def work(tx: Transaction) -> int:
        return await selection_store.add_rules(
            tx,
            command.court.strip(),
            rules,
            reason=command.reason.strip(),
            document_sha256=command.document_sha256,
            set_by=actor.person_id,
        )

    return await db.carry_out(actor, command, work, int)
