"""Who may take which step of a draw: every pair of sides is kept apart, as natural persons."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest

from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from valuation.draws.hands import Hands, RegisterKeeperMayNotDraw, Side, check_hand

PERSON = new_id()
SIDES: tuple[Side, ...] = ("request", "court", "second", "parties")
REFUSED = {
    "request": "handler_may_not_draw",
    "parties": "party_may_not_draw",
    "court": "draw_same_person",
    "second": "draw_same_person",
}


def hands(side: str, person: UUID = PERSON) -> Hands:
    """Let a person stand on one side."""
    return Hands(**{side: frozenset({person})})


@pytest.mark.parametrize(("before", "now"), list(itertools.permutations(SIDES, 2)))
def test_nobody_stands_on_two_sides(before: Side, now: Side) -> None:
    """Whoever stands on one side takes no step of another, in whichever order."""
    with pytest.raises(Refusal, match=REFUSED[before]):
        check_hand(hands(before), PERSON, now)
    check_hand(hands(before, new_id()), PERSON, now)


@pytest.mark.parametrize("side", SIDES)
def test_one_side_may_be_one_person(side: Side) -> None:
    """One officer may commit, freeze and execute; one may commit and open the second secret."""
    check_hand(hands(side), PERSON, side)


@pytest.mark.parametrize(
    ("side", "refused"), [("request", False), ("court", True), ("second", True), ("parties", False)]
)
def test_whoever_changed_the_register_takes_no_part_of_an_office(side: Side, refused: bool) -> None:
    """He could make the pool and then draw from it; asking for the draw, or taking part as a party, makes no pool."""
    if refused:
        with pytest.raises(RegisterKeeperMayNotDraw):
            check_hand(hands("register"), PERSON, side)
    else:
        check_hand(hands("register"), PERSON, side)
