"""What forms know of papers that officers typed and that wait for their second person; what is sealed is not read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from valuation.agreements.record_proposal import TypedPrice
from valuation.methods.step_store import CircumstanceRecorded, MethodRequest
from valuation.papers.store import papers_of
from valuation.papers.typed_papers import PaperKind, TypedPaper
from valuation.selections.record_agency_proposal import TypedProposal
from valuation.sides.store import Representation


class PaperKnown(msgspec.Struct, frozen=True, kw_only=True):
    """One paper that waits; ``said`` is what the first person typed, ``None`` where it is sealed."""

    paper_id: UUID
    kind: PaperKind
    subject_id: UUID
    document_sha256: str
    recorded_at: datetime
    party_id: UUID | None
    """Whose paper it is; ``None``: a circumstance, which is nobody's alone."""
    said: MethodRequest | CircumstanceRecorded | Representation | None = None


async def read_waiting(tx: Transaction, case_id: UUID) -> tuple[PaperKnown, ...]:
    """Give the papers of a case that wait for their second person, the oldest first."""
    return tuple(_known(paper) for paper in await papers_of(tx, case_id) if paper.agrees is None)


def _known(paper: TypedPaper) -> PaperKnown:
    party_id, said = _said(paper)
    return PaperKnown(
        paper_id=paper.paper_id,
        kind=paper.kind,
        subject_id=paper.subject_id,
        document_sha256=paper.document_sha256,
        recorded_at=paper.recorded_at,
        party_id=party_id,
        said=said,
    )


def _said(paper: TypedPaper) -> tuple[UUID | None, MethodRequest | CircumstanceRecorded | Representation | None]:
    if paper.kind == "agency_proposal":
        return msgspec.json.decode(paper.content, type=TypedProposal).party_id, None
    if paper.kind == "price_proposal":
        return msgspec.json.decode(paper.content, type=TypedPrice).party_id, None
    if paper.kind == "circumstance":
        return None, msgspec.json.decode(paper.content, type=CircumstanceRecorded)
    if paper.kind == "method_request":
        request = msgspec.json.decode(paper.content, type=MethodRequest)
        return request.party_id, request
    stated = msgspec.json.decode(paper.content, type=Representation)
    return stated.party_id, stated
