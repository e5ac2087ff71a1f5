"""Queries of rounds and bidders, the one way to move a round, and the only ways from a code to its bidder and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select, union_all

from auction.fund.deposits.apply_deposit import close_deposits
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.sale.cases.tables import CaseRow
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.sell_off import latest_scheduled_end
from auction.sale.lots.tables import (
    LotRow,
    OutcomeRow,
    PanelMemberRow,
    PanelRow,
    ReportAnswerRow,
    ResumptionRow,
    RoundEventRow,
    RoundRow,
    StopRow,
)
from auction.sale.rounds.bidders import (
    CODE_TRIES,
    NotAdmitted,
    RegistrationState,
    RegistrationUnknown,
    random_code,
)
from auction.sale.rounds.rounds import RUNNING, RoundState, RoundUnknown, check_move, end_after_stops
from auction.sale.rounds.tables import BidderCodeRow, RegistrationRow
from auction.sale.title.tables import DefaultDeclarationRow

WITHOUT_ROOM = frozenset({RegistrationState.AWAITING_DEPOSIT, RegistrationState.LEFT})
"""States in which a registration opens no room."""


class TicketRight(msgspec.Struct, frozen=True, kw_only=True):
    """What a person needs to enter the room: his code and the session. Never logged, never on another's page."""

    session_id: UUID
    lot_id: UUID
    code: str
    opens_at: datetime


class RoomOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """Of which round, lot and case a session is."""

    session_id: UUID
    round_id: UUID
    lot_id: UUID
    case_id: UUID


class ReportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the court said to a report of a room."""

    report_id: UUID
    measure: str
    reason: str
    answered_at: datetime


async def rooms_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, RoomOfCase]:
    """Give the sessions of these cases' rounds, by their id."""
    found = select(RoundRow).where(RoundRow.case_id.in_(list(case_ids)))
    return {
        row.session_id: RoomOfCase(
            session_id=row.session_id, round_id=row.round_id, lot_id=row.lot_id, case_id=row.case_id
        )
        for row in (await tx.session.scalars(found)).all()
    }


async def report_answers(tx: Transaction, round_ids: Collection[UUID]) -> dict[UUID, ReportAnswer]:
    """Give the court's answers to reports of these rounds' rooms, by report."""
    found = select(ReportAnswerRow).where(ReportAnswerRow.round_id.in_(list(round_ids)))
    return {
        row.report_id: ReportAnswer(
            report_id=row.report_id, measure=row.measure, reason=row.reason, answered_at=row.answered_at
        )
        for row in (await tx.session.scalars(found)).all()
    }


async def case_of_round(tx: Transaction, round_id: UUID) -> UUID:
    """Give the case of a round, or refuse (`RoundUnknown`)."""
    case_id = await tx.session.scalar(select(RoundRow.case_id).where(RoundRow.round_id == round_id))
    if case_id is None:
        raise RoundUnknown(round_id=round_id)
    return case_id


async def open_round(tx: Transaction, round_id: UUID) -> tuple[RoundRow, LotRow]:
    """Lock the case and give round and lot as they stand, or refuse (`RoundUnknown`)."""
    lot_id = await tx.session.scalar(select(RoundRow.lot_id).where(RoundRow.round_id == round_id))
    if lot_id is None:
        raise RoundUnknown(round_id=round_id)
    lot = await lots.open_lot(tx, lot_id)
    row = await tx.session.get(RoundRow, round_id, populate_existing=True)
    assert row is not None, "a round is never deleted"
    return row, lot


async def newest_round(tx: Transaction, lot_id: UUID) -> RoundRow | None:
    """Give the lot's latest round, ``None`` before its first notice."""
    found = select(RoundRow).where(RoundRow.lot_id == lot_id).order_by(RoundRow.number.desc()).limit(1)
    return await tx.session.scalar(found)


async def move_round(tx: Transaction, row: RoundRow, to: RoundState, actor: Actor, *, reason: str = "") -> None:
    """Move a round and store the event. Raises: `RoundMoveNotAllowed`."""
    move = check_move(row.state, to)
    counted = select(func.count()).select_from(RoundEventRow).where(RoundEventRow.round_id == row.round_id)
    event = RoundEventRow(
        round_id=row.round_id,
        number=int((await tx.session.scalar(counted)) or 0) + 1,
        move=move,
        from_state=row.state,
        to_state=to.value,
        account_id=actor.account_id,
        reason=reason,
        at=tx.now,
    )
    row.state = to.value
    await tx.session.flush()
    await add(tx, event)


async def registration_row(tx: Transaction, registration_id: UUID) -> RegistrationRow:
    """Give a registration, or refuse (`RegistrationUnknown`)."""
    row = await tx.session.get(RegistrationRow, registration_id, populate_existing=True)
    if row is None:
        raise RegistrationUnknown(registration_id=registration_id)
    return row


async def registration_of(tx: Transaction, round_id: UUID, person_id: UUID) -> RegistrationRow | None:
    """Give a person's registration for a round, ``None`` if he has none."""
    found = select(RegistrationRow).where(RegistrationRow.round_id == round_id, RegistrationRow.person_id == person_id)
    return await tx.session.scalar(found)


async def registrations_of(tx: Transaction, round_id: UUID) -> Sequence[RegistrationRow]:
    """Give all registrations of a round."""
    found = (
        select(RegistrationRow).where(RegistrationRow.round_id == round_id).order_by(RegistrationRow.registration_id)
    )
    return (await tx.session.scalars(found)).all()


async def has_defaulted(tx: Transaction, lot_id: UUID, person_id: UUID) -> bool:
    """Whether a person defaulted on this lot."""
    found = select(DefaultDeclarationRow.round_id).where(
        DefaultDeclarationRow.lot_id == lot_id, DefaultDeclarationRow.buyer_person_id == person_id
    )
    return await tx.session.scalar(found.limit(1)) is not None


async def is_of_court(tx: Transaction, case_id: UUID, person_id: UUID) -> bool:
    """Whether a person handles this case or has ever been on a panel of it. Source: 网拍 34."""
    handles = select(CaseRow.case_id).where(CaseRow.case_id == case_id, CaseRow.handler_person_id == person_id)
    judges = (
        select(PanelMemberRow.panel_id)
        .join(PanelRow, PanelRow.panel_id == PanelMemberRow.panel_id)
        .where(PanelRow.case_id == case_id, PanelMemberRow.person_id == person_id)
    )
    return await tx.session.scalar(union_all(handles, judges).limit(1)) is not None


async def outcome_of(tx: Transaction, round_id: UUID) -> OutcomeRow | None:
    """Give how a round ended, ``None`` while it has not."""
    return await tx.session.get(OutcomeRow, round_id)


async def newest_stop(tx: Transaction, round_id: UUID) -> StopRow | None:
    """Give the last stop of a round, ``None`` if there was none."""
    found = select(StopRow).where(StopRow.round_id == round_id).order_by(StopRow.stopped_at.desc()).limit(1)
    return await tx.session.scalar(found)


async def ended_at(tx: Transaction, row: RoundRow) -> datetime | None:
    """Give the real end of a round's bidding, extensions included; ``None`` while it has not ended.

    A round that ended by withdrawal ended at its stop. Never later than now: the room's clock is not this one's.
    """
    if RoundState(row.state) in RUNNING:
        return None
    outcome = await outcome_of(tx, row.round_id)
    if outcome is not None:
        return min(outcome.closed_at, tx.now)
    stop = await newest_stop(tx, row.round_id)
    return tx.now if stop is None else stop.stopped_at


async def resumption_of(tx: Transaction, stop_id: UUID) -> ResumptionRow | None:
    """Give the published resumption after a stop, ``None`` if there is none."""
    return await tx.session.get(ResumptionRow, stop_id)


async def scheduled_end(tx: Transaction, lot: LotRow, row: RoundRow) -> datetime:
    """Give the latest scheduled end of a round's bidding as it stands now, its published resumptions counted."""
    end = latest_scheduled_end(lots.terms_of(await lots.listing_row(tx, lot)), row.closes_at)
    found = await tx.session.execute(
        select(StopRow.stopped_at, ResumptionRow.resumes_at)
        .outerjoin(ResumptionRow, ResumptionRow.stop_id == StopRow.stop_id)
        .where(StopRow.round_id == row.round_id)
        .order_by(StopRow.stopped_at)
    )
    return end_after_stops(end, opens_at=row.opens_at, stops=[(one.stopped_at, one.resumes_at) for one in found])


async def draw_code(tx: Transaction, row: RegistrationRow) -> str:
    """Give the registration a free random code of its lot, joined only by a sealed link (security 2)."""
    taken = set((await tx.session.scalars(select(BidderCodeRow.code).where(BidderCodeRow.lot_id == row.lot_id))).all())
    code = next((drawn for drawn in (random_code() for _ in range(CODE_TRIES)) if drawn not in taken), None)
    assert code is not None, "the codes of this lot are used up"
    link = BidderCodeRow(
        lot_id=row.lot_id,
        code=code,
        round_id=row.round_id,
        link_key=_link_key(tx, row.registration_id),
        link_sealed=tx.sealer.seal(str(row.registration_id)),
    )
    await add(tx, link)
    return code


async def code_of(tx: Transaction, registration_id: UUID) -> str | None:
    """Give a registration's code, ``None`` before admission. For the ticket of the right person, and after the close."""
    found = select(BidderCodeRow.code).where(BidderCodeRow.link_key == _link_key(tx, registration_id))
    return await tx.session.scalar(found)


async def codes_of(tx: Transaction, registration_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the codes of one person's own registrations with one query, for his own pages; one before admission is left out."""
    keys = {_link_key(tx, registration_id): registration_id for registration_id in registration_ids}
    found = select(BidderCodeRow.link_key, BidderCodeRow.code).where(BidderCodeRow.link_key.in_(keys))
    return {keys[row.link_key]: row.code for row in await tx.session.execute(found)}


async def registration_behind(tx: Transaction, round_id: UUID, code: str) -> RegistrationRow:
    """Open the link of a code: after the close for the outcome and for an opened roster (网拍 18, 22); `linked_codes` says yes or no."""
    found = select(BidderCodeRow).where(BidderCodeRow.round_id == round_id, BidderCodeRow.code == code)
    row = await tx.session.scalar(found)
    if row is None:
        raise RegistrationUnknown(code=code)
    return await registration_row(tx, UUID(tx.sealer.open(row.link_sealed)))


async def registrations_behind(tx: Transaction, round_id: UUID) -> dict[str, RegistrationRow]:
    """Open the links of all codes of a round. Only `tell_integrity` calls this, after the outcome (网拍 18, 22)."""
    links = (await tx.session.scalars(select(BidderCodeRow).where(BidderCodeRow.round_id == round_id))).all()
    rows = {row.registration_id: row for row in await registrations_of(tx, round_id)}
    return {link.code: rows[UUID(tx.sealer.open(link.link_sealed))] for link in links}


async def ticket_right(tx: Transaction, person_id: UUID, lot_id: UUID) -> TicketRight:
    """Give the right to enter the room of the lot's present round, to its own bidder only.

    Raises: `NotAdmitted`. Source: 网拍 18.
    """
    round_row = await newest_round(tx, lot_id)
    registration = None if round_row is None else await registration_of(tx, round_row.round_id, person_id)
    if round_row is None or registration is None or registration.state in WITHOUT_ROOM:
        raise NotAdmitted
    code = await code_of(tx, registration.registration_id)
    if code is None:
        raise NotAdmitted
    return TicketRight(session_id=round_row.session_id, lot_id=lot_id, code=code, opens_at=round_row.opens_at)


async def end_registrations(
    tx: Transaction, round_id: UUID, *, winner: UUID | None, admitted_become: RegistrationState
) -> None:
    """End all registrations of a round; the caller settles their deposits through fund."""
    for row in await registrations_of(tx, round_id):
        if row.registration_id == winner:
            row.state = RegistrationState.WON.value
        elif row.state == RegistrationState.ADMITTED:
            row.state = admitted_become.value
        elif row.state == RegistrationState.AWAITING_DEPOSIT:
            row.state = RegistrationState.RELEASED.value
    await tx.session.flush()


async def release_all(tx: Transaction, round_id: UUID) -> None:
    """End the registrations of a round in which nobody buys any more, and release their deposits. Source: 网拍 23."""
    await end_registrations(tx, round_id, winner=None, admitted_become=RegistrationState.RELEASED)
    await close_deposits(
        tx, round_id=round_id, closed_at=tx.now, buyer_registration_id=None, hammer_price=None, balance_due_on=None
    )


def _link_key(tx: Transaction, registration_id: UUID) -> str:
    return tx.sealer.commit(f"bidder-code:{registration_id}")
