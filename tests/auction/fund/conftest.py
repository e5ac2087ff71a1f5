from __future__ import annotations

from uuid import UUID

import pytest

from auction.fund.ledger.open_case_fund import open_case_fund
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from tests.auction.fund.world import World


@pytest.fixture
def db(database: Database) -> Database:
    """The migrated database under its short name."""
    return database


@pytest.fixture
async def case_id(db: Database) -> UUID:
    """A case with an open fund."""
    case = new_id()
    async with db.transaction() as tx:
        await open_case_fund(tx, case_id=case, account_number="1100 2200 3300 4400")
    return case


@pytest.fixture
async def world(db: Database) -> World:
    """A case with its fund, a card provider, a bank and a job runner."""
    return await World(db).open()
