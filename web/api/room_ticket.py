"""Issue room tickets: to an admitted bidder with his code, to everybody else as a spectator (bid-core 17)."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.params import FromPath

from auction.kernel.actors import Role
from auction.kernel.errors import NotFound
from auction.sale.rounds import store as rounds
from bidding.rooms.tickets import Pass, issue_ticket, ticket_key
from web.auth.guards import PUBLIC, roles
from web.injected import TheActor, TheDb, TheWiring
from web.own_limit import room_limit
from web.visit import visit_of
from web.wiring import Wiring


class RoomTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A one-use ticket, good for thirty seconds, and the address of the room."""

    ticket: str
    gateway_url: str
    lot_id: UUID
    session_id: UUID
    bidder_code: str


class NoRoom(NotFound):
    """The lot has no round, so there is no room to enter."""

    code = "no_room"
    article = "网拍 12"
    zh = "该拍品目前没有竞价现场。"
    en = "This lot has no room at present."


@post(
    "/api/lots/{lot_id:uuid}/room-ticket",
    status_code=200,
    opt=dict(roles(Role.BIDDER)),
    tags=["bidder"],
    operation_id="api_room_ticket",
    summary="Ticket to bid",
)
async def bidder_ticket(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> RoomTicket:
    """Give the caller his ticket; refuses with `NotAdmitted` unless his deposit was confirmed."""
    async with db.reading() as tx:
        right = await rounds.ticket_right(tx, actor.person_id, lot_id)
        limit_fen = await room_limit(tx, actor.person_id, lot_id)
    admits = Pass(
        lot_id=lot_id,
        session_id=right.session_id,
        role="bidder",
        code=right.code,
        origin=wiring.settings.site_url,
        grant=grant_of(request),
        limit_fen=limit_fen,
    )
    return _ticket(wiring, admits)


@post(
    "/api/lots/{lot_id:uuid}/spectator-ticket",
    status_code=200,
    opt={**PUBLIC, "no_form_token": "changes nothing: it admits to what everybody may see"},
    tags=["public"],
    operation_id="api_spectator_ticket",
    summary="Ticket to watch",
)
async def spectator_ticket(lot_id: FromPath[UUID], db: TheDb, wiring: TheWiring) -> RoomTicket:
    """Give anybody a ticket to watch."""
    async with db.reading() as tx:
        round_row = await rounds.newest_round(tx, lot_id)
    if round_row is None:
        raise NoRoom
    admits = Pass(
        lot_id=lot_id,
        session_id=round_row.session_id,
        role="spectator",
        code="",
        origin=wiring.settings.site_url,
        grant="",
    )
    return _ticket(wiring, admits)


def grant_of(request: Request[Any, Any, Any]) -> str:
    """Name the sign-in of this request, so that its end revokes what it was given; nobody can read it back."""
    session_hash = visit_of(request).session_hash
    return "" if session_hash is None else grant_name(session_hash)


def grant_name(session_hash: bytes) -> str:
    """Give the opaque name of a sign-in."""
    return hashlib.sha256(b"grant " + session_hash).hexdigest()


def _ticket(wiring: Wiring, admits: Pass) -> RoomTicket:
    key = ticket_key(wiring.settings.ticket_key)
    settings = wiring.settings
    watches_apart = admits.role == "spectator" and settings.spectator_url
    return RoomTicket(
        ticket=issue_ticket(key, admits, now=wiring.real_now()),
        gateway_url=settings.spectator_url if watches_apart else settings.gateway_url,
        lot_id=admits.lot_id,
        session_id=admits.session_id,
        bidder_code=admits.code,
    )


ROOM_TICKETS = (bidder_ticket, spectator_ticket)
