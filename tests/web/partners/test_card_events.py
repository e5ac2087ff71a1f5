"""A card payment from the payer's click to the held deposit: the site, a worker and the card provider for real."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text

from auction.fund.deposits.deposits import DepositState
from auction.fund.deposits.start_card_payment import StartCardPayment, card_payment_view, start_card_payment
from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.sealing import Sealer
from tests.auction.fund.world import ADVANCED, Bidder, World
from tests.web.partners.conftest import Street, eventually
from web.app import create_app
from web.build_site import build_site
from web.sandbox.serve import running
from web.sandbox.settings import Settings as SandboxSettings
from web.workers import Worker

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so
SECRET = "5a" * 32
FEN = 210_000_00
SERVERS = {"stripe": 0, "bank": 0, "lender-1": 0, "tax": 0, "seal": 0}


@dataclass
class House:
    """A site that hears callbacks, the worker behind it, and a case with its fund."""

    street: Street
    world: World

    async def start(self, bidder: Bidder) -> str:
        """Start a card payment and let the worker ask the provider; gives the provider's id."""
        command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
        await start_card_payment(self.world.db, bidder.actor, command, policy=ADVANCED)
        await self.world.run_jobs()
        async with self.world.db.reading() as tx:
            view = await card_payment_view(tx, command.payment_id)
        assert view.provider_id is not None
        return view.provider_id

    async def inbox(self) -> list[str]:
        """Give the kinds of the events that were stored, in their order."""
        async with self.world.db.reading() as tx:
            found = await tx.session.execute(
                text("SELECT kind FROM fund.provider_event ORDER BY received_at, event_id")
            )
            return [row.kind for row in found]

    async def heard(self, kind: str) -> None:
        """Wait until the site has stored an event of this kind."""
        await eventually(self.inbox, lambda kinds: kind in kinds)

    async def sent(self) -> dict[str, Any]:
        """Give what the provider says of its callbacks."""
        headers = {"x-sandbox-control": self.street.connections["control"]["secret"]}
        url = self.street.connections["stripe"]["url"] + "/sandbox/control"
        shown: dict[str, Any] = (await self.street.http.get(url, headers=headers)).json()
        return shown

    async def all_delivered(self) -> list[str]:
        """Wait until no callback is waiting; gives the topics that were delivered, oldest first."""
        shown = await eventually(self.sent, lambda now: all(row["state"] != "waiting" for row in now["outbox"]))
        return [row["topic"] for row in shown["outbox"][::-1] if row["state"] == "delivered"]

    async def entries(self) -> int:
        """Count what the books hold."""
        async with self.world.db.reading() as tx:
            return int((await tx.session.execute(text("SELECT count(*) FROM fund.entry"))).scalar_one())

    async def told(self) -> list[str]:
        """Give what the sale was told."""
        return [kind for kind, _ in self.world.told]


@asynccontextmanager
async def site_on(listener: socket.socket, settings: Settings) -> AsyncIterator[None]:
    """Serve the whole site on a socket while the block runs."""
    app = create_app(build_site(settings))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))

    async def started() -> bool:
        return server.started

    await eventually(started, bool)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def settings_of(database_url: str, redis_url: str, folder: Path, stripe: dict[str, str]) -> Settings:
    """Settings of a test installation with these sandboxes."""
    return read_settings(
        {
            "FAPAI_STAMP": "test",
            "FAPAI_SECRET": SECRET,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "FAPAI_PARTNERS": str(folder / "connections.json"),
            "STRIPE_API_KEY": stripe["secret_key"],
            "STRIPE_API_URL": stripe["url"],
            "STRIPE_WEBHOOK_SECRET": stripe["webhook_secret"],
        }
    )


@pytest.fixture
async def house(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Run the sandboxes, the site that they call back, and a worker's handlers on one database."""
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sandboxes = SandboxSettings(
            folder=tmp_path, callback_base=base, ports=SERVERS, given_secrets={}, callback_urls={}
        )
        connections = await stack.enter_async_context(running(sandboxes))
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        settings = settings_of(database_url, redis_url, tmp_path, connections["stripe"])
        await stack.enter_async_context(site_on(listener, settings))
        db = Database(database_url, Sealer(bytes.fromhex(SECRET)))
        stack.push_async_callback(db.close)
        worker = Worker(settings, db)
        stack.push_async_callback(worker.close)
        world = await World(db).open()
        world.handlers = {kind: do for kind, do in worker.handlers().items() if kind.startswith("fund.")}
        yield House(Street(connections, http), world)


async def test_paid_by_card_the_event_holds_the_deposit(house: House) -> None:
    """Paid, the provider's event alone holds the deposit: booked once, told to the sale once, nothing polled."""
    bidder = await house.world.bidder(FEN)
    provider_id = await house.start(bidder)
    await house.street.pay(provider_id)
    await house.heard("payment_intent.succeeded")
    before = (await house.world.deposit(bidder)).state
    await house.world.run_jobs()

    assert before is DepositState.PENDING
    assert (await house.world.deposit(bidder)).state is DepositState.HELD
    assert await house.world.totals() == {"card_clearing": FEN, "deposits": FEN}
    assert (await house.told()).count("sale.deposit_held") == 1


async def test_lost_event_is_made_up_for_by_looking(house: House) -> None:
    """Without any event the next look finds the payment; the event that comes at last changes nothing."""
    bidder = await house.world.bidder(FEN)
    provider_id = await house.start(bidder)
    await house.all_delivered()
    await house.world.run_jobs()  # neither what earlier events ask for nor a look of the second must see the payment
    await house.world.look_later()
    heard = await house.inbox()
    await house.street.order("stripe", do="delivery", drop_next=20)
    await house.street.pay(provider_id)
    await house.world.run_jobs()
    unknown = (await house.world.deposit(bidder)).state
    await house.world.look_now()
    found = (await house.world.deposit(bidder)).state
    entries = await house.entries()
    await house.street.order("stripe", do="delivery")
    await house.street.order("stripe", do="redeliver")
    await house.heard("payment_intent.succeeded")
    await house.world.run_jobs()

    assert "payment_intent.succeeded" not in heard
    assert (unknown, found) == (DepositState.PENDING, DepositState.HELD)
    assert await house.entries() == entries
    assert (await house.told()).count("sale.deposit_held") == 1


async def test_repeated_and_reordered_events_post_once(house: House) -> None:
    """Each event three times, the last first: stored once each, posted once, and the books are straight."""
    await house.street.order("stripe", do="delivery", copies=3, reorder=True)
    bidder = await house.world.bidder(FEN)
    provider_id = await house.start(bidder)
    await house.street.pay(provider_id)
    delivered = await house.all_delivered()
    await house.heard("payment_intent.succeeded")
    await house.world.run_jobs()
    entries = await house.entries()
    await house.world.look_now()

    assert delivered.count("payment_intent.succeeded") == 3
    assert (await house.inbox()).count("payment_intent.succeeded") == 1
    assert await house.world.totals() == {"card_clearing": FEN, "deposits": FEN}
    assert await house.entries() == entries
    assert (await house.told()).count("sale.deposit_held") == 1
    await house.world.require_straight()


@pytest.mark.parametrize("search_lag_s", [0, 3600])
async def test_payment_whose_answer_was_lost_is_held_once(house: House, search_lag_s: int) -> None:
    """The answer to our asking was lost: the payment is found by our id or by our key, and there is one."""
    bidder = await house.world.bidder(FEN)
    await house.street.order("stripe", do="search_lag", seconds=search_lag_s)
    await house.street.order(
        "stripe", do="fault", kind="error_after", method="POST", path="/v1/payment_intents", times=1
    )
    provider_id = await house.start(bidder)
    await house.street.pay(provider_id)
    await house.heard("payment_intent.succeeded")
    await house.world.run_jobs()

    assert house.world.lost != []
    assert (await house.world.deposit(bidder)).state is DepositState.HELD
    assert [found["id"] for found in await house.street.intents()] == [provider_id]
    assert await house.world.totals() == {"card_clearing": FEN, "deposits": FEN}


async def test_authorisation_is_held_by_its_event(house: House) -> None:
    """A hold that ends after the close is security: the deposit is held, and no money has come."""
    bidder = await house.world.bidder(FEN, closes_in=timedelta(days=2))
    provider_id = await house.start(bidder)
    await house.street.pay(provider_id)
    await house.heard("payment_intent.amount_capturable_updated")
    await house.world.run_jobs()
    held = await house.world.totals()

    assert (await house.world.deposit(bidder)).state is DepositState.HELD
    assert held == {"authorised": FEN, "authorised_owed": FEN}
