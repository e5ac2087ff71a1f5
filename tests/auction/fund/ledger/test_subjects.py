"""Ids that a sender chooses name one thing only, and money goes where four persons signed (F103)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.read_order import receipt_id_of_line
from auction.fund.deposits.start_card_payment import StartCardPayment, card_payment_view, start_card_payment
from auction.fund.ledger.open_case_fund import CaseNotAtZero
from auction.fund.ledger.subjects import SubjectTaken
from auction.fund.payouts.put_in_escrow import PutInEscrow, put_in_escrow
from auction.fund.settlement.close_case_account import CloseCaseAccount, close_case_account
from auction.kernel.actors import Role
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.deposits.test_flow import DEPOSIT
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, Sale
from tests.auction.fund.world import ADVANCED, World


@pytest.fixture
def sale(db: Database) -> Sale:
    """A sale whose plan can be settled."""
    return Sale(World(db))


async def test_escrow_under_a_suits_id_is_refused(sale: Sale) -> None:
    """The disputed money stays where the judgment will look for it; the database refuses what passes the check."""
    await sale.drawn()
    await sale.serve()
    objection = await sale.objected("mortgage", MORTGAGE // 2)
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    before = await sale.world.totals()
    for taken in (objection, sale.line("mortgage")):
        command = PutInEscrow(
            command_id=new_id(), escrow_id=taken, line_id=sale.line("ordinary"), ground="missing", document_id=new_id()
        )
        command = msgspec.structs.replace(command, document_id=await sale.world.escrow_paper(command))
        with pytest.raises(SubjectTaken):
            await put_in_escrow(sale.world.db, sale.handler, command)

    with pytest.raises(DBAPIError, match="subject_taken"):
        async with sale.world.db.transaction() as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO fund.plan_line SELECT :taken, plan_id, number + 100, claim_id, kind, rank, owed_fen, share_fen, "
                    "payee_person_id, ground FROM fund.plan_line LIMIT 1"
                ),
                {"taken": objection},
            )
    assert await sale.world.totals() == before


async def test_payment_named_as_anothers_receipt_takes_nobodys_refund(world: World) -> None:
    """A bidder chooses the id of his card payment; the other's transfer goes back all the same."""
    attacker = await world.bidder(DEPOSIT, name="李示范")
    victim = await world.bidder(DEPOSIT)
    command = StartCardPayment(command_id=new_id(), deposit_id=attacker.deposit_id, payment_id=receipt_id_of_line("L1"))
    started = await start_card_payment(world.db, attacker.actor, command, policy=ADVANCED)
    await world.run_jobs()
    async with world.db.reading() as tx:
        view = await card_payment_view(tx, started.payment_id)
    world.cards.pay(str(view.provider_id))
    await world.look_now()
    await world.pay_by_bank(victim, DEPOSIT)
    await world.close(None, 0)
    await world.look_now()
    await world.settle_bank()

    assert [(order.to_account, order.amount_fen) for order, _ in world.bank.orders.values()] == [("6222", DEPOSIT)]
    assert await world.totals() == {}
    await world.require_straight()


async def test_account_number_is_fixed_once_recorded(sale: Sale) -> None:
    """The application's own role cannot exchange the sealed number under the commitment that four persons sign."""
    await sale.settled()
    await sale.paid("mortgage")
    with pytest.raises(DBAPIError, match="column_fixed"):
        async with sale.world.db.transaction() as tx:
            await tx.session.execute(
                text(
                    "UPDATE fund.payee_account SET number_sealed = (SELECT number_sealed FROM fund.payee_account "
                    "WHERE person_id = :other) WHERE person_id = :payee"
                ),
                {"other": sale.persons["debtor"], "payee": sale.persons["mortgagee"]},
            )


async def test_refusal_to_close_counts_no_bidders(world: World) -> None:
    """The kinds that are not at zero are named, each once; no sum or number of deposits (security 2)."""
    for _ in range(3):
        await world.pay_by_bank(await world.bidder(DEPOSIT), DEPOSIT)
    handler = await world.officer(Role.CASE_HANDLER)

    with pytest.raises(CaseNotAtZero) as refused:
        await close_case_account(world.db, handler, CloseCaseAccount(command_id=new_id(), case_id=world.case_id))

    assert refused.value.facts["accounts"] == "bank, deposits"


async def test_line_that_names_an_erased_bidder_stops_nobody(world: World) -> None:
    """One fen to the number of somebody whose data were erased is a lead; the next bidder's deposit is booked."""
    gone = await world.bidder(DEPOSIT)
    number = await world.virtual_number(gone)
    other = await world.bidder(DEPOSIT, name="李示范")
    number_of_other = await world.virtual_number(other)
    async with world.db.transaction() as tx:
        await tx.session.execute(
            text("UPDATE kernel.person SET name_sealed = NULL, identity_sealed = NULL WHERE person_id = :id"),
            {"id": gone.actor.person_id},
        )
    world.bank.pay_in(1, name="某人", to=number)
    world.bank.pay_in(DEPOSIT, name=other.name, to=number_of_other)

    await poll_bank(world.db, world.bank)

    assert (await world.deposit(other)).state == "held"
