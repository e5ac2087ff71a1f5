"""The availability probe as a process (``fapai probe``): better on another machine than the gateways, outside their proxy."""

from __future__ import annotations

import secrets

from auction.kernel.config import Settings
from auction.kernel.db import Database
from auction.kernel.log import get_log
from auction.kernel.sealing import Sealer
from bidding.availability.ask_room import Way
from bidding.availability.run_probe import Probe
from bidding.availability.signed_spans import ProbeKey
from web.live_wiring import seed_of
from web.process import required, start, stop_event

POOL_SIZE = 2

log = get_log("web.probe")


def way_of(settings: Settings) -> Way:
    """Give how the probe reaches rooms: by their public address, with a key of its own (`SettingInvalid` without one)."""
    key = ProbeKey(seed_of("FAPAI_PROBE_KEY", settings.probe_key))
    return Way(gateway_url=settings.gateway_url, site_url=settings.site_url.rstrip("/"), key=key)


async def serve_probe() -> None:
    """Measure until stopped; nothing sealed is read, so the installation's secret is not needed."""
    settings = start("probe")
    stop = stop_event()
    way = way_of(settings)
    db = Database(required(settings.database_url, "DATABASE_URL"), Sealer(secrets.token_bytes(32)), pool_size=POOL_SIZE)
    log.info("probe_ready", key_id=way.key.key_id)
    try:
        await Probe(db, way).run(stop)
    finally:
        await db.close()
