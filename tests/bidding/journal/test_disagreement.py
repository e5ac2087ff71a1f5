"""The rule book is asked again before each commit; what Redis holds proves nothing (bid-core 3, 5)."""

from __future__ import annotations

import msgspec
from redis.asyncio import Redis

from auction.kernel.ids import new_id
from bidding.live.keys import entry_digest, lot_key, shard_key, stream_key, write_entry
from bidding.live.read_room import read_shard
from bidding.rules.session import SessionTerms
from tests.bidding.journal.court import Court
from tests.bidding.journal.world import SHARD, START_FEN, World, eventually


async def _forge(world: World, fields: dict[str, str], *, fitting: bool) -> None:
    """Write an entry behind the function's back; ``fitting``: with the right predecessor, and the room none the wiser."""
    head = await read_shard(world.live, SHARD)
    assert head is not None
    client: Redis = await world.live.nodes.client(SHARD)
    predecessor = head.digest if fitting else "f" * 40
    entry_id = f"{head.epoch}-{head.shard_seq + 1}"
    entry = write_entry(predecessor, fields)
    await client.execute_command(
        "XADD", stream_key(SHARD), entry_id, *(part for pair in entry.items() for part in pair)
    )
    digest = entry_digest(entry_id, predecessor, entry["f"])
    await client.hset(shard_key(SHARD), mapping={"seq": str(head.shard_seq + 1), "digest": digest})


def _bid_fields(terms: SessionTerms, sequence: int, amount_fen: int, at_us: int, end_us: int) -> dict[str, str]:
    amount = str(amount_fen)
    return {
        "t": "bid",
        "l": str(terms.lot_id),
        "n": str(sequence),
        "a": str(at_us),
        "b": str(new_id()),
        "c": "A",
        "m": amount,
        "k": "bid",
        "p": amount,
        "w": "A",
        "e": str(end_us),
        "h": "0",
        "x": "0",
    }


async def test_forged_bid_against_the_rules_halts_its_lot_only(world: World) -> None:
    """An entry that the rule book would not decide is not committed: its lot stops, the others go on (bid-core 5)."""
    async with world.committer():
        await world.owned()
        bad, good = await world.open("A", "B"), await world.open("A", "B")
        fields = _bid_fields(bad, 4, START_FEN - 1, await world.now_us(), bad.closes_at_us)
        await _forge(world, fields, fitting=True)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.session WHERE halted"))
        refused = await world.bid(bad, "B", 5)
        assert (await world.bid(good, "B", 5)).accepted
        await world.committed(good.session_id, 4)
        halted = await world.view(bad.session_id)
        incidents = await world.fetch("SELECT session_id, kind FROM bidding.incident")

    assert (halted.sequence, halted.halted, halted.bid_count) == (3, True, 0)
    assert not refused.accepted
    assert [(row["session_id"], row["kind"]) for row in incidents] == [(bad.session_id, "disagreement")]


async def test_forged_admission_is_not_committed(world: World) -> None:
    """An admission that PostgreSQL never recorded halts the lot (网拍 18)."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        now = str(await world.now_us())
        fields = {"t": "admitted", "l": str(terms.lot_id), "n": "3", "a": now, "c": "intruder", "f": "1", "g": "0"}
        await _forge(world, fields, fitting=True)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.session WHERE halted"))

    assert (await world.view(terms.session_id)).sequence == 2


async def test_forged_session_is_ignored(world: World) -> None:
    """A session that was never recorded does not open; an incident says so once."""
    async with world.committer():
        await world.owned()
        terms = await world.terms()
        fields = {"t": "opened", "l": str(terms.lot_id), "n": "1", "a": str(await world.now_us())}
        await _forge(world, fields | {"j": msgspec.json.encode(terms).decode()}, fitting=True)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.incident WHERE kind = 'disagreement'"))
        other = await world.open("A")

    assert (await world.view(other.session_id)).sequence == 2
    assert len(await world.fetch("SELECT 1 FROM bidding.session")) == 1


async def test_entry_that_does_not_continue_the_chain_rebuilds_the_shard(world: World) -> None:
    """An entry with a foreign predecessor means loss: epoch raised, rooms rebuilt, committed bids kept (bid-core 3)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A", "B")
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 4)
        fields = _bid_fields(terms, 5, 2 * START_FEN, await world.now_us(), terms.closes_at_us)
        await _forge(world, fields, fitting=False)
        await eventually(lambda: world.epoch_above(epoch))
        view = await world.committed(terms.session_id, 5)

    assert (view.phase, view.bid_count, view.leader) == ("stopped", 1, "A")


async def test_entry_that_cannot_be_read_rebuilds_the_shard(world: World) -> None:
    """Rubbish in the stream is reported and thrown away with the stream; no committed bid is lost."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A")
        await _forge(world, {"t": "rubbish", "l": "no lot"}, fitting=True)
        await eventually(lambda: world.epoch_above(epoch))
        await world.committed(terms.session_id, 3)
        kinds = {row["kind"] for row in await world.fetch("SELECT kind FROM bidding.incident")}

    assert kinds == {"entry_malformed", "rebuild"}


async def test_room_that_vanished_is_rebuilt(world: World) -> None:
    """A room without its marker means loss (bid-core 3)."""
    async with world.committer():
        epoch = await world.owned()
        terms = await world.open("A")
        client = await world.live.nodes.client(SHARD)
        await client.delete(lot_key(SHARD, terms.lot_id))
        await eventually(lambda: world.epoch_above(epoch))
        view = await world.committed(terms.session_id, 3)

    assert view.phase == "stopped"


async def test_forged_parting_of_one_persons_codes_halts_its_lot(world: World) -> None:
    """Whoever could write to the stream cannot free a code that the court decided to be another's person: no word says so."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        court = Court(world, terms)
        await court.decides("AB")
        await eventually(court.holds)
        await world.settled(terms)
        at = str(await world.now_us())
        fields = {"t": "admitted", "l": str(terms.lot_id), "n": "5", "a": at, "c": "B", "f": "0", "g": "0"}
        await _forge(world, fields, fitting=True)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.session WHERE halted"))

    assert await court.holds()
