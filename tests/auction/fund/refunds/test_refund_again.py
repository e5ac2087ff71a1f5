from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from auction.fund.channels.reconcile import reconcile_bank
from auction.fund.deposits.attempts import (
    MAX_ATTEMPTS,
    RefundNotFailed,
    RefundUnknown,
    TooManyAttempts,
    attempt_key,
    next_attempt,
)
from auction.fund.gateway import CardPayment, ProviderRefused
from auction.fund.payouts.disbursements import AccountEvidenceMissing, AccountNameDiffers, SecondOfficerNeeded
from auction.fund.refunds.name_refund_account import (
    ConfirmRefundAccount,
    PayerInRefund,
    RecordRefundAccount,
    RefundAccountSame,
    RefundAccountStands,
    RefundAccountUnknown,
    RefundAccountUsed,
    RefundAccountView,
    RefundOnlyToCard,
    WithdrawRefundAccount,
    confirm_refund_account,
    record_refund_account,
    withdraw_refund_account,
)
from auction.fund.refunds.retry_refund import RefundAgain, RefundReasonMissing, RetryRefund, retry_refund
from auction.kernel.actors import Actor, Role
from auction.kernel.errors import NotPermitted
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.deposits.test_flow import DEPOSIT, close, pay_by_bank, pay_by_card
from tests.auction.fund.world import Bidder, World


async def refund_id(world: World) -> UUID:
    """Give the only refund."""
    async with world.db.reading() as tx:
        found: UUID = await tx.session.scalar(text("SELECT refund_id FROM fund.refund"))
        return found


async def state(world: World) -> str:
    """Give its state."""
    async with world.db.reading() as tx:
        return str(await tx.session.scalar(text("SELECT state FROM fund.refund")))


async def retry(world: World, *, officer: Actor | None = None, reason: str = "银行称已恢复") -> RefundAgain:
    """Try it again."""
    officer = officer or await world.officer(Role.FINANCE)
    command = RetryRefund(command_id=new_id(), refund_id=await refund_id(world), reason=reason)
    return await retry_refund(world.db, officer, command)


async def refused_by_bank(world: World, mood: str = "rejected") -> Bidder:
    """A loser whose refund the bank refused."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_bank(world, bidder)
    world.bank.mood = mood
    await close(world, None)
    return bidder


async def refused_by_card(world: World) -> Bidder:
    """A loser whose refund the card provider refused."""
    bidder = await world.bidder(DEPOSIT)
    await pay_by_card(world, bidder)
    world.cards.refund_state = "failed"
    await close(world, None)
    return bidder


async def test_refused_bank_refund_is_paid_once_under_a_new_key(world: World) -> None:
    """An officer's second attempt pays under its own key; the alarm ends, and the books are at zero."""
    await refused_by_bank(world)
    assert "refund_stuck" in await world.alarms()

    world.bank.mood = "confirmed"
    again = await retry(world)
    await world.settle_bank()

    assert again.attempt == 2
    assert [seen.state for _, seen in world.bank.orders.values()] == ["rejected", "confirmed"]
    assert list(world.bank.orders) == [attempt_key(again.refund_id, 1), attempt_key(again.refund_id, 2)]
    assert await state(world) == "done"
    assert await world.totals() == {}
    assert "refund_stuck" not in await world.alarms()
    assert (await reconcile_bank(world.db, world.bank)).differences == ()
    await world.require_straight()


async def test_refund_that_came_back_is_paid_again_and_booked_twice(world: World) -> None:
    """Money that was paid and came back is owed again; the second attempt takes it out of the books again."""
    bidder = await refused_by_bank(world, "confirmed")
    assert await world.totals() == {}
    world.bank.settle("returned")
    await world.settle_bank()
    assert await state(world) == "failed"
    assert await world.totals() == {"bank": DEPOSIT, "refunds": DEPOSIT}

    await retry(world)
    await world.settle_bank()

    assert await world.totals() == {}
    assert (await world.deposit(bidder)).refunded
    assert (await reconcile_bank(world.db, world.bank)).differences == ()
    await world.require_straight()


async def test_attempt_whose_predecessor_is_alive_after_all_does_not_go_out(world: World) -> None:
    """The bank that rejected says at the second attempt that it paid the first: nothing is paid twice, the first is booked."""
    await refused_by_bank(world)
    first = next(iter(world.bank.orders))
    world.bank.say(first, "confirmed")

    await retry(world)
    await world.run_jobs()

    assert list(world.bank.orders) == [first]
    assert await state(world) == "done"
    await world.require_straight()


async def test_attempt_stays_put_while_its_predecessor_is_open(world: World) -> None:
    """The bank that rejected now says *accepted*: the new attempt is refused and a person is called again."""
    await refused_by_bank(world)
    first = next(iter(world.bank.orders))
    world.bank.say(first, "accepted")

    await retry(world)
    await world.run_jobs()

    assert list(world.bank.orders) == [first]
    assert await state(world) == "failed"
    assert "refund_stuck" in await world.alarms()


@pytest.mark.parametrize("lost", [1, 2])
async def test_second_attempt_whose_answer_is_lost_pays_once(world: World, lost: int) -> None:
    """An answer that is lost is asked again under the same key."""
    await refused_by_bank(world)
    world.bank.mood, world.bank.lose_answers = "confirmed", lost

    await retry(world)
    await world.settle_bank()

    assert [seen.state for _, seen in world.bank.orders.values()] == ["rejected", "confirmed"]
    assert await world.totals() == {}


async def test_old_news_of_the_first_attempt_does_not_end_the_second(world: World) -> None:
    """A picture of the failed attempt that arrives late moves nothing."""
    await refused_by_bank(world, "accepted")
    first = next(iter(world.bank.orders))
    world.bank.say(first, "returned")
    await world.look_now()
    assert await state(world) == "failed"
    world.bank.mood = "accepted"
    await retry(world)
    await world.run_jobs()

    world.bank.book_back(first)
    await world.settle_bank()

    assert await state(world) == "sent"
    world.bank.say(list(world.bank.orders)[1], "confirmed")
    await world.look_now()
    assert await state(world) == "done"
    assert await world.totals() == {}


async def test_failed_card_refund_is_made_again_under_its_own_id(world: World) -> None:
    """The provider gets a new key and a new id of ours; the failed refund is not taken for the new one."""
    await refused_by_card(world)
    world.cards.refund_state = "succeeded"

    again = await retry(world)
    await world.run_jobs()

    assert [ours for ours, _ in world.cards.refunds.values()] == [
        str(again.refund_id),
        attempt_key(again.refund_id, 2).removeprefix("refund:"),
    ]
    assert await state(world) == "done"
    assert await world.totals() == {}


async def test_card_refund_that_succeeded_after_all_is_not_made_again(world: World) -> None:
    """A refund that the provider carried out after it had said *failed* is booked, and no second one is asked for."""
    await refused_by_card(world)
    world.cards.settle_refunds("succeeded")

    await retry(world)
    await world.run_jobs()

    assert len(world.cards.refunds) == 1
    assert await state(world) == "done"
    assert await world.totals() == {}


async def test_refund_under_way_or_done_takes_no_second_order(world: World) -> None:
    """Neither an open nor a finished refund can be tried again."""
    await refused_by_bank(world, "accepted")
    with pytest.raises(RefundNotFailed):
        await retry(world)
    world.bank.settle("confirmed")
    await world.look_now()

    with pytest.raises(RefundNotFailed):
        await retry(world)


async def test_two_clicks_are_one_attempt(world: World) -> None:
    """Of two officers who try at the same time one is refused."""
    await refused_by_bank(world)
    await retry(world)

    with pytest.raises(RefundNotFailed):
        await retry(world)


async def test_only_finance_tries_again_and_says_why(world: World) -> None:
    """No other role, no empty reason, no unknown refund."""
    await refused_by_bank(world)

    with pytest.raises(NotPermitted):
        await retry(world, officer=await world.officer(Role.CASE_HANDLER))
    for reason in ("", " ", "长" * 501):
        with pytest.raises(RefundReasonMissing):
            await retry(world, reason=reason)
    officer = await world.officer(Role.FINANCE)
    unknown = RetryRefund(command_id=new_id(), refund_id=new_id(), reason="x")
    with pytest.raises(RefundUnknown):
        await retry_refund(world.db, officer, unknown)


def test_attempts_end_at_their_limit() -> None:
    """The nineteenth attempt may be followed, the twentieth not."""
    assert next_attempt(MAX_ATTEMPTS - 1) == MAX_ATTEMPTS
    with pytest.raises(TooManyAttempts):
        next_attempt(MAX_ATTEMPTS)


# Another account of the same payer -----------------------------------------------------------------------------------


async def record(world: World, officer: Actor, **changes: str) -> RefundAccountView:
    """Record another account of the payer."""
    values = {"account_number": "6333000011112222", "account_name": "张示范", "evidence_sha256": "ab" * 32, **changes}
    command = RecordRefundAccount(
        command_id=new_id(), refund_account_id=new_id(), refund_id=await refund_id(world), **values
    )
    return await record_refund_account(world.db, officer, command)


async def confirm(world: World, officer: Actor, view: RefundAccountView) -> RefundAccountView:
    """Confirm it."""
    command = ConfirmRefundAccount(command_id=new_id(), refund_account_id=view.refund_account_id)
    return await confirm_refund_account(world.db, officer, command)


async def test_closed_account_is_replaced_by_two_officers_after_a_working_day(world: World) -> None:
    """Recorded by one, confirmed by another, paid after one whole working day to the payer's own other account."""
    await refused_by_bank(world)
    world.bank.mood = "confirmed"
    view = await record(world, await world.officer(Role.CASHIER))
    assert (view.state, view.masked, view.usable_from) == ("proposed", "************2222", None)

    confirmed = await confirm(world, await world.officer(Role.FINANCE), view)
    await world.settle_bank()
    assert len(world.bank.orders) == 1  # nothing leaves before its day
    assert confirmed.usable_from is not None
    async with world.db.reading() as tx:
        wait = confirmed.usable_from - tx.now
    assert wait >= timedelta(days=1)
    await move_clock(world.db, to=confirmed.usable_from + timedelta(seconds=1))
    await world.settle_bank()

    order = list(world.bank.orders.values())[1][0]
    assert (order.to_account, order.to_name, order.amount_fen) == ("6333000011112222", "张示范", DEPOSIT)
    assert await state(world) == "done"
    assert await world.totals() == {}
    await world.require_straight()


async def test_whoever_recorded_does_not_confirm(world: World) -> None:
    """Two natural persons."""
    await refused_by_bank(world)
    officer = await world.officer(Role.FINANCE, Role.CASHIER)
    view = await record(world, officer)

    with pytest.raises(SecondOfficerNeeded):
        await confirm(world, officer, view)
    assert await state(world) == "failed"


async def test_what_no_other_account_may_be(world: World) -> None:
    """Another's account and an account without evidence are refused."""
    await refused_by_bank(world)
    clerk = await world.officer(Role.CASHIER)

    with pytest.raises(AccountNameDiffers):
        await record(world, clerk, account_name="李示范")
    with pytest.raises(AccountEvidenceMissing):
        await record(world, clerk, evidence_sha256=" ")


async def test_account_that_paid_is_no_other_account(world: World) -> None:
    """Whoever names the old account again is told to try the refund again; blanks do not make it another."""
    bidder = await world.bidder(DEPOSIT)
    number = await world.virtual_number(bidder)
    world.bank.pay_in(DEPOSIT, name=bidder.name, to=number, account="622200001111")
    await world.settle_bank()
    world.bank.mood = "rejected"
    await close(world, None)

    with pytest.raises(RefundAccountSame):
        await record(world, await world.officer(Role.CASHIER), account_number="6222 0000 1111")


async def test_authorisation_that_is_not_given_up_is_paid_to_no_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was taken from the card: no account is recorded for it, and the next attempt gives the authorisation up."""
    bidder = await world.bidder(DEPOSIT, closes_in=timedelta(days=2))
    world.cards.capture_before = datetime.now(UTC) + timedelta(days=7)
    held = await pay_by_card(world, bidder, hold=True)
    assert held.provider_id is not None

    async def refuse(provider_id: str, *, key: str) -> CardPayment:
        raise ProviderRefused("lock_timeout")

    with monkeypatch.context() as provider:
        provider.setattr(world.cards, "cancel", refuse)
        await close(world, None)
    assert (await state(world), world.cards.held[held.provider_id].state) == ("failed", "authorised")

    with pytest.raises(RefundOnlyToCard):
        await record(world, await world.officer(Role.CASHIER), account_name=bidder.name)

    async with world.db.reading() as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM fund.refund_account")) == 0
    await retry(world)
    await world.run_jobs()
    assert (await state(world), world.cards.held[held.provider_id].state) == ("done", "cancelled")
    assert (world.bank.orders, world.cards.refunds, world.operator.sent) == ({}, {}, {})
    assert await world.totals() == {}
    assert "refund_stuck" not in await world.alarms()
    await world.require_straight()


async def test_one_other_account_at_a_time(world: World) -> None:
    """A second one waits until the first is withdrawn."""
    await refused_by_bank(world)
    clerk = await world.officer(Role.CASHIER)
    first = await record(world, clerk)
    with pytest.raises(RefundAccountStands):
        await record(world, clerk, account_number="6444000011112222")

    withdraw = WithdrawRefundAccount(command_id=new_id(), refund_account_id=first.refund_account_id)
    assert (await withdraw_refund_account(world.db, clerk, withdraw)).state == "withdrawn"

    assert (await record(world, clerk, account_number="6444000011112222")).state == "proposed"
    with pytest.raises(RefundAccountUnknown):
        await confirm(world, await world.officer(Role.FINANCE), first)


async def test_withdrawn_in_its_waiting_day_nothing_leaves(world: World) -> None:
    """The payer objects in time: the refund has failed again, and its order is never sent."""
    await refused_by_bank(world)
    world.bank.mood = "confirmed"
    clerk = await world.officer(Role.CASHIER)
    view = await record(world, clerk)
    await confirm(world, await world.officer(Role.FINANCE), view)

    withdraw = WithdrawRefundAccount(command_id=new_id(), refund_account_id=view.refund_account_id)
    await withdraw_refund_account(world.db, clerk, withdraw)
    async with world.db.reading() as tx:
        later = tx.now + timedelta(days=14)
    await move_clock(world.db, to=later)
    await world.settle_bank()

    assert len(world.bank.orders) == 1
    assert "refund_stuck" in await world.alarms()
    await retry(world)
    await world.settle_bank()
    assert [order.to_account for order, _ in world.bank.orders.values()] == ["6222", "6222"]
    assert await state(world) == "done"


async def test_what_has_left_is_not_withdrawn(world: World) -> None:
    """Once the order is out, the account stays on record."""
    await refused_by_bank(world)
    world.bank.mood = "confirmed"
    view = await record(world, await world.officer(Role.CASHIER))
    await confirm(world, await world.officer(Role.FINANCE), view)
    async with world.db.reading() as tx:
        later = tx.now + timedelta(days=14)
    await move_clock(world.db, to=later)
    await world.settle_bank()

    withdraw = WithdrawRefundAccount(command_id=new_id(), refund_account_id=view.refund_account_id)
    with pytest.raises(RefundAccountUsed):
        await withdraw_refund_account(world.db, await world.officer(Role.CASHIER), withdraw)


async def test_officer_who_is_the_payer_takes_no_part(world: World) -> None:
    """Nobody pays himself."""
    bidder = await refused_by_bank(world)
    own = Actor(account_id=bidder.actor.account_id, person_id=bidder.actor.person_id, roles=frozenset({Role.CASHIER}))

    with pytest.raises(PayerInRefund):
        await record(world, own)
