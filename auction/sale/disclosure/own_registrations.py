"""A bidder's own registrations, with his own codes, and what follows a purchase. Never another person's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.disclosure.public_lots import LotCard, cards_of
from auction.sale.lots import store as lots
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds import store as rounds
from auction.sale.rounds.bidders import RegistrationState, RegistrationUnknown
from auction.sale.rounds.tables import RegistrationRow
from auction.sale.title import store as title
from auction.sale.title.tables import ConfirmationRow, DeliveryRow, RegistryTransferRow, TitlePassageRow

MAX_OWN = 200
"""No page lists more registrations of one person than this; the newest come first."""


class OwnRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """One's own registration; ``lot`` is the lot as it stands now, the other fields are those of this round."""

    registration_id: UUID
    lot: LotCard
    round_id: UUID
    session_id: UUID
    round_number: int
    round_state: str
    opens_at: datetime
    closes_at: datetime
    state: RegistrationState
    deposit_id: UUID
    deposit_fen: int
    bidder_code: str | None
    first_refusal_rank: int | None
    has_agent: bool
    agent_confirmed: bool
    registered_at: datetime


class AfterSale(msgspec.Struct, frozen=True, kw_only=True):
    """What happened after a sale, step by step; a step without a date has not happened."""

    published_at: datetime
    balance_due_at: datetime
    paid_on: date | None
    ruling_by: date | None
    ruled_at: datetime | None
    title_passed_on: date | None
    deliver_by: date | None
    transferred_on: date | None
    delivered_on: date | None
    fell: Literal["defaulted", "set_aside"] | None
    """Why the sale does not stand any more; ``None``: it stands."""


async def own_registrations(tx: Transaction, person_id: UUID) -> list[OwnRegistration]:
    """Give a person's registrations, the newest first."""
    found = select(RegistrationRow).where(RegistrationRow.person_id == person_id)
    found = found.order_by(RegistrationRow.registered_at.desc(), RegistrationRow.registration_id).limit(MAX_OWN)
    return await _own(tx, person_id, (await tx.session.scalars(found)).all())


async def own_registration(tx: Transaction, person_id: UUID, registration_id: UUID) -> OwnRegistration:
    """Give one registration of this person, or refuse (`RegistrationUnknown`, also for another's)."""
    row = await rounds.registration_row(tx, registration_id)
    if row.person_id != person_id:
        raise RegistrationUnknown(registration_id=registration_id)
    return (await _own(tx, person_id, [row]))[0]


async def own_registration_for(tx: Transaction, person_id: UUID, round_id: UUID) -> OwnRegistration | None:
    """Give this person's registration for a round, ``None`` if he has none."""
    row = await rounds.registration_of(tx, round_id, person_id)
    return None if row is None else (await _own(tx, person_id, [row]))[0]


async def after_sale(tx: Transaction, round_id: UUID, lot_id: UUID) -> AfterSale | None:
    """Give the steps after the sale in this round, ``None`` if it sold nothing."""
    confirmation = await tx.session.get(ConfirmationRow, round_id)
    if confirmation is None:
        return None
    paid, due_at, fell, ruling, passage, transfer, delivery = await tx.together(
        title.full_payment_of(tx, round_id),
        title.balance_due_at(tx, confirmation),
        title.why_fallen(tx, round_id),
        title.ruling_of(tx, lot_id),
        tx.session.get(TitlePassageRow, lot_id),
        tx.session.get(RegistryTransferRow, lot_id),
        tx.session.get(DeliveryRow, lot_id),
    )
    return AfterSale(
        published_at=confirmation.published_at,
        balance_due_at=due_at,
        paid_on=None if paid is None else paid.complete_on,
        ruling_by=None if ruling is None else ruling.serve_by,
        ruled_at=None if ruling is None else ruling.ruled_at,
        title_passed_on=None if passage is None else passage.passed_on,
        deliver_by=None if passage is None else passage.deliver_by,
        transferred_on=None if transfer is None else transfer.transferred_on,
        delivered_on=None if delivery is None else delivery.delivered_on,
        fell=fell,
    )


async def _own(tx: Transaction, person_id: UUID, rows: Sequence[RegistrationRow]) -> list[OwnRegistration]:
    """Show a person's registrations, in their order; the same queries however many they are."""
    lot_ids = {row.lot_id for row in rows}
    rounds_of, cards, codes, ranks = await tx.together(
        _rounds(tx, {row.round_id for row in rows}),
        cards_of(tx, lot_ids),
        rounds.codes_of(tx, [row.registration_id for row in rows]),
        lots.ranks_of(tx, lot_ids, person_id),
    )
    return [
        _shown(
            row,
            rounds_of[row.round_id],
            cards[row.lot_id],
            bidder_code=codes.get(row.registration_id),
            rank=ranks.get(row.lot_id),
        )
        for row in rows
    ]


async def _rounds(tx: Transaction, round_ids: Collection[UUID]) -> Mapping[UUID, RoundRow]:
    found = select(RoundRow).where(RoundRow.round_id.in_(round_ids))
    return {row.round_id: row for row in await tx.session.scalars(found)}


def _shown(
    row: RegistrationRow, round_row: RoundRow, card: LotCard, *, bidder_code: str | None, rank: int | None
) -> OwnRegistration:
    return OwnRegistration(
        registration_id=row.registration_id,
        lot=card,
        round_id=row.round_id,
        session_id=round_row.session_id,
        round_number=round_row.number,
        round_state=round_row.state,
        opens_at=round_row.opens_at,
        closes_at=round_row.closes_at,
        state=RegistrationState(row.state),
        deposit_id=row.deposit_id,
        deposit_fen=row.deposit_fen,
        bidder_code=bidder_code,
        first_refusal_rank=rank,
        has_agent=row.agent_person_id is not None or row.agent_sealed is not None,
        agent_confirmed=row.agent_confirmed_at is not None,
        registered_at=row.registered_at,
    )
