"""Record that a party agrees in writing to go straight to online inquiry (参考价 7(2))."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from valuation.methods import store
from valuation.methods.order import Side


class AgreeOnInquiry(Command, frozen=True, kw_only=True):
    """One side's written consent; ``document_sha256`` is the fingerprint of the signed paper."""

    case_id: UUID
    asset_id: UUID
    side: Side
    party_id: UUID
    agreed_on: date
    document_sha256: str


class InquiryAgreed(msgspec.Struct, frozen=True, kw_only=True):
    """Which sides have agreed so far."""

    agreed: tuple[Side, ...]


class AgreementInFuture(Malformed):
    """The paper bears a day that has not come."""

    code = "agreement_in_future"
    article = "参考价 7(2)"
    zh = "书面同意的日期 {agreed_on} 晚于今天。"
    en = "The written consent is dated {agreed_on}, which is still to come."


async def agree_on_inquiry(db: Database, actor: Actor, command: AgreeOnInquiry) -> InquiryAgreed:
    """Record one side's consent; a second one of the same side changes nothing."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> InquiryAgreed:
        await tx.about_case(command.case_id)
        if command.agreed_on > local_day(tx.now):
            raise AgreementInFuture(agreed_on=command.agreed_on.isoformat())
        await store.add_agreement(tx, _agreement_of(command))
        return InquiryAgreed(agreed=tuple(await store.agreed_sides(tx, command.asset_id)))

    return await db.carry_out(actor, command, work, InquiryAgreed)


def _agreement_of(command: AgreeOnInquiry) -> store.Agreement:
    return store.Agreement(
        case_id=command.case_id,
        asset_id=command.asset_id,
        side=command.side,
        party_id=command.party_id,
        agreed_on=command.agreed_on,
        document_sha256=command.document_sha256,
    )
