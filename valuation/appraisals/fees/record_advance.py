"""Record what the applicant advanced on the fee, or an insurer's letter of guarantee (参考价 33; 评估规范)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import ZERO, Money
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.mandates.inspect_site import MandateNotTaken
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.fees import AdvanceKind, RatesMissing, advance_due, check_advance, check_guarantee


class RecordAdvance(Command, frozen=True, kw_only=True):
    """Money advanced, or the sum of a letter; ``estimated_value_fen`` is what the fee was estimated on."""

    appraisal_id: UUID
    kind: AdvanceKind
    estimated_value_fen: int
    amount_fen: int
    insurer_pays: bool = False
    """Whether the letter says that the insurer pays what the applicant does not advance; of money it says nothing."""
    document_sha256: str


async def record_advance(db: Database, actor: Actor, command: RecordAdvance) -> Moved:
    """Record an advance; with what was advanced or guaranteed before it comes to half of the estimated fee at least.

    Raises `AdvanceTooLow`, `GuaranteeIncomplete`, `MandateNotTaken` before the agency gave its rates. Source: 参考价 33; 评估规范.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.FINANCE)
    check_guarantee(command.kind, insurer_pays=command.insurer_pays)
    estimated, amount = Money.positive(command.estimated_value_fen), Money.positive(command.amount_fen)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        if file.mandate is None:
            raise MandateNotTaken
        if file.mandate.rates is None:
            raise RatesMissing
        before = sum((Money(held.amount_fen) for held in file.advances), ZERO)
        check_advance(before + amount, due=advance_due(estimated, file.mandate.rates, on=local_day(tx.now)))
        event = h.AdvanceRecorded(
            advance_id=new_id(),
            kind=command.kind,
            estimated_value_fen=estimated.fen,
            amount_fen=amount.fen,
            document_sha256=command.document_sha256,
        )
        return await keep(tx, actor, file, event, made_id=event.advance_id)

    return await db.carry_out(actor, command, work, Moved)
