"""Decide on a proposed change of the register: another natural person than the one who proposed it (security 3)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies import register_store
from valuation.agencies.proposing import DECIDERS, SecondPersonNeeded, check_fits


class DecideChange(Command, frozen=True, kw_only=True):
    """Confirm a proposed change or reject it."""

    change_id: UUID
    decision: Literal["confirmed", "rejected"]


class ChangeDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, and of which institution."""

    agency_id: UUID
    decision: str


async def decide_change(db: Database, actor: Actor, command: DecideChange) -> ChangeDecision:
    """Decide once; a confirmed change is public from then on.

    Raises: `ChangeUnknown`, `ChangeDecided`, `SecondPersonNeeded`, and what `check_fits` raises when the register changed
    since the proposal.
    """
    require_role(actor, *DECIDERS)

    async def work(tx: Transaction) -> ChangeDecision:
        proposed = await register_store.change(tx, command.change_id)
        if proposed.case_id is not None:
            await tx.about_case(proposed.case_id)
        await tx.lock(register_store.LOCK)
        proposed = await register_store.change(tx, command.change_id)
        if proposed.decision is not None:
            raise register_store.ChangeDecided
        if proposed.proposed_by == actor.person_id:
            raise SecondPersonNeeded
        if command.decision == "confirmed":
            await check_fits(tx, proposed.agency_id, proposed.content)
        await register_store.decide_change(tx, command.change_id, command.decision, decided_by=actor.person_id)
        return ChangeDecision(agency_id=proposed.agency_id, decision=command.decision)

    return await db.carry_out(actor, command, work, ChangeDecision)
