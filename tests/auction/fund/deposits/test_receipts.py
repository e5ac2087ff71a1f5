from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.channels.attribute_receipt import (
    ConfirmAttribution,
    OwnProposal,
    ProposeAttribution,
    confirm_attribution,
    propose_attribution,
)
from auction.fund.channels.confirm_court_payment import ConfirmCourtPayment, confirm_court_payment
from auction.fund.channels.read_order import LOOKS_BEFORE_ALARM, RETURN_UNCONFIRMED
from auction.fund.channels.take_line_as_receipt import (
    LineIsReturn,
    LineNotInDoubt,
    TakeLineAsReceipt,
    lines_in_doubt,
    take_line_as_receipt,
)
from auction.fund.deposits.deposits import DepositNotPending, DepositState
from auction.fund.deposits.money_desk import (
    MonthEnd,
    ReceiptShown,
    month_ends_shown,
    move_clocks,
    receipts_of_case,
    unattributed_receipts,
)
from auction.fund.deposits.receipts import NoCounterReceipt, PayerIsAnother, claim_due, is_same_name, month_ends
from auction.fund.ledger.accounts import AccountKind
from auction.kernel.actors import Actor, Role
from auction.kernel.errors import NotPermitted
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from auction.law.periods import is_in_time
from tests.auction.fund.deposits.test_flow import DEPOSIT, PRICE, close, pay_by_bank, pay_by_card
from tests.auction.fund.world import Bidder, World

ARRIVED = datetime(2026, 11, 4, 2, 0, tzinfo=UTC)


async def waiting(world: World) -> ReceiptShown:
    """Give the one receipt that waits."""
    async with world.db.reading() as tx:
        (receipt,) = await unattributed_receipts(tx)
        return receipt


async def at_the_counter(world: World, bidder: Bidder, clerk: Actor | None = None) -> DepositState:
    """Let a clerk confirm the waiting receipt for this bidder."""
    actor = clerk or await world.officer(Role.CLERK)
    command = ConfirmCourtPayment(
        command_id=new_id(), receipt_id=(await waiting(world)).receipt_id, deposit_id=bidder.deposit_id
    )
    return (await confirm_court_payment(world.db, actor, command)).state


async def test_payment_by_another_holds_the_deposit_and_stays_a_lead(world: World) -> None:
    """Who paid is nobody's bar: the deposit is held, the receipt says that another paid, and the money goes back to him."""
    bidder = await world.bidder(DEPOSIT)
    number = await world.virtual_number(bidder)
    world.bank.pay_in(DEPOSIT, name="别人", to=number, account="6999")
    await world.settle_bank()

    assert (await world.deposit(bidder)).state is DepositState.HELD
    async with world.db.reading() as tx:
        (receipt,) = await receipts_of_case(tx, world.case_id)
    assert receipt.is_paid_by_another
    await close(world, None)
    assert [(o.to_account, o.to_name) for o, _ in world.bank.orders.values()] == [("6999", "别人")]
    assert await world.totals() == {}
    await world.require_straight()


@pytest.mark.parametrize("fen", [DEPOSIT, 5])
async def test_a_payer_who_writes_our_orders_key_pays_all_the_same(world: World, fen: int) -> None:
    """Whoever got money back knows the order's key; written on his next transfer it does not make the money a return that nobody books."""
    paid = await world.bidder(DEPOSIT)
    await world.pay_by_bank(paid, DEPOSIT)
    await world.pay_by_bank(paid, fen)
    (key,) = world.bank.orders
    bidder = await world.bidder(DEPOSIT)
    number = await world.virtual_number(bidder)

    line = world.bank.pay_in(DEPOSIT, name=bidder.name, to=number)
    world.bank.lines[-1] = msgspec.structs.replace(line, order_key=key)
    await world.settle_bank()

    assert (await world.deposit(bidder)).state is DepositState.HELD
    world.bank.settle_one(key, "returned")
    await world.settle_bank()
    assert (await world.totals())["bank"] == 2 * DEPOSIT + fen
    await world.require_straight()


async def test_money_under_a_returned_orders_key_waits_as_anybodys(world: World) -> None:
    """An order comes back once and whole: another amount under its key, or the same again, is a receipt that a person looks at."""
    paid = await world.bidder(DEPOSIT)
    await world.pay_by_bank(paid, DEPOSIT)
    await world.pay_by_bank(paid, 5)
    (key,) = world.bank.orders
    world.bank.settle_one(key, "returned")
    await world.settle_bank()

    for fen in (4, 5):
        line = world.bank.pay_in(fen, name="别人")
        world.bank.lines[-1] = msgspec.structs.replace(line, order_key=key)
    await world.settle_bank()

    async with world.db.reading() as tx:
        assert sorted(receipt.amount_fen for receipt in await unattributed_receipts(tx)) == [4, 5]
    await world.require_straight()


async def _same_amount_under_a_paid_orders_key(world: World) -> str:
    """Let somebody pay in the amount of a confirmed refund of five fen under its key; gives the key."""
    paid = await world.bidder(DEPOSIT)
    await world.pay_by_bank(paid, DEPOSIT)
    await world.pay_by_bank(paid, 5)
    (key,) = world.bank.orders
    world.bank.settle_one(key, "confirmed")
    await world.settle_bank()
    line = world.bank.pay_in(5, name="别人")
    world.bank.lines[-1] = msgspec.structs.replace(line, order_key=key)
    await world.settle_bank()
    return key


async def _take_as_receipt(world: World, line_id: str, *, command_id: UUID | None = None) -> None:
    finance = await world.officer(Role.FINANCE)
    command = TakeLineAsReceipt(command_id=command_id or new_id(), line_id=line_id)
    await take_line_as_receipt(world.db, finance, command, bank=world.bank)


async def test_money_that_looks_like_a_return_calls_a_person_and_is_decided(world: World) -> None:
    """The bank does not call it a return: after half an hour of asking an alarm rings, and finance lets it wait as anybody's, once."""
    await _same_amount_under_a_paid_orders_key(world)
    line_id = world.bank.lines[-1].line_id
    with pytest.raises(LineNotInDoubt):
        await _take_as_receipt(world, line_id)
    for _ in range(LOOKS_BEFORE_ALARM + 2):
        await world.look_now()
    assert RETURN_UNCONFIRMED in await world.alarms()
    async with world.db.reading() as tx:
        assert [(one.line_id, one.amount_fen) for one in await lines_in_doubt(tx)] == [(line_id, 5)]

    await _take_as_receipt(world, line_id)

    async with world.db.reading() as tx:
        assert [receipt.amount_fen for receipt in await unattributed_receipts(tx)] == [5]
        assert await lines_in_doubt(tx) == ()
    assert RETURN_UNCONFIRMED not in await world.alarms()
    with pytest.raises(LineNotInDoubt):
        await _take_as_receipt(world, line_id)
    await world.look_now()
    await world.require_straight()


async def test_a_return_that_the_bank_confirms_late_is_no_receipt(world: World) -> None:
    """Asked once more at the decision, the bank says that the order came back: it is booked as that, once, and the alarm is over."""
    key = await _same_amount_under_a_paid_orders_key(world)
    for _ in range(LOOKS_BEFORE_ALARM + 2):
        await world.look_now()
    assert RETURN_UNCONFIRMED in await world.alarms()
    world.bank.say(key, "returned")

    with pytest.raises(LineIsReturn):
        await _take_as_receipt(world, world.bank.lines[-1].line_id)
    await world.look_now()

    assert RETURN_UNCONFIRMED not in await world.alarms()
    async with world.db.reading() as tx:
        assert not await unattributed_receipts(tx)
    await world.require_straight()


async def test_a_lead_stays_on_record(world: World) -> None:
    """What a receipt says of its payer cannot be taken back."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder, name="别人")

    with pytest.raises(DBAPIError):
        async with world.db.transaction() as tx:
            await tx.session.execute(text("UPDATE fund.receipt SET reason = 'nothing'"))


@pytest.mark.parametrize(
    ("one", "other", "same"), [("张 示范", "张示范", True), ("Li Ming", "LI MING", True), ("张示范", "张示", False)]
)
def test_names_are_compared_without_blanks(one: str, other: str, same: bool) -> None:
    """Blanks and small letters make no other person."""
    assert is_same_name(one, other) is same


async def test_clerk_confirms_a_payment_to_the_court_account_and_admits_at_once(world: World) -> None:
    """Money without a reference under the bidder's own name: one clerk at the counter, and the sale is told."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.pay_in(DEPOSIT, name=bidder.name, remark="保证金")
    await world.settle_bank()

    assert await at_the_counter(world, bidder) is DepositState.HELD

    await world.run_jobs()
    assert [kind for kind, _ in world.told] == ["sale.deposit_held"]
    assert await world.totals() == {"bank": DEPOSIT, "deposits": DEPOSIT}
    assert await world.house(AccountKind.UNATTRIBUTED) == 0
    assert "receipt_unattributed" not in await world.alarms()
    await world.require_straight()


@pytest.mark.parametrize(("paid", "state"), [(-1, "pending"), (0, "held"), (1, "held")])
async def test_counter_confirms_a_fen_less_and_a_fen_more(world: World, paid: int, state: str) -> None:
    """A fen short waits for the rest, a fen over goes back to the account that paid."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.pay_in(DEPOSIT + paid, name=bidder.name)
    await world.settle_bank()

    assert (await at_the_counter(world, bidder)).value == state

    await world.settle_bank()
    assert [(o.to_account, o.amount_fen) for o, _ in world.bank.orders.values()] == ([("6222", 1)] if paid > 0 else [])
    await world.require_straight()


async def test_counter_confirms_no_other_payer_no_full_deposit_and_no_proposal(world: World) -> None:
    """Another's money, a deposit that is held already, and a receipt with a proposal take the way of two persons."""
    bidder, full = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    await pay_by_bank(world, full)
    world.bank.pay_in(DEPOSIT, name="别人")
    await world.settle_bank()
    clerk = await world.officer(Role.CLERK)

    with pytest.raises(PayerIsAnother):
        await at_the_counter(world, bidder, clerk)
    with pytest.raises(NotPermitted):
        await at_the_counter(world, bidder, await world.officer(Role.FINANCE))
    receipt = await waiting(world)
    proposal = ProposeAttribution(
        command_id=new_id(), receipt_id=receipt.receipt_id, belongs="deposit", subject_id=bidder.deposit_id
    )
    await propose_attribution(world.db, clerk, proposal)
    with pytest.raises(NoCounterReceipt):
        await at_the_counter(world, bidder, clerk)
    confirm = ConfirmAttribution(
        command_id=new_id(), receipt_id=receipt.receipt_id, belongs="deposit", subject_id=bidder.deposit_id
    )
    both = Actor(account_id=clerk.account_id, person_id=clerk.person_id, roles=frozenset({Role.FINANCE}))
    with pytest.raises(OwnProposal):
        await confirm_attribution(world.db, both, confirm)
    await confirm_attribution(world.db, await world.officer(Role.FINANCE), confirm)
    assert (await world.deposit(bidder)).state is DepositState.HELD
    await world.require_straight()


async def test_counter_refuses_a_deposit_that_is_held(world: World) -> None:
    """A second payment of the same bidder waits: it is his money, and no deposit is short of it."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder)
    world.bank.pay_in(DEPOSIT, name=bidder.name)
    await world.settle_bank()

    with pytest.raises(DepositNotPending):
        await at_the_counter(world, bidder)


@pytest.mark.parametrize(
    ("at", "in_time"),
    [
        (datetime(2026, 11, 7, 15, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 11, 7, 16, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 7, 16, 0, 0, 1, tzinfo=UTC), False),
    ],
)
def test_handler_has_three_days_from_the_arrival(at: datetime, in_time: bool) -> None:
    """What came on Wednesday the 4th is claimed until Saturday the 7th, 24:00; days off do not stretch it."""
    assert is_in_time(at, claim_due(ARRIVED)) is in_time


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        (date(2026, 3, 1), (date(2026, 2, 28), date(2026, 1, 31))),
        (date(2026, 1, 31), (date(2025, 12, 31), date(2025, 11, 30))),
        (date(2028, 3, 31), (date(2028, 2, 29), date(2028, 1, 31))),
    ],
)
def test_month_ends_are_last_days(today: date, ends: tuple[date, ...]) -> None:
    """The months before this one, whatever their length."""
    assert month_ends(today, count=2) == ends


async def test_months_end_shows_what_was_left_unattributed(world: World) -> None:
    """A receipt that waited over the month's end is shown there for good; one that was claimed before it is not."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.pay_in(700, name="别人", remark="谢谢")
    await world.settle_bank()
    month = (await waiting(world)).received_at
    async with world.db.reading() as tx:
        assert all(end.receipts == 0 for end in await month_ends_shown(tx))

    await move_clock(world.db, to=(month.replace(day=1) + timedelta(days=33)).replace(hour=3))
    clerk, finance = await world.officer(Role.CLERK), await world.officer(Role.FINANCE)
    receipt_id = (await waiting(world)).receipt_id
    await propose_attribution(
        world.db,
        clerk,
        ProposeAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="deposit", subject_id=bidder.deposit_id),
    )
    await confirm_attribution(
        world.db,
        finance,
        ConfirmAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="deposit", subject_id=bidder.deposit_id),
    )

    async with world.db.reading() as tx:
        newest, before, _ = await month_ends_shown(tx)
    assert (newest.receipts, newest.amount_fen) == (1, 700)
    assert before == MonthEnd(day=before.day, receipts=0, amount_fen=0)


async def test_winners_deposit_rings_at_half_time_until_it_lies_at_the_court(world: World) -> None:
    """A sweep that the bank does not answer rings twelve hours after the close; the answer clears it (网拍 25)."""
    winner = await world.bidder(DEPOSIT)
    await pay_by_bank(world, winner)
    world.bank.lose_answers = 1_000
    handlers = world.handlers
    world.handlers = {kind: handler for kind, handler in handlers.items() if kind != "fund.sweep_receipt"}
    closed_at = await close(world, winner, PRICE)
    async with world.db.reading() as tx:
        (clock,) = await move_clocks(tx)
    assert clock.due_at == closed_at + timedelta(hours=24)

    await move_clock(world.db, to=closed_at + timedelta(hours=12, seconds=-1))
    await world.run_jobs()
    assert "move_late" not in await world.alarms()
    await move_clock(world.db, to=closed_at + timedelta(hours=12))
    await world.run_jobs()
    assert "move_late" in await world.alarms()

    world.bank.lose_answers, world.handlers = 0, handlers
    async with world.db.transaction() as tx:
        await tx.session.execute(text("UPDATE kernel.job SET state = 'queued' WHERE kind = 'fund.sweep_receipt'"))
    await world.run_jobs()

    assert "move_late" not in await world.alarms()
    async with world.db.reading() as tx:
        assert await move_clocks(tx) == ()


async def test_moved_in_time_never_rings(world: World) -> None:
    """Card money that the operator advanced at once is moved before half time."""
    winner = await world.bidder(DEPOSIT)
    await pay_by_card(world, winner)
    closed_at = await close(world, winner, PRICE)

    await move_clock(world.db, to=closed_at + timedelta(hours=13))
    await world.run_jobs()

    assert not {"move_late", "advance_late"} & await world.alarms()
