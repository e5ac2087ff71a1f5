"""A reference price that enforcement supervision set aside carries no listing and no announcement (参考价 25)."""

from __future__ import annotations

import msgspec
import pytest

from auction.contracts import PriceSetAside
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.sale.cases import store
from auction.sale.cases.set_aside_reference_price import SET_ASIDE_REFERENCE_PRICE, handle_price_set_aside
from auction.sale.lots.lint import ListingUnlawful, ReferencePriceSetAside
from tests.auction.sale.world import ANNOUNCED_ON, FIRST_DAY, World


async def set_aside(world: World) -> None:
    """Deliver the news that the newest price was set aside, twice."""
    price = await world.read(lambda tx: store.newest_price(tx, world.asset_id))
    assert price is not None
    news = PriceSetAside(
        reference_price_id=price.reference_price_id,
        case_id=world.case_id,
        asset_id=world.asset_id,
        ground="wrong_outcome",
        document_sha256="7" * 64,
        set_aside_at=local(FIRST_DAY, 9),
    )
    job = Job(job_id=new_id(), kind=SET_ASIDE_REFERENCE_PRICE, payload=msgspec.json.encode(news), attempts=0)
    await handle_price_set_aside(world.db, job)
    await handle_price_set_aside(world.db, job)


async def test_no_listing_rests_on_a_price_that_was_set_aside(world: World) -> None:
    """The lint names the ruling; an older price does not step in, a newer one does."""
    await world.open()
    await world.price(reference_price_id=new_id(), fixed_at=local(FIRST_DAY, 7))
    await world.price()
    await set_aside(world)
    with pytest.raises(ListingUnlawful) as refused:
        await world.list()
    assert refused.value.facts["codes"] == "reference_price_set_aside"

    await world.price(fixed_at=local(FIRST_DAY, 10))
    await world.list()


async def test_no_announcement_rests_on_a_price_that_was_set_aside(world: World) -> None:
    """What was listed before the ruling is not announced, even where a newer price stands: it is listed anew."""
    await world.open()
    await world.price()
    listed = await world.list()
    await world.vote(listed.question_id, "approve", "approve", "reject")
    await world.decide()
    await world.rule_and_notify(local(FIRST_DAY, 9))
    await world.at(local(ANNOUNCED_ON, 9))
    await set_aside(world)
    with pytest.raises(ReferencePriceSetAside):
        await world.publish()

    await world.price(fixed_at=local(FIRST_DAY, 10))
    with pytest.raises(ReferencePriceSetAside):
        await world.publish()
