"""A round that is over is looked at for shared keys, and its judge is told once."""

from __future__ import annotations

from bidding.integrity.links.take_keys import take_keys
from bidding.integrity.watch.screen_round import screen_round
from bidding.integrity.watch.take_roster import take_roster
from tests.bidding.integrity.links.test_graph import key, keys_of
from tests.bidding.integrity.watch.test_watch import over, roster, words
from tests.bidding.journal.world import World


async def test_pair_of_one_telephone_is_told_after_the_close(world: World) -> None:
    """Two of three who registered with one telephone are told by their codes once the roster has come, once however often it is screened."""
    terms = await over(world, "A", "B", "C", bids="ABC")
    for code, telephone in (("A", "1"), ("B", "2"), ("C", "1")):
        message = keys_of(f"party-{code}", key("phone", telephone), round_id=terms.round_id)
        await world.db.transact(lambda tx, one=message: take_keys(tx, one))  # type: ignore[misc]  # bound at once
    await take_roster(world.db, roster(terms, "A", "B", "C"))

    new = await screen_round(world.db, terms.round_id)
    again = await screen_round(world.db, terms.round_id)

    (row,) = await world.fetch("SELECT finding_id, finding FROM bidding.finding WHERE screen = 'shared_keys'")
    assert row["finding_id"] in new
    assert () == again
    assert ["shared_keys"] == [word.screen for word in await words(world) if word.screen == "shared_keys"]
