"""What was recorded is carried out, whatever is lost in between (D2)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from auction.contracts import Admission, BiddingTerms, ResumeOrder, StopOrder
from auction.kernel.clock import from_us
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.open_session import open_session, open_session_with
from bidding.journal.stop_session import resume_session, stop_session
from bidding.live.move_clock import move_clock
from tests.bidding.journal.world import MINUTE_US, SHARD, START_FEN, STEP_FEN, World, eventually


async def test_recorded_without_redis_is_carried_out_by_the_owner(world: World) -> None:
    """Opening and admission recorded before any owner was there are carried out when one comes."""
    terms = await world.terms()
    await open_session_with(world.db, world.live, terms)
    await admit_bidder(
        world.db, world.live, Admission(session_id=terms.session_id, bidder_code="A", first_refusal_rank=1)
    )
    async with world.committer():
        view = await world.committed(terms.session_id, 2)

    assert view.phase == "running"


async def test_opening_twice_changes_nothing_and_other_terms_are_refused(world: World) -> None:
    """The same terms again change nothing; other terms under the same id, or a second session of the lot, are refused."""
    now = await world.now_us()
    contract = BiddingTerms(
        session_id=new_id(),
        lot_id=new_id(),
        round_id=new_id(),
        rule_set="spc-2016",
        start_price_fen=START_FEN,
        increment_fen=STEP_FEN,
        opens_at=from_us(now),
        closes_at=from_us(now) + timedelta(days=1),
    )
    async with world.committer():
        await world.owned()
        first = await open_session(world.db, world.live, contract)
        await world.committed(first, 1)
        assert await open_session(world.db, world.live, contract) == first
        with pytest.raises(Refusal, match="session_terms_differ"):
            await open_session(world.db, world.live, _changed(contract, increment_fen=STEP_FEN + 1))
        with pytest.raises(Refusal, match="lot_has_session"):
            await open_session(world.db, world.live, _changed(contract, session_id=new_id(), round_id=new_id()))
        with pytest.raises(Refusal, match="rule_set_unknown"):
            await open_session(world.db, world.live, _changed(contract, rule_set="house-rules"))
        assert (await world.view(first)).sequence == 1


async def test_admission_with_other_facts_is_refused(world: World) -> None:
    """A code that is admitted cannot be admitted with another rank."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        with pytest.raises(Refusal, match="admission_differs"):
            await admit_bidder(
                world.db, world.live, Admission(session_id=terms.session_id, bidder_code="A", first_refusal_rank=1)
            )


async def test_admission_to_an_unknown_session_is_refused(world: World) -> None:
    """Nobody is admitted to a session that was never recorded."""
    with pytest.raises(Refusal, match="session_unknown"):
        await admit_bidder(
            world.db, world.live, Admission(session_id=new_id(), bidder_code="A", first_refusal_rank=None)
        )


async def test_stop_survives_the_loss_of_redis(world: World) -> None:
    """A stop that was recorded holds after FLUSHALL, and the court's resumption lets bids in again (网拍 28)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A")
        order = StopOrder(
            session_id=terms.session_id,
            lot_id=terms.lot_id,
            round_id=terms.round_id,
            kind="stay",
            ground="objection",
            document_id=new_id(),
        )
        order_id = new_id()
        await (await world.live.nodes.client(SHARD)).flushall()
        await stop_session(world.db, world.live, order, order_id=order_id)
        await eventually(lambda: world.epoch_above(epoch))
        await eventually(lambda: _stopped_as(world, terms.session_id, "stay"))
        await stop_session(world.db, world.live, order, order_id=order_id)
        resume = ResumeOrder(
            session_id=terms.session_id,
            lot_id=terms.lot_id,
            round_id=terms.round_id,
            resumes_at=from_us(await world.now_us()),
        )
        await resume_session(world.db, world.live, resume, order_id=new_id())
        view = await eventually(lambda: _running(world, terms.session_id))
        assert (await world.bid(terms, "A", 1)).accepted

    assert view


async def test_next_round_of_a_lot_follows_the_last(world: World) -> None:
    """When a session is closed, the next session of the same lot opens in its room, with a journal of its own."""
    async with world.committer():
        await world.owned()
        first = await world.open("A")
        await world.settled(first)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        await world.committed(first.session_id, 3)
        second = await world.terms(minutes=120, lot=first.lot_id)
        await open_session_with(world.db, world.live, second)
        await admit_bidder(
            world.db, world.live, Admission(session_id=second.session_id, bidder_code="B", first_refusal_rank=None)
        )
        await world.committed(second.session_id, 2)
        assert (await world.bid(second, "B", 0)).accepted
        view = await world.committed(second.session_id, 3)

    assert (view.leader, view.sequence) == ("B", 3)
    assert (await world.view(first.session_id)).phase == "closed"


async def test_opening_after_its_end_is_reported(world: World) -> None:
    """A session whose end passed before it could open is an incident, once (bid-core 11)."""
    terms = await world.terms(minutes=1)
    await open_session_with(world.db, world.live, terms)
    await move_clock(world.live, offset_us=2 * MINUTE_US)
    async with world.committer():
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.incident WHERE kind = 'order_not_carried_out'"))

    assert len(await world.fetch("SELECT 1 FROM bidding.incident")) == 1


def _changed(contract: BiddingTerms, **changes: object) -> BiddingTerms:
    return msgspec.structs.replace(contract, **changes)


async def _stopped_as(world: World, session_id: object, kind: str) -> bool:
    rows = await world.fetch(
        "SELECT body FROM bidding.journal_event WHERE session_id = $1 AND kind = 'stopped'", session_id
    )
    return any(f'"kind":"{kind}"' in row["body"] for row in rows)


async def _running(world: World, session_id: object) -> bool:
    rows = await world.fetch("SELECT phase FROM bidding.session WHERE session_id = $1", session_id)
    return bool(rows[0]["phase"] == "running")
