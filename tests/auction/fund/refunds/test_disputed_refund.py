"""A payment that its holder disputes while its refund is owed: he has his money once, and the case comes to zero (auction/DECISIONS F96)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from auction.fund.cancel_purchase import cancel_purchase
from auction.fund.channels.reconcile import reconcile_card_balance
from auction.fund.channels.take_provider_event import take_provider_event
from auction.fund.ledger.accounts import AccountKind
from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.move_clock import move_clock
from tests.auction.fund.deposits.test_flow import DEPOSIT, close, pay_by_card
from tests.auction.fund.refunds.test_refund_again import confirm, record, retry, state
from tests.auction.fund.world import Bidder, World


async def disputing(world: World) -> tuple[Bidder, str]:
    """A bidder who paid by card and disputes it, and his payment at the provider."""
    bidder = await world.bidder(DEPOSIT)
    view = await pay_by_card(world, bidder)
    assert view.provider_id is not None
    await says(world, view.provider_id, "created", disputed_fen=DEPOSIT)
    return bidder, view.provider_id


async def says(world: World, provider_id: str, what: str, **changes: int) -> None:
    """Let the provider decide something about a dispute, and tell it."""
    world.cards.change(provider_id, **changes)
    body = f'{{"event_id":"evt_{what}","kind":"charge.dispute.{what}","object_id":"du_1","payment_provider_id":"{provider_id}"}}'
    await take_provider_event(world.db, world.cards, body=body.encode(), signature="good")
    await world.run_jobs()


async def require_ended(world: World) -> None:
    """Assert that the refund has ended, that nobody paid, and that books and provider say the same."""
    assert await state(world) == "done"
    assert (world.cards.refunds, world.bank.orders) == ({}, {})
    assert await world.totals() == {}
    assert await world.house(AccountKind.OPERATOR_RECOVERY) == 0
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == 0
    assert (await reconcile_card_balance(world.db, world.cards)).differences == ()
    assert "refund_stuck" not in await world.alarms()
    await world.require_straight()


async def test_refund_waits_while_the_dispute_is_open(world: World) -> None:
    """Nothing is sent to a card whose holder may have his money from the dispute; a person is called."""
    await disputing(world)

    await close(world, None)

    assert world.cards.refunds == {}
    assert await state(world) == "failed"
    assert "refund_stuck" in await world.alarms()
    assert await world.totals() == {"card_clearing": DEPOSIT, "refunds": DEPOSIT}
    await world.require_straight()


async def test_lost_dispute_is_the_refund(world: World) -> None:
    """The holder has his money by the dispute: the refund ends, once, however often it is told."""
    bidder, provider_id = await disputing(world)
    await close(world, None)

    for number in range(3):
        await says(world, provider_id, f"closed{number}", lost_fen=DEPOSIT)

    await require_ended(world)
    assert (await world.deposit(bidder)).refunded


async def test_refund_that_is_owed_after_the_dispute_was_lost_ends_by_itself(world: World) -> None:
    """The round closes later than the dispute: the failed attempt has the payment read again, and that ends it."""
    _, provider_id = await disputing(world)
    await says(world, provider_id, "closed", lost_fen=DEPOSIT)

    await close(world, None)
    await world.look_now()

    await require_ended(world)


async def test_won_dispute_lets_the_card_have_it(world: World) -> None:
    """The provider gave the money back to us: the next attempt goes to the card."""
    _, provider_id = await disputing(world)
    await close(world, None)
    await says(world, provider_id, "closed", disputed_fen=0)
    assert await state(world) == "failed"

    await retry(world)
    await world.run_jobs()

    assert await state(world) == "done"
    assert len(world.cards.refunds) == 1
    assert await world.totals() == {}
    assert await world.house(AccountKind.OPERATOR_RECOVERY) == 0
    await world.require_straight()


@pytest.mark.parametrize(("lost", "ends"), [(DEPOSIT - 1, False), (DEPOSIT, True)])
async def test_refund_ends_whole_or_not_at_all(world: World, lost: int, *, ends: bool) -> None:
    """One fen less than is owed is no refund: a person decides."""
    _, provider_id = await disputing(world)
    await close(world, None)

    await says(world, provider_id, "closed", disputed_fen=lost, lost_fen=lost)

    assert await state(world) == ("done" if ends else "failed")
    await world.require_straight()


async def test_dispute_after_the_refund_ends_nothing_twice(world: World) -> None:
    """The card had its refund; a dispute lost on top is the operator's loss, and no other refund ends by it."""
    bidder = await world.bidder(DEPOSIT)
    view = await pay_by_card(world, bidder)
    assert view.provider_id is not None
    await close(world, None)
    assert await state(world) == "done"

    await says(world, view.provider_id, "closed", disputed_fen=DEPOSIT, lost_fen=DEPOSIT)

    assert await world.house(AccountKind.OPERATOR_RECOVERY) == DEPOSIT
    await world.require_straight()


async def test_dispute_that_is_reopened_calls_a_person(world: World) -> None:
    """The provider gives back what had ended a refund: the holder is owed again, which nobody may overlook."""
    _, provider_id = await disputing(world)
    await close(world, None)
    await says(world, provider_id, "closed", lost_fen=DEPOSIT)
    assert "refund_stuck" not in await world.alarms()

    await says(world, provider_id, "reopened", disputed_fen=0, lost_fen=0)

    assert "refund_stuck" in await world.alarms()
    await world.require_straight()


async def test_cover_goes_back_when_the_dispute_was_lost_meanwhile(world: World) -> None:
    """The operator had covered a refund to an account, then the holder disputes and wins: one payment, and the cover returns."""
    bidder = await world.bidder(DEPOSIT)
    view = await pay_by_card(world, bidder)
    assert view.provider_id is not None
    world.cards.refund_state = "failed"
    await close(world, None)
    account = await record(world, await world.officer(Role.CASHIER), account_name=bidder.name)
    confirmed = await confirm(world, await world.officer(Role.FINANCE), account)
    assert confirmed.usable_from is not None
    await move_clock(world.db, to=confirmed.usable_from + timedelta(seconds=1))
    await world.run_jobs()
    assert len(world.operator.sent) == 1
    await says(world, view.provider_id, "created", disputed_fen=DEPOSIT)
    await world.settle_bank()
    assert await state(world) == "failed"

    await says(world, view.provider_id, "closed", lost_fen=DEPOSIT)
    await world.settle_bank()

    assert await state(world) == "done"
    assert [order.to_account for order, _ in world.bank.orders.values()] == ["7001"]
    assert await world.totals() == {}
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == 0
    assert await world.house(AccountKind.OPERATOR_RECOVERY) == 0
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == 0
    await world.require_straight()


async def test_price_that_goes_back_to_a_disputed_card_ends_by_the_dispute(world: World) -> None:
    """The deposit was advanced, the sale set aside: what the operator owes the card is what the dispute gave its holder."""
    winner = await world.bidder(DEPOSIT)
    view = await pay_by_card(world, winner)
    assert view.provider_id is not None
    await close(world, winner)
    await world.settle_bank()
    await says(world, view.provider_id, "created", disputed_fen=DEPOSIT)

    async def cancel(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await cancel_purchase(tx, round_id=world.round_id)

    await world.db.transact(cancel)
    await world.settle_bank()
    await says(world, view.provider_id, "closed", lost_fen=DEPOSIT)
    await world.settle_bank()

    assert world.cards.refunds == {}
    assert await world.totals() == {}
    assert await world.house(AccountKind.OPERATOR_RECOVERY) == 0
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == 0
    assert (await reconcile_card_balance(world.db, world.cards)).differences == ()
    await world.require_straight()


async def test_second_dispute_of_the_same_amount_is_booked(world: World) -> None:
    """Taken, given back, and taken again: the operator's books miss what the provider misses, and nobody's comparison rings."""
    winner, provider_id = await disputing(world)
    await close(world, winner)
    for number, disputed_fen in enumerate((0, DEPOSIT, 0, DEPOSIT)):
        await says(world, provider_id, f"updated_{number}", disputed_fen=disputed_fen)

    assert await world.house(AccountKind.OPERATOR_RECOVERY) == DEPOSIT
    assert (await reconcile_card_balance(world.db, world.cards)).differences == ()
    await world.require_straight()
