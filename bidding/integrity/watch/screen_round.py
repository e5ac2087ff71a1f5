"""Screen a round that is over: the screens of the close, and the live ones again, in case nobody watched while it ran."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.db import Database
from auction.kernel.jobs import Job
from bidding.integrity.findings.findings import Finding
from bidding.integrity.links.find_links import links_of_round
from bidding.integrity.links.shared_keys import shared_keys
from bidding.integrity.screens.all_screens import of_one_round
from bidding.integrity.watch import store
from bidding.integrity.watch.raise_and_tell import raise_and_tell

SCREEN_ROUND = "bidding.screen_round"


class ScreenRound(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job: the round to screen."""

    round_id: UUID


async def handle_screen_round(db: Database, job: Job) -> None:
    """Handle the job `SCREEN_ROUND`; again: the same findings under the same ids, told once."""
    await screen_round(db, job.decode(ScreenRound).round_id)


async def screen_round(db: Database, round_id: UUID) -> tuple[UUID, ...]:
    """Run every screen of one round and raise what they find; gives the ids of the new findings."""
    case_id, found = await _find(db, round_id)
    if not found:
        return ()
    return await db.transact(lambda tx: raise_and_tell(tx, found, _cases(found, case_id)))


async def _find(db: Database, round_id: UUID) -> tuple[UUID, list[Finding]]:
    async with db.reading() as tx:
        row = await store.record_row(tx, round_id)
        assert row is not None, "a round is screened after its record was stored"
        record = await store.record(tx, row)
        _, controls = await store.newest_controls(tx)
        history = await store.history_for(tx, record, controls.history, links=store.links_on(row))
        links = await links_of_round(tx, round_id)
    return row.case_id, [*of_one_round(record, controls.knowing(history)), *shared_keys(record, links)]


def _cases(found: list[Finding], case_id: UUID) -> dict[str, UUID]:
    """All rounds of one lot are of one case."""
    return {name: case_id for finding in found for name in finding.subject.rounds}
