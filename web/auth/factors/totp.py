"""Codes of an authenticator (动态验证码, TOTP, RFC 6238): six digits, a new one each thirty seconds.

1. The secret has 160 random bits, is stored sealed, and is erased when it ends. It counts once a first code was right.
2. A code is good in its own step and in the one before and after it, since clocks differ.
3. A code is used once: its step is kept, and no code of this step or an earlier one is right any more.
4. Wrong codes are slowed down (throttle, *second_factor*); after `WRONG_MAX` in a row no code is right any more, and only a
   recovery code opens (NIST SP 800-63B 5.2.2, from general knowledge: at most 100). So guessing without end succeeds in one
   account of some three thousand, if the password is known besides.

Times are real time.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import datetime, timedelta

import pyotp

from auction.kernel.errors import Conflict, NotSignedIn

STEP = timedelta(seconds=30)
NEIGHBOURS = 1
DIGITS = 6
WRONG_MAX = 100
BEGUN_FOR = timedelta(minutes=15)
"""How long a secret waits for its first code."""
ISSUER = "fapai"

_SHAPE = re.compile(r"[0-9]{6}")
_BLANKS = re.compile(r"[\s\-\u2010-\u2015]+")


class SecondFactorWrong(NotSignedIn):
    """The code is wrong, was used, or its time has passed; which of them is not said."""

    code = "second_factor_wrong"
    article = "house: authenticator codes rules 2 and 3"
    zh = "验证码不正确、已使用或已过期，请输入最新的验证码；每个验证码只能使用一次。"
    en = "The code is wrong, was used before, or has expired; enter the newest one. Each code works once."


class AuthenticatorStands(Conflict):
    """There is an authenticator already; it must end before another one."""

    code = "authenticator_stands"
    article = "house: an account has one authenticator"
    zh = "账户已绑定身份验证器；如需更换，请先解除绑定。"
    en = "The account has an authenticator already; remove it before you set up another."


class AuthenticatorMissing(Conflict):
    """There is no authenticator, or the one that was begun has waited too long."""

    code = "authenticator_missing"
    article = "house: authenticator codes rule 1"
    zh = "没有待确认或已绑定的身份验证器，或者等待时间已过，请重新开始。"
    en = "There is no authenticator, or the one that you began has waited too long; begin again."


def new_secret() -> str:
    """Make a secret, in base 32 (rule 1)."""
    return pyotp.random_base32()


def step_at(now: datetime) -> int:
    """Give the number of the step in which an instant lies."""
    return int(now.timestamp()) // int(STEP.total_seconds())


def code_of(secret: str, step: int) -> str:
    """Give the code of a step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, typed: str, *, now: datetime, after: int) -> int | None:
    """Give the step whose code was typed, if it is near and later than the step ``after`` (rules 2 and 3)."""
    here = step_at(now)
    near = range(max(here - NEIGHBOURS, after + 1), here + NEIGHBOURS + 1)
    found = [step for step in near if hmac.compare_digest(code_of(secret, step), typed)]
    return found[0] if found else None


def normal_form(typed: str) -> str:
    """Give what was typed without blanks and hyphens, full-width signs made plain, letters large."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", typed)).upper()


def is_code(normal: str) -> bool:
    """Whether this has the shape of an authenticator's code."""
    return _SHAPE.fullmatch(normal) is not None


def address_of(secret: str, username: str) -> str:
    """Give the address (``otpauth:``) that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
