"""Check a person against the lists with what their keepers answered for this very step; nobody is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.registers import store
from auction.sale.registers.lists import DOOR, GROUNDS, ListKey, ListsAnswer, Standing
from auction.sale.registers.refusals import BarredFromBidding, ConsumptionRestricted, ListedDishonestDebtor

_REFUSALS: dict[ListKey, type[ListedDishonestDebtor | ConsumptionRestricted]] = {
    "dishonest": ListedDishonestDebtor,
    "restriction": ConsumptionRestricted,
}


async def check_lists(tx: Transaction, person_id: UUID, asset_class: AssetClass) -> ListsAnswer:
    """Say how a person stands at the door: only answers that came within `DOOR` count, for a removal counts at once.

    Refuses nothing itself: `require_unlisted` does, so that whoever records the application of the guard can do so first.
    """
    return await store.standings_of(tx, person_id, asset_class, came_since=tx.now - DOOR)


async def standing_bans(tx: Transaction, case_id: UUID, person_id: UUID) -> dict[str, datetime]:
    """Give the bans of a person on a case's file, by ground, each with the instant at which it came to be known.

    A note of a listing ends with a keeper's newer answer (a removal counts at once); what this court decided itself
    ends with its own lifting only: a keeper's register may not have heard of it (S25).
    """
    noted = await _without_ended(tx, await cases.bans_of(tx, case_id, person_id), person_id)
    for ground, at in (await cases.own_bans_of(tx, case_id, person_id)).items():
        noted[ground] = max(at, noted.get(ground, at))
    return noted


async def _without_ended(tx: Transaction, bans: Mapping[str, datetime], person_id: UUID) -> dict[str, datetime]:
    told = await store.told_of(tx, person_id)
    cleared: dict[str, datetime] = {}
    for each in told:
        ground = GROUNDS[each.entry.list]
        if each.entry.state == "clear":
            cleared[ground] = max(each.as_of, cleared.get(ground, each.as_of))
    return {ground: at for ground, at in bans.items() if ground not in cleared or cleared[ground] <= at}


def require_unlisted(answer: ListsAnswer) -> None:
    """Refuse whom a list keeps out (`ListedDishonestDebtor`, `ConsumptionRestricted`); what is unknown refuses nobody."""
    listed = answer.listed
    if listed is not None:
        raise refusal_of(listed)


def refusal_of(listed: Standing) -> BarredFromBidding:
    """Give the refusal of a listing, naming list, keeper and instant."""
    assert listed.as_of is not None, "who is listed was answered about"
    return barred_by_list(
        listed.list, source="、".join(sorted({each.keeper for each in listed.told})), as_of=listed.as_of
    )


def barred_by_list(list_: ListKey, *, source: str, as_of: datetime) -> BarredFromBidding:
    """Give the refusal that belongs to a list."""
    return _REFUSALS[list_](source=source, as_of=f"{as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
