"""HTTP lines, the cache before a site, and what pollers keep; against a site that is not ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from auction.kernel.ids import LotId, RoundId, SessionId, new_id
from bidding.rooms.show import view_of
from bidding.rooms.spectators import RoomJson
from bidding.rooms.wire import Shown
from bidding.rules.session import SPC_2016, BidderCode, SessionTerms
from loadtests.http_lines import Site
from loadtests.lot import Lot
from loadtests.pollers import Cache, Poller, Straight


class StrangeSite:
    """Answers what it is told to; counts requests and connections, and closes a line when asked to."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.connections = 0
        self.answer = (
            b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: public, max-age=60\r\nETag: "1"\r\n\r\nok'
        )
        self.hangs_up_after = 10**9
        self.writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            for number in range(1, 1_000):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                writer.write(self.answer)
                if number >= self.hangs_up_after:
                    break
        writer.close()


@asynccontextmanager
async def _site() -> AsyncIterator[tuple[StrangeSite, Site]]:
    strange = StrangeSite()
    server = await asyncio.start_server(strange.serve, "127.0.0.1", 0)
    site = Site(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield strange, site
    finally:
        site.close()
        for writer in strange.writers:
            writer.close()
        server.close()
        await server.wait_closed()


async def test_line_is_kept_for_the_next_request() -> None:
    """Requests one after the other use one connection."""
    async with _site() as (strange, site):
        answers = [await site.get("/a"), await site.get("/b")]

        assert [(one.status, one.body) for one in answers] == [(200, b"ok")] * 2
        assert strange.connections == 1


async def test_line_that_was_closed_between_requests_is_opened_anew() -> None:
    """A site may close a line that stands idle: the request is sent once more on a new one."""
    async with _site() as (strange, site):
        strange.hangs_up_after = 1
        answers = [await site.get(f"/{number}") for number in range(3)]

        assert [one.status for one in answers] == [200, 200, 200]
        assert strange.connections >= 3


async def test_post_names_its_token() -> None:
    """What is posted carries the headers that it was given, and no body."""
    async with _site() as (strange, site):
        await site.post("/api/x", headers={"Authorization": "Bearer t"})

        assert strange.heads[0].startswith("POST /api/x HTTP/1.1\r\n")
        assert "Authorization: Bearer t\r\n" in strange.heads[0]
        assert "Content-Length: 0\r\n" in strange.heads[0]


async def test_cache_asks_once_for_all_who_wait() -> None:
    """While an answer is under way, and while it is fresh, the site is asked once."""
    async with _site() as (strange, site):
        cache = Cache(site)
        answers = await asyncio.gather(*(cache.get("/r") for _ in range(20)), cache.get("/other"))

        assert {one.body for one in answers} == {b"ok"}
        assert (cache.asked, len(strange.heads)) == (2, 2)


async def test_cache_asks_again_with_the_tag_of_a_stale_answer() -> None:
    """What is stale is asked for with its ETag; 304 keeps the body."""
    async with _site() as (strange, site):
        strange.answer = strange.answer.replace(b"max-age=60", b"max-age=0")
        cache = Cache(site)
        await cache.get("/r")
        strange.answer = b'HTTP/1.1 304 Not Modified\r\nCache-Control: public, max-age=60\r\nETag: "1"\r\n\r\n'
        again = await cache.get("/r")

        assert (again.status, again.body) == (200, b"ok")
        assert 'If-None-Match: "1"' in strange.heads[1]


def _room(lot: Lot, *numbers: int, complete: bool = True) -> bytes:
    terms = lot.terms
    log = tuple(Shown(n=n, event="admitted", at_us=0) for n in numbers)
    room = RoomJson(
        lot_id=terms.lot_id,
        session_id=terms.session_id,
        n=numbers[-1] if numbers else 0,
        view=view_of(terms, None),
        log=log,
        complete=complete,
    )
    body = msgspec.json.encode(room)
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _lot() -> Lot:
    terms = SessionTerms(
        session_id=SessionId(new_id()),
        lot_id=LotId(new_id()),
        round_id=RoundId(new_id()),
        rules=SPC_2016,
        start_price_fen=100,
        increment_fen=1,
        opens_at_us=1,
        closes_at_us=2,
    )
    return Lot(terms=terms, codes=(BidderCode("A"), BidderCode("B")))


async def test_poller_keeps_what_it_was_shown_in_order() -> None:
    """It asks after the number that it knows; a gap that the site does not fill begins a new record."""
    lot = _lot()
    poller = Poller(lot)
    async with _site() as (strange, site):
        for numbers, complete in (((1, 2), True), ((3,), True), ((8, 9), False)):
            strange.answer = _room(lot, *numbers, complete=complete)
            assert await poller.poll(Straight(site))

        assert [[seen.n for seen in record.seen] for record in poller.records] == [[1, 2, 3], [8, 9]]
        assert [head.split()[1].partition("=")[2] for head in strange.heads] == ["0", "2", "3"]


async def test_poll_waits_for_the_one_before() -> None:
    """Polls that fall due while the site is slow are asked one after the other: nothing is shown twice."""
    lot = _lot()
    poller = Poller(lot)
    async with _site() as (strange, site):
        strange.answer = _room(lot, 1, 2)
        assert all(await asyncio.gather(*(poller.poll(Straight(site)) for _ in range(3))))

        assert [seen.n for seen in poller.records[0].seen] == [1, 2]
        assert [head.split()[1].partition("=")[2] for head in strange.heads] == ["0", "2", "2"]


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_poll_that_fails_is_said(status: int) -> None:
    """Whatever is not 200 counts as a failed poll and changes nothing."""
    poller = Poller(_lot())
    async with _site() as (strange, site):
        strange.answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()

        assert not await poller.poll(Straight(site))
        assert poller.records[0].seen == []
