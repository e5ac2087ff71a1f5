"""How amounts and times are read: pure functions from values to texts, used by templates as filters.

Amounts are figures with separators, a hint in 万 (or million), and words for screen readers, which read "¥" and groups
of digits badly. Times are Beijing time, with seconds, and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import cn2an

from auction.kernel.clock import SHANGHAI, local_day
from auction.kernel.money import Money
from auction.law.periods import is_in_time, is_within_hours
from web.acts import act_of, full_name
from web.guard_named import guard_of
from web.texts import _, current_locale

SOON = timedelta(days=3)
MINUTE_S = 60
WAN_FEN = 1_000_000
YI_FEN = WAN_FEN * 10_000
MILLION_FEN = 100_000_000
BILLION_FEN = MILLION_FEN * 1000
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def as_money(amount: Money | int) -> Money:
    """Read an amount: money, or fen as they come from rows."""
    return amount if isinstance(amount, Money) else Money(amount)


def figures(amount: Money | int) -> str:
    """Give figures: ``¥3,280,000``, with fen only where there are some: ``¥3,280,000.50``."""
    return str(as_money(amount)).removesuffix(".00")


def hint(amount: Money | int) -> str:
    """Give the amount in 万 or 亿 (million, billion), two places, 约 where rounded; empty for a small amount."""
    fen = abs(as_money(amount).fen)
    zh = current_locale() == "zh"
    unit, name = (YI_FEN, "亿元") if fen >= YI_FEN else (WAN_FEN, "万元")
    if not zh:
        unit, name = (BILLION_FEN, " billion yuan") if fen >= BILLION_FEN else (MILLION_FEN, " million yuan")
    if fen < unit:
        return ""
    hundredths, rest = divmod(fen * 100, unit)
    if rest * 2 >= unit:
        hundredths += 1
    number = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    about = ("约" if zh else "about ") if rest else ""
    return f"{about}{number}{name}"


def words(amount: Money | int) -> str:
    """Give the amount as it is read aloud: ``三百二十八万元``; in English ``3280000 yuan``."""
    fen = as_money(amount).fen
    yuan, part = divmod(abs(fen), 100)
    if current_locale() == "en":
        return f"{'minus ' if fen < 0 else ''}{yuan}{f'.{part:02d}' if part else ''} yuan"
    jiao, single = divmod(part, 10)
    spoken = f"{_numeral(yuan)}元" if yuan or not part else ""
    spoken += f"{_numeral(jiao)}角" if jiao else ""
    spoken += f"{_numeral(single)}分" if single else ""
    return ("负" if fen < 0 else "") + spoken


def day(value: date | datetime) -> str:
    """Give a court day: ``2026年11月21日`` or ``21 November 2026``."""
    on = local_day(value) if isinstance(value, datetime) else value
    if current_locale() == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock_time(at: datetime) -> str:
    """Give the time of day in Beijing, with seconds."""
    return at.astimezone(SHANGHAI).strftime("%H:%M:%S")


def clock_time_ms(at: datetime) -> str:
    """Give the time of day in Beijing to the millisecond, cut, never rounded up."""
    local = at.astimezone(SHANGHAI)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def begun(text: str) -> str:
    """Begin a text that stands by itself with a capital letter, where its script has any."""
    return text[:1].upper() + text[1:]


def cited(article: str) -> str:
    """Give what of an article is law to a reader, acts under the names of his language (`web.acts`).

    Reasons of the house, in small letters, are for developers.
    """
    return "; ".join(_act_named(part) for part in _law_of(article))


def cited_in_full(article: str) -> str:
    """Give the full names of the acts of an article in both languages, each once; empty where none is known."""
    found = [found[0] for part in _law_of(article) if (found := act_of(part)) is not None]
    return "; ".join(dict.fromkeys(full_name(act) for act in found))


def _law_of(article: str) -> list[str]:
    parts = (part.strip() for part in article.split(";"))
    return [part for part in parts if not "a" <= part[:1] <= "z"]


def _act_named(part: str) -> str:
    """Name the act of one citation in the reader's language."""
    found = act_of(part)
    if found is None:
        return part
    act, rest = found
    return f"{act.zh if current_locale() == 'zh' else act.en}{rest}"


def instant(text: str) -> datetime:
    """Read an instant as a signed record has it, to show it as every other one."""
    return datetime.fromisoformat(text)


def iso(value: date | datetime) -> str:
    """Give the machine's form, for ``<time datetime>``; instants in Beijing time."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
    return value.isoformat()


def is_past(at: datetime, now: datetime, *, hours: bool = False) -> bool:
    """Whether a deadline is missed: a day's end from the instant itself, the end of ``hours`` after it (DECISIONS F41)."""
    return not (is_within_hours(now, at) if hours else is_in_time(now, at))


def deadline_state(at: datetime, now: datetime, *, hours: bool = False) -> str:
    """Say how near a deadline is: ``past`` once it is missed, ``soon`` within three days, else ``later``."""
    if is_past(at, now, hours=hours):
        return "past"
    return "soon" if at - now <= SOON else "later"


def time_left(at: datetime, now: datetime, *, hours: bool = False) -> str:
    """Say how much time is left, or for how long it is overdue, in its two largest units."""
    seconds = abs(at - now) // timedelta(seconds=1)
    span = lasted(seconds) if seconds >= MINUTE_S else _("{minutes}分{seconds}秒").format(minutes=0, seconds=seconds)
    return (_("已逾期{span}") if is_past(at, now, hours=hours) else _("剩余{span}")).format(span=span)


def lasted(seconds: int) -> str:
    """Say how long something lasted, in its two largest units."""
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return _("{days}天{hours}小时").format(days=days, hours=hours)
    if hours:
        return _("{hours}小时{minutes}分钟").format(hours=hours, minutes=minutes)
    return _("{minutes}分{seconds}秒").format(minutes=minutes, seconds=seconds % 60) if minutes else _seconds(seconds)


def _seconds(seconds: int) -> str:
    return _("{n}秒").format(n=seconds)


def _numeral(number: int) -> str:
    return str(cn2an.an2cn(str(number), "low"))


FILTERS: dict[str, Callable[..., Any]] = {
    "figures": figures,
    "hint": hint,
    "words": words,
    "day": day,
    "clock_time": clock_time,
    "clock_time_ms": clock_time_ms,
    "begun": begun,
    "cited": cited,
    "cited_in_full": cited_in_full,
    "guard_of": guard_of,
    "instant": instant,
    "iso": iso,
    "deadline_state": deadline_state,
    "time_left": time_left,
}
