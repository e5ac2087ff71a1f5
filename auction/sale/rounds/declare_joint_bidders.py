"""Declare joint bidders behind one's own registration: shares, one code, one deposit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.persons import find_person, identity_commitment, identity_of
from auction.law.guards import GUARDS
from auction.law.identity import IdentityKind, check_full_capacity
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.bans import any_holds
from auction.sale.cases.cases import require_text
from auction.sale.cases.parties import check_name
from auction.sale.columns import add
from auction.sale.guards import store as guards
from auction.sale.guards.applications import applied
from auction.sale.guards.joint import JointBidderNotAllowed, JointBiddersTooLate, JointMember, require_whole
from auction.sale.guards.record_refusal import record_refusal
from auction.sale.guards.tables import JointMemberRow
from auction.sale.links.store import same_person_group
from auction.sale.lots.tables import LotRow
from auction.sale.registers.check_lists import standing_bans
from auction.sale.rounds import store
from auction.sale.rounds.bidders import JOINT, RegistrationUnknown
from auction.sale.rounds.one_code import WITHDRAWN
from auction.sale.rounds.tables import RegistrationRow


class DeclareJointBidders(Command, frozen=True, kw_only=True):
    """Declare these joint bidders, oneself among them; ``document_ref`` names their agreement on file."""

    registration_id: UUID
    members: tuple[JointMember, ...]
    document_ref: str


async def declare_joint_bidders(db: Database, actor: Actor, command: DeclareJointBidders) -> UUID:
    """Keep the declaration, once, before the bidding opens; refusals by the guard are kept too.

    Raises: `RegistrationUnknown`, `JointSharesWrong`, `JointBiddersTooLate`, `JointBidderNotAllowed`, `IdentityNumberInvalid`,
    `CreditCodeInvalid`, `NameMalformed`, `FieldMissing`. Source: 网拍 14, 18, 34; 民法典 969, 970.
    """
    require_role(actor, Role.BIDDER)
    document_ref = require_text("document_ref", command.document_ref)
    held = await db.transact(lambda tx: _own(tx, actor, command.registration_id))

    async def work(tx: Transaction) -> UUID:
        round_row, lot = await store.open_round(tx, held.round_id)
        row = await _own(tx, actor, command.registration_id)
        _, number = await identity_of(tx, actor.person_id)
        require_whole(command.members, registrant=number)
        declared = await tx.session.get(JointMemberRow, (row.registration_id, 1))
        if tx.now >= round_row.opens_at or row.state in WITHDRAWN or declared is not None:
            raise JointBiddersTooLate
        for place, member in enumerate(command.members, start=1):
            if member.identity.number != number and not await _may_join(tx, row, lot, member):
                raise JointBidderNotAllowed(number=place)
        await _keep(tx, actor, row, command, document_ref)
        return row.registration_id

    try:
        return await db.carry_out(actor, command, work, UUID)
    except Refusal as refusal:
        await record_refusal(
            db, actor, refusal, command_id=command.command_id, case_id=held.case_id, lot_id=held.lot_id
        )
        raise


async def _own(tx: Transaction, actor: Actor, registration_id: UUID) -> RegistrationRow:
    row = await store.registration_row(tx, registration_id)
    if row.person_id != actor.person_id:
        raise RegistrationUnknown(registration_id=registration_id)
    return row


async def _may_join(tx: Transaction, row: RegistrationRow, lot: LotRow, member: JointMember) -> bool:
    """Whether he may bid by law and takes part nowhere else in this lot (rule 3 of `joint`)."""
    identity = member.identity
    if identity.kind is IdentityKind.RESIDENT and not _is_capable(identity.birth_date, local_day(tx.now)):
        return False
    commitment = identity_commitment(tx, identity.number)
    if await guards.is_joint_member_in(tx, row.round_id, commitment):
        return False
    if await guards.is_agent_of_other(tx, row.round_id, commitment, registration_id=row.registration_id):
        return False
    person_id = await find_person(tx, identity.number)
    return person_id is None or await _person_may_join(tx, row, lot, person_id)


def _is_capable(birth: date, today: date) -> bool:
    try:
        check_full_capacity(birth, today)
    except Refusal:
        return False
    return True


async def _person_may_join(tx: Transaction, row: RegistrationRow, lot: LotRow, person_id: UUID) -> bool:
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    bans = await standing_bans(tx, await cases.bans_of(tx, lot.case_id, person_id), person_id)
    if any_holds(bans, AssetClass(asset.asset_class)) or await store.is_of_court(tx, lot.case_id, person_id):
        return False
    if await store.has_defaulted(tx, lot.lot_id, person_id):
        return False
    for one in {person_id, *await same_person_group(tx, person_id)} - {row.person_id}:
        other = await store.registration_of(tx, row.round_id, one)
        if other is not None and other.state not in WITHDRAWN:
            return False
    return True


async def _keep(
    tx: Transaction, actor: Actor, row: RegistrationRow, command: DeclareJointBidders, document_ref: str
) -> None:
    for place, member in enumerate(command.members, start=1):
        checked = msgspec.structs.replace(member, name=check_name(member.name), identity_number=member.identity.number)
        await add(
            tx,
            JointMemberRow(
                registration_id=row.registration_id,
                number=place,
                round_id=row.round_id,
                commitment=identity_commitment(tx, checked.identity_number),
                member_sealed=tx.sealer.seal(msgspec.json.encode(checked).decode()),
                share_bp=checked.share_bp,
                document_ref=document_ref,
                declared_at=tx.now,
            ),
        )
    today = local_day(tx.now)
    guard = next((one for one in GUARDS.in_force(today, "registration") if one.number == JOINT), None)
    await guards.keep(
        tx,
        actor,
        [] if guard is None else [applied(guard, "passed", members=len(command.members), asked_on=today.isoformat())],
        command_id=command.command_id,
        place="registration",
        case_id=row.case_id,
        lot_id=row.lot_id,
        person_id=actor.person_id,
    )
