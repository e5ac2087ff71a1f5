"""The room for pages without a socket: JSON that they poll and that a cache may keep for a second (bid-core 18)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import LotId, SessionId
from auction.sale.disclosure.public_lots import card_of
from bidding.live.library import Live
from bidding.live.read_room import read_shard
from bidding.rooms.spectators import lacks, room_json
from bidding.rooms.wire import EVENTS_LIMIT, LOG_LIMIT
from web.auth.guards import PUBLIC
from web.injected import TheDb, TheWiring
from web.pages.wired import live_of
from web.room_gateway import RoomJournal

SEQUENCE_DIGITS = 12


@get("/lots/{lot_id:uuid}/room", opt=dict(PUBLIC), include_in_schema=False)
async def poll_room(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring
) -> Response[bytes]:
    """Give the committed room and what happened after the number that the page knows."""
    live = live_of(wiring)
    async with db.reading() as tx:
        session_id = SessionId((await card_of(tx, lot_id)).session_id)
    after = _number(request.query_params.get("after", "0"))
    journal = RoomJournal(db, live)
    standing = await journal.standing(session_id, recent=LOG_LIMIT)
    older = await journal.events_after(session_id, after, limit=EVENTS_LIMIT) if lacks(standing, after) else ()
    answer = room_json(
        standing,
        after=after,
        now_us=await _room_time(live, LotId(lot_id)),
        older=older,
        if_none_match=request.headers.get("if-none-match", ""),
    )
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    return Response(answer.body, status_code=answer.status, headers=headers, media_type="application/json")


async def _room_time(live: Live, lot_id: LotId) -> int:
    """Give the room's clock, zero while Redis is away."""
    with suppress(FaultOfOthers):
        head = await read_shard(live, live.shard_of(lot_id))
        return 0 if head is None else head.now_us
    return 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= SEQUENCE_DIGITS else 0
