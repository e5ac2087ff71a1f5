"""Numbers that say who somebody is: resident identity number and unified social credit code.

1. A number is accepted only with the right length, check digit, province and day of birth; nothing is guessed or
   mended. A card of the first generation (15 digits) opens no account any more, but its number is compared as the one of 18
   that GB 11643 makes of it (`same_number`), and read so where a paper names somebody (`parse_identity`): lists and old papers still carry it. Counties are not compared: tables of them are always behind, and a wrong refusal shuts a bidder out.
2. Full civil capacity begins with the eighteenth birthday, or at sixteen for those who live on their own work
   (Civil Code 17, 18). A bidder needs it (网拍 14).
3. Shown to people, an identity number is masked; a company's code is public and shown whole.
4. Refusals never repeat the number that was given.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from auction.kernel.errors import Malformed, Unlawful
from auction.law.parameters import LAW
from auction.law.periods import add_months

MAX_LENGTH = 40
_SHOWN_FIRST, _SHOWN_LAST = 3, 4
_FIRST_GENERATION, _BEFORE_1900 = re.compile(r"[1-9][0-9]{14}"), "996"
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
PROVINCE_CODES = frozenset(
    {"11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43"}
    | {"44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"}
)
"""First two digits by province; 81 to 83 are residence permits of people from Hong Kong, Macau and Taiwan."""


class IdentityKind(StrEnum):
    """Which register gave the number."""

    RESIDENT = "resident"
    """居民身份证号码, 18 places."""
    ORGANISATION = "organisation"
    """统一社会信用代码, 18 places."""


class IdentityNumberInvalid(Malformed):
    """The resident identity number fails its check digit, its place or its day of birth."""

    code = "identity_number_invalid"
    article = "house: GB 11643 identity numbers are checked on entry"
    zh = "居民身份证号码无效，请核对。"
    en = "The resident identity number is not valid; please check it."


class CreditCodeInvalid(Malformed):
    """The unified social credit code fails its form or its check digit."""

    code = "credit_code_invalid"
    article = "house: GB 32100 credit codes are checked on entry"
    zh = "统一社会信用代码无效，请核对。"
    en = "The unified social credit code is not valid; please check it."


class NotOfFullCapacity(Unlawful):
    """A bidder must have full civil capacity."""

    code = "not_of_full_capacity"
    article = "网拍 14"
    zh = "竞买人应当具有完全民事行为能力。"
    en = "A bidder must have full civil capacity."


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A checked number in canonical form; its text never shows it whole unless it is public."""

    kind: IdentityKind
    number: str

    @property
    def masked(self) -> str:
        """The form for screens and documents: places in the middle hidden, a company's code whole."""
        if self.kind is IdentityKind.ORGANISATION:
            return self.number
        hidden = "*" * (len(self.number) - _SHOWN_FIRST - _SHOWN_LAST)
        return f"{self.number[:_SHOWN_FIRST]}{hidden}{self.number[-_SHOWN_LAST:]}"

    def __repr__(self) -> str:
        """Masked, so that no log line or trace carries the number."""
        return f"IdentityNumber({self.kind.value}, {self.masked})"

    __str__ = __repr__

    @property
    def birth_date(self) -> date:
        """Day of birth of a resident; asking it of an organisation is a mistake of ours."""
        assert self.kind is IdentityKind.RESIDENT, "an organisation has no birthday"
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))


def parse_resident_number(text: str) -> IdentityNumber:
    """Check a resident identity number; a small x is read as X.

    Raises: `IdentityNumberInvalid`.
    """
    if len(text) > MAX_LENGTH:
        raise IdentityNumberInvalid
    number = str(ric.compact(text))
    if _RESIDENT.fullmatch(number) is None or number[:2] not in PROVINCE_CODES:
        raise IdentityNumberInvalid
    if number[-1] != ric.calc_check_digit(number):
        raise IdentityNumberInvalid
    try:
        ric.get_birth_date(number)
    except ValidationError:
        raise IdentityNumberInvalid from None
    return IdentityNumber(IdentityKind.RESIDENT, number)


def same_number(text: str) -> str:
    """Give the form in which numbers of either kind are compared, however they were written.

    Full-width letters, spaces, hyphens and case make no difference; 15 digits of the first generation are given as the 18 that they
    became (serials 996 to 999 meant births before 1900 and are left as they are).
    """
    number = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()
    if _FIRST_GENERATION.fullmatch(number) is None or number[12:] >= _BEFORE_1900:
        return number
    body = f"{number[:6]}19{number[6:]}"
    return body + str(ric.calc_check_digit(body + "0"))


def parse_credit_code(text: str) -> IdentityNumber:
    """Check a unified social credit code.

    Raises: `CreditCodeInvalid`.
    """
    if len(text) > MAX_LENGTH:
        raise CreditCodeInvalid
    try:
        return IdentityNumber(IdentityKind.ORGANISATION, str(uscc.validate(text)))
    except ValidationError:
        raise CreditCodeInvalid from None


def parse_identity(kind: IdentityKind, text: str) -> IdentityNumber:
    """Check a number of a known kind, as papers name somebody: 15 digits are read as the 18 that they became.

    Raises: `IdentityNumberInvalid`, `CreditCodeInvalid`.
    """
    if kind is IdentityKind.ORGANISATION:
        return parse_credit_code(text)
    if len(text) > MAX_LENGTH:
        raise IdentityNumberInvalid
    return parse_resident_number(same_number(text))


def age_on(birth: date, on: date) -> int:
    """Count full years of age on a day; a birthday of 29 February falls on the 28th in other years."""
    years = on.year - birth.year
    return years if add_months(birth, 12 * years) <= on else years - 1


def is_adult(birth: date, on: date) -> bool:
    """Whether somebody born on ``birth`` has reached eighteen on ``on``. Source: Civil Code 17."""
    return age_on(birth, on) >= LAW.years("identity.adult_years", on=on)


def check_full_capacity(birth: date, on: date, *, lives_on_own_work: bool = False) -> None:
    """Refuse a bidder without full civil capacity.

    ``lives_on_own_work`` stands for evidence that a person of sixteen or more lives on his own work.

    Raises: `NotOfFullCapacity`. Source: 网拍 14(1); Civil Code 17, 18.
    """
    working_age = LAW.years("identity.own_work_years", on=on)
    if is_adult(birth, on) or (lives_on_own_work and age_on(birth, on) >= working_age):
        return
    raise NotOfFullCapacity
