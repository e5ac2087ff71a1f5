"""Enforcement supervision of a price, on a real database."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from auction.contracts import PriceSetAside
from auction.kernel.db import Database
from auction.kernel.ids import named_id, new_id
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import CLERK, JUDGE
from tests.valuation.appraisals.test_procedure import Announced, served
from tests.valuation.methods.ground import APPLICANT, ASSET, CASE, PAPER
from valuation.objections.supervise_price import AskSupervision, DecideSupervision, ask_supervision, decide_supervision
from valuation.objections.supervision import SupervisionTooLate


async def fixed(db: Database) -> UUID:
    """Bring an appraisal to its price; gives the price."""
    appraisal_id = await served(db)
    await stage.go(db, date(2027, 3, 20))
    await stage.look(db, appraisal_id)
    return named_id("reference price", str(appraisal_id))


async def supervise(db: Database, price_id: UUID, *, founded: bool, at: datetime | None = None) -> None:
    """Ask for supervision and decide it."""
    asking = AskSupervision(
        command_id=new_id(),
        case_id=CASE,
        reference_price_id=price_id,
        party_id=APPLICANT,
        ground="wrong_outcome",
        evidence_sha256=PAPER,
    )
    await stage.go(db, date(2027, 3, 20), 10)
    supervision_id = await ask_supervision(db, CLERK, asking, announcements=Announced(at))
    deciding = DecideSupervision(
        command_id=new_id(), case_id=CASE, supervision_id=supervision_id, founded=founded, document_sha256=PAPER
    )
    await decide_supervision(db, JUDGE, deciding)


async def told(db: Database) -> list[PriceSetAside]:
    """Give what the sale is told."""
    async with db.reading() as tx:
        rows = await tx.session.execute(
            text("SELECT payload FROM kernel.job WHERE kind = 'sale.set_aside_reference_price'")
        )
        return [msgspec.json.decode(row.payload, type=PriceSetAside) for row in rows]


async def test_sale_is_told_of_a_price_that_was_set_aside(database: Database) -> None:
    """With the ruling goes the news, in the same transaction; an unfounded request tells nothing."""
    price_id = await fixed(database)
    await supervise(database, price_id, founded=False)
    assert await told(database) == []

    await supervise(database, price_id, founded=True)
    [news] = await told(database)
    assert (news.reference_price_id, news.asset_id, news.ground) == (price_id, ASSET, "wrong_outcome")


async def test_announcement_on_another_price_ends_nothing(database: Database) -> None:
    """What was announced before the price was fixed rested on another one: supervision of this one may be asked."""
    price_id = await fixed(database)
    with pytest.raises(SupervisionTooLate):
        await supervise(database, price_id, founded=True, at=stage.at(date(2027, 3, 20), 10))
    await supervise(database, price_id, founded=True, at=stage.at(date(2027, 3, 19)))

    assert len(await told(database)) == 1
