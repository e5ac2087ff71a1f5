"""The cases in which a person is a party, as that person may see them: number, court, handler's telephone, assets."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.cases import store
from auction.sale.cases.cases import CaseUnknown
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.tables import PartyRow

MAX_OWN_CASES = 200
"""No page lists more cases of one person than this."""


class OwnPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is in a case."""

    party_id: UUID
    role: PartyRole


class OwnAsset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset of the case."""

    asset_id: UUID
    title: str
    address: str


class OwnCase(msgspec.Struct, frozen=True, kw_only=True):
    """One case with one's own parts in it."""

    case_id: UUID
    case_number: str
    court: str
    telephone: str
    supervision_telephone: str
    parts: tuple[OwnPart, ...]
    assets: tuple[OwnAsset, ...]


async def own_cases(tx: Transaction, person_id: UUID) -> list[OwnCase]:
    """Give the cases in which this person is a party, the newest part first."""
    found = select(PartyRow.case_id).where(PartyRow.person_id == person_id).order_by(PartyRow.added_at.desc())
    case_ids = dict.fromkeys((await tx.session.scalars(found.limit(MAX_OWN_CASES))).all())
    return list((await tx.each(case_ids, lambda case_id: own_case(tx, person_id, case_id))).values())


async def own_case(tx: Transaction, person_id: UUID, case_id: UUID) -> OwnCase:
    """Give one case of this person; one in which he has no part does not exist for him (`CaseUnknown`)."""
    parts, row, assets = await tx.together(
        store.parties_by_person(tx, case_id, person_id), store.case_row(tx, case_id), store.assets_of(tx, case_id)
    )
    if not parts:
        raise CaseUnknown(case_id=case_id)
    return OwnCase(
        case_id=case_id,
        case_number=row.case_number,
        court=row.court,
        telephone=row.telephone,
        supervision_telephone=row.supervision_telephone,
        parts=tuple(OwnPart(party_id=part.party_id, role=PartyRole(part.role)) for part in parts),
        assets=tuple(OwnAsset(asset_id=asset.asset_id, title=asset.title, address=asset.address) for asset in assets),
    )
