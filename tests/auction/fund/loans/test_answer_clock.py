"""A lender who does not answer: the clock of his answer, who is told, and what the borrower can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from auction.fund.loans.answer_clock import CHECK_ANSWER, AnswerDue
from auction.fund.loans.apply_for_loan import ASK_APPROVAL, apply_for_loan
from auction.fund.loans.commit_loan import ASK_COMMITMENT, CommitLoan, commit_loan, handle_ask_commitment
from auction.fund.loans.draw_loan import CancelLoan, cancel_loan
from auction.fund.loans.loans import LoanMoveNotAllowed, LoanState, LoanUnknown
from auction.fund.loans.retract_commitment import RETRACTED, TOLD_REFUSED, RetractCommitment, retract_commitment
from auction.fund.loans.store import notices_of, record_product
from auction.kernel.actors import Role, RoleLacking
from auction.kernel.errors import OutcomeUnknown
from auction.kernel.ids import new_id
from auction.kernel.jobs import MAX_ATTEMPTS, Job, enqueue
from auction.kernel.move_clock import move_clock
from tests.auction.fund.loans.application import PRODUCT, application, basis
from tests.auction.fund.loans.test_loan_flow import DEPOSIT, LOAN, PRICE, applied, shown
from tests.auction.fund.world import Bidder, World


async def told(world: World, loan_id: UUID) -> list[tuple[str, str]]:
    """Who was told of what."""
    async with world.db.reading() as tx:
        return sorted((row.kind, row.told) for row in await notices_of(tx, [loan_id]))


async def due_of(world: World, loan_id: UUID) -> datetime:
    """The last instant of the lender's answer."""
    due_at = (await shown(world, loan_id)).answer_due_at
    assert due_at is not None
    return due_at


async def asked_only(world: World, bidder: Bidder) -> UUID:
    """Apply, with the job that asks the lender not run yet."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    return (await apply_for_loan(world.db, bidder.actor, application(bidder.registration_id), basis_of=basis())).loan_id


async def committing(world: World, bidder: Bidder) -> UUID:
    """Come as far as the request for a commitment, with the job that asks the lender not run yet."""
    loan_id = await applied(world, bidder)
    await world.pay_by_bank(bidder, DEPOSIT)
    await world.close(bidder, PRICE)
    await commit_loan(world.db, bidder.actor, CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    return loan_id


async def look(world: World, loan_id: UUID, at: datetime) -> None:
    """Look whether the answer is late, without asking the lender again."""
    await move_clock(world.db, to=at, freeze=True)
    due_at = await due_of(world, loan_id)
    await world.db.transact(lambda tx: enqueue(tx, CHECK_ANSWER, AnswerDue(loan_id=loan_id, due_at=due_at)))


def held_back(world: World, kind: str) -> None:
    """Leave the jobs of a kind aside, as with a lender who never answers."""
    world.handlers.pop(kind)


async def test_late_answer_to_an_application_is_told_to_buyer_and_lender_only(world: World) -> None:
    """Before the close no alarm says that somebody asked for a loan; buyer and lender are told once, at the instant and not before."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await asked_only(world, bidder)
    held_back(world, ASK_APPROVAL)
    due_at = await due_of(world, loan_id)
    view = await shown(world, loan_id)
    assert not view.is_unanswered(due_at - timedelta(microseconds=1))
    assert view.is_unanswered(due_at)

    await look(world, loan_id, due_at - timedelta(seconds=1))
    await world.run_jobs()
    assert await told(world, loan_id) == []

    await look(world, loan_id, due_at)
    await look(world, loan_id, due_at)
    await world.run_jobs()
    assert await told(world, loan_id) == [("approval_late", "buyer"), ("approval_late", "lender")]
    assert [one.kind for one in world.lender.told.values()] == ["approval_late"]
    assert not {kind for kind in await world.alarms() if kind.startswith("loan")}


async def test_answer_after_the_withdrawal_changes_nothing(world: World) -> None:
    """Who takes his application back may ask another product; the first lender's late approval moves neither loan."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await asked_only(world, bidder)

    view = await cancel_loan(world.db, bidder.actor, CancelLoan(command_id=new_id(), loan_id=loan_id))
    await world.run_jobs()

    assert (view.state, view.answer_due_at) == (LoanState.CANCELLED, None)
    late = await shown(world, loan_id)
    assert (late.state, late.approved_fen) == (LoanState.CANCELLED, None)


async def test_late_commitment_is_told_to_court_buyer_and_lender(world: World) -> None:
    """After the sale the court hears of it, too; the alarm ends when the request is taken back."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committing(world, bidder)
    held_back(world, ASK_COMMITMENT)
    due_at = await due_of(world, loan_id)

    await look(world, loan_id, due_at)
    await look(world, loan_id, due_at)
    await world.run_jobs()

    assert await told(world, loan_id) == [("commitment_late", who) for who in ("buyer", "court", "lender")]
    assert "loan_commitment_late" in await world.alarms()
    command = RetractCommitment(command_id=new_id(), loan_id=loan_id, refused=False)
    view = await retract_commitment(world.db, bidder.actor, command)
    assert (view.state, view.reason, view.answer_due_at) == (LoanState.APPROVED, RETRACTED, None)
    assert "loan_commitment_late" not in await world.alarms()


async def test_retracted_request_is_asked_again_as_another_one(world: World) -> None:
    """The old request is cancelled at the lender, the same amount is asked under a new key, and only its promise counts."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committing(world, bidder)

    await retract_commitment(
        world.db, bidder.actor, RetractCommitment(command_id=new_id(), loan_id=loan_id, refused=False)
    )
    await commit_loan(world.db, bidder.actor, CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    await world.run_jobs()

    assert (await shown(world, loan_id)).state is LoanState.COMMITTED
    first = f"commitment:{loan_id}:{LOAN}"
    assert set(world.lender.cancelled) == {first}
    assert world.lender.committed == [f"{first}:2"]


async def test_promise_that_comes_after_the_retraction_is_given_back(world: World) -> None:
    """A promise that was on its way while the request was taken back moves nothing and is cancelled at the lender."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committing(world, bidder)
    retract = RetractCommitment(command_id=new_id(), loan_id=loan_id, refused=False)
    key = f"commitment:{loan_id}:{LOAN}"

    async def taken_back() -> None:
        await retract_commitment(world.db, bidder.actor, retract)

    world.lender.before_commit = taken_back
    payload = b'{"loan_id": "%s", "key": "%s"}' % (str(loan_id).encode(), key.encode())
    job = Job(job_id=new_id(), kind=ASK_COMMITMENT, payload=payload, attempts=0)
    await handle_ask_commitment(world.db, {"lender-1": world.lender}, job)
    await world.run_jobs()

    view = await shown(world, loan_id)
    assert (view.state, view.committed_fen) == (LoanState.APPROVED, None)
    assert world.lender.committed == [key]
    assert set(world.lender.cancelled) == {key}


@pytest.mark.parametrize("by_answer", [True, False])
async def test_refusal_after_the_sale_is_told_to_the_buyer_at_once(world: World, by_answer: bool) -> None:
    """Whether the lender's answer says it or the buyer does: the pre-approval stands, the buyer is told, he owes what he owed."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committing(world, bidder)
    if by_answer:
        world.lender.refuses_commitment = True
        await world.run_jobs()
    else:
        command = RetractCommitment(command_id=new_id(), loan_id=loan_id, refused=True)
        await retract_commitment(world.db, bidder.actor, command)
        await world.run_jobs()

    view = await shown(world, loan_id)
    assert view.state is LoanState.APPROVED
    assert view.reason == ("credit_refused" if by_answer else TOLD_REFUSED)
    assert await told(world, loan_id) == [("commitment_refused", "buyer")]
    assert await world.totals() == {"bank": DEPOSIT, "proceeds": DEPOSIT}


async def test_only_its_borrower_retracts_and_only_what_is_asked(world: World) -> None:
    """Another's loan does not exist, an officer has no such step, and nothing is taken back that was not asked."""
    bidder, other = await world.bidder(DEPOSIT), await world.bidder(DEPOSIT)
    loan_id = await committing(world, bidder)
    command = RetractCommitment(command_id=new_id(), loan_id=loan_id, refused=False)
    with pytest.raises(LoanUnknown):
        await retract_commitment(world.db, other.actor, command)
    with pytest.raises(RoleLacking):
        await retract_commitment(world.db, await world.officer(Role.LENDER), command)
    await retract_commitment(world.db, bidder.actor, command)
    again = RetractCommitment(command_id=new_id(), loan_id=loan_id, refused=False)
    with pytest.raises(LoanMoveNotAllowed):
        await retract_commitment(world.db, bidder.actor, again)


async def test_silent_lender_is_asked_on_after_a_jobs_last_attempt(world: World) -> None:
    """At its last attempt the job hands on to another one that looks an hour later; before it fails like any other."""
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committing(world, bidder)
    payload = b'{"loan_id": "%s"}' % str(loan_id).encode()
    world.lender.lose_answers = 2

    early = Job(job_id=new_id(), kind=ASK_COMMITMENT, payload=payload, attempts=MAX_ATTEMPTS - 2)
    with pytest.raises(OutcomeUnknown):
        await handle_ask_commitment(world.db, {"lender-1": world.lender}, early)
    last = Job(job_id=new_id(), kind=ASK_COMMITMENT, payload=payload, attempts=MAX_ATTEMPTS - 1)
    await handle_ask_commitment(world.db, {"lender-1": world.lender}, last)

    async with world.db.reading() as tx:
        found = await tx.session.execute(
            text("SELECT due_at FROM kernel.job WHERE kind = :kind AND state = 'waiting'"), {"kind": ASK_COMMITMENT}
        )
        (due_at,) = found.scalars()
        assert due_at - tx.now > timedelta(minutes=59)
