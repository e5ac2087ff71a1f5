"""What the fund knows of the enforcement file: its court, parties, sealed documents, services. The file itself fills it.

1. Whoever adds a party, seals a document or serves one notes it here in the same transaction, so the two never differ.
2. Who is owed, who owes, and which paper says so is compared with this, never taken from whoever types it.

The fund does not import the enforcement file (layers): this is its own copy of the few facts that money hangs on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Mapped, mapped_column

from auction.fund.deposits.store import add
from auction.fund.ledger.tables import SCHEMA
from auction.fund.rulings import RulingTextDiffers, fingerprint_of_operative
from auction.kernel.db import Base, Transaction
from auction.kernel.errors import NotFound, Unlawful

APPLICANT = "applicant"
JUDGMENT_DEBTOR = "judgment_debtor"
BUYER = "buyer"
CO_OWNER = "co_owner"
DISTRIBUTION_PLAN = "distribution_plan"


class CasePartyRow(Base):
    """One person in one role of a case; append-only."""

    __tablename__ = "case_party"
    __table_args__ = SCHEMA
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    role: Mapped[str]
    noted_at: Mapped[datetime]


class CaseDocumentRow(Base):
    """One sealed document of a case with its fingerprint; append-only."""

    __tablename__ = "case_document"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    kind: Mapped[str]
    body_sha256: Mapped[str]
    noted_at: Mapped[datetime]


class CaseRulingRow(Base):
    """What a sealed ruling orders, without the court's reasons, by its fingerprint; append-only."""

    __tablename__ = "case_ruling"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    operative_sha256: Mapped[str]


class CaseServiceRow(Base):
    """A document took, or will take, effect on a party; append-only."""

    __tablename__ = "case_service"
    __table_args__ = SCHEMA
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    effective_on: Mapped[date]


class CaseCourtRow(Base):
    """Whose case it is; append-only."""

    __tablename__ = "case_court"
    __table_args__ = SCHEMA
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    court: Mapped[str]
    noted_at: Mapped[datetime]


class PartyNotOfCase(NotFound):
    """There is no such party in this case, or it is another person."""

    code = "party_not_of_case"
    article = "Interp. 507"
    zh = "本案当事人中没有该主体，或者其身份与登记不符。"
    en = "This case has no such party, or the party is another person."


class NotTheDebtor(Unlawful):
    """What is left goes back to the judgment debtor, and to nobody else."""

    code = "not_the_judgment_debtor"
    article = "执行工作规定 34"
    zh = "剩余价款只能退还本案被执行人。"
    en = "What is left goes back to the judgment debtor of this case and to nobody else."


class DocumentNotSealed(Unlawful):
    """The paper that is named is not a sealed document of this case, or not of the kind that is needed."""

    code = "document_not_sealed_in_case"
    article = "house: money moves on sealed documents of the case only"
    zh = "所引文书不是本案已用印的文书，或者文书种类不符。"
    en = "The document is not a sealed document of this case, or not of the kind that is needed."


async def note_court(tx: Transaction, *, case_id: UUID, court: str) -> None:
    """Note whose case it is within the transaction that opens it."""
    await add(tx, CaseCourtRow(case_id=case_id, court=court, noted_at=tx.now))


async def court_of_case(tx: Transaction, case_id: UUID) -> str | None:
    """Give the court of a case; ``None`` before the case is on file."""
    row = await tx.session.get(CaseCourtRow, case_id)
    return None if row is None else row.court


async def courts_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the courts of those of the cases that are on file."""
    found = await tx.session.scalars(select(CaseCourtRow).where(CaseCourtRow.case_id.in_(list(case_ids))))
    return {row.case_id: row.court for row in found}


async def was_noticed(tx: Transaction, *, case_id: UUID, document_id: UUID, person_id: UUID, on: date) -> bool:
    """Whether a document has taken effect on this person, in any of his roles, by ``on``: an announcement does so weeks later."""
    found = (
        select(CaseServiceRow.party_id)
        .join(CasePartyRow, CasePartyRow.party_id == CaseServiceRow.party_id)
        .where(
            CaseServiceRow.case_id == case_id,
            CaseServiceRow.document_id == document_id,
            CaseServiceRow.effective_on <= on,
            CasePartyRow.person_id == person_id,
        )
    )
    return (await tx.session.execute(found.limit(1))).first() is not None


async def note_party(tx: Transaction, *, case_id: UUID, party_id: UUID, person_id: UUID, role: str) -> None:
    """Note a party within the transaction that adds it."""
    await add(tx, CasePartyRow(party_id=party_id, case_id=case_id, person_id=person_id, role=role, noted_at=tx.now))


async def note_sealed_document(
    tx: Transaction, *, case_id: UUID, document_id: UUID, kind: str, body_sha256: str, operative: str | None = None
) -> None:
    """Note a document within the transaction that seals it; ``operative``: what a ruling orders (`auction.fund.rulings`)."""
    row = CaseDocumentRow(document_id=document_id, case_id=case_id, kind=kind, body_sha256=body_sha256, noted_at=tx.now)
    await add(tx, row)
    if operative is not None and await tx.session.scalar(text("SELECT to_regclass('fund.case_ruling') IS NOT NULL")):
        await add(tx, CaseRulingRow(document_id=document_id, operative_sha256=fingerprint_of_operative(operative)))


async def require_ruling(
    tx: Transaction, *, case_id: UUID, document_id: UUID, kind: str, operative: str
) -> CaseDocumentRow:
    """Give the sealed ruling of this kind that orders exactly this. Raises `DocumentNotSealed`, `RulingTextDiffers`."""
    row = await require_document(tx, case_id=case_id, document_id=document_id, kind=kind)
    ruled = await tx.session.get(CaseRulingRow, document_id)
    if ruled is None or ruled.operative_sha256 != fingerprint_of_operative(operative):
        raise RulingTextDiffers(document_id=document_id)
    return row


async def note_case_service(
    tx: Transaction, *, case_id: UUID, document_id: UUID, party_id: UUID, effective_on: date
) -> None:
    """Note a service within the transaction that records it."""
    row = CaseServiceRow(document_id=document_id, party_id=party_id, case_id=case_id, effective_on=effective_on)
    await add(tx, row)


async def require_party(tx: Transaction, *, case_id: UUID, party_id: UUID, person_id: UUID) -> CasePartyRow:
    """Give the party, or refuse another case's and another person (`PartyNotOfCase`)."""
    row = await tx.session.get(CasePartyRow, party_id)
    if row is None or row.case_id != case_id or row.person_id != person_id:
        raise PartyNotOfCase(party_id=party_id)
    return row


async def party_of_person(tx: Transaction, *, case_id: UUID, person_id: UUID, role: str) -> CasePartyRow:
    """Give the party that a person is in one role, or refuse (`PartyNotOfCase`)."""
    found = select(CasePartyRow).where(
        CasePartyRow.case_id == case_id, CasePartyRow.person_id == person_id, CasePartyRow.role == role
    )
    row = (await tx.session.scalars(found.order_by(CasePartyRow.noted_at).limit(1))).first()
    if row is None:
        raise PartyNotOfCase(person_id=person_id)
    return row


async def require_debtor(tx: Transaction, *, case_id: UUID, party_id: UUID, person_id: UUID) -> CasePartyRow:
    """Give the judgment debtor, or refuse (`PartyNotOfCase`, `NotTheDebtor`)."""
    row = await require_party(tx, case_id=case_id, party_id=party_id, person_id=person_id)
    if row.role != JUDGMENT_DEBTOR:
        raise NotTheDebtor(party_id=party_id)
    return row


async def parties_proper(tx: Transaction, case_id: UUID) -> Sequence[CasePartyRow]:
    """Give the applicants and judgment debtors of a case."""
    found = select(CasePartyRow).where(
        CasePartyRow.case_id == case_id, CasePartyRow.role.in_((APPLICANT, JUDGMENT_DEBTOR))
    )
    return (await tx.session.scalars(found.order_by(CasePartyRow.party_id))).all()


async def require_document(tx: Transaction, *, case_id: UUID, document_id: UUID, kind: str = "") -> CaseDocumentRow:
    """Give a sealed document of the case, of ``kind`` where one is named, or refuse (`DocumentNotSealed`)."""
    row = await tx.session.get(CaseDocumentRow, document_id)
    if row is None or row.case_id != case_id or (kind and row.kind != kind):
        raise DocumentNotSealed(document_id=document_id)
    return row


async def served_on(tx: Transaction, *, case_id: UUID, document_id: UUID, party_id: UUID) -> date | None:
    """Give the day on which a document took effect on a party, ``None`` if it was not served on it."""
    row = await tx.session.get(CaseServiceRow, (document_id, party_id))
    return None if row is None or row.case_id != case_id else row.effective_on
