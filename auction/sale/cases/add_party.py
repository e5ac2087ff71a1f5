"""Add a party, or somebody else who has a right in the case."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.fund.case_file import note_party
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.kernel.persons import record_person
from auction.law.identity import IdentityKind, parse_identity
from auction.sale.cases import store
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.parties import (
    BuyerNotAddedByHand,
    PartyAlreadyAdded,
    PartyRole,
    PersonKind,
    check_name,
    mask_name,
)
from auction.sale.cases.tables import PartyRow
from auction.sale.columns import add


class AddParty(Command, frozen=True, kw_only=True):
    """Add this person in this role; empty contact texts mean that none is known.

    ``e_service_consent_on`` is the day of consent to electronic service (CPL 90), ``None`` without consent;
    ``claim_fen`` what an applicant is owed; ``consumption_restricted`` whether an order restricts his consumption.
    """

    party_id: UUID
    case_id: UUID
    role: PartyRole
    kind: PersonKind
    name: str
    identity_number: str
    telephone: str = ""
    address: str = ""
    e_service_consent_on: date | None = None
    e_service_address: str = ""
    claim_fen: int | None = None
    consumption_restricted: bool = False


async def add_party(db: Database, actor: Actor, command: AddParty) -> UUID:
    """Record the person, sealed, and his role; gives the party's id.

    Raises: `AmountNotPositive`, `IdentityNumberInvalid`, `CreditCodeInvalid`, `NameMalformed`, `BuyerNotAddedByHand`,
    `PartyAlreadyAdded`, `CaseUnknown`.
    """
    require_role(actor, *OFFICERS)
    if command.role is PartyRole.BUYER:
        raise BuyerNotAddedByHand
    name = check_name(command.name)
    identity = parse_identity(
        IdentityKind.RESIDENT if command.kind == "natural" else IdentityKind.ORGANISATION, command.identity_number
    )

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.case_row(tx, command.case_id)
        person_id = await record_person(
            tx, kind=command.kind, name=name, identity_number=identity.number, masked=mask_name(command.kind, name)
        )
        if await store.party_in_role(tx, command.case_id, person_id, command.role) is not None:
            raise PartyAlreadyAdded
        await add(tx, _row(tx, command, person_id))
        await note_party(
            tx, case_id=command.case_id, party_id=command.party_id, person_id=person_id, role=command.role.value
        )
        return command.party_id

    return await db.carry_out(actor, command, work, UUID)


def _row(tx: Transaction, command: AddParty, person_id: UUID) -> PartyRow:
    consents = command.e_service_consent_on is not None and bool(command.e_service_address.strip())
    return PartyRow(
        party_id=command.party_id,
        case_id=command.case_id,
        person_id=person_id,
        role=command.role.value,
        claim_fen=None if command.claim_fen is None else Money.positive(command.claim_fen).fen,
        consumption_restricted=command.consumption_restricted,
        telephone_sealed=_sealed(tx, command.telephone),
        address_sealed=_sealed(tx, command.address),
        e_service_consent_on=command.e_service_consent_on if consents else None,
        e_service_address_sealed=_sealed(tx, command.e_service_address) if consents else None,
        added_at=tx.now,
    )


def _sealed(tx: Transaction, text: str) -> bytes | None:
    return tx.sealer.seal(text.strip()) if text.strip() else None
