"""Proof of eligibility without a gap, at its limits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auction.sale.registers.eligibility import LONGEST_DAYS, Proof, ProofDates, check_span, unproven

FIRST, LAST = date(2027, 3, 5), date(2027, 4, 12)


def proof(from_on: date, to_on: date, *, is_eligible: bool = True) -> Proof:
    """Give a record about a span of days."""
    return Proof(source="documents", document_ref="材料", from_on=from_on, to_on=to_on, is_eligible=is_eligible)


def gap(*proofs: Proof) -> tuple[date, date, bool] | None:
    """Give the first days that are not proven."""
    found = unproven(proofs, first=FIRST, last=LAST)
    return None if found is None else (found.from_on, found.to_on, found.denied)


@pytest.mark.parametrize(
    ("from_days", "to_days", "left"),
    [
        (0, 0, None),
        (-1, 1, None),
        (1, 0, (FIRST, FIRST, False)),
        (0, -1, (LAST, LAST, False)),
    ],
)
def test_every_day_from_registration_to_ruling_is_proven(
    from_days: int, to_days: int, left: tuple[date, date, bool] | None
) -> None:
    """One day too few at either end is a gap; more days than needed do no harm."""
    assert left == gap(proof(FIRST + timedelta(days=from_days), LAST + timedelta(days=to_days)))


def test_gap_between_two_papers_is_found() -> None:
    """Two papers that touch leave none; a day between them is the gap."""
    middle = date(2027, 3, 20)
    second = proof(middle + timedelta(days=1), LAST)

    assert gap(proof(FIRST, middle), second) is None
    assert gap(proof(FIRST, middle - timedelta(days=1)), second) == (middle, middle, False)
    assert gap() == (FIRST, LAST, False)


def test_later_record_about_a_day_counts() -> None:
    """What the city answers corrects the buyer's paper, and is corrected itself by a later answer."""
    paper, denied = proof(FIRST, LAST), proof(LAST, LAST, is_eligible=False)

    assert gap(paper, denied) == (LAST, LAST, True)
    assert gap(denied, paper) is None


@pytest.mark.parametrize(("days", "lawful"), [(-1, False), (0, True), (LONGEST_DAYS, True), (LONGEST_DAYS + 1, False)])
def test_span_of_a_record_is_in_order(days: int, lawful: bool) -> None:
    """It ends no earlier than it begins, and spans no more than any sale."""
    to_on = FIRST + timedelta(days=days)
    if lawful:
        check_span(FIRST, to_on, today=to_on)
        with pytest.raises(ProofDates):
            check_span(FIRST, to_on, today=to_on - timedelta(days=1))
        return
    with pytest.raises(ProofDates):
        check_span(FIRST, to_on, today=FIRST + timedelta(days=3_000))
