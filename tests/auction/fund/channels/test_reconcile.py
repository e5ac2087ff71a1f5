from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from auction.fund.channels.attribute_receipt import (
    Belongs,
    ConfirmAttribution,
    NothingProposed,
    OtherProposalStands,
    OwnProposal,
    ProposalDiffers,
    ProposeAttribution,
    ReceiptUnknown,
    WithdrawAttribution,
    confirm_attribution,
    propose_attribution,
    unattributed_receipts,
    withdraw_attribution,
)
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile
from auction.fund.channels.take_bank_line import take_bank_line
from auction.fund.channels.take_provider_event import take_provider_event
from auction.fund.deposits.deposits import DepositState
from auction.fund.deposits.start_card_payment import StartCardPayment, start_card_payment
from auction.fund.gateway import CardCharge, EventForged
from auction.fund.ledger.accounts import AccountKind
from auction.fund.payouts.payout_clock import payout_clock
from auction.fund.references import make_reference, references_in
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import day_start, local_day
from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import AccountId, new_id
from auction.kernel.move_clock import move_clock
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import working_days_end
from tests.auction.fund.world import ADVANCED, World

DEPOSIT = 50_000_00


async def differences(world: World) -> set[str]:
    """Names of what differs, over all three comparisons."""
    reports = await reconcile(world.db, cards=world.cards, bank=world.bank)
    return {found.invariant for report in reports for found in report.differences}


async def test_straight_books_have_no_difference(world: World) -> None:
    """After deposits by card and bank and their refunds, provider, bank and books agree."""
    bidder, other = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    await world.pay_by_bank(bidder, DEPOSIT + 7)
    command = StartCardPayment(command_id=new_id(), deposit_id=other.deposit_id, payment_id=new_id())
    await start_card_payment(world.db, other.actor, command, policy=ADVANCED)
    await world.run_jobs()
    world.cards.pay("pi_1")
    await world.look_now()
    world.bank.pay_in(9, name="某人")

    assert await differences(world) == set()
    assert "books_differ" not in await world.alarms()


async def test_payment_that_we_do_not_know_is_reported_and_not_repaired(world: World) -> None:
    """Money at the provider that is not in our books rings; the books stay as they are."""
    bidder = await world.bidder(DEPOSIT)
    command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
    await start_card_payment(world.db, bidder.actor, command, policy=ADVANCED)
    await world.run_jobs()
    stranger = CardCharge(key="x", payment_id="x", amount_fen=5, hold=False, description="")
    world.cards.pay((await world.cards.charge(stranger)).provider_id)
    world.cards.pay("pi_1")

    assert await differences(world) == {
        *("card_payment_is_ours", "card_payment_state", "card_payment_received"),
        "card_balance_equals_books",
    }
    assert "books_differ" in await world.alarms()
    assert await world.totals() == {}
    await world.look_now()
    assert await differences(world) == {"card_payment_is_ours", "card_balance_equals_books"}


async def test_provider_that_knows_none_of_ours_is_reported_once(world: World) -> None:
    """A wrong account is more likely than the loss of everything: one difference, not one for each payment."""
    bidder = await world.bidder(DEPOSIT)
    command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
    await start_card_payment(world.db, bidder.actor, command, policy=ADVANCED)
    await world.run_jobs()
    world.cards.held.clear()

    assert await differences(world) == {"card_account_is_ours"}


async def test_order_under_way_is_no_difference(world: World) -> None:
    """A refund that left the bank and is not confirmed yet stands in the statement before it stands in the books."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.mood = "executed"
    await world.pay_by_bank(bidder, DEPOSIT + 7)

    assert await differences(world) == set()
    assert (await world.totals())["refunds"] == 7


async def test_statement_that_does_not_continue_stops(world: World) -> None:
    """A gap, another opening balance or a changed line stops the reading and books nothing."""
    world.bank.pay_in(100, name="某人")
    await poll_bank(world.db, world.bank)
    first = world.bank.lines[0]
    changed = type(first)(**{**{n: getattr(first, n) for n in first.__struct_fields__}, "amount_fen": 101})
    with pytest.raises(InvariantViolated):
        await take_bank_line(world.db, changed)

    world.bank.pay_in(100, name="某人")
    second = world.bank.lines[1]
    world.bank.lines[1] = type(first)(
        **{**{n: getattr(second, n) for n in first.__struct_fields__}, "opening_fen": 99, "closing_fen": 199}
    )
    with pytest.raises(InvariantViolated):
        await poll_bank(world.db, world.bank)

    assert await world.house(AccountKind.UNATTRIBUTED) == 100
    await world.require_straight()


async def test_line_taken_twice_books_once(world: World) -> None:
    """A line that comes again gives the same receipt."""
    line = world.bank.pay_in(100, name="某人")
    first = await take_bank_line(world.db, line)
    second = await take_bank_line(world.db, line)

    assert first == second
    assert await world.house(AccountKind.UNATTRIBUTED) == 100


async def test_forged_event_is_not_stored(world: World) -> None:
    """An event whose signature does not verify leaves no trace."""
    with pytest.raises(EventForged):
        await take_provider_event(world.db, world.cards, body=b"{}", signature="bad")


@pytest.mark.parametrize("belongs", ["deposit", "return"])
async def test_unattributed_money_needs_two_officers(world: World, belongs: Belongs) -> None:
    """The handler proposes, finance confirms, never the same person; then it is booked, or goes back to its payer."""
    bidder = await world.bidder(DEPOSIT)
    world.bank.pay_in(DEPOSIT, name="配偶", account="6333")
    await world.settle_bank()
    async with world.db.reading() as tx:
        waiting = await unattributed_receipts(tx)
    receipt_id = waiting[0].receipt_id
    handler, finance = await world.officer(Role.CASE_HANDLER), await world.officer(Role.FINANCE)
    both = Actor(account_id=AccountId(new_id()), person_id=handler.person_id, roles=frozenset({Role.FINANCE}))

    def confirm() -> ConfirmAttribution:
        subject_id = bidder.deposit_id if belongs == "deposit" else None
        return ConfirmAttribution(command_id=new_id(), receipt_id=receipt_id, belongs=belongs, subject_id=subject_id)

    with pytest.raises(NothingProposed):
        await confirm_attribution(world.db, finance, confirm())
    proposal = ProposeAttribution(
        command_id=new_id(),
        receipt_id=receipt_id,
        belongs=belongs,
        subject_id=bidder.deposit_id if belongs == "deposit" else None,
    )
    await propose_attribution(world.db, handler, proposal)
    with pytest.raises(OwnProposal):
        await confirm_attribution(world.db, both, confirm())
    await confirm_attribution(world.db, finance, confirm())
    await world.settle_bank()

    assert await world.house(AccountKind.UNATTRIBUTED) == 0
    held = (await world.deposit(bidder)).state is DepositState.HELD
    assert held is (belongs == "deposit")
    assert [o.to_account for o, _ in world.bank.orders.values()] == ([] if held else ["6333"])
    assert "receipt_unattributed" not in await world.alarms()
    with pytest.raises(ReceiptUnknown):
        await confirm_attribution(world.db, finance, confirm())
    await world.require_straight()


async def test_limits_of_the_payout_run_from_the_full_price(world: World) -> None:
    """Nothing runs before the price has come; then 30 days, and 10 + 5 working days (执行款物 10; 执行监督意见)."""
    winner = await world.bidder(DEPOSIT)
    await world.pay_by_bank(winner, DEPOSIT)
    await world.close(winner, DEPOSIT * 2)
    async with world.db.reading() as tx:
        assert await payout_clock(tx, world.case_id) is None

    await world.pay_by_bank(winner, DEPOSIT)

    async with world.db.reading() as tx:
        clock = await payout_clock(tx, world.case_id)
        today = local_day(tx.now)
    await move_clock(world.db, to=day_start(today + timedelta(days=3)))
    await world.pay_by_bank(winner, 1)
    async with world.db.reading() as tx:
        assert await payout_clock(tx, world.case_id) == clock
    assert clock is not None
    assert clock.complete_on == today
    assert clock.pay_by - today == timedelta(days=30)
    assert clock.order_by == working_days_end(today, 10, COURT_CALENDAR)
    assert clock.finance_pays_by == working_days_end(today, 15, COURT_CALENDAR)


def test_references_are_found_in_any_remark_and_mistyped_ones_are_not() -> None:
    """A reference is found in small letters and amid other text; with one character changed it is none."""
    reference = make_reference("deposit", new_id())

    assert references_in(f"保证金{reference.lower()} 谢谢") == [reference]
    for index in range(1, len(reference)):
        other = "2" if reference[index] != "2" else "3"
        assert references_in(reference[:index] + other + reference[index + 1 :]) == []


async def test_finance_confirms_what_it_was_shown(world: World) -> None:
    """A proposal that changed under the confirmation is refused; another officer's waits for a withdrawal."""
    first, second = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT, name="李示范")
    world.bank.pay_in(DEPOSIT, name="配偶", account="6333")
    await world.settle_bank()
    async with world.db.reading() as tx:
        receipt_id = (await unattributed_receipts(tx))[0].receipt_id
    handler, clerk = await world.officer(Role.CASE_HANDLER), await world.officer(Role.CLERK)
    finance = await world.officer(Role.FINANCE)

    async def propose(officer: Actor, subject_id: UUID) -> None:
        command = ProposeAttribution(
            command_id=new_id(), receipt_id=receipt_id, belongs="deposit", subject_id=subject_id
        )
        await propose_attribution(world.db, officer, command)

    def confirm(subject_id: UUID) -> ConfirmAttribution:
        return ConfirmAttribution(command_id=new_id(), receipt_id=receipt_id, belongs="deposit", subject_id=subject_id)

    await propose(handler, first.deposit_id)
    with pytest.raises(OtherProposalStands):
        await propose(clerk, second.deposit_id)
    withdrawal = WithdrawAttribution(command_id=new_id(), receipt_id=receipt_id)
    with pytest.raises(OtherProposalStands):
        await withdraw_attribution(world.db, clerk, withdrawal)
    await withdraw_attribution(world.db, handler, msgspec.structs.replace(withdrawal, command_id=new_id()))
    await propose(clerk, second.deposit_id)

    with pytest.raises(ProposalDiffers):
        await confirm_attribution(world.db, finance, confirm(first.deposit_id))
    await confirm_attribution(world.db, finance, confirm(second.deposit_id))
    assert (await world.deposit(second)).state is DepositState.HELD
