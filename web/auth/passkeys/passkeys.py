"""What a passkey is for this site, and what is refused. Pure.

1. A passkey is kept by its device and asks its owner to unlock it (user verification), each time: it is both factors of a sign-in.
2. A challenge has 256 random bits, is answered once, within `ANSWERED_WITHIN`, by the browser or session that asked for it, and is
   used up before the answer is looked at.
3. A sign counter only grows. Where it does not, somebody may have copied the key: the answer is refused, and the passkey opens
   nothing from then on (it is *suspected*), until its owner removes it. Devices that do not count say zero, always.
4. An account has at most `MOST` passkeys, each with a name. Registering takes the password, and a second factor of the last minutes where there is
   one; removing takes both as well. With the last factor the recovery codes end.
5. The relying party is the site's host name. A browser knows no passkeys for an address of numbers, so an installation of one machine
   is ``localhost`` for them, and says so.

Times are real time.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from auction.kernel.errors import Conflict, Malformed, NotSignedIn

ANSWERED_WITHIN: Final = timedelta(minutes=5)
CHALLENGE_BYTES: Final = 32
MOST: Final = 10
NAME_MOST: Final = 60
ANSWER_MOST: Final = 20_000
SITE_NAME: Final = "法拍 fapai"
Purpose = Literal["register", "sign_in", "prove"]


class PasskeyWrong(NotSignedIn):
    """The answer is none to this challenge, or of no passkey that stands; which of them is not said."""

    code = "passkey_wrong"
    article = "house: passkeys rules 2 and 3"
    zh = "通行密钥验证未通过，或者等待时间已过，请重试；也可以用密码登录。"
    en = "The passkey was not accepted, or too much time has passed; try again, or sign in with your password."


class PasskeysFull(Conflict):
    """The account has as many passkeys as it may have (rule 4)."""

    code = "passkeys_full"
    article = "house: passkeys rule 4"
    zh = "已有{most}个通行密钥，请先移除不用的。"
    en = "There are {most} passkeys already; remove one that you do not use."


class PasskeyNameNeeded(Malformed):
    """A passkey has a name by which its owner knows it (rule 4)."""

    code = "passkey_name_needed"
    article = "house: passkeys rule 4"
    zh = "请给通行密钥起个名字，不超过{most}字。"
    en = "Give the passkey a name, at most {most} characters."


class PasskeyMissing(Conflict):
    """The account has no such passkey."""

    code = "passkey_missing"
    article = "house: passkeys rule 4"
    zh = "没有该通行密钥，或者已移除。"
    en = "There is no such passkey, or it was removed."


class RelyingParty(NamedTuple):
    """For whom passkeys are made (rule 5)."""

    host: str
    origin: str


class PasskeyShown(NamedTuple):
    """A passkey as its owner sees it."""

    passkey_id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None
    is_suspected: bool


def relying_party(site_url: str) -> RelyingParty:
    """Give the relying party of a site's address (rule 5)."""
    parts = urlsplit(site_url)
    host = parts.hostname or ""
    try:
        is_own_machine = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_own_machine = False
    if not is_own_machine:
        return RelyingParty(host, f"{parts.scheme}://{parts.netloc}")
    port = "" if parts.port is None else f":{parts.port}"
    return RelyingParty("localhost", f"{parts.scheme}://localhost{port}")


def new_challenge() -> bytes:
    """Make a challenge (rule 2)."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def hash_of(challenge: bytes) -> bytes:
    """Give what is stored of a challenge."""
    return hashlib.sha256(challenge).digest()


def has_gone_back(*, before: int, now: int) -> bool:
    """Whether a counter did not grow although the device counts (rule 3)."""
    return (before > 0 or now > 0) and now <= before


def check_name(typed: str) -> str:
    """Give the stripped name, or refuse it (`PasskeyNameNeeded`)."""
    name = " ".join(typed.split())
    if not name or len(name) > NAME_MOST or not name.isprintable():
        raise PasskeyNameNeeded(field="name", most=NAME_MOST)
    return name
