"""Queries of guards at the doors: applications, objections with what became of them, and keys that are compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of_all
from auction.law.guards import Guard, Place
from auction.sale.guards.applications import Application, application_id, shown_guard
from auction.sale.guards.objections import GuardObjectionUnknown, RefusalUnknown, decide_by
from auction.sale.guards.tables import (
    AgentKeyRow,
    GuardApplicationRow,
    GuardDecisionRow,
    GuardObjectionRow,
    JointMemberRow,
)

SHOWN_MOST = 200
"""No page lists more refusals or objections than this, the newest first."""


class RefusalShown(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal as the refused person sees it. ``state``: refused, objected, upheld, rejected."""

    application_id: UUID
    lot_id: UUID
    guard: Guard
    refusal: str
    applied_at: datetime
    state: str
    decide_by: date | None = None
    reason: str = ""
    article: str = ""
    link_stands: str = ""
    """Why a decided link stands although the objection to it was upheld; empty otherwise."""


class ObjectionShown(msgspec.Struct, frozen=True, kw_only=True):
    """An objection that waits for the court; the person is masked and no code is near."""

    objection_id: UUID
    case_id: UUID
    lot_id: UUID
    person_masked: str
    guard: Guard
    refusal: str
    papers: tuple[str, ...]
    raised_at: datetime
    closes_at: datetime | None
    decide_by: date
    is_overdue: bool


async def keep(
    tx: Transaction,
    actor: Actor,
    applications: Sequence[Application],
    *,
    command_id: UUID,
    place: Place,
    case_id: UUID,
    lot_id: UUID,
    person_id: UUID | None = None,
) -> tuple[UUID, ...]:
    """Keep applications and give their ids; what is kept already is left as it is."""
    ids = []
    for one in applications:
        row_id = application_id(actor.account_id, command_id, one)
        ids.append(row_id)
        row = insert(GuardApplicationRow).values(
            application_id=row_id,
            guard=one.guard,
            version=one.version,
            place=place,
            case_id=case_id,
            lot_id=lot_id,
            person_id=person_id,
            outcome=one.outcome,
            refusal=one.refusal,
            rested_on=dict(one.rested_on),
            account_id=actor.account_id,
            command_id=command_id,
            applied_at=tx.now,
        )
        await tx.session.execute(row.on_conflict_do_nothing(index_elements=["application_id"]))
    return tuple(ids)


async def refusal_row(tx: Transaction, application_id: UUID, person_id: UUID) -> GuardApplicationRow:
    """Give a person's own refusal (`RefusalUnknown`)."""
    row = await tx.session.get(GuardApplicationRow, application_id)
    if row is None or row.outcome != "refused" or row.person_id != person_id:
        raise RefusalUnknown(application_id=application_id)
    return row


async def objection_to(tx: Transaction, application_id: UUID) -> GuardObjectionRow | None:
    """Give the objection to a refusal."""
    return await tx.session.scalar(select(GuardObjectionRow).where(GuardObjectionRow.application_id == application_id))


async def waiting_objection(tx: Transaction, objection_id: UUID) -> GuardObjectionRow:
    """Give an objection that has no decision (`GuardObjectionUnknown`)."""
    row = await tx.session.get(GuardObjectionRow, objection_id)
    if row is None or await tx.session.get(GuardDecisionRow, objection_id) is not None:
        raise GuardObjectionUnknown(objection_id=objection_id)
    return row


async def objection_row(tx: Transaction, objection_id: UUID) -> GuardObjectionRow:
    """Give an objection, decided or not (`GuardObjectionUnknown`)."""
    row = await tx.session.get(GuardObjectionRow, objection_id)
    if row is None:
        raise GuardObjectionUnknown(objection_id=objection_id)
    return row


async def grounds_of(tx: Transaction, objection_id: UUID) -> str:
    """Open the grounds of an objection."""
    return tx.sealer.open((await objection_row(tx, objection_id)).grounds_sealed)


async def lifted_for(tx: Transaction, *, lot_id: UUID, person_id: UUID) -> dict[str, UUID]:
    """Give the numbers of the guards that this person passes for this lot by decision, each with the objection."""
    found = (
        select(GuardObjectionRow.guard, GuardObjectionRow.objection_id)
        .join(GuardDecisionRow, GuardDecisionRow.objection_id == GuardObjectionRow.objection_id)
        .where(
            GuardObjectionRow.lot_id == lot_id,
            GuardObjectionRow.person_id == person_id,
            GuardDecisionRow.upheld.is_(True),
        )
    )
    return {row.guard: row.objection_id for row in await tx.session.execute(found)}


async def refusals_of(tx: Transaction, person_id: UUID) -> tuple[RefusalShown, ...]:
    """Give what a person was refused and what became of it, the newest first."""
    found = (
        select(GuardApplicationRow, GuardObjectionRow, GuardDecisionRow)
        .outerjoin(GuardObjectionRow, GuardObjectionRow.application_id == GuardApplicationRow.application_id)
        .outerjoin(GuardDecisionRow, GuardDecisionRow.objection_id == GuardObjectionRow.objection_id)
        .where(GuardApplicationRow.person_id == person_id, GuardApplicationRow.outcome == "refused")
        .order_by(GuardApplicationRow.applied_at.desc())
        .limit(SHOWN_MOST)
    )
    rows = (await tx.session.execute(found)).all()
    closes = await closes_of(tx, {row.lot_id for row, _, _ in rows})
    return tuple(_refusal(row, objection, decision, closes) for row, objection, decision in rows)


def _refusal(
    row: GuardApplicationRow,
    objection: GuardObjectionRow | None,
    decision: GuardDecisionRow | None,
    closes: dict[UUID, datetime],
) -> RefusalShown:
    state = "refused" if objection is None else "objected"
    if decision is not None:
        state = "upheld" if decision.upheld else "rejected"
    waits = objection is not None and decision is None
    return RefusalShown(
        application_id=row.application_id,
        lot_id=row.lot_id,
        guard=shown_guard(row.guard, row.version),
        refusal=row.refusal,
        applied_at=row.applied_at,
        state=state,
        decide_by=decide_by(objection.raised_at, closes_at=closes.get(row.lot_id)) if objection and waits else None,
        reason="" if decision is None else decision.reason,
        article="" if decision is None else decision.article,
        link_stands="" if decision is None else decision.link_stands or "",
    )


async def open_objections(tx: Transaction, case_ids: Collection[UUID]) -> tuple[ObjectionShown, ...]:
    """Give the objections of these cases that wait for a decision, the one that must be decided first on top."""
    found = (
        select(GuardObjectionRow, GuardApplicationRow)
        .join(GuardApplicationRow, GuardApplicationRow.application_id == GuardObjectionRow.application_id)
        .outerjoin(GuardDecisionRow, GuardDecisionRow.objection_id == GuardObjectionRow.objection_id)
        .where(GuardObjectionRow.case_id.in_(case_ids), GuardDecisionRow.objection_id.is_(None))
        .order_by(GuardObjectionRow.raised_at)
        .limit(SHOWN_MOST)
    )
    rows = (await tx.session.execute(found)).all()
    closes = await closes_of(tx, {objection.lot_id for objection, _ in rows})
    masked = await masked_of_all(tx, {objection.person_id for objection, _ in rows})
    shown = [_objection(tx, one, row, closes.get(one.lot_id), masked[one.person_id]) for one, row in rows]
    return tuple(sorted(shown, key=lambda one: (one.decide_by, one.closes_at or one.raised_at)))


def _objection(
    tx: Transaction,
    objection: GuardObjectionRow,
    row: GuardApplicationRow,
    closes_at: datetime | None,
    masked: str,
) -> ObjectionShown:
    last = decide_by(objection.raised_at, closes_at=closes_at)
    return ObjectionShown(
        objection_id=objection.objection_id,
        case_id=objection.case_id,
        lot_id=objection.lot_id,
        person_masked=masked,
        guard=shown_guard(row.guard, row.version),
        refusal=row.refusal,
        papers=tuple(objection.papers),
        raised_at=objection.raised_at,
        closes_at=closes_at,
        decide_by=last,
        is_overdue=local_day(tx.now) > last,
    )


async def closes_of(tx: Transaction, lot_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Give the published end of each lot's newest round."""
    found = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (lot_id) lot_id, closes_at FROM sale.round WHERE lot_id = ANY(:ids) "
            "ORDER BY lot_id, number DESC"
        ),
        {"ids": list(lot_ids)},
    )
    return {row.lot_id: row.closes_at for row in found}


_LIVE = "r.state NOT IN ('left', 'released', 'too_late')"
"""Registrations that still take part; who withdrew stands in nobody's way."""


async def is_agent_in(tx: Transaction, round_id: UUID, commitment: str) -> bool:
    """Whether somebody with this commitment is the agent of a bidder of this round."""
    return await _found(tx, "agent_key", round_id, [commitment])


async def is_agent_of_other(tx: Transaction, round_id: UUID, commitment: str, *, registration_id: UUID) -> bool:
    """Whether somebody with this commitment is the agent of another registration of this round than the one named."""
    found = await tx.session.execute(
        text(
            "SELECT 1 FROM sale.agent_key k JOIN sale.registration r USING (registration_id) WHERE k.round_id = :round_id "
            "AND k.commitment = :commitment AND k.registration_id <> :own "
            "AND r.state NOT IN ('left', 'released', 'too_late') LIMIT 1"
        ),
        {"round_id": round_id, "commitment": commitment, "own": registration_id},
    )
    return found.first() is not None


async def joint_members(tx: Transaction, registration_id: UUID) -> Sequence[JointMemberRow]:
    """Give the joint bidders behind a registration, in their order; none: it stands for one person."""
    found = select(JointMemberRow).where(JointMemberRow.registration_id == registration_id)
    return (await tx.session.scalars(found.order_by(JointMemberRow.number))).all()


async def joint_groups(tx: Transaction, registration_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Give the commitments of the joint bidders behind these registrations, the group that was declared first on top."""
    found = select(JointMemberRow.registration_id, JointMemberRow.commitment).where(
        JointMemberRow.registration_id.in_(list(registration_ids))
    )
    groups: dict[UUID, list[str]] = {}
    for row in await tx.session.execute(
        found.order_by(JointMemberRow.declared_at, JointMemberRow.registration_id, JointMemberRow.number)
    ):
        groups.setdefault(row.registration_id, []).append(row.commitment)
    return groups


async def is_joint_member_in(tx: Transaction, round_id: UUID, commitment: str) -> bool:
    """Whether somebody with this commitment is a joint bidder behind a registration of this round."""
    return await _found(tx, "joint_member", round_id, [commitment])


async def shares_controller(tx: Transaction, round_id: UUID, commitments: Collection[str]) -> bool:
    """Whether another registration of this round has one of these persons as registrant or controller."""
    return await _found(tx, "control_key", round_id, commitments)


async def _found(tx: Transaction, table: str, round_id: UUID, commitments: Collection[str]) -> bool:
    found = await tx.session.execute(
        text(
            f"SELECT 1 FROM sale.{table} k JOIN sale.registration r USING (registration_id) "  # noqa: S608 - our own names
            f"WHERE k.round_id = :round_id AND k.commitment = ANY(:commitments) AND {_LIVE} LIMIT 1"
        ),
        {"round_id": round_id, "commitments": list(commitments)},
    )
    return found.first() is not None


async def keep_agent_key(tx: Transaction, *, registration_id: UUID, round_id: UUID, commitment: str) -> None:
    """Keep the commitment of a declared agent."""
    tx.session.add(AgentKeyRow(registration_id=registration_id, round_id=round_id, commitment=commitment))
    await tx.session.flush()
