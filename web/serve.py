"""The product's processes, each as one coroutine that runs until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvicorn

from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.jobs import run_worker
from auction.kernel.log import configure_log, get_log
from auction.kernel.sealing import Sealer
from bidding.journal.committer_process import run_committer
from web.app import create_app
from web.live_wiring import build_live, plain_dsn, receipt_key, shards_of
from web.offer import build_site
from web.room_gateway import serve_until_signalled
from web.running.keep_clock import keep_room_clock
from web.workers import Worker

STOP_TIMEOUT_S = 10

log = get_log("web.serve")


def stop_event() -> asyncio.Event:
    """Give an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def start(process: str) -> Settings:
    """Read settings and set up logs: the first thing that every process does. Refuses to run with ``python -O``."""
    if sys.flags.optimize:
        raise SystemExit("fapai does not run with -O: its assertions guard money and bids")
    configure_log(process=process)
    return read_settings()


async def serve_site() -> None:
    """Serve the site."""
    settings = start("web")
    config = uvicorn.Config(
        create_app(build_site(settings)),
        host=settings.bind_host,
        port=int(settings.site_port),
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
    await uvicorn.Server(config).serve()


async def serve_worker() -> None:
    """Work off jobs; polls of partners run beside."""
    settings = start("worker")
    stop = stop_event()
    db = Database(settings.database_url, Sealer(bytes.fromhex(settings.secret)), pool_size=10)
    worker = Worker(settings, db)
    log.info("worker_ready")
    polling = asyncio.create_task(worker.poll_partners(stop))
    try:
        await run_worker(db, worker.handlers(), dsn=plain_dsn(settings), stop=stop)
    finally:
        stop.set()
        await asyncio.gather(polling, return_exceptions=True)
        await worker.close()
        await db.close()


async def serve_committer() -> None:
    """Own all shards of this installation, and keep the rooms' clock in step where it can be moved."""
    settings = start("committer")
    stop = stop_event()
    live = build_live(settings)
    db = Database(settings.database_url, Sealer(bytes.fromhex(settings.secret)), pool_size=2)
    keeping = asyncio.create_task(keep_room_clock(db, live, stop))
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


async def serve_gateway() -> None:
    """Serve the rooms."""
    await serve_until_signalled(start("gateway"))
