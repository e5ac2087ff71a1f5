"""Which reports of an online inquiry count, and why: art. 12 and the four branches of art. 13, one reason for each report."""

from __future__ import annotations

import itertools
from datetime import date
from typing import get_args

import msgspec
import pytest

from valuation.inquiries.counting import (
    BRANCHES,
    REASONS,
    Branch,
    Flaw,
    NoReportInTime,
    Objected,
    Outcome,
    PlatformPart,
    Why,
    count,
    counted,
    mean_value,
    must_all_be_corrected,
    must_meet_objections,
    valid_until,
)

UNTIL = date(2027, 12, 31)


def part(
    name: str,
    value_fen: int = 100,
    *,
    outcome: Outcome | None = "in_time",
    flaw: Flaw = "none",
    objection: Objected = "none",
    until: date = UNTIL,
) -> PlatformPart:
    """A platform's part."""
    in_time = outcome == "in_time"
    return PlatformPart(
        platform_id=name,
        outcome=outcome,
        value_fen=value_fen if in_time else None,
        valid_until=until if in_time else None,
        flaw=flaw,
        objection=objection,
    )


CASES: list[tuple[str, list[PlatformPart], list[Why], Branch, int | None]] = [
    ("all in time", [part("a", 100), part("b", 200)], ["in_time", "in_time"], "all_in_time", 150),
    (
        "only some in time",
        [part("a", 100), part("b", outcome="late"), part("c", outcome="silent"), part("d", outcome="refused")],
        ["in_time", "late", "silent", "refused"],
        "some_in_time",
        100,
    ),
    (
        "one wrong, another right",
        [part("a", 100), part("b", 900, flaw="found")],
        ["in_time", "flawed"],
        "some_in_time",
        100,
    ),
    (
        "all wrong, not corrected yet",
        [part("a", 100, flaw="found"), part("b", 900, flaw="found")],
        ["to_correct", "to_correct"],
        "none",
        None,
    ),
    (
        "all wrong, one corrected in time",
        [part("a", 100, flaw="corrected"), part("b", 900, flaw="uncorrected")],
        ["corrected", "uncorrected"],
        "some_in_time",
        100,
    ),
    (
        "objections to some, whatever the decision",
        [part("a", 100), part("b", 900, objection="rejected"), part("c", 300)],
        ["not_objected", "objected", "not_objected"],
        "objections_to_some",
        200,
    ),
    (
        "objections to all, rejected or cured",
        [part("a", 100, objection="rejected"), part("b", 300, objection="cured"), part("c", 900, objection="upheld")],
        ["objection_rejected", "objection_cured", "objection_upheld"],
        "objections_to_all",
        200,
    ),
    (
        "objections to all that stand; the wrong one does not stand",
        [part("a", 100, objection="rejected"), part("b", 900, flaw="found")],
        ["objection_rejected", "flawed"],
        "objections_to_all",
        100,
    ),
    (
        "an objection is open",
        [part("a", 100, objection="open"), part("b", 300, objection="rejected")],
        ["objection_open", "objection_rejected"],
        "objections_to_all",
        300,
    ),
    ("nobody", [part("a", outcome="late"), part("b", outcome=None)], ["late", "awaited"], "none", None),
]


@pytest.mark.parametrize(("parts", "why", "branch", "amount"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_each_report_has_its_reason(
    parts: list[PlatformPart], why: list[Why], branch: Branch, amount: int | None
) -> None:
    """Every report counts or not for one reason, and the branch names the rule (参考价 12, 13)."""
    found = count(parts)

    assert [one.why for one in found.weighed] == why
    assert found.branch == branch
    if amount is None:
        with pytest.raises(NoReportInTime):
            mean_value(parts)
    else:
        assert mean_value(parts).fen == amount


@pytest.mark.parametrize(
    ("values", "mean"), [((1, 2), 2), ((1, 1, 2), 1), ((1, 2, 2), 2), ((1, 1, 1, 3), 2), ((1, 1, 1, 2), 1)]
)
def test_fraction_of_a_fen_is_rounded_once_half_up(values: tuple[int, ...], mean: int) -> None:
    """1.5 becomes 2; 1⅓ and 1¼ become 1; 1⅔ becomes 2 (law L6)."""
    assert mean_value([part(str(n), value) for n, value in enumerate(values)]).fen == mean


def test_earliest_validity_of_those_that_count() -> None:
    """A report that stays out does not shorten the validity (V2)."""
    early, later = date(2027, 3, 1), date(2027, 9, 1)
    parts = [part("a", until=later), part("b", until=UNTIL), part("c", until=early, flaw="found")]

    assert valid_until(parts) == later
    assert [one.platform_id for one in counted(parts)] == ["a", "b"]


def test_every_combination_is_weighed() -> None:
    """No combination of outcome, flaw and objection is left without a reason; late, wrong and refused never count."""
    outcomes: tuple[Outcome | None, ...] = (*get_args(Outcome), None)
    kinds = list(itertools.product(outcomes, get_args(Flaw), get_args(Objected)))
    parts = [part("x", outcome=o, flaw=f, objection=b) for o, f, b in kinds]

    others = [msgspec.structs.replace(one, platform_id="y") for one in parts]
    for one, other in itertools.product(parts, others):
        found = count([one, other])
        for weighed, given in zip(found.weighed, (one, other), strict=True):
            if weighed.counts:
                assert given.outcome == "in_time"
                assert given.flaw in ("none", "corrected")
                assert given.objection not in ("open", "upheld")
        assert (found.branch == "none") == (not any(weighed.counts for weighed in found.weighed))


def test_reasons_are_told_in_both_languages() -> None:
    """Each reason and each branch has its article and two sentences."""
    assert set(REASONS) == set(get_args(Why))
    assert set(BRANCHES) == set(get_args(Branch))
    for reason in (*REASONS.values(), *BRANCHES.values()):
        assert reason.article.startswith("参考价")
        assert reason.said.zh
        assert reason.said.en


@pytest.mark.parametrize(
    ("flaws", "is_so"), [(("found", "found"), True), (("found", "none"), False), (("none", "none"), False)]
)
def test_all_are_sent_back_only_where_none_is_right(flaws: tuple[Flaw, ...], is_so: bool) -> None:
    """One right report keeps the others here; late ones do not matter (参考价 12)."""
    parts = [part(str(n), flaw=flaw) for n, flaw in enumerate(flaws)]

    assert must_all_be_corrected([*parts, part("late", outcome="late")]) is is_so
    assert not must_all_be_corrected([part("late", outcome="late")])


@pytest.mark.parametrize(
    ("objections", "is_so"),
    [(("upheld", "upheld"), True), (("upheld", "rejected"), False), (("upheld", "none"), False), (("open", "upheld"), False)],
)  # fmt: skip
def test_founded_objections_to_all_send_all_back(objections: tuple[Objected, ...], is_so: bool) -> None:
    """One report whose objection was rejected stands, so nothing goes back (V31)."""
    assert must_meet_objections([part(str(n), objection=one) for n, one in enumerate(objections)]) is is_so
