"""Propose the text of a document from what is on record now; stores nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from auction.fund.deposits.store import purchase_row
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.money import Money
from auction.kernel.persons import names_of
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass, is_movable
from auction.sale.cases.cases import OWN_ROOM, OtherCase
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import FIRST_REFUSAL_HOLDERS, PartyRole
from auction.sale.cases.seizures import Seizure
from auction.sale.cases.tables import PartyRow
from auction.sale.drafting.wording import Bought, Draft, Facts, Offered, Thing, draft_of
from auction.sale.lots import store as lots
from auction.sale.lots.tables import LotRow
from auction.sale.title.store import title_rows

OWN_ROOM_NAME = "法拍网络司法拍卖平台"


async def draft_document(tx: Transaction, case_id: UUID, kind: DocumentKind, *, lot_id: UUID | None = None) -> Draft:
    """Propose title and text, about this lot or the only asset of the case. Raises `NotDrafted`, `CaseUnknown`, `LotUnknown`, `OtherCase`."""
    return draft_of(kind, await _facts(tx, case_id, lot_id))


async def _facts(tx: Transaction, case_id: UUID, lot_id: UUID | None) -> Facts:
    case = await cases.case_row(tx, case_id)
    lot = await _lot(tx, case_id, lot_id)
    parties = await cases.parties_of(tx, case_id)
    names = await names_of(tx, {party.person_id for party in parties})
    return Facts(
        court=case.court,
        case_number=case.case_number,
        instrument=case.instrument,
        instrument_number=case.instrument_number,
        instrument_court=case.instrument_court,
        account_number=case.case_account_number,
        handler=case.handler_name,
        telephone=case.telephone,
        applicants=_named(parties, names, {PartyRole.APPLICANT}),
        debtors=_named(parties, names, {PartyRole.JUDGMENT_DEBTOR}),
        holders=_named(parties, names, FIRST_REFUSAL_HOLDERS),
        thing=await _thing(tx, case_id, lot),
        offered=None if lot is None else await _offered(tx, lot),
        bought=None if lot is None else await _bought(tx, lot),
    )


async def _lot(tx: Transaction, case_id: UUID, lot_id: UUID | None) -> LotRow | None:
    if lot_id is None:
        return None
    if await cases.case_of_lot(tx, lot_id) != case_id:
        raise OtherCase(lot_id=lot_id)
    return await lots.open_lot(tx, lot_id)


def _named(parties: Sequence[PartyRow], names: dict[UUID, str], roles: Collection[PartyRole]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names[party.person_id] for party in parties if PartyRole(party.role) in roles))


async def _thing(tx: Transaction, case_id: UUID, lot: LotRow | None) -> Thing | None:
    found = await cases.assets_of(tx, case_id)
    if lot is not None:
        found = [asset for asset in found if asset.asset_id == lot.asset_id]
    if len(found) != 1:
        return None
    (asset,) = found
    return Thing(
        title=asset.title,
        address=asset.address,
        registry_number=asset.registry_number,
        is_movable=is_movable(AssetClass(asset.asset_class)),
        seizures=_standing(await cases.seizures_of(tx, asset.asset_id), on=local_day(tx.now)),
    )


def _standing(seizures: Sequence[Seizure], *, on: date) -> tuple[tuple[str, str], ...]:
    """Give whose seizures have not ended, each case once, by rank."""
    open_ones = sorted((one for one in seizures if one.ends_on >= on), key=lambda one: one.rank)
    return tuple(dict.fromkeys((one.court, one.case_number) for one in open_ones))


async def _offered(tx: Transaction, lot: LotRow) -> Offered:
    terms = lots.terms_of(await lots.listing_row(tx, lot))
    platform = await cases.platform_of(tx, lot.case_id)
    return Offered(
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        reserve=Money(terms.reserve_fen),
        deposit=Money(terms.deposit_fen),
        platform=OWN_ROOM_NAME if platform == OWN_ROOM else platform,
    )


async def _bought(tx: Transaction, lot: LotRow) -> Bought | None:
    found = await title_rows(tx, lot.lot_id)
    if found is None:
        return None
    sale = found.confirmation
    purchase = await purchase_row(tx, sale.round_id)
    assert purchase is not None, "a confirmed round has a purchase"
    return Bought(
        buyer=tx.sealer.open(sale.buyer_name_sealed),
        price=Money(sale.hammer_price_fen),
        closed_on=local_day(purchase.opened_at),
        paid_on=None if found.paid is None else found.paid.complete_on,
    )
