"""Queries of what the lists leave open about the buyer of a lot."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.sale.cases.assets import AssetClass
from auction.sale.registers import store as lists
from auction.sale.registers.lists import ListKey, lists_for
from auction.sale.silence.unclear import Unclear, unclear

_SALE = text(
    "SELECT c.case_id, c.lot_id, c.round_id, c.buyer_person_id, c.published_at, a.asset_class FROM ("
    "SELECT l.case_id, l.asset_id, n.* FROM sale.confirmation n JOIN sale.lot l USING (lot_id) "
    "WHERE n.round_id = :round_id) c JOIN sale.asset a ON a.asset_id = c.asset_id"
)
_ASKED = text(
    "SELECT min(q.asked_at) FILTER (WHERE q.asked_at >= :closed_at AND NOT EXISTS ("
    "  SELECT 1 FROM sale.list_question l JOIN sale.list_answer t USING (question_id) WHERE l.person_id = q.person_id "
    "  AND :list = ANY(l.lists) AND t.answered_at >= q.asked_at)) AS since, count(*) AS asked "
    "FROM sale.list_question q WHERE q.person_id = :person_id AND :list = ANY(q.lists)"
)
_KEEPERS = text(
    "SELECT DISTINCT keeper_title FROM sale.list_question WHERE person_id = :person_id AND :list = ANY(lists) ORDER BY 1"
)


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale whose buyer was asked about."""

    case_id: UUID
    lot_id: UUID
    round_id: UUID
    buyer_person_id: UUID
    published_at: datetime
    asset_class: AssetClass


async def sale_of(tx: Transaction, round_id: UUID) -> Sale | None:
    """Give the sale of a round, ``None`` if it has no buyer."""
    row = (await tx.session.execute(_SALE, {"round_id": round_id})).mappings().one_or_none()
    if row is None:
        return None
    return msgspec.convert({name: row[name] for name in Sale.__struct_fields__}, Sale)


async def unclear_of(tx: Transaction, round_id: UUID) -> list[Unclear]:
    """Give what the lists leave open about a round's buyer or those who bought with him, each list once; empty: nothing, or no buyer.

    Of several persons whom one list leaves open the one counts for whom the panel waits longest: then nothing is decided unseen.
    """
    sale = await sale_of(tx, round_id)
    if sale is None:
        return []
    found: dict[ListKey, Unclear] = {}
    for buyer in await lists.buyers_of_round(tx, round_id):
        for one in await _unclear_about(tx, sale, buyer.subject_id):
            known = found.get(one.list)
            found[one.list] = one if known is None else max(known, one, key=lambda each: each.panel_from)
    return list(found.values())


async def _unclear_about(tx: Transaction, sale: Sale, subject_id: UUID) -> list[Unclear]:
    told = await lists.told_of(tx, subject_id)
    found = []
    for each in lists_for(sale.asset_class):
        since = await _asked_since(tx, sale, subject_id, each)
        about = [one for one in told if one.entry.list == each]
        found.append(unclear(each, about, asset_class=sale.asset_class, now=tx.now, asked_since=since))
    return [each for each in found if each is not None]


async def keepers_asked(tx: Transaction, person_id: UUID, list_: ListKey) -> list[str]:
    """Give the titles of the keepers who were asked about a person and a list."""
    found = await tx.session.execute(_KEEPERS, {"person_id": person_id, "list": list_})
    return list(found.scalars())


async def _asked_since(tx: Transaction, sale: Sale, subject_id: UUID, list_: ListKey) -> datetime | None:
    told = {"person_id": subject_id, "list": list_, "closed_at": sale.published_at}
    row = (await tx.session.execute(_ASKED, told)).one()
    if row.asked == 0:
        return None
    return cast("datetime | None", row.since) or sale.published_at
