"""Have a report reviewed by the agency's association, and take its conclusion (参考价 23(1))."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.ids import new_id
from valuation.appraisals.disputes.decide_objection import correction
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS
from valuation.appraisals.rules import history as h

ASSOCIATION_LIMIT = 100


class NothingToReview(Conflict):
    """No objection waits for a technical review, or there is no such open review."""

    code = "appraisal_nothing_to_review"
    article = "参考价 23(1)"
    zh = "没有需要专业技术评审的异议，或者没有正在进行的该项评审。"
    en = "No objection waits for a technical review, or there is no such open review."


class ReviewMalformed(Malformed):
    """A review needs its association and a day to come."""

    code = "appraisal_review_malformed"
    article = "参考价 23(1)"
    zh = "应当写明行业协会和指定期限。"
    en = "A review names its association and a day to come."


class AskReview(Command, frozen=True, kw_only=True):
    """Ask an association for a technical review of all objections that wait for one, by a day that the court sets."""

    appraisal_id: UUID
    association: str
    conclude_by: date
    document_sha256: str


class RecordReview(Command, frozen=True, kw_only=True):
    """The association's conclusion: the report is confirmed, or has to be corrected."""

    appraisal_id: UUID
    review_id: UUID
    conclusion: h.Conclusion
    document_sha256: str


async def ask_review(db: Database, actor: Actor, command: AskReview) -> Moved:
    """Ask for a review. Raises `NothingToReview`, `ReviewMalformed`. Source: 参考价 23(1)."""
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
    if not 0 < len(command.association.strip()) <= ASSOCIATION_LIMIT:
        raise ReviewMalformed

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        waiting = tuple(one.objection_id for one in file.open_objections if one.state == "to_review")
        if not waiting:
            raise NothingToReview
        if command.conclude_by <= local_day(tx.now):
            raise ReviewMalformed
        event = h.ReviewAsked(
            review_id=new_id(),
            objections=waiting,
            association=command.association.strip(),
            conclude_by=command.conclude_by,
            document_sha256=command.document_sha256,
        )
        return await keep(tx, actor, file, event, made_id=event.review_id)

    return await db.carry_out(actor, command, work, Moved)


async def record_review(db: Database, actor: Actor, command: RecordReview) -> Moved:
    """Take the conclusion; what has to be corrected is ordered at once. Raises `NothingToReview`. Source: 参考价 23(1), 26."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        review = next((one for one in file.reviews if one.review_id == command.review_id), None)
        if review is None or review.conclusion is not None:
            raise NothingToReview
        reviewed = [one for one in file.open_objections if one.objection_id in review.objections]
        events: list[h.AnyEvent] = [
            h.ReviewConcluded(
                review_id=review.review_id, conclusion=command.conclusion, document_sha256=command.document_sha256
            )
        ]
        if command.conclusion == "to_correct" and reviewed:
            events.append(correction(tx, *reviewed))
        return await keep(tx, actor, file, *events, made_id=review.review_id)

    return await db.carry_out(actor, command, work, Moved)
