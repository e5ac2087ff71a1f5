"""A card that takes no refund: the operator pays the case its money, and the court pays the bidder's own account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auction.fund.cancel_purchase import cancel_purchase
from auction.fund.channels.reconcile import reconcile_bank, reconcile_card_balance
from auction.fund.deposits.money_desk import open_refunds
from auction.fund.ledger.accounts import AccountKind
from auction.fund.payouts.disbursements import AccountNameDiffers
from auction.fund.refunds.name_refund_account import (
    PayerInRefund,
    RecordRefundAccount,
    RefundAccountUsed,
    RefundPaymentDisputed,
    WithdrawRefundAccount,
    record_refund_account,
    withdraw_refund_account,
)
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.deposits.test_flow import DEPOSIT, close, pay_by_card
from tests.auction.fund.refunds.test_disputed_refund import says
from tests.auction.fund.refunds.test_refund_again import confirm, record, refused_by_card, retry, state
from tests.auction.fund.world import Bidder, World

OTHER = "6333000011112222"


async def named(world: World, bidder: Bidder) -> None:
    """Have two officers name and confirm the bidder's own account, and its day come."""
    view = await record(world, await world.officer(Role.CASHIER), account_name=bidder.name)
    confirmed = await confirm(world, await world.officer(Role.FINANCE), view)
    assert confirmed.usable_from is not None
    await world.run_jobs()
    assert world.operator.sent == {}  # nobody is asked before its day
    await move_clock(world.db, to=confirmed.usable_from + timedelta(seconds=1))


async def require_at_zero(world: World) -> None:
    """Assert that the case is at zero, and that books, bank and provider say the same."""
    assert await world.totals() == {}
    assert (await reconcile_bank(world.db, world.bank)).differences == ()
    assert (await reconcile_card_balance(world.db, world.cards)).differences == ()
    assert not {"refund_stuck", "refund_late", "advance_late"} & await world.alarms()
    await world.require_straight()


async def test_money_a_card_takes_no_more_reaches_the_bidders_account(world: World) -> None:
    """Covered by the operator, then paid once by the court; the case ends at zero and the operator holds the claim on the provider."""
    bidder = await refused_by_card(world)
    assert "refund_stuck" in await world.alarms()

    await named(world, bidder)
    await world.settle_bank()

    (sent,) = world.operator.sent.values()
    assert sent.amount_fen == DEPOSIT
    (order,) = [order for order, _ in world.bank.orders.values()]
    assert (order.to_account, order.to_name, order.amount_fen) == (OTHER, bidder.name, DEPOSIT)
    assert order.from_account == sent.to_account
    assert await state(world) == "done"
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == DEPOSIT
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == DEPOSIT
    assert (await world.deposit(bidder)).refunded
    await require_at_zero(world)


async def test_court_does_not_pay_before_the_operators_money_is_here(world: World) -> None:
    """While it is on its way nothing leaves, the desk shows it, and half of its hours later a person is called."""
    bidder = await refused_by_card(world)
    await named(world, bidder)
    await world.run_jobs()

    assert world.bank.orders == {}
    async with world.db.reading() as tx:
        (shown,) = await open_refunds(tx)
        now = tx.now
    assert (shown.state, shown.cover_state) == ("asked", "sent")
    await world.look_now()
    assert world.bank.orders == {}
    assert "advance_late" not in await world.alarms()
    await move_clock(world.db, to=now + timedelta(hours=12, minutes=1))
    await world.run_jobs()
    assert "advance_late" in await world.alarms()

    await world.settle_bank()

    assert len(world.bank.orders) == 1
    await require_at_zero(world)


@pytest.mark.parametrize("lost", [1, 2])
async def test_lost_answers_cover_once_and_pay_once(world: World, lost: int) -> None:
    """Operator and bank are asked again under the same keys."""
    bidder = await refused_by_card(world)
    await named(world, bidder)
    world.operator.lose_answers = world.bank.lose_answers = lost

    await world.settle_bank()
    await world.look_now()
    await world.settle_bank()

    assert (len(world.operator.sent), len(world.bank.orders)) == (1, 1)
    await require_at_zero(world)


async def test_card_that_took_it_after_all_needs_no_cover(world: World) -> None:
    """The provider says before the cover that the first attempt succeeded: nobody is asked, nothing is paid twice."""
    bidder = await refused_by_card(world)
    view = await record(world, await world.officer(Role.CASHIER), account_name=bidder.name)
    confirmed = await confirm(world, await world.officer(Role.FINANCE), view)
    world.cards.settle_refunds("succeeded")
    assert confirmed.usable_from is not None
    await move_clock(world.db, to=confirmed.usable_from + timedelta(seconds=1))

    await world.settle_bank()

    assert (world.operator.sent, world.bank.orders) == ({}, {})
    assert await state(world) == "done"
    await require_at_zero(world)


async def test_cover_goes_back_when_the_card_took_the_refund_meanwhile(world: World) -> None:
    """Between cover and order the provider carries the first attempt out: the operator has his money back, nobody is paid twice."""
    bidder = await refused_by_card(world)
    await named(world, bidder)
    await world.run_jobs()
    assert len(world.operator.sent) == 1
    world.cards.settle_refunds("succeeded")

    await world.settle_bank()

    (order,) = [order for order, _ in world.bank.orders.values()]
    assert (order.to_account, order.amount_fen) == ("7001", DEPOSIT)
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == 0
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == 0
    await require_at_zero(world)


async def test_order_that_came_back_is_paid_again_out_of_the_same_cover(world: World) -> None:
    """The bank returns the money: it is owed again, and the next attempt asks the operator for nothing."""
    bidder = await refused_by_card(world)
    await named(world, bidder)
    await world.settle_bank()
    world.bank.settle("returned")
    await world.settle_bank()
    assert await state(world) == "failed"
    assert await world.totals() == {"bank": DEPOSIT, "refunds": DEPOSIT}

    await retry(world)
    await world.settle_bank()

    assert (len(world.operator.sent), len(world.bank.orders)) == (1, 2)
    await require_at_zero(world)


async def test_covered_refund_tried_at_the_card_again_gives_the_cover_back(world: World) -> None:
    """The account was wrong and is withdrawn, the card works again: the card pays, the cover goes back."""
    bidder = await refused_by_card(world)
    await named(world, bidder)
    world.bank.mood = "rejected"
    await world.settle_bank()
    async with world.db.reading() as tx:
        (shown,) = await open_refunds(tx)
    assert shown.refund_account_id is not None
    withdraw = WithdrawRefundAccount(command_id=new_id(), refund_account_id=shown.refund_account_id)
    await withdraw_refund_account(world.db, await world.officer(Role.CASHIER), withdraw)
    world.bank.mood, world.cards.refund_state = "confirmed", "succeeded"

    await retry(world)
    await world.settle_bank()

    assert [order.to_account for order, _ in world.bank.orders.values()] == [OTHER, "7001"]
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == 0
    await require_at_zero(world)


async def test_account_stays_once_the_operator_was_asked(world: World) -> None:
    """After its day nothing is withdrawn while the money is on its way."""
    bidder = await refused_by_card(world)
    await named(world, bidder)
    await world.run_jobs()
    async with world.db.reading() as tx:
        (shown,) = await open_refunds(tx)
    assert shown.refund_account_id is not None
    withdraw = WithdrawRefundAccount(command_id=new_id(), refund_account_id=shown.refund_account_id)

    with pytest.raises(RefundAccountUsed):
        await withdraw_refund_account(world.db, await world.officer(Role.CASHIER), withdraw)


async def test_disputed_payment_is_not_paid_to_an_account_as_well(world: World) -> None:
    """The holder went to his bank: no account is recorded, and one that stands is not covered."""
    bidder = await refused_by_card(world)
    view = await record(world, await world.officer(Role.CASHIER), account_name=bidder.name)
    confirmed = await confirm(world, await world.officer(Role.FINANCE), view)
    (provider_id,) = world.cards.held
    await says(world, provider_id, "created", disputed_fen=DEPOSIT)
    assert confirmed.usable_from is not None
    await move_clock(world.db, to=confirmed.usable_from + timedelta(seconds=1))
    await world.settle_bank()

    assert (world.operator.sent, world.bank.orders) == ({}, {})
    assert await state(world) == "failed"
    assert "refund_stuck" in await world.alarms()
    withdraw = WithdrawRefundAccount(command_id=new_id(), refund_account_id=view.refund_account_id)
    await withdraw_refund_account(world.db, await world.officer(Role.CASHIER), withdraw)
    with pytest.raises(RefundPaymentDisputed):
        await record(world, await world.officer(Role.CASHIER), account_name=bidder.name)


async def test_what_no_account_of_a_card_may_be(world: World) -> None:
    """Not another's, and not by an officer who is the bidder."""
    bidder = await refused_by_card(world)
    own = Actor(account_id=bidder.actor.account_id, person_id=bidder.actor.person_id, roles=frozenset({Role.CASHIER}))

    with pytest.raises(AccountNameDiffers):
        await record(world, await world.officer(Role.CASHIER), account_name="李示范")
    with pytest.raises(PayerInRefund):
        await record(world, own, account_name=bidder.name)


async def test_card_money_that_the_operator_owes_is_covered_by_him_too(world: World) -> None:
    """A sale is set aside after the deposit was advanced; the card takes nothing back, and the buyer has it on his account."""
    winner = await world.bidder(DEPOSIT)
    await pay_by_card(world, winner)
    await close(world, winner)
    world.cards.refund_state = "failed"

    async def undo(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await cancel_purchase(tx, round_id=world.round_id)

    await world.db.transact(undo)
    await world.settle_bank()
    async with world.db.reading() as tx:
        failed = await tx.session.scalar(text("SELECT refund_id FROM fund.refund WHERE state = 'failed'"))
    command = RecordRefundAccount(
        command_id=new_id(),
        refund_account_id=new_id(),
        refund_id=failed,
        account_number=OTHER,
        account_name=winner.name,
        evidence_sha256="ab" * 32,
    )
    confirmed = await confirm(
        world,
        await world.officer(Role.FINANCE),
        await record_refund_account(world.db, await world.officer(Role.CASHIER), command),
    )
    assert confirmed.usable_from is not None
    await move_clock(world.db, to=confirmed.usable_from + timedelta(seconds=1))
    await world.settle_bank()

    assert sorted(order.to_account for order, _ in world.bank.orders.values()) == [OTHER, "7001"]
    assert len(world.operator.sent) == 2
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == DEPOSIT
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == DEPOSIT
    await require_at_zero(world)


async def test_database_covers_nothing_that_two_persons_did_not_confirm(world: World) -> None:
    """Whoever writes the table: without a confirmed account there is no cover."""
    await refused_by_card(world)
    await record(world, await world.officer(Role.CASHIER))
    statement = text(
        "INSERT INTO fund.advance (advance_id, deposit_id, case_id, amount_fen, bank_key, reference, state, due_at, asked_at, refund_id) "
        "SELECT refund_id, deposit_id, case_id, amount_fen, 'k', 'r', 'asked', asked_at, asked_at, refund_id FROM fund.refund"
    )
    with pytest.raises(IntegrityError, match="no confirmed account"):
        async with world.db.transaction() as tx:
            await tx.session.execute(statement)
