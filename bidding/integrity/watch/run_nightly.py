"""The nightly run: fit the controls anew on what is over, and run the screens that compare lots. Again: the same findings, told once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from auction.kernel.db import Database
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.fitting import fit_baselines
from bidding.integrity.watch import store
from bidding.integrity.watch.raise_and_tell import raise_and_tell

SCREEN_NIGHTLY = "bidding.screen_nightly"
LOOK_BACK = timedelta(days=730)
"""Two years of rounds are compared: longer than the longest ring told of, and prices older than that mislead."""
MOST_ROUNDS = 120_000
"""Of more rounds the newest are compared, and the log says how many were left out: as many as one process holds and screens in minutes."""
PAGE = 1_000
"""So many rounds are read in one transaction: none is held open for the whole run."""
log = get_log("bidding.integrity")


async def handle_screen_nightly(db: Database, _job: Job) -> None:
    """Handle the job `SCREEN_NIGHTLY`."""
    await run_nightly(db)


async def run_nightly(db: Database) -> tuple[UUID, ...]:
    """Fit, screen across lots and raise; gives the ids of the new findings. The statistics run beside the event loop."""
    async with db.reading() as tx:
        since = tx.now - LOOK_BACK
        links = await store.links_since(tx, since)
        count = await store.rounds_since(tx, since)
    if count > MOST_ROUNDS:
        log.warning("nightly_rounds_left_out", rounds=count - MOST_ROUNDS)
    records = await _records(db, since)
    if not records:
        return ()
    fitted, found = await asyncio.to_thread(fit_and_screen, records, links)
    await db.transact(lambda tx: store.put_controls(tx, fitted))
    cases = {record.round_id: UUID(record.case_id) for record in records}
    return await db.transact(lambda tx: raise_and_tell(tx, found, cases))


async def _records(db: Database, since: datetime) -> list[RoundRecord]:
    """Read the rounds page by page, the newest first; what closes meanwhile is read tomorrow."""
    read: list[RoundRecord] = []
    after: tuple[datetime, UUID] | None = None
    while len(read) < MOST_ROUNDS:
        async with db.reading() as tx:
            page, after = await store.records_page(
                tx, since=since, before=after, limit=min(PAGE, MOST_ROUNDS - len(read))
            )
        read += page
        if after is None:
            break
    return read


def fit_and_screen(records: Sequence[RoundRecord], links: Iterable[tuple[str, str]]) -> tuple[Baselines, list[Finding]]:
    """Fit the controls and run every screen across lots; the statistical libraries are read here, not at the start of the process."""
    from bidding.integrity.screens.all_cross_lot import across_lots  # noqa: PLC0415 - loads the statistical libraries

    fitted = fit_baselines(records, links)
    return fitted, list(across_lots(records, fitted))
