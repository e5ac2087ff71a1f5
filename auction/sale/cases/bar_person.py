"""Bar a person from bidding for property of this case."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.persons import record_person
from auction.law.identity import IdentityKind, parse_identity
from auction.sale.cases import store
from auction.sale.cases.bans import LIFTED_BY_COURT, BanGround
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.parties import PersonKind, check_name, mask_name
from auction.sale.cases.tables import BarredPersonRow, OwnBanRow
from auction.sale.columns import add


class BarPerson(Command, frozen=True, kw_only=True):
    """Put this person on the case's list of those who may not bid; each ground holds for its assets (`bans`).

    ``by_this_court``: the court decided a listing or a restriction itself; else it notes what another list says.
    """

    case_id: UUID
    kind: PersonKind
    name: str
    identity_number: str
    ground: BanGround
    document_ref: str
    by_this_court: bool = False


async def bar_person(db: Database, actor: Actor, command: BarPerson) -> None:
    """Record the ban; the same ban twice is one. Nobody's admission is revoked by it: a buyer's is for the panel.

    A ban that the court decided itself stands until it lifts it (`lift_ban`), whatever keepers of lists answer.

    Raises: `IdentityNumberInvalid`, `CreditCodeInvalid`, `FieldMissing`.
    """
    require_role(actor, *OFFICERS)
    name = check_name(command.name)
    document_ref = require_text("ban.document_ref", command.document_ref)
    identity = parse_identity(
        IdentityKind.RESIDENT if command.kind == "natural" else IdentityKind.ORGANISATION, command.identity_number
    )

    async def work(tx: Transaction) -> None:
        await tx.about_case(command.case_id)
        await store.case_row(tx, command.case_id)
        person_id = await record_person(
            tx, kind=command.kind, name=name, identity_number=identity.number, masked=mask_name(command.kind, name)
        )
        if command.by_this_court and command.ground in LIFTED_BY_COURT:
            await _record_own(tx, command, person_id, document_ref)
            return
        if command.ground not in await store.bans_of(tx, command.case_id, person_id):
            row = BarredPersonRow(
                case_id=command.case_id,
                person_id=person_id,
                ground=command.ground,
                document_ref=document_ref,
                recorded_at=tx.now,
            )
            await add(tx, row)

    await db.carry_out(actor, command, work, type(None))


async def _record_own(tx: Transaction, command: BarPerson, person_id: UUID, document_ref: str) -> None:
    if command.ground in await store.own_bans_of(tx, command.case_id, person_id):
        return
    row = OwnBanRow(
        ban_id=command.command_id,
        case_id=command.case_id,
        person_id=person_id,
        ground=command.ground,
        document_ref=document_ref,
        recorded_at=tx.now,
    )
    await add(tx, row)
