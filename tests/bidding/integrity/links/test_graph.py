"""The party graph: keys come late, twice, in parts and in any order; links are found through what is not common."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.contracts import RegistrationKeys
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from bidding.integrity.links import find_links
from bidding.integrity.links.kinds import FOLLOWED
from bidding.integrity.links.links import Link
from bidding.integrity.links.take_keys import KEYS_MAX, KeysMalformed, KeysOfOther, take_keys

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
TABLES = ("link_party", "link_value", "keyed_registration", "registration_value", "link_use")


def key(kind: str, value: str, key_id: str = "k1") -> tuple[str, str, str]:
    """Make the key of a value."""
    return (kind, key_id, hashlib.sha256(f"{kind}|{key_id}|{value}".encode()).hexdigest())


def keys_of(
    party: str, *keys: tuple[str, str, str], round_id: UUID, at: datetime = AT, registration_id: UUID | None = None
) -> RegistrationKeys:
    """Make a message of keys."""
    return RegistrationKeys(
        registration_id=registration_id or new_id(), round_id=round_id, party=party, registered_at=at, keys=keys
    )


async def take(db: Database, *messages: RegistrationKeys) -> None:
    """Take messages, each in a transaction of its own."""
    for message in messages:
        await db.transact(lambda tx, one=message: take_keys(tx, one))  # type: ignore[misc]  # bound at once


async def links_of_round(db: Database, round_id: UUID) -> tuple[Link, ...]:
    """Give the links of a round."""
    async with db.reading() as tx:
        return await find_links.links_of_round(tx, round_id)


async def counted(db: Database) -> list[int]:
    """Count the rows of each table of the graph."""

    async def count(tx: Transaction) -> list[int]:
        return [
            int((await tx.session.execute(text(f"SELECT count(*) FROM bidding.{table}"))).scalar_one())
            for table in TABLES
        ]

    return await db.transact(count)


async def test_two_of_one_telephone_are_linked(database: Database) -> None:
    """Two registrations of one round with the same telephone are linked, each way, and the third is not."""
    round_id = new_id()
    one, two, three = (keys_of(name, key("phone", "1" if name != "c" else "2"), round_id=round_id) for name in "abc")
    await take(database, one, two, three)

    (found,) = await links_of_round(database, round_id)
    async with database.reading() as tx:
        mine = await find_links.links_of(tx, one.registration_id)
        linked = await find_links.are_linked(tx, two.registration_id, one.registration_id)
        not_linked = await find_links.are_linked(tx, one.registration_id, three.registration_id)

    assert ("a", "b") == found.parties
    assert (one.registration_id, two.registration_id) == found.registrations
    assert [("a", "b")] == [link.parties for link in mine]
    assert linked
    assert not not_linked


async def test_message_that_comes_twice_changes_nothing(database: Database) -> None:
    """The same keys taken again leave every table as it was."""
    message = keys_of("a", key("phone", "1"), key("device", "d"), round_id=new_id())
    await take(database, message)
    before = await counted(database)

    await take(database, message)

    assert before == await counted(database)


async def test_keys_in_parts_and_in_any_order_end_alike(database: Database) -> None:
    """Keys that come in two messages, the later use first, link as if they had come in one."""
    round_id, registration_id = new_id(), new_id()
    late = keys_of("a", key("payer_account", "p"), round_id=round_id, registration_id=registration_id)
    first = keys_of("a", key("phone", "1"), round_id=round_id, registration_id=registration_id)
    other = keys_of("b", key("phone", "1"), key("payer_account", "p"), round_id=round_id, at=AT - timedelta(minutes=30))

    await take(database, other, late, first)

    (found,) = await links_of_round(database, round_id)
    assert {"phone", "payer_account"} == {shared.kind for shared in found.counted}


async def test_own_registrations_of_one_party_are_no_link(database: Database) -> None:
    """One person in two rounds with his own telephone is linked to nobody, and makes his number no more popular."""
    first, second = new_id(), new_id()
    await take(
        database,
        keys_of("a", key("phone", "1"), round_id=first, at=AT - timedelta(days=30)),
        keys_of("a", key("phone", "1"), round_id=second),
        keys_of("b", key("phone", "1"), round_id=second),
    )

    assert () == await links_of_round(database, first)
    (found,) = await links_of_round(database, second)
    assert 2 == found.shared[0].popularity


@pytest.mark.parametrize(("others", "is_followed"), [(FOLLOWED - 3, True), (FOLLOWED - 2, False), (FOLLOWED, False)])
async def test_common_value_is_not_followed(database: Database, others: int, is_followed: bool) -> None:
    """A value is followed while fewer than `FOLLOWED` parties used it, in whatever round they did."""
    round_id = new_id()
    crowd = [keys_of(f"p{n}", key("network", "n"), round_id=new_id(), at=AT) for n in range(others)]
    pair = [keys_of(name, key("network", "n"), round_id=round_id) for name in "ab"]
    await take(database, *crowd, *pair)

    async with database.reading() as tx:
        mine = await find_links.links_of(tx, pair[0].registration_id)

    assert is_followed == bool(mine)
    assert is_followed == bool(await links_of_round(database, round_id))


async def test_uses_of_long_ago_make_no_value_popular(database: Database) -> None:
    """Who used a network years ago does not count for its popularity today, nor is he followed."""
    round_id = new_id()
    old = [
        keys_of(f"p{n}", key("network", "n"), round_id=new_id(), at=AT - timedelta(days=400)) for n in range(FOLLOWED)
    ]
    pair = [keys_of(name, key("network", "n"), round_id=round_id) for name in "ab"]
    await take(database, *old, *pair)

    (found,) = await links_of_round(database, round_id)
    async with database.reading() as tx:
        mine = await find_links.links_of(tx, pair[0].registration_id)

    assert 2 == found.shared[0].popularity
    assert [("a", "b")] == [link.parties for link in mine]


async def test_same_value_under_two_keys_is_no_share(database: Database) -> None:
    """Hashes are compared under one key id only; with both keys in the overlap the pair is linked once."""
    apart, together = new_id(), new_id()
    await take(
        database,
        keys_of("a", key("phone", "1", "old"), round_id=apart),
        keys_of("b", key("phone", "1", "new"), round_id=apart),
        keys_of("c", key("phone", "2", "old"), key("phone", "2", "new"), round_id=together),
        keys_of("d", key("phone", "2", "old"), key("phone", "2", "new"), round_id=together),
    )

    assert () == await links_of_round(database, apart)
    (found,) = await links_of_round(database, together)
    assert ["phone"] == [shared.kind for shared in found.shared if shared.kind == "phone"]


async def test_no_key_yet_is_no_answer(database: Database) -> None:
    """A registration of which no key has come has no links, and a pair with it is not linked; nothing is refused."""
    other = keys_of("a", key("phone", "1"), round_id=new_id())
    await take(database, other)

    async with database.reading() as tx:
        assert () == await find_links.links_of(tx, new_id())
        assert not await find_links.are_linked(tx, other.registration_id, new_id())
        assert () == await find_links.links_of_round(tx, new_id())


async def test_registration_of_another_party_is_refused(database: Database) -> None:
    """A registration that comes again with another party, or another round, changes nothing."""
    message = keys_of("a", key("phone", "1"), round_id=new_id())
    await take(database, message)
    before = await counted(database)

    for wrong in (
        keys_of("b", key("phone", "1"), round_id=message.round_id, registration_id=message.registration_id),
        keys_of("a", key("phone", "1"), round_id=new_id(), registration_id=message.registration_id),
    ):
        with pytest.raises(KeysOfOther):
            await take(database, wrong)

    assert before == await counted(database)


@pytest.mark.parametrize("count", [KEYS_MAX, KEYS_MAX + 1])
async def test_message_has_a_limit(database: Database, count: int) -> None:
    """A message has `KEYS_MAX` keys at the most."""
    message = keys_of("a", *(key("phone", str(n)) for n in range(count)), round_id=new_id())

    if count <= KEYS_MAX:
        await take(database, message)
    else:
        with pytest.raises(KeysMalformed):
            await take(database, message)


@pytest.mark.parametrize("wrong", [("phone", "k1", "zz"), ("phone", "k1", "ab"), ("", "k1", "00" * 32)])
async def test_malformed_key_is_refused(database: Database, wrong: tuple[str, str, str]) -> None:
    """What is no hash of 32 bytes, or names no kind, is refused whole."""
    with pytest.raises(KeysMalformed):
        await take(database, keys_of("a", key("phone", "1"), wrong, round_id=new_id()))

    assert [0] * len(TABLES) == await counted(database)


@pytest.mark.parametrize("table", TABLES)
async def test_graph_forgets_nothing(database: Database, table: str) -> None:
    """No row of the graph is deleted."""
    await take(database, keys_of("a", key("phone", "1"), round_id=new_id()))

    with pytest.raises(DBAPIError):
        await database.transact(lambda tx: tx.session.execute(text(f"DELETE FROM bidding.{table}")))
