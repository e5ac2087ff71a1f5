"""Copies of a stage stand for the way to it, and only where a test began from nothing."""

from __future__ import annotations

from functools import partial

import pytest

from auction.kernel.actors import Role
from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.cases import CaseNumberTaken
from auction.sale.views import public_lot
from tests import servers
from tests.auction.sale.world import DEPOSIT, World, actor


async def test_copy_of_a_stage_goes_on_like_the_way_to_it(
    postgres_server: servers.Addresses, migrated_template: str, sealer: Sealer
) -> None:
    """Two databases come to one announcement with the same ids, and both go on from it."""
    lots = []
    for _ in range(2):
        for url in servers.fresh_database(postgres_server, migrated_template):
            world = World(Database(url, sealer), url)
            announced = await world.announced()
            _bidder, registered, _code = await world.admitted()
            shown = await world.read(partial(public_lot, lot_id=world.lot_id))
            lots.append(announced.lot_id)
            await world.db.close()

            assert shown.line.lot_id == announced.lot_id == world.lot_id
            assert registered.deposit_fen == DEPOSIT.fen

    assert lots[0] == lots[1]


async def test_used_database_is_not_replaced(database: Database, database_url: str) -> None:
    """What happened in a database stays: a second way from nothing meets the first one's case."""
    await World(database, database_url).open()

    with pytest.raises(CaseNumberTaken):
        await World(database, database_url).open()


async def test_world_with_other_people_goes_the_whole_way(database: Database, database_url: str) -> None:
    """Who gives a world another handler, or another class of asset, finds them in what is stored."""
    world = World(database, database_url)
    world.handler, world.asset_class = actor(Role.CASE_HANDLER), AssetClass.MOVABLE

    await world.open()

    (found,) = await world.rows("SELECT handler_person_id FROM sale.case_file")
    (asset,) = await world.rows("SELECT asset_class FROM sale.asset")
    assert (found.handler_person_id, asset.asset_class) == (world.handler.person_id, "movable")


async def test_result_of_a_way_is_remembered(database: Database, database_url: str) -> None:
    """A copied sale gives its buyer and his registration."""
    buyer, registered = await World(database, database_url).sold()

    assert buyer.roles == {Role.BIDDER}
    assert registered.deposit_fen > 0
