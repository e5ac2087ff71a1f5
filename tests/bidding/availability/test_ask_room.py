"""Whose fault it is that a probe was turned away: its own only as long as nobody has ever let it in (bid-core 23)."""

from __future__ import annotations

import asyncio
import http
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from auction.kernel.ids import new_id
from bidding.availability import ask_room
from bidding.availability.ask_room import NOT_MEASURED, AskedRoom, Way
from bidding.availability.signed_spans import ProbeKey
from bidding.rooms.wire import Close
from tests.bidding.journal.world import eventually

KEY = ProbeKey(b"\x0c" * 32)


@asynccontextmanager
async def turned_away_with(code: int) -> AsyncIterator[str]:
    """A door that turns everybody away: with a status of HTTP, or after the first frame with a close code."""

    def judge(connection: ServerConnection, _request: Request) -> Response | None:
        return connection.respond(http.HTTPStatus(code), "") if code < 1000 else None

    async def handle(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.close(code)

    async with serve(handle, "127.0.0.1", 0, process_request=judge) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/room"


@pytest.mark.parametrize("was_let_in", [False, True])
@pytest.mark.parametrize("code", [403, 404, Close.TICKET_REFUSED])
async def test_refusal_is_our_own_fault_only_before_we_were_ever_let_in(
    monkeypatch: pytest.MonkeyPatch, code: int, *, was_let_in: bool
) -> None:
    """Before, our settings may be wrong: not measured. Once let in, the same refusal is what bidders meet: a bad probe."""
    monkeypatch.setattr(ask_room, "ANSWER_S", 0.3)
    async with turned_away_with(code) as url:
        way = Way(gateway_url=url, site_url="https://example.test", key=KEY, was_let_in=was_let_in)
        room = AskedRoom(way, lot_id=new_id(), session_id=new_id())
        keeping = asyncio.create_task(room.keep())
        wanted = f"refused_{int(code)}" if was_let_in else NOT_MEASURED

        async def found() -> bool:
            answer = await room.ask()
            return answer is not None and answer[0] == wanted

        try:
            await eventually(found, 20)
        finally:
            keeping.cancel()

    assert room.is_refused is not was_let_in
