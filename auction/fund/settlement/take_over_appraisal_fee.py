"""Take an appraisal's fee over from its statement: what was advanced goes back, the rest is the agency's (参考价 33)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.case_file import APPLICANT, PartyNotOfCase, require_party
from auction.fund.claims.appraisal_dues import (
    AppraisalDues,
    AppraisalPayeeMissing,
    AppraisalPayeeWrong,
    DueFromProceeds,
    FeeNotStated,
    StatedDues,
)
from auction.fund.claims.claims import OFFICERS, ClaimKind
from auction.fund.settlement.record_claim import Origin, RecordClaim, add_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.persons import identity_of

KINDS = {"applicant": ClaimKind.APPRAISAL_ADVANCE, "agency": ClaimKind.SALE_COST}
BASIS = {"applicant": "垫付的评估费（评估费结算单）", "agency": "评估费（评估费结算单）"}


class TakeOverAppraisalFee(Command, frozen=True, kw_only=True):
    """Take over what this appraisal's statement takes from the proceeds; the applicant is who advanced, the agency who appraised.

    ``agency_party_id`` and ``agency_person_id``: needed just where the statement owes the agency something more.
    """

    appraisal_id: UUID
    case_id: UUID
    applicant_party_id: UUID
    applicant_person_id: UUID
    agency_party_id: UUID | None = None
    agency_person_id: UUID | None = None


class FeeTakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that the statement became."""

    claim_ids: tuple[UUID, ...]


async def take_over_appraisal_fee(
    db: Database, actor: Actor, command: TakeOverAppraisalFee, *, appraisal_dues: AppraisalDues
) -> FeeTakenOver:
    """Record the statement's amounts as claims, once, and give them; the plan pays them before everybody.

    Raises `FeeNotStated`, `AppraisalPayeeMissing`, `AppraisalPayeeWrong`, `PartyNotOfCase`, `ClaimTakenAlready`. Source: 参考价 32, 33.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> FeeTakenOver:
        await tx.about_case(command.case_id)
        stated = await appraisal_dues.stated_dues(tx, command.appraisal_id)
        if stated is None or stated.case_id != command.case_id or not stated.dues:
            raise FeeNotStated(appraisal_id=command.appraisal_id)
        return FeeTakenOver(claim_ids=tuple([await _take_over(tx, command, stated, due) for due in stated.dues]))

    return await db.carry_out(actor, command, work, FeeTakenOver)


async def _take_over(tx: Transaction, command: TakeOverAppraisalFee, stated: StatedDues, due: DueFromProceeds) -> UUID:
    party_id, person_id = await _payee(tx, command, stated, due)
    claim = RecordClaim(
        command_id=command.command_id,
        claim_id=named_id("appraisal due", str(command.command_id), due.to),
        case_id=command.case_id,
        party_id=party_id,
        person_id=person_id,
        kind=KINDS[due.to],
        amount_fen=due.amount_fen,
        basis=BASIS[due.to],
        evidence_sha256=stated.statement_sha256,
    )
    source = f"appraisal:{command.appraisal_id}:{due.to}"
    figures = {"appraisal_id": str(command.appraisal_id), "statement_sha256": stated.statement_sha256}
    await add_claim(tx, claim, origin=Origin(source_ref=source, working=figures))
    return claim.claim_id


async def _payee(
    tx: Transaction, command: TakeOverAppraisalFee, stated: StatedDues, due: DueFromProceeds
) -> tuple[UUID, UUID]:
    """Give who is owed: whoever advanced it, or the agency that took the appraisal on, by its credit code."""
    if due.to == "agency":
        if command.agency_party_id is None or command.agency_person_id is None:
            raise AppraisalPayeeMissing(field="agency_party_id")
        party_id, person_id = command.agency_party_id, command.agency_person_id
        await require_party(tx, case_id=command.case_id, party_id=party_id, person_id=person_id)
        if (await identity_of(tx, person_id))[1] not in stated.agency_codes:
            raise AppraisalPayeeWrong(field="agency_party_id")
        return party_id, person_id
    party_id, person_id = command.applicant_party_id, command.applicant_person_id
    party = await require_party(tx, case_id=command.case_id, party_id=party_id, person_id=person_id)
    if party.role != APPLICANT:
        raise PartyNotOfCase(field="applicant_party_id")
    return party_id, person_id
