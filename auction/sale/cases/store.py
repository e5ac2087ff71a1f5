"""Queries of the enforcement file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import func, select, text

from auction.kernel.db import Transaction
from auction.sale.cases.assets import AssetUnknown, Fact
from auction.sale.cases.cases import CaseUnknown, CaseView, Instrument, OtherCase
from auction.sale.cases.documents import (
    KINDS,
    DocumentIsDraft,
    DocumentKind,
    DocumentOfOtherLot,
    DocumentUnknown,
    WrongDocumentKind,
)
from auction.sale.cases.handovers import Handover, HandoverGround, HandoverReply
from auction.sale.cases.parties import PartyRole, PartyUnknown
from auction.sale.cases.seal import SealAsked
from auction.sale.cases.seizures import Seizure, SeizureUnknown
from auction.sale.cases.tables import (
    AssetFactRow,
    AssetRow,
    BarredPersonRow,
    CaseRow,
    DocumentRow,
    DocumentSealRow,
    HandoverAnswerRow,
    HandoverRequestRow,
    OwnBanLiftingRow,
    OwnBanRow,
    PartyRow,
    PlatformChoiceRow,
    PriceSetAsideRow,
    ReferencePriceRow,
    SealRefusalRow,
    SealRequestRow,
    SeizureLiftRow,
    SeizureRow,
    ServiceRow,
)

_SEAL_KEY = re.compile(r"seal:(?P<document>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(?P<attempt>[0-9]{1,3})")


async def case_row(tx: Transaction, case_id: UUID) -> CaseRow:
    """Give the case, or refuse (`CaseUnknown`)."""
    row = await tx.session.get(CaseRow, case_id)
    if row is None:
        raise CaseUnknown(case_id=case_id)
    return row


async def case_by_number(tx: Transaction, case_number: str) -> CaseRow | None:
    """Give the case of a canonical number, ``None`` if it is not on file."""
    return await tx.session.scalar(select(CaseRow).where(CaseRow.case_number == case_number))


async def case_view(tx: Transaction, case_id: UUID) -> CaseView:
    """Give the case as pages read it."""
    row = await case_row(tx, case_id)
    return case_view_from(row, await tx.session.get(PlatformChoiceRow, case_id))


def case_view_from(row: CaseRow, choice: PlatformChoiceRow | None) -> CaseView:
    """Make of its rows the case as pages read it; ``choice`` ``None``: no platform was chosen yet."""
    return CaseView(
        case_id=row.case_id,
        case_number=row.case_number,
        court=row.court,
        court_code=row.court_code,
        handler_name=row.handler_name,
        telephone=row.telephone,
        supervision_telephone=row.supervision_telephone,
        instrument=Instrument(
            title=row.instrument,
            number=row.instrument_number,
            court=row.instrument_court,
            is_secret=row.instrument_is_secret,
        ),
        case_account_number=row.case_account_number,
        platform="" if choice is None else choice.platform,
    )


async def platform_of(tx: Transaction, case_id: UUID) -> str:
    """Give the chosen platform, empty if none was chosen yet."""
    row = await tx.session.get(PlatformChoiceRow, case_id)
    return "" if row is None else row.platform


async def parties_of(tx: Transaction, case_id: UUID) -> Sequence[PartyRow]:
    """Give all parties of a case in the order in which they were added."""
    found = select(PartyRow).where(PartyRow.case_id == case_id).order_by(PartyRow.added_at, PartyRow.party_id)
    return (await tx.session.scalars(found)).all()


async def parties_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, list[PartyRow]]:
    """Give the parties of each case in the order in which they were added; one query, however many they are."""
    found = select(PartyRow).where(PartyRow.case_id.in_(case_ids)).order_by(PartyRow.added_at, PartyRow.party_id)
    parties: dict[UUID, list[PartyRow]] = {case_id: [] for case_id in case_ids}
    for row in await tx.session.scalars(found):
        parties[row.case_id].append(row)
    return parties


async def party_row(tx: Transaction, case_id: UUID, party_id: UUID) -> PartyRow:
    """Give a party of this case, or refuse (`PartyUnknown`, `OtherCase`)."""
    row = await tx.session.get(PartyRow, party_id)
    if row is None:
        raise PartyUnknown(party_id=party_id)
    if row.case_id != case_id:
        raise OtherCase(party_id=party_id)
    return row


async def parties_by_person(tx: Transaction, case_id: UUID, person_id: UUID) -> Sequence[PartyRow]:
    """Give what a person is in a case; empty if nothing."""
    found = select(PartyRow).where(PartyRow.case_id == case_id, PartyRow.person_id == person_id)
    return (await tx.session.scalars(found)).all()


async def party_in_role(tx: Transaction, case_id: UUID, person_id: UUID, role: PartyRole) -> PartyRow | None:
    """Give a person's party row in one role, ``None`` if he has not this role."""
    rows = await parties_by_person(tx, case_id, person_id)
    return next((row for row in rows if row.role == role), None)


async def asset_row(tx: Transaction, case_id: UUID, asset_id: UUID) -> AssetRow:
    """Give an asset of this case, or refuse (`AssetUnknown`, `OtherCase`)."""
    row = await tx.session.get(AssetRow, asset_id)
    if row is None:
        raise AssetUnknown(asset_id=asset_id)
    if row.case_id != case_id:
        raise OtherCase(asset_id=asset_id)
    return row


async def assets_of(tx: Transaction, case_id: UUID) -> Sequence[AssetRow]:
    """Give all assets of a case."""
    found = select(AssetRow).where(AssetRow.case_id == case_id).order_by(AssetRow.recorded_at, AssetRow.asset_id)
    return (await tx.session.scalars(found)).all()


async def facts_of(tx: Transaction, asset_id: UUID) -> dict[str, Fact]:
    """Give the newest value of each field of an asset."""
    return (await facts_of_assets(tx, [asset_id]))[asset_id]


async def facts_of_assets(tx: Transaction, asset_ids: Collection[UUID]) -> dict[UUID, dict[str, Fact]]:
    """Give the newest value of each field of each asset; one query, however many they are."""
    found = select(AssetFactRow).where(AssetFactRow.asset_id.in_(asset_ids)).order_by(AssetFactRow.number)
    facts: dict[UUID, dict[str, Fact]] = {asset_id: {} for asset_id in asset_ids}
    for row in await tx.session.scalars(found):
        facts[row.asset_id][row.field] = Fact(field=row.field, zh=row.zh, en=row.en, source=row.source, as_of=row.as_of)
    return facts


async def fact_count(tx: Transaction, asset_id: UUID) -> int:
    """Give how many values were recorded of an asset."""
    counted = select(func.count()).select_from(AssetFactRow).where(AssetFactRow.asset_id == asset_id)
    return int((await tx.session.scalar(counted)) or 0)


async def seizures_of(tx: Transaction, asset_id: UUID) -> list[Seizure]:
    """Give all seizures of an asset with their liftings and hand-overs."""
    return (await seizures_of_assets(tx, [asset_id]))[asset_id]


async def seizures_of_assets(tx: Transaction, asset_ids: Collection[UUID]) -> dict[UUID, list[Seizure]]:
    """Give all seizures of each asset with their liftings and hand-overs; two queries, however many they are."""
    joined = (
        select(SeizureRow, SeizureLiftRow.lifted_on)
        .outerjoin(SeizureLiftRow, SeizureLiftRow.seizure_id == SeizureRow.seizure_id)
        .where(SeizureRow.asset_id.in_(asset_ids))
        .order_by(SeizureRow.valid_from, SeizureRow.seizure_id)
    )
    letters = {
        asset_id: {each.case_number: each.answer_ref for each in asked if each.answer == "handed_over"}
        for asset_id, asked in (await handovers_of_assets(tx, asset_ids)).items()
    }
    seizures: dict[UUID, list[Seizure]] = {asset_id: [] for asset_id in asset_ids}
    for row, lifted_on in (await tx.session.execute(joined)).all():
        seizures[row.asset_id].append(_seizure(row, lifted_on, letters[row.asset_id]))
    return seizures


async def handovers_of(tx: Transaction, asset_id: UUID) -> list[Handover]:
    """Give all requests to hand the sale of an asset over, oldest first, with their answers."""
    return (await handovers_of_assets(tx, [asset_id]))[asset_id]


async def handovers_of_assets(tx: Transaction, asset_ids: Collection[UUID]) -> dict[UUID, list[Handover]]:
    """Give all requests to hand the sale of each asset over, oldest first, with their answers; one query for all."""
    joined = (
        select(HandoverRequestRow, SeizureRow, HandoverAnswerRow)
        .join(SeizureRow, SeizureRow.seizure_id == HandoverRequestRow.seizure_id)
        .outerjoin(HandoverAnswerRow, HandoverAnswerRow.request_id == HandoverRequestRow.request_id)
        .where(HandoverRequestRow.asset_id.in_(asset_ids))
        .order_by(HandoverRequestRow.asked_on, HandoverRequestRow.recorded_at, HandoverRequestRow.request_id)
    )
    handovers: dict[UUID, list[Handover]] = {asset_id: [] for asset_id in asset_ids}
    for asked, seizure, answer in (await tx.session.execute(joined)).all():
        handovers[asked.asset_id].append(_handover(asked, seizure, answer))
    return handovers


def _handover(asked: HandoverRequestRow, seizure: SeizureRow, answer: HandoverAnswerRow | None) -> Handover:
    return Handover(
        request_id=asked.request_id,
        court=seizure.court,
        case_number=seizure.case_number,
        ground=cast("HandoverGround", asked.ground),
        asked_on=asked.asked_on,
        answer_by=asked.answer_by,
        document_ref=asked.document_ref,
        answer=None if answer is None else cast("HandoverReply", answer.answer),
        answered_on=None if answer is None else answer.answered_on,
        answer_ref="" if answer is None else answer.document_ref,
    )


def _seizure(row: SeizureRow, lifted_on: date | None, letters: Mapping[str, str]) -> Seizure:
    return Seizure(
        seizure_id=row.seizure_id,
        court=row.court,
        case_number=row.case_number,
        rank=row.rank,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        handover_ref=row.handover_ref or letters.get(row.case_number, ""),
        lifted_on=lifted_on,
    )


async def seizure_row(tx: Transaction, case_id: UUID, seizure_id: UUID) -> SeizureRow:
    """Give a seizure of this case, or refuse (`SeizureUnknown`, `OtherCase`)."""
    row = await tx.session.get(SeizureRow, seizure_id)
    if row is None:
        raise SeizureUnknown(seizure_id=seizure_id)
    if row.case_id != case_id:
        raise OtherCase(seizure_id=seizure_id)
    return row


async def document_row(tx: Transaction, case_id: UUID, document_id: UUID) -> DocumentRow:
    """Give a document of this case, or refuse (`DocumentUnknown`, `OtherCase`)."""
    row = await tx.session.get(DocumentRow, document_id)
    if row is None:
        raise DocumentUnknown(document_id=document_id)
    if row.case_id != case_id:
        raise OtherCase(document_id=document_id)
    return row


async def is_draft(tx: Transaction, row: DocumentRow) -> bool:
    """Whether the document still waits for its seal."""
    return row.needs_seal and await tx.session.get(DocumentSealRow, row.document_id) is None


def seal_key(document_id: UUID, attempt: int) -> str:
    """Give the key under which the seal service is asked in one attempt."""
    return f"seal:{document_id}:{attempt}"


async def seal_asked(tx: Transaction, case_id: UUID, document_id: UUID, attempt: int) -> SealAsked:
    """Give what the seal service is asked in one attempt; asserts that the attempt stands."""
    case, document = await case_row(tx, case_id), await document_row(tx, case_id, document_id)
    request = await tx.session.get(SealRequestRow, (document_id, attempt))
    assert request is not None, "an attempt is committed before anybody asks"
    return SealAsked(
        key=seal_key(document_id, attempt),
        document_id=document_id,
        case_number=case.case_number,
        court=case.court,
        kind=document.kind,
        title=document.title,
        body_sha256=document.body_sha256,
        asked_at=request.requested_at,
    )


async def last_seal_request(tx: Transaction, document_id: UUID) -> SealRequestRow | None:
    """Give the latest attempt to have a document sealed; ``None``: nobody asked yet."""
    found = select(SealRequestRow).where(SealRequestRow.document_id == document_id)
    return (await tx.session.scalars(found.order_by(SealRequestRow.attempt.desc()).limit(1))).first()


async def seal_refusal(tx: Transaction, document_id: UUID, attempt: int) -> SealRefusalRow | None:
    """Give the refusal that ended an attempt; ``None``: it was not refused."""
    return await tx.session.get(SealRefusalRow, (document_id, attempt))


async def open_seal_request(tx: Transaction, key: str) -> tuple[UUID, UUID, int] | None:
    """Give case, document and attempt of this key; ``None`` if it is unknown, sealed or refused."""
    match = _SEAL_KEY.fullmatch(key)
    if match is None:
        return None
    document_id, attempt = UUID(match["document"]), int(match["attempt"])
    request = await tx.session.get(SealRequestRow, (document_id, attempt))
    document = await tx.session.get(DocumentRow, document_id)
    if request is None or document is None or await tx.session.get(DocumentSealRow, document_id) is not None:
        return None
    refused = await seal_refusal(tx, document_id, attempt)
    return None if refused is not None else (document.case_id, document_id, attempt)


async def effective_document(
    tx: Transaction, case_id: UUID, document_id: UUID, *kinds: DocumentKind, lot_id: UUID | None = None
) -> DocumentRow:
    """Give a sealed document of one of ``kinds`` (any, if none is named), not of another lot than ``lot_id``.

    Raises: `DocumentUnknown`, `OtherCase`, `WrongDocumentKind`, `DocumentOfOtherLot`, `DocumentIsDraft`.
    """
    row = await document_row(tx, case_id, document_id)
    if None not in (lot_id, row.lot_id) and row.lot_id != lot_id:
        raise DocumentOfOtherLot(title=row.title)
    if kinds and row.kind not in kinds:
        given = KINDS[DocumentKind(row.kind)]
        raise WrongDocumentKind(needed=" / ".join(KINDS[kind].zh for kind in kinds), given=given.zh)
    if await is_draft(tx, row):
        raise DocumentIsDraft(title=row.title)
    return row


async def documents_of(tx: Transaction, case_id: UUID) -> list[tuple[DocumentRow, bool]]:
    """Give all documents of a case in order, each with whether it is still a draft."""
    joined = (
        select(DocumentRow, DocumentSealRow.document_id)
        .outerjoin(DocumentSealRow, DocumentSealRow.document_id == DocumentRow.document_id)
        .where(DocumentRow.case_id == case_id)
        .order_by(DocumentRow.issued_at, DocumentRow.document_id)
    )
    return [(row, row.needs_seal and seal is None) for row, seal in (await tx.session.execute(joined)).all()]


async def services_of_kind(tx: Transaction, case_id: UUID, kind: DocumentKind, *, lot_id: UUID) -> list[ServiceRow]:
    """Give all services of documents of one kind in a case, but of those made for another lot."""
    joined = (
        select(ServiceRow)
        .join(DocumentRow, DocumentRow.document_id == ServiceRow.document_id)
        .where(ServiceRow.case_id == case_id, DocumentRow.kind == kind)
        .where(DocumentRow.lot_id.is_(None) | (DocumentRow.lot_id == lot_id))
        .order_by(ServiceRow.effective_on)
    )
    return list((await tx.session.scalars(joined)).all())


async def service_of(tx: Transaction, document_id: UUID, party_id: UUID) -> ServiceRow | None:
    """Give the service of a document on a party, ``None`` if it was not served."""
    found = select(ServiceRow).where(ServiceRow.document_id == document_id, ServiceRow.party_id == party_id)
    return await tx.session.scalar(found)


async def newest_price(tx: Transaction, asset_id: UUID) -> ReferencePriceRow | None:
    """Give the reference price of an asset that was fixed last; ``None`` if there is none, or if it was set aside.

    An older price does not step into the place of one that was set aside. Source: 参考价 25.
    """
    row = await last_price(tx, asset_id)
    return None if row is None or await is_set_aside(tx, row.reference_price_id) else row


async def is_set_aside(tx: Transaction, reference_price_id: UUID) -> bool:
    """Say whether a ruling set this price aside. Source: 参考价 25."""
    return await tx.session.get(PriceSetAsideRow, reference_price_id) is not None


async def last_price(tx: Transaction, asset_id: UUID) -> ReferencePriceRow | None:
    """Give the reference price of an asset that was fixed last, set aside or not; ``None`` if there is none."""
    found = (
        select(ReferencePriceRow)
        .where(ReferencePriceRow.asset_id == asset_id)
        .order_by(ReferencePriceRow.fixed_at.desc(), ReferencePriceRow.taken_at.desc())
        .limit(1)
    )
    return await tx.session.scalar(found)


async def case_of_lot(tx: Transaction, lot_id: UUID) -> UUID | None:
    """Give the case of a lot, ``None`` if there is no such lot."""
    found: UUID | None = await tx.session.scalar(
        text("SELECT case_id FROM sale.lot WHERE lot_id = :id"), {"id": lot_id}
    )
    return found


async def bans_of(tx: Transaction, case_id: UUID, person_id: UUID) -> dict[str, datetime]:
    """Give the grounds on which a person may not bid in this case, each with the instant of its newest record."""
    found = select(BarredPersonRow.ground, BarredPersonRow.recorded_at).where(
        BarredPersonRow.case_id == case_id, BarredPersonRow.person_id == person_id
    )
    rows = (await tx.session.execute(found.order_by(BarredPersonRow.recorded_at))).all()
    return {row.ground: row.recorded_at for row in rows}


async def own_ban_rows(tx: Transaction, case_id: UUID, person_id: UUID) -> Sequence[OwnBanRow]:
    """Give the bans that the court decided itself about a person and has not lifted, the oldest first."""
    found = (
        select(OwnBanRow)
        .outerjoin(OwnBanLiftingRow, OwnBanLiftingRow.ban_id == OwnBanRow.ban_id)
        .where(OwnBanRow.case_id == case_id, OwnBanRow.person_id == person_id, OwnBanLiftingRow.ban_id.is_(None))
        .order_by(OwnBanRow.recorded_at)
    )
    return (await tx.session.scalars(found)).all()


async def own_bans_of(tx: Transaction, case_id: UUID, person_id: UUID) -> dict[str, datetime]:
    """Give the grounds of the court's own bans that stand, each with the instant of its record."""
    return {row.ground: row.recorded_at for row in await own_ban_rows(tx, case_id, person_id)}
