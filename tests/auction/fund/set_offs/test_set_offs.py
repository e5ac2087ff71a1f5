"""What a creditor who buys may set off: worked by the order of shares, to the fen."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from auction.fund.claims.claims import Claim, ClaimKind
from auction.fund.set_offs.set_offs import (
    BuyerIsNoCreditor,
    SetOffExceedsBalance,
    SetOffExceedsShare,
    SetOffUncovered,
    ceiling_of,
    require_covered,
    require_within,
)
from auction.kernel.errors import Refusal
from auction.kernel.money import Money

BUYER, OTHER, COSTS, TAX = (UUID(int=number) for number in range(1, 5))


def _claim(claim_id: UUID, kind: ClaimKind, fen: int, on: date | None = None, place: int | None = None) -> Claim:
    return Claim(claim_id, kind, Money(fen), on, place)


BEFORE = [_claim(COSTS, ClaimKind.SALE_COST, 20), _claim(TAX, ClaimKind.SALE_TAX, 80)]


@pytest.mark.parametrize(
    ("price", "claims", "order", "ceiling"),
    [
        # a mortgagee, the price below his debt: the price less costs and taxes
        (1_000, [*BEFORE, _claim(BUYER, ClaimKind.MORTGAGE, 5_000, date(2020, 1, 1))], "pro_rata", 900),
        # his debt below the price: his debt
        (1_000, [*BEFORE, _claim(BUYER, ClaimKind.MORTGAGE, 300, date(2020, 1, 1))], "pro_rata", 300),
        # a mortgage registered a day before his comes first; on the same day they share
        (1_000, [_claim(OTHER, ClaimKind.MORTGAGE, 700, date(2019, 12, 31)), _claim(BUYER, ClaimKind.MORTGAGE, 700, date(2020, 1, 1))], "pro_rata", 300),
        (1_000, [_claim(OTHER, ClaimKind.MORTGAGE, 700, date(2020, 1, 1)), _claim(BUYER, ClaimKind.MORTGAGE, 700, date(2020, 1, 1))], "pro_rata", 500),
        (1_000, [_claim(OTHER, ClaimKind.MORTGAGE, 700, date(2020, 1, 2)), _claim(BUYER, ClaimKind.MORTGAGE, 700, date(2020, 1, 1))], "pro_rata", 700),
        # ordinary creditors: in proportion, or by the order of seizure
        (900, [_claim(OTHER, ClaimKind.ORDINARY, 600), _claim(BUYER, ClaimKind.ORDINARY, 1_200)], "pro_rata", 600),
        (900, [_claim(OTHER, ClaimKind.ORDINARY, 600, None, 1), _claim(BUYER, ClaimKind.ORDINARY, 1_200, None, 2)], "by_seizure", 300),
        (900, [_claim(OTHER, ClaimKind.ORDINARY, 600, None, 2), _claim(BUYER, ClaimKind.ORDINARY, 1_200, None, 1)], "by_seizure", 900),
        # everything goes to those before him
        (100, [*BEFORE, _claim(BUYER, ClaimKind.ORDINARY, 50)], "pro_rata", 0),
        (101, [*BEFORE, _claim(BUYER, ClaimKind.ORDINARY, 50)], "pro_rata", 1),
    ],
)  # fmt: skip
def test_ceiling_is_the_buyers_share_of_his_own_price(
    price: int, claims: list[Claim], order: str, ceiling: int
) -> None:
    """Interp. 508, 514: whoever comes before him is paid in money."""
    found = ceiling_of(Money(price), claims, {BUYER}, ordinary_order=order)  # type: ignore[arg-type] # one of two words

    assert found.amount == Money(ceiling)


def test_two_claims_of_the_buyer_are_added() -> None:
    """A mortgage and the rest of the same debt as an ordinary claim: both stand for the price."""
    second = UUID(int=9)
    claims = [
        _claim(BUYER, ClaimKind.MORTGAGE, 400, date(2020, 1, 1)),
        _claim(second, ClaimKind.ORDINARY, 900),
        _claim(OTHER, ClaimKind.ORDINARY, 300),
    ]

    found = ceiling_of(Money(1_000), claims, {BUYER, second}, ordinary_order="pro_rata")

    assert found.amount == Money(400 + 450)


def test_buyer_without_a_claim_sets_nothing_off() -> None:
    """A stranger pays in money."""
    with pytest.raises(BuyerIsNoCreditor):
        ceiling_of(Money(1_000), BEFORE, {BUYER}, ordinary_order="pro_rata")


@pytest.mark.parametrize(
    ("fen", "ceiling", "missing", "refused"),
    [
        (300, 300, 300, None),
        (301, 300, 400, SetOffExceedsShare),
        (301, 400, 300, SetOffExceedsBalance),
        (299, 300, 300, None),
    ],
)
def test_set_off_stays_within_share_and_balance(
    fen: int, ceiling: int, missing: int, refused: type[Refusal] | None
) -> None:
    """One fen more than the share, or than what is missing, is refused."""
    if refused is None:
        require_within(Money(fen), ceiling=Money(ceiling), missing=Money(missing))
        return
    with pytest.raises(refused):
        require_within(Money(fen), ceiling=Money(ceiling), missing=Money(missing))


def test_plan_must_give_the_buyer_what_he_set_off() -> None:
    """A share of one fen less is refused: it would be missing in money."""
    require_covered(Money(300), [Money(200), Money(100)])
    with pytest.raises(SetOffUncovered):
        require_covered(Money(300), [Money(200), Money(99)])
