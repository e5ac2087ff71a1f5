"""The operating point: what is corrected for the whole market is told earlier than what is one round's alone."""

from __future__ import annotations

import pytest

from bidding.integrity.findings.findings import Controls, Finding, Moment, Subject
from bidding.integrity.screens.operating_point import is_kept, told


def finding(moment: Moment, strength: float, *, screen: str = "a", is_weak: bool = False) -> Finding:
    """Make a finding of such a moment and strength."""
    return Finding(
        screen=screen,
        version="1",
        moment=moment,
        subject=Subject(rounds=("r",)),
        strength=strength,
        sign="down",
        facts={},
        controls=Controls(matched_on_zh="同类", matched_on_en="same class", count=1),
        is_weak=is_weak,
    )


@pytest.mark.parametrize(
    ("moment", "strength", "kept", "alone"),
    [
        ("close", 1.99, False, False),
        ("close", 2.0, True, False),
        ("close", 2.99, True, False),
        ("close", 3.0, True, True),
        ("nightly", 0.99, False, False),
        ("nightly", 1.0, True, True),
    ],
)
def test_a_corrected_finding_is_told_from_one_in_ten(
    moment: Moment, strength: float, *, kept: bool, alone: bool
) -> None:
    """A round's own finding is kept from one in a hundred and told alone from one in a thousand; a corrected one from one in ten."""
    one = finding(moment, strength)

    assert kept is is_kept(one)
    assert alone is bool(told([one]))


def test_weak_company_is_told_beside_conduct_only() -> None:
    """A weak finding across lots is told beside another screen's, never alone."""
    company, conduct = finding("nightly", 5.0, is_weak=True), finding("nightly", 1.2, screen="b")

    assert told([company]) == ()
    assert not is_kept(finding("nightly", 1.99, is_weak=True))
    assert told([conduct, company]) == (company, conduct)
