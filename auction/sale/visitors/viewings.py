"""Viewing appointments (看样预约): slots that the court offers, and bookings of visitors.

1. A slot lies between now and the opening of the bidding, lasts `SHORTEST` to `LONGEST`, and has at least one place.
2. A slot never has more standing bookings than places; a full one is refused.
3. A person has at most one standing booking of a lot; he may give it up until the slot begins, and book again.
4. A booking is known to the court by its visit number alone: whoever looks at an asset may become a bidder, and nobody is shown
   who that will be (web W-26).
5. A cancelled slot takes no booking; its bookings stand in their owners' lists as cancelled, with the reason.

That the asset can be seen is told in the notice (网拍 13(5), 14); how the appointments are made is a rule of the house.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound

SHORTEST: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=10)
PLACES_MOST: Final = 200
SLOTS_MOST: Final = 60
"""Most slots of one round that are not cancelled."""


class ViewingTimeWrong(Malformed):
    """A slot does not lie between now and the opening, or is too short or too long (rule 1)."""

    code = "viewing_time_wrong"
    article = "house: viewings rule 1"
    zh = "看样时间须在当前时间之后、开拍之前，每场{shortest}分钟至{longest}小时。"
    en = "A viewing must lie after now and before the opening, and last {shortest} minutes to {longest} hours."


class PlacesWrong(Malformed):
    """A slot has no place, or more than anybody can show around (rule 1)."""

    code = "viewing_places_wrong"
    article = "house: viewings rule 1"
    zh = "每场人数应当为1至{most}人。"
    en = "A viewing has 1 to {most} places."


class TooManySlots(Conflict):
    """The round has as many slots as it may have."""

    code = "viewing_slots_too_many"
    article = "house: viewings rule 1"
    zh = "本次拍卖的看样场次已达{most}场。"
    en = "This round already has {most} viewings."


class NoViewingNow(Conflict):
    """The lot is not announced, or its bidding has opened."""

    code = "viewing_not_now"
    article = "house: viewings rule 1"
    zh = "拍品未在公告期内，不能安排或者预约看样。"
    en = "The lot is not between its notice and its opening; no viewing can be set or booked."


class SlotUnknown(NotFound):
    """No such slot of this lot."""

    code = "viewing_slot_unknown"
    article = "house: a slot is known by its id"
    zh = "没有该看样场次。"
    en = "There is no such viewing."


class SlotCancelled(Conflict):
    """The slot was cancelled."""

    code = "viewing_slot_cancelled"
    article = "house: viewings rule 5"
    zh = "该看样场次已取消。"
    en = "This viewing was cancelled."


class SlotBegun(Conflict):
    """The slot has begun."""

    code = "viewing_slot_begun"
    article = "house: viewings rule 3"
    zh = "该看样场次已经开始。"
    en = "This viewing has begun."


class SlotFull(Conflict):
    """Every place of the slot is taken (rule 2)."""

    code = "viewing_slot_full"
    article = "house: viewings rule 2"
    zh = "该看样场次名额已满，请选择其他场次。"
    en = "This viewing is full; please choose another."


class AlreadyBooked(Conflict):
    """The person has a standing booking of this lot (rule 3)."""

    code = "viewing_already_booked"
    article = "house: viewings rule 3"
    zh = "您已预约该拍品看样；改约请先取消原预约。"
    en = "You have booked a viewing of this lot; to change it, give the first one up."


class BookingUnknown(NotFound):
    """No such booking of this person."""

    code = "viewing_booking_unknown"
    article = "house: a booking is known by its id"
    zh = "没有该看样预约。"
    en = "There is no such booking."


class SlotShown(msgspec.Struct, frozen=True, kw_only=True):
    """A slot as everybody may see it; ``taken`` counts standing bookings."""

    slot_id: UUID
    lot_id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    places: int
    taken: int

    @property
    def left(self) -> int:
        """Places that are left."""
        return max(0, self.places - self.taken)


class OwnBooking(msgspec.Struct, frozen=True, kw_only=True):
    """One's own booking, with its slot; ``cancelled``: the court's reason, ``None`` while the slot stands."""

    booking_id: UUID
    number: str
    slot: SlotShown
    cancelled: str | None


def check_slot(*, starts_at: datetime, ends_at: datetime, places: int, now: datetime, opens_at: datetime) -> None:
    """Refuse a slot that breaks rule 1: `ViewingTimeWrong`, `PlacesWrong`."""
    fits = now < starts_at and ends_at <= opens_at and SHORTEST <= ends_at - starts_at <= LONGEST
    if not fits:
        raise ViewingTimeWrong(
            field="starts_at",
            shortest=int(SHORTEST.total_seconds() // 60),
            longest=int(LONGEST.total_seconds() // 3600),
        )
    if not 1 <= places <= PLACES_MOST:
        raise PlacesWrong(field="places", most=PLACES_MOST)


def check_booking(slot: SlotShown, *, is_cancelled: bool, has_booking: bool, now: datetime) -> None:
    """Refuse a booking: `SlotCancelled`, `SlotBegun`, `AlreadyBooked`, `SlotFull`, in this order."""
    if is_cancelled:
        raise SlotCancelled
    if now >= slot.starts_at:
        raise SlotBegun
    if has_booking:
        raise AlreadyBooked
    if slot.left == 0:
        raise SlotFull
