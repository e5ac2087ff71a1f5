"""The fund against the sandboxes over HTTP: the real Stripe SDK, signed calls, a line that loses answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from auction.fund.channels.bank_client import BankClient, OperatorBankClient
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile
from auction.fund.channels.stripe_gateway import StripeGateway
from auction.fund.claims.tax_client import TaxClient
from auction.fund.deposits.apply_deposit import close_deposits
from auction.fund.deposits.deposits import DepositState
from auction.fund.deposits.purchases import balance_due
from auction.fund.deposits.start_card_payment import StartCardPayment, card_payment_view, start_card_payment
from auction.fund.gateway import EventForged, SubAccountAsked
from auction.fund.ledger.accounts import AccountKind
from auction.fund.loans.apply_for_loan import ApplyForLoan, apply_for_loan
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import DrawLoan, draw_loan
from auction.fund.loans.lender_client import LenderClient
from auction.fund.loans.loans import LoanProduct
from auction.fund.loans.store import record_product
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from tests.auction.fund.world import ADVANCED, Bidder, World
from web.sandbox.connect import Connections
from web.sandbox.serve import running
from web.sandbox.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so

PATIENCE_S = 20.0
DEPOSIT = 50_000_00
PRICE = 400_000_00
SERVERS = ("stripe", "bank", "lender-1", "tax")


class Town:
    """Sandboxes with the real clients, and a world whose jobs use them."""

    def __init__(self, world: World, connections: Connections, http: httpx.AsyncClient) -> None:
        """Bind the clients."""
        self.world, self.connections, self.http = world, connections, http
        self.clients = {name: self._client(name) for name in ("bank", "lender-1", "tax", "operator")}
        known = connections["stripe"]
        self.cards = StripeGateway(key=known["secret_key"], url=known["url"], webhook_secret=known["webhook_secret"])
        self.bank = BankClient(self.clients["bank"])
        world.handlers = world.handlers_of(
            self.cards,
            self.bank,
            OperatorBankClient(self.clients["operator"]),
            LenderClient(self.clients["lender-1"]),
            TaxClient(self.clients["tax"]),
        )

    def _client(self, name: str) -> SignedClient:
        return SignedClient(msgspec.convert(self.connections[name], Partner))

    async def order(self, name: str, **order: Any) -> None:  # noqa: ANN401 - a JSON order
        """Give a control order to a sandbox."""
        headers = {"x-sandbox-control": self.connections["control"]["secret"]}
        answer = await self.http.post(self.connections[name]["url"] + "/sandbox/control", json=order, headers=headers)
        assert answer.is_success, answer.text

    async def pay_card(self, bidder: Bidder, card: str = "pm_card_visa") -> str:
        """Start a card payment and confirm it as its holder."""
        command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
        await start_card_payment(self.world.db, bidder.actor, command, policy=ADVANCED)
        await self.world.run_jobs()
        async with self.world.db.reading() as tx:
            view = await card_payment_view(tx, command.payment_id)
        assert view.provider_id is not None, self.world.lost
        stripe = self.connections["stripe"]
        answer = await self.http.post(
            f"{stripe['url']}/v1/payment_intents/{view.provider_id}/confirm",
            data={"payment_method": card},
            headers={"authorization": f"Bearer {stripe['secret_key']}"},
        )
        assert answer.is_success, answer.text
        await self.world.look_now()
        return view.provider_id

    async def pay_in(self, fen: int, *, name: str, to: str, remark: str = "") -> None:
        """Have somebody outside pay in."""
        await self.order(
            "bank",
            do="transfer",
            key=str(new_id()),
            from_account="6222020000001234",
            from_name=name,
            to_account=to,
            amount_fen=fen,
            remark=remark,
        )

    async def settle_until(self, totals: dict[str, int]) -> None:
        """Let everything come to rest until the case's sums are these, within bounds."""
        until = time.monotonic() + PATIENCE_S
        while True:
            await self.world.run_jobs()
            await poll_bank(self.world.db, self.bank)
            await self.world.look_now()
            found = await self.world.totals()
            if found == totals:
                return
            assert time.monotonic() < until, found
            await asyncio.sleep(0.05)


@pytest.fixture
async def town(db: Database, tmp_path: Path) -> AsyncIterator[Town]:
    """Run the sandboxes, open the case's number at the bank, and bind the clients."""
    settings = Settings(
        folder=tmp_path,
        callback_base="http://127.0.0.1:9",
        ports=dict.fromkeys(SERVERS, 0),
        given_secrets={},
        callback_urls={},
    )
    async with running(settings) as connections, httpx.AsyncClient(trust_env=False) as http:
        world = World(db)
        made = Town(world, connections, http)
        asked = SubAccountAsked(request_id=f"case:{world.case_id}", purpose="case", reference="示范案号")
        await world.open_as(await made.bank.open_sub_account(asked))
        yield made
        await made.cards.close()
        for client in made.clients.values():
            await client.close()


async def close(world: World, winner: Bidder) -> None:
    """Close the round."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await close_deposits(
            tx,
            round_id=world.round_id,
            closed_at=tx.now,
            buyer_registration_id=winner.registration_id,
            hammer_price=Money(PRICE),
            balance_due_on=date(2099, 1, 1),
        )

    await world.db.transact(work)


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
    assert [report.differences for report in reports] == [(), (), ()]
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
    product = LoanProduct(
        product_id="home-30",
        lender_id="lender-1",
        lender="示范商业银行",
        name_zh="法拍贷",
        name_en="auction loan",
        method="equal_instalments",
        annual_rate="385/10000",
        max_share="7/10",
        max_months=360,
    )
    await world.db.transact(lambda tx: record_product(tx, product))
    buyer = await world.bidder(DEPOSIT, name="张示范")
    application = ApplyForLoan(
        command_id=new_id(),
        registration_id=buyer.registration_id,
        product_id="home-30",
        price_limit_fen=PRICE * 2,
        months=360,
    )
    loan = await apply_for_loan(world.db, buyer.actor, application)
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
