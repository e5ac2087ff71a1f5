"""The room as JSON for those who poll."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bidding.rooms.journal_port import Standing
from bidding.rooms.spectators import TIME_HEADER, RoomJson, lacks, room_json
from bidding.rules.engine import apply, decide
from bidding.rules.options import Growth, Options
from bidding.rules.session import Admit, BidderCode, BidId, Event, OpenSession, PlaceBid, SessionState
from tests.bidding.rules.samples import END, SECOND, START_FEN, STEP_FEN, T, admission, terms


def _story(bids: int, *, recent: int = 50) -> tuple[Standing, list[Event]]:
    """A session with two bidders and some bids."""
    chosen = terms()
    state: SessionState | None = None
    events: list[Event] = []
    commands: list[OpenSession | Admit | PlaceBid] = [OpenSession(terms=chosen)]
    commands += [Admit(admission=admission(code)) for code in "AB"]
    for number in range(bids):
        amount = START_FEN + number * STEP_FEN
        code = BidderCode("AB"[number % 2])
        commands.append(PlaceBid(bid_id=BidId(f"secret-{number}"), code=code, amount_fen=amount))
    for at, command in enumerate(commands):
        for event in decide(state, command, T + at * SECOND).events:
            state = apply(state, event)
            events.append(event)
    return Standing(terms=chosen, state=state, recent=tuple(events[-recent:])), events


def _body(standing: Standing, after: int, older: Sequence[Event] = ()) -> RoomJson:
    return msgspec.json.decode(room_json(standing, after=after, now_us=7, older=older).body, type=RoomJson)


def test_newcomer_gets_state_and_log() -> None:
    """Without ``after`` a page gets the state and the log from the beginning, if it is short."""
    standing, _ = _story(3)
    room = _body(standing, 0)

    assert (6, True, START_FEN + 2 * STEP_FEN, "A") == (
        room.n,
        room.complete,
        room.view.price_fen,
        room.view.leader,
    )
    assert [1, 2, 3, 4, 5, 6] == [event.n for event in room.log]


def test_poll_gets_what_came_since() -> None:
    """With ``after`` only later events come; nothing at the end or beyond it."""
    standing, _ = _story(3)

    assert [5, 6] == [event.n for event in _body(standing, 4).log]
    assert ((), True) == (_body(standing, 6).log, _body(standing, 6).complete)
    assert ((), True) == (_body(standing, 99).log, _body(standing, 99).complete)


def test_page_that_was_away_gets_the_fetched_events() -> None:
    """Beyond what is at hand the fetched events are used; without them the gap is told."""
    standing, events = _story(60, recent=10)
    assert lacks(standing, 40)
    assert not lacks(standing, 0)
    assert not lacks(standing, 60)

    assert list(range(41, 64)) == [event.n for event in _body(standing, 40, events[40:]).log]
    assert (False, 10) == (_body(standing, 40).complete, len(_body(standing, 40).log))


def test_answer_may_be_kept_for_a_second_and_is_the_same_for_all() -> None:
    """The answer is public, one second old at most, and does not change with the clock; who has it gets 304 (bid-core 18)."""
    standing, _ = _story(2)
    first, later = (room_json(standing, after=3, now_us=now) for now in (1, 2))
    again = room_json(standing, after=3, now_us=9, if_none_match=f'"x", W/{first.headers["ETag"]}')
    more, _ = _story(3)

    assert first.body == later.body
    assert "public, max-age=1" == first.headers["Cache-Control"]
    assert (304, b"", "9") == (again.status, again.body, again.headers[TIME_HEADER])
    assert first.headers["ETag"] != room_json(more, after=3, now_us=1).headers["ETag"]
    assert TIME_HEADER not in room_json(standing, after=3, now_us=0).headers


def test_poll_tells_the_increment_of_now_and_above_what_is_asked() -> None:
    """Who polls sees the same ladder as who has a socket; a plain session says nothing of options."""
    options = Options(confirm_steps=3, growth=(Growth(after_extensions=1, times=2),))
    chosen = msgspec.structs.replace(terms(), options=options)
    state = apply(None, decide(None, OpenSession(terms=chosen), T).events[0])
    state = apply(state, decide(state, Admit(admission=admission("A")), T).events[0])
    bid = PlaceBid(bid_id=BidId("1"), code=BidderCode("A"), amount_fen=START_FEN)
    state = apply(state, decide(state, bid, END - SECOND).events[0])
    view = _body(Standing(terms=chosen, state=state, recent=()), 0).view

    assert (view.increment_fen, view.floor_fen, view.extensions) == (2 * STEP_FEN, START_FEN + 2 * STEP_FEN, 1)
    assert view.confirm_above_fen == START_FEN + 6 * STEP_FEN
    plain = room_json(_story(2)[0], after=0, now_us=1).body
    assert not any(word in plain for word in (b"confirm", b"extensions"))


def test_no_bid_id_is_shown() -> None:
    """Nothing of what a bidder's page chose is in the public answer."""
    assert b"secret" not in room_json(_story(2)[0], after=0, now_us=1).body
