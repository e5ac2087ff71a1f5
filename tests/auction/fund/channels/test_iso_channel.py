"""The fund over ISO 20022 with the sandbox bank: statement in camt.053, orders in pain.001, and a bank with moods."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile
from auction.fund.gateway import BankOrder, ProviderRefused
from auction.fund.ledger.accounts import AccountKind
from auction.kernel.db import Database
from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import new_id
from tests.auction.fund.channels.town import DEPOSIT, PRICE, Town, close, town_running

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 calls httpx so


@pytest.fixture
async def town(db: Database, tmp_path: Path) -> AsyncIterator[Town]:
    """The sandboxes with the real clients, the bank in ISO 20022."""
    async with town_running(db, tmp_path, statement_format="camt.053", order_format="pain.001") as made:
        yield made


@pytest.mark.parametrize("fault", ["", "error_after", "drop_after"])
async def test_deposits_balance_and_refund_run_over_iso_20022(town: Town, fault: str) -> None:
    """The same sale as over JSON ends the same, to the fen, also when answers are lost after the bank did its part."""
    world = town.world
    winner, loser = await world.bidder(DEPOSIT, name="张示范"), await world.bidder(DEPOSIT, name="李示范")
    for bidder, name, account in ((winner, "张示范", "6222020000001234"), (loser, "李示范", "6222020000005678")):
        await town.pay_in(DEPOSIT, name=name, account=account, to=await world.virtual_number(bidder))
    await town.settle_until({"bank": 2 * DEPOSIT, "deposits": 2 * DEPOSIT})

    if fault:
        await town.order("bank", do="fault", kind=fault, method="POST", path="/v1/orders", times=2)
    await close(world, winner)
    await town.settle_until({"bank": DEPOSIT, "proceeds": DEPOSIT})
    await town.pay_in(PRICE - DEPOSIT, name="张示范", to=await world.virtual_number(winner))
    await town.settle_until({"bank": PRICE, "proceeds": PRICE})

    assert (await world.deposit(loser)).refunded
    reports = await reconcile(world.db, cards=town.cards, bank=town.bank)
    assert [report.differences for report in reports] == [(), (), (), ()]
    await world.require_straight()


async def test_lines_read_as_json_and_as_camt_053_are_the_same(town: Town, db: Database, tmp_path: Path) -> None:
    """Number, balances, parties, remark and the order's key of each line do not depend on the form of the statement."""
    world = town.world
    bidder = await world.bidder(DEPOSIT, name="张示范")
    await town.pay_in(DEPOSIT + 7, name="张示范", to=await world.virtual_number(bidder), remark="保证金 & <附言>" * 20)
    await town.settle_until({"bank": DEPOSIT, "deposits": DEPOSIT})

    iso = await town.bank.statement(after=0, limit=100)
    again = await town.as_json().statement(after=0, limit=100)

    assert len(iso.lines) == 2
    assert iso.lines[1].order_key == again.lines[1].order_key != ""
    assert iso.lines[0].order_key == ""  # the payer's own key is none of ours, and ISO 20022 does not tell it
    assert iso.lines[0] == msgspec.structs.replace(again.lines[0], order_key="")
    assert (iso.lines[1], iso.opening_fen, iso.closing_fen) == (again.lines[1], again.opening_fen, again.closing_fen)


async def test_pages_follow_each_other_without_a_gap(town: Town) -> None:
    """A long statement is read page by page, each opening where the one before closed."""
    for number in range(5):
        await town.pay_in(100 + number, name="某人", to=town.connections["bank"]["main_account"])

    pages = [await town.bank.statement(after=after, limit=2) for after in (0, 2, 4)]

    assert [page.has_more for page in pages] == [True, True, False]
    assert [page.closing_fen for page in pages[:2]] == [page.opening_fen for page in pages[1:]]
    assert [line.sequence for page in pages for line in page.lines] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("mood", ["duplicate", "wrong_balance", "gap"])
async def test_statement_that_contradicts_itself_books_nothing(town: Town, mood: str) -> None:
    """A line shown again, a closing balance that does not follow and a line left out stop the reading; a person is called."""
    main = town.connections["bank"]["main_account"]
    await town.pay_in(100, name="某人", to=main)
    await poll_bank(town.world.db, town.bank)
    for _ in range(2):
        await town.pay_in(200, name="某人", to=main)
    await town.order("bank", do="statement", mood=mood)

    with pytest.raises(InvariantViolated):
        await poll_bank(town.world.db, town.bank)

    assert await town.world.house(AccountKind.UNATTRIBUTED) == 100
    await town.order("bank", do="statement", mood="normal")
    await poll_bank(town.world.db, town.bank)
    assert await town.world.house(AccountKind.UNATTRIBUTED) == 500
    await town.world.require_straight()


async def test_late_statement_is_read_on_when_it_comes(town: Town) -> None:
    """Lines that the bank shows late are taken then, once."""
    main = town.connections["bank"]["main_account"]
    await town.order("bank", do="statement", mood="late")
    await town.pay_in(100, name="某人", to=main)
    assert await poll_bank(town.world.db, town.bank) == 0

    await town.order("bank", do="statement", mood="normal")

    assert await poll_bank(town.world.db, town.bank) == 1
    assert await poll_bank(town.world.db, town.bank) == 0
    assert await town.world.house(AccountKind.UNATTRIBUTED) == 100


async def test_order_sent_twice_pays_once_and_other_content_is_refused(town: Town) -> None:
    """The end-to-end id is the key: the same order again shows what became of it, another amount under it is refused."""
    await town.pay_in(1_000, name="某人", to=town.connections["bank"]["main_account"])
    order = BankOrder(
        key=f"payout:{new_id()}", from_account="", to_account="6333", to_name="收款人", amount_fen=300, remark="案款"
    )

    for _ in range(2):
        assert (await town.bank.pay(order)).key == order.key
    other = BankOrder(
        key=order.key, from_account="", to_account="6333", to_name="收款人", amount_fen=301, remark="案款"
    )
    with pytest.raises(ProviderRefused):
        await town.bank.pay(other)

    await town.until_state(order.key, "confirmed")
    page = await town.bank.statement(after=0, limit=10)
    assert [(line.direction, line.amount_fen, line.order_key) for line in page.lines] == [
        ("in", 1_000, ""),
        ("out", 300, order.key),
    ]
