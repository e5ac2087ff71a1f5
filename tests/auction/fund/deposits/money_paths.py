"""The money paths of deposits and receipts, and their steps: where a process may die.

A step is a transaction (``in``: its work is done and not committed; ``after``: it is committed) or a call of a partner
(``at``: the deed is done at the partner, its answer is not here). `Steps` counts them and kills the process at one of them.
Each path is written so that a restarted process just does it again, as the jobs and the pages of the product do.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from auction.fund.cancel_purchase import forfeit_deposit
from auction.fund.channels.confirm_court_payment import ConfirmCourtPayment, confirm_court_payment
from auction.fund.deposits.money_desk import unattributed_receipts
from auction.fund.deposits.open_virtual_account import OpenVirtualAccount, open_virtual_account
from auction.fund.deposits.start_card_payment import StartCardPayment, start_card_payment
from auction.fund.refunds.name_refund_account import (
    ConfirmRefundAccount,
    RecordRefundAccount,
    confirm_refund_account,
    record_refund_account,
)
from auction.fund.refunds.retry_refund import RetryRefund, retry_refund
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund import world as fakes
from tests.auction.fund.world import ADVANCED, Bidder, World

DEPOSIT = 50_000_00
PRICE = 400_000_00
T = TypeVar("T")
Work = Callable[[Transaction], Awaitable[T]]
Act = Callable[[World, list[Bidder]], Awaitable[None]]


class Steps:
    """The steps that a process takes, by name; it dies at the one that was asked for (``None``: at none)."""

    def __init__(self, *, die_at: int | None = None, keep: Path | None = None, kept: object = None) -> None:
        """Count from one; ``keep``: the file of the partners' memory ``kept``, for they do not die with us."""
        self.die_at, self.keep, self.kept = die_at, keep, kept
        self.names: list[str] = []

    def take(self, name: str) -> None:
        """Note a step, and die at it if asked to."""
        self.names.append(name)
        if len(self.names) == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def answered(self, frame: FrameType) -> None:
        """Note that a partner did what it was asked."""
        self.remember()
        partner = type(frame.f_locals["self"]).__name__.removeprefix("Fake").lower()
        self.take(f"at {partner}.{frame.f_code.co_name}")

    def remember(self) -> None:
        """Keep the partners' memory, which outlives this process."""
        if self.keep is not None:
            fresh = self.keep.with_suffix(".new")
            fresh.write_bytes(pickle.dumps(self.kept))
            fresh.replace(self.keep)

    def watch(self, monkey: Callable[[object, str, object], None]) -> None:
        """Let every partner's answer be a step; ``monkey`` sets an attribute."""
        answer = fakes.Line.answer

        def watched(line: fakes.Line, value: Any) -> Any:  # noqa: ANN401 - whatever the port gives
            self.answered(sys._getframe(1))
            return answer(line, value)

        monkey(fakes.Line, "answer", watched)
        for partner, deed in ((fakes.FakeBank, "pay_in"), (fakes.FakeCards, "pay")):
            monkey(partner, deed, self._remembering(getattr(partner, deed)))

    def _remembering(self, deed: Callable[..., Any]) -> Callable[..., Any]:
        def done(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the deed takes and gives
            result = deed(*arguments, **named)
            self.remember()
            return result

        return done


NO_STEPS = frozenset({"_load", "promote_due", "person"})
"""Transactions that only read, or that prepare a test."""


class StepDatabase(Database):
    """The same database under a process whose transactions and commands are steps."""

    def __init__(self, real: Database, steps: Steps) -> None:
        """Share the real one's connections."""
        self.__dict__.update(real.__dict__)
        self.steps = steps

    async def transact(self, work: Work[T]) -> T:
        """Run the work as two steps: done, and committed."""
        return await self._as_steps(_name_of(work), work, super().transact)

    async def carry_out(self, actor: Actor, command: Command, work: Work[T], returns: type[T]) -> T:
        """Carry a command out as two steps: done, and committed."""

        async def carry(noted: Work[T]) -> T:
            return await super(StepDatabase, self).carry_out(actor, command, noted, returns)

        return await self._as_steps(type(command).__name__, work, carry)

    async def _as_steps(self, name: str, work: Work[T], carry: Callable[[Work[T]], Awaitable[T]]) -> T:
        if name in NO_STEPS:
            return await carry(work)

        async def noted(tx: Transaction) -> T:
            result = await work(tx)
            self.steps.take(f"in {name}")
            return result

        result = await carry(noted)
        self.steps.take(f"after {name}")
        return result


def _name_of(work: Callable[..., object]) -> str:
    """Give the function that opened the transaction; of a method its own name."""
    return next(part for part in work.__qualname__.split(".") if not part[0].isupper())


@dataclass(frozen=True, kw_only=True)
class MoneyPath:
    """A path of money: what stands before it, what is done, and how the case stands at its end."""

    prepare: Act
    act: Act
    totals: dict[str, int]
    states: tuple[str, ...]
    """Of the deposits, in the order of the bidders."""
    steps: tuple[str, ...]
    """The table: a transaction by the function or command that opened it, a partner's deed by ``partner.deed``."""
    moved: dict[str, int]
    """How often partners really acted: ``charges``, ``refunds``, ``orders``, ``sweeps``, ``advances``."""


async def nothing(world: World, bidders: list[Bidder]) -> None:
    """Have nothing before the path."""


async def by_card(world: World, bidders: list[Bidder]) -> None:
    """Pay the first bidder's deposit by card."""
    payment_id = _fixed("payment")
    command = StartCardPayment(command_id=_fixed("start"), deposit_id=bidders[0].deposit_id, payment_id=payment_id)
    await start_card_payment(world.db, bidders[0].actor, command, policy=ADVANCED)
    await world.run_jobs()
    known = [one for one in world.cards.held.values() if one.payment_id == str(payment_id)]
    if known and known[0].state == "open":
        world.cards.pay(known[0].provider_id)
    await world.look_now()


async def by_bank(world: World, bidders: list[Bidder]) -> None:
    """Transfer a deposit to the sub-account, a fen too much, for each bidder; once."""
    for place, bidder in enumerate(bidders):
        command = OpenVirtualAccount(command_id=_fixed(f"account {place}"), deposit_id=bidder.deposit_id)
        await open_virtual_account(world.db, bidder.actor, command)
        await world.run_jobs()
        number = world.bank.accounts[f"virtual-account:{bidder.deposit_id}"]
        if not any(line.sub_account == number for line in world.bank.lines):
            world.bank.pay_in(DEPOSIT + 1, name=bidder.name, to=number)
    await world.settle_bank()


async def to_the_court(world: World, bidders: list[Bidder]) -> None:
    """Transfer to the court's account without a reference; the clerk confirms it at the counter."""
    if not world.bank.lines:
        world.bank.pay_in(DEPOSIT, name=bidders[0].name)
    await world.settle_bank()
    async with world.db.reading() as tx:
        waiting = await unattributed_receipts(tx)
    for receipt in waiting:
        command = ConfirmCourtPayment(
            command_id=_fixed("counter"), receipt_id=receipt.receipt_id, deposit_id=bidders[0].deposit_id
        )
        await confirm_court_payment(world.db, await world.officer(Role.CLERK), command)
    await world.settle_bank()


async def card_and_bank(world: World, bidders: list[Bidder]) -> None:
    """Pay the first bidder's deposit by card, the others' by bank."""
    await by_card(world, bidders[:1])
    await by_bank(world, bidders[1:])


async def unsold(world: World, bidders: list[Bidder]) -> None:
    """Close the round without a buyer."""
    await world.close(None, PRICE)


async def sold(world: World, bidders: list[Bidder]) -> None:
    """Close the round; the first bidder bought."""
    await world.close(bidders[0], PRICE)


async def default(world: World, bidders: list[Bidder]) -> None:
    """Declare the default of the first bidder: his deposit is kept, what he paid of the balance goes back."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(world.case_id)
        await forfeit_deposit(tx, round_id=world.round_id)

    await world.db.transact(work)
    await world.settle_bank()


async def bought(world: World, bidders: list[Bidder]) -> None:
    """Let the first bidder buy and pay a part of the balance."""
    await by_bank(world, bidders)
    await sold(world, bidders)
    world.bank.pay_in(1_000, name=bidders[0].name, to=next(iter(world.bank.accounts.values())), account="6555")
    await world.settle_bank()


async def refused(world: World, bidders: list[Bidder]) -> None:
    """Have the bank refuse an excess's refund, and carry out orders again afterwards."""
    world.bank.mood = "rejected"
    await by_bank(world, bidders)
    world.bank.mood = "confirmed"


async def again(world: World, bidders: list[Bidder]) -> None:
    """Try the refund again that was refused, once."""
    async with world.db.reading() as tx:
        refund_id = await tx.session.scalar(text("SELECT refund_id FROM fund.refund WHERE state = 'failed'"))
    if refund_id is not None:
        command = RetryRefund(command_id=_fixed("again"), refund_id=refund_id, reason="示范")
        await retry_refund(world.db, await world.officer(Role.FINANCE), command)
    await world.settle_bank()


async def card_refused(world: World, bidders: list[Bidder]) -> None:
    """Have the card take no refund, and one officer record the bidder's own account."""
    await by_card(world, bidders)
    world.cards.refund_state = "failed"
    await unsold(world, bidders)
    async with world.db.reading() as tx:
        refund_id = await tx.session.scalar(text("SELECT refund_id FROM fund.refund"))
    command = RecordRefundAccount(
        command_id=_fixed("record"),
        refund_account_id=_fixed("account"),
        refund_id=refund_id,
        account_number="6333000011112222",
        account_name=bidders[0].name,
        evidence_sha256="ab" * 32,
    )
    await record_refund_account(world.db, await world.officer(Role.CASHIER), command)


async def covered(world: World, bidders: list[Bidder]) -> None:
    """Confirm the account, let its day come, and do what follows: the operator pays the case, the court the bidder."""
    command = ConfirmRefundAccount(command_id=_fixed("confirm"), refund_account_id=_fixed("account"))
    view = await confirm_refund_account(world.db, await world.officer(Role.FINANCE), command)
    assert view.usable_from is not None
    async with world.db.reading() as tx:
        now = tx.now
    if now <= view.usable_from:
        await move_clock(world.db, to=view.usable_from + timedelta(seconds=1))
    await world.settle_bank()


def _fixed(name: str) -> UUID:
    return named_id("money path", name)


def _moved(**counts: int) -> dict[str, int]:
    return {"charges": 0, "refunds": 0, "orders": 0, "sweeps": 0, "advances": 0, **counts}


PATHS: dict[str, MoneyPath] = {
    "collect by card": MoneyPath(
        prepare=nothing,
        act=by_card,
        totals={"card_clearing": DEPOSIT, "deposits": DEPOSIT},
        states=("held",),
        steps=(
            "StartCardPayment",
            "cards.charge",
            "push_card_payment",
            "handle_ask_card_payment",
            "run_job",
            "cards.find",
            "push_card_payment",
            "handle_ask_card_payment",
            "run_job",
        ),
        moved=_moved(charges=1),
    ),
    "collect by bank, refund the excess": MoneyPath(
        prepare=nothing,
        act=by_bank,
        totals={"bank": DEPOSIT, "deposits": DEPOSIT},
        states=("held",),
        steps=(
            "OpenVirtualAccount",
            "bank.open_sub_account",
            "handle_ask_virtual_account",
            "run_job",
            "take_bank_line",
            "bank.pay",
            "push_refund",
            "run_job",
            "take_bank_line",
            "note_order_seen",
            "run_job",
        ),
        moved=_moved(orders=1),
    ),
    "try a refused refund again": MoneyPath(
        prepare=refused,
        act=again,
        totals={"bank": DEPOSIT, "deposits": DEPOSIT},
        states=("held",),
        steps=(
            "RetryRefund",
            "bank.pay",
            "push_refund",
            "run_job",
            "take_bank_line",
            "note_order_seen",
            "run_job",
        ),
        moved=_moved(orders=2),
    ),
    "cover a refund that the card refused": MoneyPath(
        prepare=card_refused,
        act=covered,
        totals={},
        states=("released",),
        steps=(
            "ConfirmRefundAccount",
            "move_clock",
            "handle_check_release",
            "run_job",
            "push_refund",
            "run_job",
            "operator.send",
            "handle_advance_deposit",
            "run_job",
            "take_bank_line",
            "bank.pay",
            "push_refund",
            "run_job",
            "take_bank_line",
            "note_order_seen",
            "run_job",
        ),
        moved=_moved(charges=1, refunds=1, orders=1, advances=1),
    ),
    "collect by the court's account": MoneyPath(
        prepare=nothing,
        act=to_the_court,
        totals={"bank": DEPOSIT, "deposits": DEPOSIT},
        states=("held",),
        steps=(
            "take_bank_line",
            "ConfirmCourtPayment",
        ),
        moved=_moved(),
    ),
    "release, card and bank": MoneyPath(
        prepare=card_and_bank,
        act=unsold,
        totals={},
        states=("released", "released"),
        steps=(
            "close",
            "handle_release_deposit",
            "run_job",
            "handle_release_deposit",
            "run_job",
            "cards.refund",
            "push_refund",
            "run_job",
            "bank.pay",
            "push_refund",
            "run_job",
            "take_bank_line",
            "note_order_seen",
            "run_job",
        ),
        moved=_moved(charges=1, refunds=1, orders=2),
    ),
    "apply by bank": MoneyPath(
        prepare=by_bank,
        act=sold,
        totals={"bank": DEPOSIT, "proceeds": DEPOSIT},
        states=("applied",),
        steps=(
            "close",
            "handle_apply_deposit",
            "run_job",
            "bank.sweep",
            "handle_sweep_receipt",
            "run_job",
        ),
        moved=_moved(orders=1, sweeps=1),
    ),
    "apply by card": MoneyPath(
        prepare=by_card,
        act=sold,
        totals={"bank": DEPOSIT, "proceeds": DEPOSIT},
        states=("applied",),
        steps=(
            "close",
            "handle_apply_deposit",
            "run_job",
            "operator.send",
            "handle_advance_deposit",
            "run_job",
            "take_bank_line",
        ),
        moved=_moved(charges=1, advances=1),
    ),
    "forfeit": MoneyPath(
        prepare=bought,
        act=default,
        totals={"bank": DEPOSIT, "forfeited": DEPOSIT},
        states=("forfeited",),
        steps=(
            "default",
            "bank.pay",
            "push_refund",
            "run_job",
            "take_bank_line",
            "note_order_seen",
            "run_job",
        ),
        moved=_moved(orders=2, sweeps=2),
    ),
}


def kill_points(name: str) -> tuple[str, ...]:
    """Give every point of a path at which a process is killed: two of a transaction, one of a partner's deed."""
    return tuple(
        point
        for step in PATHS[name].steps
        for point in ((f"at {step}",) if "." in step else (f"in {step}", f"after {step}"))
    )


def bidders_of(name: str) -> int:
    """Give how many bidders a path has."""
    return len(PATHS[name].states)


def acted(world: World) -> dict[str, int]:
    """Count what the partners really did."""
    return {
        "charges": len(world.cards.held),
        "refunds": len(world.cards.refunds),
        "orders": len(world.bank.orders),
        "sweeps": len(world.bank.sweeps),
        "advances": len(world.operator.sent),
    }
