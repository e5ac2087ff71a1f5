"""Who speaks for a side: everybody on it, or whom he stated; never a chain, never across sides."""

from __future__ import annotations

from uuid import UUID

import pytest

from auction.kernel.ids import named_id
from valuation.sides.speaking import RepresentativeUnfit, check_representative, on_sides, side_of, speakers

A, B, C, D, T = (named_id("speaking", name) for name in "ABCDT")
ROLES = ((A, "applicant"), (B, "judgment_debtor"), (C, "judgment_debtor"), (D, "judgment_debtor"), (T, "tenant"))
SIDES = {party_id: side for party_id, role in ROLES if (side := side_of(role)) is not None}


@pytest.mark.parametrize(
    ("stated", "speaking"),
    [
        ({}, {A, B, C, D}),
        ({C: B}, {A, B, D}),
        ({C: B, D: B}, {A, B}),
        ({C: A}, {A, B, C, D}),
        ({C: T}, {A, B, C, D}),
        ({C: C}, {A, B, C, D}),
        ({C: B, B: D}, {A, C, D}),
        ({C: named_id("speaking", "gone")}, {A, B, C, D}),
    ],
)
def test_everybody_speaks_who_stated_nobody_fit(stated: dict[UUID, UUID], speaking: set[UUID]) -> None:
    """A statement counts only for another of the same side who speaks for himself."""
    assert set(speakers(on_sides(ROLES, stated))) == speaking


@pytest.mark.parametrize(
    ("party", "other", "stated", "is_fit"),
    [
        (C, B, {}, True),
        (C, None, {}, True),
        (C, B, {D: B}, True),
        (C, C, {}, False),
        (C, A, {}, False),
        (C, T, {}, False),
        (T, B, {}, False),
        (T, None, {}, False),
        (C, D, {D: B}, False),
        (B, C, {D: B}, False),
    ],
)
def test_representative_stands_on_the_same_side_and_speaks_for_himself(
    party: UUID, other: UUID | None, stated: dict[UUID, UUID], is_fit: bool
) -> None:
    """Across sides, for oneself, for an interested person or in a chain nobody represents."""
    if is_fit:
        check_representative(party, other, sides=SIDES, stated=stated)
        return
    with pytest.raises(RepresentativeUnfit):
        check_representative(party, other, sides=SIDES, stated=stated)
