from __future__ import annotations

import pytest

from auction.fund.channels.note_provider_charges import note_provider_charges, own_charge
from auction.fund.channels.note_provider_payouts import note_provider_payouts
from auction.fund.channels.reconcile import reconcile_card_balance
from auction.fund.gateway import CardLine
from auction.fund.ledger.accounts import AccountKind
from tests.auction.fund.deposits.test_flow import DEPOSIT, close, pay_by_card
from tests.auction.fund.world import World

CHARGE = CardLine(line_id="txn_1", kind="stripe_fee", fee_fen=0, net_fen=-1500)


async def difference(world: World) -> str:
    """What the comparison of the provider's balance finds; empty: nothing."""
    report = await reconcile_card_balance(world.db, world.cards)
    return "".join(found.detail for found in report.differences)


@pytest.mark.parametrize(
    ("kind", "fee", "net", "own"),
    [
        ("charge", 30, 970, 0),  # booked with its payment
        ("payment", 30, 970, 0),
        ("refund", 0, -1000, 0),
        ("refund", 7, -1007, 7),
        ("adjustment", 1500, -2500, 1500),  # a dispute and its fee
        ("adjustment", -1500, 2500, -1500),  # won, and the fee given back
        ("payout", 0, -1000, 0),
        ("stripe_fee", 0, -1500, 1500),
        ("stripe_fee", 0, 1500, -1500),
    ],
)
def test_own_charge_is_what_no_other_object_books(kind: str, fee: int, net: int, own: int) -> None:
    """Of our own lines only the fee counts, of payments nothing, of all others the whole."""
    assert own_charge(CardLine(line_id="txn", kind=kind, fee_fen=fee, net_fen=net)) == own


async def test_balance_agrees_after_payments_fees_refunds_and_payouts(world: World) -> None:
    """What the provider holds equals the clearing accounts at each step: taken, refused, refunded, paid out, charged."""
    world.cards.fee_fen = 321
    winner, loser = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT, name="李示范")
    await pay_by_card(world, winner)
    await pay_by_card(world, loser)
    assert await difference(world) == ""
    world.cards.refund_state = "pending"
    await close(world, winner, 400_000_00)
    assert await difference(world) == ""  # the refund has left there, and is on its way here
    world.cards.settle_refunds("succeeded")
    await world.look_now()
    assert await difference(world) == ""

    world.cards.pay_out(DEPOSIT - 2 * 321 - 1500)
    world.cards.charges.append(CHARGE)
    await note_provider_payouts(world.db, world.cards)
    assert "provider" in await difference(world)
    assert [await note_provider_charges(world.db, world.cards) for _ in range(2)] == [1, 0]

    assert await difference(world) == ""
    assert (await world.cards.balance()).held_fen == 0
    assert await world.house(AccountKind.OPERATOR_FEES) == 2 * 321 + 1500
    assert "books_differ" not in await world.alarms()
    await world.require_straight()


@pytest.mark.parametrize("fen", [-1, 1])
async def test_a_fen_beside_rings_until_it_is_found(world: World, fen: int) -> None:
    """A balance that is a fen off calls a person and repairs nothing; once it is explained the alarm ends."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_card(world, bidder)
    world.cards.charges.append(CardLine(line_id="txn_2", kind="other", fee_fen=0, net_fen=fen))

    assert await difference(world) == f"books {DEPOSIT}, refunds on their way 0, provider {DEPOSIT + fen}"
    assert "books_differ" in await world.alarms()
    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}

    assert await note_provider_charges(world.db, world.cards) == 1
    assert await difference(world) == ""
    assert "books_differ" not in await world.alarms()
