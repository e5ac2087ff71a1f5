from __future__ import annotations

from datetime import timedelta

import pytest

from auction.contracts import RoundOutcome
from auction.sale.rounds import store
from auction.sale.rounds.rounds import OutcomeDiffers, RoundState
from tests.auction.sale.world import CLOSES_AT, RESERVE, World


async def test_sold_round_confirms_buyer_by_real_name(world: World) -> None:
    """At the close the confirmation is issued, in the same transaction, for the person behind the code (网拍 22)."""
    published = await world.announced()
    winner, registered, code = await world.admitted()

    recorded = await world.close(world.outcome(published, code))

    assert recorded.state is RoundState.SOLD
    (row,) = await world.rows("SELECT * FROM sale.confirmation")
    assert (row.buyer_person_id, row.hammer_price_fen) == (winner.person_id, RESERVE.fen)
    assert world.db.sealer.open(bytes(row.buyer_name_sealed)) == "张示例"
    assert (await world.rows("SELECT state FROM sale.registration"))[0].state == "won"
    assert registered.deposit_id == (await world.rows("SELECT deposit_id FROM fund.purchase"))[0].deposit_id


async def test_losers_deposits_are_released_at_once(world: World) -> None:
    """Each losing deposit gets its release job in the closing transaction; the winner's is applied (网拍 23)."""
    await world.sold()

    assert len(await world.jobs("fund.release_deposit")) == 1
    assert len(await world.jobs("fund.apply_deposit")) == 1
    states = {row.state for row in await world.rows("SELECT state FROM sale.registration")}
    assert states == {"won", "lost"}


async def test_failed_round_releases_everybody(world: World) -> None:
    """Nobody bid: the lot failed, and every deposit goes back (网拍 23, 26)."""
    published = await world.announced()
    await world.admitted()

    recorded = await world.close(world.outcome(published, None))

    assert recorded.state is RoundState.FAILED
    assert len(await world.jobs("fund.release_deposit")) == 1
    assert not await world.rows("SELECT * FROM sale.confirmation")


async def test_repeated_outcome_changes_nothing(world: World) -> None:
    """The same outcome told twice is recorded once."""
    published = await world.announced()
    _, _, code = await world.admitted()
    await world.close(world.outcome(published, code))

    await world.close(world.outcome(published, code))

    assert len(await world.rows("SELECT * FROM sale.confirmation")) == 1
    assert len(await world.jobs("fund.apply_deposit")) == 1


@pytest.mark.parametrize("change", [{"chain_head": "d" * 64}, {"hammer_price_fen": RESERVE.fen + 1}])
async def test_other_outcome_of_same_round_is_refused(world: World, change: dict[str, object]) -> None:
    """A second outcome that differs is never taken for the first."""
    published = await world.announced()
    _, _, code = await world.admitted()
    await world.close(world.outcome(published, code))

    with pytest.raises(OutcomeDiffers):
        await world.close(world.outcome(published, code, **change))


async def test_outcome_of_foreign_session_is_refused(world: World) -> None:
    """An outcome must name the session of its round."""
    published = await world.announced()

    with pytest.raises(OutcomeDiffers):
        await world.close(world.outcome(published, None, session_id=published.lot_id))


async def test_balance_time_runs_from_the_close(world: World) -> None:
    """The balance is due at the end of the announced number of days after the close (网拍 25)."""
    await world.sold()

    (row,) = await world.rows("SELECT balance_due_at FROM sale.confirmation")
    # Closed on 8 April 2027; fifteen days end on Friday 23 April, 24:00 Beijing time.
    assert row.balance_due_at == CLOSES_AT + timedelta(days=15, hours=14)


async def test_hammer_price_of_a_single_bidder_may_equal_the_reserve(world: World) -> None:
    """One bidder at the starting price buys (网拍 11)."""
    published = await world.announced()
    _, _, code = await world.admitted()
    outcome: RoundOutcome = world.outcome(published, code, hammer_price_fen=RESERVE.fen)

    await world.close(outcome)

    held = await world.read(lambda tx: store.outcome_of(tx, published.round_id))
    assert held is not None
    assert held.hammer_price_fen == RESERVE.fen
