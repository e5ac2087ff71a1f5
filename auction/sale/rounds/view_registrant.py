"""Let the named clerk see who registered, never under which code; each look is logged (practice 34)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.persons import name_of
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.notices import beijing
from auction.sale.lots.sell_off import to_take_part
from auction.sale.lots.tables import ListingRow, RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.bidders import SealedAgent
from auction.sale.rounds.tables import RegistrantViewRow, RegistrationRow

SHOWN_FOR = timedelta(minutes=10)
"""For so long a call whose answer was lost may be repeated under the same row of the log."""

Purpose = Literal["agent", "first_refusal", "joint_bidding", "exemption", "eligibility"]


class ViewRegistrant(Command, frozen=True, kw_only=True):
    """Look at this registrant for this lawful purpose."""

    view_id: UUID
    registration_id: UUID
    purpose: Purpose


class LookIsOver(Conflict):
    """This look was taken a while ago; a repeated call shows what it showed only for `SHOWN_FOR`."""

    code = "registrant_look_is_over"
    article = "house: each look at a registrant is logged (practice 34)"
    zh = "该次查阅已于 {viewed_at} 完成；再次查阅须另行登记。"
    en = "This look was taken at {viewed_at}; to look again, log another one."


class Registrant(msgspec.Struct, frozen=True, kw_only=True):
    """Who registered; there is no code here. ``agent_name`` is empty without an agent."""

    registration_id: UUID
    person_id: UUID
    name: str
    agent_name: str
    agent_confirmed: bool
    agent_document_ref: str
    undertook_eligibility: bool
    deposit_is_reduced: bool
    registered_at: datetime


async def view_registrant(db: Database, actor: Actor, command: ViewRegistrant) -> Registrant:
    """Log the look, then open the names. Raises: `RegistrationUnknown`, `LookIsOver`. Source: 网拍 14, 17–19.

    The log is committed before anything is shown; the names are no part of the stored result.
    """
    require_role(actor, Role.CLERK)

    async def log(tx: Transaction) -> UUID:
        found = await store.registration_row(tx, command.registration_id)
        await tx.about_case(found.case_id)
        row = RegistrantViewRow(
            view_id=command.view_id,
            registration_id=command.registration_id,
            account_id=actor.account_id,
            person_id=actor.person_id,
            purpose=command.purpose,
            viewed_at=tx.now,
        )
        await add(tx, row)
        return command.view_id

    await db.carry_out(actor, command, log, UUID)
    return await db.transact(lambda tx: _shown(tx, command))


async def _shown(tx: Transaction, command: ViewRegistrant) -> Registrant:
    look = await tx.session.get_one(RegistrantViewRow, command.view_id)
    if tx.now > look.viewed_at + SHOWN_FOR:
        raise LookIsOver(viewed_at=beijing(look.viewed_at))
    return await _registrant(tx, command.registration_id)


async def _agent_name(tx: Transaction, row: RegistrationRow) -> str:
    if row.agent_sealed is not None:
        return msgspec.json.decode(tx.sealer.open(row.agent_sealed), type=SealedAgent).name
    return "" if row.agent_person_id is None else await name_of(tx, row.agent_person_id)


async def _registrant(tx: Transaction, registration_id: UUID) -> Registrant:
    row = await store.registration_row(tx, registration_id)
    round_row = await tx.session.get_one(RoundRow, row.round_id)
    terms = lots.terms_of(await tx.session.get_one(ListingRow, (round_row.lot_id, round_row.version)))
    return Registrant(
        registration_id=registration_id,
        person_id=row.person_id,
        name=await name_of(tx, row.person_id),
        agent_name=await _agent_name(tx, row),
        agent_confirmed=row.agent_confirmed_at is not None,
        agent_document_ref=row.agent_document_ref,
        undertook_eligibility=row.undertook_eligibility,
        deposit_is_reduced=row.deposit_fen < to_take_part(terms, on=local_day(row.registered_at)).fen,
        registered_at=row.registered_at,
    )
