"""One worker: he acts at random on some case, runs jobs, dies, and begins again.

1. Everything goes through the product's own use cases and job handlers; outcomes are counted, unknown ones asked again.
2. A refusal is an answer. A lost answer, a broken line and a death are the weather. Anything else is a finding.
3. A command that was answered and comes again gives the same answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError

from auction.fund.claims.tax_office import TaxOffice
from auction.fund.deposits.advance_deposit import OperatorAccount
from auction.fund.gateway import Bank, CardGateway
from auction.fund.loans.lender import Lender
from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database
from auction.kernel.errors import FaultOfOthers, Refusal
from auction.kernel.jobs import Handler, promote_due, run_job
from tests.auction.fund.world import World
from tests.money.mortal import Died, MortalDatabase
from tests.money.partners import CardDoor, Door, Outside
from tests.money.town import Case, Cast, look_at

LOOKS = 4
"""So many acts rest on one picture of a case: the later ones may come too late, and are refused."""
BROKEN_LINE = ("08", "57P")
CROWDED = frozenset({"40001", "40P01", "55P03"})
T = TypeVar("T")


class Idle(Exception):
    """There is nothing for this act to do in this case now."""


class Finding(Exception):
    """Something happened that must not."""


@dataclass(frozen=True)
class Sent:
    """A command whose answer never came."""

    verb: Callable[..., Awaitable[Any]]
    actor: Actor
    command: Command
    named: dict[str, Any]


@dataclass
class Tally:
    """What a worker did."""

    operations: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def count(self, name: str, outcome: str) -> None:
        """Count one operation."""
        self.operations += 1
        self.outcomes[f"{name}: {outcome}"] += 1


class Worker:
    """One worker with his own line to the database and his own luck."""

    def __init__(
        self,
        db: MortalDatabase,
        line: asyncpg.Connection,
        outside: Outside,
        cast_: Cast,
        random: Random,
        log: Path | None,
    ) -> None:
        """Begin; ``log`` takes a line for each operation."""
        self.db, self.line, self.outside, self.cast, self.random = db, line, outside, cast_, random
        self.tally = Tally()
        self.unanswered: list[Sent] = []
        self.handlers = handlers_of(db, outside)
        self.cards = cast(CardGateway, CardDoor(outside, "cards"))
        self.bank = cast(Bank, Door(outside, "bank"))
        self.case: Case | None = None
        self.looks_left = 0
        self._log = None if log is None else log.open("a", encoding="utf-8")

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()

    def note(self, name: str, outcome: str, **facts: object) -> None:
        """Write an operation to the log."""
        if self._log is not None:
            about = str(self.case.case_id)[-6:] if self.case else ""
            self._log.write(json.dumps({"act": name, "case": about, "outcome": outcome, **facts}, default=str) + "\n")
            self._log.flush()

    def chance(self, share: float) -> bool:
        """Whether something with this share happens now."""
        return self.random.random() < share

    def pick(self, things: list[T]) -> T:
        """Pick one. Raises `Idle` when there is none."""
        if not things:
            raise Idle
        return self.random.choice(things)

    async def issue(self, verb: Callable[..., Awaitable[T]], actor: Actor, command: Command, **named: Any) -> T:  # noqa: ANN401 - of the verb
        """Issue a command; what it answered it answers again (rule 3)."""
        try:
            answer = await verb(self.db, actor, command, **named)
            if self.chance(0.02):
                again = await verb(self.db, actor, command, **named)
                if again != answer:
                    raise Finding(f"{type(command).__name__} answered {again} after {answer}")
        except (Died, DBAPIError, OSError):
            self.unanswered.append(Sent(verb, actor, command, named))
            raise
        return answer

    async def attempt(self, name: str, act: Callable[[], Awaitable[None]]) -> str:
        """Carry out one operation and say how it ended; raises `Idle`, and whatever is a finding (rule 2)."""
        try:
            await act()
            outcome = "done"
        except Refusal as refusal:
            outcome = f"refused {refusal.code}"
        except Died:
            outcome = "died"
        except FaultOfOthers:
            outcome = "outside failed"
        except (DBAPIError, OSError) as fault:
            if not is_weather(fault):
                raise
            outcome = "line broke"
        self.tally.count(name, outcome)
        self.note(name, outcome)
        return outcome

    async def look(self, cases: list[UUID]) -> Case:
        """Look at some case, and keep the picture for a few acts."""
        if self.case is None or self.looks_left <= 0:
            self.case = await look_at(self.line, self.random.choice(cases))
            self.looks_left = LOOKS
        self.looks_left -= 1
        return self.case

    async def run_some_job(self) -> None:
        """Run a job that is due, any of the oldest; what is the sale's is taken as heard."""
        rows = await self.line.fetch(
            "SELECT job_id, kind FROM kernel.job WHERE state = 'queued' ORDER BY touched_at LIMIT 12"
        )
        row = self.pick(rows)
        await self.run_job(row["job_id"], row["kind"])

    async def run_job(self, job_id: UUID, kind: str) -> None:
        """Run one job of the fund; one of the sale is taken as heard."""
        if kind not in self.handlers:
            await self.line.execute("UPDATE kernel.job SET state = 'done', payload = '' WHERE job_id = $1", job_id)
            raise Idle
        try:
            await run_job(self.db, self.handlers, job_id)
        except (Died, DBAPIError, OSError) as fault:
            if isinstance(fault, Exception) and not is_weather(fault):
                raise
            self.tally.count(f"job {kind}", "died")
            self.note(f"job {kind}", "died")
            return
        self.tally.count(f"job {kind}", "run")
        self.note(f"job {kind}", "run", job=job_id)

    async def promote(self) -> None:
        """Make what was tried and failed due at once, and hand over all that is due."""
        await self.line.execute(
            "UPDATE kernel.job SET due_at = kernel.now_at(), attempts = 1 "
            "WHERE job_id IN (SELECT job_id FROM kernel.job WHERE state = 'waiting' AND attempts > 0 FOR UPDATE SKIP LOCKED)"
        )
        await promote_due(self.db)


def handlers_of(db: Database, outside: Outside) -> dict[str, Handler]:
    """The product's handlers of all jobs, with doors to this outside."""
    return World(db).handlers_of(
        cast(CardGateway, CardDoor(outside, "cards")),
        cast(Bank, Door(outside, "bank")),
        cast(OperatorAccount, Door(outside, "operator")),
        cast(Lender, Door(outside, "lender")),
        cast(TaxOffice, Door(outside, "tax")),
    )


def is_weather(fault: Exception) -> bool:
    """Whether a fault is a line that broke, or too many at one door, and not a rule that was broken."""
    if isinstance(fault, OSError):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    state = getattr(fault.orig, "sqlstate", None) or getattr(fault.orig, "pgcode", None) or ""
    if fault.connection_invalidated or state in CROWDED or state.startswith(BROKEN_LINE):
        return True
    return "connection is closed" in str(fault) or "connection was closed" in str(fault)
