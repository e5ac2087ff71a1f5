"""Open the choice of institutions for a mandate: every party of both sides is asked within a set time (参考价 16)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.sentences import Said
from valuation.agencies.register import PURPOSE_OF, Profession, Purpose
from valuation.facts.place import Place, place_of
from valuation.facts.store import facts_of
from valuation.methods import step_store
from valuation.selections import selection_store
from valuation.selections.cases import CaseDesk
from valuation.selections.selection import Selection, SelectionOpened
from valuation.sides.speaking import on_sides
from valuation.sides.store import representatives

PROPOSALS_MIN, PROPOSALS_MAX = timedelta(hours=1), timedelta(days=30)
PLACE_REASON_MAX = 500


class OpenSelection(Command, frozen=True, kw_only=True):
    """``mandate_id`` is the appraisal's id, or the id of what the audit firm or provider is needed for.

    Province and city come from the asset's facts; they are typed only where those name no place, with a published reason.
    """

    case_id: UUID
    asset_id: UUID
    mandate_id: UUID
    purpose: Purpose = "valuation_agency"
    profession: Profession
    province: str = ""
    city: str = ""
    place_reason: str = ""
    proposals_until: datetime


class SelectionMalformed(Malformed):
    """The choice cannot be opened like this."""

    code = "selection_malformed"
    article = "参考价 16; house: a choice names its list and its time"
    zh = "机构选定程序的内容有误：{reason}。"
    en = "The choice of institutions cannot be opened: {reason}."


class PlaceDiffers(Unlawful):
    """The facts name another place than the one typed: the list follows the asset, not who opens the choice."""

    code = "selection_place_differs"
    article = "参考价 3, 16"
    zh = "案卷查明财产位于{place}，名单子库以此为准，不得另填。"
    en = "By the facts of the file the asset lies in {place}; its list is chosen by that and by nothing else."


class PlaceReasonNeeded(Malformed):
    """The facts name no place; it is typed whole, with a reason that is published."""

    code = "selection_place_reason_needed"
    article = "参考价 3, 16; house: a typed place is published with its reason"
    zh = "案卷没有查明财产所在地的，应当填写省、市并说明理由（不超过{most}字），理由予以公布。"
    en = "Where the facts name no place, province and city are given with a reason of at most {most} characters, which is published."


class MandateNotAppraisal(Unlawful):
    """An appraisal institution is chosen only for an entrusted appraisal under way, under the id that it waits for."""

    code = "mandate_not_appraisal"
    article = "参考价 14, 16"
    zh = "该财产没有正在进行的委托评估程序，或者该程序等待的不是本次选定，不能选定评估机构。"
    en = "No entrusted appraisal of this asset is under way, or it waits for another choice; no institution is chosen."


async def open_selection(db: Database, actor: Actor, command: OpenSelection, *, case_desk: CaseDesk) -> UUID:
    """Open the choice, once per mandate; gives the mandate. Raises the refusals of this module, and `SelectionOpened`.

    Source: 参考价 16 (the list of the place where the asset lies).
    """
    require_role(actor, Role.CASE_HANDLER)
    if PURPOSE_OF[command.profession] != command.purpose:
        raise SelectionMalformed(reason=Said("专业与用途不符", "the profession does not fit the purpose"))

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        case = await case_desk.case_of_draw(tx, command.case_id, command.asset_id)
        if not tx.now + PROPOSALS_MIN <= command.proposals_until <= tx.now + PROPOSALS_MAX:
            raise SelectionMalformed(reason=Said("协商期限应在1小时至30日之间", "the time is one hour to thirty days"))
        if command.purpose == "valuation_agency":
            await _require_appraisal(tx, command)
        if await selection_store.find_selection(tx, command.mandate_id) is not None:
            raise SelectionOpened
        if await selection_store.live_choice(tx, command.asset_id, command.purpose) is not None:
            raise SelectionOpened
        place, place_from = await _place(tx, command)
        await selection_store.add_selection(tx, _selection_of(tx, actor, command, place, place_from))
        roles = ((party.party_id, party.side or "") for party in case.parties)
        stated = await representatives(tx, command.case_id)
        await selection_store.add_asked(tx, command.mandate_id, on_sides(roles, stated))
        return command.mandate_id

    return await db.carry_out(actor, command, work, UUID)


async def _require_appraisal(tx: Transaction, command: OpenSelection) -> None:
    """Refuse a choice outside an open appraisal, or under another id than the one that its history names (V12, V45)."""
    step = await step_store.open_step_of(tx, command.asset_id)
    if step is None or step.case_id != command.case_id:
        raise MandateNotAppraisal
    if command.mandate_id != await selection_store.awaited_choice(tx, step.step_id):
        raise MandateNotAppraisal


async def _place(tx: Transaction, command: OpenSelection) -> tuple[Place, Literal["facts", "typed"]]:
    """Give where the asset lies, from its facts before anything typed. Raises: `PlaceDiffers`, `PlaceReasonNeeded`."""
    typed = Place(province=command.province.strip(), city=command.city.strip())
    found = place_of(await facts_of(tx, command.asset_id))
    if found is not None:
        if typed not in (found, Place(province="", city="")):
            raise PlaceDiffers(place=found.said)
        return found, "facts"
    if not typed.province or not typed.city or not 0 < len(command.place_reason.strip()) <= PLACE_REASON_MAX:
        raise PlaceReasonNeeded(most=PLACE_REASON_MAX)
    return typed, "typed"


def _selection_of(
    tx: Transaction, actor: Actor, command: OpenSelection, place: Place, place_from: Literal["facts", "typed"]
) -> Selection:
    return Selection(
        mandate_id=command.mandate_id,
        purpose=command.purpose,
        case_id=command.case_id,
        asset_id=command.asset_id,
        profession=command.profession,
        province=place.province,
        city=place.city,
        opened_by=actor.person_id,
        opened_at=tx.now,
        proposals_until=command.proposals_until,
        place_from=place_from,
        place_reason=command.place_reason.strip() if place_from == "typed" else "",
    )
