"""Ten thousand registrations on one lot, all over one carrier and half of them from one agency's office."""

from __future__ import annotations

import asyncpg

from auction.kernel.db import Database
from bidding.integrity.links.find_links import link_of, links_of, links_of_round
from loadtests.links import CROWD, Graph, fill
from tests.bidding.journal.world import plain_dsn


async def test_office_and_carrier_of_thousands_tell_nobody(database: Database, database_url: str) -> None:
    """Who shares office and carrier with thousands is linked to nobody by them; who shares a telephone besides is found among the ten thousand."""
    graph = Graph(CROWD, CROWD, seed=7)
    line = await asyncpg.connect(plain_dsn(database_url))
    try:
        await fill(line, graph)
    finally:
        await line.close()

    async with database.reading() as tx:
        clients = await link_of(tx, graph.registration_id(6), graph.registration_id(8))
        same_telephone = await link_of(tx, graph.registration_id(49), graph.registration_id(99))
        followed = await links_of(tx, graph.registration_id(6))
        found = await links_of_round(tx, graph.crowded)

    assert clients is None or (clients.weight, clients.is_told) == (0.0, False)
    assert same_telephone is not None
    assert same_telephone.is_told
    assert {"phone"} <= {key.kind for key in same_telephone.counted}
    assert len(followed) < 10
    common = {"address", "device", "network"}
    assert [link for link in found if link.is_told and {key.kind for key in link.counted} <= common] == []
    assert same_telephone.parties in {link.parties for link in found}
    assert len(found) < CROWD
