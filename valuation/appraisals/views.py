"""What desks read of appraisals: an agency its own mandates, the public every mandate with its answer and reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Transaction
from auction.law.calendar import COURT_CALENDAR
from valuation.agencies.staff.staff import PARTS, OwnParts, require_part
from valuation.agencies.staff.staff_store import parts_of
from valuation.appraisals import store
from valuation.appraisals.rules.agency_view import MandateView, agency_view
from valuation.appraisals.rules.case_file import Mandate


class PublishedMandate(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate as it is published (评估规范): no person, no property, no figure."""

    mandate_id: UUID
    agency_id: UUID
    agency_name: str
    mandated_at: datetime
    accepted_at: datetime | None
    declined_ground: str | None
    declined_reason: str
    over_ground: str | None


async def own_mandates(tx: Transaction, actor: Actor) -> list[MandateView]:
    """Give the mandates of the officer's own agency, the newest first; who acts for none, or has no part in it, sees none."""
    require_role(actor, Role.AGENCY)
    if actor.institution is None:
        return []
    own = await parts_of(tx, actor)
    if not own.parts:
        return []
    rows = await store.mandates_of_agency(tx, UUID(actor.institution))
    return [await _view(tx, row, own) for row in rows]


async def own_mandate_view(tx: Transaction, actor: Actor, mandate_id: UUID) -> MandateView:
    """Give one mandate to an officer of its agency with a part in it. Raises `AppraisalUnknown` for others, `PartLacking`."""
    require_role(actor, Role.AGENCY)
    row = await store.mandate_row(tx, mandate_id)
    if actor.institution != str(row.agency_id):
        raise store.AppraisalUnknown
    own = await parts_of(tx, actor)
    require_part(own, *PARTS)
    return await _view(tx, row, own)


async def _view(tx: Transaction, row: store.MandateRow, own: OwnParts) -> MandateView:
    file = await store.file_of(tx, row.appraisal_id)
    return agency_view(file, row.mandate_id, own=own, now=tx.now, calendar=COURT_CALENDAR)


async def published_mandates(tx: Transaction, agency_id: UUID) -> list[PublishedMandate]:
    """Give every mandate of an agency as it is published, the newest first. Source: 评估规范."""
    rows = await store.mandates_of_agency(tx, agency_id)
    found = []
    for row in rows:
        file = await store.file_of(tx, row.appraisal_id)
        found += [_published(held) for held in file.mandates if held.mandate_id == row.mandate_id]
    return found


def _published(mandate: Mandate) -> PublishedMandate:
    return PublishedMandate(
        mandate_id=mandate.mandate_id,
        agency_id=mandate.agency_id,
        agency_name=mandate.agency_name,
        mandated_at=mandate.mandated_at,
        accepted_at=mandate.accepted_at,
        declined_ground=None if mandate.declined is None else mandate.declined.ground,
        declined_reason="" if mandate.declined is None else mandate.declined.reason,
        over_ground=None if mandate.over is None else mandate.over.ground,
    )
