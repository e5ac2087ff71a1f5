"""The committer as a process (``fapai committer``)."""

from __future__ import annotations

import asyncio

from auction.kernel.collector import calm_collector
from auction.kernel.log import get_log
from bidding.journal.committer_process import run_committer
from web.live_wiring import build_live, plain_dsn, receipt_key, shards_of, tell_of_shared_user
from web.process import open_database, start, stop_event
from web.running.keep_clock import keep_room_clock

log = get_log("web.committer")


async def serve_committer() -> None:
    """Own all shards of this installation, and keep the rooms' clock in step where it can be moved."""
    settings = start("committer")
    stop = stop_event()
    live = build_live(settings)
    db = open_database(settings, pool_size=2)
    keeping = asyncio.create_task(keep_room_clock(db, live, stop))
    await tell_of_shared_user(live.nodes, "committer")
    calm_collector()
    log.info("committer_ready")
    try:
        await run_committer(
            dsn=plain_dsn(settings), live=live, key=receipt_key(settings), shards=range(shards_of(settings)), stop=stop
        )
    finally:
        stop.set()
        await asyncio.gather(keeping, return_exceptions=True)
        await live.nodes.close()
        await db.close()
