"""What an officer types from a party's paper, and the second person who vouches for it. Pure.

1. A typed paper has no effect until another natural person has compared it with the scan and found it equal (practice 8).
2. The second person names the scan that he compared with by its fingerprint; another document is refused.
3. Each paper is looked at once. One that was typed wrong never counts and is typed anew.
4. What counts is as old as its recording where a time must be kept: the second person's day makes nobody late.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.errors import Conflict, NotFound, NotPermitted

PaperKind = Literal["method_request", "circumstance", "representative", "agency_proposal", "price_proposal"]


class TypedPaper(msgspec.Struct, frozen=True, kw_only=True):
    """One paper as an officer typed it; ``agrees`` is ``None`` until the second person has looked."""

    paper_id: UUID
    case_id: UUID
    subject_id: UUID
    """What it is about: the asset, the case, the choice of institutions or the agreement."""
    kind: PaperKind
    content: bytes
    """JSON of what was typed; sealed in the database, and shown by nobody where the law keeps it secret."""
    document_sha256: str
    recorded_by: UUID
    recorded_at: datetime
    agrees: bool | None = None


class SecondPersonNeeded(NotPermitted):
    """Who recorded a paper cannot confirm it."""

    code = "second_person_needed"
    article = "house: a paper needs two persons (practice 8)"
    zh = "录入人不能复核自己录入的书面材料。"
    en = "Whoever recorded a paper cannot confirm it."


class PaperOfOtherScan(Conflict):
    """The second person compared with another document than the one from which the paper was typed."""

    code = "typed_paper_other_scan"
    article = "house: a paper is confirmed against its own scan (practice 8)"
    zh = "所对照的扫描件不是录入时所依据的书面材料，不能复核。"
    en = "This is not the document from which the paper was typed; it cannot be confirmed against it."


class TypedPaperUnknown(NotFound):
    """No such typed paper in this case, or none of this kind."""

    code = "typed_paper_unknown"
    article = "house: a paper is known by its id"
    zh = "没有该份待复核的书面材料。"
    en = "There is no such typed paper."


class TypedPaperLookedAt(Conflict):
    """A second person has looked at this paper before."""

    code = "typed_paper_looked_at"
    article = "house: a paper is confirmed once (practice 8)"
    zh = "该份书面材料已经复核。"
    en = "A second person has looked at this paper before."


def check_second(paper: TypedPaper, actor: Actor, *, document_sha256: str) -> None:
    """Refuse who may not confirm this paper now. Raises `TypedPaperLookedAt`, `SecondPersonNeeded`, `PaperOfOtherScan`."""
    if paper.agrees is not None:
        raise TypedPaperLookedAt
    if paper.recorded_by == actor.person_id:
        raise SecondPersonNeeded
    if paper.document_sha256 != document_sha256:
        raise PaperOfOtherScan
