from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.cancel_purchase import cancel_purchase, forfeit_deposit
from auction.fund.channels.take_provider_event import take_provider_event
from auction.fund.deposits.deposits import CardNotOffered, CardPolicy, DepositState, DepositUnknown
from auction.fund.deposits.open_virtual_account import OpenVirtualAccount, open_virtual_account
from auction.fund.deposits.purchases import balance_due, is_paid_exactly
from auction.fund.deposits.start_card_payment import (
    CardPaymentView,
    StartCardPayment,
    card_payment_view,
    note_payment_seen,
    start_card_payment,
)
from auction.fund.deposits.views import own_deposit
from auction.fund.gateway import CardState
from auction.fund.ledger.accounts import AccountKind
from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.move_clock import move_clock
from tests.auction.fund.world import ADVANCED, Bidder, World

DEPOSIT = 50_000_00
PRICE = 400_000_00


async def start_card(world: World, bidder: Bidder) -> CardPaymentView:
    """Start a card payment; the provider knows it and nobody has paid yet."""
    command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
    started = await start_card_payment(world.db, bidder.actor, command, policy=ADVANCED)
    await world.run_jobs()
    async with world.db.reading() as tx:
        return await card_payment_view(tx, started.payment_id)


async def pay_by_card(world: World, bidder: Bidder, *, hold: bool = False) -> CardPaymentView:
    """Start a card payment and let its holder pay."""
    view = await start_card(world, bidder)
    assert view.provider_id is not None
    world.cards.pay(view.provider_id, hold=hold)
    await world.look_now()
    return view


async def pay_by_bank(world: World, bidder: Bidder, amount_fen: int = DEPOSIT, name: str | None = None) -> None:
    """Transfer to the bidder's sub-account."""
    await world.pay_by_bank(bidder, amount_fen, name=name)


async def close(world: World, winner: Bidder | None, price_fen: int = PRICE) -> datetime:
    """Close the round."""
    return await world.close(winner, price_fen)


async def test_bank_transfer_holds_the_deposit_and_tells_the_sale(world: World) -> None:
    """The full amount to the virtual account holds the deposit and tells the sale once."""
    bidder = await world.bidder(DEPOSIT)

    await pay_by_bank(world, bidder)

    assert (await world.deposit(bidder)).state is DepositState.HELD
    assert [kind for kind, _ in world.told] == ["sale.deposit_held"]
    assert world.told[0][1]["amount_fen"] == DEPOSIT
    assert await world.totals() == {"bank": DEPOSIT, "deposits": DEPOSIT}
    await world.require_straight()


@pytest.mark.parametrize(("paid", "state"), [(-1, "pending"), (0, "held"), (1, "held")])
async def test_a_fen_less_waits_and_a_fen_more_goes_back(world: World, paid: int, state: str) -> None:
    """Under-payment waits; over-payment holds and the excess goes back to its payer."""
    bidder = await world.bidder(DEPOSIT)

    await pay_by_bank(world, bidder, DEPOSIT + paid)

    view = await world.deposit(bidder)
    assert view.state.value == state
    expected = {"bank": min(DEPOSIT, DEPOSIT + paid), "deposits": min(DEPOSIT, DEPOSIT + paid)}
    assert await world.totals() == expected
    assert [o.amount_fen for o, _ in world.bank.orders.values()] == ([1] if paid == 1 else [])
    await world.require_straight()


async def test_two_part_payments_hold_together(world: World) -> None:
    """What is missing may come by a second transfer."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder, DEPOSIT - 100)
    await pay_by_bank(world, bidder, 100)

    assert (await world.deposit(bidder)).state is DepositState.HELD


async def test_second_payment_goes_back_whole(world: World) -> None:
    """A deposit that is held takes nothing more."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder)
    await pay_by_bank(world, bidder)

    assert await world.totals() == {"bank": DEPOSIT, "deposits": DEPOSIT}
    assert [o.to_name for o, _ in world.bank.orders.values()] == [bidder.name]
    await world.require_straight()


async def test_money_that_names_nothing_waits_unattributed(world: World) -> None:
    """Money for nothing that we know is held for the court and calls a person."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.pay_in(DEPOSIT, name="张示范", remark="谢谢")
    await world.settle_bank()

    assert (await world.deposit(bidder)).state is DepositState.PENDING
    assert await world.house(AccountKind.UNATTRIBUTED) == DEPOSIT
    assert "receipt_unattributed" in await world.alarms()
    await world.require_straight()


async def test_reference_in_the_remark_finds_the_deposit(world: World) -> None:
    """A transfer to the main account with the reference somewhere in its remark is found."""
    bidder = await world.bidder(DEPOSIT)
    reference = (await world.deposit(bidder)).reference
    world.bank.pay_in(DEPOSIT, name=bidder.name, remark=f"法拍保证金 {reference.lower()}。")
    await world.settle_bank()

    assert (await world.deposit(bidder)).state is DepositState.HELD


async def test_deposit_of_zero_is_held_at_once(world: World) -> None:
    """An applicant who need not pay is held when he registers (网拍 17)."""
    bidder = await world.bidder(0)

    assert (await world.deposit(bidder)).state is DepositState.HELD


async def test_card_payment_holds_the_deposit_with_its_fee_outside_the_case(world: World) -> None:
    """A charged card holds the deposit in full; the provider's fee is the operator's."""
    world.cards.fee_fen = 1_702
    bidder = await world.bidder(DEPOSIT)

    await pay_by_card(world, bidder)

    assert (await world.deposit(bidder)).state is DepositState.HELD
    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}
    assert await world.house(AccountKind.OPERATOR_FEES) == 1_702
    await world.require_straight()


async def test_lost_answers_never_ask_twice(world: World) -> None:
    """When the provider's answer is lost three times, there is still one payment."""
    bidder = await world.bidder(DEPOSIT)
    world.cards.lose_answers = 3

    await pay_by_card(world, bidder)

    assert len(world.cards.held) == 1
    assert (await world.deposit(bidder)).state is DepositState.HELD


async def test_card_is_refused_above_the_limit_of_one_payment(world: World) -> None:
    """A deposit above ¥999,999.99 is not offered by card; at the limit it is."""
    for fen, offered in ((99_999_999, True), (100_000_000, False)):
        bidder = await world.bidder(fen)
        command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
        if offered:
            await start_card_payment(world.db, bidder.actor, command, policy=ADVANCED)
        else:
            with pytest.raises(CardNotOffered):
                await start_card_payment(world.db, bidder.actor, command, policy=ADVANCED)


@pytest.mark.parametrize(
    ("hours", "advances", "offered"), [(24, False, True), (25, False, False), (25, True, True), (None, False, False)]
)
async def test_card_needs_a_way_to_the_court_in_time(
    world: World, hours: int | None, advances: bool, offered: bool
) -> None:
    """Cards are offered only where the winner's money reaches the court in 24 hours (网拍 25)."""
    bidder = await world.bidder(DEPOSIT)
    reach = None if hours is None else timedelta(hours=hours)
    policy = CardPolicy(provider_reaches_court_in=reach, operator_advances=advances)
    command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())

    if offered:
        await start_card_payment(world.db, bidder.actor, command, policy=policy)
    else:
        with pytest.raises(CardNotOffered):
            await start_card_payment(world.db, bidder.actor, command, policy=policy)


async def test_nobody_pays_or_sees_another_bidders_deposit(world: World) -> None:
    """Another bidder's deposit does not exist for me, and an officer does not pay deposits."""
    mine, other = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    command = OpenVirtualAccount(command_id=new_id(), deposit_id=other.deposit_id)

    with pytest.raises(DepositUnknown):
        await open_virtual_account(world.db, mine.actor, command)
    with pytest.raises(NotPermitted):
        await open_virtual_account(world.db, await world.officer(), command)


async def test_webhook_twice_and_out_of_order_acts_once(world: World) -> None:
    """Events only say that an object is worth reading: repeated, late and reversed ones change nothing."""
    bidder = await world.bidder(DEPOSIT)
    view = await pay_by_card(world, bidder)
    kinds = ["payment_intent.succeeded", "payment_intent.created", "payment_intent.succeeded"]
    bodies = [
        f'{{"event_id":"evt_{i % 2}","kind":"{kind}","object_id":"{view.provider_id}",'
        f'"payment_provider_id":"{view.provider_id}"}}'.encode()
        for i, kind in enumerate(kinds)
    ]

    new = [await take_provider_event(world.db, world.cards, body=body, signature="good") for body in bodies]
    await world.run_jobs()

    assert new == [True, True, False]
    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}
    await world.require_straight()


async def test_losers_get_their_money_back_the_way_it_came(world: World) -> None:
    """After a round without a buyer each source goes back to itself, and the case is at zero."""
    by_bank, by_card, unpaid, partly = [await world.bidder(DEPOSIT) for _ in range(4)]
    await pay_by_bank(world, by_bank)
    await pay_by_card(world, by_card)
    await pay_by_bank(world, partly, 700)

    closed_at = await close(world, None)

    for bidder in (by_bank, by_card, unpaid, partly):
        view = await world.deposit(bidder)
        assert (view.state, view.refunded) == (DepositState.RELEASED, True)
        assert view.release_due_at == closed_at + timedelta(hours=24)
    assert await world.totals() == {}
    assert sorted(o.amount_fen for o, _ in world.bank.orders.values()) == [700, DEPOSIT]
    assert [r.amount_fen for _, r in world.cards.refunds.values()] == [DEPOSIT]
    await world.require_straight()


async def test_release_alarm_rings_at_half_time_and_not_after_the_money_is_back(world: World) -> None:
    """Twelve hours after the close an unconfirmed refund calls a person; a confirmed one does not."""
    late, fine = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    await pay_by_bank(world, fine)
    await pay_by_card(world, late)
    world.cards.refund_state = "pending"
    closed_at = await close(world, None)

    await move_clock(world.db, to=closed_at + timedelta(hours=12, seconds=-1))
    await world.run_jobs()
    assert "release_late" not in await world.alarms()
    await move_clock(world.db, to=closed_at + timedelta(hours=12))
    await world.run_jobs()

    assert "release_late" in await world.alarms()
    async with world.db.reading() as tx:
        rung = await tx.session.execute(text("SELECT subject_id FROM fund.alarm WHERE kind = 'release_late'"))
        assert rung.scalars().all() == [late.deposit_id]
    world.cards.settle_refunds("succeeded")
    await world.look_now()
    assert "release_late" not in await world.alarms()
    assert await world.totals() == {}


@pytest.mark.parametrize("lost", [1, 2, 3, 5])
async def test_refund_with_lost_answers_pays_back_once(world: World, lost: int) -> None:
    """However often the bank's or the provider's answer is lost, each refund happens once and the case ends at zero."""
    by_bank, by_card = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    await pay_by_bank(world, by_bank)
    await pay_by_card(world, by_card)
    world.bank.lose_answers = world.cards.lose_answers = lost

    await close(world, None)

    assert len(world.bank.orders) == 1
    assert len(world.cards.refunds) == 1
    assert await world.totals() == {}
    await world.require_straight()


async def test_refund_that_fails_stays_owed_and_calls_a_person(world: World) -> None:
    """A refund that the provider rejects stays in the books as owed."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_card(world, bidder)
    world.cards.refund_state = "failed"

    await close(world, None)

    assert "refund_stuck" in await world.alarms()
    assert await world.totals() == {"card_clearing": DEPOSIT, "refunds": DEPOSIT}
    async with world.db.reading() as tx:
        (shown,) = (await own_deposit(tx, bidder.actor.person_id, bidder.deposit_id)).refunds
    assert shown.is_refused  # his page does not tell him that it is under way


async def test_winners_deposit_is_applied_and_the_balance_completes_the_price(world: World) -> None:
    """Deposit plus balance equals the hammer price exactly: the sale is told, an excess goes back."""
    winner, loser = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT, name="李示范")
    await pay_by_bank(world, winner)
    await pay_by_bank(world, loser)
    await close(world, winner)
    async with world.db.reading() as tx:
        assert await balance_due(tx, world.round_id) == Money(PRICE - DEPOSIT)

    await pay_by_bank(world, winner, PRICE - DEPOSIT + 5)

    async with world.db.reading() as tx:
        assert await is_paid_exactly(tx, world.round_id)
    assert [kind for kind, _ in world.told][-1] == "sale.receipts_complete"
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    assert sum(s.amount_fen for s in world.bank.sweeps.values()) == PRICE
    await world.require_straight()


async def test_winners_card_money_is_advanced_to_the_court(world: World) -> None:
    """The operator's own money reaches the case account; he takes over the claim on the provider (practice 32)."""
    winner = await world.bidder(DEPOSIT)
    await pay_by_card(world, winner)
    world.operator.lose_answers = 2

    await close(world, winner)

    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == DEPOSIT
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == DEPOSIT
    assert len(world.operator.sent) == 1
    await world.require_straight()


async def test_authorisation_holds_and_is_captured_only_for_the_winner(world: World) -> None:
    """Where it outlives the round an authorisation is a memorandum: the loser's is given up, the winner's captured."""
    winner, loser = [await world.bidder(DEPOSIT, closes_in=timedelta(days=2)) for _ in range(2)]
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    for bidder in (winner, loser):
        await pay_by_card(world, bidder, hold=True)
    assert await world.totals() == {"authorised": 2 * DEPOSIT, "authorised_owed": 2 * DEPOSIT}

    await close(world, winner)

    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    assert sorted(p.state for p in world.cards.held.values()) == ["cancelled", "succeeded"]
    assert (await world.deposit(loser)).refunded
    assert world.cards.refunds == {}
    await world.require_straight()


@pytest.mark.parametrize("older", ["open", "failed"])
async def test_older_picture_of_an_authorisation_changes_nothing(world: World, older: CardState) -> None:
    """A repeated call is answered as it first was: that picture does not take the hold from its deposit."""
    winner = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    view = await pay_by_card(world, winner, hold=True)
    assert view.provider_id is not None
    late = msgspec.structs.replace(world.cards.held[view.provider_id], state=older)

    await world.db.transact(lambda tx: note_payment_seen(tx, view.payment_id, late))
    await world.look_now()

    assert await world.totals() == {"authorised": DEPOSIT, "authorised_owed": DEPOSIT}
    assert await world.alarms() == set()
    await close(world, winner)
    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    await world.require_straight()


@pytest.mark.parametrize("revived", ["authorised", "succeeded"])
async def test_second_card_takes_nothing_from_the_first(world: World, revived: CardState) -> None:
    """A payment that failed, was followed by another, and is paid after all, goes back; the other's hold stands."""
    winner = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    first = await start_card(world, winner)
    assert first.provider_id is not None
    world.cards.change(first.provider_id, state="failed")
    await world.look_now()
    await pay_by_card(world, winner, hold=True)
    world.cards.change(
        first.provider_id,
        state=revived,
        capture_before=world.cards.capture_before,
        received_fen=DEPOSIT if revived == "succeeded" else 0,
    )

    await world.db.transact(
        lambda tx: note_payment_seen(tx, first.payment_id, world.cards.held[str(first.provider_id)])
    )
    await world.run_jobs()

    assert await world.totals() == {"authorised": DEPOSIT, "authorised_owed": DEPOSIT}
    await close(world, winner)
    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    assert world.cards.held[first.provider_id].state == ("cancelled" if revived == "authorised" else "succeeded")
    await world.require_straight()


async def test_authorisation_that_ends_too_early_is_captured_at_once(world: World) -> None:
    """When the card's own end is before the plausible end of the round, the deposit becomes cash."""
    bidder = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=1)

    await pay_by_card(world, bidder, hold=True)

    assert await world.totals() == {"card_clearing": DEPOSIT, "deposits": DEPOSIT}
    assert (await world.deposit(bidder)).state is DepositState.HELD
    await world.require_straight()


async def test_dispute_is_borne_by_the_operator(world: World) -> None:
    """A payment taken back is booked to the operator's recovery account; the case keeps its money."""
    winner = await world.bidder(DEPOSIT)
    view = await pay_by_card(world, winner)
    await close(world, winner)
    before = await world.totals()
    assert view.provider_id is not None
    body = (
        f'{{"event_id":"evt_1","kind":"charge.dispute.created","object_id":"du_1",'
        f'"payment_provider_id":"{view.provider_id}"}}'
    ).encode()
    world.cards.change(view.provider_id, disputed_fen=DEPOSIT)

    await take_provider_event(world.db, world.cards, body=body, signature="good")
    await world.run_jobs()

    assert await world.totals() == before
    assert await world.house(AccountKind.OPERATOR_RECOVERY) == DEPOSIT
    assert "payment_disputed" in await world.alarms()
    await world.require_straight()


@pytest.mark.parametrize("by_card", [False, True])
async def test_default_keeps_the_deposit_and_returns_the_rest(world: World, by_card: bool) -> None:
    """On default the deposit is forfeited and what was paid of the balance goes back (网拍 24)."""
    winner = await world.bidder(DEPOSIT)
    await (pay_by_card(world, winner) if by_card else pay_by_bank(world, winner))
    await close(world, winner)
    await pay_by_bank(world, winner, 1_000)

    async def default(tx: Transaction) -> Money:
        await tx.about_case(world.case_id)
        return await forfeit_deposit(tx, round_id=world.round_id)

    kept = [await world.db.transact(default) for _ in range(2)]
    await world.settle_bank()

    assert kept == [Money(DEPOSIT), Money(0)]
    assert await world.totals() == {"bank": DEPOSIT, "forfeited": DEPOSIT}
    assert (await world.deposit(winner)).state is DepositState.FORFEITED
    await world.require_straight()


async def test_failed_sell_off_keeps_only_the_named_deposit(world: World) -> None:
    """Of a prepaid sell-off only the deposit of the announcement is kept (变卖衔接 7)."""
    winner = await world.bidder(PRICE)
    await pay_by_bank(world, winner, PRICE)
    await close(world, winner, PRICE + 1)

    async def default(tx: Transaction) -> Money:
        await tx.about_case(world.case_id)
        return await forfeit_deposit(tx, round_id=world.round_id, kept=Money(DEPOSIT))

    await world.db.transact(default)
    await world.settle_bank()

    assert await world.totals() == {"bank": DEPOSIT, "forfeited": DEPOSIT}
    assert [o.amount_fen for o, _ in world.bank.orders.values()] == [PRICE - DEPOSIT]
    await world.require_straight()


@pytest.mark.parametrize("prepaid_fen", [0, 10_000_00, DEPOSIT - 1])
async def test_defaulting_applicant_loses_no_more_than_he_owed_in_advance(world: World, prepaid_fen: int) -> None:
    """Who prepaid less than the named deposit, because his claim covers the rest, gets his part of the balance back."""
    winner = await world.bidder(prepaid_fen)
    if prepaid_fen:
        await pay_by_bank(world, winner, prepaid_fen)
    await close(world, winner, PRICE)
    await pay_by_bank(world, winner, 20_000_00)

    async def default(tx: Transaction) -> Money:
        await tx.about_case(world.case_id)
        return await forfeit_deposit(tx, round_id=world.round_id, kept=Money(DEPOSIT))

    kept = await world.db.transact(default)
    await world.settle_bank()

    assert kept == Money(prepaid_fen)
    assert [o.amount_fen for o, _ in world.bank.orders.values()] == [20_000_00]
    await world.require_straight()


@pytest.mark.parametrize("by_card", [False, True])
async def test_sale_set_aside_returns_everything(world: World, by_card: bool) -> None:
    """When a sale is set aside everything goes back, an advance to the operator and the card money by him."""
    winner = await world.bidder(DEPOSIT)
    await (pay_by_card(world, winner) if by_card else pay_by_bank(world, winner))
    await close(world, winner)

    async def undo(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await cancel_purchase(tx, round_id=world.round_id)

    await world.db.transact(undo)
    await world.settle_bank()

    assert await world.totals() == {}
    assert await world.house(AccountKind.OPERATOR_ADVANCE) == 0
    assert await world.house(AccountKind.OPERATOR_CARD_CLEARING) == 0
    assert len(world.cards.refunds) == (1 if by_card else 0)
    await world.require_straight()


async def test_release_and_apply_at_the_same_time_cannot_both_win(world: World) -> None:
    """One deposit is applied or released, whoever asks first; the books stay straight."""
    from auction.fund.deposits.apply_deposit import apply  # noqa: PLC0415
    from auction.fund.deposits.purchases import open_purchase  # noqa: PLC0415
    from auction.fund.deposits.release_deposit import release  # noqa: PLC0415
    from auction.fund.deposits.store import deposit_row  # noqa: PLC0415

    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder)

    async def buy(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        row = await deposit_row(tx, bidder.deposit_id)
        await open_purchase(tx, deposit=row, hammer_price=Money(PRICE), balance_due_on=None)

    await world.db.transact(buy)

    async def attempt(number: int) -> bool:
        async def work(tx: Transaction) -> None:
            await tx.about_case(world.case_id)
            await (apply if number % 2 else release)(tx, bidder.deposit_id, closed_at=tx.now)

        try:
            await world.db.transact(work)
        except Exception:  # noqa: BLE001 - any refusal will do
            return False
        return True

    await asyncio.gather(*(attempt(number) for number in range(6)))

    totals = await world.totals()
    assert totals in ({"bank": DEPOSIT, "proceeds": DEPOSIT}, {"bank": DEPOSIT, "refunds": DEPOSIT}) or (
        (await world.deposit(bidder)).state is DepositState.RELEASED
    )
    await world.require_straight()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund.deposit SET state = 'applied'",
        "UPDATE fund.deposit SET state = 'held', amount_fen = 1",
        "UPDATE fund.deposit SET amount_fen = 1",
        "DELETE FROM fund.deposit_move",
        "UPDATE fund.route SET subject_id = gen_random_uuid()",
        "UPDATE fund.bank_line SET amount_fen = 1",
    ],
)
async def test_database_keeps_states_and_amounts(world: World, attack: str) -> None:
    """Straight SQL cannot move a deposit against the table, change its amount or rewrite what came in."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.pay_in(5, name="某人", remark="?")
    await world.settle_bank()

    with pytest.raises(DBAPIError):
        async with world.db.transaction() as tx:
            await tx.session.execute(text(attack))
    assert (await world.deposit(bidder)).state is DepositState.PENDING


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 8))
async def test_round_ends_the_same_wherever_the_process_dies(world: World, at: int, after: bool) -> None:
    """Stop after each step of apply, advance, sweep, release and refund, start again: the same end."""
    winner, by_bank, by_card = [await world.bidder(DEPOSIT) for _ in range(3)]
    await pay_by_card(world, winner)
    await pay_by_bank(world, by_bank)
    await pay_by_card(world, by_card)
    process = world.crash_at(at, after=after)

    await close(world, winner)

    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    assert [(await world.deposit(b)).refunded for b in (by_bank, by_card)] == [True, True]
    assert (len(world.bank.orders), len(world.cards.refunds), len(world.operator.sent)) == (1, 1, 1)
    assert process.count >= at, "the process did not live long enough to die there"
    await world.require_straight()
