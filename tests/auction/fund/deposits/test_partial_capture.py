"""A buyer's authorisation is captured as far as his price needs it, and no further (F56)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile
from auction.fund.channels.take_provider_event import take_provider_event
from auction.fund.deposits.deposits import Backing, DepositState
from auction.fund.deposits.purchases import is_paid_exactly, purchase_view
from auction.fund.gateway import CARD_LEAST_FEN, CardEvent
from auction.kernel.db import Transaction
from tests.auction.fund.deposits.test_flow import pay_by_card
from tests.auction.fund.deposits.test_money_back import sold_on_an_authorisation
from tests.auction.fund.world import Bidder, World

DEPOSIT = 50_000_00
PRICE = 400_000_00


async def pay_price(world: World, amount_fen: int, winner: Bidder) -> None:
    """The buyer transfers towards his price; the line is taken before any job has captured his card."""
    async with world.db.reading() as tx:
        reference = (await purchase_view(tx, world.round_id)).reference
    world.bank.pay_in(amount_fen, name=winner.name, remark=reference)
    await poll_bank(world.db, world.bank)


async def is_paid(world: World) -> bool:
    """Whether the price is paid to the fen."""
    async with world.db.reading() as tx:
        return await is_paid_exactly(tx, world.round_id)


async def differences(world: World) -> list[str]:
    """What the nightly comparison finds."""
    reports = await reconcile(world.db, cards=world.cards, bank=world.bank)
    return [found.invariant for report in reports for found in report.differences]


@pytest.mark.parametrize("losses", [0, 2])
@pytest.mark.parametrize("missing", [DEPOSIT + 1, DEPOSIT, DEPOSIT - 1, CARD_LEAST_FEN])
async def test_no_more_is_captured_than_the_price_misses(world: World, missing: int, losses: int) -> None:
    """The least of authorisation and open price is taken, once, also when answers are lost; the memorandum ends whole."""
    winner = await sold_on_an_authorisation(world, capture_asked=False)
    await pay_price(world, PRICE - missing, winner)
    world.cards.lose_answers = losses

    await world.settle_bank()
    await world.look_now()

    taken = min(missing, DEPOSIT)
    (payment,) = world.cards.held.values()
    assert (payment.state, payment.amount_fen, payment.received_fen) == ("succeeded", DEPOSIT, taken)
    assert world.cards.refunds == {}
    assert [transfer.amount_fen for transfer in world.operator.sent.values()] == [taken]
    total = PRICE - missing + taken
    assert await world.totals() == {"bank": total, "proceeds": total}
    assert await is_paid(world) is (missing <= DEPOSIT)
    deposit = await world.deposit(winner)
    assert (deposit.state, deposit.backing, deposit.received_fen) == (DepositState.APPLIED, Backing.CASH, taken)
    assert await differences(world) == []
    await world.require_straight()


async def test_less_than_the_provider_takes_is_rounded_up_and_goes_back(world: World) -> None:
    """Where a fen is missing the provider's least is captured; what is more goes back to the card, and the price is exact."""
    winner = await sold_on_an_authorisation(world, capture_asked=False)
    await pay_price(world, PRICE - 1, winner)

    await world.settle_bank()
    await world.look_now()

    (payment,) = world.cards.held.values()
    assert payment.received_fen == CARD_LEAST_FEN
    assert [refund.amount_fen for _, refund in world.cards.refunds.values()] == [CARD_LEAST_FEN - 1]
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    assert await is_paid(world)
    await world.require_straight()


async def test_authorisation_that_nothing_is_owed_for_is_given_up(world: World) -> None:
    """A price paid whole by transfer lets the card go: nothing is charged, advanced or sent back."""
    winner = await sold_on_an_authorisation(world, capture_asked=False)
    await pay_price(world, PRICE, winner)

    await world.settle_bank()
    await world.look_now()

    assert [payment.state for payment in world.cards.held.values()] == ["cancelled"]
    assert (world.cards.refunds, world.operator.sent) == ({}, {})
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    assert (await world.deposit(winner)).state is DepositState.APPLIED
    assert await is_paid(world)
    (held,) = world.cards.held
    event = CardEvent(event_id="evt_1", kind="payment_intent.canceled", object_id=held, payment_provider_id=held)
    await take_provider_event(world.db, world.cards, body=msgspec.json.encode(event), signature="good")
    await world.run_jobs()
    assert not {"authorisation_lost", "refund_stuck", "move_late"} & await world.alarms()
    assert await differences(world) == []
    await world.require_straight()


async def test_amount_is_fixed_before_the_call_and_the_rest_goes_back(world: World) -> None:
    """A capture that was asked for keeps its amount when money comes after it; what is too much is refunded."""
    winner = await sold_on_an_authorisation(world, capture_asked=True)
    await pay_price(world, PRICE - 7_00, winner)

    await world.settle_bank()
    await world.look_now()

    (payment,) = world.cards.held.values()
    assert payment.received_fen == DEPOSIT
    assert [refund.amount_fen for _, refund in world.cards.refunds.values()] == [DEPOSIT - 7_00]
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    assert await is_paid(world)
    await world.require_straight()


async def test_what_the_provider_took_counts_and_another_amount_is_found(world: World) -> None:
    """The books hold what was received, whatever was planned; a figure that changes at the provider rings in the night."""
    winner = await sold_on_an_authorisation(world, capture_asked=True)
    (held,) = world.cards.held
    await world.cards.capture(held, amount_fen=DEPOSIT - 9_00, key="by hand")
    await world.settle_bank()
    await world.look_now()
    assert await world.totals() == {"bank": DEPOSIT - 9_00, "proceeds": DEPOSIT - 9_00}
    assert (await world.deposit(winner)).received_fen == DEPOSIT - 9_00
    assert await differences(world) == []

    world.cards.change(held, received_fen=DEPOSIT)

    assert await differences(world) == ["card_payment_received", "card_balance_equals_books"]


async def test_early_capture_takes_the_whole_deposit(world: World) -> None:
    """An authorisation that would end before the round is captured at once, and whole: no price is known yet."""
    bidder = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(hours=1)
    await pay_by_card(world, bidder, hold=True)

    assert [payment.received_fen for payment in world.cards.held.values()] == [DEPOSIT]
    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}

    async def planned(tx: Transaction) -> int | None:
        amount: int | None = await tx.session.scalar(text("SELECT captured_fen FROM fund.card_payment"))
        return amount

    assert await world.db.transact(planned) == DEPOSIT
    await world.require_straight()
