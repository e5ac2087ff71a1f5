"""An exported journal verifies off line; one changed byte is found and its line named (bid-core 15, 16)."""

from __future__ import annotations

import random
from uuid import UUID

import msgspec
import pytest

from auction.kernel.errors import Refusal
from auction.kernel.ids import SessionId
from auction.kernel.merkle import climb, path_of, root_of
from bidding.journal.chain import Digest, canonical, decode_event, genesis, next_digest
from bidding.journal.export_journal import export_journal
from bidding.journal.make_receipt import bid_receipt, event_receipt
from bidding.journal.publish_heads import publish_heads_if_due
from bidding.journal.receipts import ReceiptKey, RefusalProof, check_receipt, event_leaf, sign_batch
from bidding.journal.shard_door import open_door
from bidding.journal.verify_journal import BatchLine, EventLine, encode_line, verify_journal
from bidding.live.move_clock import move_clock
from tests.bidding.journal.world import KEY, MINUTE_US, SHARD, World

KEYS = {KEY.key_id: KEY.public}


async def _closed(world: World) -> SessionId:
    """Run a session of two bidders, with a refusal, to its end."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        for steps in range(1, 5):
            await world.bid(terms, "AB"[steps % 2], steps)
        assert not (await world.bid(terms, "B", 1, bid_id="22222222-2222-7222-8222-222222222222")).accepted
        await world.committed(terms.session_id, 7)
        await world.settled(terms)
        await move_clock(world.live, offset_us=61 * MINUTE_US)
        await world.committed(terms.session_id, 8)
    return terms.session_id


async def _exported(world: World, session_id: SessionId) -> list[str]:
    return [line async for line in export_journal(world.db, session_id)]


async def test_exported_journal_is_right(world: World) -> None:
    """The export of a closed session verifies with the pinned key, and tells how it ended."""
    lines = await _exported(world, await _closed(world))
    found = verify_journal(lines, KEYS)

    assert (found.wrong_line, found.why) == (0, "")
    assert (found.is_closed, found.leader, found.price_fen, found.sequence) == (True, "A", 1_040_000, 8)
    assert any('"line":"refusal"' in line for line in lines)


async def test_one_changed_byte_is_found_and_named(world: World) -> None:
    """Whatever byte of whatever line is changed, verification names that line."""
    lines = await _exported(world, await _closed(world))
    random.seed(20261121)
    for number, line in enumerate(lines, start=1):
        for at in random.sample(range(len(line)), min(40, len(line))):
            changed = line[:at] + chr(ord(line[at]) ^ 1) + line[at + 1 :]
            found = verify_journal([*lines[: number - 1], changed, *lines[number:]], KEYS)
            assert found.wrong_line == number, (number, at, changed, found.why)


async def test_missing_or_swapped_line_is_found(world: World) -> None:
    """A file without one of its lines, or with two in the wrong order, is not right; a refusal may be left out."""
    lines = await _exported(world, await _closed(world))
    root = verify_journal(lines, KEYS).published_root
    for number, line in enumerate(lines):
        if '"line":"refusal"' not in line:
            assert not verify_journal(lines[:number] + lines[number + 1 :], KEYS, pinned_root=root).is_right, line
    events = [number for number, line in enumerate(lines) if '"line":"event"' in line]
    first, second = events[-3:-1]
    swapped = [*lines]
    swapped[first], swapped[second] = lines[second], lines[first]

    assert not verify_journal(swapped, KEYS).is_right
    assert not verify_journal([], KEYS).is_right


async def test_chain_rewritten_whole_fails_under_the_pinned_key(world: World) -> None:
    """A forger who computes all hashes anew, and signs with a key of his own, does not pass (bid-core 16)."""
    lines = await _exported(world, await _closed(world))
    forged = _rewritten(lines, ReceiptKey(b"\x66" * 32))
    found = verify_journal(forged, KEYS)

    assert found.wrong_line == next(at for at, line in enumerate(forged, 1) if '"line":"batch"' in line)
    assert "unknown_key" in found.why


async def test_published_root_is_pinned(world: World) -> None:
    """Published heads lead from the journal to one signed root; another pinned root fails."""
    session_id = await _closed(world)
    door = await open_door(world.dsn, SHARD)
    await publish_heads_if_due(door, KEY)
    again = await publish_heads_if_due(door, KEY)
    await door.close()
    lines = await _exported(world, session_id)
    root = verify_journal(lines, KEYS).published_root

    assert again is None
    assert len(root) == 64
    assert verify_journal(lines, KEYS, pinned_root=root).is_right
    assert not verify_journal(lines, KEYS, pinned_root="0" * 64).is_right
    assert not verify_journal(lines[:-1], KEYS, pinned_root=root).is_right


async def test_receipts_of_bids_and_refusals(world: World) -> None:
    """A bidder gets a receipt of his bid and a signed refusal with code, time and what it rests on (bid-core 16)."""
    session_id = await _closed(world)
    receipt = await event_receipt(world.db, session_id, 5)
    refusal = await bid_receipt(world.db, session_id, "B", "22222222-2222-7222-8222-222222222222")
    forged = msgspec.structs.replace(receipt, index=receipt.index + 1)

    assert check_receipt(receipt, KEYS) == "good"
    assert check_receipt(refusal, KEYS) == "good"
    assert check_receipt(receipt, {}) == "unknown_key"
    assert check_receipt(forged, KEYS) != "good"
    assert isinstance(refusal.entry, RefusalProof)
    assert refusal.entry.refused.reason == "not_higher"
    with pytest.raises(Refusal, match="journal_entry_unknown"):
        await bid_receipt(world.db, session_id, "B", "nothing")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 33])
def test_every_path_leads_to_the_root(count: int) -> None:
    """The path of each leaf leads to the root, and to nothing else from another place."""
    leaves = [bytes([number]) * 32 for number in range(count)]
    root = root_of(leaves)
    for index in range(count):
        path = path_of(leaves, index)
        assert climb(leaves[index], index=index, count=count, path=path) == root
        assert climb(leaves[index], index=index, count=count, path=(*path, b"\0" * 32)) is None
        assert climb(b"\xff" * 32, index=index, count=count, path=path) != root


def test_genesis_differs_between_sessions() -> None:
    """No two sessions share a beginning (chain 3)."""
    one, other = SessionId(UUID(int=1)), SessionId(UUID(int=2))

    assert genesis(one) != genesis(other)


def _rewritten(lines: list[str], key: ReceiptKey) -> list[str]:
    """Change the first bid and compute everything after it anew, as a forger with a key of his own would."""
    header = msgspec.json.decode(lines[0])
    session_id = SessionId(UUID(header["session_id"]))
    digest: Digest = genesis(session_id)
    events: list[str] = []
    leaves: list[bytes] = []
    for line in lines:
        if '"line":"event"' not in line:
            continue
        body = msgspec.json.decode(line)["body"].replace('"code":"B"', '"code":"A"', 1)
        body = canonical(decode_event(body)).decode()
        digest = next_digest(digest, body.encode())
        events.append(encode_line(EventLine(body=body, digest=digest.hex())))
        leaves.append(event_leaf(session_id, digest))
    proof = sign_batch(key, shard=0, number=1, owner_epoch=1, through="1-1", leaves=leaves)
    batch = BatchLine(
        shard=0,
        number=1,
        owner_epoch=1,
        through="1-1",
        leaves=tuple(leaf.hex() for leaf in leaves),
        root=proof.root.hex(),
        key_id=proof.key_id,
        signature=proof.signature.hex(),
    )
    return [lines[0], encode_line(batch), *events]
