"""SIGKILL in each transaction of the money paths that no other test kills: loan drawdown, plan settlement, set-off, default, what undoes a sale.

The process dies for good; another one does the same again, as a client that got no answer and a worker that was started anew do.
The end is that of an undisturbed run: same balances, same outcomes, and nobody outside paid or was paid twice.
"""

from __future__ import annotations

import pickle
import signal
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from auction.fund.agree_to_act import AgreeToAct
from auction.fund.claims.claims import ClaimKind
from auction.fund.loans.draw_loan import DrawLoan, draw_loan
from auction.fund.set_offs.fix_set_off import FixSetOff
from auction.fund.settlement.settle_case import SettleCase
from auction.kernel.actors import Role
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.loans.test_loan_flow import DEPOSIT, LOAN, PRICE, committed
from tests.auction.fund.set_offs.test_set_off_flow import OWED, CreditorsSale
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, Sale
from tests.auction.fund.undoings.test_undoing_flow import LoanSale, UndoneSale
from tests.auction.fund.undoings.test_undone_set_offs import UndoneSetOff
from tests.auction.fund.world import CASE_NUMBER, World
from tests.executioner import Executioner
from tests.money.line import serve_outside
from tests.money.partners import CALM, HereOutside
from tests.money.steps import Step, carry_out


class OutsideOf(HereOutside):
    """The partners of a test's world, at the end of a line."""

    def __init__(self, world: World) -> None:
        """Lose nothing: dying is enough here."""
        self.random, self.temper = Random(0), CALM
        for who in ("cards", "bank", "operator", "lender", "tax"):
            setattr(self, who, getattr(world, who))


async def loan_drawdown(db: Database) -> tuple[World, Step]:
    """A committed loan is drawn: the lender is asked, his money comes, the price is paid in part."""
    world = await World(db).open()
    bidder = await world.bidder(DEPOSIT)
    command = DrawLoan(command_id=new_id(), loan_id=await committed(world, bidder), amount_fen=LOAN)
    return world, Step("draw_loan", bidder.actor, command)


async def default(db: Database) -> tuple[World, Step]:
    """A buyer with a loan that has come defaults: the deposit is kept, the lender has his money back and is told."""
    world = await World(db).open()
    bidder = await world.bidder(DEPOSIT)
    loan_id = await committed(world, bidder)
    await draw_loan(db, bidder.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
    await world.settle_bank()
    return world, Step("default", case_id=world.case_id, round_id=world.round_id)


async def plan_settlement(db: Database) -> tuple[World, Step]:
    """A served plan whose windows are over is settled."""
    sale = Sale(World(db))
    await sale.drawn()
    await sale.serve()
    await move_clock(db, to=day_start(await sale.window_end() + timedelta(days=1)))
    return sale.world, Step("settle_case", sale.handler, SettleCase(command_id=new_id(), plan_id=sale.plan.plan_id))


async def set_off(db: Database) -> tuple[World, Step]:
    """A creditor who bought sets the whole balance off."""
    sale = CreditorsSale(World(db))
    await sale.prepare()
    await sale.assess()
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, OWED, date(2020, 1, 1))
    proposal = await sale.propose(PRICE - DEPOSIT)
    command = FixSetOff(command_id=new_id(), proposal_id=proposal.proposal_id, application_sha256="ab" * 32)
    return sale.world, Step("fix_set_off", await sale.world.officer(Role.CLERK), command)


async def setting_aside(db: Database) -> tuple[World, Step]:
    """A sale with a loan is set aside after payouts: what is held goes back to the lender, payees owe the rest."""
    sale = LoanSale(World(db))
    await sale.paid_out()
    named = {"undoing_id": new_id(), "document_id": await sale.world.document("setting_aside_ruling")}
    return sale.world, Step("set_aside", case_id=sale.world.case_id, round_id=sale.world.round_id, named=named)


async def setting_aside_of_set_off(db: Database) -> tuple[World, Step]:
    """A creditor's sale is set aside after its plan used his set-off up: only his deposit goes back."""
    sale = UndoneSetOff(World(db))
    await sale.used_up()
    named = {"undoing_id": new_id(), "document_id": await sale.world.document("setting_aside_ruling")}
    return sale.world, Step("set_aside", case_id=sale.world.case_id, round_id=sale.world.round_id, named=named)


async def reversal(db: Database) -> tuple[World, Step]:
    """The second person agrees that a creditor's share falls, of which nothing was paid out yet."""
    sale = UndoneSale(World(db))
    await sale.settled()
    shown = await sale.propose_reversal("ordinary")
    command = AgreeToAct(command_id=new_id(), act_id=shown.act_id, paper_sha256=shown.paper_sha256)
    return sale.world, Step("agree_to_act", await sale.world.officer(Role.CLERK), command)


async def recovery(db: Database) -> tuple[World, Step]:
    """A payee returns what fell with the sale, a little more than he owes: it goes on to the lender, the rest back to him."""
    sale = LoanSale(World(db))
    await sale.paid_out()
    await sale.set_aside()
    owed = await sale.owed_by("applicant")
    sale.world.bank.pay_in(
        owed.amount_fen + 5, name="示范applicant", to=CASE_NUMBER, remark=f"退款{owed.reference}", account="6211"
    )
    return sale.world, Step("follow")


PATHS = {
    "loan drawdown": loan_drawdown,
    "default": default,
    "plan settlement": plan_settlement,
    "set-off": set_off,
    "setting aside": setting_aside,
    "setting aside of a set-off": setting_aside_of_set_off,
    "reversal": reversal,
    "recovery": recovery,
}
STEPS = {
    "loan drawdown": 7,
    "default": 7,
    "plan settlement": 2,
    "set-off": 2,
    "setting aside": 13,
    "setting aside of a set-off": 14,
    "reversal": 4,
    "recovery": 24,
}
"""Transactions of each path in which a process is killed; later ones only look whether anything is left to do."""
ENDS = {
    "loan drawdown": {"bank": DEPOSIT + LOAN, "proceeds": DEPOSIT + LOAN},
    "default": {"bank": DEPOSIT, "forfeited": DEPOSIT},
    "plan settlement": {
        "bank": PRICE,
        "taxes_payable": PRICE // 100,
        "claims_payable": 800_000_00,
        "surplus_payable": PRICE - PRICE // 100 - 800_000_00,
    },
    "set-off": {"bank": DEPOSIT, "set_off": PRICE - DEPOSIT, "proceeds": PRICE},
    "setting aside": {},
    "setting aside of a set-off": {},
    "reversal": {
        "bank": PRICE,
        "taxes_payable": PRICE // 100,
        "claims_payable": MORTGAGE,
        "proceeds": ORDINARY,
        "surplus_payable": PRICE - PRICE // 100 - MORTGAGE - ORDINARY,
    },
    "recovery": {},
}
ORDERS = {"default": 1, "setting aside": 1, "setting aside of a set-off": 1, "recovery": 2}
"""Payments that the bank carries out on the path, each once."""
EVERY_DAY = 7
"""Deaths in later transactions than this are a campaign."""
CASES = [
    pytest.param(path, at, when, marks=[pytest.mark.campaign] if at > EVERY_DAY or (at, when) == (1, "after") else [])
    for path, last in STEPS.items()
    for at, when in [*((n, "before") for n in range(1, last + 1)), (1, "after"), (last, "after")]
]
"""After the first commit the database is as before the second: that is a campaign."""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("path", "at", "when"), CASES)
async def test_path_ends_the_same_after_sigkill(
    database: Database, database_url: str, short_dir: Path, executioner: Executioner, path: str, at: int, when: str
) -> None:
    """A process killed at this transaction and one that does the same again come to the end of an undisturbed one."""
    world, step = await PATHS[path](database)
    outside = OutsideOf(world)
    orders, drawn = len(world.bank.orders), len(world.lender.drawn)
    file = short_dir / "step"
    file.write_bytes(pickle.dumps(step))
    server = await serve_outside(outside, short_dir / "outside")

    ended = await executioner.end_of("tests.money.step_child", database_url, short_dir / "outside", file, at, when)
    await carry_out(database, outside, step)
    server.close()

    assert ended == -signal.SIGKILL, "the process did not live long enough to die there"
    assert await world.totals() == ENDS[path]
    assert len(world.bank.orders) - orders == ORDERS.get(path, 0)
    assert len(world.lender.drawn) - drawn == (1 if path == "loan drawdown" else 0)
    await world.require_straight()
