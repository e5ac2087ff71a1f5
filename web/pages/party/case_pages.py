"""A party's cases, and of each asset how its price comes, what may be proposed now and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from auction.contracts import ReferencePrice
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.fund.undoings.store import RecoveryShown, recoveries_from
from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.sale.cases import store as cases
from auction.sale.disclosure.own_cases import OwnAsset, OwnCase, OwnPart, own_case, own_cases
from valuation.agencies.views import choices_of, coming_draws
from valuation.appraisals import store as appraisals
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.draws.notices import notices_of
from valuation.methods.order import SIDES
from valuation.objections.store import price_of_step
from valuation.objections.views import price_evidence
from valuation.sides.store import representatives
from valuation.ways.ways import PriceWay, way_of
from web.auth.guards import roles
from web.injected import TheActor, TheDb
from web.pages import appraisal_words, desk_words, price_words
from web.pages.desk import desk_page
from web.pages.party.own_way import OwnWay
from web.pages.party.what_next import what_next

FOR_PARTIES = dict(roles(Role.PARTY))


@get("/party", opt=FOR_PARTIES, include_in_schema=False)
async def show_cases(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the caller's cases."""
    async with db.reading() as tx:
        own = await own_cases(tx, actor.person_id)
        draws = await coming_draws(tx, [case.case_id for case in own])
        now = tx.now
    return desk_page(request, "party/cases.html", cases=own, draws=draws, now=now)


@get("/party/cases/{case_id:uuid}", opt=FOR_PARTIES, include_in_schema=False)
async def show_case(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show one case with the way of each asset to its price."""
    async with db.reading() as tx:
        case = await own_case(tx, actor.person_id, case_id)
        return await case_shown(request, tx, case)


async def case_shown(
    request: Request[Any, Any, Any],
    tx: Transaction,
    case: OwnCase,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
    ticked: Sequence[str] = (),
) -> Template:
    """Render the page of a case; ``refusal`` is what was just refused, ``given`` what was typed, ``ticked`` which grounds."""
    speaks = speaker(case)
    assets = {asset.asset_id: asset for asset in case.assets}
    owed, found, spoken_for, told = await tx.together(
        _owed(tx, case),
        tx.each(assets, lambda asset_id: _way(tx, case, assets[asset_id])),
        representatives(tx, case.case_id),
        notices_of(tx, [part.party_id for part in case.parts]),
    )
    ways = list(found.values())
    return desk_page(
        request,
        "party/case.html",
        case=case,
        ways=ways,
        nexts=[what_next(one, speaks=speaks is not None, now=tx.now, today=local_day(tx.now)) for one in ways],
        speaker=speaks,
        ticked=ticked,
        represented={part.party_id for part in case.parts} & spoken_for.keys(),
        told=told,
        say=price_words,
        now=tx.now,
        today=local_day(tx.now),
        named_of=appraisal_words,
        words_of=desk_words,
        owed=owed,
        account_number=(await case_fund_view(tx, case.case_id)).account_number if owed else "",
        refusal=refusal,
        given=given,
    )


async def _owed(tx: Transaction, case: OwnCase) -> tuple[RecoveryShown, ...]:
    """Give what the reader owes the case."""
    return await recoveries_from(tx, [case.case_id], await _persons(tx, case))


async def _persons(tx: Transaction, case: OwnCase) -> list[UUID]:
    """Give the persons as whom the reader takes part: himself."""
    parts = {part.party_id for part in case.parts}
    return [row.person_id for row in await cases.parties_of(tx, case.case_id) if row.party_id in parts]


def speaker(case: OwnCase) -> OwnPart | None:
    """Give the part in which the person speaks on a side; ``None``: it is an interested person only."""
    return next((part for part in case.parts if part.role in SIDES), None)


async def _way(tx: Transaction, case: OwnCase, asset: OwnAsset) -> OwnWay:
    (way, price), evidence, appraisal, choices = await tx.together(
        _priced(tx, asset.asset_id),
        price_evidence(tx, asset.asset_id),
        _appraisal(tx, asset.asset_id),
        choices_of(tx, asset.asset_id),
    )
    mine = {part.party_id for part in case.parts}
    invited = () if way.agreement is None else way.agreement.invited
    windows = () if evidence is None else evidence.windows
    window = next((one for one in windows if one.party_id in mine), None)
    served = set() if appraisal is None else mine & appraisal.served_on().keys()
    return OwnWay(
        inquiry=None if window is None else evidence,
        inquiry_window=window,
        fees=appraisal,
        appraisal=appraisal if served else None,
        appraisal_party=min(served, default=None),
        targeted_served_on=_served_on(way, mine),
        asset=asset,
        way=way,
        price=price,
        invited=next((party for party in invited if party.party_id in mine), None),
        choices=choices,
    )


async def _priced(tx: Transaction, asset_id: UUID) -> tuple[PriceWay, ReferencePrice | None]:
    """Give the way of an asset with the price that stands at its end."""
    way = await way_of(tx, asset_id)
    present = way.present_price
    return way, None if present is None else await price_of_step(tx, present.step_id)


def _served_on(way: PriceWay, mine: set[UUID]) -> date | None:
    services = {} if way.targeted is None else way.targeted.services
    return min((day for party_id, day in services.items() if party_id in mine), default=None)


async def _appraisal(tx: Transaction, asset_id: UUID) -> AppraisalFile | None:
    found = await appraisals.appraisals_of_asset(tx, asset_id)
    return await appraisals.file_of(tx, found[-1]) if found else None
