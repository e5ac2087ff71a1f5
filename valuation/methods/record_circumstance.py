"""Record from its paper a circumstance on which the lawful order of the methods turns (参考价 4, 5, 7, 14).

It has no effect until a second person vouches for it.
"""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.ids import new_id
from valuation.agencies.papers import require_paper
from valuation.methods.order import Circumstance
from valuation.methods.step_store import CircumstanceRecorded
from valuation.papers.store import type_paper

STATEMENT_LIMIT = 2000


class RecordCircumstance(Command, frozen=True, kw_only=True):
    """Say that a circumstance holds, or no longer holds; of a kind the one confirmed last counts."""

    case_id: UUID
    asset_id: UUID
    kind: Circumstance
    holds: bool = True
    statement: str
    document_sha256: str


class CircumstanceMalformed(Malformed):
    """A circumstance is recorded without saying what was found."""

    code = "circumstance_malformed"
    article = "参考价 4, 5, 7, 14"
    zh = "应当写明情况，且不超过{limit}字。"
    en = "Say what was found, in at most {limit} characters."


async def record_circumstance(db: Database, actor: Actor, command: RecordCircumstance) -> UUID:
    """Type a circumstance from its paper; it counts for nothing yet. Gives the paper's id.

    Raises `CircumstanceMalformed`, `PaperNeeded`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
    require_paper(command.document_sha256)
    if not 0 < len(command.statement.strip()) <= STATEMENT_LIMIT:
        raise CircumstanceMalformed(limit=STATEMENT_LIMIT)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        paper = await type_paper(
            tx,
            actor,
            "circumstance",
            _recorded(command),
            case_id=command.case_id,
            subject_id=command.asset_id,
            document_sha256=command.document_sha256,
        )
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)


def _recorded(command: RecordCircumstance) -> CircumstanceRecorded:
    return CircumstanceRecorded(
        circumstance_id=new_id(),
        case_id=command.case_id,
        asset_id=command.asset_id,
        kind=command.kind,
        holds=command.holds,
        statement=command.statement.strip(),
        document_sha256=command.document_sha256,
    )
