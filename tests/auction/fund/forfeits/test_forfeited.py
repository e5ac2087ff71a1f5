"""Forfeited deposits: when they may be used, and for what, in the order of 网拍 24."""

from __future__ import annotations

from uuid import UUID

import pytest

from auction.fund.forfeits.forfeited import (
    Bought,
    ForfeitedRoundNotNamed,
    ForfeitedWaits,
    Kept,
    Taken,
    decided_round,
    kept_deposits,
    require_still_free,
    spend_in_order,
    take_forfeited,
)
from auction.kernel.money import Money

LOT, OTHER_LOT = UUID(int=1), UUID(int=2)


def _bought(number: int, price: int, state: str, *, kept: int = 0, lot: UUID = LOT) -> Bought:
    return Bought(UUID(int=number), lot, Money(price), state, Money(kept))


def _waits(*later: Bought) -> bool:
    (kept,) = kept_deposits([_bought(10, 1_000, "cancelled", kept=100), *later])
    return kept.resale is None


def test_it_waits_until_a_resale_of_its_lot_is_paid() -> None:
    """Neither no resale, nor an unpaid one, nor one that fell, nor another lot's ends the wait."""
    assert _waits()
    assert _waits(_bought(11, 900, "open"))
    assert _waits(_bought(11, 900, "cancelled"))
    assert _waits(_bought(11, 900, "paid", lot=OTHER_LOT))
    assert not _waits(_bought(11, 900, "paid"))
    assert not _waits(_bought(11, 900, "cancelled"), _bought(12, 800, "paid"))


def test_two_defaulters_of_one_lot_answer_for_the_same_resale() -> None:
    """Each deposit makes good what the resale brought less than his own price."""
    found = kept_deposits(
        [_bought(10, 1_000, "cancelled", kept=100), _bought(11, 900, "cancelled", kept=90), _bought(12, 850, "paid")]
    )

    assert [(kept.bought.kept.fen, kept.shortfall) for kept in found] == [(100, Money(150)), (90, Money(50))]


@pytest.mark.parametrize(
    ("kept", "resale", "costs", "debts", "uses"),
    [
        (100, 900, 30, 1_000, (30, 70, 0, 0)),  # costs first, then the shortfall as far as it goes
        (100, 970, 30, 1_000, (30, 30, 40, 0)),  # what is left goes to this case's debts
        (100, 1_000, 0, 1_000, (0, 0, 100, 0)),  # the same price again: no shortfall
        (100, 1_001, 0, 40, (0, 0, 40, 60)),  # more than before: a rest that nobody gets by itself
        (100, 999, 100, 5, (100, 0, 0, 0)),  # costs take it all
        (100, 999, 99, 5, (99, 1, 0, 0)),
        (100, 999, 98, 5, (98, 1, 1, 0)),
    ],
)
def test_uses_follow_the_order_of_the_law(
    kept: int, resale: int, costs: int, debts: int, uses: tuple[int, ...]
) -> None:
    """Costs, shortfall, debts of this case, rest; to the fen."""
    found = Kept(_bought(10, 1_000, "cancelled", kept=kept), Money(resale), Money(kept)).uses(
        costs=Money(costs), case_debts=Money(debts)
    )

    assert found is not None
    assert (found.costs.fen, found.shortfall.fen, found.case_debts.fen, found.rest.fen) == uses


def test_uses_are_unknown_before_the_resale() -> None:
    """Nothing is said of a shortfall that nobody knows."""
    assert (
        Kept(_bought(10, 1_000, "cancelled", kept=100), None, Money(100)).uses(costs=Money(1), case_debts=Money(1))
        is None
    )


TWO_LOTS = kept_deposits(
    [
        _bought(10, 1_000, "cancelled", kept=100),
        _bought(20, 500, "cancelled", kept=40, lot=OTHER_LOT),
        _bought(21, 450, "paid", lot=OTHER_LOT),
    ]
)
"""One lot waits with 100, the other's 40 are free."""


@pytest.mark.parametrize(("wanted", "refused"), [(0, False), (40, False), (41, True), (140, True)])
def test_one_lots_resale_frees_only_its_own_deposit(wanted: int, refused: bool) -> None:
    """Of 140 held, 100 wait: 40 may be used; with the panel's decision on the waiting round, all."""
    assert sum(part.amount.fen for part in take_forfeited(Money(wanted), TWO_LOTS, decided=UUID(int=10))) == wanted
    if not refused:
        taken = take_forfeited(Money(wanted), TWO_LOTS, decided=None)
        assert {part.round_id for part in taken} <= {UUID(int=20)}
        return
    with pytest.raises(ForfeitedWaits) as caught:
        take_forfeited(Money(wanted), TWO_LOTS, decided=None)
    assert "0.40" in caught.value.sentence("en")


def test_a_decision_frees_the_round_that_it_names() -> None:
    """With two deposits waiting, the one that the panel did not decide on stays."""
    waiting = kept_deposits(
        [_bought(10, 1_000, "cancelled", kept=100), _bought(20, 500, "cancelled", kept=40, lot=OTHER_LOT)]
    )

    assert decided_round(waiting, is_decided=False, named=None) is None
    with pytest.raises(ForfeitedRoundNotNamed):
        decided_round(waiting, is_decided=True, named=None)
    decided = decided_round(waiting, is_decided=True, named=UUID(int=20))
    assert take_forfeited(Money(40), waiting, decided=decided) == (Taken(UUID(int=20), Money(40), True),)
    with pytest.raises(ForfeitedWaits):
        take_forfeited(Money(41), waiting, decided=decided)


def test_what_was_used_is_not_taken_again() -> None:
    """A deposit holds what plans have left of it."""
    first, other = kept_deposits(
        [_bought(10, 1_000, "cancelled", kept=100), _bought(11, 900, "cancelled", kept=90), _bought(12, 850, "paid")],
        spent=spend_in_order(Money(130), [(UUID(int=10), Money(100)), (UUID(int=11), Money(90))]),
    )

    assert (first.held, other.held) == (Money(0), Money(60))
    assert take_forfeited(Money(60), [first, other], decided=None) == (Taken(UUID(int=11), Money(60), False),)
    with pytest.raises(ForfeitedWaits):
        take_forfeited(Money(61), [first, other], decided=None)


def test_a_resale_that_fell_holds_its_deposit_back() -> None:
    """What a plan took of a free deposit is refused when its resale fell; what the panel freed is not."""
    waiting = kept_deposits([_bought(10, 1_000, "cancelled", kept=100), _bought(11, 900, "cancelled")])

    require_still_free([Taken(UUID(int=10), Money(1), True)], waiting)
    with pytest.raises(ForfeitedWaits):
        require_still_free([Taken(UUID(int=10), Money(1), False)], waiting)
