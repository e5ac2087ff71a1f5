"""Record a claim on the proceeds of a case, or withdraw one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from auction.fund.case_file import APPLICANT, require_party
from auction.fund.case_seizures import (
    SeizedSince,
    chain_of,
    held_since,
    own_seizure,
    require_seizure_of,
    seizures_on_file,
)
from auction.fund.claims.claims import (
    OFFICERS,
    TAKEN_OVER,
    ClaimIncomplete,
    ClaimKind,
    ClaimOfTaxOffice,
    ClaimTakenOver,
    ClaimUnknown,
    RewardWithoutApplicant,
    require_complete,
    require_place,
    require_source,
)
from auction.fund.claims.store import claim_rows, claims_of_source, has_recorded_rewards, is_of_tax_office
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.store import add, purchases_of_case
from auction.fund.plans.store import paid_on_claim
from auction.fund.set_offs.set_offs import ClaimSetOff
from auction.fund.set_offs.settle_set_offs import open_set_offs
from auction.fund.settlement.name_assets import name_alike, name_asset, name_debtors
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.law.case_numbers import parse_case_number
from auction.law.construction import require_priority_in_time

INTEREST_ON: Final = "title-interest:"
"""Begins the source of interest by a title; the id of the claim that bears it follows."""


class RecordClaim(Command, frozen=True, kw_only=True):
    """Record this claim.

    ``seizing_number``: the number of the case in which a creditor who is no applicant seized, as his own paper states it.
    ``ranked_on``: day of registration of a security (absent: unregistered), or on which an old tax fell due.
    ``seizure_id``: the seizure in the register under which the creditor seized; day and place are taken from there. An
    ordinary claim of an applicant stands on his case's own seizure by itself. ``seizure_order``: its place in the order of
    seizure, for one that the register does not have (Interp. 514). ``out_of_claim_id``: the applicant's claim out of whose
    share a reward is paid. ``basis``: the title or the reason; ``evidence_sha256``: fingerprint of what proves it.
    ``due_on``, ``used_on``: of a contractor's priority, and of nothing else, the day on which the price fell due and the day on
    which he first used the priority (suit, arbitration, or application to a court).
    ``lot_id``: the lot in which it has its priority, or whose cost it is; needed for a mortgage and a contractor's priority where the case has several.
    ``debtor_party_ids``: the judgment debtors who owe it; none: all of the case.
    """

    claim_id: UUID
    case_id: UUID
    party_id: UUID
    person_id: UUID
    kind: ClaimKind
    amount_fen: int
    basis: str
    evidence_sha256: str
    ranked_on: date | None = None
    seizure_order: int | None = None
    seizure_id: UUID | None = None
    seizing_number: str = ""
    out_of_claim_id: UUID | None = None
    due_on: date | None = None
    used_on: date | None = None
    lot_id: UUID | None = None
    debtor_party_ids: tuple[UUID, ...] = ()


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a claim comes from that the system worked out: what it is taken over from, once, and the figures."""

    source_ref: str
    working: dict[str, Any]


class SeizureOrderDiffers(Conflict):
    """The place that was typed is not that of the register."""

    code = "seizure_order_differs"
    article = "Interp. 514"
    zh = "查封登记中的顺序为第{registered}位，与所填的第{given}位不一致；查封顺序以登记为准，不必另填。"
    en = "The register has this seizure in place {registered}, not {given}; the register counts, nothing need be typed."


class ClaimTakenAlready(Conflict):
    """What the claim comes from is a recorded claim already."""

    code = "claim_taken_already"
    article = "house: nothing is paid twice"
    zh = "该款项已经登记为债权，不得重复登记。"
    en = "This is recorded as a claim already; it is not recorded twice."


class RewardsStillRecorded(Conflict):
    """A reward is to be paid out of this claim."""

    code = "rewards_still_recorded"
    article = "财产调查规定 24"
    zh = "尚有悬赏金从该项债权中扣减，请先撤销悬赏金的登记。"
    en = "A reward is to be paid out of this claim; the reward is withdrawn first."


class PriorityDaysInvalid(Malformed):
    """The days of a contractor's priority stand with another claim, or the priority is said to be used in the future."""

    code = "priority_days_invalid"
    article = "建设工程解释 41"
    zh = "应付工程价款之日和主张优先受偿权之日仅建设工程价款优先权填写，且主张之日不得晚于今天。"
    en = "The due day and the day of use belong to a priority for construction only, and the day of use is not in the future."


class InterestStillRecorded(Conflict):
    """Interest by a title is recorded on this claim."""

    code = "interest_still_recorded"
    article = "迟延利息解释 1"
    zh = "该项债权上尚登记有一般债务利息，请先撤销利息的登记。"
    en = "Interest by a title is recorded on this claim; the interest is withdrawn first."


class WithdrawClaim(Command, frozen=True, kw_only=True):
    """Take a claim off the record; plans already settled stay as they are."""

    claim_id: UUID
    case_id: UUID


async def record_claim(db: Database, actor: Actor, command: RecordClaim) -> UUID:
    """Record a claim and give its id.

    Raises `AmountNotPositive`, `ClaimIncomplete`, `SeizureOrderMalformed`, `PartyNotOfCase`, `ClaimTakenOver`,
    `RewardWithoutApplicant`, `SeizureNotOfCase`, `SeizureOfOther`, `SeizingNumberDiffers`, `SeizureLapsed`,
    `SeizureOrderDiffers`, `CaseNumberMalformed`, `AssetNotNamed`, `LotNotOfCase`, `NotTheDebtor`, `PriorityDaysInvalid`, `ConstructionPriorityLate`, `ParameterNotInForce` (a priority
    used under earlier rules). Source: Interp. 507; 查扣冻 24; 建设工程解释 41.
    """
    require_role(actor, *OFFICERS)
    if command.kind in TAKEN_OVER:
        raise ClaimTakenOver(field="kind")
    require_source(command.kind, out_of_claim_id=command.out_of_claim_id)
    require_complete(command.kind, ranked_on=command.ranked_on)
    require_place(command.seizure_order)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await add_claim(tx, _with_priority(command, today=local_day(tx.now)))
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)


def _with_priority(command: RecordClaim, *, today: date) -> RecordClaim:
    """Check the days of a contractor's priority and write them into the basis, so that the plan shows them; other claims have none."""
    if command.kind is not ClaimKind.CONSTRUCTION:
        if command.due_on is not None or command.used_on is not None:
            raise PriorityDaysInvalid(field="due_on")
        return command
    if command.due_on is None or command.used_on is None:
        raise ClaimIncomplete(
            missing=Said("应付工程价款之日、主张优先受偿权之日", "the due day and the day of use of the priority")
        )
    if command.used_on > today:
        raise PriorityDaysInvalid(field="used_on")
    last = require_priority_in_time(command.due_on, claimed_on=command.used_on)
    days = f"（工程价款应付之日{command.due_on}，{command.used_on}主张优先受偿权，期限至{last}）"
    return msgspec.structs.replace(command, basis=f"{command.basis.strip()}{days}")


async def add_claim(
    tx: Transaction, command: RecordClaim, *, origin: Origin | None = None, follows: ClaimRow | None = None
) -> None:
    """Put the claim on record within the caller's transaction; who claims is compared with the file.

    ``follows``: the claim whose asset, debtors and seizure it shares, the last as it was taken from the register for that one.
    Raises `PartyNotOfCase`, `ClaimTakenAlready`, and what the register of seizures refuses.
    """
    party = await require_party(tx, case_id=command.case_id, party_id=command.party_id, person_id=command.person_id)
    if command.out_of_claim_id is not None:
        await _require_applicants(tx, command.case_id, command.out_of_claim_id)
    if origin is not None:
        await _require_not_taken(tx, command.case_id, origin)
    seized = None if follows is not None else await _seized(tx, command, by_applicant=party.role == APPLICANT)
    place: tuple[UUID | None, date | None] = (None, None) if seized is None else (seized.seizure_id, seized.on)
    order = command.seizure_order if seized is None else seized.order
    if follows is not None:
        place, order = (follows.seizure_id, follows.seized_on), follows.seizure_order
    await add(
        tx,
        ClaimRow(
            claim_id=command.claim_id,
            case_id=command.case_id,
            party_id=command.party_id,
            person_id=command.person_id,
            kind=command.kind.value,
            amount_fen=Money.positive(command.amount_fen).fen,
            ranked_on=command.ranked_on,
            seizure_order=order,
            seizure_id=place[0],
            seized_on=place[1],
            out_of_claim_id=command.out_of_claim_id,
            source_ref=None if origin is None else origin.source_ref,
            working=None if origin is None else origin.working,
            by_applicant=party.role == APPLICANT,
            basis=command.basis,
            evidence_sha256=command.evidence_sha256,
            state="recorded",
            recorded_at=tx.now,
        ),
    )
    if follows is not None:
        await name_alike(tx, command.case_id, command.claim_id, follows.claim_id)
        return
    await name_asset(tx, command.case_id, command.claim_id, command.kind, command.lot_id)
    await name_debtors(tx, command.case_id, command.claim_id, command.debtor_party_ids)


async def _require_not_taken(tx: Transaction, case_id: UUID, origin: Origin) -> None:
    """Refuse what is on record, or what a plan paid before its claim was withdrawn (`ClaimTakenAlready`)."""
    for earlier in await claims_of_source(tx, case_id, origin.source_ref):
        if earlier.state == "recorded" or await paid_on_claim(tx, earlier.claim_id):
            raise ClaimTakenAlready


async def _seized(tx: Transaction, command: RecordClaim, *, by_applicant: bool) -> SeizedSince | None:
    """Take the creditor's seizure from the register: the one that is named, else an applicant's own."""
    if command.seizure_id is None and not (by_applicant and command.kind is ClaimKind.ORDINARY):
        return None
    sales = [purchase.opened_at for purchase in await purchases_of_case(tx, command.case_id)]
    on = local_day(min(sales, default=tx.now))
    register = await seizures_on_file(tx, command.case_id)
    if command.seizure_id is None:
        found = own_seizure(register, on=on)
    else:
        chain = chain_of(register, command.seizure_id)
        taken_by = {row.person_id for row in await claim_rows(tx, command.case_id) if row.seizure_id in chain}
        require_seizure_of(
            register,
            command.seizure_id,
            by_applicant=by_applicant,
            taken_by=taken_by,
            claimant=command.person_id,
            stated=str(parse_case_number(command.seizing_number)) if command.seizing_number.strip() else "",
        )
        found = held_since(register, command.seizure_id, on=on)
    if found is not None and command.seizure_order not in (None, found.order):
        raise SeizureOrderDiffers(field="seizure_order", registered=found.order, given=command.seizure_order)
    return found


async def _require_applicants(tx: Transaction, case_id: UUID, claim_id: UUID) -> None:
    """Refuse a reward out of a claim that is not an applicant's and recorded (`RewardWithoutApplicant`)."""
    row = await tx.session.get(ClaimRow, claim_id, populate_existing=True)
    if row is None or row.case_id != case_id or row.state != "recorded" or not row.by_applicant:
        raise RewardWithoutApplicant(field="out_of_claim_id")


async def withdraw_claim(db: Database, actor: Actor, command: WithdrawClaim) -> UUID:
    """Withdraw a claim and give its id.

    Raises `ClaimUnknown`, `ClaimOfTaxOffice`, `RewardsStillRecorded`, `InterestStillRecorded`, `ClaimSetOff`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        row = await tx.session.get(ClaimRow, command.claim_id)
        if row is None or row.case_id != command.case_id or row.state != "recorded":
            raise ClaimUnknown(claim_id=command.claim_id)
        if await is_of_tax_office(tx, command.claim_id):
            raise ClaimOfTaxOffice(claim_id=command.claim_id)
        if await has_recorded_rewards(tx, command.claim_id):
            raise RewardsStillRecorded(claim_id=command.claim_id)
        if await _bears_interest(tx, row):
            raise InterestStillRecorded(claim_id=command.claim_id)
        if row.person_id in await open_set_offs(tx, command.case_id, paid_only=False):
            raise ClaimSetOff(claim_id=command.claim_id)
        row.state = "withdrawn"
        await tx.session.flush()
        return row.claim_id

    return await db.carry_out(actor, command, work, UUID)


async def _bears_interest(tx: Transaction, row: ClaimRow) -> bool:
    source = f"{INTEREST_ON}{row.claim_id}:"
    return any((each.source_ref or "").startswith(source) for each in await claim_rows(tx, row.case_id))
