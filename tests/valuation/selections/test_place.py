"""The sub-list follows the asset: its place comes from the facts, and is typed only where they name none."""

from __future__ import annotations

from datetime import date

import pytest

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from tests.valuation.agencies import world
from valuation.facts import store as facts
from valuation.facts.facts import Fact, FactMalformed, check_fact
from valuation.facts.place import Place, place_of
from valuation.selections import selection_store
from valuation.selections.open_selection import PLACE_REASON_MAX, PlaceDiffers, PlaceReasonNeeded
from valuation.selections.selection import Selection

TODAY = local_day(world.START)
NOT_TYPED = {"province": "", "city": "", "place_reason": ""}


def title(province: str = "", city: str = "", **changes: object) -> Fact:
    """Make the finding on a title."""
    values: dict[str, object] = {
        "subject": "title",
        "state": "established",
        "statement_zh": "登记为被执行人单独所有",
        "statement_en": "Registered to the debtor alone",
        "source": "不动产登记中心",
        "as_of": date(2027, 2, 1),
        "document_sha256": world.PAPER,
        "province": province,
        "city": city,
        **changes,
    }
    return Fact(**values)  # type: ignore[arg-type] # a test's own values


async def opened(db: Database, *found: Fact, **changes: object) -> Selection:
    """Open a choice for an asset with these facts."""
    await world.set_time(db, world.START)
    await world.open_step(db)

    async def work(tx: Transaction) -> None:
        await facts.add_facts(tx, world.CASE, world.ASSET, found)

    await db.transact(work)
    await world.select(db, **changes)
    async with db.reading() as tx:
        return await selection_store.selection(tx, world.MANDATE)


def test_newest_finding_that_names_a_place_counts() -> None:
    """A later finding without a place takes none back; a later one with another place counts."""
    assert place_of([]) is None
    assert place_of([title()]) is None
    assert place_of([title("甲省", "甲市"), title()]) == Place(province="甲省", city="甲市")
    assert place_of([title("甲省", "甲市"), title("乙省", "乙市")]) == Place(province="乙省", city="乙市")


@pytest.mark.parametrize(
    "wrong",
    [
        title("甲省"),
        title("", "甲市"),
        title("甲省", " 甲市"),
        title("甲省", "市" * 51),
        title("甲省", "甲市", subject="burdens"),
        title("甲省", "甲市", state="unanswered", document_sha256=None),
        title("甲省", "甲市", state="none_found"),
    ],
)
def test_place_is_named_whole_and_with_the_title(wrong: Fact) -> None:
    """Half a place, or one beside another subject or an unanswered question, is no finding."""
    with pytest.raises(FactMalformed):
        check_fact(wrong, today=TODAY)


def test_place_of_the_longest_name_is_a_finding() -> None:
    """Fifty characters are enough for a name, and allowed."""
    check_fact(title("甲省", "市" * 50), today=TODAY)


async def test_place_comes_from_the_facts(database: Database) -> None:
    """Nothing is typed where the file says where the asset lies."""
    found = await opened(database, title("示例省", "示例市"), **NOT_TYPED)

    assert (found.province, found.city) == ("示例省", "示例市")
    assert (found.place_from, found.place_reason) == ("facts", "")


async def test_same_place_may_be_typed_and_its_reason_is_not_kept(database: Database) -> None:
    """Who types what the facts say is right; no reason stands beside it."""
    found = await opened(database, title("示例省", "示例市"))

    assert (found.place_from, found.place_reason) == ("facts", "")


@pytest.mark.parametrize("typed", [{"province": "他省"}, {"city": "邻市"}, {"city": ""}, {"province": " "}])
async def test_another_place_than_the_facts_is_refused(database: Database, typed: dict[str, str]) -> None:
    """Nobody chooses another list by typing another place, with whatever reason."""
    with pytest.raises(PlaceDiffers):
        await opened(database, title("示例省", "示例市"), **typed)


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [
        ({}, True),
        ({"place_reason": "字" * PLACE_REASON_MAX}, True),
        ({"place_reason": "字" * (PLACE_REASON_MAX + 1)}, False),
        ({"place_reason": " "}, False),
        ({"province": ""}, False),
        ({"city": " "}, False),
    ],
)
async def test_typed_place_needs_its_reason(database: Database, typed: dict[str, str], is_taken: bool) -> None:
    """Where the facts name none, province, city and a reason are needed, and the reason is kept to be published."""
    if not is_taken:
        with pytest.raises(PlaceReasonNeeded):
            await opened(database, title(), **typed)
        return
    found = await opened(database, title(), **typed)

    assert found.place_from == "typed"
    assert found.place_reason == typed.get("place_reason", "登记机关的答复没有写明所在地")
