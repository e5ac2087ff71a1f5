"""Rules of help tickets (`web.help.tickets`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from web.help.tickets import ANSWER_WITHIN, TEXT_MOST, Category, Message, Ticket, require_text, waits_since

NOON = datetime(2027, 3, 1, 4, tzinfo=UTC)


def message(minutes: int, *, desk: bool = False) -> Message:
    """Say something so many minutes after noon."""
    return Message(is_from_desk=desk, text="无法进入", sent_at=NOON + timedelta(minutes=minutes))


def test_clock_runs_from_the_first_message_without_answer() -> None:
    """More words do not put the clock back; an answer stops it, the next message starts it anew (rule 4)."""
    assert waits_since([message(0), message(5)]) == NOON
    assert waits_since([message(0), message(5, desk=True)]) is None
    assert waits_since([message(0), message(5, desk=True), message(9)]) == NOON + timedelta(minutes=9)


@pytest.mark.parametrize("category", list(Category))
def test_every_category_has_its_time(category: Category) -> None:
    """The house answers within its published time, and an ended ticket owes nothing."""
    ticket = Ticket(
        ticket_id=new_id(), number="00000001", category=category, lot_id=None, messages=(message(0),), ended_at=None
    )
    ended = Ticket(
        ticket_id=new_id(), number="00000001", category=category, lot_id=None, messages=(message(0),), ended_at=NOON
    )

    assert ticket.due_at == NOON + ANSWER_WITHIN[category]
    assert ticket.state == "waiting"
    assert (ended.due_at, ended.state) == (None, "ended")


@pytest.mark.parametrize("text", ["", "  ", "问" * (TEXT_MOST + 1), "请回电 138 1234 5678", "我的微信 vx: abc12345"])
def test_text_that_names_somebody_is_refused(text: str) -> None:
    """Nothing empty, nothing too long, nothing by which a person is found (rule 3)."""
    with pytest.raises(Refusal):
        require_text(text)

    assert require_text(" " + "问" * TEXT_MOST) == "问" * TEXT_MOST
