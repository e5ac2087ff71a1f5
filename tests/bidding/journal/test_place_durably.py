"""A bid without a socket: its answer waits for the commit, five seconds at most (bid-core 24)."""

from __future__ import annotations

from auction.kernel.ids import new_id
from bidding.journal.place_durably import place_durably
from bidding.journal.views import own_bid, public_bids, standings
from bidding.live.decision import Decision
from bidding.rules.reasons import Code
from bidding.rules.session import BidderCode, BidId, PlaceBid, SessionTerms
from tests.bidding.journal.world import START_FEN, STEP_FEN, World


async def _place(
    world: World, terms: SessionTerms, code: str, amount_fen: int, *, bid_id: str = "", patience_s: float = 5.0
) -> Decision | None:
    bid = PlaceBid(bid_id=BidId(bid_id or str(new_id())), code=BidderCode(code), amount_fen=amount_fen)
    return await place_durably(
        world.db, world.live, bid, lot_id=terms.lot_id, session_id=terms.session_id, patience_s=patience_s
    )


async def test_answer_comes_with_the_commit(world: World) -> None:
    """An accepted bid is in the journal when its answer is given."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A1")
        decision = await _place(world, terms, "A1", START_FEN)
        view = await world.view(terms.session_id)

    assert decision is not None
    assert decision.accepted
    assert (view.sequence, view.price_fen) == (decision.sequence, START_FEN)


async def test_refusal_rests_on_what_is_committed(world: World) -> None:
    """A refusal that depends on a price is given when that price is committed; one that depends on nothing at once."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A1", "B2")
        await _place(world, terms, "A1", START_FEN)
        low = await _place(world, terms, "B2", START_FEN)
        stranger = await _place(world, terms, "Z9", START_FEN + STEP_FEN)

    assert low is not None
    assert low.reason == Code.NOT_HIGHER
    assert stranger is not None
    assert stranger.reason == Code.NOT_ADMITTED


async def test_uncommitted_bid_is_undecided_then_the_same(world: World) -> None:
    """While nobody commits the bid is undecided; sent again under its id, after the take-over, it gets one answer (bid-core 24)."""
    bid_id = str(new_id())
    async with world.committer():
        await world.owned()
        terms = await world.open("A1")
    undecided = await _place(world, terms, "A1", START_FEN, bid_id=bid_id, patience_s=0.3)
    async with world.db.reading() as tx:
        unknown = await own_bid(tx, terms.session_id, code="A1", bid_id=bid_id)
    async with world.committer():
        decided = await _place(world, terms, "A1", START_FEN, bid_id=bid_id, patience_s=10.0)
        async with world.db.reading() as tx:
            known = await own_bid(tx, terms.session_id, code="A1", bid_id=bid_id)
            bids = await public_bids(tx, terms.session_id)
            standing = (await standings(tx, [terms.session_id, new_id()]))[terms.session_id]

    assert undecided is None
    assert unknown.outcome == "undecided"
    assert decided is not None
    assert decided.accepted
    assert (known.outcome, known.amount_fen) == ("accepted", START_FEN)
    assert (len(bids), standing.bid_count) == (1, 1)
