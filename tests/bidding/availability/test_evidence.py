"""An evidence file is one signed statement: whatever is left out, added or moved, it does not verify (bid-core 23)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest

from bidding.availability.evidence import (
    FORMAT,
    ClockEvent,
    EvidenceFile,
    EvidenceKey,
    Method,
    check_evidence,
    encode_evidence,
    runs_of,
    summary_of,
    totals_of,
)
from bidding.availability.signed_spans import ProbeKey, SpanSigner
from bidding.availability.spans import GOOD, Sample, Span, SpanFold, Subject
from tests.bidding.availability.measured import FILE_KEY, KEY, SECOND_US

T = 1_800_000_000 * SECOND_US
SESSION = UUID(int=5)
KEYS = {KEY.key_id: KEY.public, FILE_KEY.key_id: FILE_KEY.public}
replace = msgspec.structs.replace
Forgery = Callable[[EvidenceFile], EvidenceFile]


def resummed(file: EvidenceFile) -> EvidenceFile:
    """Let everything follow from the spans again, as a careful forger does."""
    read = [one.span for one in file.spans]
    probes, failed = totals_of(read)
    return replace(
        file,
        summary=summary_of(read, file.session_id, from_us=file.opened_us, to_us=file.through_us),
        runs=runs_of(file.spans),
        probes=probes,
        failed=failed,
    )


@pytest.fixture(scope="module")
def file() -> EvidenceFile:
    """A signed file: 100 s up, 40 s down, 10 s up, 50 s not measured."""
    fold, signer = SpanFold(Subject(scope="shard", shard=0, session_id=UUID(int=9))), SpanSigner(KEY, UUID(int=1))
    found = []
    for second in range(150):
        result = "unreachable" if 100 <= second < 140 else GOOD
        found += fold.take(Sample(sent_us=T + second * SECOND_US, waited_us=5_000, result=result))
    spans = [signer.sign(one) for one in [*found, *fold.break_off()] if isinstance(one, Span)]
    unsigned = EvidenceFile(
        format=FORMAT,
        session_id=SESSION,
        lot_id=UUID(int=6),
        shard=0,
        opened_us=T,
        through_us=T + 200 * SECOND_US,
        method=Method(),
        summary=summary_of([], SESSION, from_us=T, to_us=T),
        clock_events=(ClockEvent(sequence=4, body="{}", digest="00"),),
        public_keys={KEY.key_id: KEY.public.hex()},
        runs=(),
        probes=0,
        failed=0,
        spans=tuple(spans),
    )
    return FILE_KEY.sign_file(resummed(unsigned))


def test_signed_file_verifies_and_says_what_was_not_measured(file: EvidenceFile) -> None:
    """The whole file holds; every instant from the opening to the end is up, down or expressly not measured."""
    found = check_evidence(encode_evidence(file), KEYS)

    assert found.is_right, found.why
    assert [one.state for one in file.summary.stretches] == ["up", "down", "up", "not_measured"]
    assert sum((file.summary.up_us, file.summary.down_us, file.summary.not_measured_us)) == 200 * SECOND_US
    assert (file.probes, file.failed) == (150, 40)


FORGERIES: dict[str, Forgery] = {
    "head": lambda file: replace(file, spans=file.spans[1:]),
    "head and outage": lambda file: replace(file, spans=file.spans[2:]),
    "tail": lambda file: replace(file, spans=file.spans[:-1]),
    "outage and tail": lambda file: replace(file, spans=file.spans[:1]),
    "middle": lambda file: replace(file, spans=(file.spans[0], file.spans[2])),
    "all spans": lambda file: replace(file, spans=(), public_keys={}),
    "a forged event": lambda file: replace(
        file, clock_events=(*file.clock_events, ClockEvent(sequence=9, body="forged", digest="00"))
    ),
    "an event left out": lambda file: replace(file, clock_events=()),
    "a later opening": lambda file: replace(file, opened_us=T + 141 * SECOND_US, spans=file.spans[2:]),
    "an earlier end": lambda file: replace(file, through_us=T + 99 * SECOND_US, spans=file.spans[:1]),
    "another method": lambda file: replace(file, method=replace(file.method, answer_within_ms=1)),
    "another lot": lambda file: replace(file, lot_id=UUID(int=7)),
    "no signature": lambda file: replace(file, signature=""),
    "no hex": lambda file: replace(file, signature="zz"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_is_left_out_or_moved_is_seen(file: EvidenceFile, forgery: str) -> None:
    """A file from which spans were dropped, or in which anything else was changed, fails, however well its sums fit."""
    forged = resummed(FORGERIES[forgery](file))

    assert not check_evidence(encode_evidence(forged), KEYS).is_right


def test_only_the_houses_own_key_signs_files(file: EvidenceFile) -> None:
    """A key that is not pinned, and a probe's key under its own name, sign no file; sums that do not fit fail when signed."""
    unknown = EvidenceKey(b"\x0f" * 32).sign_file(file)
    by_probe = replace(file, key_id=ProbeKey(b"\x0c" * 32).key_id)
    unfit = [
        FILE_KEY.sign_file(replace(file, spans=file.spans[:-1])),
        FILE_KEY.sign_file(replace(file, runs=())),
        FILE_KEY.sign_file(replace(file, failed=39)),
        FILE_KEY.sign_file(resummed(replace(file, spans=(file.spans[0], file.spans[2])))),
    ]

    assert "unknown_key" in check_evidence(encode_evidence(unknown), KEYS).why
    assert not any(check_evidence(encode_evidence(one), KEYS).is_right for one in (by_probe, *unfit))
