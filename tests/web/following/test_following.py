"""Rules of following: addresses, searches, hours (`web.following.following`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.kernel.ids import new_id
from web.following.following import (
    AddressMalformed,
    Channel,
    due_reminders,
    followed_search,
    mask,
    read_address,
)

OPENS = datetime(2027, 3, 1, 2, tzinfo=UTC)
LONG_AGO = OPENS - timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Buyer.One@Example.com", (Channel.MAIL, "buyer.one@example.com")),
        (" 138 0013 8000 ", (Channel.SMS, "13800138000")),
        ("+86 138-0013-8000", (Channel.SMS, "13800138000")),
    ],
)
def test_address_is_a_mail_address_or_a_mobile_number(text: str, expected: tuple[Channel, str]) -> None:
    """Both are known from what is typed."""
    assert read_address(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "a@b", "@example.com", "12800138000", "1380013800", "138001380000", "a@b.com\nbcc: c@d.com", "a@b.c,d@e.com"],
)
def test_what_is_neither_is_refused(text: str) -> None:
    """Nothing else is taken, least of all two addresses or a line of a header."""
    with pytest.raises(AddressMalformed):
        read_address(text)


def test_masked_address_is_of_no_use_to_others() -> None:
    """Its owner knows it again."""
    assert mask(Channel.MAIL, "buyer@example.com") == "b***@example.com"
    assert mask(Channel.SMS, "13800138000") == "138****8000"


def test_state_order_and_page_are_not_followed() -> None:
    """Only what a new lot can have is followed."""
    assert followed_search("q=a&state=sold&sort=dearest&page=3&class=home") == "q=a&class=home"


@pytest.mark.parametrize(
    ("before", "count"),
    [
        (timedelta(days=1, microseconds=1), 0),
        (timedelta(days=1), 1),
        (timedelta(hours=1, microseconds=1), 1),
        (timedelta(hours=1), 2),
        (timedelta(microseconds=1), 2),
        (timedelta(0), 0),
    ],
)
def test_reminders_come_a_day_and_an_hour_before_the_opening(before: timedelta, count: int) -> None:
    """Never earlier, and none once it has opened."""
    due = due_reminders(round_id=new_id(), opens_at=OPENS, since=LONG_AGO, now=OPENS - before)

    assert len(set(due)) == count


def test_hour_that_came_before_it_was_followed_is_not_told() -> None:
    """Whoever follows two hours before the opening is reminded once, an hour before it."""
    since = OPENS - timedelta(hours=2)
    assert len(due_reminders(round_id=new_id(), opens_at=OPENS, since=since, now=OPENS - timedelta(minutes=30))) == 1


def test_moved_hour_is_told_anew() -> None:
    """The same round at another hour is another thing to be told."""
    round_id, later = new_id(), OPENS + timedelta(days=7)
    first = due_reminders(round_id=round_id, opens_at=OPENS, since=LONG_AGO, now=OPENS - timedelta(minutes=1))
    moved = due_reminders(round_id=round_id, opens_at=later, since=LONG_AGO, now=later - timedelta(minutes=1))

    assert not set(first) & set(moved)
