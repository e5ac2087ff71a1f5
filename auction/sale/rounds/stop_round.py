"""Stop a round: deferral, stay or withdrawal, each by its own sealed document."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import StopOrder
from auction.fund.deposits.apply_deposit import charge_authorised
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import enqueue
from auction.sale.cases import store as cases
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import RoundRow, StopRow
from auction.sale.rounds import store
from auction.sale.rounds.rounds import STOP_DOCUMENTS, STOP_SESSION, RoundState, StopKind, check_ground


class StopRound(Command, frozen=True, kw_only=True):
    """Stop this round; ``document_id`` is the sealed decision or ruling, ``reason`` is published."""

    stop_id: UUID
    round_id: UUID
    kind: StopKind
    ground: str
    reason: str
    document_id: UUID


async def stop_round(db: Database, actor: Actor, command: StopRound) -> UUID:
    """Record the stop and order it of the room; a withdrawal also ends the round and releases all deposits.

    Otherwise deposits that are only authorised on a card are charged, for nobody knows how long the stop lasts.

    Raises: `StopGroundUnknown`, `WrongDocumentKind`, `DocumentIsDraft`, `RoundMoveNotAllowed`, `FieldMissing`.
    Source: 网拍 28, 36; 拍变 17.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER, Role.BUREAU_HEAD)
    check_ground(command.kind, command.ground)
    reason = require_text("stop.reason", command.reason, limit=2000)

    async def work(tx: Transaction) -> UUID:
        round_row, lot = await store.open_round(tx, command.round_id)
        await cases.effective_document(
            tx, lot.case_id, command.document_id, STOP_DOCUMENTS[command.kind], lot_id=lot.lot_id
        )
        target = RoundState.WITHDRAWN if command.kind == "withdrawal" else RoundState.STOPPED
        before = RoundState(round_row.state)
        await store.move_round(tx, round_row, target, actor, reason=command.ground)
        await lots.move_lot(tx, lot, LotState(target.value), actor, reason=command.ground)
        await add(tx, _row(tx, command, before, reason))
        await enqueue(tx, STOP_SESSION, _order(command, round_row))
        if target is RoundState.WITHDRAWN:
            await store.release_all(tx, command.round_id)
        else:
            await charge_authorised(tx, command.round_id)
        return command.stop_id

    return await db.carry_out(actor, command, work, UUID)


def _row(tx: Transaction, command: StopRound, before: RoundState, reason: str) -> StopRow:
    return StopRow(
        stop_id=command.stop_id,
        round_id=command.round_id,
        kind=command.kind,
        ground=command.ground,
        reason=reason,
        document_id=command.document_id,
        resumes_into=before.value if command.kind != "withdrawal" else "none",
        stopped_at=tx.now,
    )


def _order(command: StopRound, row: RoundRow) -> StopOrder:
    return StopOrder(
        session_id=row.session_id,
        lot_id=row.lot_id,
        round_id=row.round_id,
        kind=command.kind,
        ground=command.ground,
        document_id=command.document_id,
    )
