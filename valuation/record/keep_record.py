"""Keep the record of a price: all five parts, fixed when the price is (参考价 34)."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import ReferencePrice
from auction.kernel.db import Transaction
from auction.kernel.signing import canonical_json
from valuation.record import record_store as store
from valuation.record.system_record import Entries, RecordPart, check_parts

VERSION = 1


async def keep_record(tx: Transaction, price: ReferencePrice) -> None:
    """Write the record of a price in the transaction that fixes it, once; raises `RecordIncomplete`."""
    parts = await parts_of(tx, price.asset_id)
    check_parts(parts)
    asset_id = price.asset_id
    content = canonical_json(
        {
            "version": VERSION,
            "price": {
                "reference_price_id": str(price.reference_price_id),
                "case_id": str(price.case_id),
                "asset_id": str(asset_id),
                "method": price.method,
                "amount_fen": str(price.amount_fen),
                "fixed_at": price.fixed_at.isoformat(),
                "valid_until": price.valid_until.isoformat(),
                "evidence_sha256": price.evidence_sha256,
            },
            "steps": await store.entries(tx, store.STEPS, asset_id),
            "circumstances": await store.entries(tx, store.CIRCUMSTANCES, asset_id),
            "requests": await store.entries(tx, store.REQUESTS, asset_id),
            "parts": parts,
        }
    )
    await store.add_record(tx, price.reference_price_id, content)


async def parts_of(tx: Transaction, asset_id: UUID) -> dict[RecordPart, Entries]:
    """Give what happened in each of the five; a part that was not used is empty. Source: 参考价 34."""
    online = await store.entries(tx, store.PLATFORMS, asset_id) + await store.entries(tx, store.OBJECTIONS, asset_id)
    lottery = await store.entries(tx, store.CHOICES, asset_id) + await store.entries(tx, store.DRAWS, asset_id)
    return {
        "agreement": await store.entries(tx, store.AGREEMENTS, asset_id),
        "targeted": await store.entries(tx, store.LETTERS, asset_id),
        "online": online,
        "appraisal": await store.entries(tx, store.APPRAISALS, asset_id),
        "lottery": lottery,
    }
