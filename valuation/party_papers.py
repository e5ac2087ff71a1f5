"""What a party writes at its own desk: kept sealed, and known by its fingerprint like any paper of the file.

1. The fingerprint covers the party, the instant and the text, so the same words handed in twice are two papers.
2. A writing is never changed; whoever reads the file sees who handed it in and when.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import Malformed
from auction.kernel.signing import fingerprint

WRITING_LIMIT = 10_000


class WritingMalformed(Malformed):
    """A writing says nothing, or more than anybody reads."""

    code = "party_writing_malformed"
    article = "参考价 22, 23"
    zh = "书面意见应当写明内容，且不超过{limit}字。"
    en = "A writing says something, in at most {limit} characters."


class PartyPaper(msgspec.Struct, frozen=True, kw_only=True):
    """One writing with who handed it in and when."""

    sha256: str
    party_id: UUID
    text: str
    handed_in_at: datetime


async def hand_in(tx: Transaction, *, case_id: UUID, party_id: UUID, writing: str) -> str:
    """Keep a party's writing and give its fingerprint; raises `WritingMalformed`."""
    words = writing.strip()
    if not 0 < len(words) <= WRITING_LIMIT:
        raise WritingMalformed(limit=WRITING_LIMIT)
    sha256 = fingerprint([str(party_id), tx.now.isoformat(), words])
    await tx.session.execute(
        text(
            "INSERT INTO valuation.party_paper (sha256, case_id, party_id, sealed, handed_in_at) "
            "VALUES (:sha256, :case_id, :party_id, :sealed, :now) ON CONFLICT DO NOTHING"
        ),
        {"sha256": sha256, "case_id": case_id, "party_id": party_id, "sealed": tx.sealer.seal(words), "now": tx.now},
    )
    return sha256


async def papers_of_case(tx: Transaction, case_id: UUID) -> list[PartyPaper]:
    """Give the writings of a case, the oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT sha256, party_id, sealed, handed_in_at FROM valuation.party_paper WHERE case_id = :id "
            "ORDER BY handed_in_at, sha256"
        ),
        {"id": case_id},
    )
    return [
        PartyPaper(
            sha256=row.sha256, party_id=row.party_id, text=tx.sealer.open(row.sealed), handed_in_at=row.handed_in_at
        )
        for row in rows
    ]
