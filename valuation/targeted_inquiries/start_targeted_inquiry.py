"""Start a targeted inquiry: record the letter to the authority, with its time (参考价 5, 6)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.law.periods import deadline_at
from valuation.facts.require_facts import require_facts
from valuation.methods.step_store import open_step
from valuation.targeted_inquiries import targeted_store as store
from valuation.targeted_inquiries.targeted_inquiry import PriceKind, check_letter


class StartTargetedInquiry(Command, frozen=True, kw_only=True):
    """The letter as it was sent: to whom, for which price, what it asks, and the last day for the answer."""

    case_id: UUID
    asset_id: UUID
    authority: str
    price_kind: PriceKind
    requirements: str
    until: date
    letter_sha256: str


class TargetedStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The step, when the answer is due, and the article on which the method rests."""

    step_id: UUID
    deadline_at: datetime
    ground: str


async def start_targeted_inquiry(db: Database, actor: Actor, command: StartTargetedInquiry) -> TargetedStarted:
    """Open the step and keep the letter.

    Raises `FactsIncomplete`, `LetterMalformed`, `MethodOutOfOrder`, `StepRunning`, `PriceStands`. Source: 参考价 3, 5, 6.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> TargetedStarted:
        await tx.about_case(command.case_id)
        await require_facts(tx, command.asset_id)
        check_letter(
            authority=command.authority,
            requirements=command.requirements,
            until=command.until,
            today=local_day(tx.now),
        )
        step = await open_step(
            tx, case_id=command.case_id, asset_id=command.asset_id, method="targeted_inquiry", step_id=new_id()
        )
        inquiry = _letter(command, step.step_id)
        await store.add_inquiry(tx, inquiry)
        return TargetedStarted(step_id=step.step_id, deadline_at=inquiry.deadline_at, ground=step.ground)

    return await db.carry_out(actor, command, work, TargetedStarted)


def _letter(command: StartTargetedInquiry, step_id: UUID) -> store.TargetedInquiry:
    return store.TargetedInquiry(
        step_id=step_id,
        case_id=command.case_id,
        asset_id=command.asset_id,
        authority=command.authority.strip(),
        price_kind=command.price_kind,
        requirements=command.requirements.strip(),
        letter_sha256=command.letter_sha256,
        until=command.until,
        deadline_at=deadline_at(command.until),
    )
