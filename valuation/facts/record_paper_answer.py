"""Take a reply on paper: one officer records what the scan says, another natural person confirms it (practice 8).

Until then it counts as unanswered; then it has the force of a register's own answer.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotPermitted
from auction.kernel.ids import new_id
from valuation.facts import store
from valuation.facts.asset_file import AssetFile
from valuation.facts.facts import Subject, check_class, check_fact
from valuation.facts.require_facts import missing_for_price

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)


class RecordPaperAnswer(Command, frozen=True, kw_only=True):
    """What a reply on paper says on one subject; ``scan_sha256`` is the fingerprint of its scan."""

    case_id: UUID
    asset_id: UUID
    subject: Subject
    state: Literal["established", "none_found"]
    statement_zh: str
    statement_en: str
    source: str
    as_of: date
    scan_sha256: str
    province: str = ""
    city: str = ""


class ConfirmPaperAnswer(Command, frozen=True, kw_only=True):
    """The second person compared the record with the scan; ``agrees`` false: it says otherwise and never counts."""

    case_id: UUID
    asset_id: UUID
    paper_id: UUID
    agrees: bool = True


class PaperConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What is still missing after this."""

    missing: tuple[Subject, ...]


class SamePersonConfirms(NotPermitted):
    """Who recorded a reply on paper cannot confirm it, under whatever account."""

    code = "paper_same_person"
    article = "house: security 3, two natural persons"
    zh = "书面答复应当由登记人以外的另一人核对。"
    en = "A reply on paper is confirmed by another natural person than the one who recorded it."


class PaperLookedAt(Conflict):
    """A second person has decided on this paper before."""

    code = "paper_looked_at"
    article = "house: a reply on paper is confirmed once"
    zh = "该书面答复已经核对。"
    en = "A second person has looked at this reply before."


async def record_paper_answer(db: Database, actor: Actor, command: RecordPaperAnswer, *, asset_file: AssetFile) -> UUID:
    """Record what the paper says; it counts for nothing yet. Gives its id.

    Raises `FactMalformed`, `FactOfOtherClass`, `OccupancyUnclear`. Source: 参考价 3.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        asset = await asset_file.asset(tx, command.case_id, command.asset_id)
        paper = _paper_of(command, actor, tx)
        check_fact(paper.fact, today=local_day(tx.now))
        check_class(paper.fact, asset.asset_class)
        await store.note_class(tx, asset)
        await store.add_paper(tx, paper)
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)


def _paper_of(command: RecordPaperAnswer, actor: Actor, tx: Transaction) -> store.Paper:
    values = msgspec.structs.asdict(command)
    del values["command_id"]
    return store.Paper(
        **values,
        paper_id=new_id(),
        recorded_by=actor.person_id,
        recorded_at=tx.now,
    )


async def confirm_paper_answer(db: Database, actor: Actor, command: ConfirmPaperAnswer) -> PaperConfirmed:
    """Confirm a paper as the second person; only then its finding stands.

    Raises `PaperUnknown`, `SamePersonConfirms`, `PaperLookedAt`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> PaperConfirmed:
        await tx.about_case(command.case_id)
        paper = await store.paper(tx, command.asset_id, command.paper_id)
        if paper.recorded_by == actor.person_id:
            raise SamePersonConfirms
        if paper.agrees is not None:
            raise PaperLookedAt
        await store.add_confirmation(tx, paper, confirmed_by=actor.person_id, agrees=command.agrees)
        if command.agrees:
            await store.add_facts(tx, paper.case_id, paper.asset_id, [paper.fact], paper_id=paper.paper_id)
        return PaperConfirmed(missing=await missing_for_price(tx, command.asset_id))

    return await db.carry_out(actor, command, work, PaperConfirmed)
