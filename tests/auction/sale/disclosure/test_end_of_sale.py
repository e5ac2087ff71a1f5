"""How a sale ended by its own record, on which the fee of an appraisal rests (参考价 32)."""

from __future__ import annotations

import pytest

from auction.contracts import SaleEnd
from auction.kernel.ids import new_id
from auction.sale.disclosure.sold_lots import SoldLots, end_of
from auction.sale.lots.lots import LotState
from tests.auction.sale.rounds.test_choose_after_failure import choose, failed
from tests.auction.sale.title.test_title import paid, rule
from tests.auction.sale.world import World

ENDED = {
    LotState.RULED: "sold",
    LotState.TITLE_PASSED: "sold",
    LotState.COMPLETED: "sold",
    LotState.SATISFIED: "unsold",
    LotState.RETURNED: "unsold",
    LotState.WITHDRAWN: "withdrawn",
}


@pytest.mark.parametrize("state", list(LotState))
def test_only_what_is_final_ends_a_sale(state: LotState) -> None:
    """A listing, a stop, a failed round with one to come, a hammer that no ruling confirmed, a default: all still open."""
    for choice in (None, "second_round", "sell_off"):
        assert end_of(state, choice=choice, hammer_fen=5).state == ENDED.get(state, "open")
    assert (end_of(state, choice="other_measures", hammer_fen=5).state == "unsold") == (
        state is LotState.FAILED or ENDED.get(state) == "unsold"
    )
    assert (end_of(state, choice=None, hammer_fen=5).hammer_price_fen == 5) == (ENDED.get(state) == "sold")


async def end(world: World) -> SaleEnd:
    """Ask the record."""
    async with world.db.reading() as tx:
        return await SoldLots().end_of_sale(tx, world.asset_id)


async def test_hammer_counts_once_the_ruling_confirms_it(world: World) -> None:
    """Before a lot nothing is offered; sold and paid it is open still; with the ruling its hammer price is told."""
    async with world.db.reading() as tx:
        assert await SoldLots().end_of_sale(tx, new_id()) == SaleEnd(state="not_offered")
    await paid(world)
    before = await end(world)
    await rule(world)
    ((price, ruled_at),) = await world.rows("SELECT hammer_price_fen, ruled_at FROM sale.sale_ruling")
    after = await end(world)

    assert (before.state, before.hammer_price_fen, before.ended_at) == ("open", None, None)
    assert (after.state, after.hammer_price_fen, after.ended_at) == ("sold", price, ruled_at)


async def test_failed_round_ends_a_sale_only_with_its_last_choice(world: World) -> None:
    """Failed it is open; with other measures chosen no round follows, and it ended unsold."""
    await failed(world)
    before = await end(world)
    await choose(world, "other_measures")
    after = await end(world)

    assert (before.state, after.state) == ("open", "unsold")
    assert after.ended_at is not None


async def test_second_round_to_come_keeps_a_sale_open(world: World) -> None:
    """A failed first round with a second one chosen ends nothing."""
    await failed(world)
    await choose(world, "second_round")

    assert (await end(world)).state == "open"
