"""A worker that fetches a round of the beacon, to be killed before or after it is kept.

``python -m tests.web.partners.beacon_child DATABASE_URL RELAY_URL PUBLIC_KEY before|after``
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from tests.web.partners.test_beacon import job
from valuation.draw_v1.beacon import Chain, chain_of
from valuation.draws.beacon_relay import NoRound, RoundGiven
from valuation.draws.fetch_round import handle_fetch_round
from valuation.draws.relay_client import RelayClient


class DyingRelay:
    """Asks the real relay, and dies when it has the answer."""

    def __init__(self, client: RelayClient) -> None:
        """Stand before a client."""
        self._client = client
        self.chain: Chain = client.chain

    async def round(self, number: int) -> RoundGiven | NoRound:
        """Ask and die."""
        await self._client.round(number)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("dead")


async def main(database_url: str, relay_url: str, public_key: str, when: str) -> None:
    """Run the job as the worker does, and die."""
    db = Database(database_url, Sealer(b"a made-up secret for tests, 32 bytes or more"))
    client = RelayClient(relay_url, chain_of(public_key))
    await handle_fetch_round(db, DyingRelay(client) if when == "before" else client, job())
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
