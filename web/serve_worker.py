"""The worker as a process (``fapai worker``)."""

from __future__ import annotations

import asyncio

from auction.kernel.jobs import run_worker
from auction.kernel.log import get_log
from web.live_wiring import plain_dsn, tell_of_shared_user
from web.process import open_database, start, stop_event
from web.workers import Worker

log = get_log("web.worker")


async def serve_worker() -> None:
    """Work off jobs; polls of partners, the watch over running rooms and the catalogue's reading run beside."""
    settings = start("worker")
    stop = stop_event()
    db = open_database(settings, pool_size=10)
    worker = Worker(settings, db)
    await worker.plan_ahead()
    await tell_of_shared_user(worker.live.nodes, "worker")
    log.info("worker_ready")
    others = (worker.poll_partners, worker.watch_rooms, worker.keep_catalogue, worker.look_for_news)
    beside = [asyncio.create_task(other(stop)) for other in others]
    try:
        await run_worker(db, worker.handlers(), dsn=plain_dsn(settings), stop=stop)
    finally:
        stop.set()
        await asyncio.gather(*beside, return_exceptions=True)
        await worker.close()
        await db.close()
