"""A room's measured availability as people read it: on the court's desk, and on the lot's public page after the close."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response

from auction.kernel.clock import from_us
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import NotFound
from auction.kernel.ids import SessionId
from bidding.availability.evidence import Method, encode_evidence, fingerprint
from bidding.availability.export_evidence import export_evidence, room_measured
from bidding.availability.timeline import Availability
from bidding.journal.views import Interruption, interruptions
from web.display import lasted

SECOND_US = 1_000_000
FINGERPRINTS_LIMIT = 1_000
"""Most fingerprints that a process remembers."""
_FINGERPRINTS: dict[tuple[UUID, int], str] = {}
CAUGHT_UP_US = 600 * SECOND_US
"""A moved clock within ten minutes after an outage is what the room gave back for it by itself."""


class OutageShown(msgspec.Struct, frozen=True, kw_only=True):
    """One measured outage, with what the room's clock gave back by itself (rules 11 and 12 of the bid core)."""

    began_at: datetime
    ended_at: datetime
    seconds: int
    given: Interruption | None

    @property
    def lasted(self) -> str:
        """Its length in words."""
        return lasted(self.seconds)


class MeasuredShown(msgspec.Struct, frozen=True, kw_only=True):
    """How available a room was."""

    session_id: UUID
    is_over: bool
    from_at: datetime
    through_at: datetime
    percent: str
    outages: tuple[OutageShown, ...]
    not_measured: str
    interruptions: tuple[Interruption, ...]
    spans: int = 0
    method: Method = Method()


async def measured_shown(tx: Transaction, session_id: UUID) -> MeasuredShown | None:
    """Give what was measured of a session's room, ``None`` before the room is set up."""
    try:
        room = await room_measured(tx, session_id)
    except NotFound:
        return None
    moved = await interruptions(tx, session_id)
    found = room.availability
    return MeasuredShown(
        session_id=session_id,
        is_over=room.is_over,
        from_at=from_us(room.opened_us),
        through_at=from_us(room.through_us),
        percent=found.percent,
        outages=_outages(found, moved),
        not_measured=lasted(-(-found.not_measured_us // SECOND_US)),
        interruptions=tuple(moved),
        spans=room.spans,
    )


async def evidence_answer(db: Database, session_id: UUID) -> Response[bytes]:
    """Give the evidence file as a download, with its fingerprint."""
    written = encode_evidence(await export_evidence(db, SessionId(session_id)))
    name = f"fapai-availability-{session_id}.json"
    return Response(
        written,
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"', "x-fingerprint-sha256": fingerprint(written)},
    )


async def evidence_fingerprint(db: Database, measured: MeasuredShown) -> str:
    """Give the fingerprint of the evidence file of a session that is over: the same for whoever makes it, so it is kept."""
    which = (measured.session_id, measured.spans)
    known = _FINGERPRINTS.get(which)
    if known is None:
        known = fingerprint(encode_evidence(await export_evidence(db, SessionId(measured.session_id))))
        if len(_FINGERPRINTS) >= FINGERPRINTS_LIMIT:
            _FINGERPRINTS.clear()
        _FINGERPRINTS[which] = known
    return known


def _outages(found: Availability, moved: list[Interruption]) -> tuple[OutageShown, ...]:
    ends = [one for one in moved if one.end_us]
    return tuple(
        OutageShown(
            began_at=from_us(outage.began_us),
            ended_at=from_us(outage.ended_us),
            seconds=outage.seconds,
            given=next((one for one in ends if outage.began_us <= one.at_us <= outage.ended_us + CAUGHT_UP_US), None),
        )
        for outage in found.outages
    )
