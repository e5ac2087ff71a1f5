"""Fetch the round of the beacon that a frozen pool names, when it is due, so that nobody must paste it (V71).

1. It is asked for outside any transaction and kept once, verified by the pinned key; a second answer changes nothing.
2. A relay that does not give it leaves a dated gap with its reason and is asked again, ever more slowly, until the draw dies.
3. Nothing waits for it: the drawing office may enter the published round by itself at any time (`execute_draw`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from valuation.draw_v1.beacon import time_of_round
from valuation.draw_v1.draw_pool import BeaconRound
from valuation.draws.beacon_relay import DETAIL_MOST, BeaconRelay, GapReason, NoRound, RoundGiven, pause_after
from valuation.selections import store_of_draws
from valuation.selections.store_of_draws import Draw

FETCH_ROUND = "valuation.fetch_round"
GAPS_SHOWN = 200

log = get_log("valuation.agencies")


class FetchRound(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `FETCH_ROUND`."""

    draw_id: UUID


class BeaconGap(msgspec.Struct, frozen=True, kw_only=True):
    """One asking without an answer that counts."""

    number: int
    reason: GapReason
    tried_at: datetime


async def plan_fetch(tx: Transaction, draw_id: UUID, named: BeaconRound) -> None:
    """Have the named round fetched when it is published."""
    await enqueue(tx, FETCH_ROUND, FetchRound(draw_id=draw_id), due_at=time_of_round(named.round))


async def handle_fetch_round(db: Database, relay: BeaconRelay | None, job: Job) -> None:
    """Ask the relay once; ``None``: this installation has none, and the drawing office enters the round."""
    draw_id = job.decode(FetchRound).draw_id
    async with db.reading() as tx:
        made = await store_of_draws.draw(tx, draw_id)
    named = _awaited(made)
    if named is None or relay is None:
        return
    if (named.chain_hash, named.public_key) != (relay.chain.chain_hash, relay.chain.public_key):
        log.warning("beacon_of_other_chain", draw_id=str(draw_id))
        return
    outcome = await relay.round(named.round)
    await db.transact(lambda tx: keep_outcome(tx, draw_id, outcome))


async def keep_outcome(tx: Transaction, draw_id: UUID, outcome: RoundGiven | NoRound) -> None:
    """Keep a round, once, or a dated gap with the next asking; of a draw that has ended nothing."""
    await tx.about_case((await store_of_draws.draw(tx, draw_id)).case_id)
    made = await store_of_draws.draw(tx, draw_id)
    if _awaited(made) is None:
        return
    if isinstance(outcome, RoundGiven):
        await _keep_round(tx, draw_id, outcome)
    else:
        await _keep_gap(tx, made, outcome)


async def gaps_of(tx: Transaction, draw_id: UUID) -> list[BeaconGap]:
    """Give the newest askings of a draw's round that gave nothing, the oldest of them first."""
    rows = await tx.session.execute(
        text(
            "SELECT number, reason, tried_at FROM valuation.beacon_gap WHERE draw_id = :id ORDER BY number DESC LIMIT :limit"
        ),
        {"id": draw_id, "limit": GAPS_SHOWN},
    )
    return [BeaconGap(**row) for row in rows.mappings()][::-1]


def _awaited(made: Draw) -> BeaconRound | None:
    """Give the round that a draw still waits for."""
    if made.state != "frozen" or made.beacon_signature is not None:
        return None
    second = made.frozen_pool.second
    return second if isinstance(second, BeaconRound) else None


async def _keep_round(tx: Transaction, draw_id: UUID, given: RoundGiven) -> None:
    await tx.session.execute(
        text(
            "INSERT INTO valuation.beacon_round (draw_id, round, signature, fetched_at) "
            "VALUES (:id, :round, :signature, :now)"
        ),
        {"id": draw_id, "round": given.number, "signature": given.signature, "now": tx.now},
    )
    log.info("beacon_fetched", draw_id=str(draw_id), round=given.number)


async def _keep_gap(tx: Transaction, made: Draw, gap: NoRound) -> None:
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.beacon_gap (draw_id, number, reason, detail, tried_at) SELECT :id, "
            "coalesce(max(number), 0) + 1, :reason, :detail, :now FROM valuation.beacon_gap WHERE draw_id = :id "
            "RETURNING number"
        ),
        {"id": made.draw_id, "reason": gap.reason, "detail": gap.detail[:DETAIL_MOST], "now": tx.now},
    )
    tries = int(found.scalar_one())
    log.warning("beacon_gap", draw_id=made.id, reason=gap.reason, tries=tries)
    due_at = tx.now + pause_after(tries)
    if due_at < made.times.dies_at:
        once = named_id("fetch round again", made.id, str(tries))
        await enqueue(tx, FETCH_ROUND, FetchRound(draw_id=made.draw_id), due_at=due_at, only_once_as=once)
