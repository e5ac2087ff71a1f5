"""State one's own limit for a registration: own money, and whether the room shall refuse what is above the limit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits import store as deposits
from auction.fund.loans.limit_store import limit_held, newest_limit
from auction.fund.loans.limits import LIMITS_MOST, LimitsTooMany, OwnLimit, check_own_money, effective_at
from auction.fund.loans.loans import LoanUnknown
from auction.fund.loans.tables import SpendingLimitRow
from auction.fund.loans.tell_room import tell_of_limit
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction


class SetSpendingLimit(Command, frozen=True, kw_only=True):
    """State own money, and whether the room shall hold the bidder to his limit."""

    registration_id: UUID
    own_fen: int
    enforced: bool


class LimitSet(msgspec.Struct, frozen=True, kw_only=True):
    """From when the statement holds; the amounts are his and are not repeated."""

    effective_at: datetime


async def set_spending_limit(db: Database, actor: Actor, command: SetSpendingLimit) -> LimitSet:
    """State a limit (`limits` 1 to 4).

    Raises `DepositUnknown`, `LoanUnknown` (another's registration), `OwnMoneyMalformed`, `LimitsTooMany`.
    """
    require_role(actor, Role.BIDDER)
    check_own_money(command.own_fen)

    async def work(tx: Transaction) -> LimitSet:
        await tx.lock(f"spending-limit:{command.registration_id}")
        deposit = await deposits.deposit_of_registration(tx, command.registration_id)
        if deposit.person_id != actor.person_id:
            raise LoanUnknown(registration_id=command.registration_id)
        newest = await newest_limit(tx, command.registration_id)
        number = 1 if newest is None else newest.number + 1
        if number > LIMITS_MOST:
            raise LimitsTooMany
        stated = OwnLimit(own_fen=command.own_fen, enforced=command.enforced)
        held = await limit_held(tx, command.registration_id)
        holds_at = effective_at(tx.now, held=held, stated=stated)
        row = SpendingLimitRow(
            registration_id=command.registration_id,
            number=number,
            person_id=deposit.person_id,
            content_sealed=tx.sealer.seal(msgspec.json.encode(stated).decode()),
            set_at=tx.now,
            effective_at=holds_at,
        )
        await deposits.add(tx, row)
        await tell_of_limit(tx, command.registration_id, at=holds_at)
        return LimitSet(effective_at=holds_at)

    return await db.carry_out(actor, command, work, LimitSet)
