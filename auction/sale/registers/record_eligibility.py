"""Record what is known of a buyer's eligibility where purchases are limited: his papers, the city's answer, the officer's word."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.registers.eligibility import ProofSource, check_span
from auction.sale.registers.tables import EligibilityProofRow


class RecordEligibility(Command, frozen=True, kw_only=True):
    """Record that the buyer of this round was (or was not) eligible from a day to a day, both included."""

    proof_id: UUID
    case_id: UUID
    round_id: UUID
    source: ProofSource
    document_ref: str
    from_on: date
    to_on: date
    is_eligible: bool


class NoBuyer(Conflict):
    """The round of this case has no buyer."""

    code = "eligibility_without_buyer"
    article = "法释〔2021〕18号 3"
    zh = "该次拍卖没有买受人，无需登记购房资格。"
    en = "This round of the case has no buyer whose eligibility could be recorded."


async def record_eligibility(db: Database, actor: Actor, command: RecordEligibility) -> UUID:
    """Store the record; a later one about the same days counts. Raises: `NoBuyer`, `ProofDates`, `FieldMissing`.

    Source: 法释〔2021〕18号 3: papers are looked at before the ruling; without eligibility all the time there is none.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK)
    document_ref = require_text("eligibility.document_ref", command.document_ref)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        check_span(command.from_on, command.to_on, today=local_day(tx.now))
        found = text(
            "SELECT c.lot_id FROM sale.confirmation c JOIN sale.round r USING (round_id) "
            "WHERE c.round_id = :round_id AND r.case_id = :case_id"
        )
        lot_id = await tx.session.scalar(found, {"round_id": command.round_id, "case_id": command.case_id})
        if lot_id is None:
            raise NoBuyer
        row = EligibilityProofRow(
            proof_id=command.proof_id,
            case_id=command.case_id,
            lot_id=lot_id,
            round_id=command.round_id,
            source=command.source,
            document_ref=document_ref,
            from_on=command.from_on,
            to_on=command.to_on,
            is_eligible=command.is_eligible,
            person_id=actor.person_id,
            account_id=actor.account_id,
            recorded_at=tx.now,
        )
        await add(tx, row)
        return command.proof_id

    return await db.carry_out(actor, command, work, UUID)
