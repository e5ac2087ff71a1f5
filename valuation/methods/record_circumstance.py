"""Record a circumstance on which the lawful order of the methods turns, with its paper (参考价 4, 5, 7, 14)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.ids import new_id
from valuation.methods import step_store as steps
from valuation.methods.order import Circumstance, lawful_methods
from valuation.methods.steps import Method

STATEMENT_LIMIT = 2000


class RecordCircumstance(Command, frozen=True, kw_only=True):
    """Say that a circumstance holds, or no longer holds; the newest of a kind counts."""

    case_id: UUID
    asset_id: UUID
    kind: Circumstance
    holds: bool = True
    statement: str
    document_sha256: str


class LawfulNow(msgspec.Struct, frozen=True, kw_only=True):
    """The methods that may be taken after this, the next by law first."""

    methods: tuple[Method, ...]


class CircumstanceMalformed(Malformed):
    """A circumstance is recorded without saying what was found."""

    code = "circumstance_malformed"
    article = "参考价 4, 5, 7, 14"
    zh = "应当写明情况，且不超过{limit}字。"
    en = "Say what was found, in at most {limit} characters."


async def record_circumstance(db: Database, actor: Actor, command: RecordCircumstance) -> LawfulNow:
    """Record a circumstance; raises `CircumstanceMalformed`. A method that runs is not touched."""
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
    if not 0 < len(command.statement.strip()) <= STATEMENT_LIMIT:
        raise CircumstanceMalformed(limit=STATEMENT_LIMIT)

    async def work(tx: Transaction) -> LawfulNow:
        await tx.about_case(command.case_id)
        await steps.add_circumstance(tx, _recorded(command))
        lawful = lawful_methods(await steps.standing_of(tx, command.asset_id))
        return LawfulNow(methods=tuple(method for method, _ in lawful))

    return await db.carry_out(actor, command, work, LawfulNow)


def _recorded(command: RecordCircumstance) -> steps.CircumstanceRecorded:
    return steps.CircumstanceRecorded(
        circumstance_id=new_id(),
        case_id=command.case_id,
        asset_id=command.asset_id,
        kind=command.kind,
        holds=command.holds,
        statement=command.statement.strip(),
        document_sha256=command.document_sha256,
    )
