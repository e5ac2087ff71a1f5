"""Sealed documents of a made-up file."""

from __future__ import annotations

import hashlib
from uuid import UUID

from auction.fund.case_file import note_sealed_document
from auction.kernel.db import Database
from auction.kernel.ids import new_id


async def seal(db: Database, case_id: UUID, kind: str, body: str = "示范正文", operative: str | None = None) -> UUID:
    """Put a sealed document on a case's file; ``operative``: what it orders, if it is a ruling."""
    document_id = new_id()
    digest = hashlib.sha256(body.encode()).hexdigest()
    await db.transact(
        lambda tx: note_sealed_document(
            tx, case_id=case_id, document_id=document_id, kind=kind, body_sha256=digest, operative=operative
        )
    )
    return document_id
