"""People without a socket: they poll ``GET …/room?after=n`` of the site, through a cache as a CDN is, or straight.

1. The cache keeps an answer for as long as the site says (``max-age``), asks again with its ETag, and asks once for all who wait for the
   same address. It adds nothing: what pollers are shown is what the site sent.
2. Each poller says which number it saw last, and keeps what it is shown; the checker compares that with the journal. Where the site says
   that it cannot go on from there, a new record begins, as with a socket.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from bidding.rooms.spectators import RoomJson
from loadtests.http_lines import Answer, Site
from loadtests.lot import Lot
from loadtests.seen import seen_of
from loadtests.told import ClientRecord, Seen

CACHED: Final = 4_096
"""Addresses that the cache keeps, and answers that are read once for all pollers."""
MAX_AGE: Final = re.compile(r"max-age=(\d{1,9})")


@dataclass
class _Kept:
    answer: Answer
    until_s: float


class Cache:
    """A shared cache before a site (rule 1)."""

    def __init__(self, site: Site) -> None:
        """Keep nothing yet."""
        self._site = site
        self._kept: dict[str, _Kept] = {}
        self._asked: dict[str, asyncio.Task[Answer]] = {}
        self.asked = 0
        """Requests that reached the site."""

    async def get(self, path: str) -> Answer:
        """Give a fresh answer: the kept one, or the site's."""
        kept = self._kept.get(path)
        if kept is not None and time.monotonic() < kept.until_s:
            return kept.answer
        task = self._asked.get(path)
        if task is None:
            task = self._asked[path] = asyncio.create_task(self._fetch(path, kept))
            task.add_done_callback(lambda _: self._asked.pop(path, None))
        return await asyncio.shield(task)

    async def _fetch(self, path: str, kept: _Kept | None) -> Answer:
        etag = kept.answer.headers.get("etag", "") if kept is not None else ""
        self.asked += 1
        answer = await self._site.get(path, headers={"If-None-Match": etag} if etag else None)
        if answer.status == 304 and kept is not None:
            answer = kept.answer._replace(headers={**kept.answer.headers, **answer.headers})
        self._kept.pop(path, None)
        if answer.status == 200 and (age := MAX_AGE.search(answer.headers.get("cache-control", ""))):
            while len(self._kept) >= CACHED:
                self._kept.pop(next(iter(self._kept)))
            self._kept[path] = _Kept(answer, time.monotonic() + int(age[1]))
        return answer


class Straight:
    """No cache: every poll reaches the site."""

    def __init__(self, site: Site) -> None:
        """Bind."""
        self._site = site
        self.asked = 0

    async def get(self, path: str) -> Answer:
        """Ask the site."""
        self.asked += 1
        return await self._site.get(path)


class Poller:
    """One person who polls one room (rule 2)."""

    def __init__(self, lot: Lot) -> None:
        """Know nothing yet."""
        self._lot = lot
        self.records = [ClientRecord(lot.terms.session_id, "")]
        self._known = 0
        self._turn = asyncio.Lock()

    async def poll(self, through: Cache | Straight) -> bool:
        """Poll once, after the poll before has its answer, as a page does; false: the site did not answer as it should."""
        async with self._turn:
            return await self._poll(through)

    async def _poll(self, through: Cache | Straight) -> bool:
        answer = await through.get(f"/lots/{self._lot.terms.lot_id}/room?after={self._known}")
        if answer.status != 200:
            return False
        n, complete, seen = _room_of(answer.body)
        if self._known and not complete and n > self._known:
            self.records.append(ClientRecord(self._lot.terms.session_id, ""))
        self.records[-1].seen.extend(event for event in seen if event.n > self._known or not complete)
        self._known = max(n, self._known)
        return True


class Pollers:
    """All pollers of a run."""

    def __init__(self, site: Site, lots: Sequence[Lot], *, number: int, cached: bool) -> None:
        """Spread so many pollers over the lots."""
        self.through: Cache | Straight = Cache(site) if cached else Straight(site)
        self._pollers = [Poller(lots[which % len(lots)]) for which in range(number)]
        self.polls = 0

    @property
    def clients(self) -> list[ClientRecord]:
        """Everything that they were shown."""
        return [record for poller in self._pollers for record in poller.records]

    async def poll(self, number: int) -> bool:
        """Let the next one poll; false: it was not answered as it should be."""
        self.polls += 1
        try:
            return await self._pollers[number % len(self._pollers)].poll(self.through)
        except (OSError, TimeoutError):
            return False


@lru_cache(maxsize=CACHED)
def _room_of(body: bytes) -> tuple[int, bool, tuple[Seen, ...]]:
    """Read an answer once for all pollers who were given the same bytes."""
    room = msgspec.json.decode(body, type=RoomJson)
    return room.n, room.complete, tuple(seen_of(shown) for shown in room.log)
