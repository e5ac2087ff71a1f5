"""A room for those who have no socket: JSON that a browser polls and a CDN may keep for a second (bid-core 18). Pure.

1. Everybody gets the same bytes for the same session, number and state: no code of the asker, no time of the answer.
2. The ETag names session, number and state; who has it gets 304 without a body.
3. The room's time travels in the header ``Room-Time-Us`` (also with 304), so that a countdown needs no body. A page adds
   the age that a cache reports.
4. A page that polls with ``after`` gets the events after that number, or the last ones when it lacks too many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from bidding.rooms.journal_port import Standing
from bidding.rooms.show import show, view_of
from bidding.rooms.wire import EVENTS_LIMIT, LOG_LIMIT, Shown, View
from bidding.rules.session import Event

MAX_AGE_S: Final = 1
TIME_HEADER: Final = "Room-Time-Us"
_encoder = msgspec.json.Encoder()


class RoomJson(msgspec.Struct, frozen=True, kw_only=True):
    """What a polling page gets: the fields that it knows from ``snapshot`` and ``events``."""

    lot_id: UUID
    session_id: UUID
    n: int
    view: View
    log: tuple[Shown, ...]
    complete: bool
    """Whether ``log`` continues the asker's ``after`` without a gap."""


class RoomAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer, for the site to send as it is."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def room_json(
    standing: Standing,
    *,
    after: int,
    now_us: int,
    older: Sequence[Event] = (),
    if_none_match: str = "",
) -> RoomAnswer:
    """Answer ``GET …/room?after=n``.

    ``standing`` is what `bidding.rooms.journal_port.Journal.standing` gives; ``older`` are the events after ``after``
    (at most `EVENTS_LIMIT`), needed only if `lacks` says that ``standing.recent`` does not reach back so far. ``now_us``
    is the room's clock (`bidding.live.read_room.read_shard`), zero if Redis is away: then no time is told.
    """
    assert after >= 0, "a page has seen no negative event"
    n = standing.state.seq if standing.state else 0
    log, complete = _log(standing, after, n, older)
    room = RoomJson(
        lot_id=standing.terms.lot_id,
        session_id=standing.terms.session_id,
        n=n,
        view=view_of(standing.terms, standing.state),
        log=log,
        complete=complete,
    )
    etag = f'"{standing.terms.session_id}-{n}-{min(after, n)}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={MAX_AGE_S}",
        "Content-Type": "application/json; charset=utf-8",
    }
    if now_us:
        headers[TIME_HEADER] = str(now_us)
    if etag in _etags(if_none_match):
        return RoomAnswer(status=304, body=b"", headers=headers)
    return RoomAnswer(status=200, body=_encoder.encode(room), headers=headers)


def lacks(standing: Standing, after: int) -> bool:
    """Whether events after ``after`` must be fetched because ``standing.recent`` begins later, and may be."""
    n = standing.state.seq if standing.state else 0
    first = standing.recent[0].seq if standing.recent else n + 1
    return 0 < after < first - 1 and n - after <= EVENTS_LIMIT


def _log(standing: Standing, after: int, n: int, older: Sequence[Event]) -> tuple[tuple[Shown, ...], bool]:
    if after >= n:
        return (), True
    for events in (standing.recent, older):
        later = [event for event in events if after < event.seq <= n]
        if after and later and later[0].seq == after + 1 and later[-1].seq == n:
            return tuple(map(show, later)), True
    last = standing.recent[-LOG_LIMIT:]
    return tuple(map(show, last)), bool(last) and last[0].seq == 1


def _etags(header: str) -> set[str]:
    return {one.strip().removeprefix("W/") for one in header.split(",")}
