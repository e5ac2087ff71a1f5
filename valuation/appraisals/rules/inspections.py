"""The site inspection (现场勘验): parties are told; who stays away does not stop it, but then a witness is there.

1. All parties are notified before the inspection; without that it does not count (参考价 18).
2. Where a notified party is absent, a witness is present and signs (18; read for each absent party, V19).
3. The record names who was there by part, never by name, and is kept by its fingerprint.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.errors import Malformed, Unlawful


class InspectionNotTold(Unlawful):
    """A party was not notified before the inspection."""

    code = "inspection_not_told"
    article = "参考价 18"
    zh = "尚有 {number} 名当事人未在勘验前得到通知。"
    en = "{number} parties were not notified before the inspection."


class WitnessMissing(Unlawful):
    """A party stayed away and there was no witness."""

    code = "inspection_witness_missing"
    article = "参考价 18"
    zh = "有当事人未到场，现场勘验应当有见证人。"
    en = "A party was absent; the inspection needs a witness."


class InspectionMisdated(Malformed):
    """The inspection lies in the future, or before the time for which it was announced."""

    code = "inspection_misdated"
    article = "参考价 18"
    zh = "勘验时间有误：{at}。"
    en = "The time of the inspection cannot be right: {at}."


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What an inspection was: who of the parties was there, whether a witness was, and the signed record."""

    held_at: datetime
    appraisers: tuple[str, ...]
    """Licence numbers of those who inspected."""
    present: tuple[UUID, ...]
    has_witness: bool
    record_sha256: str


def check_inspection(
    inspection: Inspection,
    *,
    parties: Collection[UUID],
    told: Collection[UUID],
    told_at: datetime | None,
    planned_at: datetime | None,
    now: datetime,
) -> None:
    """Refuse an inspection that breaks rules 1 or 2, or that is misdated."""
    untold = [party for party in parties if party not in told]
    if told_at is None or untold:
        raise InspectionNotTold(number=len(untold) or len(parties))
    if not max(told_at, planned_at or told_at) <= inspection.held_at <= now:
        raise InspectionMisdated(at=inspection.held_at.isoformat())
    absent = [party for party in parties if party not in inspection.present]
    if absent and not inspection.has_witness:
        raise WitnessMissing
