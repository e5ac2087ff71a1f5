"""The public file of one lot: all that its notice published, how its price came, its stops, rounds and result."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.assets import Fact
from auction.sale.cases.cases import CaseView
from auction.sale.cases.tables import ReferencePriceRow
from auction.sale.disclosure.public_lots import LotCard, card_of, registrant_count
from auction.sale.lots import store as lots
from auction.sale.lots.lots import RoundKind, Terms
from auction.sale.lots.notices import Notice
from auction.sale.lots.tables import ListingRow, NoticeRow, OutcomeRow, RoundRow
from auction.sale.rounds import store as rounds
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


async def lot_file(tx: Transaction, lot_id: UUID) -> LotFile:
    """Give the public file of a lot, or refuse (`LotUnknown`)."""
    card = await card_of(tx, lot_id)
    listing = await tx.session.get(ListingRow, (lot_id, card.version))
    notice = await tx.session.get(NoticeRow, card.round_id)
    assert listing is not None and notice is not None, "a round has its terms and its notice"
    asset = await cases.asset_row(tx, card.case_id, card.asset_id)
    outcome = await rounds.outcome_of(tx, card.round_id)
    return LotFile(
        card=card,
        case=await cases.case_view(tx, card.case_id),
        terms=lots.terms_of(listing),
        notice=msgspec.convert(notice.content, Notice),
        notice_sha256=notice.sha256,
        published_at=notice.published_at,
        address=asset.address,
        facts=tuple((await cases.facts_of(tx, card.asset_id)).values()),
        price=await _price(tx, listing.reference_price_id),
        rights=tuple(RightShown(basis=row.basis, rank=row.rank) for row in await lots.first_refusals_of(tx, lot_id)),
        stop=await stop_of(tx, card.round_id),
        rounds=await _rounds(tx, lot_id),
        confirmation=await _confirmation(tx, card.round_id, outcome),
        chain_head="" if outcome is None else outcome.chain_head,
        registrants=await registrant_count(tx, card.round_id),
    )


async def stop_of(tx: Transaction, round_id: UUID) -> StopShown | None:
    """Give the last stop of a round, ``None`` if it was never stopped."""
    row = await rounds.newest_stop(tx, round_id)
    if row is None:
        return None
    resumption = await rounds.resumption_of(tx, row.stop_id)
    stop = {"kind": row.kind, "ground": row.ground, "reason": row.reason, "stopped_at": row.stopped_at}
    return msgspec.convert({**stop, "resumes_at": None if resumption is None else resumption.resumes_at}, StopShown)


async def _price(tx: Transaction, reference_price_id: UUID) -> PriceShown:
    row = await tx.session.get(ReferencePriceRow, reference_price_id)
    assert row is not None, "a listing names its reference price"
    return PriceShown(
        reference_price_id=reference_price_id,
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


async def _confirmation(tx: Transaction, round_id: UUID, outcome: OutcomeRow | None) -> ConfirmationShown | None:
    """Open the buyer's name: the law publishes it with the confirmation (网拍 22), and nothing else does."""
    row = await tx.session.get(ConfirmationRow, round_id)
    if row is None or outcome is None or outcome.buyer_code is None:
        return None
    return ConfirmationShown(
        buyer_name=tx.sealer.open(row.buyer_name_sealed),
        buyer_code=outcome.buyer_code,
        hammer_price_fen=row.hammer_price_fen,
        closed_at=outcome.closed_at,
        published_at=row.published_at,
    )
