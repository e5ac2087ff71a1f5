"""The pool of a draw: who of a sub-list may be drawn, and who not, why, and by which article. Pure.

1. Everybody on the sub-list is either a member or excluded with a reason; nobody is left out in silence.
2. The first reason that holds, in the order of `REASONS`, is told.
3. Licences, the appraisers' too, and suspension are looked at on the day of the freezing, their first and last day included.
4. A workload counts only where the court set a limit, which is published.
5. The register counts as of the request of the draw (`register_as_of`): who enters later is not in the pool, who is taken
   out later is excluded, with the instant of that confirmation. A recusal tells its instant only, not its words.
6. A pool holds nobody twice, under whatever id, and nobody barred; it has at least three members (参考价 16).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, InvariantViolated
from auction.law.parameters import LAW
from valuation.agencies.register import Agency, Change, Content, Purpose, Removal, Suspension
from valuation.agencies.sub_lists import SubList, is_within
from valuation.draw_v1.draw_pool import instant

Reason = Literal[
    "removed",
    "barred",
    "suspended",
    "licence_not_begun",
    "licence_expired",
    "too_few_appraisers",
    "conflict",
    "failed_this_mandate",
    "workload",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
ARTICLES: Mapping[Reason, str] = {
    "removed": "参考价 15",
    "barred": "参考价 15",
    "suspended": "评估规范 register",
    "licence_not_begun": "参考价 22",
    "licence_expired": "参考价 22",
    "too_few_appraisers": "资产评估法 24, 27, 28",
    "conflict": "资产评估法 20(4)–(5)",
    "failed_this_mandate": "参考价 19, 23",
    "workload": "house: workload limit of the court",
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """For what and when a pool is made."""

    purpose: Purpose
    case_id: UUID
    on: date
    workload_limit: int | None = None
    """Most open mandates of a member, ``None``: the court set no limit."""
    open_mandates: Mapping[UUID, int] = {}
    failed: Collection[UUID] = frozenset()
    """Institutions that were replaced in this mandate before."""
    failed_codes: Collection[str] = frozenset()
    """Their credit codes, by which they are known under another id."""
    later: Sequence[Change] = ()
    """What took institutions out after the draw was requested (`register_as_of`)."""


class Member(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Somebody who may be drawn."""

    id: str
    name: str
    licence_no: str


class Exclusion(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Somebody on the list who may not, and why."""

    id: str
    name: str
    reason: Reason
    article: str
    detail: str


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """Members and exclusions, each by id."""

    members: tuple[Member, ...]
    excluded: tuple[Exclusion, ...]


class PoolTooSmall(Conflict):
    """Fewer than three may be drawn: agreement of the parties, a wider sub-list, or the court decides."""

    code = "pool_too_small"
    article = "参考价 16; 评估规范"
    zh = "可以参加摇号的机构只有{members}家，少于{needed}家；应当由当事人协商、扩大名单子库或者由法院决定并记录。"
    en = (
        "Only {members} institutions may be drawn; {needed} are needed. The parties agree, a wider sub-list is named, or "
        "the court decides on record."
    )


class PoolDuplicate(Conflict):
    """An institution stands in the pool twice, under one id or two."""

    code = "pool_duplicate"
    article = "house: a pool holds nobody twice"
    zh = "候选池中同一机构出现两次：{name}。"
    en = "An institution stands in the pool twice: {name}."


class PoolMemberBarred(Conflict):
    """Somebody who may not be drawn stands among the members."""

    code = "pool_member_barred"
    article = "参考价 15"
    zh = "候选池中有不得参加摇号的机构：{name}（{reason}）。"
    en = "Somebody in the pool may not be drawn: {name} ({reason})."


def make_pool(agencies: Iterable[Agency], sub_list: SubList, *, province: str, city: str, asked: Asked) -> Pool:
    """Sort everybody of the sub-list into members and exclusions; raises `PoolDuplicate`, `PoolTooSmall`."""
    everybody = [
        agency
        for agency in agencies
        if sub_list.profession in agency.professions
        and is_within(agency, sub_list.used.level, province=province, city=city)
        and agency.entered_on <= asked.on
    ]
    found = {agency.agency_id: why_not(agency, asked) for agency in everybody}
    members = sorted(
        Member(id=agency.id, name=agency.name, licence_no=agency.licence_no)
        for agency in everybody
        if found[agency.agency_id] is None
    )
    pool = Pool(members=tuple(members), excluded=tuple(sorted(e for e in found.values() if e is not None)))
    check_pool(pool, {agency.agency_id: agency for agency in everybody}, asked)
    return pool


def check_pool(pool: Pool, register: Mapping[UUID, Agency], asked: Asked) -> None:
    """Check a pool against the register (rule 6). Raises: `PoolDuplicate`, `PoolMemberBarred`, `PoolTooSmall`."""
    codes: set[str] = set()
    for member in pool.members:
        agency = register.get(UUID(member.id))
        if agency is None:
            raise InvariantViolated(f"pool member {member.id} does not stand on the register")
        if agency.credit_code in codes:
            raise PoolDuplicate(name=member.name)
        codes.add(agency.credit_code)
        exclusion = why_not(agency, asked)
        if exclusion is not None:
            raise PoolMemberBarred(name=member.name, reason=exclusion.reason)
    needed = LAW.count("reference_price.firms_drawn", on=asked.on)
    if len(pool.members) < needed:
        raise PoolTooSmall(members=len(pool.members), needed=needed)


def why_not(agency: Agency, asked: Asked) -> Exclusion | None:
    """Give the first reason why an institution may not be drawn, with its facts; ``None``: it may."""
    for reason, detail in _reasons(agency, asked):
        return Exclusion(id=agency.id, name=agency.name, reason=reason, article=ARTICLES[reason], detail=detail)
    return None


def _reasons(agency: Agency, asked: Asked) -> Iterable[tuple[Reason, str]]:
    """Give every reason that holds, in the order of `REASONS`."""
    on = asked.on
    if agency.is_barred(on):
        yield "barred", f"{agency.removed_on}/{agency.barred_until}" + _since(agency, Removal, asked)
    if not agency.is_listed(on):
        yield "removed", str(agency.removed_on) + _since(agency, Removal, asked)
    suspension = agency.suspension(on)
    if suspension is not None:
        yield "suspended", f"{suspension.from_on}/{suspension.until_on}" + _since(agency, Suspension, asked)
    if on < agency.licence_from:
        yield "licence_not_begun", str(agency.licence_from)
    if on > agency.licence_until:
        yield "licence_expired", str(agency.licence_until)
    yield from _reasons_of_office(agency, asked)


def _reasons_of_office(agency: Agency, asked: Asked) -> Iterable[tuple[Reason, str]]:
    needed = LAW.count("reference_price.appraisers_min", on=asked.on)
    able = sum(appraiser.may_sign(asked.on) for appraiser in agency.appraisers)
    if asked.purpose == "valuation_agency" and able < needed:
        yield "too_few_appraisers", f"{able}/{needed}"
    recusal = next((change for change in agency.recusals if change.case_id == asked.case_id), None)
    if recusal is not None:
        yield "conflict", instant(recusal.confirmed_at)
    if agency.agency_id in asked.failed or agency.credit_code in asked.failed_codes:
        yield "failed_this_mandate", ""
    open_now = asked.open_mandates.get(agency.agency_id, 0)
    if asked.workload_limit is not None and open_now >= asked.workload_limit:
        yield "workload", f"{open_now}/{asked.workload_limit}"


def _since(agency: Agency, kind: type[Content], asked: Asked) -> str:
    """Say when a change that came after the request was confirmed; nothing of one that stood before."""
    found = [c for c in asked.later if c.agency_id == agency.agency_id and isinstance(c.content, kind)]
    return f" ({instant(found[-1].confirmed_at)})" if found else ""
