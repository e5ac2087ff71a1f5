"""Send a case to the bankruptcy court: it stands still from then on (stays); its answer is recorded here too, on two persons' words."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.bankruptcy.bankruptcy import (
    AlreadyReferred,
    ConsentNotOfParty,
    DebtorKind,
    ReferralUnknown,
    answer_by,
    require_answer_day,
    require_referable,
)
from auction.fund.bankruptcy.estate import of_others
from auction.fund.case_file import parties_proper, require_debtor, require_document
from auction.fund.deposits.store import add
from auction.fund.payouts.void_disbursements import void_disbursements_of_case
from auction.fund.stays.stays import answer_of, last_referral
from auction.fund.stays.tables import BankruptcyAnswerRow, BankruptcyReferralRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed

REFERRAL = "bankruptcy_referral"
STAY = "stay_ruling"
TEXT_MOST = 2_000
CONSENTS_MOST = 50


class FindingMissing(Malformed):
    """The court states why the debtor cannot pay all, and which court it asks."""

    code = "bankruptcy_finding_missing"
    article = "Interp. 511"
    zh = "请填写被执行人不能清偿全部债务的认定和受移送法院。"
    en = "State why the debtor cannot pay all, and the court that is asked."


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A party's written consent."""

    party_id: UUID
    document_sha256: str


class ReferToBankruptcy(Command, frozen=True, kw_only=True):
    """Send the case; ``finding``: why the debtor cannot pay all. Both documents are sealed; the file is sent today."""

    referral_id: UUID
    case_id: UUID
    debtor_party_id: UUID
    debtor_person_id: UUID
    debtor_kind: DebtorKind
    is_insolvent: bool
    finding: str
    consents: tuple[Consent, ...]
    bankruptcy_court: str
    referral_document_id: UUID
    stay_document_id: UUID


class RecordBankruptcyAnswer(Command, frozen=True, kw_only=True):
    """Record the bankruptcy court's answer, with the fingerprint of its ruling."""

    case_id: UUID
    accepted: bool
    answered_on: date
    document_sha256: str


class Referred(msgspec.Struct, frozen=True, kw_only=True):
    """A referral and until when the bankruptcy court answers."""

    referral_id: UUID
    answer_by: date


async def refer_to_bankruptcy(db: Database, actor: Actor, command: ReferToBankruptcy) -> Referred:
    """Stay the case and note the referral; what was signed of payouts and not ordered is void.

    Raises `NotForBankruptcyCourt`, `FindingMissing`, `AlreadyReferred`, `PartyNotOfCase`, `NotTheDebtor`, `ConsentNotOfParty`,
    `DocumentNotSealed`. Source: Interp. 511.
    """
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
    consents = {consent.party_id for consent in command.consents}
    require_referable(debtor=command.debtor_kind, is_insolvent=command.is_insolvent, consents=consents)
    if not 0 < len(command.finding.strip()) <= TEXT_MOST or not 0 < len(command.bankruptcy_court.strip()) <= TEXT_MOST:
        raise FindingMissing(field="finding")

    async def work(tx: Transaction) -> Referred:
        await tx.about_case(command.case_id)
        await _require_first(tx, command.case_id)
        await require_debtor(
            tx, case_id=command.case_id, party_id=command.debtor_party_id, person_id=command.debtor_person_id
        )
        if not consents <= {party.party_id for party in await parties_proper(tx, command.case_id)}:
            raise ConsentNotOfParty
        await require_document(tx, case_id=command.case_id, document_id=command.referral_document_id, kind=REFERRAL)
        await require_document(tx, case_id=command.case_id, document_id=command.stay_document_id, kind=STAY)
        row = _row(command, actor, tx, local_day(tx.now))
        await add(tx, row)
        await void_disbursements_of_case(tx, command.case_id, reason="bankruptcy", but=await of_others(tx, row))
        return Referred(referral_id=row.referral_id, answer_by=row.answer_by)

    return await db.carry_out(actor, command, work, Referred)


async def _require_first(tx: Transaction, case_id: UUID) -> None:
    earlier = await last_referral(tx, case_id)
    if earlier is None:
        return
    answer = await answer_of(tx, earlier.referral_id)
    if answer is None or answer.accepted:
        raise AlreadyReferred(case_id=case_id)


def _row(command: ReferToBankruptcy, actor: Actor, tx: Transaction, today: date) -> BankruptcyReferralRow:
    return BankruptcyReferralRow(
        referral_id=command.referral_id,
        case_id=command.case_id,
        debtor_party_id=command.debtor_party_id,
        consents=[msgspec.to_builtins(consent) for consent in command.consents[:CONSENTS_MOST]],
        finding=command.finding.strip(),
        referral_document_id=command.referral_document_id,
        stay_document_id=command.stay_document_id,
        bankruptcy_court=command.bankruptcy_court.strip(),
        sent_on=today,
        answer_by=answer_by(today),
        referred_by=actor.person_id,
        referred_at=tx.now,
    )


async def record_bankruptcy_answer(db: Database, actor: Actor, command: RecordBankruptcyAnswer) -> ActShown:
    """Propose what was answered; it waits for its second person, who compares with the ruling (`auction.fund.agree_to_act`).

    Declined, the case goes on; accepted, its money is handed over. Raises `ReferralUnknown`, `AnswerBeforeReferral`, `ActWaits`.
    Source: Interp. 512, 513.
    """
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        kind = ActKind.BANKRUPTCY_ANSWER
        return await propose_act(tx, actor, kind, command, lambda: carry_out_answer(tx, command, actor.person_id))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_answer(tx: Transaction, command: RecordBankruptcyAnswer, recorded_by: UUID) -> Effect:
    """Record the answer, as two persons agreed. Raises as `record_bankruptcy_answer`."""
    referral = await last_referral(tx, command.case_id)
    if referral is None or await answer_of(tx, referral.referral_id) is not None:
        raise ReferralUnknown(case_id=command.case_id)
    require_answer_day(command.answered_on, sent_on=referral.sent_on, today=local_day(tx.now))
    row = BankruptcyAnswerRow(
        referral_id=referral.referral_id,
        accepted=command.accepted,
        answered_on=command.answered_on,
        document_sha256=command.document_sha256,
        recorded_by=recorded_by,
        recorded_at=tx.now,
    )
    await add(tx, row)
    return Effect(referral.referral_id, command.document_sha256)
