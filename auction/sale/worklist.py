"""The court's work list: my cases with their open clocks, questions before the panel, documents that wait for the seal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.sale.case_access import CaseSeen, cases_seen_by
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.tables import DocumentRow, DocumentSealRow, SealRefusalRow, SealRequestRow
from auction.sale.desk import Clock, open_clocks
from auction.sale.guards.decide_guard_objection import DECIDERS
from auction.sale.guards.store import ObjectionShown, open_objections
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import BallotRow, LotRow, PanelDecisionRow, PanelMemberRow, QuestionRow
from auction.sale.views import QuestionOnDesk, panel_desk

DRAFTS_LIMIT = 100
"""Most drafts on one desk, the oldest first."""
QUESTIONS_LIMIT = 100
"""Most questions that wait for their closing on one desk, the oldest first."""
ENDED = frozenset({LotState.COMPLETED, LotState.SATISFIED, LotState.RETURNED, LotState.WITHDRAWN})


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case on the list, with its lots' states and the clocks that run, the next end first."""

    case_id: UUID
    case_number: str
    court: str
    handler_name: str
    lot_states: tuple[LotState, ...]
    clocks: tuple[Clock, ...]

    @property
    def is_done(self) -> bool:
        """Whether every lot has come to its end and no clock runs."""
        return bool(self.lot_states) and ENDED.issuperset(self.lot_states) and not self.clocks


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A court document that waits for its seal."""

    document_id: UUID
    case_id: UUID
    case_number: str
    kind: DocumentKind
    title: str
    issued_at: datetime
    is_being_sealed: bool
    """Whether the seal service was asked and has not answered."""


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """A question on which all have voted, to be closed by the presiding judge or the clerk."""

    question_id: UUID
    case_id: UUID
    case_number: str
    subject: str
    members: int


class WorkList(msgspec.Struct, frozen=True, kw_only=True):
    """What one officer finds on his desk; ``now`` is business time."""

    now: datetime
    cases: tuple[CaseLine, ...]
    questions: tuple[QuestionOnDesk, ...]
    closings: tuple[Closing, ...]
    drafts: tuple[Draft, ...]
    guard_objections: tuple[ObjectionShown, ...] = ()
    """Objections of refused persons; what must be decided before a bidding ends comes first."""

    @property
    def to_vote(self) -> tuple[QuestionOnDesk, ...]:
        """The questions on which the officer has not voted."""
        return tuple(question for question in self.questions if not question.i_voted)

    @property
    def overdue(self) -> int:
        """How many clocks have run out."""
        return sum(clock.is_overdue for line in self.cases for clock in line.clocks)


async def work_list(tx: Transaction, actor: Actor) -> WorkList:
    """Give an officer's work list; cases with an overdue or the nearest clock come first."""
    seen = await cases_seen_by(tx, actor)
    by_id = {row.case_id: row for row in seen}
    numbers = {row.case_id: row.case_number for row in seen}
    lines, questions, closings, drafts, guard_objections = await tx.together(
        tx.each(by_id, lambda case_id: _line(tx, by_id[case_id])),
        panel_desk(tx, actor.person_id),
        _closings(tx, actor, numbers),
        _drafts(tx, numbers),
        _guard_objections(tx, actor, numbers),
    )
    return WorkList(
        now=tx.now,
        cases=tuple(sorted(lines.values(), key=_urgency)),
        questions=questions,
        closings=closings,
        drafts=drafts,
        guard_objections=guard_objections,
    )


async def _line(tx: Transaction, row: CaseSeen) -> CaseLine:
    of_case = select(LotRow.state).where(LotRow.case_id == row.case_id).order_by(LotRow.created_at)
    states, clocks = await tx.together(tx.session.scalars(of_case), open_clocks(tx, row.case_id))
    return CaseLine(
        case_id=row.case_id,
        case_number=row.case_number,
        court=row.court,
        handler_name=row.handler_name,
        lot_states=tuple(LotState(state) for state in states),
        clocks=clocks,
    )


def _urgency(line: CaseLine) -> tuple[bool, str]:
    return line.is_done, min((clock.due_on.isoformat() for clock in line.clocks), default="9999")


async def _closings(tx: Transaction, actor: Actor, numbers: dict[UUID, str]) -> tuple[Closing, ...]:
    if actor.roles.isdisjoint({Role.CLERK, Role.PRESIDING_JUDGE}):
        return ()
    votes = (
        select(func.count()).select_from(BallotRow).where(BallotRow.question_id == QuestionRow.question_id)
    ).scalar_subquery()
    members = (
        select(func.count()).select_from(PanelMemberRow).where(PanelMemberRow.panel_id == QuestionRow.panel_id)
    ).scalar_subquery()
    found = (
        select(QuestionRow.question_id, QuestionRow.case_id, QuestionRow.subject, members)
        .outerjoin(PanelDecisionRow, PanelDecisionRow.question_id == QuestionRow.question_id)
        .where(PanelDecisionRow.question_id.is_(None), votes == members, QuestionRow.case_id.in_(numbers))
        .order_by(QuestionRow.put_at)
        .limit(QUESTIONS_LIMIT)
    )
    return tuple(
        Closing(question_id=question_id, case_id=case_id, case_number=numbers[case_id], subject=subject, members=count)
        for question_id, case_id, subject, count in (await tx.session.execute(found)).all()
    )


async def _guard_objections(tx: Transaction, actor: Actor, numbers: dict[UUID, str]) -> tuple[ObjectionShown, ...]:
    return () if actor.roles.isdisjoint(DECIDERS) else await open_objections(tx, list(numbers))


async def _drafts(tx: Transaction, numbers: dict[UUID, str]) -> tuple[Draft, ...]:
    refused = (SealRefusalRow.document_id == SealRequestRow.document_id) & (
        SealRefusalRow.attempt == SealRequestRow.attempt
    )
    asked = (
        select(SealRequestRow.attempt)
        .outerjoin(SealRefusalRow, refused)
        .where(SealRequestRow.document_id == DocumentRow.document_id, SealRefusalRow.document_id.is_(None))
        .exists()
    )
    found = (
        select(DocumentRow, asked)
        .outerjoin(DocumentSealRow, DocumentSealRow.document_id == DocumentRow.document_id)
        .where(DocumentRow.needs_seal, DocumentSealRow.document_id.is_(None), DocumentRow.case_id.in_(numbers))
        .order_by(DocumentRow.issued_at)
        .limit(DRAFTS_LIMIT)
    )
    rows = (await tx.session.execute(found)).all()
    return tuple(
        Draft(
            document_id=row.document_id,
            case_id=row.case_id,
            case_number=numbers[row.case_id],
            kind=DocumentKind(row.kind),
            title=row.title,
            issued_at=row.issued_at,
            is_being_sealed=is_being_sealed,
        )
        for row, is_being_sealed in rows
    )
