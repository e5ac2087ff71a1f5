"""Decide on an application to join: who is admitted becomes a party with a claim on record; either way a decision is written for service.

1. What the law forbids cannot be admitted (`joining`); a refusal needs its reason and article only.
2. One transaction: decision, document, party, claim. The document is sealed and served like any other; the plan is served on him as on all.
3. The second decision answers the objection to a refusal; another natural person makes it, and it is final here.
4. Who recorded an application on paper does not decide on it: what he typed and the paper are two persons' words.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.fund.case_file import note_party
from auction.fund.claims.claims import ClaimKind, require_complete
from auction.fund.settlement.record_claim import RecordClaim, add_claim
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import Money
from auction.kernel.persons import identity_of, name_of
from auction.sale.cases import store as cases
from auction.sale.cases.documents import KINDS, DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_in
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.tables import PartyRow
from auction.sale.columns import add
from auction.sale.joining import store
from auction.sale.joining.join_text import join_text
from auction.sale.joining.joining import (
    SECURED,
    CutOff,
    DebtorKind,
    JoinApplicationUnknown,
    JoinDecidedBySame,
    JoinOwnApplication,
    JoinRecordedBySame,
    require_debtor_kind,
    require_may_join,
    require_reason,
)
from auction.sale.joining.tables import JoinApplicationRow, JoinDecisionRow
from auction.sale.joining.tell_fund import tell_fund

DECIDERS = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
"""Who decides for the court."""


class DecideJoin(Command, frozen=True, kw_only=True):
    """Admit or refuse, for the distribution of this asset's money; ``debtor_kind`` as the court finds it."""

    application_id: UUID
    asset_id: UUID
    debtor_kind: DebtorKind
    admit: bool
    reason: str
    article: str
    document_id: UUID


class JoinDecided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided; ``claim_id`` is ``None`` for a refusal."""

    application_id: UUID
    admitted: bool
    party_id: UUID
    claim_id: UUID | None
    document_id: UUID
    finished_on: date | None


async def decide_join(db: Database, actor: Actor, command: DecideJoin) -> JoinDecided:
    """Decide and give what follows.

    Raises `JoinReasonMissing`, `JoinApplicationUnknown`, `JoinOwnApplication`, `JoinRecordedBySame`, `JoinDecidedBySame`, `AssetUnknown`,
    `DebtorKindDiffers`, `JoinTooEarly`, `JoinTooLate`, `JoinAgainstEnterprise`, `JoinWithoutTitle`. Source: Interp. 506, 507.
    """
    require_role(actor, *DECIDERS)
    require_reason(command.reason, command.article)

    async def work(tx: Transaction) -> JoinDecided:
        row = await store.application_row(tx, command.application_id)
        await tx.about_case(row.case_id)
        number = await _turn(tx, row, actor)
        case = await cases.case_row(tx, row.case_id)
        await cases.asset_row(tx, row.case_id, command.asset_id)
        cut_off = await store.cut_off_of(tx, case.court_code, applied_on=row.applied_on)
        finished_on = await store.end_of_enforcement(tx, row.case_id, command.asset_id, cut_off)
        await _require_debtor_kind(tx, row.case_id, command.debtor_kind)
        if command.admit:
            require_may_join(
                debtor=command.debtor_kind,
                has_title=bool(row.title_number),
                is_secured=ClaimKind(row.kind) in SECURED,
                is_written=True,
                started_on=local_day(case.opened_at),
                applied_on=row.applied_on,
                finished_on=finished_on,
            )
        await _write(tx, actor, row, command)
        party_id = await _party(tx, row, admitted=command.admit)
        claim_id = await _claim(tx, row, party_id) if command.admit else None
        await add(tx, _decision(tx, actor, command, number, cut_off, party_id, claim_id))
        await tell_fund(tx, row)
        return JoinDecided(
            application_id=row.application_id,
            admitted=command.admit,
            party_id=party_id,
            claim_id=claim_id,
            document_id=command.document_id,
            finished_on=finished_on,
        )

    return await db.carry_out(actor, command, work, JoinDecided)


async def _turn(tx: Transaction, row: JoinApplicationRow, actor: Actor) -> int:
    """Give the number of the decision that is due.

    Raises `JoinApplicationUnknown`, `JoinOwnApplication`, `JoinRecordedBySame`, `JoinDecidedBySame`.
    """
    state = await store.state_of(tx, row.application_id)
    if state not in ("waits", "objected"):
        raise JoinApplicationUnknown(application_id=row.application_id)
    if actor.person_id == row.person_id:
        raise JoinOwnApplication
    if actor.person_id == row.recorded_by:
        raise JoinRecordedBySame
    earlier = await store.decisions_of(tx, row.application_id)
    if any(decision.decided_by == actor.person_id for decision in earlier):
        raise JoinDecidedBySame
    return len(earlier) + 1


async def _require_debtor_kind(tx: Transaction, case_id: UUID, stated: DebtorKind) -> None:
    """Compare with the debtors on file: natural persons and organisations are known there, enterprises are not."""
    debtors = [p for p in await cases.parties_of(tx, case_id) if p.role == PartyRole.JUDGMENT_DEBTOR]
    kinds = {(await identity_of(tx, debtor.person_id))[0] for debtor in debtors}
    for on_file in kinds if len(kinds) == 1 else ():
        require_debtor_kind(stated, on_file=on_file)


async def _write(tx: Transaction, actor: Actor, row: JoinApplicationRow, command: DecideJoin) -> None:
    case = await cases.case_row(tx, row.case_id)
    kind = DocumentKind.JOIN_DECISION
    body = join_text(
        applicant=await name_of(tx, row.person_id),
        title_number=row.title_number,
        kind=row.kind,
        amount=Money(row.amount_fen),
        admitted=command.admit,
        reason=command.reason.strip(),
        article=command.article.strip(),
    )
    document = IssueDocument(
        command_id=command.command_id,
        document_id=command.document_id,
        case_id=row.case_id,
        kind=kind,
        title=f"{case.case_number}{KINDS[kind].zh}",
        body=body,
    )
    await issue_in(tx, actor, document)


async def _party(tx: Transaction, row: JoinApplicationRow, *, admitted: bool) -> UUID:
    """Give the applicant's part in the case, or put him on file: the decision is served on a party."""
    role = PartyRole.THIRD_PARTY
    if admitted:
        role = PartyRole.MORTGAGEE if row.kind == ClaimKind.MORTGAGE else PartyRole.OTHER_CREDITOR
    standing = await cases.party_in_role(tx, row.case_id, row.person_id, role)
    if standing is not None:
        return standing.party_id
    party_id = named_id("party who joins", str(row.application_id), role.value)
    party = PartyRow(
        party_id=party_id,
        case_id=row.case_id,
        person_id=row.person_id,
        role=role.value,
        claim_fen=None,
        consumption_restricted=False,
        telephone_sealed=row.telephone_sealed,
        address_sealed=row.address_sealed,
        e_service_consent_on=None,
        e_service_address_sealed=None,
        added_at=tx.now,
    )
    await add(tx, party)
    await note_party(tx, case_id=row.case_id, party_id=party_id, person_id=row.person_id, role=role.value)
    return party_id


async def _claim(tx: Transaction, row: JoinApplicationRow, party_id: UUID) -> UUID:
    kind = ClaimKind(row.kind)
    require_complete(kind, ranked_on=row.ranked_on)
    claim_id = named_id("claim that joins", str(row.application_id))
    claim = RecordClaim(
        command_id=claim_id,
        claim_id=claim_id,
        case_id=row.case_id,
        party_id=party_id,
        person_id=row.person_id,
        kind=kind,
        amount_fen=row.amount_fen,
        basis=row.title_number or "优先权、担保物权证明",
        evidence_sha256=row.document_sha256,
        ranked_on=row.ranked_on,
    )
    await add_claim(tx, claim)
    return claim_id


def _decision(
    tx: Transaction,
    actor: Actor,
    command: DecideJoin,
    number: int,
    cut_off: CutOff,
    party_id: UUID,
    claim_id: UUID | None,
) -> JoinDecisionRow:
    return JoinDecisionRow(
        application_id=command.application_id,
        number=number,
        admitted=command.admit,
        asset_id=command.asset_id,
        debtor_kind=command.debtor_kind,
        cut_off=cut_off.value,
        reason=command.reason.strip(),
        article=command.article.strip(),
        party_id=party_id,
        claim_id=claim_id,
        document_id=command.document_id,
        decided_by=actor.person_id,
        decided_at=tx.now,
    )
