"""Fields of a form as data, and how what was typed becomes what a command holds.

1. Nothing is guessed: an amount with separators, a day that is none, a number that is not whole is refused by its field.
2. Amounts are read to the fen (`Money.parse_yuan`), areas to the square centimetre, instants as Beijing time.
3. An empty optional field is left out, so the command's own default holds; with ``null`` it is sent as *none*. So is a
   group that needs no row and has none.
4. A row of a group in which nothing was typed is left out.
5. All fields are read before anything is refused, so that everything that is wrong is said at once.
6. A link says which thing a form is about, and nothing else: it fills in ids, never an amount, a text or a decision, so that
   nobody can send an officer a form that is already filled in. A form names the few fields that its own pages do fill.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from auction.kernel.clock import SHANGHAI
from auction.kernel.errors import Malformed, Refusal
from auction.kernel.money import Money
from web.pages.desk import FieldNeeded
from web.pages.service_record import DayMalformed
from web.pages.steps.known import Known
from web.texts import _

ROWS_MOST = 20
"""Most rows of a group."""
TEXT_MOST, LONG_TEXT_MOST = 2_000, 20_000

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_AREA = re.compile(r"(?P<whole>0|[1-9][0-9]{0,6})(?:\.(?P<part>[0-9]{1,4}))?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""Days of three centuries: periods counted from any of them stay within the calendar."""
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")


class Kind(StrEnum):
    """What a field asks for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DAY = "day"
    INSTANT = "instant"
    YUAN = "yuan"
    WHOLE = "whole"
    AREA = "area"
    CHOICE = "choice"
    TICK = "tick"
    TICKS = "ticks"
    FINGERPRINT = "fingerprint"
    HIDDEN = "hidden"
    """Filled in by the address; carried along unseen."""


class WholeMalformed(Malformed):
    """A number of a form is not a whole one."""

    code = "form_whole_malformed"
    article = "house: a number of a form is whole, without separators"
    zh = "应当填写整数，不含分隔符：{given}。"
    en = "A whole number without separators is needed: {given}."


class AreaMalformed(Malformed):
    """An area of a form is not one."""

    code = "form_area_malformed"
    article = "house: an area is exact to the square centimetre"
    zh = "面积应当填写平方米数，至多四位小数，不含分隔符：{given}。"
    en = "An area is given in square metres, with at most four decimals and no separators: {given}."


class FingerprintMalformed(Malformed):
    """A fingerprint of a form is not one."""

    code = "form_fingerprint_malformed"
    article = "house: a paper is known by the SHA-256 of its file"
    zh = "文件指纹应当为64位十六进制数（SHA-256）：{given}。"
    en = "A fingerprint is 64 hexadecimal digits (SHA-256): {given}."


class TextTooLong(Malformed):
    """A text of a form is longer than anything that is expected there."""

    code = "form_text_too_long"
    article = "house: every input has a limit"
    zh = "填写内容过长，最多{most}字。"
    en = "The text is too long; at most {most} characters."


class TooManyRows(Malformed):
    """A form has more rows than anything that is expected there."""

    code = "form_too_many_rows"
    article = "house: every input has a limit"
    zh = "最多填写{most}组。"
    en = "At most {most} rows can be filled in."


class Option(NamedTuple):
    """One thing that may be chosen; ``value`` is sent."""

    value: str
    text: str
    hint: str = ""


Typed = Mapping[str, str]
"""What was typed, by the names of the inputs; several ticks are joined by line breaks."""


def is_id(text: str) -> bool:
    """Whether a text is the id of something."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. ``at`` is its place in the command (``terms.reserve_fen``); empty: only read by what is derived."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    article: str = ""
    optional: bool = False
    null: bool = False
    at: str = ""
    options: Callable[[Known], Sequence[Option]] | None = None
    of_case: bool = True
    """Whether what may be chosen belongs to the case; without anything to choose, the step is not offered."""
    default: Callable[[Known], str] | None = None
    from_address: bool = False
    """Whether a link may fill it in, although it is no id."""
    none: str = ""
    """What to say where there is nothing to choose: what must come first; empty: that there is nothing."""
    note: Callable[[Known, Typed], str] | None = None
    """A hint that is computed, from the case and from what was typed."""

    def default_in(self, known: Known) -> str:
        """Give what stands in the field at first; what the address asks for goes first, where it may fill the field (rule 6)."""
        asked = known.asked.get(self.name)
        if asked is not None and self._takes_from_address(asked):
            return asked
        return "" if self.default is None else self.default(known)

    def _takes_from_address(self, asked: str) -> bool:
        return self.from_address or (self.kind in (Kind.CHOICE, Kind.HIDDEN) and is_id(asked))


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields that come in rows; ``counts`` are those in which something must stand for a row to count."""

    name: str
    label: str
    row_label: str
    fields: tuple[Field, ...]
    counts: tuple[str, ...]
    hint: str = ""
    rows: Callable[[Known], Sequence[Mapping[str, str]]] | None = None
    """What stands in the rows at first."""
    least: int = 1

    @property
    def at(self) -> str:
        """The group's place in the command is its name."""
        return self.name

    def input_name(self, row: int, field: Field) -> str:
        """Give the name of an input of a row."""
        return f"{self.name}.{row}.{field.name}"

    def rows_in(self, typed: Typed) -> int:
        """Count the rows that were typed."""
        pattern = re.compile(rf"{re.escape(self.name)}\.([0-9]{{1,3}})\.")
        numbers = [int(found[1]) for name in typed if (found := pattern.match(name))]
        return max(numbers, default=-1) + 1


Part = Field | Group


class Read(NamedTuple):
    """What was read: the command's values by their places, all values by their inputs, and what is wrong."""

    body: dict[str, Any]
    values: dict[str, Any]
    refusals: list[Refusal]


def read_parts(parts: Sequence[Part], typed: Typed) -> Read:
    """Read all fields and groups (rule 5)."""
    read = Read({}, {}, [])
    for part in parts:
        if isinstance(part, Group):
            rows = read.values[part.name] = _rows(part, typed, read.refusals)
            if rows or part.least:
                read.body[part.at] = rows
            continue
        value = _value(part, part.name, typed, read.refusals)
        read.values[part.name] = value
        if part.at and (value is not None or part.null):
            read.body[part.at] = value
    return read


def _rows(group: Group, typed: Typed, refusals: list[Refusal]) -> list[dict[str, Any]]:
    number = group.rows_in(typed)
    if number > ROWS_MOST:
        refusals.append(TooManyRows(field=group.name, most=ROWS_MOST))
        return []
    counted = [row for row in range(number) if _counts(group, row, typed)]
    rows = [_row(group, row, typed, refusals) for row in counted]
    if len(rows) < group.least and not refusals:
        refusals.append(FieldNeeded(field=_first_input(group), what=_(group.label)))
    return rows


def _counts(group: Group, row: int, typed: Typed) -> bool:
    return any(typed.get(f"{group.name}.{row}.{name}", "").strip() for name in group.counts)


def _row(group: Group, row: int, typed: Typed, refusals: list[Refusal]) -> dict[str, Any]:
    values = {}
    for field in group.fields:
        value = _value(field, group.input_name(row, field), typed, refusals)
        if value is not None or field.null:
            values[field.at or field.name] = value
    return values


def _first_input(group: Group) -> str:
    return group.input_name(0, group.fields[0])


def _value(field: Field, name: str, typed: Typed, refusals: list[Refusal]) -> Any:  # noqa: ANN401 - as JSON has it
    try:
        return read_value(field, name, typed)
    except Refusal as refusal:
        refusal.facts.setdefault("field", name)
        refusals.append(refusal)
        return None


def read_value(field: Field, name: str, typed: Typed) -> Any:  # noqa: ANN401 - as JSON has it
    """Read one field; ``None``: nothing was typed. Raises the refusals of its kind, and `FieldNeeded`."""
    if field.kind is Kind.TICK:
        return bool(typed.get(name))
    text = typed.get(name, "").replace("\r\n", "\n").strip()
    if not text and field.kind is Kind.FINGERPRINT:
        text = typed.get(f"{name}.of", "").strip()
    if not text:
        if field.optional:
            return None
        raise FieldNeeded(field=name, what=_(field.label))
    if field.kind is Kind.INSTANT:
        return _instant(text, typed.get(f"{name}.time", "").strip())
    return _READERS[field.kind](text)


def _text(text: str) -> str:
    return _within(text, TEXT_MOST)


def _long_text(text: str) -> str:
    return _within(text, LONG_TEXT_MOST)


def _within(text: str, most: int) -> str:
    if len(text) > most:
        raise TextTooLong(most=most)
    return text


def read_day(text: str) -> str:
    """Read a day; raises `DayMalformed`."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise DayMalformed(given=text[:40])


def _instant(day: str, clock: str) -> datetime:
    """Read a day and a time of Beijing."""
    try:
        if _DAY.fullmatch(day) and _CLOCK.fullmatch(clock):
            return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=SHANGHAI)
    except ValueError:
        pass
    raise DayMalformed(given=f"{day} {clock}"[:40])


def _yuan(text: str) -> int:
    return Money.parse_yuan(text).fen


def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise WholeMalformed(given=text[:40])
    return int(text)


def _area(text: str) -> int:
    """Read square metres as square centimetres, exactly."""
    match = _AREA.fullmatch(text)
    if match is None:
        raise AreaMalformed(given=text[:40])
    return int(match["whole"]) * 10_000 + int((match["part"] or "").ljust(4, "0"))


def _fingerprint(text: str) -> str:
    if _SHA256.fullmatch(text.lower()) is None:
        raise FingerprintMalformed(given=text[:80])
    return text.lower()


def _ticks(text: str) -> list[str]:
    return [part for part in text.split("\n") if part]


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: _text,
    Kind.HIDDEN: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.DAY: read_day,
    Kind.YUAN: _yuan,
    Kind.WHOLE: _whole,
    Kind.AREA: _area,
    Kind.CHOICE: _text,
    Kind.TICKS: _ticks,
    Kind.FINGERPRINT: _fingerprint,
}
