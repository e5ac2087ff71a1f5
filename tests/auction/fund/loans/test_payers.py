"""Whose money comes under a loan's reference: the lender's, the buyer's own, or somebody's."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from auction.fund.channels.attribute_receipt import (
    ConfirmAttribution,
    ProposeAttribution,
    confirm_attribution,
    propose_attribution,
)
from auction.fund.deposits.purchases import is_paid_exactly
from auction.fund.loans.loans import LoanState
from auction.fund.loans.payers import LENDER_UNKNOWN, OWN_MONEY, LoanSides, PaidBy, account_in, who_paid
from auction.kernel.actors import Role
from auction.kernel.ids import new_id
from tests.auction.fund.loans.test_draw_clock import drawing
from tests.auction.fund.loans.test_loan_flow import DEPOSIT, LOAN, PRICE, shown
from tests.auction.fund.world import World

LENDER = "示范商业银行"
SIDES = LoanSides(lender=LENDER, lender_account="6000", buyer="张示例", buyer_accounts=frozenset({"6222"}))
NAMELESS = LoanSides(lender=LENDER, lender_account=None, buyer="张示例", buyer_accounts=frozenset({"6222"}))


@pytest.mark.parametrize(
    ("sides", "account", "name", "expected"),
    [
        (SIDES, "6000", LENDER, PaidBy.LENDER),
        (SIDES, "6000", "银行清算户", PaidBy.LENDER),
        (SIDES, "6222", "张示例", PaidBy.BUYER),
        (SIDES, "6333", "张 示例", PaidBy.BUYER),
        (SIDES, "6222", LENDER, PaidBy.BUYER),
        (SIDES, "6001", LENDER, PaidBy.UNKNOWN),
        (SIDES, "6333", "李示例", PaidBy.UNKNOWN),
        (NAMELESS, "6000", LENDER, PaidBy.LENDER),
        (NAMELESS, "6000", LENDER + "法拍贷中心", PaidBy.LENDER),
        (NAMELESS, "6222", LENDER, PaidBy.BUYER),
        (NAMELESS, "6000", "示范商业", PaidBy.UNKNOWN),
        (NAMELESS, "6000", "", PaidBy.UNKNOWN),
    ],
)
def test_account_says_whose_money_it_is(sides: LoanSides, account: str, name: str, expected: PaidBy) -> None:
    """The account of the signed letter is the lender's, the buyer's accounts and name are the buyer's, the rest is nobody's yet."""
    assert who_paid(sides, account=account, name=name) is expected


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (None, None),
        ({}, None),
        ({"document": {"pays_from": " 6000 "}}, "6000"),
        ({"document": {"pays_from": 6000}}, None),
    ],
)
def test_letter_names_the_lenders_account(letter: dict[str, object] | None, expected: str | None) -> None:
    """Only a text in the signed document counts; a letter of before names none."""
    assert account_in(letter) == expected


async def reasons(world: World) -> list[str]:
    """What is kept with the receipts, but for the empty ones."""
    async with world.db.reading() as tx:
        rows = await tx.session.execute(text("SELECT reason FROM fund.receipt WHERE reason <> '' ORDER BY received_at"))
        return list(rows.scalars())


async def test_buyers_own_money_of_exactly_the_draw_is_no_draw(world: World) -> None:
    """Under the loan's reference, to the case's number, of the same amount: it counts as his own, and the loan stays asked for."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, _ = await drawing(world, bidder)
    view = await shown(world, loan_id)
    world.bank.pay_in(LOAN, name=bidder.name, remark=view.reference)
    await world.settle_bank()

    view = await shown(world, loan_id)
    assert (view.state, view.received_fen) == (LoanState.DRAWING, 0)
    assert await world.totals() == {"bank": DEPOSIT + LOAN, "proceeds": DEPOSIT + LOAN}
    assert await reasons(world) == [OWN_MONEY]
    await world.require_straight()


async def test_real_draw_after_the_buyers_own_money_goes_back_to_the_lender_first(world: World) -> None:
    """What the price still misses is taken of the draw, the excess goes to the lender, and none of it to the buyer."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, _ = await drawing(world, bidder)
    world.bank.pay_in(LOAN, name=bidder.name, remark=(await shown(world, loan_id)).reference)
    await world.settle_bank()
    world.lender.pays = True
    await world.look_now()
    await world.settle_bank()

    missing = PRICE - DEPOSIT - LOAN
    view = await shown(world, loan_id)
    assert (view.state, view.received_fen) == (LoanState.RECEIVED, missing)
    async with world.db.reading() as tx:
        assert await is_paid_exactly(tx, world.round_id)
    assert [(o.to_name, o.amount_fen) for o, _ in world.bank.orders.values()] == [(LENDER, LOAN - missing)]
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    await world.require_straight()


async def test_draw_for_a_price_that_is_paid_goes_back_whole_and_ends_the_loan(world: World) -> None:
    """The buyer paid all of it himself: the lender's money goes back, nothing is drawn, and no alarm rings for it."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, _ = await drawing(world, bidder)
    world.bank.pay_in(PRICE - DEPOSIT, name=bidder.name, remark=(await shown(world, loan_id)).reference)
    await world.settle_bank()
    world.lender.pays = True
    await world.look_now()
    await world.settle_bank()

    view = await shown(world, loan_id)
    assert (view.state, view.reason, view.received_fen) == (LoanState.CANCELLED, "price_paid", 0)
    assert [(o.to_name, o.amount_fen) for o, _ in world.bank.orders.values()] == [(LENDER, LOAN)]
    assert not {kind for kind in await world.alarms() if kind.startswith("loan")}
    await world.require_straight()


async def test_third_partys_money_under_a_loans_reference_waits_for_two_officers(world: World) -> None:
    """Neither lender nor buyer: it waits; the handler says that it is the lender's, finance confirms, and then it is the draw."""
    bidder = await world.bidder(DEPOSIT)
    loan_id, _ = await drawing(world, bidder)
    world.bank.pay_in(LOAN, name="银行清算中心", account="7000", remark=(await shown(world, loan_id)).reference)
    await world.settle_bank()
    assert (await shown(world, loan_id)).state is LoanState.DRAWING
    assert await reasons(world) == [LENDER_UNKNOWN]
    assert "receipt_unattributed" in await world.alarms()

    async with world.db.reading() as tx:
        found = await tx.session.execute(text("SELECT receipt_id FROM fund.receipt WHERE state = 'unattributed'"))
        receipt_id = found.scalar_one()
    handler, finance = await world.officer(Role.CASE_HANDLER), await world.officer(Role.FINANCE)
    proposed = ProposeAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="loan", subject_id=loan_id)
    await propose_attribution(world.db, handler, proposed)
    confirmed = ConfirmAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="loan", subject_id=loan_id)
    await confirm_attribution(world.db, finance, confirmed)

    view = await shown(world, loan_id)
    assert (view.state, view.received_fen) == (LoanState.RECEIVED, LOAN)
    await world.require_straight()
