"""What undoes the money of a sale: the rules, at their edges."""

from __future__ import annotations

from uuid import UUID

import pytest

from auction.fund.undoings.undoings import (
    NoTopUpGround,
    ShareOfLine,
    TopUpAboveLoss,
    TopUpGround,
    fall_of_claim,
    fall_of_price,
    fall_with_set_off,
    owed_by_payee,
    price_back,
    require_top_up,
    returns_of_reversal,
    third_party_gets,
    top_up_owed,
)
from auction.kernel.money import ZERO, Money


def _line(number: int, rank: int, *, held: int = 0, paid: int = 0, payee: int | None = None) -> ShareOfLine:
    return ShareOfLine(UUID(int=number), UUID(int=payee or number), rank, Money(held), Money(paid))


def _fell(lines: list[ShareOfLine], amount: int) -> dict[int, tuple[int, int]]:
    return {one.line.line_id.int: (one.held.fen, one.paid.fen) for one in fall_of_price(lines, Money(amount))}


@pytest.mark.parametrize(
    ("ground", "needs_approval", "knew", "owed"),
    [
        (TopUpGround.KNEW_NOT_ELIGIBLE, True, True, 30),
        (TopUpGround.KNEW_NOT_ELIGIBLE, True, False, None),
        (TopUpGround.KNEW_NOT_ELIGIBLE, False, True, None),
        (TopUpGround.AUCTION_RULE, False, False, 30),
        (None, True, True, None),
    ],
)
def test_top_up_needs_its_ground(
    ground: TopUpGround | None, needs_approval: bool, knew: bool, owed: int | None
) -> None:
    """Without a ground that the ruling names and the facts carry, a defaulter owes his deposit only."""

    def asked() -> Money:
        return top_up_owed(
            ground, needs_approval=needs_approval, knew=knew, shortfall=Money(80), costs=Money(10), deposit=Money(60)
        )

    if owed is None:
        with pytest.raises(NoTopUpGround):
            asked()
        return
    assert asked() == Money(owed)


@pytest.mark.parametrize(("shortfall", "owed"), [(49, 0), (50, 0), (51, 1)])
def test_top_up_is_what_the_deposit_leaves_open(shortfall: int, owed: int) -> None:
    """Cost and shortfall less the deposit, never below zero."""
    found = top_up_owed(
        TopUpGround.AUCTION_RULE,
        needs_approval=False,
        knew=False,
        shortfall=Money(shortfall),
        costs=Money(10),
        deposit=Money(60),
    )
    assert found == Money(owed)


@pytest.mark.parametrize(("amount", "refused"), [(0, True), (1, False), (30, False), (31, True)])
def test_top_up_stays_within_the_loss(amount: int, refused: bool) -> None:
    """Nothing and more than the loss are refused."""
    if refused:
        with pytest.raises(TopUpAboveLoss):
            require_top_up(Money(amount), most=Money(30))
        return
    require_top_up(Money(amount), most=Money(30))


@pytest.mark.parametrize(
    ("amount", "parts"), [(0, (0, 0)), (69, (69, 0)), (70, (70, 0)), (71, (70, 1)), (100, (70, 30))]
)
def test_lender_comes_first_up_to_what_he_paid_in(amount: int, parts: tuple[int, int]) -> None:
    """The buyer gets what is beyond the loan."""
    assert price_back(Money(amount), loan=Money(70)) == tuple(map(Money, parts))


@pytest.mark.parametrize(("keeps", "back"), [(0, 100), (99, 1), (100, 0), (101, 0)])
def test_reduced_creditor_returns_what_is_above(keeps: int, back: int) -> None:
    """Who got no more than he keeps returns nothing; others are not named."""
    found = returns_of_reversal({"甲": Money(100), "乙": Money(50)}, reduced={"甲": Money(keeps)})

    assert found == ({"甲": Money(back)} if back else {})


@pytest.mark.parametrize(
    ("keeps", "falls"),
    [(150, {}), (149, {1: (1, 0)}), (130, {1: (20, 0)}), (129, {1: (20, 1)}), (0, {1: (20, 80), 2: (0, 50)})],
)
def test_what_is_held_of_a_claim_falls_before_what_was_paid(keeps: int, falls: dict[int, tuple[int, int]]) -> None:
    """The creditor owes money back only when nothing of his is left here."""
    lines = [_line(1, 3, held=20, paid=80, payee=9), _line(2, 3, paid=50, payee=9)]
    fallen = fall_of_claim(lines, keeps=Money(keeps))

    assert {one.line.line_id.int: (one.held.fen, one.paid.fen) for one in fallen} == falls
    assert owed_by_payee(fallen).get(UUID(int=9), ZERO).fen == sum(paid for _, paid in falls.values())


@pytest.mark.parametrize(
    ("amount", "falls"),
    [
        (0, {}),
        (10, {4: (10, 0)}),  # the surplus, last in rank
        (40, {4: (40, 0)}),
        (41, {4: (40, 0), 2: (1, 0)}),  # then the ordinary creditors in proportion; the odd fen to the earlier
        (70, {4: (40, 0), 2: (10, 10), 3: (0, 10)}),
        (100, {4: (40, 0), 2: (10, 30), 3: (0, 20)}),
        (160, {4: (40, 0), 2: (10, 30), 3: (0, 20), 1: (0, 60)}),
    ],
)
def test_shares_fall_from_the_last_rank(amount: int, falls: dict[int, tuple[int, int]]) -> None:
    """A price taken out of what was distributed is taken where it would not have reached without it."""
    lines = [_line(1, 1, paid=60), _line(2, 2, held=10, paid=30), _line(3, 2, paid=20), _line(4, 3, held=40)]

    assert _fell(lines, amount) == falls


@pytest.mark.parametrize(
    ("amount", "falls"),
    [
        (0, {1: (0, 0, 40)}),
        (10, {1: (0, 0, 40), 2: (10, 0, 0)}),
        (11, {1: (0, 1, 40), 2: (10, 0, 0)}),
        (30, {1: (0, 20, 40), 2: (10, 0, 0)}),
    ],
)
def test_set_off_falls_beside_the_money_and_nobody_owes_it(amount: int, falls: dict[int, tuple[int, int, int]]) -> None:
    """What was set off falls whatever its rank; the money from the last rank upward, never twice out of the same part."""
    lines = [_line(1, 1, paid=60), _line(2, 2, held=10)]
    fallen = fall_with_set_off(lines, {UUID(int=1): Money(40)}, Money(amount))

    assert {one.line.line_id.int: (one.held.fen, one.paid.fen, one.set_off.fen) for one in fallen} == falls
    assert owed_by_payee(fallen).get(UUID(int=1), ZERO).fen == falls[1][1]


def test_third_party_who_refuses_has_it_in_escrow() -> None:
    """What is held is his at once or stands in escrow; what was paid out comes back either way."""
    paid = {"甲": Money(5), "乙": ZERO}

    assert third_party_gets(Money(3), paid, refused=False) == (Money(3), {"甲": Money(5)}, ZERO)
    assert third_party_gets(Money(3), paid, refused=True) == (ZERO, {"甲": Money(5)}, Money(3))
