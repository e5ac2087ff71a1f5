"""Keep which guards were applied to a listing, at its proposal and again at its announcement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.law.guards import GUARDS
from auction.sale.guards.applications import Application, applied, refused_by
from auction.sale.guards.store import keep
from auction.sale.lots.lint import Finding, ListingUnlawful, blocking


async def keep_listing(
    tx: Transaction, actor: Actor, findings: Sequence[Finding], *, command_id: UUID, case_id: UUID, lot_id: UUID
) -> None:
    """Keep that all guards of a listing were applied and none refused; hints of a guard stand with it."""
    today = local_day(tx.now)
    hints = {finding.guard: finding.code for finding in findings if finding.guard}
    passed = [
        applied(guard, "passed", announced_on=today.isoformat(), hint=hints.get(guard.number))
        for guard in GUARDS.in_force(today, "listing")
    ]
    await keep(tx, actor, passed, command_id=command_id, place="listing", case_id=case_id, lot_id=lot_id)


async def keep_refused_listing(
    db: Database, actor: Actor, refusal: ListingUnlawful, *, command_id: UUID, case_id: UUID, lot_id: UUID
) -> None:
    """Keep which guards refused a listing, in a transaction of its own (auction/DECISIONS S15); to repeat it is harmless."""

    async def work(tx: Transaction) -> None:
        today = local_day(tx.now)
        refused = [_refused(finding, today) for finding in _blocking_of(refusal) if finding.guard]
        found = [one for one in refused if one is not None]
        await keep(tx, actor, found, command_id=command_id, place="listing", case_id=case_id, lot_id=lot_id)

    await db.transact(work)


def _blocking_of(refusal: ListingUnlawful) -> Sequence[Finding]:
    findings = refusal.facts["findings"]
    assert isinstance(findings, tuple), "a refused listing carries its findings"
    return blocking(findings)


def _refused(finding: Finding, today: date) -> Application | None:
    return refused_by(finding.code, on=today, announced_on=today.isoformat())
