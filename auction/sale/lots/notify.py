"""Notify a party or a known holder of a right of first refusal of the sale, before it is announced."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.law.service import SaleNoticePublication, ServiceRecord, WrittenWaiver, effect_of
from auction.sale.cases import store as cases
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.serve import Serve, check_not_in_future, sent_at, serve_in
from auction.sale.columns import add
from auction.sale.lots import store
from auction.sale.lots.lots import LotState, MoveNotAllowed
from auction.sale.lots.notices import AlreadyNotified, Notified
from auction.sale.lots.tables import LotRow, NotificationRow


class ToldBeforeListing(Malformed):
    """Nobody was told of, or waived notice of, a sale that was not listed yet."""

    code = "told_before_listing"
    article = "网拍 16"
    zh = "公示或者书面放弃的时间 {told_at} 早于拍卖条件拟定时间 {listed_at}。"
    en = "The publication or waiver of {told_at} is earlier than the listing of {listed_at}."


class Notify(Command, frozen=True, kw_only=True):
    """Record how this party was told: by service of the notification, by his written waiver, or by publication.

    ``document_id`` is the sealed notification (拍卖通知书) where it is served; ``reason`` says why nothing was served.
    """

    service_id: UUID
    lot_id: UUID
    party_id: UUID
    record: ServiceRecord
    evidence_ref: str
    document_id: UUID | None = None
    reason: str = ""


async def notify(db: Database, actor: Actor, command: Notify) -> Notified:
    """Store the notification of the present listing.

    Raises: the refusals of `auction.law.service` and of `serve`; `AlreadyNotified`, `MoveNotAllowed`, `PartyUnknown`,
    `ToldBeforeListing`.
    Source: 网拍 16.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Notified:
        lot = await store.open_lot(tx, command.lot_id)
        if lot.state not in (LotState.LISTED, LotState.DECIDED):
            raise MoveNotAllowed(state=lot.state, wanted="notified")
        party = await cases.party_row(tx, lot.case_id, command.party_id)
        if await tx.session.get(NotificationRow, (lot.lot_id, lot.listing_version, party.party_id)) is not None:
            raise AlreadyNotified
        row = await _row(tx, lot, command)
        await add(tx, row)
        return next(each for each in await store.notified_of(tx, lot) if each.party_id == command.party_id)

    return await db.carry_out(actor, command, work, Notified)


async def _row(tx: Transaction, lot: LotRow, command: Notify) -> NotificationRow:
    row = NotificationRow(
        lot_id=lot.lot_id,
        version=lot.listing_version,
        party_id=command.party_id,
        reason=command.reason.strip(),
        recorded_at=tx.now,
    )
    if isinstance(command.record, WrittenWaiver | SaleNoticePublication):
        row.reason = require_text("notification.reason", command.reason or command.evidence_ref)
        row.how = "waived" if isinstance(command.record, WrittenWaiver) else "published"
        await _check_after_listing(tx, lot, command.record)
        effect = effect_of(command.record)
        check_not_in_future(command.record, effect, today=local_day(tx.now))
        row.effective_on = effect.effective_on
        return row
    served = await serve_in(tx, await _serve(tx, lot, command))
    row.how, row.service_id, row.effective_on = "served", served.service_id, served.effective_on
    return row


async def _check_after_listing(tx: Transaction, lot: LotRow, record: ServiceRecord) -> None:
    """Refuse what is dated before the present listing (`ToldBeforeListing`); an instant is as exact as its minute."""
    listed_at = (await store.listing_row(tx, lot)).listed_at.replace(second=0, microsecond=0)
    if sent_at(record) < listed_at:
        raise ToldBeforeListing(
            told_at=sent_at(record).isoformat(timespec="minutes"), listed_at=listed_at.isoformat(timespec="minutes")
        )


async def _serve(tx: Transaction, lot: LotRow, command: Notify) -> Serve:
    document_id = command.document_id
    if document_id is None:
        require_text("notification.document_id", "")
    assert document_id is not None, "refused above"
    await cases.effective_document(tx, lot.case_id, document_id, DocumentKind.SALE_NOTIFICATION, lot_id=lot.lot_id)
    return Serve(
        command_id=command.command_id,
        service_id=command.service_id,
        case_id=lot.case_id,
        document_id=document_id,
        party_id=command.party_id,
        record=command.record,
        evidence_ref=command.evidence_ref,
    )
