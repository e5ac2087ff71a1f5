"""Whether the lists say enough of a buyer for a ruling, at the limits of the rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.sale.cases.assets import AssetClass
from auction.sale.registers.lists import OLDEST_ANSWER, Entry, Told
from auction.sale.registers.papers import KeeperNotAsked, Paper, PaperTooOld, PaperWord, check_paper
from auction.sale.silence.unclear import WAIT, Unclear, unclear

NOW = datetime(2027, 4, 12, 2, tzinfo=UTC)
ASKED = NOW - timedelta(hours=5)
MOMENT = timedelta(microseconds=1)


def told(state: str, as_of: datetime, keeper: str = "甲") -> Told:
    """Give an answer about restrictions."""
    entry = Entry(list="restriction", state="listed" if state == "listed" else "clear")
    return Told(keeper=keeper, entry=entry, answer_no="1", as_of=as_of, answered_at=as_of, fingerprint="")


def open_of(*answers: Told, asked_since: datetime | None = ASKED) -> Unclear | None:
    """Say what the list of restrictions leaves open."""
    return unclear("restriction", answers, asset_class=AssetClass.HOME, now=NOW, asked_since=asked_since)


def test_silent_list_is_waited_for_three_days_from_the_question() -> None:
    """Rule 3: no answer is silence, dated from the question; then the panel."""
    found = open_of()

    assert found == Unclear(list="restriction", why="silent", since=ASKED, panel_from=ASKED + timedelta(days=3))
    assert timedelta(days=3) == WAIT


@pytest.mark.parametrize(
    ("age", "silent"), [(OLDEST_ANSWER - MOMENT, False), (OLDEST_ANSWER, False), (OLDEST_ANSWER + MOMENT, True)]
)
@pytest.mark.parametrize("state", ["clear", "listed"])
def test_answer_that_is_too_old_is_silence(age: timedelta, silent: bool, state: str) -> None:
    """Rule 1: an answer as of seventy-two hours ago counts, a moment older it does not."""
    assert (open_of(told(state, NOW - age)) is not None) is silent


def test_contradiction_is_for_the_panel_at_once() -> None:
    """Rule 2: whoever spoke last dates it."""
    first, last = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    found = open_of(told("listed", first, "甲"), told("clear", last, "乙"))

    assert found == Unclear(list="restriction", why="contradicting", since=last, panel_from=last)


def test_nobody_asked_holds_nothing_up() -> None:
    """Rule 6: without a question there is no list to wait for."""
    assert open_of(asked_since=None) is None


@pytest.mark.parametrize(("word", "counts"), [("confirmed", True), ("rejected", False), (None, False)])
def test_paper_counts_once_it_is_confirmed(word: PaperWord | None, counts: bool) -> None:
    """A paper that nobody compared, or that did not compare, says nothing."""
    paper = Paper(
        list="restriction",
        keeper_title="甲",
        says="clear",
        as_of=NOW,
        document_ref="复函 1 号",
        brought_at=NOW,
        word=word,
        decided_at=None if word is None else NOW,
    )

    assert (paper.told() is not None) is counts


@pytest.mark.parametrize(
    ("as_of", "lawful"),
    [
        (NOW, True),
        (NOW + MOMENT, False),
        (NOW - OLDEST_ANSWER, True),
        (NOW - OLDEST_ANSWER - MOMENT, False),
    ],
)
def test_paper_is_as_fresh_as_an_answer_over_the_line(as_of: datetime, lawful: bool) -> None:
    """Not to come, and of the last seventy-two hours."""
    if lawful:
        check_paper("甲", asked=["甲"], as_of=as_of, now=NOW)
        return
    with pytest.raises(PaperTooOld):
        check_paper("甲", asked=["甲"], as_of=as_of, now=NOW)


def test_paper_of_somebody_who_was_not_asked_is_refused() -> None:
    """Who was asked answers."""
    with pytest.raises(KeeperNotAsked, match="“乙” was not asked"):
        check_paper("乙", asked=["甲"], as_of=NOW, now=NOW)
