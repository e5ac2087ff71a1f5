"""Open the choice of institutions for a mandate: every party of both sides is asked within a set time (参考价 16)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.sentences import Said
from valuation.agencies.register import PURPOSE_OF, Profession, Purpose
from valuation.methods import step_store
from valuation.selections import selection_store
from valuation.selections.cases import CaseDesk
from valuation.selections.selection import Selection, SelectionOpened
from valuation.sides.speaking import on_sides
from valuation.sides.store import representatives

PROPOSALS_MIN, PROPOSALS_MAX = timedelta(hours=1), timedelta(days=30)


class OpenSelection(Command, frozen=True, kw_only=True):
    """``mandate_id`` is the appraisal's id, or the id of what the audit firm or provider is needed for."""

    case_id: UUID
    asset_id: UUID
    mandate_id: UUID
    purpose: Purpose = "valuation_agency"
    profession: Profession
    province: str
    city: str
    proposals_until: datetime


class SelectionMalformed(Malformed):
    """The choice cannot be opened like this."""

    code = "selection_malformed"
    article = "参考价 16; house: a choice names its list and its time"
    zh = "机构选定程序的内容有误：{reason}。"
    en = "The choice of institutions cannot be opened: {reason}."


class MandateNotAppraisal(Unlawful):
    """An appraisal institution is chosen only for an entrusted appraisal under way, under the id that it waits for."""

    code = "mandate_not_appraisal"
    article = "参考价 14, 16"
    zh = "该财产没有正在进行的委托评估程序，或者该程序等待的不是本次选定，不能选定评估机构。"
    en = "No entrusted appraisal of this asset is under way, or it waits for another choice; no institution is chosen."


async def open_selection(db: Database, actor: Actor, command: OpenSelection, *, case_desk: CaseDesk) -> UUID:
    """Open the choice, once per mandate; gives the mandate. Raises the refusals of this module, and `SelectionOpened`."""
    require_role(actor, Role.CASE_HANDLER)
    if PURPOSE_OF[command.profession] != command.purpose:
        raise SelectionMalformed(reason=Said("专业与用途不符", "the profession does not fit the purpose"))
    if not command.province.strip() or not command.city.strip():
        raise SelectionMalformed(reason=Said("缺少省、市", "province and city are needed"))

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
        await selection_store.add_selection(tx, _selection_of(tx, actor, command))
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


def _selection_of(tx: Transaction, actor: Actor, command: OpenSelection) -> Selection:
    return Selection(
        mandate_id=command.mandate_id,
        purpose=command.purpose,
        case_id=command.case_id,
        asset_id=command.asset_id,
        profession=command.profession,
        province=command.province.strip(),
        city=command.city.strip(),
        opened_by=actor.person_id,
        opened_at=tx.now,
        proposals_until=command.proposals_until,
    )
