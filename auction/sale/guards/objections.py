"""Objections of refused persons: who may object, by when the court answers, what an upheld objection opens. Pure.

1. Whoever a guard refused at the door may object once to that refusal, in writing, with the fingerprints of his papers.
2. The court decides within the days of CPL 236, and before the end of the bidding: afterwards a right decision helps nobody.
3. Upheld: the person passes that guard for that lot, by the reasoned decision; every other guard still holds for him, and the guard for
   everybody else. Nothing else is changed: he registers like anybody.
4. Nobody decides on his own objection.
5. Where the refusal rests on a link that the court has decided and that stands, upholding says why the link stands nevertheless; whoever
   finds it wrong revokes it first. Else one court would say of two persons at once that they are the same and that they are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period

GROUNDS_MOST = 4000
PAPERS_MOST = 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class RefusalUnknown(NotFound):
    """No such refusal, or it is not the caller's."""

    code = "guard_refusal_unknown"
    article = "house: a refusal is known to whom it refused"
    zh = "没有该不予报名的记录。"
    en = "There is no such refusal."


class ObjectionNotWritten(Malformed):
    """Grounds are missing or too long, or a paper's fingerprint is not one."""

    code = "guard_objection_not_written"
    article = "CPL 236"
    zh = "异议应当写明理由（至多{most}字），材料以文件指纹（SHA-256）列明：{field}。"
    en = "An objection gives its grounds (at most {most} characters) and names papers by their fingerprints (SHA-256): {field}."


class AlreadyObjected(Conflict):
    """This refusal was objected to already."""

    code = "guard_objection_made"
    article = "house: one objection to one refusal"
    zh = "您已对该次不予报名提出异议，请等候法院决定。"
    en = "You have objected to this refusal already; the court decides on it."


class GuardObjectionUnknown(NotFound):
    """No such objection waits for a decision."""

    code = "guard_objection_unknown"
    article = "house: an objection is known by its id"
    zh = "没有待审查的该项异议。"
    en = "No such objection waits for a decision."


class OwnGuardObjection(NotPermitted):
    """Nobody decides on his own objection."""

    code = "guard_objection_own"
    article = "异议复议规定 2; house: nobody judges his own cause"
    zh = "不得审查本人提出的异议。"
    en = "Nobody decides on his own objection."


class DecisionNotReasoned(Malformed):
    """A decision has its reason and its article."""

    code = "guard_decision_not_reasoned"
    article = "CPL 236"
    zh = "决定应当写明理由和法律依据。"
    en = "A decision gives its reason and its article."


class LinkStandsUnexplained(Malformed):
    """An objection to a decided link is upheld, and the link stands: say why (rule 5)."""

    code = "guard_link_unexplained"
    article = "网拍 31(3), 34; CPL 236"
    zh = "该次不予报名依据法院认定的同一人关联。认定有误的，请先撤销该认定；认定维持的，请写明本次准许报名而认定仍然维持的理由。"
    en = (
        "The refusal rests on a decision of the court that two persons are the same. Revoke it first if it is wrong; if it stands, "
        "say why it stands although this person is admitted."
    )


def require_written(grounds: str, papers: Sequence[str]) -> None:
    """Refuse an objection that nobody could decide on (`ObjectionNotWritten`)."""
    if not 0 < len(grounds.strip()) <= GROUNDS_MOST:
        raise ObjectionNotWritten(field="grounds", most=GROUNDS_MOST)
    if len(papers) > PAPERS_MOST or any(_SHA256.fullmatch(paper) is None for paper in papers):
        raise ObjectionNotWritten(field="papers", most=GROUNDS_MOST)


def require_reasoned(reason: str, article: str) -> None:
    """Refuse a decision without reason or article (`DecisionNotReasoned`)."""
    if not 0 < len(reason.strip()) <= GROUNDS_MOST or not 0 < len(article.strip()) <= GROUNDS_MOST:
        raise DecisionNotReasoned(field="article" if reason.strip() else "reason")


def decide_by(raised_at: datetime, *, closes_at: datetime | None) -> date:
    """Give the last day for the decision: the legal period, or the day on which the bidding ends if that is sooner (rule 2)."""
    raised_on = local_day(raised_at)
    lawful = legal_period(LAW.parameter("objection.decide_days", on=raised_on), raised_on, COURT_CALENDAR).end_day
    return lawful if closes_at is None else min(lawful, max(raised_on, local_day(closes_at)))
