from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.fund.claims.claims import (
    CRIMINAL_KINDS,
    Claim,
    ClaimIncomplete,
    ClaimKind,
    OrderNotCriminal,
    TooManyClaims,
)
from auction.fund.plans.plan import compute_plan
from auction.kernel.money import Money


def claim(number: int, kind: ClaimKind, fen: int, on: date | None = None, order: int | None = None) -> Claim:
    """A claim by its number."""
    return Claim(UUID(int=number), kind, Money(fen), on, order)


def shares(proceeds: int, *claims: Claim, order: str = "pro_rata") -> tuple[dict[int, int], int]:
    """What each claim gets by its number, and the surplus."""
    plan = compute_plan(Money(proceeds), claims, ordinary_order=order)  # type: ignore[arg-type]  # one of two
    return {share.claim.claim_id.int: share.amount.fen for share in plan.shares}, plan.surplus.fen


def test_worked_example_of_a_home_with_mortgage_and_three_creditors() -> None:
    """¥4,000,000.00: costs 20,000 and taxes 60,000 first, the mortgage 2,500,000, then 1:2:3 of what is left."""
    got, surplus = shares(
        4_000_000_00,
        claim(1, ClaimKind.ORDINARY, 1_000_000_00),
        claim(2, ClaimKind.ORDINARY, 2_000_000_00),
        claim(3, ClaimKind.ORDINARY, 3_000_000_00),
        claim(4, ClaimKind.MORTGAGE, 2_500_000_00, date(2020, 5, 1)),
        claim(5, ClaimKind.SALE_TAX, 60_000_00),
        claim(6, ClaimKind.SALE_COST, 20_000_00),
    )

    left = 1_420_000_00
    assert got == {6: 20_000_00, 5: 60_000_00, 4: 2_500_000_00, 1: 23_666_667, 2: 47_333_333, 3: 71_000_000}
    assert got[1] + got[2] + got[3] == left
    assert surplus == 0


def test_what_is_left_goes_back_to_the_debtor() -> None:
    """When all are paid in full the rest is surplus."""
    assert shares(100, claim(1, ClaimKind.ORDINARY, 60)) == ({1: 60}, 40)


def test_nothing_is_owed_and_all_is_surplus() -> None:
    """Without claims everything goes back to the debtor."""
    assert shares(100) == ({}, 100)


def test_mortgages_rank_by_registration_and_the_unregistered_last() -> None:
    """First registered first; the same day in proportion; unregistered after all (Civil Code 414)."""
    got, _ = shares(
        250,
        claim(1, ClaimKind.MORTGAGE, 100),
        claim(2, ClaimKind.MORTGAGE, 100, date(2021, 1, 2)),
        claim(3, ClaimKind.MORTGAGE, 100, date(2021, 1, 1)),
        claim(4, ClaimKind.MORTGAGE, 100, date(2021, 1, 2)),
    )

    assert got == {3: 100, 2: 75, 4: 75, 1: 0}


@pytest.mark.parametrize(("due", "first"), [(date(2021, 1, 1), 1), (date(2021, 1, 2), 2), (date(2021, 1, 3), 2)])
def test_old_tax_beats_security_created_after_it_fell_due(due: date, first: int) -> None:
    """An old tax goes before a mortgage registered after the day on which it fell due (Tax Collection Law 45)."""
    got, _ = shares(100, claim(1, ClaimKind.OLD_TAX, 100, due), claim(2, ClaimKind.MORTGAGE, 100, date(2021, 1, 2)))

    assert got[first] == 100


def test_old_tax_beats_ordinary_claims_and_needs_its_day() -> None:
    """Old tax goes before unsecured claims; without the day on which it fell due it cannot be ranked."""
    assert shares(100, claim(1, ClaimKind.ORDINARY, 90), claim(2, ClaimKind.OLD_TAX, 90, date(2026, 1, 1)))[0] == {
        2: 90,
        1: 10,
    }
    with pytest.raises(ClaimIncomplete):
        shares(100, claim(1, ClaimKind.OLD_TAX, 90))


def test_contractor_beats_mortgage_and_late_interest_comes_last() -> None:
    """Construction priority before mortgages (建工解释 36); doubled interest after judgment debts (迟延利息解释 4)."""
    got, _ = shares(
        260,
        claim(1, ClaimKind.LATE_INTEREST, 100),
        claim(2, ClaimKind.ORDINARY, 100),
        claim(3, ClaimKind.MORTGAGE, 100, date(2019, 1, 1)),
        claim(4, ClaimKind.CONSTRUCTION, 100),
    )

    assert got == {4: 100, 3: 100, 2: 60, 1: 0}


def test_order_of_seizure_rules_for_enterprises() -> None:
    """Against an enterprise without bankruptcy the first seizure is paid first (Interp. 514)."""
    first, second = claim(1, ClaimKind.ORDINARY, 80, order=2), claim(2, ClaimKind.ORDINARY, 80, order=1)

    assert shares(100, first, second, order="by_seizure")[0] == {2: 80, 1: 20}
    with pytest.raises(ClaimIncomplete):
        shares(100, claim(1, ClaimKind.ORDINARY, 80), order="by_seizure")


@pytest.mark.parametrize(("count", "lawful"), [(189, True), (190, True), (191, False)])
def test_a_plan_takes_a_limited_number_of_claims(count: int, lawful: bool) -> None:
    """One plan is one entry, so its claims have a limit."""
    claims = [claim(number, ClaimKind.ORDINARY, 1) for number in range(count)]
    if lawful:
        assert shares(count, *claims)[1] == 0
    else:
        with pytest.raises(TooManyClaims):
            shares(count, *claims)


def test_largest_remainder_gives_the_odd_fen_to_the_earlier_of_equals() -> None:
    """100 fen over three equal claims: 34, 33, 33."""
    claims = [claim(number, ClaimKind.ORDINARY, 1_000) for number in range(3)]

    assert shares(100, *claims)[0] == {0: 34, 1: 33, 2: 33}


@pytest.mark.parametrize(("owed", "reward", "own"), [(29, 29, 71), (100, 100, 0), (101, 100, 0)])
def test_a_reward_comes_out_of_the_share_that_it_names(owed: int, reward: int, own: int) -> None:
    """The applicant's share pays the reward, never more than there is of it; others get what they would without it."""
    bounty = Claim(UUID(int=9), ClaimKind.REWARD, Money(owed), out_of=UUID(int=1))
    claims = (claim(1, ClaimKind.ORDINARY, 200), claim(2, ClaimKind.ORDINARY, 200), bounty)
    plan = compute_plan(Money(200), claims, ordinary_order="pro_rata")

    assert [(share.claim.claim_id.int, share.amount.fen) for share in plan.shares] == [(1, own), (9, reward), (2, 100)]
    assert plan.shares[0].unpaid == Money(100)


def test_a_criminal_claim_needs_the_criminal_order() -> None:
    """A fine is no line of a plan in the order of civil claims (刑事财产规定 13)."""
    with pytest.raises(OrderNotCriminal):
        shares(100, claim(1, ClaimKind.FINE, 50))


def test_lines_say_why_they_stand_where_they_do() -> None:
    """A security behind a seizure, one unregistered, and an ordinary claim each name their ground."""
    seized = Claim(UUID(int=1), ClaimKind.ORDINARY, Money(10), seized_on=date(2025, 6, 3), seizure_order=1)
    later, never = claim(2, ClaimKind.MORTGAGE, 10, date(2025, 6, 4)), claim(3, ClaimKind.MORTGAGE, 10)
    plan = compute_plan(Money(30), (seized, later, never), ordinary_order="by_seizure")

    assert [share.ground for share in plan.shares] == [
        "ordinary_by_seizure",
        "mortgage_after_seizure",
        "mortgage_unregistered",
    ]


any_claims = st.lists(
    st.builds(
        claim,
        st.integers(1, 10**9),
        st.sampled_from([kind for kind in ClaimKind if kind is not ClaimKind.REWARD]),
        st.integers(1, 10**12),
        st.dates(date(2000, 1, 1), date(2026, 12, 31)),
        st.integers(1, 5),
    ),
    max_size=20,
    unique_by=lambda made: made.claim_id,
)


@given(st.integers(0, 10**13), any_claims, st.sampled_from(["pro_rata", "by_seizure"]))
def test_plans_lose_nothing_and_keep_ranks(proceeds: int, claims: list[Claim], order: str) -> None:
    """For any claims: shares and surplus sum to the proceeds, nobody gets too much, no rank before its turn."""
    if any(found.kind in CRIMINAL_KINDS for found in claims):
        order = "criminal"
    plan = compute_plan(Money(proceeds), claims, ordinary_order=order)  # type: ignore[arg-type]  # one of three

    assert sum(share.amount.fen for share in plan.shares) + plan.surplus.fen == proceeds
    assert {share.claim.claim_id for share in plan.shares} == {given.claim_id for given in claims}
    short = [share.rank for share in plan.shares if share.unpaid]
    if short:
        assert plan.surplus.fen == 0
        assert all(not share.amount for share in plan.shares if share.rank > min(short))


@given(st.integers(0, 10**9), any_claims)
def test_more_money_never_hurts_by_more_than_a_fen(proceeds: int, claims: list[Claim]) -> None:
    """One fen more of proceeds takes at most a fen from anybody (largest remainder may move one fen)."""
    before, _ = shares(proceeds, *claims, order="criminal")
    after, _ = shares(proceeds + 1, *claims, order="criminal")

    assert all(after[number] >= before[number] - 1 for number in before)
