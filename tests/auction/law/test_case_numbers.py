"""Case numbers: what a number tells of its court, and a round trip for every one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.law.case_numbers import (
    ENFORCEMENT_TYPES,
    PROVINCES,
    CaseNumber,
    CaseNumberMalformed,
    CourtLevel,
    parse_case_number,
    parse_instrument_number,
)

COURTS = st.builds(
    lambda province, digits: province + digits,
    st.sampled_from(list(PROVINCES)),
    st.from_regex(r"([0-9]{2}){0,2}", fullmatch=True),
)
NUMBERS = st.builds(
    CaseNumber,
    year=st.integers(2016, 2099),
    court_code=COURTS | st.just("最高法"),
    type_code=st.sampled_from([*ENFORCEMENT_TYPES, "民初", "民终", "民再", "行审", "刑初", "财保"]),
    serial=st.integers(1, 99_999_999),
    part=st.sampled_from(["", "一", "十二"]),
)


@given(number=NUMBERS)
def test_every_number_reads_back(number: CaseNumber) -> None:
    """Canonical and printed form both read back as the same number."""
    assert number == parse_case_number(str(number))
    assert number == parse_case_number(number.printed)


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Arbitrary text is never an error of ours: it is a number, or malformed."""
    with contextlib.suppress(CaseNumberMalformed):
        number = parse_instrument_number(text)
        assert number == parse_instrument_number(str(number))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("(2026)最高法执监1号", CourtLevel.SUPREME),
        ("(2026)京执复1号", CourtLevel.HIGH),
        ("(2026)京01执1号", CourtLevel.INTERMEDIATE),
        ("(2026)京0105执1号", CourtLevel.BASIC),
        ("(2026)兵0301执1号", CourtLevel.BASIC),
    ],
)
def test_court_code_tells_the_level(text: str, level: CourtLevel) -> None:
    """No digits, two or four: high, intermediate or basic court."""
    assert level == parse_case_number(text).court_level


def test_part_of_a_document_belongs_to_its_case() -> None:
    """A ruling 之一 names the same case."""
    assert parse_case_number("(2026)京0105执1234号") == parse_case_number("(2026)京0105执1234号之一").case


@pytest.mark.parametrize(
    ("text", "sells"), [("执", True), ("执恢", True), ("执保", False), ("执异", False), ("民初", False)]
)
def test_only_enforcement_proper_sells(text: str, *, sells: bool) -> None:
    """Assets are sold in 执 and 执恢, not in preservation, objections or trials."""
    assert sells == parse_case_number(f"(2026)京0105{text}1号").is_sale_file
