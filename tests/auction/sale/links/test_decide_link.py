"""Decided links: the judge decides with a reason when both were heard; it chains, and a revoked one counts no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import PersonId, new_id
from auction.kernel.persons import PersonUnknown, identity_of
from auction.sale.cases.cases import FieldMissing
from auction.sale.links.decide_link import DecideLink, decide_link
from auction.sale.links.decided import LinkNotHeard, LinkOfOne, LinkRevoked, LinkStands, LinkUnknown, Relation
from auction.sale.links.revoke_link import RevokeLink, revoke_link
from auction.sale.links.store import same_person_group
from tests.auction.sale.world import World, actor


async def group(world: World, person: Actor, *, with_controllers: bool = False) -> frozenset[PersonId]:
    """Give the group of a person."""
    async with world.db.reading() as tx:
        return await same_person_group(tx, person.person_id, with_controllers=with_controllers)


async def command(world: World, one: Actor, other: Actor, **changes: object) -> DecideLink:
    """Make the command that links two persons, both heard today."""

    async def work(tx: Transaction) -> tuple[str, str, object]:
        numbers = [(await identity_of(tx, person.person_id))[1] for person in (one, other)]
        return numbers[0], numbers[1], local_day(tx.now)

    first, second, today = await world.db.transact(work)
    named = {
        "command_id": new_id(),
        "link_id": new_id(),
        "case_id": world.case_id,
        "relation": Relation.SAME_PERSON,
        "first_number": first,
        "first_heard_on": today,
        "second_number": second,
        "second_heard_on": today,
        "record_ref": "（2026）听证笔录1号",
        "reason": "乙承认受甲之托出名竞买",
    }
    return DecideLink(**{**named, **changes})  # type: ignore[arg-type]  # made-up fields


async def bidders(world: World, count: int) -> Sequence[Actor]:
    """Announce a round and make bidders."""
    await world.announced()
    return [await world.bidder() for _ in range(count)]


async def test_decided_link_makes_one_group_of_two(world: World) -> None:
    """Whom the court decided to be the same person is one group, seen from each; a third is alone."""
    one, other, third = await bidders(world, 3)

    await decide_link(world.db, world.presiding, await command(world, other, one))

    assert {one.person_id, other.person_id} == await group(world, one) == await group(world, other)
    assert {third.person_id} == await group(world, third)


async def test_papers_may_name_them_by_the_digits_of_the_first_generation(world: World) -> None:
    """The record of the hearing has 15 digits, or full-width letters and hyphens: the same persons are meant."""
    one, other = await bidders(world, 2)
    named = await command(world, one, other)
    old = named.first_number[:6] + named.first_number[8:17]
    spaced = f"{named.second_number[:6]}-{named.second_number[6:14]} {named.second_number[14:].lower()}"
    written = await command(world, one, other, first_number=old, second_number=spaced)

    await decide_link(world.db, world.presiding, written)

    assert {one.person_id, other.person_id} == await group(world, one)


async def test_links_chain(world: World) -> None:
    """The same as the same is the same, over decisions of different days."""
    one, other, third = await bidders(world, 3)
    await decide_link(world.db, world.handler, await command(world, one, other))
    await decide_link(world.db, world.handler, await command(world, other, third))

    assert {one.person_id, other.person_id, third.person_id} == await group(world, third)


async def test_one_controller_counts_only_where_it_is_asked(world: World) -> None:
    """Two companies of one controller are two persons, but for a notice with the clause."""
    one, other = await bidders(world, 2)
    await decide_link(world.db, world.handler, await command(world, one, other, relation=Relation.ONE_CONTROLLER))

    assert {one.person_id} == await group(world, one)
    assert {one.person_id, other.person_id} == await group(world, one, with_controllers=True)


async def test_revoked_link_counts_no_more(world: World) -> None:
    """After its revocation a decision links nobody; it is revoked once, and may be decided anew."""
    one, other = await bidders(world, 2)
    link_id = await decide_link(world.db, world.handler, await command(world, one, other))

    await revoke_link(world.db, world.handler, RevokeLink(command_id=new_id(), link_id=link_id, reason="证据不足"))

    assert {one.person_id} == await group(world, one)
    with pytest.raises(LinkRevoked):
        await revoke_link(world.db, world.handler, RevokeLink(command_id=new_id(), link_id=link_id, reason="再次"))
    await decide_link(world.db, world.handler, await command(world, one, other))
    assert {one.person_id, other.person_id} == await group(world, one)


async def test_command_that_comes_twice_decides_once(world: World) -> None:
    """The same command again gives the same answer; another one on the same relation is refused."""
    one, other = await bidders(world, 2)
    first = await command(world, one, other)

    assert await decide_link(world.db, world.handler, first) == await decide_link(world.db, world.handler, first)
    with pytest.raises(LinkStands):
        await decide_link(world.db, world.handler, await command(world, other, one))
    assert 1 == len(await world.rows("SELECT 1 FROM sale.decided_link"))


@pytest.mark.parametrize("late", [-1, 0, 1])
@pytest.mark.parametrize("which", ["first_heard_on", "second_heard_on"])
async def test_both_are_heard_before(world: World, which: str, late: int) -> None:
    """A day of hearing is today at the latest, for each of the two."""
    one, other = await bidders(world, 2)
    today = (await command(world, one, other)).first_heard_on
    changed = await command(world, one, other, **{which: today + timedelta(days=late)})

    if late <= 0:
        await decide_link(world.db, world.handler, changed)
        return
    with pytest.raises(LinkNotHeard):
        await decide_link(world.db, world.handler, changed)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reason": " "}, FieldMissing),
        ({"record_ref": ""}, FieldMissing),
        ({"second_number": "nobody"}, PersonUnknown),
        ({"second_number": None}, LinkOfOne),
    ],
)
async def test_unfit_decisions_are_refused(world: World, changes: dict[str, object], refusal: type[Refusal]) -> None:
    """No decision without reason and record, on a stranger, or on one person with himself."""
    one, other = await bidders(world, 2)
    fit = await command(world, one, other)
    changed = {name: fit.first_number if value is None else value for name, value in changes.items()}

    with pytest.raises(refusal):
        await decide_link(world.db, world.handler, await command(world, one, other, **changed))

    assert [] == await world.rows("SELECT 1 FROM sale.decided_link")


@pytest.mark.parametrize("role", [Role.CLERK, Role.BIDDER, Role.FINANCE, Role.ADMINISTRATOR, Role.SYSTEM])
async def test_only_judges_decide_and_revoke(world: World, role: Role) -> None:
    """A link is decided and revoked by a judge, by no clerk and no statistic."""
    one, other = await bidders(world, 2)
    decision = await command(world, one, other)
    with pytest.raises(RoleLacking):
        await decide_link(world.db, actor(role), decision)
    link_id = await decide_link(world.db, world.handler, decision)

    with pytest.raises(RoleLacking):
        await revoke_link(world.db, actor(role), RevokeLink(command_id=new_id(), link_id=link_id, reason="无"))


async def test_unknown_link_is_not_revoked(world: World) -> None:
    """A decision that never was cannot be revoked."""
    with pytest.raises(LinkUnknown):
        await revoke_link(world.db, world.handler, RevokeLink(command_id=new_id(), link_id=new_id(), reason="无"))


@pytest.mark.parametrize("statement", ["UPDATE sale.decided_link SET reason = 'x'", "DELETE FROM sale.decided_link"])
async def test_decisions_are_kept(world: World, statement: str) -> None:
    """What the court decided is neither changed nor deleted."""
    one, other = await bidders(world, 2)
    await decide_link(world.db, world.handler, await command(world, one, other))

    with pytest.raises(DBAPIError):
        await world.rows(statement)
