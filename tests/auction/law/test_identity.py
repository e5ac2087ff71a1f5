"""Identity numbers: check digits, masks, and what never leaks."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from auction.law.identity import (
    PROVINCE_CODES,
    CreditCodeInvalid,
    IdentityKind,
    IdentityNumberInvalid,
    age_on,
    is_adult,
    parse_credit_code,
    parse_identity,
    parse_resident_number,
    same_number,
)

GOOD = "110105199003071239"
COMPANY = "91110105MA00AMPL0B"


def with_check_digit(body: str) -> str:
    """Seventeen places with their check digit."""
    return body + str(ric.calc_check_digit(body + "0"))


@given(
    province=st.sampled_from(sorted(PROVINCE_CODES)),
    county=st.integers(0, 9999),
    born=st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    order=st.integers(0, 999),
)
def test_every_right_number_is_accepted(province: str, county: int, born: date, order: int) -> None:
    """A right check digit, province and birthday suffice, whatever the county."""
    number = with_check_digit(f"{province}{county:04d}{born:%Y%m%d}{order:03d}")

    parsed = parse_resident_number(number)

    assert (number, born) == (parsed.number, parsed.birth_date)


@given(place=st.integers(0, 16), add=st.integers(1, 9))
def test_one_wrong_digit_is_refused(place: int, add: int) -> None:
    """Any single wrong digit breaks the check digit."""
    wrong = GOOD[:place] + str((int(GOOD[place]) + add) % 10) + GOOD[place + 1 :]

    with pytest.raises(IdentityNumberInvalid):
        parse_resident_number(wrong)


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Arbitrary text is never an error of ours."""
    for kind in IdentityKind:
        with contextlib.suppress(IdentityNumberInvalid, CreditCodeInvalid):
            number = parse_identity(kind, text)
            assert number == parse_identity(kind, number.number)


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_are_accepted(prefix: str) -> None:
    """People from Hong Kong, Macau and Taiwan bid with the number of their residence permit."""
    number = with_check_digit(f"{prefix}19900307123")

    assert number == parse_resident_number(number).number


def test_unknown_province_is_refused() -> None:
    """There is no province 99."""
    with pytest.raises(IdentityNumberInvalid):
        parse_resident_number(with_check_digit("99010519900307123"))


def test_text_of_a_number_is_masked() -> None:
    """Neither str nor repr carries the number of a person; a company's code is public."""
    person, company = parse_resident_number(GOOD), parse_credit_code(COMPANY)

    assert GOOD not in f"{person} {person!r}"
    assert company.masked == COMPANY


def test_refusal_does_not_repeat_the_number() -> None:
    """A refused number stands in no sentence and no fact."""
    with pytest.raises(IdentityNumberInvalid) as refused:
        parse_resident_number(GOOD[:-1] + "8")

    assert GOOD[:-1] not in str(refused.value)


@pytest.mark.parametrize(
    ("on", "age"), [(date(2026, 2, 27), 17), (date(2026, 2, 28), 18), (date(2028, 2, 28), 19), (date(2028, 2, 29), 20)]
)
def test_leap_day_birthdays(on: date, age: int) -> None:
    """Born on 29 February 2008: the birthday is the 28th in common years and the 29th in leap years."""
    assert age == age_on(date(2008, 2, 29), on)
    assert (age >= 18) == is_adult(date(2008, 2, 29), on)


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105491231002",
    ],
)
def test_same_number_however_it_is_written(written: str) -> None:
    """Case, spaces, full-width digits and the 15 digits of the first generation compare as one number."""
    assert same_number(written) == "11010519491231002X"


def test_paper_may_name_somebody_by_the_digits_of_the_first_generation() -> None:
    """15 digits are read as the 18 that they became; an account still needs the 18, and a wrong date stays wrong."""
    assert parse_identity(IdentityKind.RESIDENT, "110105491231002").number == "11010519491231002X"
    with pytest.raises(IdentityNumberInvalid):
        parse_resident_number("110105491231002")
    for wrong in ("110105491331002", "990105491231002", "110105491231996", "1" * 41):
        with pytest.raises(IdentityNumberInvalid):
            parse_identity(IdentityKind.RESIDENT, wrong)


def test_serials_of_births_before_1900_are_not_converted() -> None:
    """Serials 996 to 999 are left as they are: the century would be guessed."""
    assert same_number("110105491231996") == "110105491231996"
