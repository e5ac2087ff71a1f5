"""Show what of a case's settlement officers read: its disbursements with what each is to sign, and its sale taxes."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.claims import store as claim_store
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.sign_step import shown_of
from auction.fund.payouts.store import DisbursementView, disbursement_view
from auction.kernel.db import Transaction


class TaxShown(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment as it stands: ``missing`` before it was asked for; ``total_fen`` is the seller's part."""

    state: str
    total_fen: int | None
    document_sha256: str | None


async def disbursements_of_case(tx: Transaction, case_id: UUID) -> list[DisbursementView]:
    """Give a case's disbursements, oldest first, each with the fingerprint that the next officer signs."""
    rows = await payout_store.disbursement_rows(tx, case_id=case_id)
    return [await disbursement_view(tx, row, await shown_of(tx, row)) for row in reversed(rows)]


async def tax_shown(tx: Transaction, round_id: UUID) -> TaxShown:
    """Give the assessment of a round's sale."""
    row = await claim_store.tax_of_round(tx, round_id)
    if row is None:
        return TaxShown(state="missing", total_fen=None, document_sha256=None)
    return TaxShown(state=row.state, total_fen=row.seller_fen, document_sha256=row.document_sha256)
