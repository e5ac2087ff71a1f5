"""Queries of joining a distribution: applications with what became of them, the court's cut-off day, and what it is counted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select

from auction.fund.plans.store import first_served_on
from auction.kernel.clock import day_start
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases import store as cases
from auction.sale.joining.joining import DEFAULT_CUT_OFF, CutOff, JoinApplicationUnknown, finished_on
from auction.sale.joining.tables import JoinApplicationRow, JoinCutOffRow, JoinDecisionRow, JoinObjectionRow
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotRow
from auction.sale.title.tables import TitlePassageRow

OPEN = frozenset({"waits", "objected"})
"""States in which the court owes a decision."""
SHOWN_MOST = 200
"""No page lists more applications than this, the newest first."""


class JoinShown(msgspec.Struct, frozen=True, kw_only=True):
    """One application and what became of it.

    ``state``: waits, admitted, refused, objected (a refusal was objected to, the second decision is due), refused_finally.
    """

    application_id: UUID
    case_id: UUID
    case_number: str
    court: str
    person_id: UUID
    applicant_masked: str
    kind: str
    amount_fen: int
    title_number: str
    document_sha256: str
    by_paper: bool
    applied_on: date
    state: str
    reason: str = ""
    article: str = ""
    decided_at: datetime | None = None


async def application_row(tx: Transaction, application_id: UUID) -> JoinApplicationRow:
    """Give an application. Raises `JoinApplicationUnknown`."""
    row = await tx.session.get(JoinApplicationRow, application_id)
    if row is None:
        raise JoinApplicationUnknown(application_id=application_id)
    return row


async def decisions_of(tx: Transaction, application_id: UUID) -> Sequence[JoinDecisionRow]:
    """Give the decisions on an application, the first one first."""
    found = select(JoinDecisionRow).where(JoinDecisionRow.application_id == application_id)
    return (await tx.session.scalars(found.order_by(JoinDecisionRow.number))).all()


async def objection_of(tx: Transaction, application_id: UUID) -> JoinObjectionRow | None:
    """Give the objection to a refusal."""
    return await tx.session.get(JoinObjectionRow, application_id)


async def state_of(tx: Transaction, application_id: UUID) -> str:
    """Say what became of an application, in the words of `JoinShown`."""
    decisions = await decisions_of(tx, application_id)
    if not decisions:
        return "waits"
    if decisions[-1].admitted:
        return "admitted"
    if len(decisions) > 1:
        return "refused_finally"
    return "refused" if await objection_of(tx, application_id) is None else "objected"


async def waits_in(tx: Transaction, case_id: UUID, person_id: UUID) -> bool:
    """Whether an application of this person in this case waits for a decision."""
    rows = await _rows(tx, JoinApplicationRow.case_id == case_id, JoinApplicationRow.person_id == person_id)
    return any([await state_of(tx, row.application_id) in OPEN for row in rows])


async def open_rows(tx: Transaction, case_id: UUID) -> list[JoinApplicationRow]:
    """Give the applications in a case that wait for a decision."""
    rows = await _rows(tx, JoinApplicationRow.case_id == case_id)
    return [row for row in rows if await state_of(tx, row.application_id) in OPEN]


async def applications_of_case(tx: Transaction, case_id: UUID) -> tuple[JoinShown, ...]:
    """Give the applications in a case, the newest first."""
    return tuple([await _shown(tx, row) for row in await _rows(tx, JoinApplicationRow.case_id == case_id)])


async def applications_of_person(tx: Transaction, person_id: UUID) -> tuple[JoinShown, ...]:
    """Give a person's own applications, the newest first."""
    return tuple([await _shown(tx, row) for row in await _rows(tx, JoinApplicationRow.person_id == person_id)])


async def facts_of(tx: Transaction, application_id: UUID) -> str:
    """Open the facts and reasons of an application."""
    return tx.sealer.open((await application_row(tx, application_id)).facts_sealed)


async def grounds_of(tx: Transaction, application_id: UUID) -> str:
    """Open the grounds of an objection; empty without one."""
    row = await objection_of(tx, application_id)
    return "" if row is None else tx.sealer.open(row.grounds_sealed)


async def _rows(tx: Transaction, *which: ColumnElement[bool]) -> Sequence[JoinApplicationRow]:
    found = select(JoinApplicationRow).where(*which).order_by(JoinApplicationRow.recorded_at.desc()).limit(SHOWN_MOST)
    return (await tx.session.scalars(found)).all()


async def _shown(tx: Transaction, row: JoinApplicationRow) -> JoinShown:
    case = await cases.case_row(tx, row.case_id)
    decisions = await decisions_of(tx, row.application_id)
    last = decisions[-1] if decisions else None
    return JoinShown(
        application_id=row.application_id,
        case_id=row.case_id,
        case_number=case.case_number,
        court=case.court,
        person_id=row.person_id,
        applicant_masked=await masked_of(tx, row.person_id),
        kind=row.kind,
        amount_fen=row.amount_fen,
        title_number=row.title_number,
        document_sha256=row.document_sha256,
        by_paper=row.recorded_by is not None,
        applied_on=row.applied_on,
        state=await state_of(tx, row.application_id),
        reason="" if last is None else last.reason,
        article="" if last is None else last.article,
        decided_at=None if last is None else last.decided_at,
    )


async def cut_off_of(tx: Transaction, court_code: str, *, applied_on: date) -> CutOff:
    """Give the court's reading of when enforcement of an asset is finished, as it stood for an application of this day.

    The newest setting up to that day counts: a later one takes nobody's right to join away, and gives none.
    """
    found = select(JoinCutOffRow.cut_off).where(
        JoinCutOffRow.court_code == court_code, JoinCutOffRow.set_at < day_start(applied_on + timedelta(days=1))
    )
    stored = await tx.session.scalar(found.order_by(JoinCutOffRow.set_at.desc()).limit(1))
    return DEFAULT_CUT_OFF if stored is None else CutOff(stored)


async def end_of_enforcement(tx: Transaction, case_id: UUID, asset_id: UUID, cut_off: CutOff) -> date | None:
    """Give the first day on which nobody joins for this asset any more, ``None`` while it has not come.

    A title that fell with its sale ends nothing: the lot is withdrawn then, and the asset is sold again as another.
    """
    passed = (
        select(TitlePassageRow.passed_on)
        .join(LotRow, LotRow.lot_id == TitlePassageRow.lot_id)
        .where(LotRow.case_id == case_id, LotRow.asset_id == asset_id, LotRow.state != LotState.WITHDRAWN.value)
        .order_by(TitlePassageRow.passed_on)
    )
    return finished_on(
        cut_off,
        ruling_served_on=await tx.session.scalar(passed.limit(1)),
        plan_served_on=await first_served_on(tx, case_id),
        calendar=COURT_CALENDAR,
    )
