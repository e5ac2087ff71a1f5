"""What random runs found in the product, each as the shortest story that shows it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.cancel_purchase import forfeit_deposit
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.reconcile import reconcile_bank
from auction.fund.claims.tax_office import Assessment, TaxHead
from auction.fund.deposits.apply_deposit import close_deposits
from auction.fund.deposits.open_payments import CardPaymentsOpen
from auction.fund.deposits.start_card_payment import StartCardPayment, start_card_payment
from auction.fund.ledger.accounts import AccountKind
from auction.fund.ledger.open_case_fund import CaseNotAtZero
from auction.fund.ledger.post_entry import CaseAccountClosed
from auction.fund.settlement.close_case_account import CloseCaseAccount, close_case_account
from auction.fund.settlement.take_tax_assessment import take_tax_assessment
from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job, enqueue, run_job
from auction.kernel.money import Money
from tests.auction.fund.settlement.test_settlement_flow import Sale
from tests.auction.fund.world import ADVANCED, Bidder, World

PRICE = 1_000_000_00
DEPOSIT = 100_000_00


async def close_account(world: World) -> None:
    """Close the case's account."""
    command = CloseCaseAccount(command_id=new_id(), case_id=world.case_id)
    await close_case_account(world.db, await world.officer(Role.CASE_HANDLER), command)


async def start_card(world: World, bidder: Bidder) -> None:
    """Ask for a card payment, and leave the provider's page open."""
    command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
    await start_card_payment(world.db, bidder.actor, command, policy=ADVANCED)


async def released(world: World) -> Bidder:
    """A bidder whose deposit came and went back."""
    bidder = await world.bidder(DEPOSIT)
    await world.pay_by_bank(bidder, DEPOSIT)
    await world.close(None, 0)
    return bidder


async def test_refund_asked_again_after_the_money_was_swept_is_done(world: World) -> None:
    """The bank paid, its answer was lost, the money was swept: the second asking names another source, and is no failure."""
    winner = await world.bidder(DEPOSIT)
    await world.pay_by_bank(winner, DEPOSIT)
    await world.close(winner, PRICE)
    number = await world.virtual_number(winner)
    world.bank.pay_in(PRICE - DEPOSIT + 1, name=winner.name, to=number)
    world.bank.lose_answers = 1

    await world.settle_bank()

    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    assert "refund_stuck" not in await world.alarms()
    assert (await reconcile_bank(world.db, world.bank)).differences == ()


async def test_money_for_a_closed_case_does_not_stop_the_statement(world: World) -> None:
    """Who pays to the number of a closed case waits as unattributed, and the lines after his are read."""
    bidder = await released(world)
    await close_account(world)

    await world.pay_by_bank(bidder, 5_00)
    world.bank.pay_in(7_00, name="示范旁人")
    await world.settle_bank()

    assert await world.house(AccountKind.UNATTRIBUTED) == 12_00
    assert (await reconcile_bank(world.db, world.bank)).differences == ()
    await world.require_straight()


async def test_money_that_comes_back_after_the_close_is_in_the_books(world: World) -> None:
    """A refund whose bank returns it when the account is closed becomes a receipt that waits, once."""
    await released(world)
    await close_account(world)

    world.bank.settle("returned")
    await world.settle_bank()
    await world.look_now()

    assert await world.house(AccountKind.UNATTRIBUTED) == DEPOSIT
    assert "receipt_unattributed" in await world.alarms()
    assert (await reconcile_bank(world.db, world.bank)).differences == ()
    await world.require_straight()


async def test_account_is_not_closed_while_money_comes_back(world: World) -> None:
    """What the statement shows as returned keeps the account open until it is booked, though the books are at zero."""
    await released(world)
    world.bank.settle("returned")
    await poll_bank(world.db, world.bank)

    with pytest.raises(CaseNotAtZero):
        await close_account(world)
    await world.run_jobs()
    assert (await world.totals())["refunds"] == DEPOSIT


async def test_account_is_not_closed_while_a_card_may_still_pay(world: World) -> None:
    """An open page of the provider keeps the account open; once the round is over the payment is given up there, and it closes."""
    bidder = await world.bidder(DEPOSIT)
    await start_card(world, bidder)
    await world.run_jobs()
    with pytest.raises(CardPaymentsOpen):
        await close_account(world)

    await world.close(None, 0)
    await world.settle_bank()
    assert [payment.state for payment in world.cards.held.values()] == ["cancelled"]
    await close_account(world)


async def test_closed_case_asks_no_card_and_opens_no_deposit(world: World) -> None:
    """Whoever registered before the close, or would register after it, is told so; nothing is asked of the provider."""
    bidder = await world.bidder(DEPOSIT)
    await close_account(world)

    with pytest.raises(CaseAccountClosed):
        await start_card(world, bidder)
    with pytest.raises(CaseAccountClosed):
        await world.bidder(DEPOSIT)
    assert not world.cards.held


async def test_card_of_a_winner_who_paid_by_bank_is_given_up(world: World) -> None:
    """His deposit came by transfer while the card's page was open: applied, it needs no card, and the page takes nothing any more."""
    winner = await world.bidder(DEPOSIT)
    await start_card(world, winner)
    await world.run_jobs()
    await world.pay_by_bank(winner, DEPOSIT)
    await world.close(winner, PRICE)
    await world.settle_bank()

    assert [payment.state for payment in world.cards.held.values()] == ["cancelled"]
    await world.require_straight()


async def test_default_before_the_deposit_was_applied_leaves_no_failing_job(world: World) -> None:
    """The panel is faster than the job that applies the deposit: it is kept, and the job finds nothing left to do."""
    winner = await world.bidder(DEPOSIT)
    await world.pay_by_bank(winner, DEPOSIT)

    async def close_and_fall(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await close_deposits(
            tx,
            round_id=world.round_id,
            closed_at=tx.now,
            buyer_registration_id=winner.registration_id,
            hammer_price=Money(PRICE),
            balance_due_on=None,
        )
        await forfeit_deposit(tx, round_id=world.round_id)

    await world.db.transact(close_and_fall)
    await world.settle_bank()

    assert world.lost == []
    assert await world.totals() == {"bank": DEPOSIT, "forfeited": DEPOSIT}


async def test_assessment_that_comes_twice_at_once_is_one_claim(world: World) -> None:
    """Two answers of the tax office at the same instant make one claim, and no error."""
    sale = Sale(World(world.db))
    sale.world.case_id, sale.world.db = world.case_id, world.db
    for name in ("tax", "debtor"):
        await sale.add_party(name)
    sale.handler = await sale.world.officer(Role.CASE_HANDLER)
    winner = await sale.world.bidder(DEPOSIT)
    await sale.world.pay_by_bank(winner, DEPOSIT)
    await sale.world.close(winner, PRICE)
    sale.world.tax.state = "pending"
    await sale.assess()
    assessment_id = named_id("tax assessment", str(sale.world.round_id))
    head = TaxHead(head="vat", name="增值税", amount_fen=1_00)
    seen = Assessment(state="done", heads=(head,), document_sha256="ab")

    both = (world.db.transact(lambda tx: take_tax_assessment(tx, assessment_id, seen)) for _ in range(2))
    await asyncio.gather(*both)

    async with world.db.reading() as tx:
        found = await tx.session.execute(text("SELECT kind, amount_fen FROM fund.claim"))
    assert [tuple(row) for row in found] == [("sale_tax", 1_00)]


class Nothing(msgspec.Struct, frozen=True):
    """Payload of a job about nothing."""


async def test_run_that_fails_after_another_did_the_job_changes_nothing(world: World) -> None:
    """A job's second run that fails late does not bring back what the first has done and forgotten."""
    job_id = await world.db.transact(lambda tx: enqueue(tx, "made_up", Nothing()))

    async def succeed(job: Job) -> None:
        assert job.job_id == job_id

    async def fail_late(job: Job) -> None:
        await run_job(world.db, {"made_up": succeed}, job_id)
        raise TimeoutError

    await run_job(world.db, {"made_up": fail_late}, job_id)

    async with world.db.reading() as tx:
        found: Any = await tx.session.execute(text("SELECT state FROM kernel.job WHERE job_id = :id"), {"id": job_id})
    assert found.scalar_one() == "done"
