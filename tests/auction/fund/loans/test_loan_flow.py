from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.fund.cancel_purchase import forfeit_deposit
from auction.fund.deposits.purchases import is_paid_exactly
from auction.fund.loans.applications import LoanAboveValue
from auction.fund.loans.apply_for_loan import ASK_APPROVAL, apply_for_loan, handle_ask_approval
from auction.fund.loans.asking import LoanAsked
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import CancelLoan, DrawLoan, cancel_loan, draw_loan
from auction.fund.loans.lender_desk import lender_desk
from auction.fund.loans.loans import (
    LenderUnnamed,
    LoanAboveBalance,
    LoanAboveCommitment,
    LoanInPrice,
    LoanMoveNotAllowed,
    LoanState,
    LoanTermInvalid,
    LoanUnknown,
    LoanView,
)
from auction.fund.loans.note_mortgage import drawn_loan_of_lot
from auction.fund.loans.show_loan import committed_loans, letter_shown, loan_shown, loans_shown
from auction.fund.loans.store import loan_row, loan_view, record_product
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.db import Transaction
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.jobs import Job
from tests.auction.fund.loans.application import LIMIT, PRODUCT, application, basis
from tests.auction.fund.world import Bidder, FakeLender, World

PRICE = 1_000_000_00
DEPOSIT = 100_000_00
LOAN = 700_000_00


async def shown(world: World, loan_id: UUID) -> LoanView:
    """The loan as it stands."""
    async with world.db.reading() as tx:
        return loan_view(await loan_row(tx, loan_id))


async def applied(world: World, bidder: Bidder) -> UUID:
    """Apply for the loan."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    command = application(bidder.registration_id)
    view = await apply_for_loan(world.db, bidder.actor, command, basis_of=basis())
    await world.run_jobs()
    return view.loan_id


async def committed(world: World, bidder: Bidder) -> UUID:
    """Come as far as a commitment for the purchase."""
    loan_id = await applied(world, bidder)
    await world.pay_by_bank(bidder, DEPOSIT)
    await world.close(bidder, PRICE)
    await commit_loan(world.db, bidder.actor, CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    await world.run_jobs()
    return loan_id


async def drawn(world: World, bidder: Bidder, fen: int = LOAN) -> UUID:
    """Come as far as a draw that the lender was asked for."""
    loan_id = await committed(world, bidder)
    await draw_loan(world.db, bidder.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=fen))
    await world.settle_bank()
    return loan_id


async def test_own_money_and_a_loan_make_the_price(world: World) -> None:
    """The lender's money arrives as a receipt with the loan's reference; with the buyer's own it is the price exactly."""
    bidder = await world.bidder(DEPOSIT)
    world.lender.lose_answers = 4

    loan_id = await drawn(world, bidder)
    await world.pay_by_bank(bidder, PRICE - DEPOSIT - LOAN)

    assert (await shown(world, loan_id)).state is LoanState.RECEIVED
    assert len(world.lender.drawn) == 1
    async with world.db.reading() as tx:
        assert await is_paid_exactly(tx, world.round_id)
    assert await world.totals() == {"bank": PRICE, "proceeds": PRICE}
    await world.require_straight()


async def test_borrower_does_not_give_up_a_loan_that_is_in_the_price(world: World) -> None:
    """Giving it up would leave the lender, whose money paid the price, without the mortgage that is filed with the transfer."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await drawn(world, bidder)

    with pytest.raises(LoanInPrice):
        await cancel_loan(world.db, bidder.actor, CancelLoan(command_id=new_id(), loan_id=loan_id))

    async with world.db.reading() as tx:
        secured = await drawn_loan_of_lot(tx, (await loan_row(tx, loan_id)).lot_id)
    assert secured is not None
    assert secured.loan_id == loan_id
    assert world.lender.cancelled == []


@pytest.mark.parametrize("beside", [-1, 1])
async def test_lenders_money_beside_the_draw_goes_back_to_him(world: World, beside: int) -> None:
    """A fen less or more than the draw is not applied: it goes back to the lender and calls a person."""
    world.lender.beside_fen = beside
    bidder = await world.bidder(DEPOSIT)

    await drawn(world, bidder)

    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}
    assert [(o.to_name, o.amount_fen) for o, _ in world.bank.orders.values()] == [("示范商业银行", LOAN + beside)]
    assert "loan_receipt_differs" in await world.alarms()
    await world.require_straight()


async def test_no_more_than_commitment_or_balance(world: World) -> None:
    """A commitment stays within the pre-approval, a draw within the commitment and within what is missing."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await applied(world, bidder)
    await world.pay_by_bank(bidder, DEPOSIT)
    await world.close(bidder, PRICE)

    def commit(fen: int) -> CommitLoan:
        return CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=fen)

    with pytest.raises(LoanAboveCommitment):
        await commit_loan(world.db, bidder.actor, commit(LIMIT * 7 // 10 + 1))
    await commit_loan(world.db, bidder.actor, commit(LOAN))
    await world.run_jobs()

    with pytest.raises(LoanAboveCommitment):
        await draw_loan(world.db, bidder.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN + 1))
    await world.pay_by_bank(bidder, PRICE - DEPOSIT - LOAN + 1)
    with pytest.raises(LoanAboveBalance):
        await draw_loan(world.db, bidder.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    await draw_loan(world.db, bidder.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN - 1))
    await world.settle_bank()
    async with world.db.reading() as tx:
        assert await is_paid_exactly(tx, world.round_id)


async def test_two_lenders_together_leave_the_least_own_money(world: World) -> None:
    """What another lender promised is no own money: both loans together stay below the price less fifteen percent of it, to the fen."""
    bidder = await world.bidder(DEPOSIT)
    other = msgspec.structs.replace(PRODUCT, product_id="home-31")
    await world.db.transact(lambda tx: record_product(tx, other))
    asked = application(bidder.registration_id, product_id="home-31")
    second = (await apply_for_loan(world.db, bidder.actor, asked, basis_of=basis())).loan_id
    await committed(world, bidder)

    def commit(fen: int) -> CommitLoan:
        return CommitLoan(command_id=new_id(), loan_id=second, amount_fen=fen)

    most = PRICE * 85 // 100 - LOAN
    with pytest.raises(LoanAboveValue):
        await commit_loan(world.db, bidder.actor, commit(most + 1))
    assert (await commit_loan(world.db, bidder.actor, commit(most))).state is LoanState.COMMITTING


async def test_declined_loan_changes_nothing_about_the_duty_to_pay(world: World) -> None:
    """A refusal of credit is noted and ends the loan; nothing else moves."""
    world.lender.declines = True
    bidder = await world.bidder(DEPOSIT)

    loan_id = await applied(world, bidder)

    assert (await shown(world, loan_id)).state is LoanState.REFUSED
    with pytest.raises(LoanMoveNotAllowed):
        await cancel_loan(world.db, bidder.actor, CancelLoan(command_id=new_id(), loan_id=loan_id))


async def test_another_bidders_loan_does_not_exist(world: World) -> None:
    """Nobody applies for, or draws, another's loan; a term beyond the product is refused."""
    bidder, other = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    loan_id = await committed(world, bidder)
    with pytest.raises(LoanUnknown):
        await draw_loan(world.db, other.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=1))
    command = application(other.registration_id, months=361)
    with pytest.raises(LoanTermInvalid):
        await apply_for_loan(world.db, other.actor, command, basis_of=basis())


async def test_default_returns_the_lenders_money_to_the_lender(world: World) -> None:
    """On default the deposit is kept, the loan is cancelled and its money goes back to the lender (practice 26)."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await drawn(world, bidder)

    async def default(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await forfeit_deposit(tx, round_id=world.round_id)

    await world.db.transact(default)
    await world.settle_bank()

    assert (await shown(world, loan_id)).state is LoanState.CANCELLED
    assert await world.totals() == {"bank": DEPOSIT, "forfeited": DEPOSIT}
    assert [(o.to_name, o.amount_fen) for o, _ in world.bank.orders.values()] == [("示范商业银行", LOAN)]
    assert len(world.lender.cancelled) == 1
    await world.require_straight()


async def test_lender_moves_no_loan(world: World) -> None:
    """An account of a lender reads loans; only the borrower commits, draws and cancels."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committed(world, bidder)
    lender = await world.officer(Role.LENDER)

    with pytest.raises(RoleLacking):
        await commit_loan(world.db, lender, CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    with pytest.raises(RoleLacking):
        await draw_loan(world.db, lender, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    with pytest.raises(RoleLacking):
        await cancel_loan(world.db, lender, CancelLoan(command_id=new_id(), loan_id=loan_id))


def officer(institution: str | None) -> Actor:
    """An officer of a lender."""
    return Actor(
        account_id=AccountId(new_id()),
        person_id=PersonId(new_id()),
        roles=frozenset({Role.LENDER}),
        institution=institution,
    )


async def test_lenders_officer_sees_his_own_institutions_loans_only(world: World) -> None:
    """A loan is listed and read by officers of the lender whose product it is; for any other it does not exist."""
    loan_id = await applied(world, await world.bidder(DEPOSIT))

    async with world.db.reading() as tx:
        assert [loan.loan_id for loan in await loans_shown(tx, officer("lender-1"))] == [loan_id]
        assert (await loan_shown(tx, loan_id, officer("lender-1"))).loan_id == loan_id
        assert await loans_shown(tx, officer("lender-1"), page=2) == []
        assert await loans_shown(tx, officer("lender-2")) == []
        for other in (officer("lender-2"), officer(None)):
            with pytest.raises(LoanUnknown):
                await loan_shown(tx, loan_id, other)


async def test_officer_whose_role_names_no_lender_is_shown_nothing(world: World) -> None:
    """A lender's role from before institutions were named opens no list, and no other role does."""
    async with world.db.reading() as tx:
        with pytest.raises(LenderUnnamed):
            await loans_shown(tx, officer(None))
        with pytest.raises(RoleLacking):
            await loans_shown(tx, (await world.bidder(DEPOSIT)).actor)


async def test_product_never_changes_hands(world: World) -> None:
    """Another lender cannot take over a product, and with it its loans, by offering it under the same id."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))

    with pytest.raises(DBAPIError, match="column_fixed"):
        await world.db.transact(lambda tx: record_product(tx, msgspec.structs.replace(PRODUCT, lender_id="lender-2")))


async def test_loan_goes_to_the_lender_whose_product_it_is(world: World) -> None:
    """With two lenders each is asked about his own products, and hears nothing of the other's applicants."""
    mine, other = FakeLender(bank=world.bank), FakeLender(bank=world.bank, declines=True)
    theirs = msgspec.structs.replace(PRODUCT, product_id="home-2", lender_id="lender-2")
    await world.db.transact(lambda tx: record_product(tx, theirs))
    bidder = await world.bidder(DEPOSIT)
    command = application(bidder.registration_id, product_id="home-2")
    view = await apply_for_loan(world.db, bidder.actor, command, basis_of=basis())
    payload = msgspec.json.encode(LoanAsked(loan_id=view.loan_id))
    job = Job(job_id=new_id(), kind=ASK_APPROVAL, payload=payload, attempts=0)

    await handle_ask_approval(world.db, {"lender-1": mine, "lender-2": other}, job)

    assert (await shown(world, view.loan_id)).state is LoanState.REFUSED
    async with world.db.reading() as tx:
        assert [loan.loan_id for loan in await loans_shown(tx, officer("lender-2"))] == [view.loan_id]
        assert (await lender_desk(tx, officer("lender-1"))).figures.by_state == {}
        assert (await lender_desk(tx, officer("lender-2"))).figures.by_state == {"refused": 1}


async def test_letters_are_for_borrower_and_own_lender_only(world: World) -> None:
    """The signed letter is given to its borrower and to officers of its lender; to any other it does not exist."""
    bidder, stranger = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    loan_id = await committed(world, bidder)

    async with world.db.reading() as tx:
        for reader in (bidder.actor, officer("lender-1")):
            assert (await letter_shown(tx, loan_id, reader, kind="commitment"))["no"] == "C1"
        for reader in (stranger.actor, officer("lender-2"), officer(None)):
            with pytest.raises(LoanUnknown):
                await letter_shown(tx, loan_id, reader, kind="commitment")
        with pytest.raises(LoanUnknown):
            await letter_shown(tx, loan_id, bidder.actor, kind="other")
        (seen,) = await committed_loans(tx, world.case_id)
    assert (seen.commitment_no, seen.committed_fen, seen.letter_sha256) == ("C1", LOAN, "c" * 64)
