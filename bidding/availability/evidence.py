"""The evidence file of a session: what was measured of its room, what moved its clock, and how to check both. Pure.

1. One JSON object in one form (sorted keys, no blanks), signed as a whole by the house that gives it out: lot, session,
   opening and end, method, events of the clock, spans, runs, totals and summary. One byte less and it does not verify.
2. Each span is signed by the probe besides, so the house cannot alter one; numbers and chains show that none is missing
   between two that are there. *That none is missing at either end, or a whole run, is the house's word alone*: its
   signature binds it to one statement, which two files of one session would contradict.
3. Every instant from the opening to the end is up, down or expressly not measured; that follows from the spans, and is checked.
4. Events of the clock are those of the published journal, whose digests they carry.
5. Instants are PostgreSQL's clock, by which the probe dates what it sends; the rooms' clock is held within 500 ms of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auction.kernel.house_key import HouseKey
from bidding.availability.ask_room import ANSWER_S
from bidding.availability.run_probe import LAST_US, TICK_S
from bidding.availability.signed_spans import SignedSpan, check_span
from bidding.availability.spans import OUTAGE_PROBES, Span
from bidding.availability.timeline import Availability, Interval, availability

FORMAT: Final = "fapai-availability-v2"
SCHEME: Final = b"fapai-availability-file-v2\n"
KEY_PURPOSE: Final = "evidence"
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
        "探测自身中断、因自身原因被拒、时钟被调整的时间计为未测。时间以数据库时钟为准，与现场时钟相差不超过半秒。"
    )
    en: str = (
        "From outside the gateway's process a bid under a reserved code, which enters no journal, is sent to the room every "
        "second. Three running without a good answer within two seconds are an outage, from the sending of the first of them "
        "to the sending of the first of three good ones running. In its last ten minutes each room is asked by itself, "
        "before that one room speaks for its shard. Time in which the probe itself did not run, was turned away "
        "by its own fault, or a clock was moved, is not measured. Instants are the database's clock, which the rooms' clock "
        "follows within half a second."
    )


class ClockEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A numbered event that stopped, moved or restarted the room's clock, as the journal has it."""

    sequence: int
    body: str
    digest: str


class RunHeld(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds of one run of a probe and one subject: the first and last number, and the last digest."""

    run_id: UUID
    subject: str
    first: int
    last: int
    head: str


class EvidenceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything; instants are microseconds since 1970 of PostgreSQL's clock."""

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
    runs: tuple[RunHeld, ...]
    probes: int
    """How many probes the spans count, and how many of them were bad."""
    failed: int
    spans: tuple[SignedSpan, ...]
    key_id: str = ""
    """The house's key for evidence files."""
    signature: str = ""
    """Over everything else."""


class EvidenceKey(HouseKey):
    """The house's private key for evidence files, under the id that they name."""

    def __init__(self, seed: bytes) -> None:
        """Make it from its seed of 32 bytes."""
        super().__init__(seed, KEY_PURPOSE)

    def sign_file(self, file: EvidenceFile) -> EvidenceFile:
        """Sign the file as a whole."""
        named = msgspec.structs.replace(file, key_id=self.key_id, signature="")
        return msgspec.structs.replace(named, signature=self.sign(_covered(named)).hex())


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; ``why`` is empty when everything holds."""

    why: str
    file: EvidenceFile | None = None

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
        _check_signature(file, public_keys)
        _check_spans(file, public_keys)
        _check_totals(file)
    except _Wrong as wrong:
        return Checked(why=str(wrong))
    return Checked(why="", file=file)


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


def _covered(file: EvidenceFile) -> bytes:
    """Give the bytes that the signature covers: all but itself."""
    return SCHEME + encode_evidence(msgspec.structs.replace(file, signature=""))


def _check_signature(file: EvidenceFile, public_keys: Mapping[str, bytes]) -> None:
    public = public_keys.get(file.key_id) if file.key_id.startswith(f"{KEY_PURPOSE}-") else None
    if public is None:
        raise _Wrong("the file's own key: unknown_key")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(file.signature), _covered(file))
    except (InvalidSignature, ValueError) as wrong:
        raise _Wrong("the file as a whole: wrong_signature") from wrong


def _check_totals(file: EvidenceFile) -> None:
    """Hold what the file says in sum against its spans: summary, runs, counts."""
    spans = [signed.span for signed in file.spans]
    if summary_of(spans, file.session_id, from_us=file.opened_us, to_us=file.through_us) != file.summary:
        raise _Wrong("the summary does not follow from the spans")
    if runs_of(file.spans) != file.runs:
        raise _Wrong("the runs are not those of the spans")
    if totals_of(spans) != (file.probes, file.failed):
        raise _Wrong("the counts are not those of the spans")


def runs_of(spans: Sequence[SignedSpan]) -> tuple[RunHeld, ...]:
    """Give what spans, in order, hold of each run and subject."""
    runs: dict[tuple[UUID, str], RunHeld] = {}
    for signed in spans:
        name = (signed.run_id, signed.subject)
        first = runs[name].first if name in runs else signed.number
        runs[name] = RunHeld(
            run_id=signed.run_id, subject=signed.subject, first=first, last=signed.number, head=signed.digest
        )
    return tuple(runs.values())


def totals_of(spans: Sequence[Span]) -> tuple[int, int]:
    """Give how many probes spans count, and how many of them were bad."""
    return sum(span.probes for span in spans), sum(span.failed for span in spans)


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
