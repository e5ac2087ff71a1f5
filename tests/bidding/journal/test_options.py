"""Announced options through the committer: replayed, stored, shown, exported, rebuilt."""

from __future__ import annotations

import msgspec

from auction.kernel.ids import SessionId
from bidding.journal.close_session import close_session
from bidding.journal.export_journal import export_journal
from bidding.journal.follow_journal import events_after
from bidding.journal.verify_journal import EventLine, encode_line, verify_journal
from bidding.journal.views import own_bid
from bidding.live.move_clock import move_clock
from bidding.live.stop_session import wake_room
from bidding.rules.options import Growth, Options
from bidding.rules.reasons import Code
from bidding.rules.session import BidAccepted, SessionTerms
from tests.bidding.journal.world import KEY, MINUTE_US, SHARD, START_FEN, STEP_FEN, World, eventually

BOTH = Options(
    confirm_steps=3,
    confirm_percent=120,
    reference_price_fen=START_FEN,
    growth=(Growth(after_extensions=2, times=3),),
)
"""Three steps above the price, or more than twenty above the start, are asked about; after two extensions the step is three."""
ASKED_ID = "22222222-2222-7222-8222-222222222222"


async def _announced(world: World, *, minutes: int) -> SessionTerms:
    terms = await world.terms(minutes=minutes)
    return await world.open("A", "B", terms=msgspec.structs.replace(terms, options=BOTH))


async def _contest(world: World, terms: SessionTerms) -> None:
    """Bid in the last minutes: asked, confirmed, extended twice, and off the new ladder."""
    await world.bid(terms, "A", 0)
    assert (await world.bid(terms, "B", 4, bid_id=ASKED_ID)).reason == Code.CONFIRMATION_REQUIRED
    await world.bid(terms, "B", 4, confirmed=True)
    await world.committed(terms.session_id, 5)


async def test_options_are_committed_shown_and_closed(world: World) -> None:
    """The replay agrees, the committed view tells increment and limit of now, and the close agrees with it."""
    async with world.committer():
        await world.owned()
        terms = await _announced(world, minutes=4)
        await _contest(world, terms)
        view = await world.view(terms.session_id)
        assert (await world.bid(terms, "A", 5)).reason == Code.OFF_LADDER
        assert (await world.bid(terms, "A", 7)).accepted
        after = await world.committed(terms.session_id, 6)
        await world.settled(terms)
        await move_clock(world.live, offset_us=20 * MINUTE_US)
        closed = await world.committed(terms.session_id, 7)
    outcome = await close_session(world.db, terms.session_id)
    async with world.db.reading() as tx:
        asked = await own_bid(tx, terms.session_id, code="B", bid_id=ASKED_ID)

    assert (view.extensions, view.increment_fen, view.floor_fen) == (2, 3 * STEP_FEN, START_FEN + 7 * STEP_FEN)
    assert view.confirm_above_fen == START_FEN + 13 * STEP_FEN
    assert (after.extensions, after.floor_fen) == (3, START_FEN + 10 * STEP_FEN)
    assert after.confirm_above_fen == START_FEN + 16 * STEP_FEN
    assert (closed.phase, closed.halted) == ("closed", False)
    assert outcome is not None
    assert (asked.outcome, asked.reason, asked.amount_fen) == (
        "refused",
        Code.CONFIRMATION_REQUIRED,
        START_FEN + 4 * STEP_FEN,
    )


async def test_exported_journal_with_options_verifies_and_a_forged_one_does_not(world: World) -> None:
    """Off line the rule book decides options again; an event that leaves its confirmation out is named."""
    async with world.committer():
        await world.owned()
        terms = await _announced(world, minutes=4)
        await _contest(world, terms)
    lines = [line async for line in export_journal(world.db, SessionId(terms.session_id))]
    keys = {KEY.key_id: KEY.public}
    number = next(n for n, line in enumerate(lines) if '\\"confirmed\\":true' in line)
    line = msgspec.json.decode(lines[number], type=EventLine)
    forged = encode_line(msgspec.structs.replace(line, body=line.body.replace('"confirmed":true,', "")))

    found = verify_journal([*lines[:number], forged, *lines[number + 1 :]], keys)

    assert verify_journal(lines, keys).is_right
    assert found.wrong_line == number + 1


async def test_rebuilt_room_keeps_options_and_count(world: World) -> None:
    """bid-core 12: after the loss of Redis the increment is still the grown one, and it goes on growing."""
    async with world.committer():
        epoch = await world.owned()
        terms = await _announced(world, minutes=4)
        await _contest(world, terms)
        await (await world.live.nodes.client(SHARD)).flushall()
        above = await eventually(lambda: world.epoch_above(epoch))
        await world.committed(terms.session_id, 6)
        await wake_room(world.live, epoch=above, lot_id=terms.lot_id)
        off = await world.bid(terms, "A", 5)
        asked = await world.bid(terms, "A", 16)
        taken = await world.bid(terms, "A", 16, confirmed=True)
        view = await world.committed(terms.session_id, taken.sequence)

    bids = [event for event in await events_after(world.db, terms.session_id, 0) if isinstance(event, BidAccepted)]
    assert (off.reason, asked.reason, taken.reason) == (Code.OFF_LADDER, Code.CONFIRMATION_REQUIRED, None)
    assert [(bid.extensions, bid.confirmed) for bid in bids] == [(1, msgspec.UNSET), (2, True), (3, True)]
    assert view.extensions == 3
