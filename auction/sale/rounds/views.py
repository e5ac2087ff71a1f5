"""What a bidder reads of his own registrations; nobody else's, and never anyone's code but his own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.lots.tables import ListingRow, OutcomeRow, RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.bidders import RegistrationState
from auction.sale.rounds.rounds import RoundState
from auction.sale.rounds.tables import RegistrationRow
from auction.sale.title import store as titles
from auction.sale.title.tables import ConfirmationRow

MINE_LIMIT = 200
"""Most registrations on one page, the latest first."""


class MyRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """One registration as its own bidder sees it; ``code`` is ``None`` before admission."""

    registration_id: UUID
    lot_id: UUID
    round_id: UUID
    session_id: UUID
    title_zh: str
    title_en: str
    state: RegistrationState
    round_state: RoundState
    deposit_id: UUID
    deposit_fen: int
    code: str | None
    opens_at: datetime
    closes_at: datetime
    hammer_price_fen: int | None
    balance_due_at: datetime | None
    """When the balance must have arrived, for the buyer only."""


async def my_registrations(tx: Transaction, person_id: UUID) -> tuple[MyRegistration, ...]:
    """Give a person's own registrations, the latest first."""
    joined = (
        select(RegistrationRow, RoundRow, ListingRow.terms, OutcomeRow.hammer_price_fen)
        .join(RoundRow, RoundRow.round_id == RegistrationRow.round_id)
        .join(ListingRow, (ListingRow.lot_id == RoundRow.lot_id) & (ListingRow.version == RoundRow.version))
        .outerjoin(OutcomeRow, OutcomeRow.round_id == RoundRow.round_id)
        .where(RegistrationRow.person_id == person_id)
        .order_by(RegistrationRow.registered_at.desc())
        .limit(MINE_LIMIT)
    )
    found = (await tx.session.execute(joined)).all()
    return tuple([await _mine(tx, row, of, terms, hammer) for row, of, terms, hammer in found])


async def _mine(
    tx: Transaction, row: RegistrationRow, of: RoundRow, terms: dict[str, str], hammer_price_fen: int | None
) -> MyRegistration:
    return MyRegistration(
        registration_id=row.registration_id,
        lot_id=row.lot_id,
        round_id=row.round_id,
        session_id=of.session_id,
        title_zh=terms["title_zh"],
        title_en=terms["title_en"],
        state=RegistrationState(row.state),
        round_state=RoundState(of.state),
        deposit_id=row.deposit_id,
        deposit_fen=row.deposit_fen,
        code=await store.code_of(tx, row.registration_id),
        opens_at=of.opens_at,
        closes_at=of.closes_at,
        hammer_price_fen=hammer_price_fen,
        balance_due_at=await _balance_due_at(tx, row),
    )


async def _balance_due_at(tx: Transaction, row: RegistrationRow) -> datetime | None:
    if row.state != RegistrationState.WON:
        return None
    confirmation = await tx.session.get(ConfirmationRow, row.round_id)
    return None if confirmation is None else await titles.balance_due_at(tx, confirmation)
