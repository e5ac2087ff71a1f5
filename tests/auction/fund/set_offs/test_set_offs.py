"""What a creditor who buys may set off: worked by the order of shares, to the fen."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from auction.fund.claims.claims import Claim, ClaimKind
from auction.fund.plans.one_asset import Assets, SoldAsset, claims_on, left_after
from auction.fund.plans.plan import compute_plan
from auction.fund.set_offs.set_offs import (
    BuyerIsNoCreditor,
    SetOffExceedsBalance,
    SetOffExceedsShare,
    SetOffFirst,
    SetOffUncovered,
    ceiling_of,
    require_covered,
    require_distributed_first,
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


@pytest.mark.parametrize(
    ("claims", "used", "ceiling"),
    [
        # 100 owed, 60 stand for something else, the price is 60: 40 are owed still, not 60 - 60
        ([_claim(BUYER, ClaimKind.ORDINARY, 100)], 60, 40),
        ([_claim(BUYER, ClaimKind.ORDINARY, 100)], 99, 1),
        ([_claim(BUYER, ClaimKind.ORDINARY, 100)], 100, 0),
        ([_claim(BUYER, ClaimKind.ORDINARY, 100)], 101, 0),
        # beside another's 120: 60 are split by 40 : 120
        ([_claim(BUYER, ClaimKind.ORDINARY, 100), _claim(OTHER, ClaimKind.ORDINARY, 120)], 60, 15),
        # two claims of his: the one that is paid first stands first
        ([_claim(BUYER, ClaimKind.MORTGAGE, 30, date(2020, 1, 1)), _claim(OTHER, ClaimKind.ORDINARY, 60), _claim(COSTS, ClaimKind.ORDINARY, 60)], 30, 30),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_off_his_claim_and_not_off_his_share(
    claims: list[Claim], used: int, ceiling: int
) -> None:
    """One claim stands for one amount: the rest of it takes part with its whole weight, to the fen."""
    found = ceiling_of(Money(60), claims, {BUYER, COSTS}, ordinary_order="pro_rata", used=Money(used))

    assert found.amount == Money(ceiling)


FIRST, SECOND = (SoldAsset(UUID(int=100 + n), UUID(int=200 + n), None, Money(60)) for n in range(2))


@pytest.mark.parametrize(
    ("owed", "second"),
    [
        # a mortgage of 100 in the first lot: 60 there, 40 in the second, not 40 - 60
        ([Claim(BUYER, ClaimKind.MORTGAGE, Money(100), date(2020, 1, 1), lot_id=FIRST.lot_id)], {BUYER: 40}),
        # two ordinary creditors of 100: 30 and 30 of the first price; of the second again 30 and 30, for they lack equally much
        ([_claim(BUYER, ClaimKind.ORDINARY, 100), _claim(OTHER, ClaimKind.ORDINARY, 100)], {BUYER: 30, OTHER: 30}),
        # paid in full out of the first: nothing stands in the second
        ([_claim(BUYER, ClaimKind.ORDINARY, 60)], {}),
        ([_claim(BUYER, ClaimKind.ORDINARY, 61)], {BUYER: 1}),
        # the other's mortgage takes the first price before him: he has the second
        ([_claim(BUYER, ClaimKind.ORDINARY, 100), Claim(OTHER, ClaimKind.MORTGAGE, Money(60), date(2020, 1, 1), lot_id=FIRST.lot_id)], {BUYER: 60}),
    ],
)  # fmt: skip
def test_second_price_begins_with_what_the_first_leaves(owed: list[Claim], second: dict[UUID, int]) -> None:
    """What a first price would give everybody is off their claims in the second."""
    left = left_after(FIRST, owed, beside=Assets(), ordinary_order="pro_rata")
    found = claims_on(SECOND, left, beside=Assets((), {FIRST.lot_id}), ordinary_order="pro_rata")
    plan = compute_plan(Money(60), found, ordinary_order="pro_rata")

    assert {share.claim.claim_id: share.amount.fen for share in plan.shares} == second


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [(60, 60, False), (60, 59, True), (61, 60, False), (59, 59, False), (59, 58, True), (0, 0, False)],
)
def test_plan_takes_nothing_that_stands_for_another_price(before: int, after: int, refused: bool) -> None:
    """With 60 standing: a fen less than that is refused, unless it lacked before as well."""
    amounts = {"before": Money(before), "after": Money(after)}
    if not refused:
        require_distributed_first(Money(60), reference="R", **amounts)
        return
    with pytest.raises(SetOffFirst):
        require_distributed_first(Money(60), reference="R", **amounts)
