"""Viewings: slots within the notice period, places given once, bookings known by their number alone."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, RoleLacking
from auction.kernel.ids import new_id
from auction.sale.visitors import store
from auction.sale.visitors.book_viewing import BookViewing, book_viewing
from auction.sale.visitors.cancel_viewing import CancelViewing, cancel_viewing
from auction.sale.visitors.give_up_viewing import GiveUpViewing, give_up_viewing
from auction.sale.visitors.lot_questions import ContactInText
from auction.sale.visitors.set_viewing import SetViewing, set_viewing
from auction.sale.visitors.viewings import (
    LONGEST,
    SHORTEST,
    AlreadyBooked,
    BookingUnknown,
    NoViewingNow,
    PlacesWrong,
    SlotBegun,
    SlotCancelled,
    SlotFull,
    SlotUnknown,
    ViewingTimeWrong,
    check_slot,
)
from tests.auction.sale.world import OPENS_AT, World

STARTS_AT = OPENS_AT - timedelta(days=10)
NOW = OPENS_AT - timedelta(days=20)
S = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "fits"),
    [
        (STARTS_AT, STARTS_AT + SHORTEST - S, False),
        (STARTS_AT, STARTS_AT + SHORTEST, True),
        (STARTS_AT, STARTS_AT + LONGEST, True),
        (STARTS_AT, STARTS_AT + LONGEST + S, False),
        (NOW, NOW + SHORTEST, False),
        (NOW + S, NOW + SHORTEST + S, True),
        (OPENS_AT - SHORTEST, OPENS_AT, True),
        (OPENS_AT - SHORTEST, OPENS_AT + S, False),
        (STARTS_AT, STARTS_AT, False),
        (STARTS_AT, STARTS_AT - SHORTEST, False),
    ],
)
def test_slot_lies_between_now_and_the_opening(starts_at: datetime, ends_at: datetime, fits: bool) -> None:
    """Each bound holds to the microsecond."""
    if fits:
        check_slot(starts_at=starts_at, ends_at=ends_at, places=1, now=NOW, opens_at=OPENS_AT)
        return
    with pytest.raises(ViewingTimeWrong):
        check_slot(starts_at=starts_at, ends_at=ends_at, places=1, now=NOW, opens_at=OPENS_AT)


async def offer(world: World, places: int = 1, *, day: int = 0, **more: object) -> UUID:
    """Offer a viewing."""
    starts_at = STARTS_AT + timedelta(days=day)
    given = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "place": "示例路1号门口", **more}
    command = SetViewing(command_id=new_id(), slot_id=new_id(), lot_id=world.lot_id, places=places, **given)  # type: ignore[arg-type] # as given
    return await set_viewing(world.db, world.handler, command)


async def book(world: World, actor: Actor, slot_id: UUID) -> UUID:
    """Book a place; gives the booking."""
    command = BookViewing(command_id=new_id(), booking_id=new_id(), lot_id=world.lot_id, slot_id=slot_id)
    number = await book_viewing(world.db, actor, command)
    assert number == await book_viewing(world.db, actor, command), "sent twice, booked once"
    return command.booking_id


async def test_last_place_is_given_once(world: World) -> None:
    """Of several visitors who ask for the last places at once, as many get one as there are; a place given up is free again."""
    await world.announced()
    slot_id = await offer(world, 2)
    people = [await world.bidder() for _ in range(5)]
    tried = await asyncio.gather(*(book(world, one, slot_id) for one in people), return_exceptions=True)
    won = [number for number, one in enumerate(tried) if isinstance(one, UUID)]
    async with world.db.reading() as tx:
        (slot,) = await store.slots_of_round(tx, world.round_id)
        numbers = (await store.numbers_of_slots(tx, [slot_id]))[slot_id]
    booking_id = tried[won[0]]
    assert isinstance(booking_id, UUID)
    await give_up_viewing(
        world.db,
        people[won[0]],
        GiveUpViewing(command_id=new_id(), lot_id=world.lot_id, booking_id=booking_id),
    )
    loser = next(number for number in range(5) if number not in won)
    await book(world, people[loser], slot_id)

    assert len(won) == 2
    assert all(isinstance(one, SlotFull) for number, one in enumerate(tried) if number not in won)
    assert (slot.taken, slot.left, len(set(numbers))) == (2, 0, 2)


async def test_database_counts_places_too(world: World) -> None:
    """A row beyond the last place is refused by the database itself, and so is one in a cancelled slot."""
    await world.announced()
    slot_id = await offer(world, 1)
    await book(world, await world.bidder(), slot_id)
    row = "INSERT INTO sale.viewing_booking VALUES (gen_random_uuid(), :slot, gen_random_uuid(), '000001', now())"

    with pytest.raises(DBAPIError, match="viewing_full"):
        async with world.db.transaction() as tx:
            await tx.session.execute(text(row), {"slot": slot_id})


async def test_one_booking_a_lot(world: World) -> None:
    """A second booking is refused while the first stands; after the court cancelled that slot another is booked."""
    await world.announced()
    first, second = await offer(world, 3), await offer(world, 3, day=1)
    visitor = await world.bidder()
    await book(world, visitor, first)
    with pytest.raises(AlreadyBooked):
        await book(world, visitor, second)
    cancel = CancelViewing(command_id=new_id(), lot_id=world.lot_id, slot_id=first, reason="房屋正在腾退")
    await cancel_viewing(world.db, world.handler, cancel)
    with pytest.raises(SlotCancelled):
        await cancel_viewing(world.db, world.handler, msgspec.structs.replace(cancel, command_id=new_id()))
    await book(world, visitor, second)
    async with world.db.reading() as tx:
        own = await store.own_bookings(tx, visitor.person_id)
        slots = await store.slots_of_round(tx, world.round_id)

    assert [(one.slot.slot_id, one.cancelled) for one in own] == [(first, "房屋正在腾退"), (second, None)]
    assert [slot.slot_id for slot in slots] == [second]


async def test_nobody_takes_anothers_step(world: World) -> None:
    """A bidder sets nothing, an officer books nothing, and nobody gives up a stranger's booking or names another lot's slot."""
    await world.announced()
    slot_id = await offer(world, 2)
    visitor, stranger = await world.bidder(), await world.bidder()
    booking_id = await book(world, visitor, slot_id)
    with pytest.raises(RoleLacking):
        await book(world, world.handler, slot_id)
    with pytest.raises(SlotUnknown):
        await book(world, stranger, new_id())
    with pytest.raises(BookingUnknown):
        await give_up_viewing(
            world.db, stranger, GiveUpViewing(command_id=new_id(), lot_id=world.lot_id, booking_id=booking_id)
        )
    with pytest.raises(RoleLacking):
        await set_viewing(
            world.db,
            visitor,
            SetViewing(
                command_id=new_id(),
                slot_id=new_id(),
                lot_id=world.lot_id,
                starts_at=STARTS_AT,
                ends_at=STARTS_AT + SHORTEST,
                place="门口",
                places=1,
            ),
        )
    with pytest.raises(ContactInText):
        await offer(world, 2, place="门口，电话 13812345678")
    with pytest.raises(PlacesWrong):
        await offer(world, 0)


async def test_begun_slots_and_opened_lots_take_nobody(world: World) -> None:
    """At its first instant a slot is closed for booking, giving up and cancelling; at the opening no slot is set."""
    await world.announced()
    slot_id = await offer(world, 2)
    visitor = await world.bidder()
    booking_id = await book(world, visitor, slot_id)
    await world.at(STARTS_AT)
    with pytest.raises(SlotBegun):
        await book(world, await world.bidder(), slot_id)
    with pytest.raises(SlotBegun):
        await give_up_viewing(
            world.db, visitor, GiveUpViewing(command_id=new_id(), lot_id=world.lot_id, booking_id=booking_id)
        )
    cancel = CancelViewing(command_id=new_id(), lot_id=world.lot_id, slot_id=slot_id, reason="临时有变")
    with pytest.raises(SlotBegun):
        await cancel_viewing(world.db, world.handler, cancel)
    await world.at(OPENS_AT)

    with pytest.raises(NoViewingNow):
        await offer(world, 2)
