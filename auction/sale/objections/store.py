"""Queries of objections in enforcement: rows, who sits, who ran the case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, exists, func, select, text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.cases.tables import CaseRow, DocumentSealRow
from auction.sale.lots.tables import PanelMemberRow, PanelRow, RoundRow
from auction.sale.objections.objections import (
    EnforcementObjectionUnknown,
    ObjectionKind,
    ObjectionState,
    Standing,
    state_of,
)
from auction.sale.objections.tables import (
    EnforcementObjectionRow,
    ObjectionDocketingRow,
    ObjectionRulingRow,
    ObjectionWithdrawalRow,
    ReviewBallotRow,
    ReviewMemberRow,
)
from auction.sale.rounds.tables import RegistrationRow

Asked = Select[
    EnforcementObjectionRow,
    ObjectionDocketingRow,
    ObjectionRulingRow,
    ObjectionWithdrawalRow,
    DocumentSealRow,
    bool,
]
SHOWN_MOST = 200
"""No list has more objections than this, the newest first."""
OWN_ACTIONS = ("VoteOnObjection", "DecideEnforcementObjection")
"""Steps of a reviewing panel: whoever took them did not run the case by them."""
_RAN_BY_ACCOUNT = text(
    "SELECT EXISTS (SELECT FROM kernel.audit_entry "
    "WHERE chain = :chain AND account_id = :account_id AND action <> ALL (:own))"
)


class OnFile(NamedTuple):
    """An objection with what became of it; ``answered_on``: the day of the seal on its ruling, ``None`` before."""

    row: EnforcementObjectionRow
    docketing: ObjectionDocketingRow | None
    ruling: ObjectionRulingRow | None
    withdrawal: ObjectionWithdrawalRow | None
    answered_on: date | None
    has_panel: bool

    @property
    def state(self) -> ObjectionState:
        """Where it stands."""
        return state_of(
            Standing(
                admitted=None if self.docketing is None else self.docketing.admitted,
                has_panel=self.has_panel,
                upheld=None if self.ruling is None else self.ruling.upheld,
                withdrawn=self.withdrawal is not None,
            )
        )

    @property
    def document_id(self) -> UUID | None:
        """The ruling that answers it, sealed or not."""
        if self.ruling is not None:
            return self.ruling.document_id
        return None if self.docketing is None else self.docketing.document_id


def _on_file() -> Asked:
    o = EnforcementObjectionRow
    answer = func.coalesce(ObjectionRulingRow.document_id, ObjectionDocketingRow.document_id)
    sits = exists().where(ReviewMemberRow.objection_id == o.objection_id).correlate(o)
    return (
        select(o, ObjectionDocketingRow, ObjectionRulingRow, ObjectionWithdrawalRow, DocumentSealRow, sits)
        .outerjoin(ObjectionDocketingRow, ObjectionDocketingRow.objection_id == o.objection_id)
        .outerjoin(ObjectionRulingRow, ObjectionRulingRow.objection_id == o.objection_id)
        .outerjoin(ObjectionWithdrawalRow, ObjectionWithdrawalRow.objection_id == o.objection_id)
        .outerjoin(DocumentSealRow, DocumentSealRow.document_id == answer)
        .order_by(o.raised_at.desc(), o.objection_id)
    )


async def _read(tx: Transaction, asked: Asked) -> tuple[OnFile, ...]:
    return tuple(
        OnFile(row, docketing, ruling, withdrawal, _day_of(seal), sits)
        for row, docketing, ruling, withdrawal, seal, sits in (await tx.session.execute(asked.limit(SHOWN_MOST))).all()
    )


def _day_of(seal: DocumentSealRow | None) -> date | None:
    return None if seal is None else local_day(seal.sealed_at)


async def on_file(tx: Transaction, objection_id: UUID) -> OnFile:
    """Give one objection (`EnforcementObjectionUnknown`)."""
    found = await _read(tx, _on_file().where(EnforcementObjectionRow.objection_id == objection_id))
    if not found:
        raise EnforcementObjectionUnknown(objection_id=objection_id)
    return found[0]


async def of_person(tx: Transaction, person_id: UUID) -> tuple[OnFile, ...]:
    """Give what a person objected, the newest first."""
    return await _read(tx, _on_file().where(EnforcementObjectionRow.person_id == person_id))


async def of_cases(tx: Transaction, case_ids: Collection[UUID]) -> tuple[OnFile, ...]:
    """Give the objections of cases, the newest first."""
    return await _read(tx, _on_file().where(EnforcementObjectionRow.case_id.in_(case_ids)))


async def before_member(tx: Transaction, person_id: UUID) -> tuple[OnFile, ...]:
    """Give the objections on which a person sits, or sat in a panel that was replaced, the newest first."""
    sits = select(ReviewMemberRow.objection_id).where(ReviewMemberRow.person_id == person_id)
    return await _read(tx, _on_file().where(EnforcementObjectionRow.objection_id.in_(sits)))


async def case_of_objection(tx: Transaction, objection_id: UUID) -> UUID:
    """Give the case of an objection (`EnforcementObjectionUnknown`)."""
    return (await on_file(tx, objection_id)).row.case_id


async def pending_of(tx: Transaction, person_id: UUID, kind: ObjectionKind, case_id: UUID, lot_id: UUID | None) -> bool:
    """Whether this person waits for an answer of this kind about this matter."""
    return any(
        one.row.case_id == case_id
        and one.row.lot_id == lot_id
        and one.row.kind == kind
        and one.state in (ObjectionState.RAISED, ObjectionState.DOCKETED, ObjectionState.BEFORE_PANEL)
        for one in await of_person(tx, person_id)
    )


async def panels_of(tx: Transaction, objection_ids: Collection[UUID]) -> dict[UUID, list[ReviewMemberRow]]:
    """Give the sitting panel of each objection: that of the highest number, who presides first."""
    asked = (
        select(ReviewMemberRow)
        .where(ReviewMemberRow.objection_id.in_(objection_ids))
        .order_by(ReviewMemberRow.panel_number, ReviewMemberRow.is_presiding.desc(), ReviewMemberRow.name)
    )
    panels: dict[UUID, list[ReviewMemberRow]] = {}
    for row in await tx.session.scalars(asked):
        held = panels.setdefault(row.objection_id, [])
        if held and held[0].panel_number != row.panel_number:
            held.clear()
        held.append(row)
    return panels


async def panel_of(tx: Transaction, objection_id: UUID) -> list[ReviewMemberRow]:
    """Give the sitting panel of one objection, empty before it was formed."""
    return (await panels_of(tx, [objection_id])).get(objection_id, [])


async def ballots_of(tx: Transaction, objection_ids: Collection[UUID]) -> Sequence[ReviewBallotRow]:
    """Give the sealed votes on objections."""
    return (
        await tx.session.scalars(select(ReviewBallotRow).where(ReviewBallotRow.objection_id.in_(objection_ids)))
    ).all()


async def ran_the_case(tx: Transaction, case_id: UUID) -> set[UUID]:
    """Give the persons who run a case: its handler, and whoever has ever sat in a panel of it. Source: 异议复议规定 11."""
    handler = select(CaseRow.handler_person_id).where(CaseRow.case_id == case_id)
    judges = (
        select(PanelMemberRow.person_id)
        .join(PanelRow, PanelRow.panel_id == PanelMemberRow.panel_id)
        .where(PanelRow.case_id == case_id)
    )
    return {*(await tx.session.scalars(handler)), *(await tx.session.scalars(judges))}


async def acted_in_case(tx: Transaction, case_id: UUID, account_id: UUID) -> bool:
    """Whether an account took any step in a case but those of a reviewing panel: read from the case's audit chain."""
    values = {"chain": f"case:{case_id}", "account_id": account_id, "own": list(OWN_ACTIONS)}
    return bool(await tx.session.scalar(_RAN_BY_ACCOUNT, values))


async def is_registered(tx: Transaction, lot_id: UUID | None, person_id: UUID) -> bool:
    """Whether a person registered for any round of a lot."""
    asked = (
        select(RegistrationRow.registration_id)
        .join(RoundRow, RoundRow.round_id == RegistrationRow.round_id)
        .where(RoundRow.lot_id == lot_id, RegistrationRow.person_id == person_id)
    )
    return await tx.session.scalar(asked.limit(1)) is not None
