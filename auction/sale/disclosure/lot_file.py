"""The public file of one lot: all that its notice published, how its price came, its stops, rounds and result."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.assets import Fact
from auction.sale.cases.cases import CaseView
from auction.sale.cases.tables import AssetRow, CaseRow, PlatformChoiceRow, ReferencePriceRow
from auction.sale.disclosure.public_lots import LotCard, card_of, registrants_until_step
from auction.sale.lots import store as lots
from auction.sale.lots.lots import RoundKind, Terms
from auction.sale.lots.notices import Notice
from auction.sale.lots.tables import ListingRow, NoticeRow, OutcomeRow, ResumptionRow, RoundRow, StopRow
from auction.sale.rounds.rounds import StopKind
from auction.sale.title.tables import ConfirmationRow


class PriceShown(msgspec.Struct, frozen=True, kw_only=True):
    """The reference price on which the round rests."""

    reference_price_id: UUID
    amount_fen: int
    method: str
    fixed_at: datetime
    valid_until: date
    evidence_sha256: str


class RightShown(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmed right of first refusal: its nature and rank, never its holder."""

    basis: str
    rank: int


class StopShown(msgspec.Struct, frozen=True, kw_only=True):
    """A stop of the round, with the hour at which it goes on once that is published."""

    kind: StopKind
    ground: str
    reason: str
    stopped_at: datetime
    resumes_at: datetime | None


class ConfirmationShown(msgspec.Struct, frozen=True, kw_only=True):
    """The published confirmation of auction transaction, with the buyer's real name. Source: 网拍 22."""

    buyer_name: str
    buyer_code: str
    hammer_price_fen: int
    closed_at: datetime
    published_at: datetime


class RoundShown(msgspec.Struct, frozen=True, kw_only=True):
    """One round of the lot and how it ended."""

    number: int
    kind: RoundKind
    state: str
    reserve_fen: int
    opens_at: datetime
    closes_at: datetime
    hammer_price_fen: int | None
    bid_count: int | None


class LotFile(msgspec.Struct, frozen=True, kw_only=True):
    """All that everybody may read of a lot."""

    card: LotCard
    case: CaseView
    terms: Terms
    notice: Notice
    notice_sha256: str
    published_at: datetime
    address: str
    facts: tuple[Fact, ...]
    price: PriceShown
    rights: tuple[RightShown, ...]
    stop: StopShown | None
    rounds: tuple[RoundShown, ...]
    confirmation: ConfirmationShown | None
    chain_head: str
    """Fingerprint of the round's whole bid journal; empty before its outcome."""
    registrants: int


class _Rows(NamedTuple):
    """What there is once of a lot's newest round, read in one question."""

    listing: ListingRow
    notice: NoticeRow
    asset: AssetRow
    case: CaseRow
    platform: PlatformChoiceRow | None
    price: ReferencePriceRow
    outcome: OutcomeRow | None
    confirmation: ConfirmationRow | None
    stop: StopRow | None
    """The round's newest."""
    resumption: ResumptionRow | None
    registrants: int


async def lot_file(tx: Transaction, lot_id: UUID) -> LotFile:
    """Give the public file of a lot, or refuse (`LotUnknown`)."""
    card = await card_of(tx, lot_id)
    rows, facts, rights, rounds = await tx.together(
        _rows(tx, card), cases.facts_of(tx, card.asset_id), lots.first_refusals_of(tx, lot_id), _rounds(tx, lot_id)
    )
    return LotFile(
        card=card,
        case=cases.case_view_from(rows.case, rows.platform),
        terms=lots.terms_of(rows.listing),
        notice=msgspec.convert(rows.notice.content, Notice),
        notice_sha256=rows.notice.sha256,
        published_at=rows.notice.published_at,
        address=rows.asset.address,
        facts=tuple(facts.values()),
        price=_price(rows.price),
        rights=tuple(RightShown(basis=row.basis, rank=row.rank) for row in rights),
        stop=_stop(rows.stop, rows.resumption),
        rounds=rounds,
        confirmation=_confirmation(tx, rows.confirmation, rows.outcome),
        chain_head="" if rows.outcome is None else rows.outcome.chain_head,
        registrants=rows.registrants,
    )


async def _rows(tx: Transaction, card: LotCard) -> _Rows:
    """Read in one question what would be eleven: the page of a lot is the one most asked for."""
    newest_stop = select(StopRow.stop_id).where(StopRow.round_id == card.round_id)
    newest_stop = newest_stop.order_by(StopRow.stopped_at.desc()).limit(1)
    asked = (
        select(
            *(
                ListingRow,
                NoticeRow,
                AssetRow,
                CaseRow,
                PlatformChoiceRow,
                ReferencePriceRow,
                OutcomeRow,
                ConfirmationRow,
            ),
            *(StopRow, ResumptionRow, registrants_until_step(tx.now, card.round_id).scalar_subquery()),
        )
        .select_from(ListingRow)
        .join(NoticeRow, NoticeRow.round_id == card.round_id)
        .join(AssetRow, AssetRow.asset_id == card.asset_id)
        .join(CaseRow, CaseRow.case_id == card.case_id)
        .join(ReferencePriceRow, ReferencePriceRow.reference_price_id == ListingRow.reference_price_id)
        .outerjoin(PlatformChoiceRow, PlatformChoiceRow.case_id == CaseRow.case_id)
        .outerjoin(OutcomeRow, OutcomeRow.round_id == NoticeRow.round_id)
        .outerjoin(ConfirmationRow, ConfirmationRow.round_id == NoticeRow.round_id)
        .outerjoin(StopRow, StopRow.stop_id == newest_stop.scalar_subquery())
        .outerjoin(ResumptionRow, ResumptionRow.stop_id == StopRow.stop_id)
        .where(ListingRow.lot_id == card.lot_id, ListingRow.version == card.version)
    )
    row = (await tx.session.execute(asked)).one_or_none()
    assert row is not None, "a round has its terms, its notice and its price"
    return _Rows(*row)


def _stop(row: StopRow | None, resumption: ResumptionRow | None) -> StopShown | None:
    if row is None:
        return None
    stop = {"kind": row.kind, "ground": row.ground, "reason": row.reason, "stopped_at": row.stopped_at}
    return msgspec.convert({**stop, "resumes_at": None if resumption is None else resumption.resumes_at}, StopShown)


def _price(row: ReferencePriceRow) -> PriceShown:
    return PriceShown(
        reference_price_id=row.reference_price_id,
        amount_fen=row.amount_fen,
        method=row.method,
        fixed_at=row.fixed_at,
        valid_until=row.valid_until,
        evidence_sha256=row.evidence_sha256,
    )


async def _rounds(tx: Transaction, lot_id: UUID) -> tuple[RoundShown, ...]:
    joined = (
        select(RoundRow, ListingRow.reserve_fen, OutcomeRow.hammer_price_fen, OutcomeRow.bid_count)
        .join(ListingRow, (ListingRow.lot_id == RoundRow.lot_id) & (ListingRow.version == RoundRow.version))
        .outerjoin(OutcomeRow, OutcomeRow.round_id == RoundRow.round_id)
        .where(RoundRow.lot_id == lot_id)
        .order_by(RoundRow.number)
    )
    return tuple(
        _round(row, reserve_fen, hammer_price_fen, bid_count)
        for row, reserve_fen, hammer_price_fen, bid_count in (await tx.session.execute(joined)).all()
    )


def _round(row: RoundRow, reserve_fen: int, hammer_price_fen: int | None, bid_count: int | None) -> RoundShown:
    known = {name: getattr(row, name) for name in ("number", "kind", "state", "opens_at", "closes_at")}
    amounts = {"reserve_fen": reserve_fen, "hammer_price_fen": hammer_price_fen, "bid_count": bid_count}
    return msgspec.convert({**known, **amounts}, RoundShown)


def _confirmation(tx: Transaction, row: ConfirmationRow | None, outcome: OutcomeRow | None) -> ConfirmationShown | None:
    """Open the buyer's name: the law publishes it with the confirmation (网拍 22), and nothing else does."""
    if row is None or outcome is None or outcome.buyer_code is None:
        return None
    return ConfirmationShown(
        buyer_name=tx.sealer.open(row.buyer_name_sealed),
        buyer_code=outcome.buyer_code,
        hammer_price_fen=row.hammer_price_fen,
        closed_at=outcome.closed_at,
        published_at=row.published_at,
    )
