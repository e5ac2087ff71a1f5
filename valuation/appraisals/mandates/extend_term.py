"""Extend the time for a report: the agency asks five days before the end, the court decides (参考价 19(2))."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals.keep_history import Moved, keep, open_mandate, running_file
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.limits import (
    ExtensionPending,
    ExtensionTooLong,
    check_extension_length,
    check_extension_request,
)


class TermNotRunning(Conflict):
    """No time for a report runs: the mandate did not arrive, the clock stands, or the report is in."""

    code = "appraisal_term_not_running"
    article = "参考价 19(2)"
    zh = "评估期限当前不在计算之中，不能申请延长。"
    en = "No time for a report runs now; it cannot be extended."


class ExtensionNotOpen(Conflict):
    """There is no such undecided request."""

    code = "appraisal_extension_not_open"
    article = "参考价 19(2)"
    zh = "没有待决定的该项延长申请。"
    en = "There is no such undecided request."


class AskExtension(Command, frozen=True, kw_only=True):
    """Ask in writing for more days."""

    mandate_id: UUID
    days: int
    reason: str
    document_sha256: str


class DecideExtension(Command, frozen=True, kw_only=True):
    """Grant days, at most those asked for; zero: none."""

    appraisal_id: UUID
    request_id: UUID
    granted_days: int


async def ask_extension(db: Database, actor: Actor, command: AskExtension) -> Moved:
    """Ask for an extension.

    Raises `ExtensionAskedLate`, `ExtensionTooLong`, `ExtensionsUsedUp`, `ExtensionPending`, `TermNotRunning`.
    """

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await open_mandate(tx, actor, command.mandate_id, "extend")
        end_day = file.report_end(mandate, COURT_CALENDAR)
        if end_day is None or file.paper is not None:
            raise TermNotRunning
        if mandate.pending is not None:
            raise ExtensionPending
        check_extension_request(tx.now, end_day=end_day, granted=len(mandate.granted), days=command.days)
        event = h.ExtensionAsked(
            request_id=new_id(),
            mandate_id=mandate.mandate_id,
            days=command.days,
            reason=command.reason,
            document_sha256=command.document_sha256,
        )
        return await keep(tx, actor, file, event, made_id=event.request_id)

    return await db.carry_out(actor, command, work, Moved)


async def decide_extension(db: Database, actor: Actor, command: DecideExtension) -> Moved:
    """Decide a request; refused after the end, the agency is late at once. Raises `ExtensionNotOpen`, `ExtensionTooLong`."""
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        pending = None if file.mandate is None else file.mandate.pending
        if pending is None or pending.request_id != command.request_id:
            raise ExtensionNotOpen
        if command.granted_days != 0:
            check_extension_length(command.granted_days, on=local_day(tx.now))
        if command.granted_days > pending.days:
            raise ExtensionTooLong(most=pending.days, given=command.granted_days)
        event = h.ExtensionDecided(request_id=command.request_id, granted_days=command.granted_days)
        return await keep(tx, actor, file, event, made_id=command.request_id)

    return await db.carry_out(actor, command, work, Moved)
