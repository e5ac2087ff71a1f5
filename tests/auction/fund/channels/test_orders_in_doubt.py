"""Orders of which the bank's statement tells something else than was ordered, and calls whose answer was lost (F102)."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select, text

from auction.fund.alarms.close_order_in_doubt import CloseOrderInDoubt, close_order_in_doubt
from auction.fund.channels.read_order import OrderNamed, handle_read_order
from auction.fund.gateway import BankOrder, BankOrderSeen, OutcomeUnknown, ProviderRefused
from auction.fund.ledger.open_case_fund import CaseNotAtZero
from auction.fund.orders_in_doubt import ORDER_DIFFERS, OrderInDoubt, require_no_doubt_of_case
from auction.fund.payouts.sign_step import bank_order
from auction.fund.payouts.tables import DisbursementRow
from auction.fund.settlement.close_case_account import CloseCaseAccount, close_case_account
from auction.kernel.actors import Role
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from tests.auction.fund.deposits.test_flow import DEPOSIT
from tests.auction.fund.settlement.test_settlement_flow import Sale
from tests.auction.fund.world import World

THIEF = "6666000000009999"


@pytest.fixture
def sale(db: Database) -> Sale:
    """A sale whose plan can be settled."""
    return Sale(World(db))


async def payout(world: World) -> DisbursementRow:
    """The one payout of the case."""
    async with world.db.reading() as tx:
        return (await tx.session.scalars(select(DisbursementRow))).one()


async def ordered(world: World) -> BankOrder:
    """What the court orders for its one payout."""
    async with world.db.reading() as tx:
        return await bank_order(tx, (await tx.session.scalars(select(DisbursementRow))).one())


async def alarm_said(world: World) -> str:
    """What the alarm of the order says."""
    async with world.db.reading() as tx:
        return str(await tx.session.scalar(text("SELECT detail FROM fund.alarm WHERE kind = :k"), {"k": ORDER_DIFFERS}))


def sent_to(world: World, order: BankOrder) -> list[int]:
    """What orders have sent to the payee's account."""
    return [one.amount_fen for one, _ in world.bank.orders.values() if one.to_account == order.to_account]


async def test_refusal_after_a_lost_answer_is_asked_for_by_its_key(sale: Sale) -> None:
    """The first call reached the bank, the second is refused: the payout is paid, once, and nothing is owed anew."""
    await sale.settled()
    world = sale.world
    real_pay, calls = world.bank.pay, 0

    async def pay(order: BankOrder) -> BankOrderSeen:
        nonlocal calls
        calls += 1
        if calls == 1:
            await real_pay(order)
            raise OutcomeUnknown("the answer was lost")
        raise ProviderRefused("clock_skew")

    world.bank.pay = pay  # type: ignore[method-assign] # the bank's mood
    await sale.paid("mortgage")
    await world.settle_bank()
    await world.look_now()
    await world.settle_bank()

    assert calls >= 2
    assert (await payout(world)).state == "paid"
    assert sent_to(world, await ordered(world)) == [sale.share("mortgage")]
    assert await world.alarms() == set()
    await world.require_straight()


async def test_refusal_of_what_never_arrived_is_a_refusal(sale: Sale) -> None:
    """The bank knows nothing under the key: the share is owed again."""
    await sale.settled()
    world = sale.world

    async def pay(order: BankOrder) -> BankOrderSeen:
        raise ProviderRefused("account_closed")

    world.bank.pay = pay  # type: ignore[method-assign] # the bank's mood
    await sale.paid("mortgage")
    await world.settle_bank()

    row = await payout(world)
    assert (row.state, row.reason) == ("returned", "account_closed")
    assert world.bank.orders == {}


async def test_altered_file_puts_the_payout_in_doubt(sale: Sale) -> None:
    """A courier wrote his own account under our key: nothing is booked as paid, paid again, or closed, and two persons are called."""
    await sale.settled()
    world = sale.world
    await sale.paid("mortgage")
    order = await ordered(world)
    await world.bank.pay(msgspec.structs.replace(order, to_account=THIEF, to_name="示范窃贼"))
    await world.settle_bank()
    await world.look_now()

    assert (await payout(world)).state == "ordered"
    assert "another account" in await alarm_said(world)
    with pytest.raises(OrderInDoubt):
        await sale.paid("mortgage", 1)
    async with world.db.reading() as tx:
        with pytest.raises(OrderInDoubt):
            await require_no_doubt_of_case(tx, world.case_id)
    with pytest.raises(CaseNotAtZero):
        await close_case_account(
            world.db,
            await world.officer(Role.FINANCE),
            CloseCaseAccount(command_id=new_id(), case_id=world.case_id),
        )

    world.bank.settle("returned")  # the bank has it back
    await world.settle_bank()
    await world.look_now()
    assert (await payout(world)).state == "returned"
    assert ORDER_DIFFERS not in await world.alarms()
    await world.require_straight()


async def test_bank_that_answers_by_the_key_alone_is_found_out_by_its_statement(sale: Sale) -> None:
    """It calls our order carried out and sent the money elsewhere: the line rings, and the case is not closed before that is cleared up."""
    await sale.settled()
    world = sale.world
    real_pay = world.bank.pay

    async def pay(order: BankOrder) -> BankOrderSeen:
        if order.key not in world.bank.orders:
            await real_pay(msgspec.structs.replace(order, to_account=THIEF))
        return world.bank.orders[order.key][1]

    world.bank.pay = pay  # type: ignore[method-assign] # the bank's mood
    await sale.paid("mortgage")
    await world.settle_bank()
    await world.look_now()

    assert "another account" in await alarm_said(world)
    async with world.db.reading() as tx:
        with pytest.raises(OrderInDoubt):
            await require_no_doubt_of_case(tx, world.case_id)


async def test_doubt_ends_on_the_banks_answer_and_two_persons_words(sale: Sale) -> None:
    """The same account in another form of writing: once that is said, the payout counts as paid."""
    await sale.settled()
    world = sale.world
    await sale.paid("mortgage")
    order = await ordered(world)
    await world.bank.pay(msgspec.structs.replace(order, to_account=f"CN00{order.to_account}"))
    await world.settle_bank()
    assert (await payout(world)).state == "ordered"
    first = await world.officer(Role.CASE_HANDLER)
    act = await close_order_in_doubt(
        world.db,
        first,
        CloseOrderInDoubt(
            command_id=new_id(),
            closing_id=new_id(),
            case_id=world.case_id,
            order_id=(await payout(world)).disbursement_id,
            evidence_sha256="ab" * 32,
            reason="银行书面答复：收款账户相同",
        ),
    )
    assert ORDER_DIFFERS in await world.alarms()
    await world.agree(act)
    await world.settle_bank()
    await world.look_now()

    assert ORDER_DIFFERS not in await world.alarms()
    assert (await payout(world)).state == "paid"
    await world.require_straight()


@pytest.mark.parametrize("written", ["6222 0000 0000 0001", "6222-0000-0000-0001"])
async def test_account_in_groups_is_the_same_account(sale: Sale, written: str) -> None:
    """Blanks and hyphens make no doubt, nor does a line that names no account."""
    await sale.settled()
    world = sale.world
    await sale.paid("mortgage")
    order = await ordered(world)
    plain = order.to_account
    grouped = "".join(
        f"{character}{written[4]}" if number % 4 == 3 else character for number, character in enumerate(plain)
    )
    await world.bank.pay(msgspec.structs.replace(order, to_account=grouped))
    await world.settle_bank()
    await world.look_now()

    assert ORDER_DIFFERS not in await world.alarms()


async def test_money_that_left_twice_rings(sale: Sale) -> None:
    """A second line out under one key is the bank's error, and is called one until it is back."""
    await sale.settled()
    world = sale.world
    await sale.paid("mortgage")
    await world.settle_bank()
    order = await ordered(world)
    again = {"counter_account": order.to_account, "counter_name": order.to_name, "order_key": order.key}
    world.bank._book("out", order.amount_fen, **again)
    await world.settle_bank()
    assert "left twice" in await alarm_said(world)
    async with world.db.reading() as tx:
        with pytest.raises(OrderInDoubt):
            await require_no_doubt_of_case(tx, world.case_id)


async def test_refund_to_another_account_is_not_done(world: World) -> None:
    """The refund's order was altered: it stays open and rings."""
    bidder = await world.bidder(DEPOSIT)
    await world.pay_by_bank(bidder, DEPOSIT)
    real_pay = world.bank.pay

    async def pay(order: BankOrder) -> BankOrderSeen:
        if order.key not in world.bank.orders:
            world.bank.mood = "executed"
            await real_pay(msgspec.structs.replace(order, to_account=THIEF))
        return world.bank.orders[order.key][1]

    world.bank.pay = pay  # type: ignore[method-assign] # the bank's mood
    await world.close(None, 0)
    await world.settle_bank()
    world.bank.settle("confirmed")
    await world.look_now()
    await world.settle_bank()

    async with world.db.reading() as tx:
        assert (await tx.session.execute(text("SELECT state FROM fund.refund"))).scalars().all() == ["sent"]
    assert ORDER_DIFFERS in await world.alarms()


class Seen:
    """A bank that answers with what it said before."""

    def __init__(self, seen: BankOrderSeen) -> None:
        """Keep the answer."""
        self.seen = seen

    async def find_order(self, key: str) -> BankOrderSeen:
        """Give it."""
        assert key == self.seen.key
        return self.seen


class ReadAgain:
    """The job that reads an order again."""

    def __init__(self, key: str) -> None:
        """Name the order."""
        self.key = key

    def decode(self, _payload: type[OrderNamed]) -> OrderNamed:
        """Give what is asked."""
        return OrderNamed(key=self.key)


@pytest.mark.parametrize("seen_before_return", [True, False])
async def test_older_picture_of_a_refund_moves_nothing(world: World, *, seen_before_return: bool) -> None:
    """Two workers: one read *confirmed* before the return and notes it after the other noted *returned*: the refund stays failed and owed."""
    bidder = await world.bidder(DEPOSIT)
    await world.pay_by_bank(bidder, DEPOSIT)
    world.bank.mood = "executed"
    await world.close(None, 0)
    key = next(iter(world.bank.orders))
    job: Job = ReadAgain(key)  # type: ignore[assignment] # as much of a job as is read
    confirmed = BankOrderSeen(key=key, state="confirmed")
    if seen_before_return:
        await handle_read_order(world.db, Seen(confirmed), job)  # type: ignore[arg-type] # what of a bank is asked
    world.bank.say(key, "returned")
    world.bank.book_back(key)
    await world.settle_bank()
    await handle_read_order(world.db, Seen(confirmed), job)  # type: ignore[arg-type] # what of a bank is asked
    await world.settle_bank()

    async with world.db.reading() as tx:
        assert (await tx.session.execute(text("SELECT state FROM fund.refund"))).scalars().all() == ["failed"]
    assert await world.totals() == {"bank": DEPOSIT, "refunds": DEPOSIT}
    await world.require_straight()
