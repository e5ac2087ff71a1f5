"""A room's measured availability as people read it: on the court's desk, and on the lot's public page after the close."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from litestar import Response

from auction.kernel.clock import from_us
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import NotFound
from auction.kernel.ids import SessionId
from bidding.availability.evidence import EvidenceKey, Method, encode_evidence, fingerprint
from bidding.availability.export_evidence import export_evidence, room_measured, spans_so_far
from bidding.availability.timeline import Availability, Stretch
from bidding.journal.views import MAX_INTERRUPTIONS, Interruption, interruptions
from web.display import lasted

SECOND_US = 1_000_000
FINGERPRINTS_LIMIT = 1_000
"""Most fingerprints that a process remembers."""
MOVES_LIMIT = 1_000
"""Most events of the clock against which outages are held."""
REBUILD_GROUND = "rebuild"
"""Ground of the stops that the rooms order themselves, and wake up from by themselves (rule 12)."""
FILES_KEPT = 4
"""Most files of finished sessions that a process keeps ready."""
PUBLIC_CACHE = "public, max-age=300"
PRIVATE_CACHE = "private, max-age=300"

_Which = tuple[UUID, int, str]
"""A session that is over, the number of its spans, and the key: these make the same file."""
_FINGERPRINTS: dict[_Which, str] = {}
_FILES: dict[_Which, bytes] = {}
_MAKING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""One file is made at a time."""


class Stood(NamedTuple):
    """A time in which the room's clock stood."""

    began_us: int
    ended_us: int
    given: Interruption | None
    """What gave it back by itself: a moved clock, or the wake-up of a rebuilt room. Else somebody had stopped the room."""


class OutageShown(msgspec.Struct, frozen=True, kw_only=True):
    """One measured outage, with what the room's clock gave back by itself (rules 11 and 12 of the bid core)."""

    began_at: datetime
    ended_at: datetime
    seconds: int
    given: Interruption | None
    stopped_us: int = 0
    """How much of it lay in a stop that the court or the platform had ordered."""
    given_us: int = 0
    """How much of it the room gave back by itself."""

    @property
    def lost_us(self) -> int:
        """How much of it nobody has given back."""
        return max(0, self.seconds * SECOND_US - self.stopped_us - self.given_us)

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
    moved = await interruptions(tx, session_id, limit=MOVES_LIMIT)
    found = room.availability
    return MeasuredShown(
        session_id=session_id,
        is_over=room.is_over,
        from_at=from_us(room.opened_us),
        through_at=from_us(room.through_us),
        percent=found.percent,
        outages=_outages(found, stood(moved, through_us=room.through_us)),
        not_measured=lasted(-(-found.not_measured_us // SECOND_US)),
        interruptions=tuple(moved[:MAX_INTERRUPTIONS]),
        spans=room.spans,
    )


async def evidence_answer(
    db: Database, session_id: UUID, key: EvidenceKey, *, if_none_match: str, cache: str
) -> Response[bytes]:
    """Give the evidence file as a download, with its fingerprint; of a finished session it may be kept and asked for anew."""
    async with db.reading() as tx:
        is_over, spans = await spans_so_far(tx, session_id)
    which = (session_id, spans, key.key_id)
    tag = f'"{session_id}-{spans}-{key.key_id}"'
    kept = {"etag": tag, "cache-control": cache} if is_over else {"cache-control": "no-store"}
    if is_over and tag in if_none_match:
        return Response(b"", status_code=304, headers=kept)
    written = await _written(db, which, key, is_over=is_over)
    name = f"fapai-availability-{session_id}.json"
    print_of_it = await asyncio.to_thread(fingerprint, written)
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-fingerprint-sha256": print_of_it, **kept}
    return Response(written, media_type="application/json", headers=headers)


async def evidence_fingerprint(db: Database, measured: MeasuredShown, key: EvidenceKey) -> str:
    """Give the fingerprint of the evidence file of a session that is over: the same for whoever makes it, so it is kept."""
    which = (measured.session_id, measured.spans, key.key_id)
    known = _FINGERPRINTS.get(which)
    if known is None:
        written = await _written(db, which, key, is_over=True)
        known = await asyncio.to_thread(fingerprint, written)
        if len(_FINGERPRINTS) >= FINGERPRINTS_LIMIT:
            _FINGERPRINTS.clear()
        _FINGERPRINTS[which] = known
    return known


async def _written(db: Database, which: _Which, key: EvidenceKey, *, is_over: bool) -> bytes:
    """Give the file's bytes; those of finished sessions are kept, the newest few, and made one at a time."""
    async with _MAKING.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        if is_over and which in _FILES:
            return _FILES[which]
        written = await asyncio.to_thread(encode_evidence, await export_evidence(db, SessionId(which[0]), key))
        if is_over:
            while len(_FILES) >= FILES_KEPT:
                del _FILES[next(iter(_FILES))]
            _FILES[which] = written
        return written


def stood(moved: Sequence[Interruption], *, through_us: int) -> list[Stood]:
    """Give when the clock stood, from what moved it: the newest first, as the journal's readers give it."""
    found: list[Stood] = []
    stop: Interruption | None = None
    for one in reversed(moved):
        if one.event == "clock_changed":
            found.append(Stood(one.since_us, one.at_us, one))
        elif one.event == "stopped":
            stop = one
        elif stop is not None:
            found.append(Stood(stop.since_us, one.since_us, one if stop.ground == REBUILD_GROUND else None))
            stop = None
    if stop is not None:
        found.append(Stood(stop.since_us, through_us, None))
    return found


def _outages(found: Availability, times: Sequence[Stood]) -> tuple[OutageShown, ...]:
    return tuple(
        OutageShown(
            began_at=from_us(outage.began_us),
            ended_at=from_us(outage.ended_us),
            seconds=outage.seconds,
            given=next((one.given for one in times if one.given and _shared(outage, one)), None),
            stopped_us=sum(_shared(outage, one) for one in times if one.given is None),
            given_us=sum(_shared(outage, one) for one in times if one.given is not None),
        )
        for outage in found.outages
    )


def _shared(outage: Stretch, one: Stood) -> int:
    return max(0, min(outage.ended_us, one.ended_us) - max(outage.began_us, one.began_us))
