"""What pages read of lots: the public list, the public lot page, the panel's desk.

Nothing here joins an identity to a code before the close, nothing is shown of a lot before its notice, and no count of
bidders is given (security 2).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass, Fact
from auction.sale.cases.cases import CaseView
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.tables import AssetRow, CaseRow, ReferencePriceRow
from auction.sale.lots import store
from auction.sale.lots.lots import PUBLIC_STATES, LotState, LotUnknown, RoundKind, Terms
from auction.sale.lots.notices import Notice
from auction.sale.lots.tables import (
    ListingRow,
    LotRow,
    NoticeRow,
    OutcomeRow,
    PanelDecisionRow,
    PanelMemberRow,
    QuestionRow,
    ResumptionRow,
    RoundRow,
    StopRow,
)
from auction.sale.rounds.rounds import GROUNDS, RoundState, StopKind
from auction.sale.title.tables import ConfirmationRow

PAGE_LIMIT = 100
"""Most lots on one page of the list."""
DESK_LIMIT = 200
"""Most questions on one desk."""


class LotLine(msgspec.Struct, frozen=True, kw_only=True):
    """One lot in the public list."""

    lot_id: UUID
    round_id: UUID
    session_id: UUID
    title_zh: str
    title_en: str
    asset_class: AssetClass
    address: str
    court: str
    case_number: str
    state: LotState
    kind: RoundKind
    round_number: int
    start_price_fen: int
    deposit_fen: int
    increment_fen: int
    reference_price_fen: int
    opens_at: datetime
    closes_at: datetime
    hammer_price_fen: int | None


class LotPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the public list; ``total`` counts all that match."""

    lines: tuple[LotLine, ...]
    total: int


class StopShown(msgspec.Struct, frozen=True, kw_only=True):
    """A stop as published; ``resumes_at`` is ``None`` until the hour is published."""

    kind: StopKind
    ground: str
    ground_zh: str
    ground_en: str
    reason: str
    stopped_at: datetime
    resumes_at: datetime | None


class RoundShown(msgspec.Struct, frozen=True, kw_only=True):
    """One round of the lot's history."""

    round_id: UUID
    session_id: UUID
    number: int
    kind: RoundKind
    state: RoundState
    start_price_fen: int
    opens_at: datetime
    closes_at: datetime
    announced_at: datetime
    result: str | None
    hammer_price_fen: int | None
    closed_at: datetime | None
    stops: tuple[StopShown, ...]


class ConfirmationShown(msgspec.Struct, frozen=True, kw_only=True):
    """The published confirmation: the buyer in his real name (网拍 22)."""

    document_id: UUID
    buyer_name: str
    buyer_code: str
    hammer_price_fen: int
    published_at: datetime


class PublicLot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that 网拍 13 and 14 want on the lot's page; ``notice`` is that of the latest round."""

    line: LotLine
    case: CaseView
    terms: Terms
    facts: tuple[Fact, ...]
    price_method: str
    price_valid_until: date
    price_evidence_sha256: str
    notice: Notice
    notice_sha256: str
    published_at: datetime
    first_refusals: tuple[str, ...]
    rounds: tuple[RoundShown, ...]
    confirmation: ConfirmationShown | None
    auction_ruling_served: bool


class QuestionOnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """A question on a member's desk; how others voted is never shown."""

    question_id: UUID
    case_id: UUID
    case_number: str
    lot_id: UUID
    subject: str
    proposal: dict[str, Any]
    proposal_sha256: str
    put_at: datetime
    members: int
    voted: int
    i_voted: bool
    i_preside: bool


async def public_lots(
    tx: Transaction,
    *,
    states: Sequence[LotState] = (),
    asset_class: AssetClass | None = None,
    limit: int = 20,
    offset: int = 0,
) -> LotPage:
    """Give one page of the public lots, the next to open first; no ``states`` means all public ones."""
    wanted = [state.value for state in (states or PUBLIC_STATES) if state in PUBLIC_STATES]
    query = _lines().where(LotRow.state.in_(wanted))
    if asset_class is not None:
        query = query.where(AssetRow.asset_class == asset_class.value)
    total = await tx.session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(RoundRow.closes_at.desc(), LotRow.lot_id).limit(min(limit, PAGE_LIMIT)).offset(max(offset, 0))
    rows = (await tx.session.execute(page)).all()
    return LotPage(lines=tuple(_line(row) for row in rows), total=int(total or 0))


async def public_lot(tx: Transaction, lot_id: UUID) -> PublicLot:
    """Give the public page of a lot, or refuse before its first notice (`LotUnknown`)."""
    row = (await tx.session.execute(_lines().where(LotRow.lot_id == lot_id))).one_or_none()
    if row is None or LotState(row.state) not in PUBLIC_STATES:
        raise LotUnknown(lot_id=lot_id)
    listing = await tx.session.get_one(ListingRow, (lot_id, row.version))
    price = await tx.session.get_one(ReferencePriceRow, listing.reference_price_id)
    notice = await tx.session.get_one(NoticeRow, row.round_id)
    return PublicLot(
        line=_line(row),
        case=await cases.case_view(tx, row.case_id),
        terms=store.terms_of(listing),
        facts=tuple((await cases.facts_of(tx, row.asset_id)).values()),
        price_method=price.method,
        price_valid_until=price.valid_until,
        price_evidence_sha256=price.evidence_sha256,
        notice=msgspec.convert(notice.content, Notice),
        notice_sha256=notice.sha256,
        published_at=notice.published_at,
        first_refusals=tuple(right.basis for right in await store.first_refusals_of(tx, lot_id)),
        rounds=await rounds_of(tx, lot_id),
        confirmation=await confirmation_shown(tx, lot_id),
        auction_ruling_served=bool(
            await cases.services_of_kind(tx, row.case_id, DocumentKind.AUCTION_RULING, lot_id=lot_id)
        ),
    )


def _lines() -> Select[*tuple[Any, ...]]:
    """Join each lot with its latest round and that round's terms."""
    any_round = aliased(RoundRow)
    newest = select(func.max(any_round.number)).where(any_round.lot_id == LotRow.lot_id).scalar_subquery()
    return (
        select(
            LotRow.lot_id,
            LotRow.case_id,
            LotRow.asset_id,
            LotRow.state,
            RoundRow.round_id,
            RoundRow.session_id,
            RoundRow.number,
            RoundRow.kind,
            RoundRow.version,
            RoundRow.opens_at,
            RoundRow.closes_at,
            ListingRow.reserve_fen,
            ListingRow.deposit_fen,
            ListingRow.increment_fen,
            ListingRow.terms,
            AssetRow.asset_class,
            AssetRow.address,
            CaseRow.court,
            CaseRow.case_number,
            ReferencePriceRow.amount_fen,
            OutcomeRow.hammer_price_fen,
        )
        .select_from(LotRow)
        .join(RoundRow, (RoundRow.lot_id == LotRow.lot_id) & (RoundRow.number == newest))
        .join(ListingRow, (ListingRow.lot_id == LotRow.lot_id) & (ListingRow.version == RoundRow.version))
        .join(AssetRow, AssetRow.asset_id == LotRow.asset_id)
        .join(CaseRow, CaseRow.case_id == LotRow.case_id)
        .join(ReferencePriceRow, ReferencePriceRow.reference_price_id == ListingRow.reference_price_id)
        .outerjoin(OutcomeRow, OutcomeRow.round_id == RoundRow.round_id)
    )


def _line(row: Any) -> LotLine:  # noqa: ANN401 - a row of `_lines`
    return LotLine(
        lot_id=row.lot_id,
        round_id=row.round_id,
        session_id=row.session_id,
        title_zh=row.terms["title_zh"],
        title_en=row.terms["title_en"],
        asset_class=AssetClass(row.asset_class),
        address=row.address,
        court=row.court,
        case_number=row.case_number,
        state=LotState(row.state),
        kind=row.kind,
        round_number=row.number,
        start_price_fen=row.reserve_fen,
        deposit_fen=row.deposit_fen,
        increment_fen=row.increment_fen,
        reference_price_fen=row.amount_fen,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        hammer_price_fen=row.hammer_price_fen,
    )


async def rounds_of(tx: Transaction, lot_id: UUID) -> tuple[RoundShown, ...]:
    """Give the lot's rounds in order, with outcomes and stops."""
    return (await rounds_of_lots(tx, [lot_id]))[lot_id]


async def rounds_of_lots(tx: Transaction, lot_ids: Collection[UUID]) -> dict[UUID, tuple[RoundShown, ...]]:
    """Give the rounds of each lot in order, with outcomes and stops; two queries, however many they are."""
    joined = (
        select(RoundRow, ListingRow.reserve_fen, OutcomeRow)
        .join(ListingRow, (ListingRow.lot_id == RoundRow.lot_id) & (ListingRow.version == RoundRow.version))
        .outerjoin(OutcomeRow, OutcomeRow.round_id == RoundRow.round_id)
        .where(RoundRow.lot_id.in_(lot_ids))
        .order_by(RoundRow.number)
    )
    found = (await tx.session.execute(joined)).all()
    stops = await _stops_of_rounds(tx, [row.round_id for row, _, _ in found])
    return {
        lot_id: tuple(
            _round(row, reserve, outcome, stops[row.round_id])
            for row, reserve, outcome in found
            if row.lot_id == lot_id
        )
        for lot_id in lot_ids
    }


def _round(row: RoundRow, reserve_fen: int, outcome: OutcomeRow | None, stops: tuple[StopShown, ...]) -> RoundShown:
    return RoundShown(
        round_id=row.round_id,
        session_id=row.session_id,
        number=row.number,
        kind=msgspec.convert(row.kind, RoundKind),
        state=RoundState(row.state),
        start_price_fen=reserve_fen,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        announced_at=row.announced_at,
        result=None if outcome is None else outcome.result,
        hammer_price_fen=None if outcome is None else outcome.hammer_price_fen,
        closed_at=None if outcome is None else outcome.closed_at,
        stops=stops,
    )


async def stops_of(tx: Transaction, round_id: UUID) -> tuple[StopShown, ...]:
    """Give the published stops of a round in order."""
    return (await _stops_of_rounds(tx, [round_id]))[round_id]


async def _stops_of_rounds(tx: Transaction, round_ids: Collection[UUID]) -> dict[UUID, tuple[StopShown, ...]]:
    if not round_ids:
        return {}
    joined = (
        select(StopRow, ResumptionRow.resumes_at)
        .outerjoin(ResumptionRow, ResumptionRow.stop_id == StopRow.stop_id)
        .where(StopRow.round_id.in_(round_ids))
        .order_by(StopRow.stopped_at)
    )
    found = (await tx.session.execute(joined)).all()
    return {
        round_id: tuple(_stop(row, resumes_at) for row, resumes_at in found if row.round_id == round_id)
        for round_id in round_ids
    }


def _stop(row: StopRow, resumes_at: datetime | None) -> StopShown:
    kind = msgspec.convert(row.kind, StopKind)
    zh, en = GROUNDS[kind][row.ground]
    return StopShown(
        kind=kind,
        ground=row.ground,
        ground_zh=zh,
        ground_en=en,
        reason=row.reason,
        stopped_at=row.stopped_at,
        resumes_at=resumes_at,
    )


async def confirmation_shown(tx: Transaction, lot_id: UUID) -> ConfirmationShown | None:
    """Give the published confirmation of the lot's last sale, ``None`` if it was not sold."""
    joined = (
        select(ConfirmationRow, OutcomeRow.buyer_code)
        .join(OutcomeRow, OutcomeRow.round_id == ConfirmationRow.round_id)
        .where(ConfirmationRow.lot_id == lot_id)
        .order_by(ConfirmationRow.published_at.desc())
        .limit(1)
    )
    found = (await tx.session.execute(joined)).one_or_none()
    if found is None:
        return None
    row, code = found
    return ConfirmationShown(
        document_id=row.document_id,
        buyer_name=tx.sealer.open(row.buyer_name_sealed),
        buyer_code=code or "",
        hammer_price_fen=row.hammer_price_fen,
        published_at=row.published_at,
    )


async def panel_desk(tx: Transaction, person_id: UUID) -> tuple[QuestionOnDesk, ...]:
    """Give the undecided questions before the panels of which this person is a member, the oldest first."""
    joined = (
        select(QuestionRow, CaseRow.case_number, PanelMemberRow.is_presiding)
        .join(PanelMemberRow, PanelMemberRow.panel_id == QuestionRow.panel_id)
        .join(CaseRow, CaseRow.case_id == QuestionRow.case_id)
        .outerjoin(PanelDecisionRow, PanelDecisionRow.question_id == QuestionRow.question_id)
        .where(PanelMemberRow.person_id == person_id, PanelDecisionRow.question_id.is_(None))
        .order_by(QuestionRow.put_at)
        .limit(DESK_LIMIT)
    )
    found = (await tx.session.execute(joined)).all()
    by_id = {row[0].question_id: row for row in found}
    return tuple((await tx.each(by_id, lambda one: _on_desk(tx, person_id, *by_id[one]))).values())


async def _on_desk(
    tx: Transaction, person_id: UUID, row: QuestionRow, case_number: str, presides: bool
) -> QuestionOnDesk:
    voters, members = await tx.together(store.voters_of(tx, row.question_id), store.members_of(tx, row.panel_id))
    return QuestionOnDesk(
        question_id=row.question_id,
        case_id=row.case_id,
        case_number=case_number,
        lot_id=row.lot_id,
        subject=row.subject,
        proposal=row.proposal,
        proposal_sha256=row.proposal_sha256,
        put_at=row.put_at,
        members=len(members),
        voted=len(voters),
        i_voted=person_id in voters,
        i_preside=presides,
    )
