"""The fund against the sandboxes over HTTP: the real Stripe SDK, signed calls, a line that loses answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from auction.fund.channels.note_provider_charges import note_provider_charges
from auction.fund.channels.note_provider_payouts import note_provider_payouts
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile, reconcile_card_balance
from auction.fund.deposits.deposits import DepositState
from auction.fund.deposits.purchases import balance_due, purchase_view
from auction.fund.gateway import EventForged
from auction.fund.ledger.accounts import AccountKind
from auction.fund.loans.apply_for_loan import apply_for_loan
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import DrawLoan, draw_loan
from auction.fund.loans.store import record_product
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from tests.auction.fund.channels.town import DEPOSIT, PRICE, Town, close, town_running
from tests.auction.fund.loans.application import PRODUCT, application, basis

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so


@pytest.fixture
async def town(db: Database, tmp_path: Path) -> AsyncIterator[Town]:
    """The sandboxes with the real clients."""
    async with town_running(db, tmp_path) as made:
        yield made


@pytest.mark.parametrize("fault", ["", "error_after", "drop_after"])
async def test_deposits_by_card_and_bank_end_where_they_belong(town: Town, fault: str) -> None:
    """Winner by card (advanced), loser by bank (refunded), balance by bank: the price stands in the case's account.

    Also when answers of both sides are lost after they worked.
    """
    world = town.world
    winner, loser = await world.bidder(DEPOSIT, name="张示范"), await world.bidder(DEPOSIT, name="李示范")
    if fault:
        await town.order("stripe", do="fault", kind=fault, method="POST", path="/v1/payment_intents", times=1)
        await town.order("bank", do="fault", kind=fault, method="POST", path="/v1/", times=2)
    await town.pay_card(winner)
    number = await world.virtual_number(loser)
    await town.pay_in(DEPOSIT, name="李示范", to=number)
    await town.settle_until({"card_clearing": DEPOSIT, "bank": DEPOSIT, "deposits": 2 * DEPOSIT})

    if fault:
        await town.order("bank", do="fault", kind=fault, method="POST", path="/v1/", times=2)
    await close(world, winner)
    await town.settle_until({"bank": DEPOSIT, "proceeds": DEPOSIT})
    await town.pay_in(PRICE - DEPOSIT, name="张示范", to=await world.virtual_number(winner))
    await town.settle_until({"bank": PRICE, "proceeds": PRICE})

    assert (await world.deposit(loser)).refunded
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == DEPOSIT
    assert "sale.receipts_complete" in [kind for kind, _ in world.told]
    reports = await reconcile(world.db, cards=town.cards, bank=town.bank)
    assert [report.differences for report in reports] == [(), (), (), ()]
    await world.require_straight()


async def test_loser_by_card_is_refunded_by_card(town: Town) -> None:
    """A charged card goes back to the card, and an authorised one is given up, over the real SDK."""
    world = town.world
    charged = await world.bidder(DEPOSIT)
    held = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    winner = await world.bidder(0)
    await town.pay_card(charged)
    await town.pay_card(held)
    assert await world.totals() == {
        "card_clearing": DEPOSIT,
        "deposits": DEPOSIT,
        "authorised": DEPOSIT,
        "authorised_owed": DEPOSIT,
    }

    await close(world, winner)
    await town.settle_until({})

    assert [(await world.deposit(b)).state for b in (charged, held)] == [DepositState.RELEASED] * 2
    await world.require_straight()


async def test_a_declined_card_holds_nothing(town: Town) -> None:
    """A declined card leaves the deposit pending."""
    bidder = await town.world.bidder(DEPOSIT)
    with pytest.raises(AssertionError, match="card_declined"):
        await town.pay_card(bidder, card="pm_card_chargeDeclined")
    await town.world.look_now()

    assert (await town.world.deposit(bidder)).state is DepositState.PENDING
    assert await town.world.totals() == {}


async def test_a_loan_is_drawn_into_the_case_account(town: Town) -> None:
    """Pre-approval, signed commitment letter and draw run over signed HTTP; the bank's line completes the price."""
    world = town.world
    await world.db.transact(
        lambda tx: record_product(tx, msgspec.structs.replace(PRODUCT, asset_classes=("building",)))
    )
    buyer = await world.bidder(DEPOSIT, name="张示范")
    asked = application(buyer.registration_id, price_limit_fen=PRICE * 2, wish_fen=PRICE)
    loan = await apply_for_loan(world.db, buyer.actor, asked, basis_of=basis(PRICE * 2, asset_class="building"))
    await town.pay_in(DEPOSIT, name="张示范", to=await world.virtual_number(buyer))
    await town.settle_until({"bank": DEPOSIT, "deposits": DEPOSIT})
    await close(world, buyer)
    await town.settle_until({"bank": DEPOSIT, "proceeds": DEPOSIT})
    missing = PRICE - DEPOSIT
    await commit_loan(world.db, buyer.actor, CommitLoan(command_id=new_id(), loan_id=loan.loan_id, amount_fen=missing))
    await world.run_jobs()
    await draw_loan(world.db, buyer.actor, DrawLoan(command_id=new_id(), loan_id=loan.loan_id, amount_fen=missing))

    await town.settle_until({"bank": PRICE, "proceeds": PRICE})

    async with world.db.reading() as tx:
        assert await balance_due(tx, world.round_id) == Money(0)
    await world.require_straight()


async def test_forged_webhook_is_refused(town: Town) -> None:
    """A callback with another signature, or none, is not read."""
    for signature in ("", "t=1,v1=00"):
        with pytest.raises(EventForged):
            town.cards.read_event(b'{"id":"evt_1","type":"x","data":{"object":{}}}', signature)


async def test_part_of_a_card_is_captured_and_the_providers_payout_is_booked_once(town: Town) -> None:
    """A winner who paid most of his price by bank is charged what is missing; what the provider pays out then is booked once."""
    world, missing = town.world, 7_000_00
    winner = await world.bidder(DEPOSIT, name="张示范", closes_in=timedelta(days=2))
    held = await town.pay_card(winner)
    await close(world, winner)
    async with world.db.reading() as tx:
        reference = (await purchase_view(tx, world.round_id)).reference
    await town.pay_in(PRICE - missing, name="张示范", to=town.bank.main_account, remark=reference)
    await poll_bank(world.db, town.bank)
    await town.settle_until({"bank": PRICE, "proceeds": PRICE})

    assert (await town.cards.find(held)).received_fen == missing
    await town.order("stripe", do="clock", advance_s=8 * 86_400)
    stripe = town.connections["stripe"]
    answer = await town.http.post(
        f"{stripe['url']}/v1/payouts",
        data={"amount": "5000", "currency": "cny"},
        headers={"authorization": f"Bearer {stripe['secret_key']}"},
    )
    await town.order("stripe", do="settle_payout", payout=answer.json()["id"], failed=False)
    made = [await note_provider_payouts(world.db, town.cards) for _ in range(2)]
    await town.order("stripe", do="settle_payout", payout=answer.json()["id"], failed=True)
    made += [await note_provider_payouts(world.db, town.cards) for _ in range(2)]

    assert made == [1, 0, 1, 0]
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == missing
    await world.require_straight()


async def test_sandbox_serves_its_balance_and_lines_to_the_real_client(town: Town) -> None:
    """Over the SDK: a payment with its fee and a refund move the provider's balance as they move our books."""
    world = town.world
    charged, winner = await world.bidder(DEPOSIT), await world.bidder(0)
    await town.pay_card(charged)
    report = await reconcile_card_balance(world.db, town.cards)
    assert report.differences == ()
    held = await town.cards.balance()
    assert 0 < held.held_fen < DEPOSIT
    async with world.db.reading() as tx:
        since = tx.now - timedelta(days=1)
    page = await town.cards.balance_lines(since=since, after=None, limit=1)
    assert [(line.kind, line.net_fen) for line in page.lines] == [("charge", held.held_fen)]

    await close(world, winner)
    await town.settle_until({})

    assert await note_provider_charges(world.db, town.cards) == 0
    assert (await reconcile_card_balance(world.db, town.cards)).differences == ()
