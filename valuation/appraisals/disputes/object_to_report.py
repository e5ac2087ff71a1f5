"""Object to an appraisal report: on procedure, on substance, or on both (参考价 22–24)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS
from valuation.appraisals.rules import disputes
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.objections.objections import NotServedYet


class ObjectToReport(Command, frozen=True, kw_only=True):
    """A written objection as the court received it; ``against`` says which paper it is about."""

    appraisal_id: UUID
    party_id: UUID
    against: disputes.Paper
    grounds: tuple[disputes.AnyGround, ...]
    document_sha256: str


async def object_to_report(db: Database, actor: Actor, command: ObjectToReport) -> Moved:
    """Take an objection in time.

    Raises `ObjectionLate`, `ObjectionRepeated`, `ObjectionNotAdmitted`, `NotServedYet`, `GroundsMissing`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        return await take_objection(
            tx,
            actor,
            file,
            party_id=command.party_id,
            against=command.against,
            grounds=command.grounds,
            document_sha256=command.document_sha256,
        )

    return await db.carry_out(actor, command, work, Moved)


async def take_objection(
    tx: Transaction,
    actor: Actor,
    file: AppraisalFile,
    *,
    party_id: UUID,
    against: disputes.Paper,
    grounds: tuple[disputes.AnyGround, ...],
    document_sha256: str,
) -> Moved:
    """Take an objection in a transaction that holds the case; see `object_to_report` for what is refused."""
    windows, paper = file.windows(COURT_CALENDAR), file.paper
    if paper is None or party_id not in windows:
        raise NotServedYet
    named = tuple(dict.fromkeys(grounds))
    disputes.check_objection(
        tx.now, paper=against, window_ends=windows[party_id], grounds=named, earlier=_earlier(file, party_id)
    )
    event = h.Objected(
        objection_id=new_id(),
        paper_id=paper.paper_id,
        party_id=party_id,
        grounds=named,
        document_sha256=document_sha256,
    )
    return await keep(tx, actor, file, event, made_id=event.objection_id)


def _earlier(file: AppraisalFile, party_id: UUID) -> set[str]:
    present = file.mandate
    mine = {paper.paper_id for paper in file.papers if present and paper.mandate_id == present.mandate_id}
    return {
        ground
        for objection in file.objections
        if objection.party_id == party_id and objection.paper_id in mine
        for ground in objection.grounds
    }
