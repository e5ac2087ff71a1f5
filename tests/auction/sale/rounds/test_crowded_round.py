"""Whose persons the codes of a round are, asked among ten thousand registrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from auction.kernel.db import Database
from auction.sale.rounds.tell_same_person import DecidedCodes
from tests.auction.sale.rounds.test_tell_same_person import decide
from tests.auction.sale.world import World

CROWD = 10_000
PERSONS = """INSERT INTO kernel.person (person_id, kind, identity_commitment, masked, created_at)
SELECT gen_random_uuid(), 'natural', 'crowd ' || n, '某**', now() FROM generate_series(1, :crowd) n RETURNING 1"""
REGISTRATIONS = """INSERT INTO sale.registration SELECT made.* FROM
(SELECT r FROM sale.registration r LIMIT 1) AS one, kernel.person p,
LATERAL jsonb_populate_record(one.r, jsonb_build_object(
  'registration_id', gen_random_uuid(), 'person_id', p.person_id, 'account_id', gen_random_uuid(), 'deposit_id', gen_random_uuid(),
  'state', 'awaiting_deposit')) AS made
WHERE p.identity_commitment LIKE 'crowd %' RETURNING 1"""


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Note the statements that are sent meanwhile."""
    said: list[str] = []

    def note(_line: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def test_ten_thousand_registrations_cost_what_the_linked_ones_cost(world: World) -> None:
    """Two of ten thousand were decided to be one: they are found, and nobody else is looked at one by one."""
    session_id = (await world.announced()).session_id
    one, _, first = await world.admitted()
    other, _, second = await world.admitted("赵示例")
    await decide(world, one, other)
    people = await world.rows(PERSONS, crowd=CROWD)
    crowd = await world.rows(REGISTRATIONS)

    with counted(world.db) as said:
        groups = await world.read(lambda tx: DecidedCodes().groups_of_codes(tx, session_id))

    assert (len(people), len(crowd)) == (CROWD, CROWD)
    assert [set(group) for group in groups] == [{first, second}]
    assert len(said) < 12
