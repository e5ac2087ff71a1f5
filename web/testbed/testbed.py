"""What a testbed is: its file, its names, its people, its schedule. Pure.

1. A testbed is known by its name; case, lots, accounts and registrations follow from it, so making it again makes nothing twice.
2. Its people do not exist: identity numbers of nobody, counted through the first half of the twentieth century.
3. Its file holds all that a driver needs: addresses, lots, codes, tokens. It is private (mode 0600), and so are the tokens: they end
   with their sign-in (an hour unused, twelve hours in all), and a further run writes new ones.
4. Bidding opened on the last working day that leaves the law its shortest bidding time before the end.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from stdnum.cn import ric

from auction.kernel.clock import local, local_day
from auction.kernel.errors import Conflict, Malformed, WrongInstallation
from auction.kernel.ids import named_id
from auction.kernel.stamp import Stamp
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW

STEP: Final = "testbed / 压测环境"
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,15}")
LOTS_LIMIT: Final = 500
BIDDERS_LIMIT: Final = 10_000
HOURS_LIMIT: Final = 14 * 24
PREFIX: Final = "tb-"
"""Accounts of testbeds begin with it."""
REGION: Final = "110101"
FIRST_BIRTH: Final = date(1901, 1, 1)
SERIALS: Final = 900
"""Made-up people of one day of birth."""
OPENING_HOUR: Final = 10
LEAD: Final = timedelta(days=60)
"""From the announcement to the opening: more than any notice needs."""
LEAST_AGO: Final = timedelta(minutes=1)


class WishMalformed(Malformed):
    """The name or a number of the testbed is out of bounds."""

    code = "testbed_malformed"
    article = "house: a testbed has a short name and bounded numbers"
    zh = "压测环境参数 {field} 无效：{allowed}。"
    en = "The testbed's {field} is not valid: {allowed}."


class LotsOver(Conflict):
    """The lots of this testbed have ended; a name is used once."""

    code = "testbed_over"
    article = "house: a lot that has ended does not begin again"
    zh = "压测环境“{name}”的拍品已经结束，请换用其他名称。"
    en = "The lots of testbed {name} have ended; take another name."


class NoSuchTestbed(Malformed):
    """No testbed has this name."""

    code = "testbed_unknown"
    article = "house: a testbed is known by its name"
    zh = "没有名为“{name}”的压测环境。"
    en = "There is no testbed {name}."


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; bidders are spread over the lots."""

    name: str
    lots: int = 50
    bidders: int = 1_000
    hours: float = 24.0


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One admitted bidder of one lot: the code under which he bids, and the token of his sign-in."""

    code: str
    token: str


class BedLot(msgspec.Struct, frozen=True, kw_only=True):
    """One lot of the file."""

    lot_id: UUID
    session_id: UUID
    round_id: UUID
    start_price_fen: int
    increment_fen: int
    opens_at: datetime
    closes_at: datetime
    bidders: tuple[Seat, ...]


class BedFile(msgspec.Struct, frozen=True, kw_only=True):
    """All that a driver needs (rule 3)."""

    name: str
    made_at: datetime
    tokens_end_at: datetime
    site_url: str
    gateway_url: str
    database_url: str
    """Where the checker reads what was stored; empty: the tester names it himself."""
    lots: tuple[BedLot, ...]
    version: Annotated[int, Meta(ge=1, le=1)] = 1


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """The times of a testbed's past and of its bidding."""

    announced_at: datetime
    opens_at: datetime
    closes_at: datetime


def require_test(stamp: Stamp) -> None:
    """Refuse (`WrongInstallation`) whatever is not stamped *test*: people play on a demonstration, and production is real."""
    if stamp is not Stamp.TEST:
        raise WrongInstallation(stamp=stamp.value, step=STEP)


def check_wish(wish: Wish) -> None:
    """Refuse a wish that is out of bounds (`WishMalformed`)."""
    if NAME.fullmatch(wish.name) is None:
        raise WishMalformed(field="name", allowed="a-z 0-9 -, 1–16")
    if not 1 <= wish.lots <= LOTS_LIMIT:
        raise WishMalformed(field="lots", allowed=f"1–{LOTS_LIMIT}")
    if not 2 * wish.lots <= wish.bidders <= BIDDERS_LIMIT:
        raise WishMalformed(field="bidders", allowed=f"2 × lots – {BIDDERS_LIMIT}")
    if not 0 < wish.hours <= HOURS_LIMIT:
        raise WishMalformed(field="hours", allowed=f"0–{HOURS_LIMIT}")


def schedule(*, now: datetime, closes_at: datetime) -> Schedule:
    """Give the times of a lot that ends at ``closes_at`` (rule 4)."""
    latest = min(now - LEAST_AGO, closes_at - LAW.duration("auction.min_bidding_hours", on=local_day(now)))
    day = local_day(latest)
    while local(day, OPENING_HOUR) > latest or COURT_CALENDAR.is_day_off(day):
        day -= timedelta(days=1)
    opens_at = local(day, OPENING_HOUR)
    return Schedule(announced_at=opens_at - LEAD, opens_at=opens_at, closes_at=closes_at)


def identity_number(number: int) -> str:
    """Make the identity number of made-up person ``number``, with a right check digit (rule 2)."""
    birth = FIRST_BIRTH + timedelta(days=number // SERIALS)
    body = f"{REGION}{birth:%Y%m%d}{number % SERIALS + 100:03d}"
    return body + str(ric.calc_check_digit(f"{body}0"))


def id_of(name: str, *what: str) -> UUID:
    """Give the id that a thing of this testbed always has (rule 1)."""
    return named_id("testbed", name, *what)


def username(name: str, number: int) -> str:
    """Name the account of a testbed's bidder."""
    return f"{PREFIX}{name}-{number}"
