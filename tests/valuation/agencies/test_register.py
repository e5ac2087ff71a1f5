"""The register: what changes make of it, who may enter, and the ban at its boundary."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.kernel.clock import SHANGHAI
from auction.kernel.ids import new_id
from tests.valuation.agencies.samples import TODAY, TWO, agency
from valuation.agencies.register import (
    AgencyBarred,
    AgencyIdTaken,
    AgencyListed,
    AgencyPunished,
    Amendment,
    Appraiser,
    Change,
    Content,
    Entry,
    Recusal,
    RegisterMalformed,
    Removal,
    RemovalGround,
    Suspension,
    check_change,
    check_entry,
    fold,
    known_id,
    register_as_of,
)
from web.sample_agencies import sample_credit_code

AGENCY = new_id()
DAY = timedelta(days=1)


def entry(**changes: object) -> Entry:
    """Make an entry."""
    values: dict[str, object] = {
        "name": "示例公司",
        "credit_code": sample_credit_code(1),
        "licence_no": "证1",
        "licence_from": date(2026, 1, 1),
        "licence_until": date(2028, 1, 1),
        "professions": ("real_estate",),
        "province": "示例省",
        "city": "示例市",
        "appraisers": TWO,
        **changes,
    }
    return Entry(**values)  # type: ignore[arg-type] # a test's own values


def change(content: Content, on: date, agency_id: UUID = AGENCY) -> Change:
    """Confirm a change on a day."""
    return Change(
        change_id=new_id(),
        agency_id=agency_id,
        case_id=None,
        content=content,
        reason="理由",
        document_sha256="a" * 64,
        confirmed_at=datetime.combine(on, time(10), tzinfo=SHANGHAI),
    )


def check(content: Content, reason: str = "理由", document: str = "a" * 64) -> None:
    """Check a change today."""
    check_change(content, reason=reason, document_sha256=document, today=TODAY)


def test_register_is_what_the_changes_make_of_it() -> None:
    """An entry, an amendment and a suspension all count; nothing before is lost."""
    told = {name: getattr(entry(), name) for name in Amendment.__struct_fields__}
    amended = Amendment(**{**told, "name": "新示例公司"})
    suspension = Suspension(from_on=TODAY, until_on=TODAY + DAY)
    found = fold([change(entry(), TODAY - 9 * DAY), change(amended, TODAY - DAY), change(suspension, TODAY)])[AGENCY]

    assert (found.name, found.entered_on, found.suspensions) == ("新示例公司", TODAY - 9 * DAY, (suspension,))


@pytest.mark.parametrize(
    ("ground", "until"),
    [("refused", date(2031, 2, 28)), ("fraud", date(2031, 2, 28)), ("own_request", None), ("licence_lost", None)],
)
def test_ban_follows_refusal_and_fraud_for_five_years(ground: RemovalGround, until: date | None) -> None:
    """Five years later to the day the ban ends; who leaves by itself is not barred."""
    removed = fold([change(entry(), date(2026, 1, 1)), change(Removal(ground=ground), date(2026, 2, 28))])[AGENCY]

    assert removed.barred_until == until
    assert removed.removed_on == date(2026, 2, 28)


@pytest.mark.parametrize(("off", "barred"), [(-1, True), (0, True), (1, False)])
def test_barred_institution_stays_out_under_another_id(off: int, barred: bool) -> None:
    """It is known again by its credit code, through the last day of the ban."""
    until = date(2031, 2, 28)
    old = agency(1, credit_code=sample_credit_code(1), removed_on=date(2026, 2, 28), barred_until=until)
    register = {old.agency_id: old}
    if barred:
        with pytest.raises(AgencyBarred):
            check_entry(register, AGENCY, entry(), on=until + off * DAY)
    else:
        check_entry(register, old.agency_id, entry(), on=until + off * DAY)


def test_listed_institution_does_not_enter_twice() -> None:
    """One credit code stands on the register once."""
    with pytest.raises(AgencyListed):
        check_entry({agency(1).agency_id: agency(1)}, AGENCY, entry(credit_code=agency(1).credit_code), on=TODAY)


@pytest.mark.parametrize(("off", "refused"), [(-1, False), (0, True), (1, True)])
def test_punished_institution_waits_five_years(off: int, refused: bool) -> None:
    """Five years after the day of punishment it may enter from the next day on."""
    punished = entry(last_punished_on=date(2022, 3, 1) + off * DAY)
    if refused:
        with pytest.raises(AgencyPunished):
            check(punished)
    else:
        check(punished)


@pytest.mark.parametrize(
    "wrong",
    [
        entry(name=""),
        entry(name=" 示例"),
        entry(province=""),
        entry(licence_until=date(2025, 12, 31)),
        entry(professions=()),
        entry(professions=("land", "land")),
        entry(appraisers=(TWO[0], TWO[0])),
        entry(appraisers=(Appraiser(name="甲", licence_no=""),)),
        entry(appraisers=(Appraiser(name="甲", licence_no="S-A"),)),
        entry(appraisers=(msgspec.structs.replace(TWO[0], licence_until=None),)),
        entry(appraisers=(msgspec.structs.replace(TWO[0], licence_until=date(2019, 12, 31)),)),
        entry(last_punished_on=TODAY + DAY),
        Suspension(from_on=TODAY, until_on=TODAY - DAY),
    ],
)
def test_incomplete_change_is_refused(wrong: Content) -> None:
    """What lacks something, repeats something or runs backwards is no change of the register."""
    with pytest.raises(RegisterMalformed):
        check(wrong)


@pytest.mark.parametrize(
    ("reason", "document"), [("", "a" * 64), ("x" * 2001, "a" * 64), ("理由", ""), ("理由", "A" * 64)]
)
def test_change_names_reason_and_document(reason: str, document: str) -> None:
    """Without either it is refused."""
    with pytest.raises(RegisterMalformed):
        check(entry(), reason, document)


def test_register_of_an_instant_takes_nobody_in_later() -> None:
    """Later entries and amendments do not count; later suspensions of those who stood on it shorten it."""
    other = new_id()
    told = {name: getattr(entry(), name) for name in Amendment.__struct_fields__}
    before = change(entry(), TODAY)
    suspended = change(Suspension(from_on=TODAY, until_on=TODAY), TODAY + DAY)
    amended = change(Amendment(**{**told, "professions": ("land",)}), TODAY + DAY)
    entered = change(entry(), TODAY + DAY, other)
    removed = change(Removal(ground="fraud"), TODAY + 2 * DAY, other)
    found = register_as_of([before, suspended, amended, entered, removed], before.confirmed_at)

    assert found.then == fold([before])
    assert found.shortened == fold([before, suspended])
    assert found.later == (suspended,)


def test_id_of_an_institution_is_taken_for_ever() -> None:
    """Nobody else enters under it, and an institution that left does not come back under another."""
    left = agency(1, credit_code=sample_credit_code(1), removed_on=TODAY - DAY)
    register = {left.agency_id: left}
    with pytest.raises(AgencyIdTaken):
        check_entry(register, left.agency_id, entry(credit_code=sample_credit_code(2)), on=TODAY)
    with pytest.raises(AgencyIdTaken):
        check_entry(register, AGENCY, entry(), on=TODAY)
    check_entry(register, left.agency_id, entry(), on=TODAY)
    check_entry(register, AGENCY, entry(credit_code=sample_credit_code(2)), on=TODAY)

    assert known_id(register, AGENCY, entry()) == left.agency_id
    assert known_id(register, AGENCY, entry(credit_code=sample_credit_code(2))) == AGENCY


def test_who_enters_again_keeps_what_stood_against_it() -> None:
    """Ban, suspensions and recusals of its first time stay; it is listed from its new day."""
    suspension = Suspension(from_on=TODAY, until_on=TODAY + 9 * DAY)
    changes = [
        change(entry(), TODAY - 9 * DAY),
        change(suspension, TODAY - 8 * DAY),
        change(Recusal(), TODAY - 7 * DAY),
        change(Removal(ground="fraud"), TODAY - 6 * DAY),
    ]
    before = fold(changes)[AGENCY]
    again = fold([*changes, change(entry(name="新名"), TODAY)])[AGENCY]

    assert (again.suspensions, again.recusals, again.barred_until) == (
        (suspension,),
        before.recusals,
        before.barred_until,
    )
    assert (again.name, again.entered_on, again.removed_on) == ("新名", TODAY, None)
    assert len(again.recusals) == 1
