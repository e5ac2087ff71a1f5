"""Keep the history: what a use case decided is written down, and somebody looks when the next time is over.

A look is a job at each instant at which something may follow by itself (`rules.due`). It may come late, twice, or after all has
changed: it works out anew what is due, from the history as it stands then.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue
from auction.law.calendar import COURT_CALENDAR
from valuation.agencies.staff.staff import OwnParts, require_part
from valuation.agencies.staff.staff_store import parts_of
from valuation.appraisals import store
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.agency_steps import PARTS_OF, AgencyStep
from valuation.appraisals.rules.case_file import AppraisalFile, AppraisalState, Mandate, mandate_of
from valuation.appraisals.rules.due import Due, next_looks, what_is_due

LOOK = "valuation.look_at_appraisal"


class LookAtAppraisal(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job ``valuation.look_at_appraisal``."""

    appraisal_id: UUID


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Where an appraisal stands after a step; ``made_id`` names what the step made."""

    appraisal_id: UUID
    state: AppraisalState
    made_id: UUID | None = None


class AppraisalOver(Conflict):
    """The appraisal has ended, or its price is fixed."""

    code = "appraisal_over"
    article = "参考价 26, 29"
    zh = "该评估程序已经结束。"
    en = "This appraisal is over."


class MandateOver(Conflict):
    """The agency's mandate is over."""

    code = "appraisal_mandate_over"
    article = "参考价 19(3), 23(2)"
    zh = "该评估委托已经终止，材料应当退回。"
    en = "This mandate is over; the file goes back."


async def keep(
    tx: Transaction, actor: Actor, file: AppraisalFile, *events: h.AnyEvent, made_id: UUID | None = None
) -> Moved:
    """Write events down, and arrange the looks that their clocks need."""
    await store.write(tx, file, *events, account_id=actor.account_id)
    look = LookAtAppraisal(appraisal_id=file.appraisal_id)
    if what_is_due(file, now=tx.now, calendar=COURT_CALENDAR) != Due():
        await enqueue(tx, LOOK, look, only_once_as=_look_id(file, f"after {file.events}"))
    for at in next_looks(file, now=tx.now, calendar=COURT_CALENDAR):
        await enqueue(tx, LOOK, look, due_at=at, only_once_as=_look_at(file, at))
    return Moved(appraisal_id=file.appraisal_id, state=file.state, made_id=made_id)


def _look_at(file: AppraisalFile, at: datetime) -> UUID:
    return _look_id(file, at.isoformat())


def _look_id(file: AppraisalFile, when: str) -> UUID:
    return named_id("look at appraisal", str(file.appraisal_id), when)


async def running_file(tx: Transaction, appraisal_id: UUID) -> AppraisalFile:
    """Give the file of an appraisal that is not over, the case locked. Raises `AppraisalUnknown`, `AppraisalOver`."""
    file = await store.lock_file(tx, appraisal_id)
    if file.is_over:
        raise AppraisalOver
    return file


async def own_mandate(
    tx: Transaction, actor: Actor, mandate_id: UUID, step: AgencyStep
) -> tuple[AppraisalFile, Mandate, OwnParts]:
    """Give file and mandate, and his own parts, to an officer of its agency who may take this step; to others there is none.

    Raises `RoleLacking`, `AppraisalUnknown`, `PartLacking`.
    """
    require_role(actor, Role.AGENCY)
    row = await store.mandate_row(tx, mandate_id)
    if actor.institution != str(row.agency_id):
        raise store.AppraisalUnknown
    own = await parts_of(tx, actor)
    require_part(own, *PARTS_OF[step])
    file = await store.lock_file(tx, row.appraisal_id)
    return file, mandate_of(file, mandate_id), own


async def open_mandate(
    tx: Transaction, actor: Actor, mandate_id: UUID, step: AgencyStep
) -> tuple[AppraisalFile, Mandate, OwnParts]:
    """Give them while the mandate is open. Raises `MandateOver`, `AppraisalOver` and what `own_mandate` raises."""
    file, mandate, own = await own_mandate(tx, actor, mandate_id, step)
    if mandate.over is not None:
        raise MandateOver
    if file.is_over:
        raise AppraisalOver
    return file, mandate, own
