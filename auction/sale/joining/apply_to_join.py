"""Apply to join a distribution: a creditor at his own desk, or an officer who records his paper. Nothing is decided yet (Interp. 507)."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from auction.fund.claims.claims import ClaimKind
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.kernel.persons import name_of, record_person
from auction.law.case_numbers import parse_case_number
from auction.law.identity import IdentityKind, parse_identity
from auction.sale.cases import store as cases
from auction.sale.cases.cases import OFFICERS, TEXT_LIMIT
from auction.sale.cases.parties import PartyRole, PersonKind, check_name, mask_name
from auction.sale.columns import add
from auction.sale.joining import store
from auction.sale.joining.joining import JoinCaseUnknown, JoinNotWritten, JoinWaits, ReceivedInFuture, require_kind
from auction.sale.joining.tables import JoinApplicationRow
from auction.sale.joining.tell_fund import tell_fund

FINGERPRINT_LENGTH = 64


class ApplyToJoin(Command, frozen=True, kw_only=True):
    """Apply for oneself; the case is named by its number and its debtor, since the applicant need not be of it yet.

    ``title_number``: the enforcement title, empty for a priority or security without one; ``ranked_on``: registration of a security.
    ``facts``: facts and reasons; ``document_sha256``: fingerprint of title or security and the other papers.
    """

    application_id: UUID
    case_number: str
    debtor_name: str
    kind: ClaimKind
    amount_fen: int
    facts: str
    document_sha256: str
    title_number: str = ""
    ranked_on: date | None = None
    telephone: str = ""
    address: str = ""


class RecordJoinApplication(Command, frozen=True, kw_only=True):
    """Record a written application that came on paper; ``document_sha256``: fingerprint of its scan."""

    application_id: UUID
    case_id: UUID
    applicant_kind: PersonKind
    name: str
    identity_number: str
    received_on: date
    kind: ClaimKind
    amount_fen: int
    facts: str
    document_sha256: str
    title_number: str = ""
    ranked_on: date | None = None
    telephone: str = ""
    address: str = ""


class _Written(Protocol):
    @property
    def application_id(self) -> UUID: ...
    @property
    def kind(self) -> ClaimKind: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def facts(self) -> str: ...
    @property
    def document_sha256(self) -> str: ...
    @property
    def title_number(self) -> str: ...
    @property
    def ranked_on(self) -> date | None: ...
    @property
    def telephone(self) -> str: ...
    @property
    def address(self) -> str: ...


async def apply_to_join(db: Database, actor: Actor, command: ApplyToJoin) -> UUID:
    """Keep the caller's own application and give its id.

    Raises `JoinKindRefused`, `JoinNotWritten`, `AmountNotPositive`, `CaseNumberMalformed`, `JoinCaseUnknown`, `JoinWaits`. Source: Interp. 507.
    """
    require_role(actor, Role.PARTY)
    _require_written(command)
    number = str(parse_case_number(command.case_number))

    async def work(tx: Transaction) -> UUID:
        case = await cases.case_by_number(tx, number)
        if case is None or not await _is_debtor(tx, case.case_id, command.debtor_name):
            raise JoinCaseUnknown(field="case_number")
        await tx.about_case(case.case_id)
        return await _keep(tx, command, case.case_id, actor.person_id, applied_on=local_day(tx.now), recorded_by=None)

    return await db.carry_out(actor, command, work, UUID)


async def record_join_application(db: Database, actor: Actor, command: RecordJoinApplication) -> UUID:
    """Record a paper application and give its id; it is as old as the day on which it came.

    Raises `JoinKindRefused`, `JoinNotWritten`, `AmountNotPositive`, `ReceivedInFuture`, `NameMalformed`, `IdentityNumberInvalid`,
    `CreditCodeInvalid`, `PersonNameDiffers`, `CaseUnknown`, `JoinWaits`. Source: Interp. 507.
    """
    require_role(actor, *OFFICERS)
    _require_written(command)
    name = check_name(command.name)
    kind = IdentityKind.RESIDENT if command.applicant_kind == "natural" else IdentityKind.ORGANISATION
    identity = parse_identity(kind, command.identity_number)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await cases.case_row(tx, command.case_id)
        if command.received_on > local_day(tx.now):
            raise ReceivedInFuture(field="received_on", received_on=command.received_on)
        masked = mask_name(command.applicant_kind, name)
        person_id = await record_person(
            tx, kind=command.applicant_kind, name=name, identity_number=identity.number, masked=masked
        )
        return await _keep(
            tx, command, command.case_id, person_id, applied_on=command.received_on, recorded_by=actor.person_id
        )

    return await db.carry_out(actor, command, work, UUID)


def _require_written(command: _Written) -> None:
    require_kind(command.kind)
    Money.positive(command.amount_fen)
    if not 0 < len(command.facts.strip()) <= TEXT_LIMIT or len(command.document_sha256) != FINGERPRINT_LENGTH:
        raise JoinNotWritten(field="facts" if not command.facts.strip() else "document_sha256")


async def _is_debtor(tx: Transaction, case_id: UUID, name: str) -> bool:
    debtors = [p for p in await cases.parties_of(tx, case_id) if p.role == PartyRole.JUDGMENT_DEBTOR]
    return name.strip() in [await name_of(tx, debtor.person_id) for debtor in debtors]


async def _keep(
    tx: Transaction, command: _Written, case_id: UUID, person_id: UUID, *, applied_on: date, recorded_by: UUID | None
) -> UUID:
    if await store.waits_in(tx, case_id, person_id):
        raise JoinWaits
    row = JoinApplicationRow(
        application_id=command.application_id,
        case_id=case_id,
        person_id=person_id,
        kind=command.kind.value,
        amount_fen=command.amount_fen,
        title_number=command.title_number.strip(),
        ranked_on=command.ranked_on,
        facts_sealed=tx.sealer.seal(command.facts.strip()),
        telephone_sealed=_sealed(tx, command.telephone),
        address_sealed=_sealed(tx, command.address),
        document_sha256=command.document_sha256,
        recorded_by=recorded_by,
        applied_on=applied_on,
        recorded_at=tx.now,
    )
    await add(tx, row)
    await tell_fund(tx, row)
    return row.application_id


def _sealed(tx: Transaction, text: str) -> bytes | None:
    return tx.sealer.seal(text.strip()) if text.strip() else None
