"""Take over a reference price that valuation has fixed."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import ReferencePrice
from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.money import Money
from auction.sale.cases import store
from auction.sale.cases.tables import ReferencePriceRow
from auction.sale.columns import add

TAKE_REFERENCE_PRICE = "sale.take_reference_price"


class TakeReferencePrice(Command, frozen=True, kw_only=True):
    """Take over this reference price."""

    price: ReferencePrice


async def handle_reference_price(db: Database, job: Job) -> None:
    """Handle the job `TAKE_REFERENCE_PRICE`; a repeated message changes nothing."""
    price: ReferencePrice = job.decode(ReferencePrice)
    await take_reference_price(db, SYSTEM, TakeReferencePrice(command_id=job.command_id("take"), price=price))


async def take_reference_price(db: Database, actor: Actor, command: TakeReferencePrice) -> UUID:
    """Store the price of an asset of this case. Raises: `AssetUnknown`, `OtherCase`."""
    require_role(actor, Role.SYSTEM)
    price = command.price
    amount = Money(price.amount_fen)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(price.case_id)
        await store.asset_row(tx, price.case_id, price.asset_id)
        if await tx.session.get(ReferencePriceRow, price.reference_price_id) is not None:
            return price.reference_price_id
        row = ReferencePriceRow(
            reference_price_id=price.reference_price_id,
            case_id=price.case_id,
            asset_id=price.asset_id,
            method=price.method,
            amount_fen=amount.fen,
            fixed_at=price.fixed_at,
            valid_until=price.valid_until,
            evidence_sha256=price.evidence_sha256,
            agency_id=price.agency_id,
            taken_at=tx.now,
        )
        await add(tx, row)
        return price.reference_price_id

    return await db.carry_out(actor, command, work, UUID)
