"""The way of one asset to its price on one page: facts, the lawful order, every step with its ground, clocks, the price."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from auction.contracts import ReferencePrice
from auction.kernel.clock import local_day
from auction.kernel.errors import NotFound
from auction.law.calendar import COURT_CALENDAR
from auction.sale.case_access import require_part
from auction.sale.desk import AssetShown
from valuation.agencies.views import choices_of
from valuation.methods.step_store import askings_of
from valuation.objections.store import price_of_step
from valuation.objections.supervision_views import supervisions_of
from valuation.party_papers import papers_of_case
from valuation.record.record_store import records_of
from valuation.record.system_record import RecordUnknown
from valuation.ways.clocks import PriceDays, WayClock, way_clocks
from valuation.ways.ways import PriceWay
from web.auth.guards import roles
from web.injected import TheActor, TheDb
from web.pages import appraisal_words, facts_shown, price_words
from web.pages.court.appraisal_shown import appraisals_shown
from web.pages.court.plausibility_shown import signals_of
from web.pages.court.price_next import Standing, next_step
from web.pages.desk import desk_page
from web.pages.facts_shown import fact_lines
from web.pages.readers import CASE_READERS
from web.pages.steps.known import Known
from web.pages.steps.offered import is_insider, offered_steps
from web.pages.steps.read_known import read_known
from web.pages.steps.step_form import Stage


class AssetUnknownHere(NotFound):
    """The case has no such asset."""

    code = "case_asset_unknown"
    article = "house: an asset is looked at in its own case"
    zh = "该案没有这项财产。"
    en = "The case has no such asset."


@get(
    "/court/cases/{case_id:uuid}/assets/{asset_id:uuid}/price", opt=dict(roles(*CASE_READERS)), include_in_schema=False
)
async def show_price(
    case_id: FromPath[UUID], asset_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show how the price of an asset comes."""
    async with db.reading(asks_once=True) as tx:
        _case, known, insider, chosen = await tx.together(
            require_part(tx, actor, case_id),
            read_known(tx, case_id, actor.person_id, {"asset_id": str(asset_id)}),
            is_insider(tx, actor, case_id),
            choices_of(tx, asset_id),
        )
        asset = _asset(known, asset_id)
        way, evidence = known.ways[asset_id], known.file.evidence[asset_id]
        present = way.present_price
        price = None if present is None else await price_of_step(tx, present.step_id)
        offered = offered_steps(actor, known, insider=insider)
        standing = Standing(
            known=known,
            asset_id=asset_id,
            way=way,
            price=price,
            evidence=evidence,
            appraisal=next((file for file in reversed(known.appraisals) if file.asset_id == asset_id), None),
            chosen=chosen,
        )
        return desk_page(
            request,
            "court/price.html",
            case=known.file.page.case,
            file=known.file,
            valued=asset,
            way=way,
            partly_asked=[one for one in await askings_of(tx, asset_id, way.steps) if not one.is_complete],
            waiting_papers=len(known.typed_papers),
            price=price,
            evidence=evidence,
            signals=await signals_of(tx, asset, evidence),
            facts=fact_lines(asset.asset_class, known.facts[asset_id], today=known.today),
            fact_words=facts_shown,
            clocks=_clocks(known, asset, way, price),
            chosen=chosen,
            next=next_step(standing, offered),
            steps=[stage for stage in offered if stage.stage is Stage.PRICE],
            supervisions=await supervisions_of(tx, asset_id),
            appraisals=appraisals_shown(known, asset_id, announced_on=announced_since(known, asset_id, price)),
            apprais=appraisal_words,
            papers=await papers_of_case(tx, case_id),
            records=await records_of(tx, asset_id),
            say=price_words,
            now=known.now,
            today=known.today,
        )


@get(
    "/court/cases/{case_id:uuid}/assets/{asset_id:uuid}/price/records/{reference_price_id:uuid}",
    opt=dict(roles(*CASE_READERS)),
    include_in_schema=False,
)
async def download_record(
    case_id: FromPath[UUID], asset_id: FromPath[UUID], reference_price_id: FromPath[UUID], db: TheDb, actor: TheActor
) -> Response[bytes]:
    """Give the record of a price of this asset as it is kept; its fingerprint is that of the file."""
    async with db.reading(asks_once=True) as tx:
        await require_part(tx, actor, case_id)
        _asset(await read_known(tx, case_id, actor.person_id, {}), asset_id)
        held = next(
            (one for one in await records_of(tx, asset_id) if one.reference_price_id == reference_price_id), None
        )
    if held is None:
        raise RecordUnknown
    name = f"price-record-{reference_price_id}.json"
    return Response(
        held.content,
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _asset(known: Known, asset_id: UUID) -> AssetShown:
    found = next((asset for asset in known.file.page.assets if asset.asset_id == asset_id), None)
    if found is None:
        raise AssetUnknownHere
    return found


def announced_since(known: Known, asset_id: UUID, price: ReferencePrice | None) -> date | None:
    """Give the first announcement since the price was fixed: an earlier one rested on another price."""
    announced = [
        local_day(one.announced_at)
        for lot in known.file.lots
        for one in lot.lot.rounds
        if lot.lot.asset_id == asset_id and price is not None and one.announced_at >= price.fixed_at
    ]
    return min(announced, default=None)


def _clocks(known: Known, asset: AssetShown, way: PriceWay, price: ReferencePrice | None) -> list[WayClock]:
    evidence = known.file.evidence[asset.asset_id]
    platforms = () if evidence is None else evidence.platforms
    announced_on = announced_since(known, asset.asset_id, price)
    return way_clocks(
        way,
        now=known.now,
        calendar=COURT_CALENDAR,
        seized_on=min((seizure.valid_from for seizure in asset.seizures), default=None),
        platforms_due=max((part.deadline_at for part in platforms), default=None),
        platforms_closed=evidence is not None and evidence.state != "asking",
        price=None
        if price is None
        else PriceDays(fixed_at=price.fixed_at, valid_until=price.valid_until, announced_on=announced_on),
    )
