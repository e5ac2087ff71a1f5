"""Require that the facts are established before a price is asked, whatever the method (参考价 3)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from valuation.facts import store
from valuation.facts.facts import Fact, Subject, incomplete, missing_subjects, owed_before_price
from valuation.facts.register import unanswered_subjects


async def require_facts(tx: Transaction, asset_id: UUID) -> None:
    """Refuse with `FactsIncomplete`, naming what is missing for an asset of this class."""
    missing = await missing_for_price(tx, asset_id)
    if missing:
        raise incomplete(missing)


async def missing_for_price(tx: Transaction, asset_id: UUID, *, asset_class: str = "") -> tuple[Subject, ...]:
    """Give the subjects that keep a price from being asked now, in the order of the table.

    ``asset_class``: for whoever reads the file anyway; empty: the class that was noted with the first finding. A question to a register that waits is a dated gap: it is enough only where the table cites an article for it.
    """
    duties = owed_before_price(asset_class or await store.class_of(tx, asset_id), on=local_day(tx.now))
    gaps, found = await tx.together(_gaps(tx, asset_id), store.facts_of(tx, asset_id))
    facts = [*gaps, *found]
    return tuple(missing_subjects(facts, duties))


async def _gaps(tx: Transaction, asset_id: UUID) -> list[Fact]:
    """Give the gaps that silent registers left, older than any finding: a finding is never taken back by a silence."""
    asked = [
        state.question for state in await store.questions_of(tx, asset_id) if state.tries and not state.answered_at
    ]
    return [
        Fact(
            subject=subject,
            state="unanswered",
            statement_zh="未获答复",
            statement_en="unanswered",
            source="register",
            as_of=local_day(tx.now),
            document_sha256=None,
        )
        for subject in sorted(unanswered_subjects(asked))
    ]
