"""The case: its number, court, handler and instrument.

1. A case is known by one number of an enforcement file in which assets are sold (执, 执恢), in canonical form.
2. Court code, handler, telephone and supervision line stand on every lot (practice 3); none may be missing.
3. The platform is chosen once by the applicant, else designated by the court; the choice binds later rounds (网拍 5, 26).
"""

from __future__ import annotations

import re
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.law.case_numbers import CaseNumber, parse_case_number, parse_instrument_number

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
"""Who keeps the file (practice 11)."""

OWN_ROOM = "fapai"
"""Name of our own room as a platform."""

TEXT_LIMIT = 20_000
"""Longest free text of a file, in characters."""

_TELEPHONE = re.compile(r"\+?[0-9][0-9 \-]{4,24}")
ChosenBy = Literal["applicant", "court"]


class CaseUnknown(NotFound):
    """No such case, or the caller may not know of it."""

    code = "case_unknown"
    article = "house: a case is known by its id"
    zh = "没有该案件。"
    en = "There is no such case."


class CaseNumberTaken(Conflict):
    """A case with this number is already open."""

    code = "case_number_taken"
    article = "案号规定 3"
    zh = "案号 {case_number} 已登记。"
    en = "The case {case_number} is already on file."


class NotASaleFile(Malformed):
    """Assets are sold only in files of the types 执 and 执恢."""

    code = "case_not_a_sale_file"
    article = "案号规定 7"
    zh = "{case_number} 类型的案件不得处置财产（应为“执”或“执恢”）。"
    en = "No asset is sold in a case of the type of {case_number}; it must be a file of first or resumed enforcement."


class FieldMissing(Malformed):
    """A field that stands on every lot is empty or malformed."""

    code = "case_field_missing"
    article = "网拍 13(10)"
    zh = "“{field}”缺失或格式不正确。"
    en = "The field {field} is missing or malformed."


class PlatformAlreadyChosen(Conflict):
    """The platform was chosen before; the choice binds later rounds."""

    code = "platform_already_chosen"
    article = "网拍 5, 26"
    zh = "本案网络服务提供者已确定，不得另行选择。"
    en = "The platform of this case was already chosen; the choice binds later rounds."


class PlatformNotChosen(Conflict):
    """Nothing is announced before a platform was chosen or designated."""

    code = "platform_not_chosen"
    article = "网拍 5"
    zh = "尚未确定网络服务提供者。"
    en = "No platform has been chosen or designated yet."


class OtherCase(NotPermitted):
    """What is named belongs to another case."""

    code = "belongs_to_other_case"
    article = "house: a step concerns one case"
    zh = "所指对象不属于本案。"
    en = "What is named does not belong to this case."


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """The enforcement instrument (执行依据); a secret one is not published (网拍 13(2))."""

    title: str
    number: str
    court: str
    is_secret: bool = False


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as pages and other steps read it; ``platform`` is empty until it is chosen."""

    case_id: UUID
    case_number: str
    court: str
    court_code: str
    handler_name: str
    telephone: str
    supervision_telephone: str
    instrument: Instrument
    case_account_number: str
    platform: str


def check_sale_number(text: str) -> CaseNumber:
    """Read the number of a file in which assets are sold. Raises: `CaseNumberMalformed`, `NotASaleFile`."""
    number = parse_case_number(text)
    if not number.is_sale_file or number.part:
        raise NotASaleFile(case_number=str(number))
    return number


def check_instrument(instrument: Instrument) -> str:
    """Give the canonical number of an instrument. Raises: `FieldMissing`, `CaseNumberMalformed`."""
    require_text("instrument.title", instrument.title)
    require_text("instrument.court", instrument.court)
    return str(parse_instrument_number(instrument.number))


def require_text(field: str, text: str, *, limit: int = 200) -> str:
    """Give the stripped text, or refuse an empty or overlong one (`FieldMissing`)."""
    stripped = text.strip()
    if not stripped or len(stripped) > limit:
        raise FieldMissing(field=field)
    return stripped


def require_telephone(field: str, text: str) -> str:
    """Give a telephone number, or refuse (`FieldMissing`)."""
    if _TELEPHONE.fullmatch(text.strip()) is None:
        raise FieldMissing(field=field)
    return text.strip()
