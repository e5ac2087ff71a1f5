"""Confirm as the second person what was typed of the order of methods: a request for a method, or a circumstance."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.methods import step_store as steps
from valuation.methods.order import lawful_methods
from valuation.methods.step_store import CircumstanceRecorded, MethodRequest
from valuation.methods.steps import Method
from valuation.papers import store as papers
from valuation.papers.typed_papers import TypedPaper, check_second


class ConfirmMethodPaper(Command, frozen=True, kw_only=True):
    """The second person compared with the scan of this fingerprint; ``agrees`` false: it says otherwise and never counts."""

    case_id: UUID
    paper_id: UUID
    document_sha256: str
    agrees: bool = True


class LawfulNow(msgspec.Struct, frozen=True, kw_only=True):
    """The methods that may be taken after this, the next by law first."""

    methods: tuple[Method, ...]


async def confirm_method_paper(db: Database, actor: Actor, command: ConfirmMethodPaper) -> LawfulNow:
    """Let the request or the circumstance count from now on. A method that runs is not touched.

    Raises `TypedPaperUnknown`, `TypedPaperLookedAt`, `SecondPersonNeeded`, `PaperOfOtherScan`. Source: 参考价 4, 5, 7, 14.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> LawfulNow:
        await tx.about_case(command.case_id)
        paper = await papers.paper(tx, command.case_id, command.paper_id, "method_request", "circumstance")
        check_second(paper, actor, document_sha256=command.document_sha256)
        await papers.add_check(tx, paper, checked_by=actor.person_id, agrees=command.agrees)
        if command.agrees:
            await _let_count(tx, paper)
        lawful = lawful_methods(await steps.standing_of(tx, paper.subject_id))
        return LawfulNow(methods=tuple(method for method, _ in lawful))

    return await db.carry_out(actor, command, work, LawfulNow)


async def _let_count(tx: Transaction, paper: TypedPaper) -> None:
    if paper.kind == "circumstance":
        circumstance = msgspec.json.decode(paper.content, type=CircumstanceRecorded)
        await steps.add_circumstance(tx, circumstance, paper_id=paper.paper_id)
    else:
        request = msgspec.json.decode(paper.content, type=MethodRequest)
        await steps.add_request(tx, request, paper_id=paper.paper_id)
