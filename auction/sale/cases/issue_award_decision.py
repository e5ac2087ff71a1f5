"""Issue the decision that gives a price to a third party who won: the system writes it from judgment, sale, person and amount (fund, award_text)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from auction.fund.undoings.work_out_award import work_out_award
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import issue_written


class IssueAwardDecision(Command, frozen=True, kw_only=True):
    """Write the decision; the price is then given on it under the same terms (`AwardProceeds`).

    ``decision_id``: its own id; ``document_id``: the judgment.
    """

    decision_id: UUID
    case_id: UUID
    round_id: UUID
    party_id: UUID
    person_id: UUID
    amount_fen: int
    document_id: UUID
    judgment_number: str
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is issued: the decision under its own id."""

    command_id: UUID
    document_id: UUID


async def issue_award_decision(db: Database, actor: Actor, command: IssueAwardDecision) -> UUID:
    """Store the decision as a draft and give its id; a payout in between makes it useless (`AwardTextDiffers`).

    Raises what `auction.fund.undoings.work_out_award.work_out_award` raises. Source: 法释〔2025〕10号 6.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        body = (await work_out_award(tx, command)).text
        issued = _Decision(command_id=command.command_id, document_id=command.decision_id)
        return await issue_written(tx, actor, issued, DocumentKind.AWARD_DECISION, case_id=command.case_id, body=body)

    return await db.carry_out(actor, command, work, UUID)
