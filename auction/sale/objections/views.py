"""Objections as their readers see them: the objector his own, officers those of their cases and panels (rule 7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of_all
from auction.sale.case_access import CaseSeen, cases_among, cases_named, every_case_seen_by
from auction.sale.lots.tables import LotRow
from auction.sale.objections import store
from auction.sale.objections.docket_objection import DOCKETERS
from auction.sale.objections.objections import (
    OPEN_STATES,
    Capacity,
    EnforcementObjectionUnknown,
    ObjectionKind,
    ObjectionState,
    decide_by,
    docket_by,
    next_way_until,
)
from auction.sale.objections.store import OnFile
from auction.sale.objections.tables import ReviewBallotRow, ReviewMemberRow


class ObjectionShown(msgspec.Struct, frozen=True, kw_only=True):
    """An objection as one reader sees it; ``objector``, ``asks`` and ``grounds`` are empty for whom they are sealed (rule 7)."""

    objection_id: UUID
    case: CaseSeen
    lot_id: UUID | None
    kind: ObjectionKind
    capacity: Capacity
    state: ObjectionState
    raised_at: datetime
    papers: tuple[str, ...]
    objector: str = ""
    asks: str = ""
    grounds: str = ""
    number: str = ""
    docketed_at: datetime | None = None
    due_on: date | None = None
    """Until when the court docks or decides; ``None`` once it has nothing to do."""
    is_overdue: bool = False
    panel: tuple[tuple[str, bool], ...] = ()
    voted: int = 0
    i_sit: bool = False
    i_preside: bool = False
    i_voted: bool = False
    reason: str = ""
    article: str = ""
    operative: str = ""
    document_id: UUID | None = None
    answered_on: date | None = None
    """Day of the seal on the answer; ``None``: none, or a draft."""
    next_until: date | None = None
    """Last day for review or suit."""
    next_is_suit: bool = False
    is_mine: bool = False
    stops_sale: bool = False
    """Whether the claim is docketed and undecided: the sale of the thing must stand still (网拍 36)."""
    lot_state: str = ""

    @property
    def all_voted(self) -> bool:
        """Whether the ruling may be made."""
        return bool(self.panel) and self.voted == len(self.panel)


async def own_objections(tx: Transaction, person_id: UUID) -> tuple[ObjectionShown, ...]:
    """Give a person's own objections, the newest first; the panel's reasons once the ruling is sealed."""
    found = await store.of_person(tx, person_id)
    named = await cases_named(tx, {one.row.case_id for one in found})
    shown = await _shown(tx, found, named, reader=person_id, opens=True)
    return tuple(_for_objector(one) for one in shown)


async def objections_on_desk(tx: Transaction, actor: Actor) -> tuple[ObjectionShown, ...]:
    """Give an officer's list: those of the cases that he reads and those on which he sits, the next to be due first."""
    seen = {case.case_id: case for case in await every_case_seen_by(tx, actor)}
    found = {one.row.objection_id: one for one in await store.of_cases(tx, seen)}
    found |= {one.row.objection_id: one for one in await store.before_member(tx, actor.person_id)}
    named = await cases_named(tx, {one.row.case_id for one in found.values()})
    shown = await _shown(tx, tuple(found.values()), named, reader=actor.person_id, opens=False)
    return tuple(sorted(shown, key=lambda one: (one.due_on is None, one.due_on or date.max)))


async def objection_on_desk(tx: Transaction, actor: Actor, objection_id: UUID) -> ObjectionShown:
    """Give one objection to an officer who reads its case or sits on it (`EnforcementObjectionUnknown`)."""
    held = await store.on_file(tx, objection_id)
    sits = actor.person_id in {row.person_id for row in await store.panel_of(tx, objection_id)}
    seen = await cases_among(tx, actor, [held.row.case_id])
    if not sits and not seen:
        raise EnforcementObjectionUnknown(objection_id=objection_id)
    named = await cases_named(tx, [held.row.case_id])
    is_open_to = sits or not actor.roles.isdisjoint(DOCKETERS) or held.row.capacity != Capacity.BIDDER
    [shown] = await _shown(tx, (held,), named, reader=actor.person_id, opens=is_open_to)
    return shown


async def own_objection(tx: Transaction, actor: Actor, objection_id: UUID) -> ObjectionShown:
    """Give one of a person's own objections (`EnforcementObjectionUnknown`)."""
    for one in await own_objections(tx, actor.person_id):
        if one.objection_id == objection_id:
            return one
    raise EnforcementObjectionUnknown(objection_id=objection_id)


def _for_objector(one: ObjectionShown) -> ObjectionShown:
    """Hold back what is a draft, and the panel's vote."""
    kept = msgspec.structs.replace(one, voted=0, i_voted=False, i_sit=False, i_preside=False, is_mine=True)
    if one.answered_on is not None or one.document_id is None:
        return kept
    state = ObjectionState.RAISED if one.state is ObjectionState.REFUSED else ObjectionState.BEFORE_PANEL
    return msgspec.structs.replace(kept, state=state, reason="", article="", operative="", document_id=None)


async def _shown(
    tx: Transaction, found: Sequence[OnFile], named: dict[UUID, CaseSeen], *, reader: UUID, opens: bool
) -> list[ObjectionShown]:
    ids = [one.row.objection_id for one in found]
    panels = await store.panels_of(tx, ids)
    ballots = await store.ballots_of(tx, ids)
    masked = await masked_of_all(tx, {one.row.person_id for one in found})
    lots = await _lot_states(tx, {one.row.lot_id for one in found if one.row.lot_id is not None})
    return [
        _one(
            tx,
            one,
            named[one.row.case_id],
            panel=panels.get(one.row.objection_id, []),
            ballots=[ballot for ballot in ballots if ballot.objection_id == one.row.objection_id],
            objector=masked[one.row.person_id] if opens or one.row.capacity != Capacity.BIDDER else "",
            reader=reader,
            opens=opens,
            lot_state="" if one.row.lot_id is None else lots[one.row.lot_id],
        )
        for one in found
    ]


async def _lot_states(tx: Transaction, lot_ids: Collection[UUID]) -> dict[UUID, str]:
    rows = [await tx.session.get(LotRow, lot_id) for lot_id in lot_ids]
    return {row.lot_id: row.state for row in rows if row is not None}


def _one(
    tx: Transaction,
    held: OnFile,
    case: CaseSeen,
    *,
    panel: Sequence[ReviewMemberRow],
    ballots: Sequence[ReviewBallotRow],
    objector: str,
    reader: UUID,
    opens: bool,
    lot_state: str,
) -> ObjectionShown:
    row, docketing, ruling = held.row, held.docketing, held.ruling
    due_on, today = _due_on(held), local_day(tx.now)
    answer = ruling or docketing
    kind = ObjectionKind(row.kind)
    was_docketed = docketing is not None and docketing.admitted
    return ObjectionShown(
        objection_id=row.objection_id,
        case=case,
        lot_id=row.lot_id,
        kind=kind,
        capacity=Capacity(row.capacity),
        state=held.state,
        raised_at=row.raised_at,
        papers=tuple(row.papers),
        objector=objector,
        asks=tx.sealer.open(row.asks_sealed) if opens else "",
        grounds=tx.sealer.open(row.grounds_sealed) if opens else "",
        number="" if docketing is None else docketing.number,
        docketed_at=None if docketing is None else docketing.docketed_at,
        due_on=due_on,
        is_overdue=due_on is not None and today > due_on,
        panel=tuple((member.name, member.is_presiding) for member in panel),
        voted=len(ballots),
        i_sit=any(member.person_id == reader for member in panel),
        i_preside=any(member.person_id == reader and member.is_presiding for member in panel),
        i_voted=any(ballot.person_id == reader for ballot in ballots),
        reason="" if answer is None else answer.reason,
        article="" if answer is None else answer.article,
        operative="" if ruling is None else ruling.operative,
        document_id=held.document_id,
        answered_on=held.answered_on,
        next_until=None
        if held.answered_on is None
        else next_way_until(kind, held.answered_on, was_docketed=was_docketed),
        next_is_suit=was_docketed and kind is ObjectionKind.THIRD_PARTY_CLAIM,
        stops_sale=kind is ObjectionKind.THIRD_PARTY_CLAIM
        and held.state in (ObjectionState.DOCKETED, ObjectionState.BEFORE_PANEL),
        lot_state=lot_state,
    )


def _due_on(held: OnFile) -> date | None:
    if held.state not in OPEN_STATES:
        return None
    return docket_by(held.row.raised_at) if held.docketing is None else decide_by(held.docketing.docketed_at)
