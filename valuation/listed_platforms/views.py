"""The register of platforms as everybody may read it: listed since when, late how often, removed and barred until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from valuation.listed_platforms import store
from valuation.listed_platforms.register import Lateness, lateness


class LateShown(msgspec.Struct, frozen=True, kw_only=True):
    """One late, missing or refused report; no case and no asset is named."""

    late_on: date
    outcome: str
    accepted: bool | None


class PlatformShown(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the register."""

    platform_id: str
    platform_name: str
    listed_on: date
    source: str
    document_sha256: str | None
    removed_on: date | None
    ground: str | None
    reason: str | None
    barred_until: date | None
    lateness: Lateness | None
    """``None`` for an entry that has ended."""
    late: tuple[LateShown, ...]

    @property
    def refusals(self) -> int:
        """How many refusals without an accepted reason."""
        return sum(1 for one in self.late if one.outcome == "refused" and not one.accepted)


class RegisterShown(msgspec.Struct, frozen=True, kw_only=True):
    """The whole register, as of a day."""

    as_of: date
    platforms: tuple[PlatformShown, ...]


async def register_shown(tx: Transaction) -> RegisterShown:
    """Give the register with its counts. Source: 参考价 8, 9."""
    today, late = local_day(tx.now), await store.late_results(tx)
    return RegisterShown(
        as_of=today,
        platforms=tuple(_entry(entry, late, today) for entry in await store.register(tx)),
    )


def _entry(entry: store.Listing, late: Sequence[store.LateResult], today: date) -> PlatformShown:
    own = [one for one in late if one.platform_id == entry.platform_id] if entry.removed_on is None else []
    counting = [one.late_on for one in own if one.outcome != "refused" and not one.accepted]
    return PlatformShown(
        platform_id=entry.platform_id,
        platform_name=entry.platform_name,
        listed_on=entry.listed_on,
        source=entry.source,
        document_sha256=entry.document_sha256,
        removed_on=entry.removed_on,
        ground=entry.ground,
        reason=entry.reason,
        barred_until=entry.barred_until,
        lateness=None if entry.removed_on is not None else lateness(counting, today=today),
        late=tuple(LateShown(late_on=one.late_on, outcome=one.outcome, accepted=one.accepted) for one in own),
    )
