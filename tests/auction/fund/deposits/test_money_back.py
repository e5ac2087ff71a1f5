from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.cancel_purchase import cancel_purchase, forfeit_deposit
from auction.fund.deposits.apply_deposit import apply, charge_authorised, close_deposits
from auction.fund.deposits.deposits import (
    DepositNotCaptured,
    DepositState,
    RefundElsewhere,
    require_account_that_paid,
)
from auction.fund.deposits.send_refund import Payer
from auction.fund.deposits.views import own_deposit
from auction.kernel.db import Transaction
from auction.kernel.money import Money
from tests.auction.fund.deposits.test_flow import DEPOSIT, PRICE, close, pay_by_bank, pay_by_card, start_card
from tests.auction.fund.world import Bidder, World


@pytest.mark.parametrize(("refund_to", "goes"), [("6222", True), ("6223", False), ("", False)])
def test_money_goes_back_to_the_account_that_paid_only(refund_to: str, goes: bool) -> None:
    """The one account is allowed, any other is refused (执行款物 11)."""
    if goes:
        require_account_that_paid(paid_from="6222", refund_to=refund_to)
    else:
        with pytest.raises(RefundElsewhere):
            require_account_that_paid(paid_from="6222", refund_to=refund_to)


async def test_payer_exchanged_in_the_database_gets_nothing(world: World) -> None:
    """An account written over the payer's differs from the bank's own line: nothing is sent, and a person is called."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder)
    async with world.db.transaction() as tx:
        thief = tx.sealer.seal(msgspec.json.encode(Payer(account="6333", name="某人")).decode())
        await tx.session.execute(text("UPDATE fund.receipt SET payer_sealed = :thief"), {"thief": thief})

    await close(world, None)

    assert world.bank.orders == {}
    assert "refund_stuck" in await world.alarms()
    assert await world.totals() == {"bank": DEPOSIT, "refunds": DEPOSIT}


@pytest.mark.parametrize("bank_first", [True, False])
async def test_card_and_bank_for_one_registration_hold_one_deposit(world: World, bank_first: bool) -> None:
    """Whichever is there first holds the deposit; the other goes back whole, the way it came."""
    bidder = await world.bidder(DEPOSIT)
    if bank_first:
        number = await world.virtual_number(bidder)
        world.bank.pay_in(DEPOSIT, name=bidder.name, to=number)
        await pay_by_card(world, bidder)
        await world.settle_bank()
    else:
        await pay_by_card(world, bidder)
        await pay_by_bank(world, bidder)

    assert (await world.deposit(bidder)).state is DepositState.HELD
    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}
    assert [(o.to_account, o.amount_fen) for o, _ in world.bank.orders.values()] == [("6222", DEPOSIT)]
    await world.require_straight()


async def test_card_paid_after_the_bank_held_the_deposit_goes_back_to_the_card(world: World) -> None:
    """A payment page left open is paid after the transfer came: the card has its money back, and nobody else."""
    bidder = await world.bidder(DEPOSIT)
    started = await start_card(world, bidder)
    await pay_by_bank(world, bidder)
    assert started.provider_id is not None
    world.cards.pay(started.provider_id)
    await world.look_now()
    await world.look_now()

    assert (await world.deposit(bidder)).state is DepositState.HELD
    assert await world.totals() == {"bank": DEPOSIT, "deposits": DEPOSIT}
    assert [refund.amount_fen for _, refund in world.cards.refunds.values()] == [DEPOSIT]
    await world.require_straight()


@pytest.mark.parametrize("sold", [False, True])
async def test_losers_transfer_after_the_end_goes_back_whole(world: World, sold: bool) -> None:
    """Who pays when the round is over has his money back, whatever became of the round."""
    winner, late = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT, name="李示范")
    number = await world.virtual_number(late)
    await pay_by_bank(world, winner)
    await close(world, winner if sold else None, PRICE)
    back_before = len(world.bank.orders)

    world.bank.pay_in(DEPOSIT, name=late.name, to=number, account="6444")
    await world.settle_bank()

    new = [order for order, _ in world.bank.orders.values()][back_before:]
    assert [(order.to_account, order.amount_fen) for order in new] == [("6444", DEPOSIT)]
    assert (await world.deposit(late)).state is DepositState.RELEASED
    assert await world.totals() == ({"bank": DEPOSIT, "proceeds": DEPOSIT} if sold else {})
    await world.require_straight()


async def sold_on_an_authorisation(world: World, *, capture_asked: bool) -> Bidder:
    """A round that was sold to somebody whose card is authorised only; no job has run since."""
    winner = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    await pay_by_card(world, winner, hold=True)

    async def sell(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await close_deposits(
            tx,
            round_id=world.round_id,
            closed_at=tx.now,
            buyer_registration_id=winner.registration_id,
            hammer_price=Money(PRICE),
            balance_due_on=None,
        )
        if capture_asked:
            await apply(tx, winner.deposit_id, closed_at=tx.now)

    await world.db.transact(sell)
    return winner


@pytest.mark.parametrize("capture_asked", [False, True])
async def test_authorisation_of_a_sale_that_is_set_aside_is_given_up(world: World, capture_asked: bool) -> None:
    """A buyer whose sale falls before his card was captured is not charged afterwards, and nothing of it stays in the books."""
    winner = await sold_on_an_authorisation(world, capture_asked=capture_asked)

    async def undo(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await cancel_purchase(tx, round_id=world.round_id)

    await world.db.transact(undo)
    await world.run_jobs()

    assert [payment.state for payment in world.cards.held.values()] == ["cancelled"]
    assert (await world.deposit(winner)).refunded
    assert await world.totals() == {}
    assert "refund_stuck" not in await world.alarms()
    await world.require_straight()


async def test_charge_that_came_before_the_giving_up_goes_back(world: World) -> None:
    """The provider captured and the answer was lost; the sale is set aside, and the charged money goes back to the card."""
    winner = await sold_on_an_authorisation(world, capture_asked=True)
    (held,) = world.cards.held
    await world.cards.capture(held, amount_fen=DEPOSIT, key="lost")

    async def undo(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await cancel_purchase(tx, round_id=world.round_id)

    await world.db.transact(undo)
    await world.run_jobs()
    await world.look_now()

    assert [refund.amount_fen for _, refund in world.cards.refunds.values()] == [DEPOSIT]
    assert (await world.deposit(winner)).refunded
    assert await world.totals() == {}
    assert "refund_stuck" not in await world.alarms()
    await world.require_straight()


async def test_default_waits_for_the_capture_of_the_deposit(world: World) -> None:
    """A deposit that is only authorised is not there: to keep it would keep nothing, and let the card go."""
    winner = await sold_on_an_authorisation(world, capture_asked=False)

    async def default(tx: Transaction) -> Money:
        await tx.about_case(world.case_id)
        return await forfeit_deposit(tx, round_id=world.round_id)

    with pytest.raises(DepositNotCaptured):
        await world.db.transact(default)
    await world.run_jobs()
    assert await world.db.transact(default) == Money(DEPOSIT)
    assert (await world.deposit(winner)).state is DepositState.FORFEITED
    await world.require_straight()


async def test_buyer_whose_authorisation_was_lost_is_told_the_whole_price(world: World) -> None:
    """While the capture is open his deposit is left out of what he transfers; once the card is gone it is not."""
    winner = await sold_on_an_authorisation(world, capture_asked=False)

    async def to_pay() -> int:
        async with world.db.reading() as tx:
            return (await own_deposit(tx, winner.actor.person_id, winner.deposit_id)).to_pay_fen

    assert await to_pay() == PRICE - DEPOSIT
    (held,) = world.cards.held
    world.cards.change(held, state="cancelled")
    await world.run_jobs()

    assert "authorisation_lost" in await world.alarms()
    assert await to_pay() == PRICE


async def test_stopped_round_charges_what_was_only_authorised(world: World) -> None:
    """A stop has no known end, and a card's authorisation has one: it becomes cash, so nobody bids on a deposit that ran out."""
    bidder = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    await pay_by_card(world, bidder, hold=True)

    async def stop(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await charge_authorised(tx, world.round_id)

    for _ in range(2):
        await world.db.transact(stop)
    await world.run_jobs()

    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}
    assert (await world.deposit(bidder)).state is DepositState.HELD
    await world.require_straight()
