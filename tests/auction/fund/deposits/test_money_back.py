from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.cancel_purchase import (
    cancel_purchase,
    forfeit_deposit,
    missing_deposit,
    missing_on_default,
)
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile_cards
from auction.fund.deposits.apply_deposit import apply, charge_authorised, close_deposits, move_end
from auction.fund.deposits.deposits import (
    DepositNotCaptured,
    DepositState,
    RefundElsewhere,
    require_account_that_paid,
)
from auction.fund.deposits.purchases import purchase_view
from auction.fund.deposits.release_deposit import plan_release
from auction.fund.deposits.send_refund import Payer
from auction.fund.deposits.start_card_payment import push_card_payment
from auction.fund.deposits.store import deposit_row
from auction.fund.deposits.views import own_deposit
from auction.kernel.db import Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.money import Money
from auction.kernel.move_clock import move_clock
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


async def test_bidder_who_left_before_the_close_cannot_have_bought(world: World) -> None:
    """An outcome that names him settles nothing: his deposit goes back as it was promised, and is counted towards no price."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder)

    async def leave(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await plan_release(tx, await deposit_row(tx, bidder.deposit_id), closed_at=tx.now)

    await world.db.transact(leave)
    with pytest.raises(InvariantViolated, match="left before the close"):
        await close(world, bidder, PRICE)
    await world.run_jobs()
    await world.settle_bank()

    assert (await world.deposit(bidder)).state is DepositState.RELEASED
    assert [(order.to_account, order.amount_fen) for order, _ in world.bank.orders.values()] == [("6222", DEPOSIT)]
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


async def test_excess_has_a_clock_and_rings_at_half_of_it(world: World) -> None:
    """What was paid too much is due back in the hours of the law, and an alarm rings at half, not a second before."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.mood = "accepted"
    await pay_by_bank(world, bidder, DEPOSIT + 5)
    async with world.db.reading() as tx:
        row = (await tx.session.execute(text("SELECT asked_at, due_at FROM fund.refund"))).one()
    assert row.due_at - row.asked_at == timedelta(hours=24)

    await move_clock(world.db, to=row.asked_at + timedelta(hours=12, seconds=-1))
    await world.run_jobs()
    assert "refund_late" not in await world.alarms()
    await move_clock(world.db, to=row.asked_at + timedelta(hours=12))
    await world.run_jobs()
    assert "refund_late" in await world.alarms()

    world.bank.settle("confirmed")
    await world.look_now()
    assert "refund_late" not in await world.alarms()


async def test_confirmed_excess_rings_nothing(world: World) -> None:
    """An excess that is back in time stays quiet."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder, DEPOSIT + 5)
    async with world.db.reading() as tx:
        later = tx.now + timedelta(hours=25)
    await move_clock(world.db, to=later)
    await world.run_jobs()

    assert "refund_late" not in await world.alarms()


async def test_authorisation_that_is_given_up_ends_in_our_tables_at_once(world: World) -> None:
    """A loser's authorisation is cancelled on both sides without any event, and the night finds no difference."""
    loser = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    await pay_by_card(world, loser, hold=True)

    await close(world, None)

    async with world.db.reading() as tx:
        assert await tx.session.scalar(text("SELECT state FROM fund.card_payment")) == "cancelled"
    assert (await reconcile_cards(world.db, world.cards)).differences == ()
    await world.require_straight()


async def test_authorisation_that_was_charged_before_it_was_given_up_goes_back_as_money(world: World) -> None:
    """The provider captured meanwhile: without any event the payment is read again, booked, and sent back."""
    loser = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    await pay_by_card(world, loser, hold=True)
    (provider_id,) = world.cards.held
    world.cards.change(provider_id, state="succeeded", received_fen=DEPOSIT)

    await close(world, None)

    assert [refund.amount_fen for _, refund in world.cards.refunds.values()] == [DEPOSIT]
    assert await world.totals() == {}
    assert (await reconcile_cards(world.db, world.cards)).differences == ()
    await world.require_straight()


async def lapsed(world: World) -> Bidder:
    """A bidder whose authorisation was lost before the end."""
    bidder = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    await pay_by_card(world, bidder, hold=True)
    (provider_id,) = world.cards.held
    world.cards.change(provider_id, state="cancelled")
    async with world.db.reading() as tx:
        payment_id = await tx.session.scalar(text("SELECT payment_id FROM fund.card_payment"))
    await push_card_payment(world.db, world.cards, payment_id)
    return bidder


async def is_lapsed(world: World, bidder: Bidder) -> bool:
    """Whether his page asks him to pay anew."""
    async with world.db.reading() as tx:
        return (await own_deposit(tx, bidder.actor.person_id, bidder.deposit_id)).is_lapsed


@pytest.mark.parametrize("by_card", [True, False])
async def test_lost_authorisation_is_replaced_by_any_channel(world: World, by_card: bool) -> None:
    """Bidder and court see it at once; he pays anew, the deposit was held all the time, and the alarm ends."""
    bidder = await lapsed(world)
    assert await is_lapsed(world, bidder)
    assert "authorisation_lost" in await world.alarms()
    assert (await world.deposit(bidder)).state is DepositState.HELD

    if by_card:
        await pay_by_card(world, bidder)
    else:
        await pay_by_bank(world, bidder)

    assert not await is_lapsed(world, bidder)
    assert "authorisation_lost" not in await world.alarms()
    held = {"card_clearing": DEPOSIT} if by_card else {"bank": DEPOSIT}
    assert await world.totals() == {**held, "deposits": DEPOSIT}
    await close(world, None)
    assert await world.totals() == {}
    await world.require_straight()


async def test_lost_authorisation_is_replaced_in_parts_to_the_fen(world: World) -> None:
    """A fen short replaces nothing; the fen completes it, and one more goes back."""
    bidder = await lapsed(world)
    await pay_by_bank(world, bidder, DEPOSIT - 1)
    assert "authorisation_lost" in await world.alarms()

    await pay_by_bank(world, bidder, 2)

    assert "authorisation_lost" not in await world.alarms()
    assert await world.totals() == {"bank": DEPOSIT, "deposits": DEPOSIT}
    await world.require_straight()


async def test_lost_authorisation_is_not_replaced_after_the_end(world: World) -> None:
    """Once the round has closed a loser pays nothing anew: what comes goes back whole."""
    bidder = await lapsed(world)
    number = await world.virtual_number(bidder)
    await close(world, None)

    world.bank.pay_in(DEPOSIT, name=bidder.name, to=number)
    await world.settle_bank()

    assert [order.amount_fen for order, _ in world.bank.orders.values()] == [DEPOSIT]
    assert await world.totals() == {}
    assert "authorisation_lost" not in await world.alarms()
    await world.require_straight()


async def test_balance_paid_before_the_deposit_is_captured_is_kept(world: World) -> None:
    """The buyer's own number is the one for his balance, too: what he transfers while his card's hold waits for its capture is a part of the price."""
    winner = await sold_on_an_authorisation(world, capture_asked=False)
    async with world.db.reading() as tx:
        reference = (await deposit_row(tx, winner.deposit_id)).reference

    world.bank.pay_in(PRICE - DEPOSIT, name=winner.name, remark=reference)
    await poll_bank(world.db, world.bank)  # no job has run: the card is not captured yet
    async with world.db.reading() as tx:
        bought = await purchase_view(tx, world.round_id)
    assert bought.applied_fen == PRICE - DEPOSIT
    await world.settle_bank()

    assert world.bank.orders == {}
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    await world.require_straight()


async def test_default_over_a_lost_authorisation_names_what_is_missing(world: World) -> None:
    """Nothing is kept of a deposit that was lost: the missing sum is given and a person is called (网拍 24)."""
    winner = await lapsed(world)
    await close(world, winner)

    async def default(tx: Transaction) -> tuple[Money, Money]:
        await tx.about_case(world.case_id)
        kept = await forfeit_deposit(tx, round_id=world.round_id)
        return kept, await missing_deposit(tx, round_id=world.round_id, kept=kept, announced=None)

    assert await world.db.transact(default) == (Money(0), Money(DEPOSIT))
    assert "deposit_missing" in await world.alarms()
    assert "authorisation_lost" not in await world.alarms()


@pytest.mark.parametrize(
    ("kept", "owed", "announced", "missing"),
    [(99, 100, None, 1), (100, 100, None, 0), (0, 0, None, 0), (20, 900, 20, 0), (19, 900, 20, 1), (5, 10, 20, 5)],
)
def test_missing_is_what_was_owed_and_not_kept(kept: int, owed: int, announced: int | None, missing: int) -> None:
    """An applicant who owed nothing misses nothing; of a prepayment only the announced deposit counts."""
    named = None if announced is None else Money(announced)
    assert missing_on_default(Money(kept), owed=Money(owed), announced=named) == Money(missing)


async def test_deposits_follow_a_round_that_ends_later(world: World) -> None:
    """A resumed round moves the end of its deposits, never to an earlier hour, and an ended one's not at all."""
    bidder = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    async with world.db.reading() as tx:
        new_end = tx.now + timedelta(days=9)

    async def move(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await move_end(tx, world.round_id, closes_at=new_end)
        await move_end(tx, world.round_id, closes_at=new_end - timedelta(days=3))

    await world.db.transact(move)

    async with world.db.reading() as tx:
        assert (await own_deposit(tx, bidder.actor.person_id, bidder.deposit_id)).closes_at == new_end
    started = await start_card(world, bidder)
    assert not started.only_authorised  # nine days are longer than any hold
