"""Opening codes (开户码): what the counter hands to a person so that he may open his account online.

1. A code has 80 random bits in letters and digits that nobody confuses. It is shown once and stored only as a keyed hash
   over code, identity number and name together, so nothing but all three finds it.
2. It belongs to one person, works once, and is valid for `VALID_FOR`; at that very instant it has ended. A new one ends
   those before.
3. Whatever is wrong with a code is told with one sentence (`OpeningCodeWrong`), before anything is read of the person:
   whether his number is on file, he has an account or there ever was a code is not to be learnt.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime, timedelta

from auction.kernel.errors import Conflict
from auction.kernel.sealing import Sealer

VALID_FOR = timedelta(hours=24)
VALID_HOURS = VALID_FOR // timedelta(hours=1)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two signs, five bits each, without 0, 1, I and O."""
LENGTH = 16
_GROUP = 4
_BLANKS = re.compile(r"[\s\-\u2010-\u2015]+")


class OpeningCodeWrong(Conflict):
    """The code does not open an account for this person, for whatever reason (rule 3)."""

    code = "opening_code_wrong"
    article = "house: opening codes rule 3"
    zh = "开户码与所填姓名、身份号码不符，或者已使用、已失效；请核对后重新填写，或到法院窗口重新领取。"
    en = (
        "The opening code does not fit this name and number, or was used, or has ended; check what you typed, or ask "
        "for a new one at the court's counter."
    )


def new_code() -> str:
    """Make a code in its normal form (rule 1)."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def written(code: str) -> str:
    """Give a code as people read it, in groups of four: ``ABCD-EFGH-JKLM-NPQR``."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def parse_code(typed: str) -> str | None:
    """Give the normal form of what was typed; ``None``: nothing was. Raises `OpeningCodeWrong` for what is no code.

    Small letters, blanks, hyphens and the full-width signs of a Chinese keyboard are as good.
    """
    code = _BLANKS.sub("", unicodedata.normalize("NFKC", typed)).upper()
    if not code:
        return None
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise OpeningCodeWrong
    return code


def hash_of(sealer: Sealer, *, code: str, name: str, identity_number: str) -> str:
    """Give the keyed hash under which a code is stored (rule 1); name and number in their normal form."""
    return sealer.commit(f"opening code:{code}\n{identity_number.upper()}\n{name}")


def end_of(issued_at: datetime) -> datetime:
    """Give the first instant at which a code does not work any more (rule 2)."""
    return issued_at + VALID_FOR
