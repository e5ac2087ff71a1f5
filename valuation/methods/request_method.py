"""Record that one side asks in writing for a method; both sides together make it lawful at once (参考价 5(2), 7(2), 14, 29)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from valuation.methods import step_store as steps
from valuation.methods.order import SIDES, Side
from valuation.methods.steps import Method, Step, way_number


class RequestMethod(Command, frozen=True, kw_only=True):
    """One side's written request; ``document_sha256`` is the fingerprint of the signed paper."""

    case_id: UUID
    asset_id: UUID
    method: Method = "online_inquiry"
    side: Side
    party_id: UUID
    agreed_on: date
    document_sha256: str


class MethodRequested(msgspec.Struct, frozen=True, kw_only=True):
    """Which sides have asked for this method so far."""

    agreed: tuple[Side, ...]


class RequestInFuture(Malformed):
    """The paper bears a day that has not come."""

    code = "agreement_in_future"
    article = "参考价 5(2), 7(2), 14"
    zh = "书面请求的日期 {agreed_on} 晚于今天。"
    en = "The written request is dated {agreed_on}, which is still to come."


async def request_method(db: Database, actor: Actor, command: RequestMethod) -> MethodRequested:
    """Record one side's request for the way that is under way; a second one of the same side changes nothing."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> MethodRequested:
        await tx.about_case(command.case_id)
        if command.agreed_on > local_day(tx.now):
            raise RequestInFuture(agreed_on=command.agreed_on.isoformat())
        taken = await steps.steps_of(tx, command.asset_id)
        await steps.add_request(tx, _request_of(command, taken))
        asked = (await steps.requests_of(tx, command.asset_id, taken))[command.method]
        return MethodRequested(agreed=tuple(side for side in SIDES if side in asked))

    return await db.carry_out(actor, command, work, MethodRequested)


def _request_of(command: RequestMethod, taken: list[Step]) -> steps.MethodRequest:
    return steps.MethodRequest(
        asset_id=command.asset_id,
        ordinal=way_number(taken),
        attempt=steps.next_attempt(taken, command.method),
        method=command.method,
        side=command.side,
        case_id=command.case_id,
        party_id=command.party_id,
        agreed_on=command.agreed_on,
        document_sha256=command.document_sha256,
    )
