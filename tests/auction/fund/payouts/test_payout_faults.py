"""A payout outlives the process that makes it: SIGKILL after each step, and within those that book; after the restart the same end."""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.channels.read_order import READ_ORDER
from auction.fund.channels.take_bank_line import take_bank_line
from auction.fund.gateway import BankLine
from auction.fund.payouts.prepare_disbursement import PrepareDisbursement
from auction.fund.payouts.sign_step import ApproveDisbursement, CheckDisbursement, PayDisbursement
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from tests.auction.fund.payouts.kept_bank import KeptBank
from tests.auction.fund.payouts.payout_child import COMMANDS, Plan
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, PRICE, Sale
from tests.auction.fund.world import World
from tests.executioner import Executioner

CHAIN = ("prepare", "approve", "check", "pay")


class Death(NamedTuple):
    """Where a process dies: in which step, at which point; ``says`` is what the bank says of the order then."""

    step: str
    dies: str
    says: str = "accepted"


DEATHS = (
    Death("prepare", "after the commit"),
    Death("approve", "after the commit"),
    Death("check", "after the commit"),
    Death("pay", "within the order"),
    Death("pay", "after the commit"),
    Death("job", "before the bank hears"),
    Death("job", "before the bank answers"),
    Death("job", "before the next look"),
    Death("job", "after the commit"),
    Death("job", "within the note of the payment", "confirmed"),
    Death("job", "after the commit", "confirmed"),
    Death("return", "within the note of the return", "returned"),
    Death("return", "after the commit", "returned"),
)
"""Every step of the payout path, with the points between what it does."""


async def _now(tx: Transaction) -> datetime:
    return tx.now


class Payout:
    """One payout on its way through the four steps, with a bank that outlives processes."""

    def __init__(self, sale: Sale, bank: KeptBank, url: str, folder: Path) -> None:
        """Nothing is prepared yet."""
        self.sale, self.world, self.bank, self.url, self.folder = sale, sale.world, bank, url, folder
        self.world.handlers = self.world.handlers_of(
            self.world.cards, bank, self.world.operator, self.world.lender, self.world.tax
        )
        self.disbursement_id = new_id()
        self.officers: dict[str, Actor] = {}
        self.commands: dict[str, Any] = {}

    async def begin(self) -> None:
        """Name the officers and write the commands that need no signature yet."""
        roles = {"approve": Role.BUREAU_HEAD, "check": Role.FINANCE, "pay": Role.CASHIER}
        self.officers = {"prepare": self.sale.handler}
        for step, role in roles.items():
            self.officers[step] = await self.world.officer(role)
        self.commands["prepare"] = PrepareDisbursement(
            command_id=new_id(),
            disbursement_id=self.disbursement_id,
            line_id=self.sale.line("mortgage"),
            amount_fen=MORTGAGE,
        )

    async def take(self, step: str) -> None:
        """Take a step of the chain; the same command again is the same step."""
        _, use_case = COMMANDS[step]
        view = await use_case(self.world.db, self.officers[step], self.commands[step])
        for later, kind in (("approve", ApproveDisbursement), ("check", CheckDisbursement), ("pay", PayDisbursement)):
            self.commands.setdefault(
                later,
                kind(command_id=new_id(), disbursement_id=self.disbursement_id, signed_sha256=view.signed_sha256),
            )

    async def take_all(self) -> None:
        """Take what is left of the chain."""
        for step in CHAIN:
            await self.take(step)

    async def job(self, kind: str) -> UUID:
        """Give the job of this kind that waits, due now."""
        async with self.world.db.transaction() as tx:
            found = await tx.session.execute(
                text(
                    "UPDATE kernel.job SET state = 'queued', due_at = kernel.now_at() WHERE kind = :kind AND state <> 'done' "
                    "RETURNING job_id"
                ),
                {"kind": kind},
            )
            return UUID(str(found.scalar_one()))

    async def line_back(self) -> BankLine:
        """Give the line of the statement with which the payout's money comes back."""
        return BankLine(
            line_id="back",
            sequence=9_001,
            direction="in",
            amount_fen=MORTGAGE,
            opening_fen=0,
            closing_fen=MORTGAGE,
            sub_account="",
            counter_account="6222",
            counter_name="退汇",
            remark="",
            order_key=f"payout:{self.disbursement_id}",
            booked_at=await self.world.db.transact(_now),
        )

    async def killed(self, executioner: Executioner, death: Death) -> None:
        """Let another process take the step and die in it."""
        plan = Plan(
            takes="job" if death.step in ("job", "return") else death.step, dies=death.dies, bank=str(self.bank.folder)
        )
        if plan.takes == "job":
            plan.job_id = await self.job(READ_ORDER if death.step == "return" else "fund.order_payout")
        else:
            plan.actor = self.officers[death.step]
            plan.command = msgspec.Raw(msgspec.json.encode(self.commands[death.step]))
        path = self.folder / "plan"
        path.write_bytes(msgspec.json.encode(plan))
        ended = await executioner.end_of("tests.auction.fund.payouts.payout_child", self.url, path)
        assert ended == -signal.SIGKILL

    async def until(self, death: Death) -> None:
        """Come to the step in which the process is to die."""
        await self.begin()
        for step in CHAIN:
            if step == death.step:
                return
            await self.take(step)
        if death.step == "return":
            self.bank.say("confirmed")
            await self.world.run_jobs()
            await self.world.look_now()
            await take_bank_line(self.world.db, await self.line_back())
        self.bank.say(death.says)  # type: ignore[arg-type]  # a state of an order


@pytest.mark.parametrize(
    "death", [pytest.param(death, id=f"{death.step} {death.dies} {death.says}") for death in DEATHS]
)
async def test_payout_ends_the_same_after_sigkill(
    db: Database, database_url: str, tmp_path: Path, executioner: Executioner, death: Death
) -> None:
    """Wherever the process dies, after the restart the payee was paid once, or is owed once what came back; the books are straight."""
    sale = Sale(World(db))
    await sale.settled()
    payout = Payout(sale, KeptBank(tmp_path / "bank"), database_url, tmp_path)
    await payout.until(death)

    await payout.killed(executioner, death)
    await payout.take_all()
    for _ in range(3):
        await payout.world.run_jobs()
        await payout.world.look_now()
    if death.step != "return":
        payout.bank.say("confirmed")
        await payout.world.look_now()

    assert [order.amount_fen for order in payout.bank.orders] == [MORTGAGE]
    came_back = death.step == "return"
    totals = await payout.world.totals()
    assert totals["bank"] == (PRICE if came_back else PRICE - MORTGAGE)
    assert ("payout_returned" in await payout.world.alarms()) is came_back
    async with db.reading() as tx:
        rows = await tx.session.execute(text("SELECT state FROM fund.disbursement"))
        entries = await tx.session.execute(
            text("SELECT count(*) FROM fund.entry WHERE cause = 'payout_paid' AND subject_id = :id"),
            {"id": payout.disbursement_id},
        )
        assert list(rows.scalars()) == ["returned" if came_back else "paid"]
        assert entries.scalar_one() == 1
    await payout.world.require_straight()
