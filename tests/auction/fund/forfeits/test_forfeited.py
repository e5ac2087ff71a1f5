"""Forfeited deposits: when they may be used, and for what, in the order of 网拍 24."""

from __future__ import annotations

from uuid import UUID

import pytest

from auction.fund.forfeits.forfeited import Bought, ForfeitedWaits, Kept, kept_deposits, require_resale_paid
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
    found = Kept(_bought(10, 1_000, "cancelled", kept=kept), Money(resale)).uses(
        costs=Money(costs), case_debts=Money(debts)
    )

    assert found is not None
    assert (found.costs.fen, found.shortfall.fen, found.case_debts.fen, found.rest.fen) == uses


def test_uses_are_unknown_before_the_resale() -> None:
    """Nothing is said of a shortfall that nobody knows."""
    assert Kept(_bought(10, 1_000, "cancelled", kept=100), None).uses(costs=Money(1), case_debts=Money(1)) is None


@pytest.mark.parametrize(("wanted", "refused"), [(0, False), (40, False), (41, True), (140, True)])
def test_only_what_does_not_wait_is_distributed(wanted: int, refused: bool) -> None:
    """Of 140 held, 100 wait: 40 may be used; with the panel's decision, all."""
    deposits = kept_deposits([_bought(10, 1_000, "cancelled", kept=100)])
    require_resale_paid(Money(wanted), held=Money(140), deposits=deposits, panel_decided=True)
    if not refused:
        require_resale_paid(Money(wanted), held=Money(140), deposits=deposits, panel_decided=False)
        return
    with pytest.raises(ForfeitedWaits) as caught:
        require_resale_paid(Money(wanted), held=Money(140), deposits=deposits, panel_decided=False)
    assert "0.40" in caught.value.sentence("en")
