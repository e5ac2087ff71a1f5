"""Keep the register: list a platform by a published paper, remove one on a ground of the law (参考价 8, 9)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.ids import new_id
from valuation.listed_platforms import store
from valuation.listed_platforms.admission import Conditions, check_conditions
from valuation.listed_platforms.register import (
    PlatformNotListed,
    RemovalGround,
    barred_until,
    check_day,
    check_listing,
    check_removal,
    lateness,
)

KEEPERS = (Role.JUDICIAL_TECHNOLOGY,)
NAME_LIMIT = 100
REASON_LIMIT = 1000


class ListPlatform(Command, frozen=True, kw_only=True):
    """A platform stands on the published list since a day; ``document_sha256``: the publication."""

    platform_id: str
    platform_name: str
    listed_on: date
    conditions: Conditions
    document_sha256: str


class RemovePlatform(Command, frozen=True, kw_only=True):
    """A platform is removed from the list as of a day; ``document_sha256``: the decision or publication."""

    platform_id: str
    ground: RemovalGround
    reason: str
    removed_on: date
    document_sha256: str


class PlatformListed(msgspec.Struct, frozen=True, kw_only=True):
    """The new entry."""

    listing_id: UUID


class PlatformRemoved(msgspec.Struct, frozen=True, kw_only=True):
    """Until when it is barred."""

    barred_until: date


class RegisterEntryMalformed(Malformed):
    """A name, an id or a reason is missing or too long."""

    code = "platform_entry_malformed"
    article = "参考价 8, 9"
    zh = "登记内容不完整或者过长：{field}。"
    en = "The entry lacks something, or it is too long: {field}."


async def list_platform(db: Database, actor: Actor, command: ListPlatform) -> PlatformListed:
    """Enter a platform that meets the conditions.

    Raises `PlatformConditionsNotMet`, `PlatformListedAlready`, `PlatformBarred` until its bar is over. Source: 参考价 8(2), 9.
    """
    require_role(actor, *KEEPERS)
    _check_text(command.platform_name, field="platform_name", limit=NAME_LIMIT)

    async def work(tx: Transaction) -> PlatformListed:
        await tx.lock(store.REGISTER_LOCK)
        check_day(command.listed_on, today=local_day(tx.now))
        check_conditions(command.conditions, on=command.listed_on)
        before = await store.entry_of(tx, command.platform_id)
        is_listed = before is not None and before.removed_on is None
        check_listing(command.listed_on, bar=None if before is None else before.barred_until, is_listed=is_listed)
        listing = store.Listing(
            listing_id=new_id(),
            platform_id=command.platform_id,
            platform_name=command.platform_name.strip(),
            listed_on=command.listed_on,
            source="published",
            document_sha256=command.document_sha256,
        )
        await store.add_listing(tx, listing)
        return PlatformListed(listing_id=listing.listing_id)

    return await db.carry_out(actor, command, work, PlatformListed)


async def remove_platform(db: Database, actor: Actor, command: RemovePlatform) -> PlatformRemoved:
    """End a platform's entry and bar it for five years; inquiries that run go on.

    Raises `PlatformNotListed`, `RemovalUnfounded` where the register itself contradicts the ground. Source: 参考价 9.
    """
    require_role(actor, *KEEPERS)
    _check_text(command.reason, field="reason", limit=REASON_LIMIT)

    async def work(tx: Transaction) -> PlatformRemoved:
        await tx.lock(store.REGISTER_LOCK)
        today = local_day(tx.now)
        check_day(command.removed_on, today=today)
        entry = await store.entry_of(tx, command.platform_id)
        if entry is None or entry.removed_on is not None:
            raise PlatformNotListed
        counting = [one for one in await store.late_results(tx, command.platform_id) if not one.accepted]
        late_days = [one.late_on for one in counting if one.outcome != "refused"]
        refusals = sum(1 for one in counting if one.outcome == "refused" and one.accepted is False)
        check_removal(command.ground, late=lateness(late_days, today=today), refusals=refusals)
        removal = _removal_of(command, entry.listing_id)
        await store.add_removal(tx, removal)
        return PlatformRemoved(barred_until=removal.barred_until)

    return await db.carry_out(actor, command, work, PlatformRemoved)


def _removal_of(command: RemovePlatform, listing_id: UUID) -> store.Removal:
    return store.Removal(
        listing_id=listing_id,
        platform_id=command.platform_id,
        ground=command.ground,
        reason=command.reason.strip(),
        document_sha256=command.document_sha256,
        removed_on=command.removed_on,
        barred_until=barred_until(command.removed_on),
    )


def _check_text(given: str, *, field: str, limit: int) -> None:
    if not 0 < len(given.strip()) <= limit:
        raise RegisterEntryMalformed(field=field)
