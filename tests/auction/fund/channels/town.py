"""Sandboxes with the real clients, and a world whose jobs use them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec

from auction.fund.channels.bank_client import BankClient, OperatorBankClient
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.stripe_gateway import StripeGateway
from auction.fund.claims.tax_client import TaxClient
from auction.fund.deposits.apply_deposit import close_deposits
from auction.fund.deposits.start_card_payment import StartCardPayment, card_payment_view, start_card_payment
from auction.fund.gateway import SubAccountAsked
from auction.fund.loans.lender_client import LenderClient
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from tests.auction.fund.world import ADVANCED, Bidder, World
from web.sandbox.connect import Connections
from web.sandbox.serve import running
from web.sandbox.settings import Settings

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

    def as_json(self) -> BankClient:
        """Give a client of the same bank that asks for JSON, whatever the others ask for."""
        known = {**self.connections["bank"], "statement_format": "json", "order_format": "json"}
        self.clients["bank-json"] = SignedClient(msgspec.convert(known, Partner))
        return BankClient(self.clients["bank-json"])

    async def until_state(self, key: str, state: str) -> None:
        """Ask for an order until it is in this state, within bounds."""
        until = time.monotonic() + PATIENCE_S
        while True:
            seen = await self.bank.find_order(key)
            if seen is not None and seen.state == state:
                return
            assert time.monotonic() < until, seen
            await asyncio.sleep(0.02)

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

    async def pay_in(
        self, fen: int, *, name: str, to: str, remark: str = "", account: str = "6222020000001234"
    ) -> None:
        """Have somebody outside pay in."""
        await self.order(
            "bank",
            do="transfer",
            key=str(new_id()),
            from_account=account,
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


@asynccontextmanager
async def town_running(db: Database, folder: Path, **bank: str) -> AsyncIterator[Town]:
    """Run the sandboxes, open the case's number at the bank, and bind the clients; ``bank`` says how its partner's entry differs."""
    settings = Settings(
        folder=folder,
        callback_base="http://127.0.0.1:9",
        ports=dict.fromkeys(SERVERS, 0),
        given_secrets={},
        callback_urls={},
    )
    async with running(settings) as connections, httpx.AsyncClient(trust_env=False) as http:
        world = World(db)
        made = Town(world, {**connections, "bank": {**connections["bank"], **bank}}, http)
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
