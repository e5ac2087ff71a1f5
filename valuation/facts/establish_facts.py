"""Establish facts of an asset: record what was found, by whom it was said, and by which document."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from valuation.facts import store
from valuation.facts.facts import Fact, FactMalformed, Subject, check_fact, missing_subjects

FACTS_LIMIT = 20


class EstablishFacts(Command, frozen=True, kw_only=True):
    """Record facts of an asset of a case."""

    case_id: UUID
    asset_id: UUID
    facts: tuple[Fact, ...]


class FactsEstablished(msgspec.Struct, frozen=True, kw_only=True):
    """What is still missing after this."""

    missing: tuple[Subject, ...]


async def establish_facts(db: Database, actor: Actor, command: EstablishFacts) -> FactsEstablished:
    """Record facts; raises `FactMalformed` or `OccupancyUnclear`. Source: 参考价 3; 法〔2024〕238号 1, 6."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
    if not 0 < len(command.facts) <= FACTS_LIMIT:
        raise FactMalformed(subject="*", missing="facts")

    async def work(tx: Transaction) -> FactsEstablished:
        await tx.about_case(command.case_id)
        for fact in command.facts:
            check_fact(fact, today=local_day(tx.now))
        await store.add_facts(tx, command.case_id, command.asset_id, command.facts)
        return FactsEstablished(missing=tuple(missing_subjects(await store.facts_of(tx, command.asset_id))))

    return await db.carry_out(actor, command, work, FactsEstablished)
