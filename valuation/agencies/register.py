"""The register of institutions: what the confirmed changes, in their order, make of each of them.

1. Every change is proposed by one natural person and decided by another (security 3); it names reason and document.
2. Nothing is overwritten: the register of a day is what the changes confirmed until then make (参考价 15, 34).
3. Whoever was removed for refusing without reason or for fraud stays out for five years (参考价 15), under whatever id.
   Whoever enters again, known by its credit code, keeps its id, and with it ban, suspensions and recusals.
4. Nobody enters who was punished within five years, or charges more than a tenth above the average (评估规范).
5. Two appraisers at least act and sign (资产评估法 24, 27, 28), each with a licence of his own that holds; with fewer an
   institution stays listed, out of each pool.
6. Entry, removal, suspension and mandates are public (评估规范).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.law.identity import IdentityKind, parse_identity
from auction.law.parameters import LAW
from auction.law.periods import add_months

Profession = Literal["assets", "land", "real_estate", "mining_rights", "jewellery", "audit", "auxiliary"]
"""The five professions of appraisal (评估规范), and the lists of audit firms and auxiliary providers."""
PROFESSIONS: tuple[Profession, ...] = get_args(Profession)
Purpose = Literal["valuation_agency", "audit_firm", "auxiliary_provider"]
PURPOSE_OF: Mapping[Profession, Purpose] = {
    **dict.fromkeys(PROFESSIONS, "valuation_agency"),
    "audit": "audit_firm",
    "auxiliary": "auxiliary_provider",
}
"""What an institution of a profession is chosen for."""
RemovalGround = Literal["refused", "fraud", "own_request", "licence_lost"]
BARRING: frozenset[RemovalGround] = frozenset({"refused", "fraud"})
"""Removals after which the institution is barred (参考价 15)."""

NAME_MAX, LICENCE_MAX, APPRAISERS_MAX, REASON_MAX = 100, 60, 200, 2000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Appraiser(msgspec.Struct, frozen=True, kw_only=True):
    """A licensed appraiser of an institution, as he signs, and from when until when his licence holds, both days included.

    The days are ``None`` only in what was entered before they were asked for (V67).
    """

    name: str
    licence_no: str
    licence_from: date | None = None
    licence_until: date | None = None

    def may_sign(self, on: date) -> bool:
        """Whether the licence holds on this day, as far as the register says."""
        has_begun = self.licence_from is None or self.licence_from <= on
        return has_begun and (self.licence_until is None or on <= self.licence_until)


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag="entry"):
    """An institution enters the register."""

    name: str
    credit_code: str
    """Unified social credit code: by it a barred institution is known again."""
    licence_no: str
    licence_from: date
    licence_until: date
    """Last day on which the licence holds."""
    professions: tuple[Profession, ...]
    province: str
    city: str
    appraisers: tuple[Appraiser, ...]
    last_punished_on: date | None = None
    fee_fen: int | None = None
    """What it charges for the work by which the association compares; ``None``: nothing was told of charges."""
    average_fee_fen: int | None = None
    """What institutions charge for that work on average."""


class Amendment(msgspec.Struct, frozen=True, kw_only=True, tag="amendment"):
    """Name, licence, lists or appraisers change; everything is said anew."""

    name: str
    licence_no: str
    licence_from: date
    licence_until: date
    professions: tuple[Profession, ...]
    province: str
    city: str
    appraisers: tuple[Appraiser, ...]


class Suspension(msgspec.Struct, frozen=True, kw_only=True, tag="suspension"):
    """No mandates from the first to the last day, both included."""

    from_on: date
    until_on: date


class Removal(msgspec.Struct, frozen=True, kw_only=True, tag="removal"):
    """The institution leaves the register on the day of the confirmation."""

    ground: RemovalGround


class Recusal(msgspec.Struct, frozen=True, kw_only=True, tag="recusal"):
    """The institution has an interest in one case and is not chosen in it (资产评估法 20(4)–(5))."""


Content = Entry | Amendment | Suspension | Removal | Recusal


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One confirmed change."""

    change_id: UUID
    agency_id: UUID
    case_id: UUID | None
    """The case of a recusal; ``None`` for every other change."""
    content: Content
    reason: str
    document_sha256: str
    confirmed_at: datetime


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """An institution as the register has it."""

    agency_id: UUID
    name: str
    credit_code: str
    licence_no: str
    licence_from: date
    licence_until: date
    professions: tuple[Profession, ...]
    province: str
    city: str
    appraisers: tuple[Appraiser, ...]
    entered_on: date
    removed_on: date | None = None
    barred_until: date | None = None
    """Last day of the ban, ``None``: not barred."""
    suspensions: tuple[Suspension, ...] = ()
    recusals: tuple[Change, ...] = ()

    @property
    def id(self) -> str:
        """The id as records and transcripts write it."""
        return str(self.agency_id)

    def is_listed(self, on: date) -> bool:
        """Whether it stands on the register: entered, and not removed since."""
        return self.entered_on <= on and (self.removed_on is None or on < self.removed_on)

    def is_barred(self, on: date) -> bool:
        """Whether its ban runs."""
        return self.barred_until is not None and on <= self.barred_until

    def suspension(self, on: date) -> Suspension | None:
        """Give the suspension that runs on this day."""
        return next((found for found in self.suspensions if found.from_on <= on <= found.until_on), None)


class RegisterMalformed(Malformed):
    """A change of the register lacks something, or holds what cannot be."""

    code = "register_malformed"
    article = "评估规范; house: a register entry is complete"
    zh = "名册变更内容不完整或者有误：{reason}。"
    en = "The change of the register is incomplete or wrong: {reason}."


class AgencyUnknown(NotFound):
    """No such institution on the register."""

    code = "agency_unknown"
    article = "参考价 15"
    zh = "名册中没有该机构。"
    en = "There is no such institution on the register."


class AgencyListed(Conflict):
    """The institution stands on the register already."""

    code = "agency_already_listed"
    article = "参考价 15"
    zh = "该机构已在名册中：{name}。"
    en = "The institution is on the register already: {name}."


class AgencyIdTaken(Conflict):
    """An id is of one institution, and an institution has one id, for ever."""

    code = "agency_id_taken"
    article = "参考价 15; house: whoever enters again is known again"
    zh = "机构编号与统一社会信用代码和名册不一致：{name}。"
    en = "Id and credit code do not belong together by the register: {name}."


class AgencyBarred(Unlawful):
    """A barred institution may not enter."""

    code = "agency_barred"
    article = "参考价 15"
    zh = "该机构被除名后禁止入库，至 {until} 止。"
    en = "The institution was removed and may not enter again until {until}."


class AgencyPunished(Unlawful):
    """An institution that was punished lately may not enter."""

    code = "agency_punished"
    article = "评估规范 entry"
    zh = "该机构于 {on} 受过处罚，五年内不得推荐入库。"
    en = "The institution was punished on {on} and may not enter within five years."


class AgencyOverpriced(Unlawful):
    """An institution that charges much more than the others may not enter."""

    code = "agency_overpriced"
    article = "评估规范 entry"
    zh = "该机构的收费 {fee} 高于平均收费的法定幅度（最高 {most}），不得推荐入库。"
    en = "The institution charges {fee}, more than the {most} that the average allows, and may not enter."


def fold(changes: Iterable[Change]) -> dict[UUID, Agency]:
    """Give every institution that ever entered, as the changes leave it; they come in the order of confirmation."""
    register: dict[UUID, Agency] = {}
    for change in changes:
        register[change.agency_id] = _after(register.get(change.agency_id), change)
    return register


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """The register for a draw that was requested at some instant."""

    then: dict[UUID, Agency]
    """As it stood at that instant."""
    shortened: dict[UUID, Agency]
    """The same institutions with what took them out since: suspensions, removals, recusals."""
    later: tuple[Change, ...]
    """What took them out since."""


def register_as_of(changes: Iterable[Change], at: datetime) -> AsOf:
    """Give the register of an instant: who enters or is amended later is not made to fit a draw requested before."""
    given = list(changes)
    before = [change for change in given if change.confirmed_at <= at]
    known = {change.agency_id for change in before}
    later = tuple(
        change
        for change in given
        if change.confirmed_at > at
        and change.agency_id in known
        and isinstance(change.content, Suspension | Removal | Recusal)
    )
    return AsOf(then=fold(before), shortened=fold([*before, *later]), later=later)


def _after(agency: Agency | None, change: Change) -> Agency:
    on, content = local_day(change.confirmed_at), change.content
    if isinstance(content, Entry):
        told = {name: getattr(content, name) for name in Amendment.__struct_fields__}
        agency_id, credit_code = change.agency_id, content.credit_code
        if agency is None:
            return Agency(agency_id=agency_id, credit_code=credit_code, entered_on=on, **told)
        return msgspec.structs.replace(agency, credit_code=credit_code, entered_on=on, removed_on=None, **told)
    assert agency is not None, "the first change of an institution is its entry"
    if isinstance(content, Amendment):
        told = {name: getattr(content, name) for name in Amendment.__struct_fields__}
        return msgspec.structs.replace(agency, **told)
    if isinstance(content, Suspension):
        return msgspec.structs.replace(agency, suspensions=(*agency.suspensions, content))
    if isinstance(content, Recusal):
        return msgspec.structs.replace(agency, recusals=(*agency.recusals, change))
    return msgspec.structs.replace(agency, removed_on=on, barred_until=ban_end(content.ground, on))


def ban_end(ground: RemovalGround, removed_on: date) -> date | None:
    """Give the last day of the ban that follows a removal, ``None``: none follows. Source: 参考价 15."""
    if ground not in BARRING:
        return None
    return add_months(removed_on, 12 * LAW.years("reference_price.ban_years", on=removed_on))


# Checks --------------------------------------------------------------------------------------------------------------


def check_change(content: Content, *, reason: str, document_sha256: str, today: date) -> None:
    """Refuse (`RegisterMalformed`, `AgencyPunished`) a change whose content cannot stand."""
    if not 0 < len(reason.strip()) <= REASON_MAX:
        raise _malformed("缺少理由或者过长", "its reason is missing or too long")
    if _SHA256.fullmatch(document_sha256) is None:
        raise _malformed("缺少依据文件指纹", "the fingerprint of its document is missing")
    if isinstance(content, Entry | Amendment):
        _check_told(content)
    if isinstance(content, Entry):
        parse_identity(IdentityKind.ORGANISATION, content.credit_code)
        _check_clean(content, today)
        _check_charges(content, today)
    if isinstance(content, Suspension) and not content.from_on <= content.until_on:
        raise _malformed("暂停的起止日期颠倒", "its suspension ends before it begins")


def _check_told(content: Entry | Amendment) -> None:
    texts = (content.name, content.province, content.city, content.licence_no)
    if not all(text.strip() == text and 0 < len(text) <= NAME_MAX for text in texts):
        raise _malformed("名称、地区、证号须完整填写", "name, places and licence number must be filled in")
    if content.licence_until < content.licence_from:
        raise _malformed("资格有效期起止颠倒", "the licence ends before it begins")
    if not content.professions or len(set(content.professions)) != len(content.professions):
        raise _malformed("须选择专业类别，且不得重复", "a profession is needed, each one once")
    if len(content.appraisers) > APPRAISERS_MAX:
        raise _malformed("评估师过多", "it has too many appraisers")
    licences = [appraiser.licence_no for appraiser in content.appraisers]
    if not all(0 < len(number) <= LICENCE_MAX for number in licences) or len(set(licences)) != len(licences):
        raise _malformed("评估师证号缺少或者重复", "an appraiser's licence number is missing or given twice")
    for appraiser in content.appraisers:
        if appraiser.licence_from is None or appraiser.licence_until is None:
            raise _malformed("未填写评估师执业资格有效期", "the validity of an appraiser's licence is missing")
        if appraiser.licence_until < appraiser.licence_from:
            raise _malformed("评估师执业资格有效期起止颠倒", "an appraiser's licence ends before it begins")


def _check_clean(entry: Entry, today: date) -> None:
    """Refuse whoever was punished within the clean years. Source: 评估规范 (entry)."""
    on = entry.last_punished_on
    if on is None:
        return
    if on > today:
        raise _malformed("处罚日期晚于今天", "the day of punishment is still to come")
    if today <= add_months(on, 12 * LAW.years("reference_price.entry_clean_years", on=today)):
        raise AgencyPunished(on=on.isoformat())


def _check_charges(entry: Entry, today: date) -> None:
    """Refuse whoever charges too much, as far as charges were told. Source: 评估规范 (entry)."""
    fee, average = entry.fee_fen, entry.average_fee_fen
    if fee is None and average is None:
        return
    if fee is None or average is None or fee < 1 or average < 1:
        raise _malformed(
            "收费与平均收费应当同时填写，且大于零", "its charge and the average are told together, above zero"
        )
    check_fees(Money(fee), average=Money(average), on=today)


def check_fees(fee: Money, *, average: Money, on: date) -> None:
    """Refuse whoever charges too much above the average, both for the same work. Source: 评估规范 (entry)."""
    most = average + average.floor_share(LAW.ratio("reference_price.entry_fee_excess_ratio", on=on))
    if fee > most:
        raise AgencyOverpriced(fee=fee, most=most)


def known_id(register: Mapping[UUID, Agency], agency_id: UUID, content: Content) -> UUID:
    """Give the id under which an entering institution is known already, else the proposed one."""
    if not isinstance(content, Entry):
        return agency_id
    return next((a.agency_id for a in register.values() if a.credit_code == content.credit_code), agency_id)


def check_entry(register: Mapping[UUID, Agency], agency_id: UUID, entry: Entry, *, on: date) -> None:
    """Refuse an institution that is listed, or barred, or another one's id.

    Raises `AgencyIdTaken`, `AgencyListed`, `AgencyBarred`.
    """
    taken = register.get(agency_id)
    if taken is not None and taken.credit_code != entry.credit_code:
        raise AgencyIdTaken(name=taken.name)
    for agency in register.values():
        if agency.credit_code != entry.credit_code:
            continue
        if agency.is_barred(on):
            assert agency.barred_until is not None, "barred means until a day"
            raise AgencyBarred(until=agency.barred_until.isoformat())
        if agency.is_listed(on):
            raise AgencyListed(name=agency.name)
        if agency.agency_id != agency_id:
            raise AgencyIdTaken(name=agency.name)


def agency_of(register: Mapping[UUID, Agency], agency_id: UUID, *, on: date) -> Agency:
    """Give a listed institution; raises `AgencyUnknown`."""
    agency = register.get(agency_id)
    if agency is None or not agency.is_listed(on):
        raise AgencyUnknown(agency_id=agency_id)
    return agency


def _malformed(zh: str, en: str) -> RegisterMalformed:
    return RegisterMalformed(reason=Said(zh, en))
