"""Lift a ban that this court decided itself: a listing as dishonest, or a restriction on consumption."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotFound
from auction.kernel.persons import find_person
from auction.law.identity import IdentityKind, parse_identity
from auction.sale.cases import store
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.parties import PersonKind
from auction.sale.cases.tables import OwnBanLiftingRow
from auction.sale.columns import add


class LiftBan(Command, frozen=True, kw_only=True):
    """Lift the court's own bans of this person on this ground, by this decision."""

    case_id: UUID
    kind: PersonKind
    identity_number: str
    ground: Literal["listed_dishonest", "consumption_restricted"]
    document_ref: str


class NoOwnBan(NotFound):
    """The court has no such ban of its own on this case's file."""

    code = "own_ban_unknown"
    article = "house: a court lifts what it decided"
    zh = "本案没有本院对该人作出的此项决定；其他法院的决定由该法院解除，以名单答复为准。"
    en = "This court decided no such ban in this case; another court lifts its own, and the list's keeper says so."


async def lift_ban(db: Database, actor: Actor, command: LiftBan) -> int:
    """Record the lifting; gives how many bans it ended. It counts at once, for a registration as for the ruling.

    Raises: `NoOwnBan`, `IdentityNumberInvalid`, `CreditCodeInvalid`, `FieldMissing`. Source: 限制消费规定 9.
    """
    require_role(actor, *OFFICERS)
    document_ref = require_text("ban.document_ref", command.document_ref)
    kind = IdentityKind.RESIDENT if command.kind == "natural" else IdentityKind.ORGANISATION
    identity = parse_identity(kind, command.identity_number)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        person_id = await find_person(tx, identity.number)
        rows = [] if person_id is None else await store.own_ban_rows(tx, command.case_id, person_id)
        bans = [row for row in rows if row.ground == command.ground]
        if not bans:
            raise NoOwnBan
        for ban in bans:
            row = OwnBanLiftingRow(
                ban_id=ban.ban_id,
                document_ref=document_ref,
                person_id=actor.person_id,
                account_id=actor.account_id,
                lifted_at=tx.now,
            )
            await add(tx, row)
        return len(bans)

    return await db.carry_out(actor, command, work, int)
