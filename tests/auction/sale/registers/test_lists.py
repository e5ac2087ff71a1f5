"""What signed answers of several keepers say together, at their limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.kernel.sentences import Locale
from auction.sale.cases.assets import AssetClass
from auction.sale.registers.check_lists import refusal_of
from auction.sale.registers.lists import (
    CLOCKS_APART,
    OLDEST_ANSWER,
    Entry,
    ListKey,
    Question,
    Reply,
    Standing,
    Told,
    lists_for,
    standing_of,
    what_is_wrong,
)

T0 = datetime(2027, 3, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOME = AssetClass.HOME
QUESTION = Question(question_id=UUID(int=1), kind="natural", identity_number="11010519900505001X", lists=("dishonest",))


def told(state: str, *, at: int, came: int | None = None, keeper: str = "甲", **entry: object) -> Told:
    """Give an answer as of ``at`` hours, which came at ``came`` (``None``: at once)."""
    return Told(
        keeper=keeper,
        entry=msgspec.convert({"list": "restriction", "state": state, **entry}, Entry),
        answer_no="1",
        as_of=T0 + at * HOUR,
        answered_at=T0 + (at if came is None else came) * HOUR,
        fingerprint="0" * 64,
    )


def standing(*answers: Told, asset_class: AssetClass = HOME, since: datetime | None = None) -> Standing:
    """Give the standing to the list of restrictions."""
    return standing_of("restriction", answers, asset_class=asset_class, unanswered_since=None, came_since=since)


@pytest.mark.parametrize(
    ("asset_class", "lists"),
    [
        (AssetClass.HOME, ("dishonest", "restriction")),
        (AssetClass.BUILDING, ("dishonest", "restriction")),
        (AssetClass.LAND, ("restriction",)),
        (AssetClass.VEHICLE, ("restriction",)),
        (AssetClass.MOVABLE, ()),
        (AssetClass.EQUITY, ()),
        (AssetClass.RIGHT, ()),
    ],
)
def test_only_lists_that_matter_are_asked(asset_class: AssetClass, lists: tuple[ListKey, ...]) -> None:
    """Dishonest debtors for houses, restrictions for immovables and vehicles; about all else nobody is asked."""
    assert lists == lists_for(asset_class)


def test_no_answer_is_unanswered() -> None:
    """Silence is neither clear nor listed."""
    assert standing().state == "unanswered"


def test_removal_counts_at_once_and_an_older_answer_changes_nothing() -> None:
    """The newest as-of counts, in whatever order the answers come."""
    listed, removed = told("listed", at=1), told("clear", at=2)
    late = told("listed", at=1, came=9)

    assert standing(listed).state == "listed"
    assert standing(listed, removed).state == standing(removed, listed).state == "clear"
    assert standing(listed, removed, late).state == "clear"


def test_keepers_that_contradict_each_other_list_nobody() -> None:
    """One says listed, the other clear: contradicting, whichever is newer; when they agree again it counts."""
    ours, theirs = told("listed", at=1), told("clear", at=2, keeper="乙")

    assert standing(ours, theirs).state == "contradicting"
    assert standing(told("clear", at=3), theirs).state == "clear"
    assert standing(ours, told("listed", at=3, keeper="乙")).state == "listed"


def test_restriction_covers_what_it_names() -> None:
    """A restriction that names vehicles keeps nobody from a home; one that names nothing covers all of the law's assets."""
    named = told("listed", at=1, covers=["vehicle"])

    assert (standing(named).state, standing(named, asset_class=AssetClass.VEHICLE).state) == ("clear", "listed")
    assert standing(told("listed", at=1), asset_class=AssetClass.LAND).state == "listed"
    assert standing(told("listed", at=1), asset_class=AssetClass.EQUITY).state == "clear"


@pytest.mark.parametrize(("hours", "state"), [(0, "listed"), (1, "listed"), (2, "unanswered")])
def test_at_the_door_only_what_came_for_it_refuses(hours: int, state: str) -> None:
    """An answer that came before the door's time is none there: who was removed since is not kept out by it."""
    assert standing(told("listed", at=1), since=T0 + hours * HOUR).state == state


def test_repeated_listing_is_no_new_ban() -> None:
    """The panel is asked once about a listing that goes on; a listing after a removal is another one."""
    first, again = told("listed", at=1), told("listed", at=5)
    anew = (first, told("clear", at=3), again)

    assert standing(first, again).barred_at == T0 + HOUR
    assert standing(*anew).barred_at == T0 + 5 * HOUR
    assert standing(*anew, told("clear", at=6)).barred_at is None


def reply(**changes: object) -> Reply:
    """Give a right answer to `QUESTION`, with changes."""
    base = Reply(
        question_id=QUESTION.question_id,
        identity_number=QUESTION.identity_number.lower(),
        answer_no="1",
        as_of=T0,
        entries=(Entry(list="dishonest", state="clear"),),
        content=b"{}",
        signature="",
    )
    return msgspec.structs.replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, ""),
        ({"question_id": UUID(int=2)}, "other_question"),
        ({"identity_number": "110105199005050028"}, "other_person"),
        ({"entries": ()}, "other_lists"),
        ({"entries": (Entry(list="restriction", state="clear"),)}, "other_lists"),
        ({"as_of": T0 + CLOCKS_APART}, ""),
        ({"as_of": T0 + CLOCKS_APART + timedelta(seconds=1)}, "as_of_to_come"),
        ({"as_of": T0 - OLDEST_ANSWER}, ""),
        ({"as_of": T0 - OLDEST_ANSWER - timedelta(seconds=1)}, "as_of_too_old"),
        ({"as_of": datetime(2027, 3, 5, 2)}, "as_of_to_come"),  # noqa: DTZ001 - that is what is wrong with it
    ],
)
def test_answer_to_something_else_is_none(changes: dict[str, object], wrong: str) -> None:
    """Another question, person or list, an instant to come or long past: not believed."""
    assert wrong == what_is_wrong(reply(**changes), QUESTION, asked_at=T0, now=T0)


@pytest.mark.parametrize(("locale", "word"), [("zh", "甲"), ("en", "甲")])
def test_refusal_names_list_source_instant_and_remedy(locale: Locale, word: str) -> None:
    """Who is refused reads which list, who said so, as of when, and what helps."""
    refusal = refusal_of(standing(told("listed", at=1)))
    sentence = refusal.sentence(locale)

    assert (refusal.code, refusal.article) == ("consumption_restricted", "限制消费规定 3")
    assert word in sentence
    assert "2027-03-05 11:00" in sentence
    assert ("解除" if locale == "zh" else "lift") in sentence
