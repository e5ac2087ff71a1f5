"""Establish facts of an asset: record what the court found, by whom it was said, and by which document."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.sentences import Said
from valuation.facts import store
from valuation.facts.asset_file import AssetFile
from valuation.facts.facts import Fact, FactMalformed, Subject, check_class, check_fact, said_subject
from valuation.facts.register import unanswered_subjects
from valuation.facts.require_facts import missing_for_price

FACTS_LIMIT = 20


class EstablishFacts(Command, frozen=True, kw_only=True):
    """Record facts of an asset of a case."""

    case_id: UUID
    asset_id: UUID
    facts: tuple[Fact, ...]


class FactsEstablished(msgspec.Struct, frozen=True, kw_only=True):
    """What is still missing after this."""

    missing: tuple[Subject, ...]


class RegisterStillAsked(Conflict):
    """A register was asked about this and has not answered: its answer counts, or a reply on paper seen by two."""

    code = "register_still_asked"
    article = "house: practice 8, a reply on paper has equal force when a second person confirms it"
    zh = "“{subject}”已向登记机关查询，尚未获答复；请等候答复，或者登记书面答复并由第二人核对。"
    en = "A register was asked on {subject} and has not answered; wait for it, or record its reply on paper for a second person."


async def establish_facts(
    db: Database, actor: Actor, command: EstablishFacts, *, asset_file: AssetFile | None = None
) -> FactsEstablished:
    """Record facts; by ``asset_file`` the asset's class is read and noted, without it that of an earlier time holds.

    Raises `FactMalformed`, `FactOfOtherClass`, `OccupancyUnclear`, `RegisterStillAsked`. Source: 参考价 3; 238号 1, 6, 8.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
    if not 0 < len(command.facts) <= FACTS_LIMIT:
        raise FactMalformed(subject="*", missing=Said("事实条数", "number of facts"))

    async def work(tx: Transaction) -> FactsEstablished:
        await tx.about_case(command.case_id)
        if asset_file is not None:
            await store.note_class(tx, await asset_file.asset(tx, command.case_id, command.asset_id))
        asset_class = await store.class_of(tx, command.asset_id)
        for fact in command.facts:
            check_fact(fact, today=local_day(tx.now))
            check_class(fact, asset_class)
        await _check_not_asked(tx, command)
        await store.add_facts(tx, command.case_id, command.asset_id, command.facts)
        return FactsEstablished(missing=await missing_for_price(tx, command.asset_id))

    return await db.carry_out(actor, command, work, FactsEstablished)


async def _check_not_asked(tx: Transaction, command: EstablishFacts) -> None:
    """Refuse findings of one person on what a register was asked and still owes."""
    waiting = unanswered_subjects([s.question for s in await store.questions_of(tx, command.asset_id) if s.is_open])
    for fact in command.facts:
        if fact.state != "unanswered" and fact.subject in waiting:
            raise RegisterStillAsked(subject=said_subject(fact.subject))
