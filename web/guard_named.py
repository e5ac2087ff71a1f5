"""The published guard behind a refusal, as pages and programs are told of it: number, remedy, and the way to object."""

from __future__ import annotations

import msgspec

from auction.kernel.errors import Refusal
from auction.law.guards import GUARDS


class GuardNamed(msgspec.Struct, frozen=True, kw_only=True):
    """The published guard behind a refusal, and the way on; ``object_at`` is empty where there is nothing to object to here."""

    number: str
    version: int
    article: str
    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    published_at: str
    object_at: str


def guard_of(refusal: Refusal) -> GuardNamed | None:
    """Give the published guard that a refusal says it was made by; ``None``: it says none."""
    key = (refusal.facts.get("guard"), refusal.facts.get("guard_version"))
    guard = next((one for one in GUARDS.every if (one.number, one.version) == key), None)
    if guard is None:
        return None
    return GuardNamed(
        number=guard.number,
        version=guard.version,
        article=guard.article,
        title_zh=guard.title_zh,
        title_en=guard.title_en,
        remedy_zh=guard.remedy_zh,
        remedy_en=guard.remedy_en,
        published_at=f"/guards#{guard.number}",
        object_at="/my/refusals" if "application_id" in refusal.facts else "",
    )
