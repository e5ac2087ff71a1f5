"""Closes, balances, set-offs, defaults, sales that are set aside, and loans."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from auction.fund.cancel_purchase import ProceedsSpent, cancel_purchase, forfeit_deposit
from auction.fund.deposits.apply_deposit import close_deposits
from auction.fund.deposits.store import deposit_row, purchase_row
from auction.fund.loans.apply_for_loan import apply_for_loan
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import CancelLoan, DrawLoan, cancel_loan, draw_loan
from auction.fund.set_offs.decision import set_off_decision
from auction.fund.set_offs.fix_set_off import FixSetOff, fix_set_off
from auction.fund.set_offs.propose_set_off import ProposeSetOff, propose_set_off
from auction.fund.set_offs.store import waiting_proposal
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from tests.auction.fund.loans.application import application, basis
from tests.money.acts.registrations import number_of, require_open
from tests.money.acts.registry import act
from tests.money.papers import seal
from tests.money.town import Case, Loan, Purchase
from tests.money.worker import Idle, Worker


@act(5)
async def close_round(worker: Worker, case: Case) -> None:
    """Close a round: somebody whose deposit is held bought, or nobody."""
    round_ = worker.pick([r for r in case.rounds if r.state == "open"])
    here = [b for b in case.bidders if b.round_id == round_.round_id]
    ready = [b for b in here if b.state == "held" and not b.has_left]
    if not here or (not ready and worker.chance(0.9)):
        raise Idle
    winner = worker.pick(ready) if ready and not worker.chance(0.1) else None
    price = 0
    if winner is not None:
        least = winner.amount_fen or 1_000_00
        price = worker.random.randrange(least, least * 12) if worker.chance(0.95) else least

    async def work(tx: Transaction) -> None:
        await tx.about_case(case.case_id)
        await require_open(tx, round_.round_id)
        if winner is not None:
            deposit = await deposit_row(tx, winner.deposit_id)
            if deposit.state != "held" or deposit.release_due_at is not None:
                raise Idle  # another worker was quicker: he has left
        await close_deposits(
            tx,
            round_id=round_.round_id,
            closed_at=tx.now,
            buyer_registration_id=None if winner is None else winner.registration_id,
            hammer_price=None if winner is None else Money(price),
            balance_due_on=None,
        )
        await tx.session.execute(
            text("UPDATE play.round SET state = :state WHERE round_id = :id"),
            {"id": round_.round_id, "state": "unsold" if winner is None else "sold"},
        )

    await worker.db.transact(work)


def open_purchases(case: Case) -> list[Purchase]:
    """Purchases that are not paid."""
    return [p for p in case.purchases if p.state == "open"]


@act(8)
async def pay_balance(worker: Worker, case: Case) -> None:
    """Pay the balance or a part of it, by reference or to the sub-account."""
    purchase = worker.pick(open_purchases(case))
    buyer = case.bidder(purchase.deposit_id)
    missing = purchase.price_fen - purchase.applied_fen
    if buyer.state == "held":
        missing -= buyer.amount_fen
    if missing <= 0:
        raise Idle
    if any(loan.round_id == purchase.round_id and loan.state == "drawing" for loan in case.loans) and worker.chance(
        0.8
    ):
        raise Idle
    luck = worker.random.random()
    fen = missing if luck < 0.7 else worker.random.randrange(1, missing + 1) if luck < 0.93 else missing + 1
    if worker.chance(0.5) or not buyer.sub_account:
        to, remark = case.account, f"尾款 {purchase.reference}"
    else:
        to, remark = await number_of(worker, buyer), ""
    await worker.outside.tell("bank", "pay_in", fen, name=buyer.name, to=to, remark=remark, account=buyer.account)


@act(4)
async def set_off(worker: Worker, case: Case) -> None:
    """Let a creditor who bought set his share off: one officer proposes, another vouches for it, or turns it down."""
    creditors = {claim.person_id for claim in case.claims}
    purchase = worker.pick(
        [p for p in open_purchases(case) if p.person_id in creditors and p.tax == "assessed" and not p.set_off]
    )
    missing = purchase.price_fen - purchase.applied_fen
    if missing <= 0:
        raise Idle
    fen = missing if worker.chance(0.5) else worker.random.randrange(1, missing + 1)
    async with worker.db.reading() as tx:
        waiting = await waiting_proposal(tx, purchase.round_id)
    if waiting is not None:
        agrees = worker.chance(0.9)
        vouch = FixSetOff(
            command_id=new_id(), proposal_id=waiting.proposal_id, application_sha256="ab" * 32, agrees=agrees
        )
        await worker.issue(fix_set_off, worker.cast.clerk, vouch)
        return
    async with worker.db.reading() as tx:
        row = await purchase_row(tx, purchase.round_id)
        assert row is not None, "the picture said so"
        body = await set_off_decision(tx, row, Money(fen), ordinary_order="pro_rata")
    document_id = await seal(worker.db, case.case_id, "set_off_decision", body)
    command = ProposeSetOff(
        command_id=new_id(),
        proposal_id=new_id(),
        round_id=purchase.round_id,
        amount_fen=fen,
        application_sha256="ab" * 32,
        document_id=document_id,
    )
    await worker.issue(propose_set_off, worker.cast.handler, command)


@act(1.2)
async def default(worker: Worker, case: Case) -> None:
    """Decide a default: the deposit is kept, all or as much as was announced; the rest goes back."""
    purchase = worker.pick(open_purchases(case))
    deposit_fen = case.bidder(purchase.deposit_id).amount_fen
    kept = Money(worker.random.randrange(deposit_fen + 1)) if worker.chance(0.2) else None

    async def work(tx: Transaction) -> None:
        await note_fall(tx, case.case_id, purchase.round_id, states=("open",))
        await forfeit_deposit(tx, round_id=purchase.round_id, kept=kept)

    await worker.db.transact(work)


@act(0.5)
async def set_sale_aside(worker: Worker, case: Case) -> None:
    """Set a sale aside: everything goes back, unless it was distributed already."""
    purchase = worker.pick([p for p in case.purchases if p.state in ("open", "paid")])
    if purchase.state == "paid" and worker.chance(0.8):
        raise Idle

    async def work(tx: Transaction) -> None:
        await note_fall(tx, case.case_id, purchase.round_id, states=("open", "paid"))
        await cancel_purchase(tx, round_id=purchase.round_id)

    try:
        await worker.db.transact(work)
    except ProceedsSpent:
        return


async def note_fall(tx: Transaction, case_id: UUID, round_id: UUID, *, states: tuple[str, ...]) -> None:
    """Note the fall of a sale with the sale; only one that still stands may fall. Raises `Idle`."""
    await tx.about_case(case_id)
    row = await purchase_row(tx, round_id)
    assert row is not None, "a purchase is never deleted"
    await tx.session.refresh(row)
    if row.state not in states:
        raise Idle
    await tx.session.execute(text("UPDATE play.round SET state = 'fallen' WHERE round_id = :id"), {"id": round_id})


@act(2, brings_new=True)
async def apply_for_a_loan(worker: Worker, case: Case) -> None:
    """Ask a lender for his approval before the sale."""
    open_rounds = {r.round_id for r in case.rounds if r.state == "open"}
    known = {loan.registration_id for loan in case.loans}
    bidder = worker.pick([b for b in case.bidders if b.round_id in open_rounds and b.registration_id not in known])
    limit_fen = worker.random.randrange(1_000_00, 900_000_00)
    command = application(
        bidder.registration_id,
        price_limit_fen=limit_fen,
        wish_fen=limit_fen * worker.random.randrange(1, 8) // 10,
        months=worker.random.choice((60, 240, 360)),
        income_fen=90_000_00,
    )
    await worker.issue(apply_for_loan, bidder.actor, command, basis_of=basis(limit_fen))


def _loans(case: Case, state: str) -> list[tuple[Loan, Purchase]]:
    bought = {p.round_id: p for p in open_purchases(case)}
    return [
        (loan, bought[loan.round_id])
        for loan in case.loans
        if loan.state == state
        and loan.round_id in bought
        and case.bidder(bought[loan.round_id].deposit_id).registration_id == loan.registration_id
    ]


@act(4)
async def have_loan_committed(worker: Worker, case: Case) -> None:
    """Ask for the letter, for what is missing and was approved, or a fen too much."""
    loan, purchase = worker.pick(_loans(case, "approved"))
    most = min(loan.approved_fen or 0, purchase.price_fen - purchase.applied_fen, purchase.price_fen * 7 // 10)
    if most <= 0:
        raise Idle
    fen = most if worker.chance(0.5) else worker.random.randrange(1, most + 2)
    buyer = case.bidder(purchase.deposit_id)
    command = CommitLoan(command_id=new_id(), loan_id=loan.loan_id, amount_fen=fen)
    await worker.issue(commit_loan, buyer.actor, command)


@act(4)
async def have_loan_drawn(worker: Worker, case: Case) -> None:
    """Ask for the money."""
    loan, purchase = worker.pick(_loans(case, "committed"))
    most = min(loan.committed_fen or 0, purchase.price_fen - purchase.applied_fen)
    if most <= 0:
        raise Idle
    fen = most if worker.chance(0.7) else worker.random.randrange(1, most + 2)
    buyer = case.bidder(purchase.deposit_id)
    command = DrawLoan(command_id=new_id(), loan_id=loan.loan_id, amount_fen=fen)
    await worker.issue(draw_loan, buyer.actor, command)


@act(0.4)
async def give_loan_up(worker: Worker, case: Case) -> None:
    """Give a loan up, at whatever stage."""
    loan = worker.pick([loan for loan in case.loans if loan.state not in ("cancelled", "refused")])
    bidder = next(b for b in case.bidders if b.registration_id == loan.registration_id)
    await worker.issue(cancel_loan, bidder.actor, CancelLoan(command_id=new_id(), loan_id=loan.loan_id))
