"""What comes from outside, what time does, and what machines do: events, statements, attributions, clocks, jobs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from auction.fund.channels.attribute_receipt import (
    ConfirmAttribution,
    ProposeAttribution,
    WithdrawAttribution,
    confirm_attribution,
    propose_attribution,
    withdraw_attribution,
)
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.take_bank_line import take_bank_line
from auction.fund.channels.take_provider_event import take_provider_event
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.money.acts.registry import act
from tests.money.partners import GOOD
from tests.money.town import Case
from tests.money.worker import Finding, Idle, Worker


async def _outside_does(worker: Worker, who: str, verb: str) -> None:
    if await worker.outside.tell(who, verb) == "nobody":
        raise Idle


@act(6)
async def card_holder_acts(worker: Worker, case: Case) -> None:
    """Somebody pays on the provider's page."""
    await _outside_does(worker, "cards", "holder_acts")


@act(0.3)
async def card_holder_disputes(worker: Worker, case: Case) -> None:
    """Somebody has his bank take a payment back, or loses that."""
    await _outside_does(worker, "cards", "holder_disputes")


@act(2)
async def card_refund_ends(worker: Worker, case: Case) -> None:
    """A refund that was pending succeeds."""
    await _outside_does(worker, "cards", "refund_ends")


@act(6)
async def deliver_event(worker: Worker, case: Case) -> None:
    """Deliver some event of the card provider: new or old, in any order, perhaps for the third time."""
    body = await worker.outside.tell("", "any_event")
    if body is None:
        raise Idle
    await take_provider_event(worker.db, worker.cards, body=body, signature=GOOD)


@act(6)
async def bank_decides(worker: Worker, case: Case) -> None:
    """The bank decides an order."""
    await _outside_does(worker, "bank", "decides")


@act(0.15)
async def bank_sends_back(worker: Worker, case: Case) -> None:
    """Money that had arrived comes back."""
    await _outside_does(worker, "bank", "sends_back")


@act(9)
async def read_statement(worker: Worker, case: Case) -> None:
    """Read the bank's statement, perhaps while another does the same."""
    try:
        taken = await poll_bank(worker.db, worker.bank)
    except Refusal as refusal:  # one line that is refused stops the statement of the whole court
        raise Finding(f"the statement stands still: {refusal!r}") from refusal
    if not taken:
        raise Idle


@act(1)
async def take_line_again(worker: Worker, case: Case) -> None:
    """Take a line of the statement that was taken long ago."""
    known: int = await worker.line.fetchval("SELECT coalesce(max(sequence), 0) FROM fund.bank_line")
    line = await worker.outside.tell("", "any_line")
    if line is None or line.sequence > known:
        raise Idle
    await take_bank_line(worker.db, line)


@act(3)
async def propose(worker: Worker, case: Case) -> None:
    """Propose where unattributed money belongs: to a deposit, to a purchase, or back."""
    row = worker.pick(
        await worker.line.fetch(
            "SELECT receipt_id FROM fund.receipt WHERE state = 'unattributed' ORDER BY received_at LIMIT 8"
        )
    )
    subject: UUID | None = None
    belongs = "return"
    if worker.chance(0.3) and case.bidders:
        belongs, subject = "deposit", worker.pick(case.bidders).deposit_id
    elif worker.chance(0.4) and case.purchases:
        belongs, subject = "purchase", worker.pick(case.purchases).round_id
    command = ProposeAttribution(
        command_id=new_id(),
        receipt_id=row["receipt_id"],
        belongs=belongs,  # type: ignore[arg-type]  # one of its words
        subject_id=subject,
    )
    await worker.issue(propose_attribution, worker.cast.handler, command)


@act(3)
async def confirm(worker: Worker, case: Case) -> None:
    """Finance confirms what was proposed; a handler may withdraw it at the same time."""
    row = worker.pick(
        await worker.line.fetch(
            "SELECT receipt_id, proposed_kind, proposed_for FROM fund.receipt "
            "WHERE state = 'unattributed' AND proposed_kind IS NOT NULL ORDER BY received_at LIMIT 8"
        )
    )
    if worker.chance(0.05):
        withdrawal = WithdrawAttribution(command_id=new_id(), receipt_id=row["receipt_id"])
        await worker.issue(withdraw_attribution, worker.cast.handler, withdrawal)
        return
    command = ConfirmAttribution(
        command_id=new_id(),
        receipt_id=row["receipt_id"],
        belongs=row["proposed_kind"],
        subject_id=row["proposed_for"],
    )
    await worker.issue(confirm_attribution, worker.cast.finance, command)


@act(1.5)
async def time_passes(worker: Worker, case: Case) -> None:
    """Hours or days go by; clocks run out, and looks fall due."""
    hours = worker.random.choice((1, 13, 40, 24 * 6, 24 * 16))
    try:
        await move_clock(worker.db, to=case.now + timedelta(hours=hours))
    except IntegrityError as fault:
        if "clock_backwards" not in str(fault):
            raise
        raise Idle from fault  # another moved it further meanwhile


@act(4)
async def ask_again(worker: Worker, case: Case) -> None:
    """Send a command again whose answer never came."""
    if not worker.unanswered:
        raise Idle
    sent = worker.unanswered.pop(0)
    await worker.issue(sent.verb, sent.actor, sent.command, **sent.named)


@act(3)
async def promote_jobs(worker: Worker, case: Case) -> None:
    """Hand over what is due."""
    await worker.promote()
