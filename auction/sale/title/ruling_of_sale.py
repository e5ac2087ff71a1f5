"""A ruling on a sale within the caller's transaction: name the sale, store the draft, compare a sealed one with its terms."""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits.store import purchase_row
from auction.fund.rulings import require_operative, ruling_body
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.money import Money
from auction.kernel.persons import name_of
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import Issuing, issue_written
from auction.sale.lots.tables import LotRow
from auction.sale.title.ruling_text import SaleNamed


async def sale_of_round(tx: Transaction, lot: LotRow, round_id: UUID) -> SaleNamed:
    """Name the sale that a round made."""
    purchase = await purchase_row(tx, round_id)
    assert purchase is not None, "a round that was sold has a purchase"
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    return SaleNamed(
        title=asset.title,
        registry_number=asset.registry_number,
        reference=purchase.reference,
        price=Money(purchase.hammer_price_fen),
        buyer=await name_of(tx, purchase.person_id),
    )


async def issue_ruling_in(
    tx: Transaction, actor: Actor, command: Issuing, lot: LotRow, kind: DocumentKind, *, reasons: str, operative: str
) -> UUID:
    """Store a ruling of a kind as a draft and give its id. Raises `RulingReasonsMalformed`."""
    body = ruling_body(reasons, operative)
    return await issue_written(tx, actor, command, kind, case_id=lot.case_id, body=body, lot_id=lot.lot_id)


async def require_ruling(
    tx: Transaction, lot: LotRow, document_id: UUID, kind: DocumentKind, *, operative: str
) -> None:
    """Refuse a paper that is not the sealed ruling of this kind that decides exactly this.

    Raises `DocumentUnknown`, `OtherCase`, `WrongDocumentKind`, `DocumentOfOtherLot`, `DocumentIsDraft`, `RulingTextDiffers`.
    """
    row = await cases.effective_document(tx, lot.case_id, document_id, kind, lot_id=lot.lot_id)
    require_operative(tx.sealer.open(row.body_sealed), operative)
