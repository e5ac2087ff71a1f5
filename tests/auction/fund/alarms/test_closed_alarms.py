"""Alarms that no fact of the books ends are closed by officers, on real PostgreSQL (rules of `auction.fund.alarms.closings`)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.acts.second_person import ConcernedPersonActs, SamePerson
from auction.fund.alarms.close_missing_deposit import CloseMissingDeposit, carry_out_closing, close_missing_deposit
from auction.fund.alarms.closings import RULINGS_ON_DEFAULT, AlarmSilent, ClosingUnexplained, MoneyNotBack, reason_given
from auction.fund.alarms.explain_loan_receipt import ExplainLoanReceipt, explain_loan_receipt
from auction.fund.cancel_purchase import forfeit_deposit, missing_deposit
from auction.fund.case_file import DocumentNotSealed
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.db import Transaction
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.money import Money
from tests.auction.fund.deposits.test_flow import DEPOSIT, close
from tests.auction.fund.deposits.test_money_back import lapsed
from tests.auction.fund.loans.test_loan_flow import drawn
from tests.auction.fund.world import Bidder, World


async def alarm_subject(world: World, kind: str) -> UUID:
    """What an alarm is about."""
    async with world.db.reading() as tx:
        found = await tx.session.scalar(text("SELECT subject_id FROM fund.alarm WHERE kind = :kind"), {"kind": kind})
    assert isinstance(found, UUID)
    return found


async def closings(world: World) -> int:
    """How many alarms were closed in writing."""
    async with world.db.reading() as tx:
        return int(await tx.session.scalar(text("SELECT count(*) FROM fund.alarm_closing")) or 0)


async def missing(world: World) -> Bidder:
    """A default over a card's hold that was lost: nothing of the deposit was there."""
    winner = await lapsed(world)
    await close(world, winner)

    async def default(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        kept = await forfeit_deposit(tx, round_id=world.round_id)
        await missing_deposit(tx, round_id=world.round_id, kept=kept, announced=None)

    await world.db.transact(default)
    return winner


async def closing(world: World, kind: str = "default_ruling") -> CloseMissingDeposit:
    """The command that closes it on a sealed paper of this kind."""
    return CloseMissingDeposit(
        command_id=new_id(),
        closing_id=new_id(),
        case_id=world.case_id,
        round_id=world.round_id,
        document_id=await world.document(kind),
        reason="已裁定责令缴纳",
    )


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_closing_states_what_became_of_it(reason: str) -> None:
    """Nothing, or blanks, explain nothing."""
    with pytest.raises(ClosingUnexplained):
        reason_given(reason)


async def test_missing_deposit_is_closed_by_two_persons(world: World) -> None:
    """The alarm rings until another person agrees; whoever proposed it cannot, and no money moves."""
    await missing(world)
    before = await world.totals()
    first = await world.officer(Role.CASE_HANDLER)
    act = await close_missing_deposit(world.db, first, await closing(world))
    assert act.effect == {"kept_fen": 0}

    with pytest.raises(SamePerson):
        await world.agree(act, by=first)
    assert "deposit_missing" in await world.alarms()
    await world.agree(act)

    assert "deposit_missing" not in await world.alarms()
    assert await closings(world) == 1
    assert await world.totals() == before
    with pytest.raises(AlarmSilent):
        await close_missing_deposit(world.db, first, await closing(world))
    await world.require_straight()


async def test_refused_closing_leaves_the_alarm(world: World) -> None:
    """A second person who finds it wrong ends the proposal; the alarm goes on ringing."""
    await missing(world)
    first = await world.officer(Role.CASE_HANDLER)
    await world.agree(await close_missing_deposit(world.db, first, await closing(world)), agrees=False)

    assert "deposit_missing" in await world.alarms()
    assert await closings(world) == 0


async def test_defaulter_and_unsealed_paper_close_nothing(world: World) -> None:
    """Who owes the deposit takes no part, and a paper that is not on the file is none."""
    winner = await missing(world)
    command = await closing(world)
    owing = Actor(
        account_id=AccountId(new_id()), person_id=PersonId(winner.actor.person_id), roles=frozenset({Role.CASE_HANDLER})
    )
    with pytest.raises(ConcernedPersonActs):
        await close_missing_deposit(world.db, owing, command)

    unsealed = CloseMissingDeposit(
        command_id=new_id(),
        closing_id=new_id(),
        case_id=world.case_id,
        round_id=world.round_id,
        document_id=new_id(),
        reason="已裁定",
    )
    with pytest.raises(DocumentNotSealed):
        await close_missing_deposit(world.db, await world.officer(Role.CASE_HANDLER), unsealed)
    assert "deposit_missing" in await world.alarms()


@pytest.mark.parametrize(
    ("kind", "closes"),
    [
        *((kind, True) for kind in sorted(RULINGS_ON_DEFAULT)),
        *((kind, False) for kind in ("other", "sale_ruling", "distribution_plan", "vacating_announcement")),
    ],
)
async def test_only_a_ruling_about_the_default_closes(world: World, kind: str, closes: bool) -> None:
    """A sealed paper about something else leaves the alarm ringing, and nothing is proposed on it."""
    await missing(world)
    command = await closing(world, kind)
    first = await world.officer(Role.CASE_HANDLER)
    if closes:
        await world.agree(await close_missing_deposit(world.db, first, command))
        assert await closings(world) == 1
        return

    with pytest.raises(DocumentNotSealed):
        await close_missing_deposit(world.db, first, command)
    assert "deposit_missing" in await world.alarms()
    assert await closings(world) == 0


async def test_database_refuses_a_closing_nobody_agreed_to(world: World) -> None:
    """A process that closes the alarm without the second word cannot commit it."""
    await missing(world)
    command = await closing(world)

    async def alone(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await carry_out_closing(tx, command)

    with pytest.raises(DBAPIError, match="act_two_persons"):
        await world.db.transact(alone)
    assert "deposit_missing" in await world.alarms()


async def test_alarm_that_rings_again_is_closed_anew(world: World) -> None:
    """The same fact calls a person again; the earlier closing stays on record."""
    await missing(world)
    first = await world.officer(Role.CASE_HANDLER)
    await world.agree(await close_missing_deposit(world.db, first, await closing(world)))

    async def again(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await missing_deposit(tx, round_id=world.round_id, kept=Money(DEPOSIT - 1), announced=None)

    await world.db.transact(again)
    assert "deposit_missing" in await world.alarms()
    await world.agree(await close_missing_deposit(world.db, first, await closing(world)))

    assert await closings(world) == 2


@pytest.mark.parametrize("is_back", [False, True])
async def test_lenders_payment_is_explained_once_it_is_back(world: World, is_back: bool) -> None:
    """Before the bank confirms the return the alarm stays; after it one officer's word closes it, once."""
    world.lender.beside_fen = 1
    bidder = await world.bidder(DEPOSIT)
    await drawn(world, bidder)
    receipt_id = await alarm_subject(world, "loan_receipt_differs")
    if not is_back:
        async with world.db.transaction() as tx:
            await tx.session.execute(
                text("UPDATE fund.refund SET state = 'failed' WHERE receipt_id = :one"), {"one": receipt_id}
            )
    command = ExplainLoanReceipt(
        command_id=new_id(), closing_id=new_id(), case_id=world.case_id, receipt_id=receipt_id, reason="银行操作有误"
    )
    officer = await world.officer(Role.CLERK)

    with pytest.raises(RoleLacking):
        await explain_loan_receipt(world.db, bidder.actor, command)
    if not is_back:
        with pytest.raises(MoneyNotBack):
            await explain_loan_receipt(world.db, officer, command)
        assert "loan_receipt_differs" in await world.alarms()
        return
    first = await explain_loan_receipt(world.db, officer, command)
    repeated = await explain_loan_receipt(world.db, officer, command)

    assert first == repeated == command.closing_id
    assert "loan_receipt_differs" not in await world.alarms()
    assert await closings(world) == 1
    await world.require_straight()
