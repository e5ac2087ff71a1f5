"""The evidence file of a session: what was measured of its room, what moved its clock, and how to check both. Pure.

1. One JSON object in one form (sorted keys, no blanks): whoever makes the file of a session that is over makes these bytes.
2. It holds every span of the room and its shard between opening and end; numbers and chains show that none is left out.
3. The summary follows from the spans; events of the clock follow from the published journal, which has their digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from bidding.availability.ask_room import ANSWER_S
from bidding.availability.run_probe import LAST_US, TICK_S
from bidding.availability.signed_spans import SignedSpan, check_span
from bidding.availability.spans import OUTAGE_PROBES, Span
from bidding.availability.timeline import Availability, Interval, availability

FORMAT: Final = "fapai-availability-v1"
FILE_LIMIT: Final = 100_000_000
"""Largest file that is read, in bytes."""

_encoder = msgspec.json.Encoder(order="sorted")


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How was measured."""

    period_ms: int = int(TICK_S * 1000)
    answer_within_ms: int = int(ANSWER_S * 1000)
    bad_probes_of_an_outage: int = OUTAGE_PROBES
    room_by_itself_in_its_last_ms: int = LAST_US // 1000
    zh: str = (
        "从网关进程之外，每秒以保留代码向竞价现场发送一次不产生竞价记录的出价；连续三次未在两秒内得到正常答复为中断，"
        "自其中第一次发出时起算，至其后连续三次正常答复中第一次发出时止。每个拍品截止前十分钟内单独探测，其余时间以同一分片中一个现场代表。"
        "探测自身中断、时钟被调整的时间计为未测。"
    )
    en: str = (
        "From outside the gateway's process a bid under a reserved code, which enters no journal, is sent to the room every "
        "second. Three running without a good answer within two seconds are an outage, from the sending of the first of them "
        "to the sending of the first of three good ones running. In its last ten minutes each room is asked by itself, "
        "before that one room speaks for its shard. Time in which the probe itself did not run, or a clock was moved, is "
        "not measured."
    )


class ClockEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A numbered event that stopped, moved or restarted the room's clock, as the journal has it."""

    sequence: int
    body: str
    digest: str


class EvidenceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything; instants are microseconds since 1970 of the rooms' clock."""

    format: str
    session_id: UUID
    lot_id: UUID
    shard: int
    opened_us: int
    through_us: int
    """End of the bidding, or the instant at which the file of an open room was made."""
    method: Method
    summary: Availability
    clock_events: tuple[ClockEvent, ...]
    public_keys: dict[str, str]
    """Keys of the probes, in hex: to be compared with those published."""
    spans: tuple[SignedSpan, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; ``why`` is empty when everything holds."""

    why: str
    session_id: UUID | None = None
    summary: Availability | None = None

    @property
    def is_right(self) -> bool:
        """Whether the file holds."""
        return not self.why


class _Wrong(Exception):
    """The file is not what it must be."""


def encode_evidence(file: EvidenceFile) -> bytes:
    """Write the file in its one form."""
    return _encoder.encode(file)


def fingerprint(written: bytes) -> str:
    """Give the fingerprint of a written file: SHA-256 in hex."""
    return hashlib.sha256(written).hexdigest()


def summary_of(spans: Sequence[Span], session_id: UUID, *, from_us: int, to_us: int) -> Availability:
    """Give what spans say of a session's room."""
    own = [span for span in spans if span.subject.scope == "room" and span.subject.session_id == session_id]
    shard = [span for span in spans if span.subject.scope == "shard"]
    return availability(map(_interval, own), map(_interval, shard), from_us=from_us, to_us=to_us)


def check_evidence(written: bytes, public_keys: Mapping[str, bytes]) -> Checked:
    """Check a file off line against pinned keys (key id → 32 bytes)."""
    try:
        file = _read(written)
        _check_spans(file, public_keys)
        spans = [signed.span for signed in file.spans]
        if summary_of(spans, file.session_id, from_us=file.opened_us, to_us=file.through_us) != file.summary:
            raise _Wrong("the summary does not follow from the spans")
    except _Wrong as wrong:
        return Checked(why=str(wrong))
    return Checked(why="", session_id=file.session_id, summary=file.summary)


def _read(written: bytes) -> EvidenceFile:
    if len(written) > FILE_LIMIT:
        raise _Wrong("the file is too large")
    try:
        file = msgspec.json.decode(written, type=EvidenceFile)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _Wrong(f"the file cannot be read: {error}") from error
    if file.format != FORMAT:
        raise _Wrong(f"the format is not {FORMAT}")
    if encode_evidence(file) != written.rstrip(b"\n"):
        raise _Wrong("the file is not in its one form")
    return file


def _check_spans(file: EvidenceFile, public_keys: Mapping[str, bytes]) -> None:
    heads: dict[tuple[UUID, str], SignedSpan] = {}
    for place, signed in enumerate(file.spans, start=1):
        verdict = check_span(signed, public_keys)
        if verdict != "good":
            raise _Wrong(f"span {place}: {verdict}")
        before = heads.get((signed.run_id, signed.subject))
        if before is not None and (signed.number, signed.previous) != (before.number + 1, before.digest):
            raise _Wrong(f"span {place} does not continue the one before: something is left out")
        heads[signed.run_id, signed.subject] = signed
        if not _is_about(signed.span, file):
            raise _Wrong(f"span {place} is about another room")


def _is_about(span: Span, file: EvidenceFile) -> bool:
    if span.subject.scope == "room":
        return span.subject.session_id == file.session_id
    return span.subject.shard == file.shard


def _interval(span: Span) -> Interval:
    return Interval(span.state, span.began_us, span.ended_us)
