"""Parts inside an institution (分工): who may answer for it, who signs, who keeps its papers. Pure.

1. The court's administrators say for which institution an account acts (web, accounts rule 7); the institution's manager says in
   which part, of its own people only, and ends it again. Both stay on record.
2. A manager answers for the institution: takes or declines mandates, states its fee, names parts. An appraiser inspects, prepares
   reports, signs and explains. A clerk asks for material and uploads. One account may hold several parts.
3. An appraiser signs under one licence of the institution's register entry, and no other account under the same: so two
   confirmations are those of two natural persons (资产评估法 27, 28; security 3).
4. While an institution has no manager each of its officers may act as manager, and as nothing else: somebody must name the first.
   The last manager's part does not end before another one is named. A manager whose account acts for it no more is none.
5. Nothing of this is known outside the institution.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.kernel.sentences import Said
from valuation.agencies.register import Agency

Part = Literal["manager", "appraiser", "clerk"]
PARTS: tuple[Part, ...] = get_args(Part)
PART_NAMES: dict[Part, Said] = {
    "manager": Said("机构负责人", "manager"),
    "appraiser": Said("执业评估师", "appraiser"),
    "clerk": Said("文员", "clerk"),
}


class PartLacking(NotPermitted):
    """The account does not hold a part that takes this step."""

    code = "agency_part_lacking"
    article = "house: parts inside an institution; 资产评估法 24, 27"
    zh = "您在本机构的分工不能办理此事项，需要：{needed}。"
    en = "Your part in the institution may not take this step; needed: {needed}."


class StaffUnknown(NotFound):
    """The account does not act for this institution, or there is no such part."""

    code = "agency_staff_unknown"
    article = "house: parts inside an institution, its own people only"
    zh = "本机构没有该人员或者该项分工。"
    en = "There is no such person, or no such part, in this institution."


class StaffNamed(Conflict):
    """The account holds this part already, or the licence is another account's."""

    code = "agency_staff_named"
    article = "资产评估法 27, 28; house: one licence, one account"
    zh = "该人员已有此项分工，或者该执业证号已由他人使用。"
    en = "The account holds this part already, or the licence is used by another account."


class StaffLicenceUnfit(Malformed):
    """An appraiser is named under a licence of the register, and nobody else under any."""

    code = "agency_staff_licence_unfit"
    article = "资产评估法 24; 参考价 20(4)"
    zh = "指定评估师应当填写名册登记的本机构评估师执业证号，其他分工不填写。"
    en = "An appraiser is named by a licence that the register has of this institution; no other part has one."


class LastManager(Conflict):
    """Without a manager nobody answers for the institution."""

    code = "agency_last_manager"
    article = "house: parts inside an institution, rule 4"
    zh = "不得终止唯一的机构负责人；请先指定另一名负责人。"
    en = "The only manager's part does not end; name another manager first."


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """One standing part of one account; ``licence_no`` is empty for who is no appraiser."""

    grant_id: UUID
    agency_id: UUID
    account_id: UUID
    part: Part
    licence_no: str
    named_at: datetime


class OwnParts(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may do in its institution; ``licence_no`` is the one under which it signs, empty without one."""

    parts: frozenset[Part]
    licence_no: str = ""
    is_founding: bool = False
    """Whether it acts as manager only because there is none yet (rule 4)."""


def own_parts(staff: Iterable[Staff], account_id: UUID) -> OwnParts:
    """Give the parts of an account among the standing parts of its institution (rule 4)."""
    standing = list(staff)
    mine = [one for one in standing if one.account_id == account_id]
    is_founding = not any(one.part == "manager" for one in standing)
    return OwnParts(
        parts=frozenset(one.part for one in mine) | ({"manager"} if is_founding else frozenset()),
        licence_no=next((one.licence_no for one in mine if one.part == "appraiser"), ""),
        is_founding=is_founding,
    )


def require_part(own: OwnParts, *needed: Part) -> None:
    """Refuse who holds none of these parts (`PartLacking`)."""
    if own.parts.isdisjoint(needed):
        said = [PART_NAMES[part] for part in PARTS if part in needed]
        raise PartLacking(needed=Said(" / ".join(one.zh for one in said), " / ".join(one.en for one in said)))


def check_naming(staff: Collection[Staff], agency: Agency, *, account_id: UUID, part: Part, licence_no: str) -> None:
    """Refuse a part that is held, or a licence that the register does not have or somebody else uses (rule 3).

    Raises `StaffLicenceUnfit`, `StaffNamed`.
    """
    fitting = {appraiser.licence_no for appraiser in agency.appraisers} if part == "appraiser" else {""}
    if licence_no not in fitting:
        raise StaffLicenceUnfit
    is_held = any(one.account_id == account_id and one.part == part for one in staff)
    if is_held or (licence_no and any(one.licence_no == licence_no for one in staff)):
        raise StaffNamed


def still_acting(staff: Iterable[Staff], accounts: Collection[UUID]) -> list[Staff]:
    """Give the parts of those who still act for the institution: the administrators may have ended an account's role."""
    return [one for one in staff if one.account_id in accounts]


def check_ending(acting: Collection[Staff], ending: Staff) -> None:
    """Refuse to end the only acting manager's part (rule 4; `LastManager`)."""
    if ending in acting and [one for one in acting if one.part == "manager"] == [ending]:
        raise LastManager
