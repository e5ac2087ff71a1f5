"""Pass title: the ruling took effect on the buyer."""

from __future__ import annotations

from auction.contracts import DocumentServed
from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job
from auction.law.calendar import COURT_CALENDAR
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState
from auction.sale.title import store
from auction.sale.title.tables import TitlePassageRow
from auction.sale.title.title import deliver_by, title_passed


class PassTitle(Command, frozen=True, kw_only=True):
    """Note the service of a ruling on the sale."""

    served: DocumentServed


async def handle_title_service(db: Database, job: Job) -> None:
    """Handle the job ``sale.note_title_service``; service on others than the buyer passes nothing."""
    served: DocumentServed = job.decode(DocumentServed)
    await pass_title(db, SYSTEM, PassTitle(command_id=job.command_id("title"), served=served))


async def pass_title(db: Database, actor: Actor, command: PassTitle) -> bool:
    """Record that title passed on the day of service; gives whether it passed by this service. Source: 网拍 22; 拍变 26."""
    require_role(actor, Role.SYSTEM)
    served = command.served

    async def work(tx: Transaction) -> bool:
        ruling = await store.ruling_by_document(tx, served.document_id)
        on_buyer = served.effective_on if ruling is not None and ruling.buyer_party_id == served.party_id else None
        if ruling is None or not title_passed(is_ruled=True, served_on=on_buyer, on=local_day(tx.now)):
            await tx.about_case(served.case_id)
            return False
        lot = await lots.open_lot(tx, ruling.lot_id)
        if await tx.session.get(TitlePassageRow, lot.lot_id) is not None:
            return True
        row = TitlePassageRow(
            lot_id=lot.lot_id,
            service_id=served.service_id,
            passed_on=served.effective_on,
            deliver_by=deliver_by(served.effective_on, COURT_CALENDAR),
            noted_at=tx.now,
        )
        await add(tx, row)
        await lots.move_lot(tx, lot, LotState.TITLE_PASSED, actor)
        return True

    return await db.carry_out(actor, command, work, bool)
