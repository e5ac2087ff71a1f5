"""The court's decision that two persons are one reaches the rooms in which both have codes; nothing else does."""

from __future__ import annotations

from auction.contracts import SamePerson
from auction.kernel.actors import Actor
from auction.kernel.ids import new_id
from auction.kernel.persons import identity_of
from auction.sale.links.decide_link import DecideLink, decide_link
from auction.sale.links.decided import TELL_ROOMS, Relation
from auction.sale.rounds.tell_same_person import TELL_SAME_PERSON, handle_link_decided
from tests.auction.sale.world import FIRST_DAY, World


async def decide(world: World, one: Actor, other: Actor, relation: Relation = Relation.SAME_PERSON) -> None:
    """Let the judge decide about two persons, and the job do its work."""
    numbers = [(await world.read(lambda tx, who=who: identity_of(tx, who.person_id)))[1] for who in (one, other)]  # type: ignore[misc]
    command = DecideLink(
        command_id=new_id(),
        link_id=new_id(),
        case_id=world.case_id,
        relation=relation,
        first_number=numbers[0],
        first_heard_on=FIRST_DAY,
        second_number=numbers[1],
        second_heard_on=FIRST_DAY,
        record_ref="听证笔录1",
        reason="以他人名义竞买",
    )
    await decide_link(world.db, world.handler, command)
    for job in await world.jobs(TELL_ROOMS):
        await handle_link_decided(world.db, job)


async def told(world: World) -> list[set[str]]:
    """Give the pairs of codes that rooms were told of."""
    words: list[SamePerson] = [job.decode(SamePerson) for job in await world.jobs(TELL_SAME_PERSON)]
    return [{word.bidder_code, word.same_as} for word in words]


async def test_a_decision_reaches_the_room_in_which_both_have_codes(world: World) -> None:
    """Both were admitted before: their codes are told to be one person's."""
    await world.announced()
    one, _, first = await world.admitted()
    other, _, second = await world.admitted("赵示例")
    await world.admitted("钱示例")
    await decide(world, one, other)

    assert await told(world) == [{first, second}]


async def test_who_is_admitted_after_the_decision_is_told_of_then(world: World) -> None:
    """Registered before the decision, admitted after it: the room hears of it with the admission."""
    await world.announced()
    one, _, first = await world.admitted()
    other = await world.bidder("赵示例")
    registered = await world.register(other)
    await decide(world, one, other)
    before = await told(world)
    await world.pay_deposit(registered)

    assert before == []
    (pair,) = await told(world)
    assert first in pair


async def test_one_controller_binds_no_room(world: World) -> None:
    """Two companies under one controller are two bidders in the room: only the notice's clause keeps them out, at the door."""
    await world.announced()
    one, _, _ = await world.admitted()
    other, _, _ = await world.admitted("赵示例")
    await decide(world, one, other, Relation.ONE_CONTROLLER)

    assert await told(world) == []
