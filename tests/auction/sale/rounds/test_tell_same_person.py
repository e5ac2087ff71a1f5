"""The court's decision that two persons are one reaches the rooms in which both have codes, and so does its revocation; nothing else does."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.contracts import PersonsDecided
from auction.kernel.actors import Actor
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.persons import identity_of
from auction.sale.links.decide_link import DecideLink, decide_link
from auction.sale.links.decided import (
    TELL_OF_LINK,
    TELL_ROOMS,
    TELL_ROOMS_OF_REVOCATION,
    LinkDecided,
    PersonsParted,
    Relation,
)
from auction.sale.links.revoke_link import RevokeLink, revoke_link
from auction.sale.rounds.leave_round import LeaveRound, leave_round
from auction.sale.rounds.open_round import handle_open_round
from auction.sale.rounds.tell_same_person import (
    RECORD_PERSONS,
    DecidedCodes,
    handle_link_decided,
    handle_persons_parted,
    handle_tell_of_link,
)
from tests.auction.sale.rounds.test_leave_round import Rooms
from tests.auction.sale.rounds.test_stop_round import stop
from tests.auction.sale.world import FIRST_DAY, OPENS_AT, World


async def decide(world: World, one: Actor, other: Actor, relation: Relation = Relation.SAME_PERSON) -> UUID:
    """Let the judge decide about two persons; the job is still to be worked off."""
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
    return await decide_link(world.db, world.handler, command)


async def revoke(world: World, link_id: UUID) -> None:
    """Let the judge revoke his decision; the job is still to be worked off."""
    await revoke_link(world.db, world.handler, RevokeLink(command_id=new_id(), link_id=link_id, reason="复核后撤销"))


async def work(world: World) -> None:
    """Work off all jobs that tell rooms, those of before once more."""
    for job in await world.jobs(TELL_OF_LINK):
        await handle_tell_of_link(world.db, job)


async def told(world: World) -> list[UUID]:
    """Give the sessions that were told that something may have changed."""
    words: list[PersonsDecided] = [job.decode(PersonsDecided) for job in await world.jobs(RECORD_PERSONS)]
    return [word.session_id for word in words]


async def groups(world: World, session_id: UUID) -> list[set[str]]:
    """Give the codes of each person who has several."""
    return [set(group) for group in await world.read(lambda tx: DecidedCodes().groups_of_codes(tx, session_id))]


async def test_a_decision_reaches_the_room_in_which_both_have_codes(world: World) -> None:
    """Both were admitted before: their codes are one person's."""
    session_id = (await world.announced()).session_id
    one, _, first = await world.admitted()
    other, _, second = await world.admitted("赵示例")
    await world.admitted("钱示例")
    await decide(world, one, other)
    await work(world)

    assert await told(world) == [session_id]
    assert await groups(world, session_id) == [{first, second}]


async def test_a_revocation_reaches_it_too(world: World) -> None:
    """Whom the revoked decision had joined are two again; decided anew, they are one again."""
    session_id = (await world.announced()).session_id
    one, _, first = await world.admitted()
    other, _, second = await world.admitted("赵示例")
    link_id = await decide(world, one, other)
    await work(world)
    before = len(await told(world))
    await revoke(world, link_id)
    await work(world)

    assert len(await told(world)) > before
    assert await groups(world, session_id) == []
    await decide(world, other, one)
    assert await groups(world, session_id) == [{first, second}]


async def test_messages_of_an_older_version_are_worked_off(world: World) -> None:
    """They named persons: one of the two after a decision, both after its revocation. The room is told of either."""
    session_id = (await world.announced()).session_id
    one, _, _ = await world.admitted()
    other, _, _ = await world.admitted("赵示例")
    await decide(world, one, other)
    decided = msgspec.json.encode(LinkDecided(person_id=one.person_id))
    parted = msgspec.json.encode(PersonsParted(one_id=other.person_id, other_id=one.person_id))
    await handle_link_decided(world.db, Job(job_id=new_id(), kind=TELL_ROOMS, payload=decided, attempts=0))
    await handle_persons_parted(
        world.db, Job(job_id=new_id(), kind=TELL_ROOMS_OF_REVOCATION, payload=parted, attempts=0)
    )

    assert await told(world) == [session_id, session_id]


async def test_revoked_before_the_room_heard_of_the_decision(world: World) -> None:
    """The decision's job comes after its revocation: what holds is read when it is worked off, and nothing holds."""
    session_id = (await world.announced()).session_id
    one, _, _ = await world.admitted()
    other, _, _ = await world.admitted("赵示例")
    await revoke(world, await decide(world, one, other))
    await work(world)

    assert await groups(world, session_id) == []


async def test_who_is_still_decided_to_be_the_same_stays_it(world: World) -> None:
    """Of two decisions about three persons one is revoked: the other stands, also through somebody who has no code here."""
    session_id = (await world.announced()).session_id
    one, _, first = await world.admitted()
    other, _, second = await world.admitted("赵示例")
    third, _, third_code = await world.admitted("钱示例")
    outside = await world.bidder("孙示例")
    revoked = await decide(world, one, other)
    await decide(world, other, outside)
    await decide(world, outside, third)
    whole = await groups(world, session_id)
    await revoke(world, revoked)
    await work(world)

    assert whole == [{first, second, third_code}]
    assert await groups(world, session_id) == [{second, third_code}]


async def test_who_is_admitted_after_the_decision_is_told_of_then(world: World) -> None:
    """Registered before the decision, admitted after it: the room hears of it with the admission."""
    session_id = (await world.announced()).session_id
    one, _, first = await world.admitted()
    other = await world.bidder("赵示例")
    registered = await world.register(other)
    await decide(world, one, other)
    await work(world)
    before = await groups(world, session_id)
    heard = len(await told(world))
    await world.pay_deposit(registered)

    assert before == []
    (pair,) = await groups(world, session_id)
    assert first in pair
    assert len(await told(world)) == heard + 1


async def test_one_who_withdraws_stays_the_same_person(world: World) -> None:
    """Of a linked pair one leaves while the round is stopped: his code is void, and his bids, if any, are still not to be raised by the other."""
    published = await world.announced()
    one, _, first = await world.admitted()
    other, registered, second = await world.admitted("赵示例")
    await decide(world, one, other)
    await world.at(OPENS_AT)
    for job in await world.jobs("sale.open_round"):
        await handle_open_round(world.db, job)
    await stop(world, "deferral")
    leave = LeaveRound(command_id=new_id(), registration_id=registered.registration_id)
    await leave_round(world.db, other, leave, rooms=Rooms())

    assert await groups(world, published.session_id) == [{first, second}]


async def test_one_controller_binds_no_room(world: World) -> None:
    """Two companies under one controller are two bidders in the room: only the notice's clause keeps them out, at the door."""
    session_id = (await world.announced()).session_id
    one, _, _ = await world.admitted()
    other, _, _ = await world.admitted("赵示例")
    await revoke(world, await decide(world, one, other, Relation.ONE_CONTROLLER))
    await decide(world, one, other, Relation.ONE_CONTROLLER)
    await work(world)

    assert await told(world) == []
    assert await groups(world, session_id) == []
