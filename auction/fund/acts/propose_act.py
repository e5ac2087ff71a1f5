"""Propose an act that needs two persons, within the caller's transaction.

The act is tried first and undone again: what would be refused to the second person is refused to the first, and the proposal states
what it would do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from auction.fund.acts.second_person import ActKind, ActWaits, lapses_at, require_unconcerned
from auction.fund.acts.store import ActShown, act_waits, shown
from auction.fund.acts.tables import ProposedActRow
from auction.fund.deposits.store import add
from auction.kernel.actors import Actor
from auction.kernel.db import Command, Transaction
from auction.kernel.ids import named_id


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act does: on what, on which paper, whose money it is, and how much of what, in fen."""

    subject_id: UUID
    paper_sha256: str
    concerned: tuple[UUID, ...] = ()
    amounts: Mapping[str, int] = field(default_factory=dict)


def terms_of(command: Command) -> dict[str, Any]:
    """Give a command as it is stored; what it makes keeps the id that its sender gave it."""
    return {name: value for name, value in msgspec.to_builtins(command).items() if name != "command_id"}


async def propose_act(
    tx: Transaction, actor: Actor, kind: ActKind, command: Command, carry_out: Callable[[], Awaitable[Effect]]
) -> ActShown:
    """Keep what was proposed and show it; it does nothing yet.

    Raises `ConcernedPersonActs`, `ActWaits`, and what the act itself would be refused for.
    """
    assert tx.case_id is not None, "the case is locked before its act is tried"
    trial = await tx.session.begin_nested()
    effect = await carry_out()
    await trial.rollback()
    require_unconcerned(actor.person_id, effect.concerned)
    if await act_waits(tx, kind, effect.subject_id):
        raise ActWaits(subject_id=effect.subject_id)
    row = ProposedActRow(
        act_id=named_id("proposed act", str(actor.account_id), str(command.command_id)),
        case_id=tx.case_id,
        kind=kind.value,
        subject_id=effect.subject_id,
        terms=terms_of(command),
        paper_sha256=effect.paper_sha256,
        concerned=[str(person) for person in effect.concerned],
        effect=dict(effect.amounts),
        proposed_by=actor.person_id,
        proposed_at=tx.now,
        lapses_at=lapses_at(tx.now),
    )
    await add(tx, row)
    return await shown(tx, row)
