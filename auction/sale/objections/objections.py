"""Objections in enforcement: who may object to what, the court's days, who may decide, what an answer opens. Pure.

1. A party, an interested person or a bidder may object to an act of the court; a third party claims the thing itself. A party claims nothing as
   a third party: he has the other way (CPL 236, 238; 异议复议规定 5, 7).
2. The court dockets an objection within three days or refuses it by a reasoned ruling; it decides within fifteen days of docketing (异议复议规定 2;
   CPL 236, 238).
3. A panel decides, and nobody sits in it who ran the case: its handler, the members of its own panel, whoever took a step in it by his account
   (异议复议规定 11).
4. Members vote once, in secret; the majority decides when all have voted, and the ruling says what the majority decided (CPL 45).
5. A docketed claim of a third party stops the sale (网拍 36): until it is decided no notice is published and no stopped round resumes; a founded one
   lets no stopped round resume: the lot is withdrawn (`auction.sale.lots.third_party_claims`). An objection to an act may stop it; the court decides.
6. The answer reaches the objector in his account, as he chose when he objected; it is his from the day of the seal (CPL 90). From the next day runs
   the term: review by the upper court, or a suit.
7. Until a round is closed nobody but the panel and the clerks reads who objected as a bidder, nor his grounds (security 2).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.law.calendar import COURT_CALENDAR
from auction.law.case_numbers import CaseNumberMalformed, parse_case_number
from auction.law.parameters import LAW
from auction.law.periods import legal_period

TEXT_MOST: Final = 4_000
PAPERS_MOST: Final = 20
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
DOCKET_TYPE: Final = "执异"


class ObjectionKind(StrEnum):
    """What is objected to; the value is stored."""

    ACT = "act"  # 执行行为异议
    THIRD_PARTY_CLAIM = "third_party_claim"  # 案外人异议


class Capacity(StrEnum):
    """As what somebody objects; the value is stored."""

    PARTY = "party"  # 当事人
    INTERESTED = "interested"  # 利害关系人
    BIDDER = "bidder"  # 竞买人
    THIRD_PARTY = "third_party"  # 案外人


class ObjectionState(StrEnum):
    """Where an objection stands."""

    RAISED = "raised"
    REFUSED = "refused"
    DOCKETED = "docketed"
    BEFORE_PANEL = "before_panel"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN_STATES: Final = frozenset({ObjectionState.RAISED, ObjectionState.DOCKETED, ObjectionState.BEFORE_PANEL})
"""The court still has something to do."""
CAPACITIES: Final = {
    ObjectionKind.ACT: frozenset({Capacity.PARTY, Capacity.INTERESTED, Capacity.BIDDER}),
    ObjectionKind.THIRD_PARTY_CLAIM: frozenset({Capacity.THIRD_PARTY}),
}


class EnforcementObjectionUnknown(NotFound):
    """No such objection, or it is not the reader's."""

    code = "enforcement_objection_unknown"
    article = "house: an objection is known to its objector and to whoever has it before him"
    zh = "没有该项异议。"
    en = "There is no such objection."


class EnforcementObjectionNotWritten(Malformed):
    """A text is missing or too long, or a paper's fingerprint is not one."""

    code = "enforcement_objection_not_written"
    article = "异议复议规定 1; CPL 236, 238"
    zh = "异议应当写明请求、事实和理由（各至多{most}字），材料以文件指纹（SHA-256）列明至多{papers}份。"
    en = "An objection gives what is asked and why (at most {most} characters each), and up to {papers} papers by fingerprint (SHA-256)."


class CapacityUnfit(Malformed):
    """Somebody objects as what he is not, or what this kind of objection is not for."""

    code = "objection_capacity_unfit"
    article = "CPL 236, 238; 异议复议规定 5, 7"
    zh = "所选身份与异议种类或者案卷记载不符：对执行行为异议由当事人、利害关系人、竞买人提出，对标的主张权利由案外人提出。"
    en = (
        "The capacity does not fit the kind of objection or the file: parties, interested persons and bidders object to acts, "
        "third parties claim the thing."
    )


class IdentityUnproven(NotPermitted):
    """Nobody vouches for who the account's holder is."""

    code = "objection_identity_unproven"
    article = "异议复议规定 1"
    zh = "异议应当附身份证明；请先办理身份核验。"
    en = "An objection comes with proof of identity; please have yours verified first."


class ObjectionAlreadyPending(Conflict):
    """The same person waits for an answer of the same kind about the same thing."""

    code = "objection_already_pending"
    article = "异议复议规定 15"
    zh = "您就同一事项提出的同类异议正在办理，请在该异议中等候结果。"
    en = "An objection of yours of this kind about the same matter is pending; please wait for its answer."


class ObjectionMoveNotAllowed(Conflict):
    """The objection does not stand where this step is taken."""

    code = "objection_move_not_allowed"
    article = "异议复议规定 2"
    zh = "该项异议现在不能办理此步骤。"
    en = "This step is not open as the objection stands."


class ObjectionNotReasoned(Malformed):
    """A ruling has its reasons, its article and what it orders."""

    code = "objection_not_reasoned"
    article = "CPL 157, 236"
    zh = "请填写：{field}。裁定应当写明理由、法律依据和主文。"
    en = "Please fill in {field}: a ruling has reasons, an article and an operative part."


class DocketNumberUnfit(Malformed):
    """A docketed objection bears a number of its own, of the type 执异."""

    code = "objection_docket_number_unfit"
    article = "案号规定 3"
    zh = "异议案件的案号应当为“执异”字号，形如（2026）京0105执异1号。"
    en = "A docketed objection has a case number of its own, of the type for objections in enforcement (zhi yi)."


class RanTheCase(NotPermitted):
    """Somebody who ran the case, or who objects, sits in the panel."""

    code = "objection_ran_the_case"
    article = "异议复议规定 11"
    zh = "办理本案执行实施的人员、异议人本人不得参与异议审查。"
    en = "Whoever ran the case, or objects himself, does not sit on the objection."


class ObjectionRulingDiffers(Conflict):
    """The ruling is not what the majority decided."""

    code = "objection_ruling_differs"
    article = "CPL 45"
    zh = "裁定结论与合议庭多数意见不一致。"
    en = "The ruling is not what the majority of the panel decided."


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What of an objection's way has happened."""

    admitted: bool | None = None
    """``None``: not docketed and not refused yet."""
    has_panel: bool = False
    upheld: bool | None = None
    withdrawn: bool = False


def state_of(standing: Standing) -> ObjectionState:
    """Say where an objection stands."""
    if standing.withdrawn:
        return ObjectionState.WITHDRAWN
    if standing.upheld is not None:
        return ObjectionState.UPHELD if standing.upheld else ObjectionState.REJECTED
    if standing.admitted is None:
        return ObjectionState.RAISED
    if not standing.admitted:
        return ObjectionState.REFUSED
    return ObjectionState.BEFORE_PANEL if standing.has_panel else ObjectionState.DOCKETED


def require_state(state: ObjectionState, *allowed: ObjectionState) -> None:
    """Refuse a step that is not open (`ObjectionMoveNotAllowed`)."""
    if state not in allowed:
        raise ObjectionMoveNotAllowed(state=state.value)


def require_written(asks: str, grounds: str, papers: Sequence[str]) -> None:
    """Refuse what nobody could decide on (`EnforcementObjectionNotWritten`)."""
    texts_fit = all(0 < len(text.strip()) <= TEXT_MOST for text in (asks, grounds))
    papers_fit = len(papers) <= PAPERS_MOST and all(_SHA256.fullmatch(paper) for paper in papers)
    if not (texts_fit and papers_fit):
        field = "papers" if texts_fit else "grounds" if 0 < len(asks.strip()) <= TEXT_MOST else "asks"
        raise EnforcementObjectionNotWritten(field=field, most=TEXT_MOST, papers=PAPERS_MOST)


def require_capacity(
    kind: ObjectionKind,
    capacity: Capacity,
    *,
    has_lot: bool,
    is_party: bool,
    is_proper_party: bool,
    is_registered: bool,
) -> None:
    """Refuse a capacity that the file or the kind denies (`CapacityUnfit`, rule 1); a thing is claimed by naming its lot."""
    holds = {
        Capacity.PARTY: is_party,
        Capacity.BIDDER: is_registered,
        Capacity.THIRD_PARTY: has_lot and not is_proper_party,
        Capacity.INTERESTED: True,
    }
    if capacity not in CAPACITIES[kind] or not holds[capacity]:
        raise CapacityUnfit(field="capacity")


def require_reasoned(**texts: str) -> None:
    """Refuse a ruling that lacks one of its parts (`ObjectionNotReasoned`)."""
    for field, text in texts.items():
        if not 0 < len(text.strip()) <= TEXT_MOST:
            raise ObjectionNotReasoned(field=field)


def docket_number(text: str) -> str:
    """Give the number in its canonical form (`DocketNumberUnfit`)."""
    try:
        number = parse_case_number(text)
    except CaseNumberMalformed as fault:
        raise DocketNumberUnfit(field="number") from fault
    if number.type_code != DOCKET_TYPE:
        raise DocketNumberUnfit(field="number")
    return str(number)


def require_did_not_run(persons: Collection[UUID], ran: Collection[UUID]) -> None:
    """Refuse when somebody stands in both (`RanTheCase`, rule 3)."""
    if not set(persons).isdisjoint(ran):
        raise RanTheCase(field="members")


def docket_by(raised_at: datetime) -> date:
    """Give the last day for docketing. Source: 异议复议规定 2."""
    return _end("objection.docket_days", local_day(raised_at))


def decide_by(docketed_at: datetime) -> date:
    """Give the last day for the decision. Source: CPL 236, 238."""
    return _end("objection.decide_days", local_day(docketed_at))


def next_way_until(kind: ObjectionKind, answered_on: date, *, was_docketed: bool) -> date:
    """Give the last day for what comes after the answer: review by the upper court, or for a decided claim the suit (rule 6)."""
    is_suit = was_docketed and kind is ObjectionKind.THIRD_PARTY_CLAIM
    return _end("objection.third_party_suit_days" if is_suit else "objection.review_request_days", answered_on)


def _end(key: str, start: date) -> date:
    return legal_period(LAW.parameter(key, on=start), start, COURT_CALENDAR).end_day
