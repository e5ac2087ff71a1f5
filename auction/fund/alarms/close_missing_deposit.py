"""Close the alarm of a defaulter's deposit that was not there, by the court's ruling on it and two persons' words. Source: 网拍 24."""

from __future__ import annotations

from uuid import UUID

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.alarms import store
from auction.fund.alarms.closings import reason_given, require_ruling_on_default
from auction.fund.alarms.tables import AlarmClosingRow
from auction.fund.case_file import require_document
from auction.fund.claims.claims import OFFICERS
from auction.fund.deposits import store as deposits
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.forfeits.forfeited_of_case import forfeited_shown
from auction.fund.forfeits.missing_deposits import DEPOSIT_MISSING
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction


class CloseMissingDeposit(Command, frozen=True, kw_only=True):
    """Say what the court ruled about a deposit that was not there to be kept when its bidder defaulted."""

    closing_id: UUID
    case_id: UUID
    round_id: UUID
    document_id: UUID
    reason: str


async def close_missing_deposit(db: Database, actor: Actor, command: CloseMissingDeposit) -> ActShown:
    """Propose to close the alarm; it waits for its second person (`auction.fund.agree_to_act`).

    Raises `ClosingUnexplained`, `AlarmSilent`, `DocumentNotSealed`, `ConcernedPersonActs`, `ActWaits`.
    """
    require_role(actor, *OFFICERS)
    reason_given(command.reason)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.MISSING_DEPOSIT, command, lambda: carry_out_closing(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_closing(tx: Transaction, command: CloseMissingDeposit) -> Effect:
    """Close the alarm, as two persons agreed, and show what was kept of the deposit. Raises as `close_missing_deposit`."""
    await store.require_ringing(tx, DEPOSIT_MISSING, command.round_id, case_id=command.case_id)
    purchase = await deposits.purchase_row(tx, command.round_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=command.round_id)
    paper = await require_document(tx, case_id=command.case_id, document_id=command.document_id)
    require_ruling_on_default(paper.kind, command.document_id)
    row = AlarmClosingRow(
        closing_id=command.closing_id,
        kind=DEPOSIT_MISSING,
        subject_id=command.round_id,
        case_id=command.case_id,
        reason=reason_given(command.reason),
        document_id=command.document_id,
        closed_at=tx.now,
    )
    await store.close_alarm(tx, row)
    kept = sum(one.kept_fen for one in await forfeited_shown(tx, command.case_id) if one.round_id == command.round_id)
    return Effect(command.round_id, paper.body_sha256, (purchase.person_id,), {"kept_fen": kept})
