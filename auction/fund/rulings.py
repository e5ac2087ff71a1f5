"""Rulings whose operative part the system writes: put together, and compared after the seal. Pure.

1. A ruling has the court's reasons, in its own words (CPL 157), then the line ``裁定如下：``, then what the system wrote from the terms.
2. A step rests on a sealed ruling whose operative part is what its own terms give, character by character: so a ruling on one thing, ground
   or amount is never taken for another.
3. The dividing line stands once: reasons that contain it are refused, so nothing typed can pass for the operative part.

Source: CPL 157.
"""

from __future__ import annotations

import hashlib
from typing import Final

from auction.kernel.errors import Conflict, Malformed

DIVIDES: Final = "裁定如下："
"""Between reasons and operative part."""
MOST_CHARACTERS: Final = 10_000
"""Reasons are no longer than this."""
_ORDINALS: Final = "一二三四五六七八九十"


class RulingReasonsMalformed(Malformed):
    """A ruling needs reasons, no longer than the limit and without the dividing line."""

    code = "ruling_reasons_malformed"
    article = "CPL 157"
    zh = "请填写裁定的理由，不得超出长度上限，也不得含有“裁定如下：”字样。"
    en = "A ruling needs its reasons, within the limit and without the line that divides them from the operative part."


class RulingTextDiffers(Conflict):
    """The operative part of the sealed ruling is not what these terms give (rule 2)."""

    code = "ruling_text_differs"
    article = "CPL 157"
    zh = "所选裁定书的主文与本次办理的事项、事由或者金额不一致，应当由系统重新生成、用印。"
    en = "The operative part of the ruling is not on this matter, ground and amount; it is issued and sealed anew."


def ruling_body(reasons: str, operative: str) -> str:
    """Put a ruling together (rule 1). Raises `RulingReasonsMalformed`."""
    said = reasons.strip()
    if not 0 < len(said) <= MOST_CHARACTERS or DIVIDES in said:
        raise RulingReasonsMalformed(field="reasons")
    return f"{said}\n\n{DIVIDES}\n{operative}"


def operative_of(body: str) -> str | None:
    """Give what a ruling orders; ``None`` for a text without reasons or without the dividing line."""
    reasons, divides, decided = body.partition(f"\n\n{DIVIDES}\n")
    return decided if reasons and divides else None


def require_operative(body: str, operative: str) -> None:
    """Refuse a ruling that decides something else (`RulingTextDiffers`, rules 2 and 3)."""
    if operative_of(body) != operative:
        raise RulingTextDiffers


def fingerprint_of_operative(operative: str) -> str:
    """SHA-256 of the operative part's UTF-8 text, in hexadecimal."""
    return hashlib.sha256(operative.encode()).hexdigest()


def numbered(*items: str) -> str:
    """Write the items of an operative part, one a line."""
    return "".join(f"{number}、{item}\n" for number, item in zip(_ORDINALS, items, strict=False))
