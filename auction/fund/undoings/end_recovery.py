"""Write off what cannot be had of a recovery, by the court's ruling and two persons' words; the debt stays on record with what is missing."""

from __future__ import annotations

from uuid import UUID

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.case_file import require_document
from auction.fund.claims.claims import OFFICERS
from auction.fund.deposits.store import add
from auction.fund.undoings import store
from auction.fund.undoings.tables import RecoveryEndRow
from auction.fund.undoings.undoings import NothingLeftToRecover, ReasonMissing, RecoveryUnknown
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import ZERO, Money

END_RULING = "recovery_end_ruling"
"""Kind of the sealed document by which a recovery ends unpaid."""


class EndRecovery(Command, frozen=True, kw_only=True):
    """Note that what is left of this recovery cannot be had, by this ruling and for this reason."""

    recovery_id: UUID
    case_id: UUID
    document_id: UUID
    reason: str


async def end_recovery(db: Database, actor: Actor, command: EndRecovery) -> ActShown:
    """Propose to write off what is left and show how much; it waits for its second person (`auction.fund.agree_to_act`).

    Raises `RecoveryUnknown`, `NothingLeftToRecover`, `ReasonMissing`, `DocumentNotSealed`, `ConcernedPersonActs`, `ActWaits`. Source: CPL 244.
    """
    require_role(actor, *OFFICERS)
    if not command.reason.strip():
        raise ReasonMissing(field="reason")

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.RECOVERY_END, command, lambda: carry_out_end(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_end(tx: Transaction, command: EndRecovery) -> Effect:
    """Write off what is left, as two persons agreed. Money that comes later is still taken, up to the debt. Raises as `end_recovery`."""
    row = await store.recovery_row(tx, command.recovery_id)
    if row.case_id != command.case_id:
        raise RecoveryUnknown(recovery_id=command.recovery_id)
    left = Money(row.amount_fen) - await store.received_of(tx, row.recovery_id)
    if left <= ZERO or await tx.session.get(RecoveryEndRow, row.recovery_id) is not None:
        raise NothingLeftToRecover(recovery_id=command.recovery_id)
    paper = await require_document(tx, case_id=command.case_id, document_id=command.document_id, kind=END_RULING)
    end = RecoveryEndRow(
        recovery_id=row.recovery_id,
        left_fen=left.fen,
        reason=command.reason.strip(),
        document_id=command.document_id,
        ended_at=tx.now,
    )
    await add(tx, end)
    return Effect(row.recovery_id, paper.body_sha256, (row.person_id,), {"left_fen": left.fen})
