"""Invite the parties to agree a price: all of both sides, with one time for all (参考价 4)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from auction.law.periods import deadline_at
from valuation.agreements import agreement_store as store
from valuation.agreements.agreement import AgreementTimeWrong, SideMissing
from valuation.facts.require_facts import require_facts
from valuation.methods.step_store import open_step
from valuation.parties import Parties
from valuation.sides.speaking import SIDES, OnSide, speakers
from valuation.sides.store import sides_of


class InviteToAgree(Command, frozen=True, kw_only=True):
    """Ask all applicants and judgment debtors for a price of an asset; ``until`` is the last day for it."""

    case_id: UUID
    asset_id: UUID
    until: date


class AgreementDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job ``valuation.close_agreement``."""

    step_id: UUID


class AgreementInvited(msgspec.Struct, frozen=True, kw_only=True):
    """Who was asked, until when, and the article on which the method rests."""

    step_id: UUID
    invited: tuple[UUID, ...]
    deadline_at: datetime
    ground: str


async def invite_to_agree(db: Database, actor: Actor, command: InviteToAgree, *, parties: Parties) -> AgreementInvited:
    """Open the step, ask everybody at once, and set the day on which it falls due.

    Raises `FactsIncomplete`, `AgreementTimeWrong`, `SideMissing`, `MethodOutOfOrder`, `StepRunning`, `PriceStands`. Source: 参考价 3, 4.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> AgreementInvited:
        await tx.about_case(command.case_id)
        await require_facts(tx, command.asset_id)
        if command.until <= local_day(tx.now):
            raise AgreementTimeWrong
        found = await sides_of(tx, command.case_id, await parties.of_case(tx, command.case_id))
        if set(speakers(found).values()) != set(SIDES):
            raise SideMissing
        return await _invite(tx, command, found)

    return await db.carry_out(actor, command, work, AgreementInvited)


async def _invite(tx: Transaction, command: InviteToAgree, parties: list[OnSide]) -> AgreementInvited:
    step = await open_step(tx, case_id=command.case_id, asset_id=command.asset_id, method="agreement", step_id=new_id())
    agreement = store.Agreement(
        step_id=step.step_id,
        case_id=command.case_id,
        asset_id=command.asset_id,
        until=command.until,
        deadline_at=deadline_at(command.until),
        state="open",
    )
    await store.add_agreement(tx, agreement, parties)
    await enqueue(tx, "valuation.close_agreement", AgreementDue(step_id=step.step_id), due_at=agreement.deadline_at)
    return AgreementInvited(
        step_id=step.step_id,
        invited=tuple(speakers(parties)),
        deadline_at=agreement.deadline_at,
        ground=step.ground,
    )
