"""What facts look like inside a sentence that people read, in one language at a time. Pure.

1. A fact that is itself words is `Said` in both languages; a sentence takes its own.
2. A span of time is told in days, hours, minutes and seconds, never as a programmer's ``-1 day, 23:59:00``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

Locale = Literal["zh", "en"]
_UNITS: tuple[tuple[int, str, str], ...] = (
    (86_400, "天", "day"),
    (3_600, "小时", "hour"),
    (60, "分钟", "minute"),
    (1, "秒", "second"),
)


class Said(msgspec.Struct, frozen=True):
    """One thing said in both languages."""

    zh: str
    en: str

    def in_words(self, locale: Locale) -> str:
        """Give it in one of them."""
        return self.zh if locale == "zh" else self.en


def shown(fact: object, locale: Locale) -> object:
    """Give a fact as a sentence in ``locale`` shows it; what needs no words stays what it is."""
    if isinstance(fact, Said):
        return fact.in_words(locale)
    if isinstance(fact, timedelta):
        return span_in_words(fact, locale)
    return fact


def span_in_words(span: timedelta, locale: Locale) -> str:
    """Tell a span to the second: ``23小时59分钟``, ``23 hours 59 minutes``; a negative one with ``负`` or ``minus``.

    What is shorter than a second is cut off; nothing is left of it but ``0秒``.
    """
    left = abs(span) // timedelta(seconds=1)
    parts = []
    for size, zh, en in _UNITS:
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number}{zh}" if locale == "zh" else f"{number} {en}{'' if number == 1 else 's'}")
    if not parts:
        return "0秒" if locale == "zh" else "0 seconds"
    told = "".join(parts) if locale == "zh" else " ".join(parts)
    if span >= timedelta():
        return told
    return f"负{told}" if locale == "zh" else f"minus {told}"
