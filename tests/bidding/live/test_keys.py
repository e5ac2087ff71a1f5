"""Names in Redis and the codec of stream entries."""

from __future__ import annotations

import pytest

from auction.kernel.ids import LotId, named_id
from bidding.live import keys
from bidding.live.keys import EntryId, EntryMalformed, Shard, decode_entry, entry_digest, shard_of, write_entry
from bidding.rules.session import BidAccepted

LOT = LotId(named_id("lot"))
BID = {
    "t": "bid", "l": str(LOT), "n": "4", "a": "5", "b": "x", "c": "A", "m": "99999999999999", "k": "bid",
    "p": "99999999999999", "w": "A", "e": "9", "h": "1", "x": "0",
}  # fmt: skip
ZERO = "0" * 40


def test_all_names_of_a_shard_carry_its_hash_tag() -> None:
    """One function call stays on one node of a cluster (D4)."""
    shard = Shard(7)
    names = [
        keys.shard_key(shard), keys.stream_key(shard), keys.lots_key(shard), keys.lot_key(shard, LOT),
        keys.ids_key(shard, LOT), keys.channel(shard), keys.clock_key(shard),
    ]  # fmt: skip

    assert all(name.startswith("{s:07}:") for name in names)
    assert len(set(names)) == len(names)


def test_lot_stays_in_its_shard() -> None:
    """The shard follows from the lot's id alone, and every shard gets some."""
    lots = [LotId(named_id("lot", str(number))) for number in range(400)]

    assert {shard_of(lot, 8) for lot in lots} == set(range(8))
    assert shard_of(LOT, 8) == shard_of(LotId(named_id("lot")), 8)


def test_entry_ids_compare_as_redis_compares_them() -> None:
    """Epoch first, shard sequence second, as numbers."""
    assert EntryId.parse("9-10") < EntryId.parse("10-2") < EntryId.parse("10-11")
    assert str(EntryId.parse("10-2")) == "10-2"


def test_entry_decodes_to_its_typed_event_and_its_digest() -> None:
    """Amounts survive whole, bytes or text alike."""
    written = write_entry(ZERO, BID)
    raw = {name.encode(): value.encode() for name, value in written.items()}

    entry = decode_entry(b"1-2", raw)

    assert isinstance(entry.body, BidAccepted)
    assert (entry.body.amount_fen, entry.body.extended, entry.lot_id) == (99_999_999_999_999, True, LOT)
    assert entry == decode_entry("1-2", written)
    assert entry.predecessor == ZERO
    assert entry.digest == entry_digest("1-2", ZERO, written["f"])


def test_digest_changes_with_every_part() -> None:
    """Id, predecessor and each field are covered."""
    whole = _digest(BID)

    changed = [_digest({**BID, name: value + "0"}) for name, value in BID.items()]

    assert whole not in [*changed, _digest(BID, "1-3"), _digest(BID, predecessor="1" * 40)]


def _digest(fields: dict[str, str], entry_id: str = "1-2", predecessor: str = ZERO) -> str:
    return entry_digest(entry_id, predecessor, write_entry(predecessor, fields)["f"])


@pytest.mark.parametrize(
    "changes",
    [{"t": "gift"}, {"n": "four"}, {"m": ""}, {"k": "gift"}, {"l": "x"}, {"h": "2"}, {"t": "opened"}, {"t": "refused"}],
)
def test_entry_out_of_form_is_malformed(changes: dict[str, str]) -> None:
    """A forged or damaged entry is named, never guessed."""
    with pytest.raises(EntryMalformed):
        decode_entry("1-2", write_entry(ZERO, {**BID, **changes}))


@pytest.mark.parametrize("written", [{}, {"d": ZERO}, {"f": "t\nbid"}, {"d": ZERO, "f": "t\nbid\nl"}])
def test_entry_that_lacks_a_part_is_malformed(written: dict[str, str]) -> None:
    """Digest and lines must be there, each name with its value."""
    with pytest.raises(EntryMalformed):
        decode_entry("1-2", written)


def test_entry_with_an_id_out_of_form_is_malformed() -> None:
    """So is one with a strange id."""
    with pytest.raises(EntryMalformed):
        decode_entry("today", write_entry(ZERO, BID))
