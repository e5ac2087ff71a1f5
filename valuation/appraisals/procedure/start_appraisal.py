"""Start an appraisal, or have a lapsed report issued again by the same agency (参考价 14, 17, 19(4))."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from valuation.appraisals import store
from valuation.appraisals.keep_history import Moved, keep
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate, fold
from valuation.appraisals.rules.figures import lapsed_figure
from valuation.appraisals.rules.terms import Terms, check_terms
from valuation.appraisals.rules.validity import reissue_is_due
from valuation.facts.require_facts import require_facts
from valuation.methods.step_store import end_step, open_reissue, open_step, step
from valuation.objections.supervision import Announcements
from valuation.selections.selection_store import live_choice

STARTERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT)


class ReissueNotDue(Conflict):
    """Nothing is to be issued again: no figure came from this appraisal, or it still carries a sale."""

    code = "appraisal_reissue_not_due"
    article = "参考价 19(4)"
    zh = "该评估尚无可用结果、有效期尚未届满或者已在有效期内公告，不需要重新出具。"
    en = "No figure came from this appraisal, or it is still valid, or a sale was announced in time: nothing is issued again."


class StartAppraisal(Command, frozen=True, kw_only=True):
    """Begin an appraisal; reports go to ``parties`` and to ``interested`` persons."""

    case_id: UUID
    asset_id: UUID
    terms: Terms
    parties: tuple[UUID, ...]
    interested: tuple[UUID, ...] = ()


class ReissueReport(Command, frozen=True, kw_only=True):
    """Have the agency issue its lapsed report again, by a new value date."""

    appraisal_id: UUID
    value_date: date


async def start_appraisal(db: Database, actor: Actor, command: StartAppraisal) -> Moved:
    """Open the step and write down what will be asked; the agencies are chosen next, under the appraisal's id.

    A choice made on this way to a price before, for an appraisal that was withdrawn, stays: nothing is drawn again (V45).
    Raises `TermsIncomplete`, `FactsIncomplete`, `MethodOutOfOrder`, `StepRunning`, `PriceStands`. Source: 参考价 3, 14, 17.
    """
    require_role(actor, *STARTERS)
    check_terms(command.terms, parties=command.parties, interested=command.interested)

    async def work(tx: Transaction) -> Moved:
        await tx.about_case(command.case_id)
        await require_facts(tx, command.asset_id)
        appraisal_id = new_id()
        inherited = await live_choice(tx, command.asset_id, "valuation_agency")
        started = h.Started(
            terms=command.terms,
            parties=command.parties,
            interested=command.interested,
            choice_id=inherited or appraisal_id,
        )
        file = await _begin(tx, actor, appraisal_id, command.case_id, command.asset_id, started)
        return Moved(appraisal_id=appraisal_id, state=file.state, made_id=appraisal_id)

    return await db.carry_out(actor, command, work, Moved)


async def reissue_report(db: Database, actor: Actor, command: ReissueReport, *, announcements: Announcements) -> Moved:
    """Open a new step in which the same agency has fifteen days from receipt; its fee is 30 % of the first.

    A figure that lapsed before it became the price ends its own appraisal, and is issued again in the same way (V57).
    Raises `ReissueNotDue`, `PriceStands`, `StepRunning`. Source: 参考价 19(4), 27, 32.
    """
    require_role(actor, *STARTERS)

    async def work(tx: Transaction) -> Moved:
        former = await store.lock_file(tx, command.appraisal_id)
        mandate = former.mandate
        since = former.fixed_at or former.started_at
        announced_at = await announcements.first_announced_at(tx, former.asset_id, since=since)
        if mandate is None:
            raise ReissueNotDue
        if lapsed_figure(former, now=tx.now) is not None:
            await _end_lapsed(tx, actor, former)
        elif not _is_due(former, announced_at, today=local_day(tx.now)):
            raise ReissueNotDue
        appraisal_id = new_id()
        file = await _begin(tx, actor, appraisal_id, former.case_id, former.asset_id, _anew(former, command))
        event = _again(mandate, on=local_day(tx.now))
        return await keep(tx, actor, file, event, made_id=event.mandate_id)

    return await db.carry_out(actor, command, work, Moved)


async def _end_lapsed(tx: Transaction, actor: Actor, former: AppraisalFile) -> None:
    paper = former.paper
    assert paper is not None, "a figure has its paper"
    ended = h.Ended(outcome="failed", ground="figure_lapsed", document_sha256=paper.report.pdf_sha256)
    await end_step(tx, former.appraisal_id, ended.outcome, ended.ground)
    await keep(tx, actor, former, ended)


def _is_due(former: AppraisalFile, announced_at: datetime | None, *, today: date) -> bool:
    if former.fixed is None or former.fixed_at is None:
        return False
    return reissue_is_due(
        fixed_on=local_day(former.fixed_at),
        valid_until=former.fixed.valid_until,
        announced_on=None if announced_at is None else local_day(announced_at),
        today=today,
    )


def _anew(former: AppraisalFile, command: ReissueReport) -> h.Started:
    terms = Terms(
        purpose=former.terms.purpose,
        value_type=former.terms.value_type,
        value_date=command.value_date,
        scope=former.terms.scope,
    )
    return h.Started(
        terms=terms,
        parties=former.parties,
        interested=former.interested,
        choice_id=former.choice_id,
        reissue_of=former.appraisal_id,
    )


def _again(mandate: Mandate, *, on: date) -> h.Mandated:
    return h.Mandated(
        mandate_id=new_id(),
        ordinal=1,
        agency_id=mandate.agency_id,
        agency_name=mandate.agency_name,
        licence_no=mandate.licence_no,
        answer_by=on + (mandate.answer_by - local_day(mandate.mandated_at)),
        reissues=mandate.mandate_id,
    )


async def _begin(
    tx: Transaction, actor: Actor, appraisal_id: UUID, case_id: UUID, asset_id: UUID, started: h.Started
) -> AppraisalFile:
    if started.reissue_of is None:
        await open_step(tx, case_id=case_id, asset_id=asset_id, method="entrusted_appraisal", step_id=appraisal_id)
    else:
        await open_reissue(tx, await step(tx, started.reissue_of), ground="参考价 19(4)", step_id=appraisal_id)
    await store.add_appraisal(tx, appraisal_id, case_id=case_id, asset_id=asset_id, reissue_of=started.reissue_of)
    entry = h.Entry(number=1, at=tx.now, event=started)
    await store.append(tx, appraisal_id, entry, account_id=actor.account_id)
    return fold(appraisal_id, case_id=case_id, asset_id=asset_id, entries=[entry])
