"""Made-up measurements, stored as a probe stores them."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from bidding.availability import store
from bidding.availability.evidence import EvidenceKey
from bidding.availability.signed_spans import ProbeKey, SpanSigner
from bidding.availability.spans import GOOD, OutageBegun, Sample, Span, SpanFold, Subject

KEY = ProbeKey(b"\x0c" * 32)
FILE_KEY = EvidenceKey(b"\x0e" * 32)
"""A house's key for evidence files."""
SECOND_US = 1_000_000


async def measure(db: Database, session_id: UUID, results: str, *, from_us: int, shard: int = 0) -> None:
    """Store what one probe a second from an instant on found: ``.`` good, ``x`` bad; a blank is no probe."""
    fold = SpanFold(Subject(scope="room", shard=shard, session_id=session_id))
    found: list[Span | OutageBegun] = []
    for second, result in enumerate(results):
        if result != " ":
            sent_us = from_us + second * SECOND_US
            found += fold.take(Sample(sent_us=sent_us, waited_us=5_000, result=GOOD if result == "." else "no_answer"))
    found += fold.break_off()
    run_id = new_id()
    signer = SpanSigner(KEY, run_id)

    async def work(tx: Transaction) -> None:
        await store.note_run(tx, KEY, run_id, rooms=1, down=0, refused=0)
        for one in found:
            if isinstance(one, OutageBegun):
                await store.report_outage(tx, one)
            else:
                await store.add_span(tx, signer.sign(one))

    await db.transact(work)
