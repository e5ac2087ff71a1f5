"""All published records of one draw with their entries, so that anybody can compute the chain again, of a dead draw too."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import InvariantViolated
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw_chain import EntropyCommitted, EntropyOpened, Entry
from valuation.draw_v1.draw_pool import instant
from valuation.selections import store_of_draws
from valuation.selections.store_of_draws import EntropyRow

ENTRIES_MOST = 10_000
"""Most entries of one draw: two of each party, and four."""


class PublishedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record in canonical form; its hash is the entry's ``sha256``."""

    entry: Entry
    record: msgspec.Raw


async def records_of(tx: Transaction, draw_id: UUID) -> list[PublishedRecord]:
    """Give the records of a draw in the order of the chain; none before its pool is frozen, unless it ended before. Raises `DrawUnknown`."""
    await store_of_draws.draw(tx, draw_id)
    rows = await tx.session.execute(
        text(
            "SELECT sha256, record FROM valuation.draw_pool WHERE draw_id = :id UNION ALL "
            "SELECT sha256, record FROM valuation.draw_result WHERE draw_id = :id UNION ALL "
            "SELECT sha256, record FROM valuation.draw_failure WHERE draw_id = :id UNION ALL "
            "SELECT sha256, record FROM valuation.draw_withdrawal WHERE draw_id = :id UNION ALL "
            "SELECT sha256, record FROM valuation.draw_restart WHERE draw_id = :id"
        ),
        {"id": draw_id},
    )
    known = {row.sha256: bytes(row.record) for row in rows}
    for entropy in await store_of_draws.entropy_of(tx, draw_id):
        known |= {fingerprint_of(record): written(record) for record in _records_of(str(draw_id), entropy)}
    entries = await store_of_draws.chain_of(tx, draw_id, limit=ENTRIES_MOST)
    if not known.keys() >= {entry.sha256 for entry in entries}:
        raise InvariantViolated(f"a record of draw {draw_id} does not fit its entry in the chain")
    return [PublishedRecord(entry=entry, record=msgspec.Raw(known[entry.sha256])) for entry in entries]


def _records_of(draw_id: str, row: EntropyRow) -> Iterator[EntropyCommitted | EntropyOpened]:
    yield EntropyCommitted(draw_id=draw_id, party=row.party, commitment=row.commitment, at=instant(row.committed_at))
    if row.value is not None and row.opened_at is not None:
        yield EntropyOpened(draw_id=draw_id, party=row.party, value=row.value, at=instant(row.opened_at))
