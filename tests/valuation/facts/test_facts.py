"""The table of facts by class of asset: what is owed, what may stand, what a gap does; one case each way per field."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from auction.kernel.db import Database
from auction.law.asset_facts import FACT_LAW
from auction.law.parameters import LAW
from auction.sale.cases import assets as sale_assets
from auction.sale.lots.lint import FORBIDDEN_PHRASES
from tests.valuation.facts.facts_world import TODAY, desk_for, fact, owed
from valuation.facts.facts import (
    ALL_SUBJECTS,
    SUBJECTS,
    FactMalformed,
    FactOfOtherClass,
    OccupancyUnclear,
    Subject,
    check_class,
    check_fact,
    missing_subjects,
    owed_before_price,
    subjects_of,
)

OWED = [(asset_class, subject) for asset_class in FACT_LAW.classes for subject in owed(asset_class)]
EXPECTED = {
    "home": SUBJECTS,
    "building": SUBJECTS,
    "land": SUBJECTS,
    "vehicle": (*SUBJECTS, "registration", "violations", "emission_standard", "mileage"),
    "movable": (*SUBJECTS, "food_expiry", "food_spoilage", "food_forbidden"),
    "equity": (
        *(*SUBJECTS, "share_ratio", "capital_subscribed"),
        *("capital_paid", "contribution_dates", "statements", "dividends"),
    ),
    "right": SUBJECTS,
}
SAME_FIELD = {"occupancy": "possession", "unpaid_taxes": "arrears"}
"""What the sale calls by another name."""


def test_what_each_class_owes_before_a_price() -> None:
    """参考价 3 for every class, 238号 1 by class; the register of seizures is read elsewhere."""
    assert {
        kind: tuple(duty.subject for duty in owed_before_price(kind, on=TODAY)) for kind in FACT_LAW.classes
    } == EXPECTED


@pytest.mark.parametrize(("asset_class", "subject"), OWED)
def test_price_waits_for_each_field_and_for_nothing_else(asset_class: str, subject: Subject) -> None:
    """All but one field: the one is missing; with it, nothing is."""
    duties = owed_before_price(asset_class, on=TODAY)
    others = [fact(each) for each in owed(asset_class) if each != subject]

    assert missing_subjects(others, duties) == [subject]
    assert missing_subjects([*others, fact(subject)], duties) == []
    assert missing_subjects([*others, fact(subject, "none_found")], duties) == []


@pytest.mark.parametrize(("asset_class", "subject"), OWED)
def test_unanswered_is_never_no(asset_class: str, subject: Subject) -> None:
    """A gap keeps the field missing, even after an earlier finding; only where an article is cited is a dated gap enough."""
    duties = owed_before_price(asset_class, on=TODAY)
    enough = next(duty.gap_suffices for duty in duties if duty.subject == subject)
    facts = [fact(each) for each in owed(asset_class)]

    assert missing_subjects([*facts, fact(subject, "unanswered")], duties) == ([] if enough else [subject])
    assert bool(enough) == (subject in ("capital_paid", "contribution_dates", "statements", "dividends"))


def test_unknown_class_owes_what_every_class_owes() -> None:
    """For want of a class nothing is taken away (facts that landed before classes were noted)."""
    assert [duty.subject for duty in owed_before_price(None, on=TODAY)] == list(SUBJECTS)
    assert missing_subjects([]) == list(SUBJECTS)


@pytest.mark.parametrize(("on", "count"), [(date(2024, 10, 28), 5), (date(2024, 10, 29), 9), (date(2024, 10, 30), 9)])
def test_duties_are_dated(on: date, count: int) -> None:
    """What 238号 asks of a vehicle is owed from its first day of effect, not a day before."""
    assert len(owed_before_price("vehicle", on=on)) == count


@pytest.mark.parametrize("asset_class", FACT_LAW.classes)
def test_subjects_of_a_class_and_no_others(asset_class: str) -> None:
    """A finding on a subject that the class has not is refused, one that it has is not."""
    for subject in ALL_SUBJECTS:
        if subject in subjects_of(asset_class):
            check_class(fact(subject), asset_class)
        else:
            with pytest.raises(FactOfOtherClass):
                check_class(fact(subject), asset_class)
        check_class(fact(subject), None)


def test_table_and_type_name_the_same_subjects() -> None:
    """Every subject of the table but the seizure register is one that a finding may be on, in the table's order."""
    assert tuple(subject for subject in FACT_LAW.subjects if subject != "seizures") == ALL_SUBJECTS


def test_classes_are_those_of_the_file() -> None:
    """The table knows the classes that the sale records, and no other."""
    assert set(FACT_LAW.classes) == {kind.value for kind in sale_assets.AssetClass}


@pytest.mark.parametrize("asset_class", FACT_LAW.classes)
def test_listing_asks_what_the_table_says(asset_class: str) -> None:
    """What the table owes before the listing is what the sale's lint asks, and what a lease adds is the same there."""
    kind = sale_assets.AssetClass(asset_class)
    before_listing = {
        SAME_FIELD.get(d.subject, d.subject) for d in FACT_LAW.duties(asset_class, before="listing", on=TODAY)
    }
    with_lease = {duty.subject for duty in FACT_LAW.duties_with("lease", asset_class, on=TODAY)}

    assert before_listing <= set(sale_assets.MANDATORY[kind])
    assert with_lease in (set(), set(sale_assets.LEASE_FIELDS))


def test_phrases_are_those_of_the_listing() -> None:
    """One phrase is forbidden here and there, under the same article."""
    assert {phrase.text: phrase.cite for phrase in FACT_LAW.phrases} == FORBIDDEN_PHRASES


@pytest.mark.parametrize(
    "text", ["占有不明", "该房屋占有 不明。", "現由「他人占用」", "他人，占用", "不负责腾退", "法院不负责腾退"]
)
def test_forbidden_phrase_on_occupancy_is_refused(text: str) -> None:
    """However it is spaced or punctuated (238号 6, 8)."""
    with pytest.raises(OccupancyUnclear):
        check_fact(fact("occupancy", statement_zh=text), today=TODAY)


def test_phrase_binds_where_the_article_says() -> None:
    """占有不明 is forbidden on occupancy (238号 6), 不负责腾退 on every subject (238号 8), and neither before its day."""
    check_fact(fact("defects", statement_zh="附属车位占有不明"), today=TODAY)
    with pytest.raises(OccupancyUnclear):
        check_fact(fact("defects", statement_zh="不负责腾退"), today=TODAY)
    early = fact("occupancy", statement_zh="占有不明", as_of=date(2024, 10, 1))
    check_fact(early, today=date(2024, 10, 28))
    with pytest.raises(OccupancyUnclear):
        check_fact(early, today=date(2024, 10, 29))


@pytest.mark.parametrize(
    "changes",
    [
        {"source": " "},
        {"statement_zh": ""},
        {"statement_en": ""},
        {"as_of": date(2027, 3, 2)},
        {"document_sha256": None},
        {"document_sha256": "A" * 64},
        {"statement_zh": "长" * 2001},
    ],
)
def test_incomplete_fact_is_refused(changes: dict[str, object]) -> None:
    """No source, no statement, a day to come, no fingerprint, too long: refused; at the limit it stands."""
    with pytest.raises(FactMalformed):
        check_fact(msgspec.structs.replace(fact("title"), **changes), today=TODAY)
    check_fact(fact("title", statement_zh="长" * 2000, as_of=TODAY), today=TODAY)


def test_every_rule_names_an_act_and_how_it_was_read() -> None:
    """Each duty and phrase cites an act that is listed; what is only partly verified says so."""
    acts = set(FACT_LAW.acts) | set(LAW.acts)
    cites = [duty.cite for duty in FACT_LAW.all_duties] + [phrase.cite for phrase in FACT_LAW.phrases]

    assert [cite for cite in cites if cite.rsplit(" ", 1)[0] not in acts] == []
    assert {duty.verified for duty in FACT_LAW.all_duties if duty.cite.startswith("238号")} == {"P"}
    assert [duty.gap_suffices for duty in FACT_LAW.all_duties if duty.gap_suffices] == ["股权规定 12"] * 4


def test_published_silences_name_known_steps() -> None:
    """Each kind of request has one row; what it blocks is a known step, its text stands in both languages."""
    requests = [silence.request for silence in FACT_LAW.silences]

    assert len(set(requests)) == len(requests)
    assert set(FACT_LAW.registers) <= set(requests)
    assert {step for silence in FACT_LAW.silences for step in silence.blocks} <= {
        "price",
        "listing",
        "plan",
        "document",
    }
    assert all(silence.zh and silence.en and silence.article for silence in FACT_LAW.silences)


@pytest.mark.parametrize("asset_class", ["vehicle", "equity", "movable", "home"])
async def test_class_of_the_file_decides(database: Database, asset_class: str) -> None:
    """The five are not enough for a vehicle, for equity or for goods; for a home they are (参考价 3, 238号 1)."""
    desk = await desk_for(database, asset_class)
    missing = await desk.establish(*(fact(subject) for subject in SUBJECTS))
    if missing:
        with pytest.raises(FactOfOtherClass):
            await desk.establish(fact("floor_plan"))

    assert missing == EXPECTED[asset_class][5:]
    assert await desk.establish(*(fact(each) for each in EXPECTED[asset_class])) == ()
