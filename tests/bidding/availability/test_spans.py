"""Probes become spans: outages as they were, nothing invented (bid-core 23)."""

from __future__ import annotations

from itertools import count, pairwise
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.availability.signed_spans import ProbeKey, SignedSpan, SpanSigner, check_span
from bidding.availability.spans import (
    AROUND,
    DOWN_US,
    GAP_US,
    GOOD,
    KEPT,
    OUTAGE_PROBES,
    UP_US,
    Found,
    OutageBegun,
    Sample,
    Span,
    SpanFold,
    State,
    Subject,
)
from bidding.availability.timeline import Interval, availability

SECOND = 1_000_000
T = 1_800_000_000 * SECOND
SUBJECT = Subject(scope="shard", shard=3, session_id=UUID(int=7))
KEY = ProbeKey(b"\x0c" * 32)


def fold_of() -> SpanFold:
    """A fold whose outages are named 1, 2, 3 …."""
    numbers = count(1)
    return SpanFold(SUBJECT, name=lambda: UUID(int=next(numbers)))


def probe(second: int, result: str = GOOD) -> Sample:
    """The probe of a second."""
    return Sample(sent_us=T + second * SECOND, waited_us=4_000 + second, result=result)


def fed(results: str, *, fold: SpanFold | None = None) -> list[Found]:
    """Feed one probe a second: ``.`` good, ``x`` bad, a blank none; then stop measuring."""
    fold = fold or fold_of()
    found: list[Found] = []
    for second, result in enumerate(results):
        if result != " ":
            found += fold.take(probe(second, GOOD if result == "." else "no_answer"))
    return [*found, *fold.break_off()]


def shape(found: list[Found]) -> list[tuple[str, int, int]]:
    """State, first and last second of each span."""
    spans = [one for one in found if isinstance(one, Span)]
    return [(span.state, (span.began_us - T) // SECOND, (span.ended_us - T) // SECOND) for span in spans]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("....", [("up", 0, 3)]),
        ("..x..", [("up", 0, 4)]),
        ("..xx..", [("up", 0, 5)]),
        ("..xxx...", [("up", 0, 2), ("down", 2, 5), ("up", 5, 7)]),
        ("..xxx..x...", [("up", 0, 2), ("down", 2, 8), ("up", 8, 10)]),
        ("xxxx", [("down", 0, 3)]),
        ("..xx", [("up", 0, 1)]),
        ("..xxx..", [("up", 0, 2), ("down", 2, 4)]),
        ("xx..x.", [("up", 2, 5)]),
        ("xx", []),
        (".", []),
    ],
)
def test_three_bad_probes_running_are_an_outage(results: str, expected: list[tuple[str, int, int]]) -> None:
    """One and two bad probes are counted; three are an outage from the first of them to the first of three good ones."""
    assert expected == shape(fed(results))


def test_counts_are_of_every_probe() -> None:
    """No probe is lost or counted twice; bad ones are counted by what was wrong."""
    spans = [one for one in fed("...x...xxxxx.x....") if isinstance(one, Span)]

    assert [(span.probes, span.failed) for span in spans] == [(7, 1), (7, 6), (4, 0)]
    assert spans[0].results == {"no_answer": 1}


@pytest.mark.parametrize(("silence", "is_whole"), [(2, True), (3, True), (4, False)])
def test_gap_is_not_measured(silence: int, *, is_whole: bool) -> None:
    """Where no probe was for longer than the gap, there is no span, of neither state."""
    assert GAP_US == 3.5 * SECOND
    found = shape(fed("..." + " " * (silence - 1) + "..."))

    assert found == ([("up", 0, 4 + silence)] if is_whole else [("up", 0, 2), ("up", 2 + silence, 4 + silence)])


def test_probe_that_comes_back_invents_no_outage() -> None:
    """A run that ends in the middle of an outage ends it there; the next begins with what it sees itself."""
    first, second = fed("..xxxx"), fed("......")

    assert shape(first) == [("up", 0, 2), ("down", 2, 5)]
    assert shape(second) == [("up", 0, 5)]


def test_outage_is_told_once_with_its_worst_reason() -> None:
    """The report has the instant of the first bad probe and the most frequent reason."""
    fold = fold_of()
    told = [one for one in fed("..xxxxxx", fold=fold) if isinstance(one, OutageBegun)]

    assert [(one.began_us, one.result) for one in told] == [(T + 2 * SECOND, "no_answer")]


def test_evidence_of_an_outage_is_bounded() -> None:
    """A down span keeps probes before, at both ends and after, and never more; an up span keeps none."""
    spans = [one for one in fed("....." + "x" * 50 + ".....") if isinstance(one, Span)]
    kept = [(one.sent_us - T) // SECOND for one in spans[1].samples]

    assert [one.samples for one in (spans[0], spans[2])] == [(), ()]
    assert kept == [2, 3, 4, 5, 6, 7, 8, 9, 50, 51, 52, 53, 54, 55, 56, 57]
    assert len(kept) == 2 * KEPT + 2 * AROUND


def test_long_spans_are_cut() -> None:
    """A span is stored after five minutes (one in an outage), so a probe that dies loses no more; an outage keeps its id."""
    up, down = UP_US // SECOND, DOWN_US // SECOND
    spans = [one for one in fed("." * (up + 10) + "x" * (2 * down + 5)) if isinstance(one, Span)]

    assert [span.state for span in spans] == ["up", "up", "down", "down", "down"]
    assert {span.outage_id for span in spans[2:]} == {UUID(int=1)}
    assert all(before.ended_us == after.began_us for before, after in pairwise(spans))


@given(st.text(alphabet=".xxx .", min_size=1, max_size=200))
def test_spans_never_overlap_and_never_say_more_than_was_asked(results: str) -> None:
    """Of any sequence: spans lie in order within the probes, hold each probe once, and a down span begins with bad ones."""
    spans = [one for one in fed(results) if isinstance(one, Span)]
    asked = [second for second, result in enumerate(results) if result != " "]

    assert all(before.ended_us <= after.began_us for before, after in pairwise(spans))
    assert sum(span.probes for span in spans) <= len(asked)
    known: set[UUID | None] = set()
    for span in spans:
        assert asked[0] <= (span.began_us - T) // SECOND < (span.ended_us - T) // SECOND <= asked[-1]
        if span.state == "up":
            assert span.failed < span.probes
        elif span.outage_id not in known:
            known.add(span.outage_id)
            began = (span.began_us - T) // SECOND
            seen = [result for result in results[began:] if result != " "][:OUTAGE_PROBES]
            assert set(seen) == {"x"}


@given(st.lists(st.sampled_from(["bad", "gap", "break"]), max_size=400))
def test_bad_probes_alone_are_never_up_time(steps: list[str]) -> None:
    """However often measuring breaks off, a room that never answered was up for no microsecond."""
    fold = fold_of()
    found: list[Found] = []
    for second, step in enumerate(steps):
        if step == "break":
            found += fold.break_off()
        elif step == "bad":
            found += fold.take(probe(second, "unreachable"))
    found += fold.break_off()

    assert {one.state for one in found if isinstance(one, Span)} <= {"down"}


def test_probe_that_is_turned_away_is_not_measured() -> None:
    """A stretch in which the probe itself was turned away is said to be so, from its first such probe to the next good one."""
    fold = fold_of()
    found: list[Found] = []
    for second, result in enumerate("...nnn...n..xxx"):
        found += fold.miss(probe(second).sent_us) if result == "n" else []
        found += fold.take(probe(second, GOOD if result == "." else "no_answer")) if result != "n" else []
    found += fold.break_off()

    assert shape(found) == [
        ("up", 0, 2),
        ("not_measured", 3, 6),
        ("up", 6, 8),
        ("not_measured", 9, 10),
        ("up", 10, 12),
        ("down", 12, 14),
    ]
    assert all(one.probes == 0 for one in found if isinstance(one, Span) and one.state == "not_measured")


def test_outage_outlives_the_room_that_speaks_for_its_shard() -> None:
    """Another room takes over in the midst of an outage: one outage, told once, and each span names the room that was asked."""
    fold, other = fold_of(), msgspec.structs.replace(SUBJECT, session_id=UUID(int=8))
    found: list[Found] = []
    for second in range(20):
        if second == 10:
            fold.stand_in(other)
        found += fold.take(probe(second, GOOD if second < 3 else "no_answer"))
    found += fold.break_off()
    spans = [one for one in found if isinstance(one, Span)]

    assert [(one.state, one.subject.session_id.int) for one in spans] == [("up", 7), ("down", 7), ("down", 8)]
    assert {one.outage_id for one in spans[1:]} == {UUID(int=1)}
    assert spans[1].ended_us == spans[2].began_us
    assert sum(isinstance(one, OutageBegun) for one in found) == 1


def test_signed_spans_show_what_is_missing() -> None:
    """Spans are numbered and chained by subject; one changed byte, or another key, is seen."""
    signer = SpanSigner(KEY, UUID(int=1))
    signed = [signer.sign(one) for one in fed("....xxxx....") if isinstance(one, Span)]
    keys = {KEY.key_id: KEY.public}

    assert [one.number for one in signed] == [1, 2, 3]
    assert [one.previous for one in signed[1:]] == [one.digest for one in signed[:-1]]
    assert {check_span(one, keys) for one in signed} == {"good"}
    assert check_span(signed[0], {}) == "unknown_key"
    for wrong in _tampered(signed[1]):
        assert check_span(wrong, keys) != "good"


def _tampered(signed: SignedSpan) -> list[SignedSpan]:
    replace = msgspec.structs.replace
    return [
        replace(signed, body=signed.body.replace('"failed":4', '"failed":3')),
        replace(signed, number=3),
        replace(signed, subject="shard-4"),
        replace(signed, run_id=UUID(int=2)),
        replace(signed, previous="0" * 64),
        replace(signed, digest="1" * 64),
        replace(signed, signature="ab" * 64),
        replace(signed, signature="zz"),
    ]


def test_room_counts_before_its_shard_and_one_good_word_is_enough() -> None:
    """The room's own probe wins over its shard's; of two probes at once one that was answered wins; the rest is not measured."""
    own = [Interval("up", 10, 20), Interval("down", 20, 30)]
    shard = [Interval("down", 0, 12), Interval("up", 25, 40), Interval("down", 40, 50), Interval("up", 45, 60)]
    found = availability(own, shard, from_us=0, to_us=100)

    assert [(one.state, one.began_us, one.ended_us) for one in found.stretches] == [
        ("down", 0, 10),
        ("up", 10, 20),
        ("down", 20, 30),
        ("up", 30, 40),
        ("down", 40, 45),
        ("up", 45, 60),
        ("not_measured", 60, 100),
    ]
    assert (found.up_us, found.down_us, found.not_measured_us, found.percent) == (35, 25, 40, "58.333")


def test_nothing_measured_has_no_percentage() -> None:
    """Without a span there is neither outage nor percentage."""
    found = availability([], [], from_us=5, to_us=9)

    assert (found.percent, found.outages, found.not_measured_us) == ("", (), 4)


def test_shard_never_speaks_for_a_room_that_turned_its_own_probe_away() -> None:
    """While a room's own probe is turned away the room is not measured, whatever its shard's stand-in answers."""
    own = [Interval("up", 0, 10), Interval("not_measured", 10, 30)]
    found = availability(own, [Interval("up", 0, 60)], from_us=0, to_us=60)

    assert [(one.state, one.began_us) for one in found.stretches] == [("up", 0), ("not_measured", 10), ("up", 30)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["up", "down", "not_measured"]), st.integers(0, 60), st.integers(1, 30), st.booleans()
        ),
        max_size=12,
    )
)
def test_sweep_says_what_each_instant_says(given_spans: list[tuple[State, int, int, bool]]) -> None:
    """One sweep over all spans gives the state that looking at every instant by itself gives."""
    own = [Interval(state, at, at + length) for state, at, length, by_room in given_spans if by_room]
    shard = [Interval(state, at, at + length) for state, at, length, by_room in given_spans if not by_room]
    found = availability(own, shard, from_us=5, to_us=70)

    def looked_at(instant: int) -> str:
        for intervals in (own, shard):
            states = {one.state for one in intervals if one.began_us <= instant < one.ended_us}
            for state in ("up", "down", "not_measured"):
                if state in states:
                    return state
        return "not_measured"

    swept = {at: one.state for one in found.stretches for at in range(one.began_us, one.ended_us)}
    assert swept == {at: looked_at(at) for at in range(5, 70)}
    assert all(before.state != after.state for before, after in pairwise(found.stretches))
