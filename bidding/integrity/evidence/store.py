"""Queries of evidence packs, named by what they answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound
from bidding.integrity.findings.tables import EvidencePackRow


class PackKept(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that was made."""

    pack_id: UUID
    fingerprint: str
    key_id: str
    account_id: UUID
    made_at: datetime


class PackUnknown(NotFound):
    """There is no such pack of this finding."""

    code = "pack_unknown"
    article = "house: a pack is read in its own case"
    zh = "没有这一证据包。"
    en = "There is no such evidence pack."


async def packs_of(tx: Transaction, finding_id: UUID, case_id: UUID) -> list[PackKept]:
    """Give the packs of a finding made in this case, the newest first, without their bytes."""
    columns = (
        EvidencePackRow.pack_id,
        EvidencePackRow.fingerprint,
        EvidencePackRow.key_id,
        EvidencePackRow.account_id,
        EvidencePackRow.made_at,
    )
    found = select(*columns).where(EvidencePackRow.finding_id == finding_id, EvidencePackRow.case_id == case_id)
    rows = (await tx.session.execute(found.order_by(EvidencePackRow.made_at.desc()))).all()
    return [
        PackKept(
            pack_id=row.pack_id,
            fingerprint=row.fingerprint,
            key_id=row.key_id,
            account_id=row.account_id,
            made_at=row.made_at,
        )
        for row in rows
    ]


async def written_pack(tx: Transaction, pack_id: UUID, *, finding_id: UUID, case_id: UUID) -> bytes:
    """Give the bytes of a pack as it was signed, or refuse (`PackUnknown`)."""
    row = await tx.session.get(EvidencePackRow, pack_id)
    if row is None or (row.finding_id, row.case_id) != (finding_id, case_id):
        raise PackUnknown(pack_id=pack_id)
    return row.written


async def pack_keys(tx: Transaction) -> dict[str, bytes]:
    """Give the public keys with which packs were signed."""
    found = select(EvidencePackRow.key_id, EvidencePackRow.public_key).distinct()
    return {row.key_id: row.public_key for row in (await tx.session.execute(found)).all()}
