"""Court case numbers (案号) in their real forms: ``(2026)京0105执1234号``.

1. A number is the year, the court's code, the type code and a serial number, then 号 (案号规定 3). A document of the
   case may add 之一, 之二….
2. The court's code is the short name of the high court, alone or with two digits (intermediate court) or four
   (basic court); the Supreme Court is 最高法.
3. Brackets and digits may be typed full width; the canonical form is half width, documents print full-width brackets.
4. An enforcement file bears one of the enforcement types; an enforcement instrument bears any other type, or the older
   or non-court forms (字第…号).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from auction.kernel.errors import Malformed

MAX_LENGTH = 40
"""Longer input is refused unread."""

PROVINCES = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵军"
"""Short names of the high courts, with the Xinjiang corps (兵) and the military court (军)."""

_NUMBER = re.compile(
    rf"\((?P<year>20[0-9]{{2}})\)(?P<court>最高法|[{PROVINCES}](?:[0-9]{{2}}|[0-9]{{4}})?)"
    r"(?P<type>[\u4e00-\u9fff]{1,4})(?P<serial>[1-9][0-9]{0,7})号(?:之(?P<part>[一二三四五六七八九十]{1,3}))?"
)
_OLDER = re.compile(r"\((?P<year>(?:19|20)[0-9]{2})\)(?P<body>[\u4e00-\u9fff0-9]{1,14})字第(?P<serial>[0-9]{1,8})号")
FIRST_YEAR = 2016
"""The present form is used since 1 January 2016."""


class CaseNumberMalformed(Malformed):
    """The text is not a court case number."""

    code = "case_number_malformed"
    article = "案号规定 3"
    zh = "案号“{given}”格式不正确，应形如（2026）京0105执1234号。"
    en = "The case number {given!r} is malformed; it has a year in brackets, a court code, a case type and a number."


class NotEnforcementNumber(Malformed):
    """The number is well formed but belongs to no enforcement file."""

    code = "case_number_not_enforcement"
    article = "案号规定 7"
    zh = "案号“{given}”不是执行案件案号。"
    en = "The case number {given!r} is not that of an enforcement case."


class CourtLevel(StrEnum):
    """Level of the court, as its code shows."""

    SUPREME = "supreme"
    HIGH = "high"
    INTERMEDIATE = "intermediate"
    BASIC = "basic"


ENFORCEMENT_TYPES: dict[str, tuple[str, str]] = {
    "执": ("首次执行", "enforcement"),
    "执恢": ("恢复执行", "resumed enforcement"),
    "执保": ("财产保全执行", "enforcement of preservation"),
    "执异": ("执行异议", "objection in enforcement"),
    "执复": ("执行复议", "review in enforcement"),
    "执监": ("执行监督", "supervision of enforcement"),
    "执协": ("执行协调", "coordination of enforcement"),
    "执请": ("执行请示", "referral in enforcement"),
    "执他": ("其他执行", "other enforcement matter"),
}
"""Type codes of enforcement files, with their titles in Chinese and English."""

_SELLING_TYPES = frozenset({"执", "执恢"})


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """A parsed case number; equal numbers compare equal however they were typed."""

    year: int
    court_code: str
    type_code: str
    serial: int
    part: str = ""
    """Numeral after 之 of a document of the case, without 之; empty for the case itself."""

    def __str__(self) -> str:
        """Canonical half-width form, the one that is stored and compared."""
        return f"({self.year}){self._body}"

    @property
    def printed(self) -> str:
        """Form with full-width brackets, as documents print it."""
        return f"（{self.year}）{self._body}"

    @property
    def _body(self) -> str:
        part = f"之{self.part}" if self.part else ""
        return f"{self.court_code}{self.type_code}{self.serial}号{part}"

    @property
    def court_level(self) -> CourtLevel:
        """Level of the court."""
        if self.court_code == "最高法":
            return CourtLevel.SUPREME
        return {1: CourtLevel.HIGH, 3: CourtLevel.INTERMEDIATE, 5: CourtLevel.BASIC}[len(self.court_code)]

    @property
    def is_enforcement(self) -> bool:
        """Whether it is an enforcement file of any type."""
        return self.type_code in ENFORCEMENT_TYPES

    @property
    def is_sale_file(self) -> bool:
        """Whether assets are enforced in this file (执, 执恢; 执保 seizes but does not sell)."""
        return self.type_code in _SELLING_TYPES

    @property
    def case(self) -> CaseNumber:
        """The number of the case itself, without the part of a document."""
        return CaseNumber(self.year, self.court_code, self.type_code, self.serial)


@dataclass(frozen=True, slots=True)
class OtherInstrumentNumber:
    """Number of an enforcement instrument in the older or a non-court form: ``(2014)朝民初字第12345号``."""

    text: str

    def __str__(self) -> str:
        """Canonical half-width form."""
        return self.text


def parse_case_number(text: str) -> CaseNumber:
    """Read a case number, brackets and digits in either width, without inner spaces.

    Raises: `CaseNumberMalformed`. Source: 案号规定 2–5, 7, 10.
    """
    match = _NUMBER.fullmatch(_half_width(text))
    if match is None or int(match["year"]) < FIRST_YEAR:
        raise CaseNumberMalformed(given=text[:MAX_LENGTH])
    return CaseNumber(
        year=int(match["year"]),
        court_code=match["court"],
        type_code=match["type"],
        serial=int(match["serial"]),
        part=match["part"] or "",
    )


def parse_enforcement_number(text: str) -> CaseNumber:
    """Read the number of an enforcement file.

    Raises: `CaseNumberMalformed`; `NotEnforcementNumber` for a number of another kind of case.
    """
    number = parse_case_number(text)
    if not number.is_enforcement:
        raise NotEnforcementNumber(given=str(number))
    return number


def parse_instrument_number(text: str) -> CaseNumber | OtherInstrumentNumber:
    """Read the number of an enforcement instrument: a judgment, or an older, arbitral or notarial form (字第…号).

    Raises: `CaseNumberMalformed`.
    """
    plain = _half_width(text)
    if _OLDER.fullmatch(plain):
        return OtherInstrumentNumber(plain)
    return parse_case_number(text)


def _half_width(text: str) -> str:
    """Fold full-width brackets and digits; refuse what is too long to be a number."""
    if len(text) > MAX_LENGTH:
        raise CaseNumberMalformed(given=text[:MAX_LENGTH])
    return unicodedata.normalize("NFKC", text.strip()).replace("〔", "(").replace("〕", ")")
