"""What a defaulter owes of a deposit that was not there, and pays after all (网拍 24; F101)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from auction.fund.cancel_purchase import forfeit_deposit, missing_deposit
from auction.fund.channels.attribute_receipt import (
    Belongs,
    ConfirmAttribution,
    ProposeAttribution,
    confirm_attribution,
    propose_attribution,
)
from auction.fund.deposits.money_desk import subject_of_reference, unattributed_receipts
from auction.fund.forfeits.forfeited_of_case import forfeited_of_case
from auction.fund.forfeits.missing_deposits import DEPOSIT_MISSING, NothingMissing, still_missing
from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import ZERO, Money
from tests.auction.fund.deposits.test_flow import DEPOSIT, close
from tests.auction.fund.deposits.test_money_back import lapsed
from tests.auction.fund.world import Bidder, World


async def defaulted(world: World) -> Bidder:
    """A default over a card's hold that was lost: the whole deposit is missing."""
    winner = await lapsed(world)
    await close(world, winner)

    async def default(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        kept = await forfeit_deposit(tx, round_id=world.round_id)
        await missing_deposit(tx, round_id=world.round_id, kept=kept, announced=None)

    await world.db.transact(default)
    return winner


async def reference_of(world: World, bidder: Bidder) -> str:
    """What the bidder's page names as the remark of his deposit."""
    async with world.db.reading() as tx:
        found = await tx.session.scalar(
            text("SELECT reference FROM fund.deposit WHERE deposit_id = :id"), {"id": bidder.deposit_id}
        )
    return str(found)


async def waiting(world: World) -> list[tuple[UUID, str]]:
    """The receipts that wait to be claimed, and why."""
    async with world.db.reading() as tx:
        return [(one.receipt_id, one.reason) for one in await unattributed_receipts(tx)]


async def claimed(world: World, receipt_id: UUID, belongs: Belongs = "forfeit") -> None:
    """Let a handler propose where it belongs, and finance confirm."""
    handler, finance = await world.officer(Role.CASE_HANDLER), await world.officer(Role.FINANCE)
    proposal = ProposeAttribution(
        command_id=new_id(), receipt_id=receipt_id, belongs=belongs, subject_id=world.round_id
    )
    await propose_attribution(world.db, handler, proposal)
    confirmation = ConfirmAttribution(
        command_id=new_id(), receipt_id=receipt_id, belongs=belongs, subject_id=world.round_id
    )
    await confirm_attribution(world.db, finance, confirmation)
    await world.settle_bank()


async def missing_and_kept(world: World) -> tuple[Money, Money]:
    """What the defaulter still owes, and what of his deposit is kept."""
    async with world.db.reading() as tx:
        kept = await forfeited_of_case(tx, world.case_id)
        return await still_missing(tx, world.round_id), sum((one.held for one in kept), ZERO)


async def test_missing_deposit_that_is_paid_stands_with_the_forfeited_money(world: World) -> None:
    """In two parts, by the deposit's own remark: each waits for an officer's word; the alarm ends with the last fen."""
    winner = await defaulted(world)
    reference = await reference_of(world, winner)
    seen = [await missing_and_kept(world)]
    for part in (1, DEPOSIT - 1):
        world.bank.pay_in(part, name=winner.name, remark=reference)
        await world.settle_bank()
        ((receipt_id, reason),) = await waiting(world)
        assert reason == "may_be_missing_deposit"
        assert DEPOSIT_MISSING in await world.alarms()
        await claimed(world, receipt_id)
        seen.append(await missing_and_kept(world))

    assert seen == [
        (Money(DEPOSIT), ZERO),
        (Money(DEPOSIT - 1), Money(1)),
        (ZERO, Money(DEPOSIT)),
    ]
    assert await world.totals() == {"bank": DEPOSIT, "forfeited": DEPOSIT}
    assert DEPOSIT_MISSING not in await world.alarms()
    await world.require_straight()


async def test_more_than_is_missing_goes_back(world: World) -> None:
    """One fen above what is missing returns to its payer; the next payment is of a deposit that nobody owes, and returns whole."""
    winner = await defaulted(world)
    reference = await reference_of(world, winner)
    world.bank.pay_in(DEPOSIT + 1, name=winner.name, remark=reference)
    await world.settle_bank()
    ((receipt_id, _),) = await waiting(world)
    await claimed(world, receipt_id)
    first = [order.amount_fen for order, _ in world.bank.orders.values()]
    world.bank.pay_in(7, name=winner.name, remark=reference)
    await world.settle_bank()

    assert first == [1]
    assert sorted(order.amount_fen for order, _ in world.bank.orders.values()) == [1, 7]
    assert await waiting(world) == []
    assert await world.totals() == {"bank": DEPOSIT, "forfeited": DEPOSIT}
    await world.require_straight()


async def test_money_under_a_defaulters_remark_may_go_back(world: World) -> None:
    """An officer may find that it is not this debt: it returns, and the debt stands."""
    winner = await defaulted(world)
    world.bank.pay_in(DEPOSIT, name=winner.name, remark=await reference_of(world, winner))
    await world.settle_bank()
    ((receipt_id, _),) = await waiting(world)
    handler, finance = await world.officer(Role.CASE_HANDLER), await world.officer(Role.FINANCE)
    back = ProposeAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="return")
    await propose_attribution(world.db, handler, back)
    confirmed = ConfirmAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="return")
    await confirm_attribution(world.db, finance, confirmed)
    await world.settle_bank()

    assert await missing_and_kept(world) == (Money(DEPOSIT), ZERO)
    assert DEPOSIT_MISSING in await world.alarms()
    assert await world.totals() == {}
    await world.require_straight()


async def test_nothing_is_claimed_for_a_deposit_that_lacks_nothing(world: World) -> None:
    """Where no deposit is missing nobody can propose it: the receipt waits on."""
    winner = await world.bidder(DEPOSIT)
    await world.pay_by_bank(winner, DEPOSIT)
    await close(world, winner)
    world.bank.pay_in(5, name=winner.name)
    await world.settle_bank()
    ((receipt_id, _),) = await waiting(world)

    with pytest.raises(NothingMissing):
        await claimed(world, receipt_id)

    assert [one for one, _ in await waiting(world)] == [receipt_id]


async def test_missing_deposit_is_named_by_either_reference(world: World) -> None:
    """The defaulter's deposit and his purchase lead to the same round; an unknown reference leads nowhere."""
    winner = await defaulted(world)
    async with world.db.reading() as tx:
        by_purchase = await tx.session.scalar(
            text("SELECT reference FROM fund.purchase WHERE round_id = :id"), {"id": world.round_id}
        )
        found = [
            await subject_of_reference(tx, "forfeit", one)
            for one in (await reference_of(world, winner), str(by_purchase), "D-unknown")
        ]

    assert found == [world.round_id, world.round_id, None]
