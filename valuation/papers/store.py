"""SQL of typed papers: what was typed, sealed, and what the second person found."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from valuation.papers.typed_papers import PaperKind, TypedPaper, TypedPaperUnknown

_PAPERS = (
    "SELECT p.*, c.agrees FROM valuation.typed_paper p LEFT JOIN valuation.typed_paper_check c USING (paper_id) WHERE "
)


async def type_paper(
    tx: Transaction,
    actor: Actor,
    kind: PaperKind,
    content: object,
    *,
    case_id: UUID,
    subject_id: UUID,
    document_sha256: str,
) -> TypedPaper:
    """Keep what an officer typed from a paper; it waits for its second person."""
    paper = TypedPaper(
        paper_id=new_id(),
        case_id=case_id,
        subject_id=subject_id,
        kind=kind,
        content=msgspec.json.encode(content),
        document_sha256=document_sha256,
        recorded_by=actor.person_id,
        recorded_at=tx.now,
    )
    values = msgspec.structs.asdict(paper)
    del values["content"], values["agrees"]
    await tx.session.execute(
        text(
            "INSERT INTO valuation.typed_paper (paper_id, case_id, subject_id, kind, sealed, document_sha256, recorded_by, "
            "recorded_at) VALUES (:paper_id, :case_id, :subject_id, :kind, :sealed, :document_sha256, :recorded_by, :recorded_at)"
        ),
        {**values, "sealed": tx.sealer.seal(paper.content.decode())},
    )
    return paper


async def paper(tx: Transaction, case_id: UUID, paper_id: UUID, *kinds: PaperKind) -> TypedPaper:
    """Give a typed paper of this case and of one of these kinds; raises `TypedPaperUnknown`."""
    rows = await tx.session.execute(
        text(_PAPERS + "p.paper_id = :id AND p.case_id = :case_id AND p.kind = ANY (:kinds)"),
        {"id": paper_id, "case_id": case_id, "kinds": list(kinds)},
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise TypedPaperUnknown
    return _paper(tx, row)


async def papers_of(tx: Transaction, case_id: UUID) -> list[TypedPaper]:
    """Give the typed papers of a case, the oldest first."""
    rows = await tx.session.execute(
        text(_PAPERS + "p.case_id = :id ORDER BY p.recorded_at, p.paper_id"), {"id": case_id}
    )
    return [_paper(tx, row) for row in rows.mappings()]


async def waiting_about(tx: Transaction, subject_id: UUID, kind: PaperKind) -> list[TypedPaper]:
    """Give the papers of a kind on a subject that wait for their second person, the oldest first."""
    rows = await tx.session.execute(
        text(_PAPERS + "p.subject_id = :id AND p.kind = :kind AND c.agrees IS NULL ORDER BY p.recorded_at, p.paper_id"),
        {"id": subject_id, "kind": kind},
    )
    return [_paper(tx, row) for row in rows.mappings()]


def _paper(tx: Transaction, row: RowMapping) -> TypedPaper:
    values = {name: row[name] for name in TypedPaper.__struct_fields__ if name != "content"}
    return TypedPaper(**values, content=tx.sealer.open(bytes(row["sealed"])).encode())


async def add_check(tx: Transaction, found: TypedPaper, *, checked_by: UUID, agrees: bool) -> None:
    """Record what the second person found; the database refuses the first one's own."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.typed_paper_check (paper_id, recorded_by, checked_by, agrees, checked_at) "
            "VALUES (:paper_id, :recorded_by, :checked_by, :agrees, :now)"
        ),
        {
            "paper_id": found.paper_id,
            "recorded_by": found.recorded_by,
            "checked_by": checked_by,
            "agrees": agrees,
            "now": tx.now,
        },
    )
