"""Give the second word to an act that moves a case's money, or take a proposal back (`acts.second_person`).

Everything is decided anew when the second person agrees: an act that would be refused now does nothing, and neither does one whose
effect is no longer what was shown. Both words are on record with the act; the database holds that without them nothing was done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from auction.fund.acts import store
from auction.fund.acts.propose_act import Effect
from auction.fund.acts.second_person import (
    ActKind,
    ActOutcome,
    NotWhoProposed,
    require_same_effect,
    require_same_paper,
    require_second,
)
from auction.fund.acts.tables import ActCheckRow, ProposedActRow
from auction.fund.alarms.close_missing_deposit import CloseMissingDeposit, carry_out_closing
from auction.fund.alarms.close_order_in_doubt import CloseOrderInDoubt, carry_out_doubt
from auction.fund.bankruptcy.hand_over import HandOver, carry_out_hand_over
from auction.fund.bankruptcy.refer_to_bankruptcy import RecordBankruptcyAnswer, carry_out_answer
from auction.fund.deposits.store import add
from auction.fund.undoings.award_proceeds import AwardProceeds, carry_out_award
from auction.fund.undoings.end_recovery import EndRecovery, carry_out_end
from auction.fund.undoings.reverse_enforcement import ReverseEnforcement, carry_out_reversal
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction

WORDS: Final = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE)
"""Who may give the second word: whoever has a part in the case and could have given the first."""


class Act(NamedTuple):
    """What an act was proposed as, and how it is carried out."""

    command: type[Command]
    carry_out: Callable[[Transaction, Any, UUID], Awaitable[Effect]]
    """Takes who proposed it as its last argument."""


def _whoever(
    carry_out: Callable[[Transaction, Any], Awaitable[Effect]],
) -> Callable[[Transaction, Any, UUID], Awaitable[Effect]]:
    """Leave out who proposed an act that does not keep it itself."""
    return lambda tx, command, _proposed_by: carry_out(tx, command)


ACTS: Final[dict[ActKind, Act]] = {
    ActKind.AWARD: Act(AwardProceeds, _whoever(carry_out_award)),
    ActKind.REVERSAL: Act(ReverseEnforcement, _whoever(carry_out_reversal)),
    ActKind.RECOVERY_END: Act(EndRecovery, _whoever(carry_out_end)),
    ActKind.BANKRUPTCY_ANSWER: Act(RecordBankruptcyAnswer, carry_out_answer),
    ActKind.HAND_OVER: Act(HandOver, _whoever(carry_out_hand_over)),
    ActKind.MISSING_DEPOSIT: Act(CloseMissingDeposit, _whoever(carry_out_closing)),
    ActKind.ORDER_IN_DOUBT: Act(CloseOrderInDoubt, _whoever(carry_out_doubt)),
}


class AgreeToAct(Command, frozen=True, kw_only=True):
    """The second person compared the act with the paper of this fingerprint; ``agrees`` false: it is never done."""

    act_id: UUID
    paper_sha256: str
    agrees: bool = True


class WithdrawAct(Command, frozen=True, kw_only=True):
    """Whoever proposed an act takes it back."""

    act_id: UUID


async def agree_to_act(db: Database, actor: Actor, command: AgreeToAct) -> store.ActShown:
    """Carry out what was proposed, or end it, and show it.

    Raises `ActUnknown`, `ActLapsed`, `SamePerson`, `ConcernedPersonActs`, `OtherPaper`, `EffectChanged`, and what the act raises.
    """
    require_role(actor, *WORDS)

    async def work(tx: Transaction) -> store.ActShown:
        await tx.about_case((await store.act_row(tx, command.act_id)).case_id)
        row = await store.waiting_act(tx, command.act_id)
        store.require_in_time(row, tx.now)
        concerned = {UUID(person) for person in row.concerned}
        require_second(actor.person_id, proposed_by=row.proposed_by, concerned=concerned)
        require_same_paper(command.paper_sha256, typed_sha256=row.paper_sha256)
        outcome = ActOutcome.AGREED if command.agrees else ActOutcome.REFUSED
        await _note(tx, row, actor, outcome)
        if command.agrees:
            effect = await _carry_out(tx, row, command)
            require_same_effect(effect.amounts, shown=row.effect)
        return await store.shown(tx, row, outcome=outcome.value)

    return await db.carry_out(actor, command, work, store.ActShown)


async def withdraw_act(db: Database, actor: Actor, command: WithdrawAct) -> store.ActShown:
    """Take a proposal back and show it. Raises `ActUnknown`, `NotWhoProposed`."""
    require_role(actor, *WORDS)

    async def work(tx: Transaction) -> store.ActShown:
        await tx.about_case((await store.act_row(tx, command.act_id)).case_id)
        row = await store.waiting_act(tx, command.act_id)
        if row.proposed_by != actor.person_id:
            raise NotWhoProposed
        await _note(tx, row, actor, ActOutcome.WITHDRAWN)
        return await store.shown(tx, row, outcome=ActOutcome.WITHDRAWN.value)

    return await db.carry_out(actor, command, work, store.ActShown)


async def _carry_out(tx: Transaction, row: ProposedActRow, command: AgreeToAct) -> Effect:
    act = ACTS[ActKind(row.kind)]
    terms: dict[str, Any] = {**row.terms, "command_id": command.command_id}
    return await act.carry_out(tx, msgspec.convert(terms, act.command), row.proposed_by)


async def _note(tx: Transaction, row: ProposedActRow, actor: Actor, outcome: ActOutcome) -> None:
    check = ActCheckRow(
        act_id=row.act_id,
        proposed_by=row.proposed_by,
        checked_by=actor.person_id,
        outcome=outcome.value,
        checked_at=tx.now,
    )
    await add(tx, check)
