"""Ask the bidder behind a code for an explanation: under his code, with a last day, without telling anybody who he is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.acts import ASK_DAYS_MOST, JUDGES, AskDaysNotAllowed, CodeNotOfFinding, require_reason
from bidding.integrity.findings.participants import require_code_of_finding
from bidding.integrity.findings.tables import ExplanationRequestRow


class AskExplanation(Command, frozen=True, kw_only=True):
    """Ask this code of this round; ``days`` is the time for the answer, counted from tomorrow."""

    request_id: UUID
    case_id: UUID
    finding_id: UUID
    round_id: UUID
    code: str
    question: str
    days: int


async def ask_explanation(db: Database, actor: Actor, command: AskExplanation) -> UUID:
    """Put the question on the bidder's desk and on the record of the finding; a round of another case is for its own judge.

    Raises: `RoleLacking`, `ReasonNeeded`, `AskDaysNotAllowed`, `FindingUnknown`, `CodeNotOfFinding`, `TooManyWords`. Source: 网拍 31(3).
    """
    require_role(actor, *JUDGES)
    question = require_reason(command.question)
    if not 1 <= command.days <= ASK_DAYS_MOST:
        raise AskDaysNotAllowed(most=ASK_DAYS_MOST, field="days")

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        row = await store.finding_in_case(tx, command.finding_id, command.case_id)
        record = await store.record_of_round(tx, command.round_id)
        if record is not None and record.case_id != command.case_id:
            raise CodeNotOfFinding(code=command.code, field="code")
        await require_code_of_finding(tx, row, command.round_id, command.code)
        number = await store.add_word(
            tx,
            actor,
            "ask",
            finding_id=command.finding_id,
            case_id=command.case_id,
            reason=question,
            round_id=command.round_id,
            code=command.code,
        )
        tx.session.add(_row(tx, command, question, number))
        await tx.session.flush()
        return command.request_id

    return await db.carry_out(actor, command, work, UUID)


def _row(tx: Transaction, command: AskExplanation, question: str, number: int) -> ExplanationRequestRow:
    return ExplanationRequestRow(
        request_id=command.request_id,
        finding_id=command.finding_id,
        number=number,
        case_id=command.case_id,
        round_id=command.round_id,
        code=command.code,
        question=question,
        due_on=local_day(tx.now) + timedelta(days=command.days),
        asked_at=tx.now,
    )
