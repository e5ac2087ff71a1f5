"""Record the panel's decision on a listing, when all have voted."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.lots import store
from auction.sale.lots.lots import LotState, check_move


class DecideListing(Command, frozen=True, kw_only=True):
    """Close the vote on the present listing of this lot."""

    lot_id: UUID


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves the closed file."""

    lot_id: UUID
    version: int
    approved: bool


async def decide_listing(db: Database, actor: Actor, command: DecideListing) -> Decision:
    """Count the votes: approved moves the lot to *decided*, else back to *draft*.

    Raises: `VotesOutstanding`, `MoveNotAllowed`, `LotUnknown`. Source: 网拍 27; CPL 45.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CLERK)

    async def work(tx: Transaction) -> Decision:
        lot = await store.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.DECIDED)
        listing = await store.listing_row(tx, lot)
        question = await store.open_question(tx, listing.question_id)
        approved = await store.decide_question(tx, question)
        await store.move_lot(tx, lot, LotState.DECIDED if approved else LotState.DRAFT, actor)
        return Decision(lot_id=lot.lot_id, version=listing.version, approved=approved)

    return await db.carry_out(actor, command, work, Decision)
