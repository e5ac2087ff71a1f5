"""Rounds, registrations and deposits: by bank, by card, too little, too much, twice, by another, too late."""

from __future__ import annotations

from sqlalchemy import text

from auction.fund.deposits.open_deposit import open_deposit
from auction.fund.deposits.open_virtual_account import OpenVirtualAccount, open_virtual_account, virtual_account_view
from auction.fund.deposits.release_deposit import plan_release
from auction.fund.deposits.start_card_payment import StartCardPayment, start_card_payment
from auction.fund.deposits.store import deposit_row
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id, new_id
from auction.kernel.money import Money
from tests.auction.fund.world import ADVANCED, FAR
from tests.money.acts.registry import act
from tests.money.town import Bidder, Case
from tests.money.worker import Idle, Worker

MOST_BIDDERS = 4
MOST_LOTS = 2
MOST_ROUNDS = 4


@act(3, brings_new=True)
async def open_round(worker: Worker, case: Case) -> None:
    """Open a first lot, a second one, or a resale of one that fell."""
    last_of_lot = {round_.lot_id: round_ for round_ in case.rounds}
    again = [round_.lot_id for round_ in last_of_lot.values() if round_.state in ("unsold", "fallen")]
    if len(case.rounds) >= MOST_ROUNDS:
        raise Idle
    if again:
        lot_id = worker.pick(again)
    elif len(last_of_lot) < MOST_LOTS and (not last_of_lot or worker.chance(0.1)):
        lot_id = new_id()
    else:
        raise Idle
    await worker.line.execute(
        "INSERT INTO play.round (round_id, case_id, lot_id) SELECT $1, $2, $3 "
        "WHERE NOT EXISTS (SELECT FROM play.round WHERE lot_id = $3 AND state IN ('open', 'sold'))",
        *(new_id(), case.case_id, lot_id),
    )


@act(6, brings_new=True)
async def register(worker: Worker, case: Case) -> None:
    """Register somebody for an open round; a few are exempt, and some are creditors of the case."""
    round_ = worker.pick([r for r in case.rounds if r.state == "open"])
    if sum(b.round_id == round_.round_id for b in case.bidders) >= MOST_BIDDERS:
        raise Idle
    creditor = case.party("mortgagee")
    person_id, name = worker.pick(list(worker.cast.people))
    if worker.chance(0.25):
        person_id, name = creditor.person_id, creditor.name
    amount = Money(0 if worker.chance(0.05) else worker.random.randrange(1_000_00, 50_000_00))
    registration_id = named_id("play", str(round_.round_id), str(person_id))

    async def work(tx: Transaction) -> None:
        await tx.about_case(case.case_id)
        await require_open(tx, round_.round_id)
        deposit_id = await open_deposit(
            tx,
            registration_id=registration_id,
            case_id=case.case_id,
            lot_id=round_.lot_id,
            round_id=round_.round_id,
            person_id=person_id,
            amount=amount,
            closes_at=tx.now + FAR / (1 if worker.chance(0.5) else 20),
        )
        await tx.session.execute(
            text(
                "INSERT INTO play.bidder (registration_id, deposit_id, case_id, round_id, person_id, name) "
                "VALUES (:registration, :deposit, :case, :round, :person, :name) ON CONFLICT DO NOTHING"
            ),
            {
                "registration": registration_id,
                "deposit": deposit_id,
                "case": case.case_id,
                "round": round_.round_id,
                "person": person_id,
                "name": name,
            },
        )

    await worker.db.transact(work)


async def require_open(tx: Transaction, round_id: object) -> None:
    """Stay only with a round that is open. Raises `Idle`."""
    found = await tx.session.execute(
        text("SELECT state FROM play.round WHERE round_id = :id FOR UPDATE"), {"id": round_id}
    )
    if found.scalar_one() != "open":
        raise Idle


def those_who_pay(case: Case) -> list[Bidder]:
    """Bidders from whom money may come; of the late ones, too."""
    return [b for b in case.bidders if b.state == "pending"]


@act(5)
async def ask_for_account(worker: Worker, case: Case) -> None:
    """Ask for a sub-account."""
    bidder = worker.pick([b for b in case.bidders if not b.sub_account and b.state == "pending"])
    command = OpenVirtualAccount(command_id=new_id(), deposit_id=bidder.deposit_id)
    await worker.issue(open_virtual_account, bidder.actor, command)


async def number_of(worker: Worker, bidder: Bidder) -> str:
    """The number of a bidder's sub-account. Raises `Idle` while there is none."""
    if not bidder.sub_account:
        raise Idle
    async with worker.db.reading() as tx:
        number = (await virtual_account_view(tx, bidder.deposit_id)).number
    assert number is not None, "the picture said so"
    return number


@act(9)
async def pay_deposit_by_bank(worker: Worker, case: Case) -> None:
    """Pay a deposit: to the sub-account or by reference, exactly, in parts, too much, again, or by somebody else."""
    bidder = worker.pick(those_who_pay(case))
    exact = bidder.amount_fen or 1
    fen = exact if worker.chance(0.7) else worker.random.randrange(1, 2 * exact + 1)
    by_another = worker.chance(0.06)
    name = "示范旁人" if by_another else bidder.name
    if worker.chance(0.3):
        to, remark = case.account, f"保证金 {bidder.reference}"
    else:
        to, remark = await number_of(worker, bidder), ""
    await worker.outside.tell("bank", "pay_in", fen, name=name, to=to, remark=remark, account=bidder.account)


@act(1)
async def pay_once_more(worker: Worker, case: Case) -> None:
    """Pay a deposit that is held, released or applied already."""
    bidder = worker.pick([b for b in case.bidders if b.state != "pending" and b.sub_account])
    to = await number_of(worker, bidder)
    fen = worker.random.randrange(1, max(2, bidder.amount_fen))
    await worker.outside.tell("bank", "pay_in", fen, name=bidder.name, to=to, account=bidder.account)


@act(1)
async def pay_without_words(worker: Worker, case: Case) -> None:
    """Pay to the case's own number and say nothing."""
    bidder = worker.pick([b for b in case.bidders if b.state in ("pending", "applied")])
    fen = worker.random.randrange(1, 5_000_00)
    await worker.outside.tell("bank", "pay_in", fen, name=bidder.name, to=case.account, account=bidder.account)


@act(5)
async def pay_deposit_by_card(worker: Worker, case: Case) -> None:
    """Ask for a card payment."""
    bidder = worker.pick(those_who_pay(case))
    command = StartCardPayment(command_id=new_id(), deposit_id=bidder.deposit_id, payment_id=new_id())
    await worker.issue(start_card_payment, bidder.actor, command, policy=ADVANCED)


@act(0.7)
async def leave_before_the_end(worker: Worker, case: Case) -> None:
    """Ask for one's deposit back while the sale is deferred, and leave."""
    open_rounds = {r.round_id for r in case.rounds if r.state == "open"}
    bidder = worker.pick(
        [b for b in case.bidders if b.round_id in open_rounds and b.state == "held" and not b.has_left]
    )

    async def work(tx: Transaction) -> None:
        await tx.about_case(case.case_id)
        await require_open(tx, bidder.round_id)
        await tx.session.execute(
            text("UPDATE play.bidder SET has_left = true WHERE deposit_id = :id"), {"id": bidder.deposit_id}
        )
        row = await deposit_row(tx, bidder.deposit_id)
        if row.ended_at is None:
            await plan_release(tx, row, closed_at=tx.now)

    await worker.db.transact(work)
