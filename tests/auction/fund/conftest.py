from __future__ import annotations

from uuid import UUID

import pytest

from auction.fund.ledger.open_case_fund import open_case_fund
from auction.kernel.db import Database
from auction.kernel.ids import new_id


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
