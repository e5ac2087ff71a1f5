"""Decided links of before 0072 stood in plain: they count until they are sealed, and afterwards as before."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from auction.sale.links import seal_links as sealing
from auction.sale.links.decide_link import decide_link
from auction.sale.links.decided import TELL_ROOMS, LinkDecided, LinkStands
from auction.sale.links.revoke_link import RevokeLink, revoke_link
from auction.sale.links.seal_links import seal_links
from auction.sale.links.sealed import LinkWords
from auction.sale.links.store import link_row, words_of
from tests.auction.sale.links.test_decide_link import bidders, command, group
from tests.auction.sale.world import World

PLAIN = (
    "low_person_id",
    "high_person_id",
    "reason",
    "low_heard_on",
    "high_heard_on",
    "record_ref",
)
SEALED = "words_sealed = '\\x00', low_token = repeat('0', 64), high_token = repeat('1', 64), " + ", ".join(
    f"{name} = NULL" for name in PLAIN
)
HEARD = date(2026, 1, 5)


async def decided_before(world: World, one: Actor, other: Actor) -> UUID:
    """Lay down a decision as the version before 0072 did."""
    link_id = new_id()
    low, high = sorted((one.person_id, other.person_id))
    await world.rows(
        "WITH put AS (INSERT INTO sale.decided_link (link_id, case_id, low_person_id, high_person_id, relation, reason, low_heard_on, "
        "high_heard_on, record_ref, decided_by, decided_at) VALUES (:id, :case, :low, :high, 'same_person', '借名竞买', :day, :day, "
        "'笔录1', :id, now()) RETURNING 1) SELECT * FROM put",
        id=link_id,
        case=world.case_id,
        low=low,
        high=high,
        day=HEARD,
    )
    return link_id


async def in_plain(world: World) -> int:
    """Count the values that stand in plain."""
    (row,) = await world.rows(f"SELECT coalesce(sum(num_nonnulls({', '.join(PLAIN)})), 0) AS n FROM sale.decided_link")
    return int(row.n)


async def test_link_of_before_counts_before_and_after_it_is_sealed(world: World) -> None:
    """It joins its two, is not decided twice, chains with a newer one; sealed it says the same, and nothing of it is readable."""
    one, other, third = await bidders(world, 3)
    link_id = await decided_before(world, one, other)
    with pytest.raises(LinkStands):
        await decide_link(world.db, world.handler, await command(world, one, other))
    await decide_link(world.db, world.handler, await command(world, other, third))
    before = await group(world, one)

    assert (await seal_links(world.db), await seal_links(world.db)) == (1, 0)
    assert before == await group(world, one) == {one.person_id, other.person_id, third.person_id}
    assert await in_plain(world) == 0
    words = await world.read(lambda tx: _words(tx, link_id))
    assert (set(words.persons()), words.low_heard_on, words.record_ref, words.reason) == (
        {one.person_id, other.person_id},
        HEARD,
        "笔录1",
        "借名竞买",
    )


async def _words(tx: Transaction, link_id: UUID) -> LinkWords:
    return words_of(tx, await link_row(tx, link_id))


async def test_reason_of_a_revocation_is_sealed_too(world: World) -> None:
    """One of before is sealed by the night, one of today is written so."""
    one, other = await bidders(world, 2)
    await revoke_link(
        world.db,
        world.handler,
        RevokeLink(command_id=new_id(), link_id=await decided_before(world, one, other), reason="证据不足"),
    )
    old = await decided_before(world, one, other)
    await world.rows(
        "WITH put AS (INSERT INTO sale.link_revocation (link_id, reason, revoked_by, revoked_at) VALUES (:id, '旧', :id, now()) "
        "RETURNING 1) SELECT * FROM put",
        id=old,
    )
    await seal_links(world.db)

    found = await world.rows("SELECT reason, reason_sealed FROM sale.link_revocation")
    assert [row.reason for row in found] == [None, None]
    assert {world.db.sealer.open(bytes(row.reason_sealed)) for row in found} == {"证据不足", "旧"}
    assert {one.person_id} == await group(world, one)


async def test_killed_between_two_steps_it_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sealed stays sealed, the rest counts in plain, and the next run seals it."""
    monkeypatch.setattr(sealing, "STEP", 1)
    people = await bidders(world, 3)
    for one, other in pairwise(people):
        await decided_before(world, one, other)
    assert await world.db.transact(sealing._step) == 1

    assert await in_plain(world) == len(PLAIN)
    assert {one.person_id for one in people} == await group(world, people[0])
    assert await seal_links(world.db) == 1
    assert {one.person_id for one in people} == await group(world, people[0])


async def test_messages_of_before_forget_whom_they_named(world: World) -> None:
    """A message that was worked off names nobody any more; one that still waits keeps what it needs."""
    (one,) = await bidders(world, 1)
    for _ in range(2):
        await world.db.transact(lambda tx: enqueue(tx, TELL_ROOMS, LinkDecided(person_id=one.person_id)))
    done, waits = await world.jobs(TELL_ROOMS)
    await world.rows("UPDATE kernel.job SET state = 'done' WHERE job_id = :id RETURNING 1", id=done.job_id)
    await seal_links(world.db)

    payloads = {job.job_id: job.payload for job in await world.jobs(TELL_ROOMS)}
    assert payloads[done.job_id] == b"{}"
    assert msgspec.json.decode(payloads[waits.job_id], type=LinkDecided).person_id == one.person_id


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE sale.decided_link SET relation = 'one_controller', {SEALED} RETURNING 1",
        "UPDATE sale.decided_link SET words_sealed = '\\x00' RETURNING 1",
        "UPDATE sale.decided_link SET reason = 'x' RETURNING 1",
        "DELETE FROM sale.decided_link RETURNING 1",
    ],
)
async def test_sealing_is_the_one_change(world: World, statement: str) -> None:
    """The database refuses to change what a decision was, to half seal it, to reword it, to delete it."""
    one, other = await bidders(world, 2)
    await decided_before(world, one, other)

    with pytest.raises(DBAPIError, match=r"append|sealed_whole"):
        await world.rows(statement)


async def test_sealed_link_is_not_sealed_anew(world: World) -> None:
    """What is sealed stays as it is."""
    one, other = await bidders(world, 2)
    await decide_link(world.db, world.handler, await command(world, one, other))

    with pytest.raises(DBAPIError, match="append_only"):
        await world.rows("UPDATE sale.decided_link SET words_sealed = '\\x00' RETURNING 1")
