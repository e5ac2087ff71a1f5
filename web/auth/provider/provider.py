"""What a provider of identity checks is asked and answers; how a check stands.

1. The provider compares three things: the name and number that the account was opened with, and a telephone that is in this person's name. Only
   the telephone is typed. Where they are one person's, he sends a code to that telephone: whoever can read it holds the person's line.
2. Nothing counts but his signed answer that names our check and exactly what we asked (`Proof`). Everything else is a `Gap`.
3. A check has one outcome: *same person*, *differs* (what differs is not said) or *ended* (too many codes, or too late). After a
   gap the same check is asked again.
4. An account has at most `CHECKS_A_DAY` checks in a day.

Source: 网拍 14, 17 (real name); security 3. That a check of three elements with a code is how identity is checked on line is from general knowledge.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, Unavailable
from auction.kernel.signed_questions import Gap
from web.telephones import mobile_number

CHECKS_A_DAY = 3
A_DAY = timedelta(days=1)
_CODE = re.compile(r"[0-9]{4,8}")
CODE_SENT, DIFFERS, CODE_WRONG, CHECK_ENDED = "code_sent", "differs", "code_wrong", "check_ended"
"""What the provider says besides his signed answer."""


class Outcome(StrEnum):
    """How a check ended."""

    SAME_PERSON = "same_person"
    DIFFERS = "differs"
    ENDED = "ended"


class CheckAsked(msgspec.Struct, frozen=True, kw_only=True):
    """One check as the provider is asked."""

    check_id: UUID
    name: str
    identity_number: str
    telephone: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's signed answer, verified and about exactly this check; ``content``: the whole of it, as it is kept."""

    check_id: UUID
    content: bytes
    sha256: str


class IdentityProvider(Protocol):
    """The provider. A call never raises for what the other side or the line does: that is a `Gap`."""

    title: str

    async def begin(self, asked: CheckAsked, *, business_at: datetime) -> Proof | Gap:
        """Have a code sent: ``pending`` with `CODE_SENT`, ``refused`` with `DIFFERS`; asking again sends nothing twice."""

    async def prove(self, asked: CheckAsked, code: str, *, business_at: datetime) -> Proof | Gap:
        """Bring the code; ``refused`` with `CODE_WRONG` or `CHECK_ENDED`."""


class TelephoneMalformed(Malformed):
    """The text is no mobile number of the mainland."""

    code = "telephone_malformed"
    article = "house: identity checks rule 1"
    zh = "请填写11位手机号码。"
    en = "Give a mobile number of eleven digits."


class CodeMalformed(Malformed):
    """The text is no code."""

    code = "identity_code_malformed"
    article = "house: identity checks rule 1"
    zh = "请填写短信中的数字验证码。"
    en = "Give the digits of the code that was sent."


class CheckUnknown(NotFound):
    """No such check of this account is under way."""

    code = "identity_check_unknown"
    article = "house: identity checks rule 3"
    zh = "没有这次核验，或者已经结束，请重新核验。"
    en = "There is no such check, or it has ended; begin a new one."


class IdentityNotConfirmed(Conflict):
    """The provider does not find the three to be one person's (rule 3)."""

    code = "identity_not_confirmed"
    article = "house: identity checks rule 3"
    zh = "姓名、身份证号码与手机号码的实名登记不一致，未通过核验；也可以持身份证件到法院窗口核验。"
    en = "Name, identity number and the telephone's registration are not one person's; the court's counter can verify you with your document."


class CodeNotRight(Conflict):
    """The code is not the one that was sent."""

    code = "identity_code_wrong"
    article = "house: identity checks rule 3"
    zh = "验证码不正确，请核对后重新填写。"
    en = "The code is not the one that was sent; look again."


class CheckOver(Conflict):
    """Too many codes were tried, or it took too long (rule 3)."""

    code = "identity_check_over"
    article = "house: identity checks rule 3"
    zh = "验证码已失效，请重新核验。"
    en = "The code is no longer valid; begin a new check."


class TooManyChecks(Conflict):
    """The account has had its checks of the day (rule 4)."""

    code = "identity_checks_used_up"
    article = "house: identity checks rule 4"
    zh = "24小时内最多核验{most}次，请稍后再试，或者到法院窗口核验。"
    en = "At most {most} checks in a day; try later, or at the court's counter."


class VerifiedAlready(Conflict):
    """The account's identity is verified."""

    code = "identity_verified_already"
    article = "house: accounts rule 6"
    zh = "账户身份已经核验。"
    en = "The identity of this account is verified already."


class ProviderSilent(Unavailable):
    """The provider did not answer; nothing is lost, and the same check is asked again."""


def read_telephone(text: str) -> str:
    """Give a mobile number in eleven digits. Raises `TelephoneMalformed`."""
    found = mobile_number(text)
    if found is None:
        raise TelephoneMalformed(field="telephone")
    return found


def read_code(text: str) -> str:
    """Give a code. Raises `CodeMalformed`."""
    plain = "".join(text.split())
    if _CODE.fullmatch(plain) is None:
        raise CodeMalformed(field="code")
    return plain
