"""Amounts in words, as a person reads them twice before money moves: Chinese capitals (大写) and English. Pure.

1. Words say exactly the amount, to the fen; nothing is rounded.
2. Capitals are those of cheques: ``叁佰贰拾捌万元整``; ``整`` stands after yuan and jiao, never after fen.
"""

from __future__ import annotations

from typing import Final

from auction.kernel.money import BOUND_FEN, Money
from auction.kernel.sentences import Said

_COUNTED: Final = "〇一二三四五六七八九"
_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ((10**8, "亿"), (10**4, "万"), (1, ""))
"""Amounts stay below 10^12 yuan."""
_ONES: Final = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_THOUSANDS: Final = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (1, ""))


def in_words(amount: Money) -> Said:
    """Say an amount in figures and words: ``¥3,280,000.00（人民币叁佰贰拾捌万元整）``."""
    return Said(zh=f"{amount}（人民币{capitals(amount)}）", en=f"{amount} ({english(amount)})")


def capitals(amount: Money) -> str:
    """Write an amount in capital characters; one that is owed backwards begins with ``负``."""
    yuan, part = divmod(abs(amount.fen), 100)
    jiao, fen = divmod(part, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and text:
        text += "零"
    text += f"{_DIGITS[fen]}分" if fen else "整"
    return ("负" if amount.fen < 0 else "") + (text if yuan or part else "零元整")


def english(amount: Money) -> str:
    """Write an amount in English words: ``three million two hundred eighty thousand yuan and five fen``."""
    yuan, fen = divmod(abs(amount.fen), 100)
    said = [f"{_number(yuan)} yuan"] if yuan or not fen else []
    said += [f"{_below_thousand(fen)} fen"] if fen else []
    return ("minus " if amount.fen < 0 else "") + " and ".join(said)


def _whole(yuan: int) -> str:
    assert yuan < BOUND_FEN // 100, "amounts stay below the bound"
    text, left = "", yuan
    for size, name in _GROUPS:
        group, left = divmod(left, size)
        if group:
            skipped = text and (group < 1_000 or not text.endswith(_name_before(size)))
            text += ("零" if skipped else "") + _group(group) + name
    return text


def _name_before(size: int) -> str:
    """Give the name of the group that comes right before a group of this size."""
    return "亿" if size == 10**4 else "万"


def _group(number: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = bool(text)
    return text


def _number(number: int) -> str:
    parts, left = [], number
    for size, name in _THOUSANDS:
        group, left = divmod(left, size)
        if group:
            parts.append(f"{_below_thousand(group)} {name}".rstrip())
    return " ".join(parts) or "zero"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest < 20:
        said += [_ONES[rest]] if rest else []
    else:
        tens, ones = divmod(rest, 10)
        said.append(_TENS[tens] + (f"-{_ONES[ones]}" if ones else ""))
    return " ".join(said)


def counted(number: int) -> str:
    """Write 1 to 99 as paragraphs and days are numbered: 十二."""
    tens, ones = divmod(number, len(_COUNTED))
    ten = "" if tens == 0 else ("十" if tens == 1 else f"{_COUNTED[tens]}十")
    return ten + ("" if ones == 0 else _COUNTED[ones])
