"""Declare joint bidders behind one's own registration: shares, one code, one deposit."""

from __future__ import annotations

import asyncio
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
from auction.sale.guards.applications import Fact, Outcome, applied
from auction.sale.guards.joint import JointBidderNotAllowed, JointBiddersTooLate, JointMember, require_whole
from auction.sale.guards.record_refusal import record_refusal
from auction.sale.guards.tables import JointMemberRow
from auction.sale.links.store import same_person_group
from auction.sale.lots.tables import LotRow, RoundRow
from auction.sale.registers.ask_lists import ask_before
from auction.sale.registers.check_lists import check_lists, standing_bans
from auction.sale.registers.declared_store import is_declared
from auction.sale.registers.lists import NO_KEEPERS, Keepers, ListsAnswer
from auction.sale.registers.store import name_subject
from auction.sale.rounds import store
from auction.sale.rounds.bidders import JOINT, RegistrationUnknown
from auction.sale.rounds.one_code import WITHDRAWN
from auction.sale.rounds.tables import RegistrationRow


class DeclareJointBidders(Command, frozen=True, kw_only=True):
    """Declare these joint bidders, oneself among them; ``document_ref`` names their agreement on file."""

    registration_id: UUID
    members: tuple[JointMember, ...]
    document_ref: str


async def declare_joint_bidders(
    db: Database, actor: Actor, command: DeclareJointBidders, *, lists: Keepers = NO_KEEPERS
) -> UUID:
    """Keep the declaration, once, before the bidding opens; refusals by the guard are kept too.

    The keepers of the lists are asked about each member before it, outside any transaction, and again until they answer; what
    is unknown refuses nobody. Nobody is asked about for a declaration that cannot stand.

    Raises: `RegistrationUnknown`, `JointSharesWrong`, `JointBiddersTooLate`, `JointBidderNotAllowed`, `IdentityNumberInvalid`,
    `CreditCodeInvalid`, `NameMalformed`, `FieldMissing`. Source: 网拍 14, 18, 34; 民法典 969, 970.
    """
    require_role(actor, Role.BIDDER)
    document_ref = require_text("document_ref", command.document_ref)
    held = await db.transact(lambda tx: _own(tx, actor, command.registration_id))
    await _ask_about_members(db, actor, command, lists)

    async def work(tx: Transaction) -> UUID:
        round_row, lot = await store.open_round(tx, held.round_id)
        row = await _own(tx, actor, command.registration_id)
        number = await _require_in_time(tx, row, round_row, command)
        unknown = 0
        for place, member in enumerate(command.members, start=1):
            if member.identity.number == number:
                continue
            listed = await _lists_of(tx, row, lot, member)
            if listed.outcome == "refused" or not await _may_join(tx, row, lot, member):
                raise JointBidderNotAllowed(number=place)
            unknown += listed.outcome == "unknown"
        await _keep(tx, actor, row, command, document_ref, unknown=unknown)
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


async def _require_in_time(
    tx: Transaction, row: RegistrationRow, round_row: RoundRow, command: DeclareJointBidders
) -> str:
    """Refuse what is no declaration, or comes too late, and give the registrant's number."""
    _, number = await identity_of(tx, row.person_id)
    require_whole(command.members, registrant=number)
    declared = await tx.session.get(JointMemberRow, (row.registration_id, 1))
    if tx.now >= round_row.opens_at or row.state in WITHDRAWN or declared is not None:
        raise JointBiddersTooLate
    return number


async def _ask_about_members(db: Database, actor: Actor, command: DeclareJointBidders, lists: Keepers) -> None:
    """Ask the keepers about every member but the registrant, who was asked about when he registered."""

    async def name_them(tx: Transaction) -> tuple[UUID, list[UUID]]:
        row = await _own(tx, actor, command.registration_id)
        round_row, _ = await store.open_round(tx, row.round_id)
        number = await _require_in_time(tx, row, round_row, command)
        return row.lot_id, [
            await _subject(tx, row, member) for member in command.members if member.identity.number != number
        ]

    if not lists:
        return
    try:
        lot_id, subjects = await db.transact(name_them)
    except Refusal:
        return  # the declaration itself is refused for it, and that refusal is kept
    await asyncio.gather(
        *(ask_before(db, lists, lot_id=lot_id, person_id=subject, moment="registration") for subject in subjects)
    )


async def _subject(tx: Transaction, row: RegistrationRow, member: JointMember) -> UUID:
    return await name_subject(tx, registration_id=row.registration_id, kind=member.kind, number=member.identity.number)


async def _lists_of(tx: Transaction, row: RegistrationRow, lot: LotRow, member: JointMember) -> ListsAnswer:
    """Say what the keepers answered about a member for this declaration."""
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    return await check_lists(tx, await _subject(tx, row, member), AssetClass(asset.asset_class))


async def _may_join(tx: Transaction, row: RegistrationRow, lot: LotRow, member: JointMember) -> bool:
    """Whether he may bid by law and takes part nowhere else in this lot (rule 3 of `joint`)."""
    identity = member.identity
    if identity.kind is IdentityKind.RESIDENT and not _is_capable(identity.birth_date, local_day(tx.now)):
        return False
    commitment = identity_commitment(tx, identity.number)
    if await guards.is_joint_member_in(tx, row.round_id, commitment):
        return False
    if await is_declared(tx, lot.case_id, commitment):
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
    bans = await standing_bans(tx, lot.case_id, person_id)
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
    tx: Transaction,
    actor: Actor,
    row: RegistrationRow,
    command: DeclareJointBidders,
    document_ref: str,
    *,
    unknown: int,
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
    outcome: Outcome = "unknown" if unknown else "passed"
    facts: dict[str, Fact] = {
        "members": len(command.members),
        "lists_unknown": unknown,
        "asked_on": today.isoformat(),
    }
    await guards.keep(
        tx,
        actor,
        [] if guard is None else [applied(guard, outcome, **facts)],
        command_id=command.command_id,
        place="registration",
        case_id=row.case_id,
        lot_id=row.lot_id,
        person_id=actor.person_id,
    )
