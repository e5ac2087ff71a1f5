"""The parameters of the law, loaded once and read by their date.

1. A parameter is known by its key and the day on which it is asked for; one key has at most one value on a day.
2. Asking for a day on which the figure was not law refuses (`ParameterNotInForce`); it never guesses.
3. A ratio is an exact fraction, an amount is whole fen, a duration is exact; no float is ever read.
4. Every parameter names its act and article, how well the text was verified, and, where the text leaves a
   choice, the reading that was chosen and why.
5. The file is checked when it is loaded; a malformed law stops the program at its start, not in a sale.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from importlib import resources
from types import MappingProxyType
from typing import Literal

from auction.kernel.errors import Unlawful
from auction.kernel.money import Money

Kind = Literal["ratio", "days", "months", "years", "duration", "count", "amount", "bands"]

KINDS: tuple[Kind, ...] = ("ratio", "days", "months", "years", "duration", "count", "amount", "bands")
DAY_UNITS = ("natural_days", "working_days", "clear_days", "full_days")
_VERIFIED = re.compile(r"–|MEM|P|[LQJ](,[LQJ])*")
_RATIO = re.compile(r"(?P<over>0|[1-9][0-9]*)(?:/(?P<under>[1-9][0-9]*))?")
_DURATION = re.compile(r"(?P<count>[1-9][0-9]*) (?P<unit>h|min)")
_FIELDS = frozenset(
    {"key", "kind", "unit", "value", "act", "article", "valid_from", "valid_to", "verified"}
    | {"title_zh", "title_en", "rolls", "reading_zh", "reading_en"}
)


class ParameterNotInForce(Unlawful):
    """The figure was not law on the day asked for: too early, or already repealed."""

    code = "parameter_not_in_force"
    article = "house: a legal figure is read only for a day on which it is law"
    zh = "参数“{key}”在 {on} 尚未施行或者已经失效。"
    en = "The legal figure {key} was not in force on {on}."


@dataclass(frozen=True, slots=True)
class Act:
    """A statute or interpretation, under the short name by which articles are cited."""

    short: str
    number: str
    title_zh: str
    title_en: str
    in_force: date


@dataclass(frozen=True, slots=True)
class Band:
    """One marginal band: a flat amount plus a rate on what lies in the band; ``up_to_fen`` is ``None`` for the last."""

    up_to_fen: int | None
    flat_fen: int
    rate: Fraction


Value = Fraction | int | timedelta | Money | tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One figure of the law with its source and dates of effect; ``valid_to`` is ``None`` while it is law.

    ``rolls`` says for a period whether its end moves to the next working day (CPL 85); ``None`` where the question
    does not arise. ``reading_zh`` and ``reading_en`` are empty where the text leaves no choice.
    """

    key: str
    kind: Kind
    unit: str
    value: Value
    act: Act
    article: str
    valid_from: date
    valid_to: date | None
    verified: str
    title_zh: str
    title_en: str
    rolls: bool | None
    reading_zh: str
    reading_en: str

    @property
    def cite(self) -> str:
        """Act and article as a refusal cites them: ``网拍 17``."""
        return f"{self.act.short} {self.article}"

    def is_in_force(self, on: date) -> bool:
        """Whether the figure is law on ``on`` (first and last day of effect included)."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the read-only screen of the law: everything as text."""

    key: str
    title_zh: str
    title_en: str
    value: str
    unit: str
    cite: str
    act_number: str
    act_title_zh: str
    act_title_en: str
    valid_from: date
    valid_to: date | None
    verified: str
    reading_zh: str
    reading_en: str


class Law:
    """All parameters; immutable after loading."""

    def __init__(
        self, *, version: str, acts: Mapping[str, Act], parameters: Mapping[str, tuple[Parameter, ...]]
    ) -> None:
        """Take checked parts; use `load_law` to read the file."""
        self.version = version
        self.acts = MappingProxyType(dict(acts))
        self._parameters = MappingProxyType(dict(parameters))

    def parameter(self, key: str, *, on: date) -> Parameter:
        """Give the parameter ``key`` as it is law on ``on``, with its article.

        Raises: `ParameterNotInForce` when no version is law on that day; ``KeyError`` for a key that does not exist.
        """
        for version in self._parameters[key]:
            if version.is_in_force(on):
                return version
        raise ParameterNotInForce(key=key, on=on.isoformat())

    def is_law(self, key: str, *, on: date) -> bool:
        """Whether a version of ``key`` is law on ``on``; for rules that did not exist before."""
        return any(version.is_in_force(on) for version in self._parameters[key])

    def ratio(self, key: str, *, on: date) -> Fraction:
        """Give an exact ratio (kind ``ratio``)."""
        value = self._value(key, "ratio", on)
        assert isinstance(value, Fraction), f"{key} is no ratio"
        return value

    def days(self, key: str, *, on: date) -> int:
        """Give a number of days (kind ``days``); what kind of days is the parameter's unit."""
        return self._integer(key, "days", on)

    def months(self, key: str, *, on: date) -> int:
        """Give a number of calendar months (kind ``months``)."""
        return self._integer(key, "months", on)

    def years(self, key: str, *, on: date) -> int:
        """Give a number of calendar years (kind ``years``)."""
        return self._integer(key, "years", on)

    def count(self, key: str, *, on: date) -> int:
        """Give a count of things (kind ``count``)."""
        return self._integer(key, "count", on)

    def duration(self, key: str, *, on: date) -> timedelta:
        """Give an exact duration in hours or minutes (kind ``duration``)."""
        value = self._value(key, "duration", on)
        assert isinstance(value, timedelta), f"{key} is no duration"
        return value

    def amount(self, key: str, *, on: date) -> Money:
        """Give an amount of money (kind ``amount``)."""
        value = self._value(key, "amount", on)
        assert isinstance(value, Money), f"{key} is no amount"
        return value

    def bands(self, key: str, *, on: date) -> tuple[Band, ...]:
        """Give marginal bands in rising order (kind ``bands``)."""
        value = self._value(key, "bands", on)
        assert isinstance(value, tuple), f"{key} has no bands"
        return value

    def all_keys(self) -> tuple[str, ...]:
        """Give all keys in the order of the file."""
        return tuple(self._parameters)

    def versions(self, key: str) -> tuple[Parameter, ...]:
        """Give every dated version of a key, oldest first."""
        return self._parameters[key]

    def as_rows(self) -> tuple[Row, ...]:
        """Give every version of every parameter as text, for the read-only screen."""
        return tuple(_row(version) for versions in self._parameters.values() for version in versions)

    def _value(self, key: str, kind: Kind, on: date) -> Value:
        found = self.parameter(key, on=on)
        assert found.kind == kind, f"{key} is of kind {found.kind}, not {kind}"
        return found.value

    def _integer(self, key: str, kind: Kind, on: date) -> int:
        value = self._value(key, kind, on)
        assert isinstance(value, int), f"{key} is no whole number"
        return value


def value_text(parameter: Parameter) -> str:
    """Write a parameter's value as people read it: ``7/10``, ``15``, ``24 h``, ``¥100,000.00``."""
    value = parameter.value
    if isinstance(value, timedelta):
        minutes = value // timedelta(minutes=1)
        return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
    if isinstance(value, tuple):
        return "; ".join(_band_text(band) for band in value)
    return str(value)


def _band_text(band: Band) -> str:
    upto = "∞" if band.up_to_fen is None else str(Money(band.up_to_fen))
    return f"≤ {upto}: {Money(band.flat_fen)} + {band.rate}"


def _row(parameter: Parameter) -> Row:
    return Row(
        key=parameter.key,
        title_zh=parameter.title_zh,
        title_en=parameter.title_en,
        value=value_text(parameter),
        unit=parameter.unit,
        cite=parameter.cite,
        act_number=parameter.act.number,
        act_title_zh=parameter.act.title_zh,
        act_title_en=parameter.act.title_en,
        valid_from=parameter.valid_from,
        valid_to=parameter.valid_to,
        verified=parameter.verified,
        reading_zh=parameter.reading_zh,
        reading_en=parameter.reading_en,
    )


def _text(table: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = table.get(name, default)
    assert isinstance(value, str), f"{table.get('key')}: {name} must be text"
    return value


def _day(table: Mapping[str, object], name: str) -> date:
    value = table.get(name)
    assert type(value) is date, f"{table.get('key')}: {name} must be a day"
    return value


def parse_ratio(text: str) -> Fraction:
    """Read ``7/10`` or ``1`` exactly."""
    match = _RATIO.fullmatch(text)
    assert match is not None, f"{text!r} is not an exact ratio"
    return Fraction(int(match["over"]), int(match["under"] or 1))


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    assert match is not None, f"{text!r} is not a duration"
    count = int(match["count"])
    return timedelta(hours=count) if match["unit"] == "h" else timedelta(minutes=count)


def _band(table: Mapping[str, object]) -> Band:
    up_to, flat = table.get("up_to_fen"), table.get("flat_fen")
    assert up_to is None or type(up_to) is int, "a band ends at whole fen"
    assert type(flat) is int, "a band's flat amount is whole fen"
    return Band(up_to_fen=up_to, flat_fen=flat, rate=parse_ratio(_text(table, "rate")))


def _bands(raw: object) -> tuple[Band, ...]:
    assert isinstance(raw, list) and raw, "bands are a list"
    bands = tuple(_band(table) for table in raw)
    ends = [band.up_to_fen for band in bands[:-1]]
    assert bands[-1].up_to_fen is None and None not in ends, "only the last band is open"
    assert ends == sorted(set(ends), key=lambda end: end or 0), "bands rise"
    return bands


def _parse_value(kind: Kind, raw: object) -> Value:
    if kind == "ratio":
        assert isinstance(raw, str), "a ratio is exact text"
        return parse_ratio(raw)
    if kind == "duration":
        assert isinstance(raw, str), "a duration is text"
        return _duration(raw)
    if kind == "bands":
        return _bands(raw)
    assert type(raw) is int and raw > 0, "days, counts and amounts are positive whole numbers"
    return Money(raw) if kind == "amount" else raw


def _parse_parameter(table: Mapping[str, object], acts: Mapping[str, Act]) -> Parameter:
    key, kind_text = _text(table, "key"), _text(table, "kind")
    assert not set(table) - _FIELDS, f"{key}: unknown fields {set(table) - _FIELDS}"
    kind = next((known for known in KINDS if known == kind_text), None)
    assert kind is not None, f"{key}: unknown kind {kind_text}"
    unit, verified, rolls = _text(table, "unit"), _text(table, "verified"), table.get("rolls")
    assert kind != "days" or unit in DAY_UNITS, f"{key}: unknown unit of days {unit}"
    assert _VERIFIED.fullmatch(verified), f"{key}: unknown verification {verified}"
    assert rolls is None or isinstance(rolls, bool), f"{key}: rolls is yes or no"
    assert rolls is not None or unit not in ("natural_days", "months", "years"), f"{key}: does its end roll over?"
    valid_to = _day(table, "valid_to") if "valid_to" in table else None
    reading_zh, reading_en = _text(table, "reading_zh", ""), _text(table, "reading_en", "")
    assert bool(reading_zh) == bool(reading_en), f"{key}: a reading is declared in both languages"
    return Parameter(
        key=key,
        kind=kind,
        unit=unit,
        value=_parse_value(kind, table.get("value")),
        act=acts[_text(table, "act")],
        article=_text(table, "article"),
        valid_from=_day(table, "valid_from"),
        valid_to=valid_to,
        verified=verified,
        title_zh=_text(table, "title_zh"),
        title_en=_text(table, "title_en"),
        rolls=rolls,
        reading_zh=reading_zh,
        reading_en=reading_en,
    )


def _parse_act(short: str, table: Mapping[str, object]) -> Act:
    return Act(
        short=short,
        number=_text(table, "number"),
        title_zh=_text(table, "title_zh"),
        title_en=_text(table, "title_en"),
        in_force=_day(table, "in_force"),
    )


def _ordered(versions: list[Parameter]) -> tuple[Parameter, ...]:
    """Sort versions by day; assert that they do not overlap and keep one kind."""
    ordered = sorted(versions, key=lambda version: version.valid_from)
    for version in ordered:
        assert version.valid_to is None or version.valid_from <= version.valid_to, (
            f"{version.key}: ends before it begins"
        )
    for earlier, later in itertools.pairwise(ordered):
        ended = earlier.valid_to is not None and earlier.valid_to < later.valid_from
        assert ended and earlier.kind == later.kind, f"{earlier.key}: versions overlap or change kind"
    return tuple(ordered)


def parse_law(text: str) -> Law:
    """Read and check a whole law file; any malformed entry fails an assertion that names its key."""
    document = tomllib.loads(text)
    acts = {short: _parse_act(short, table) for short, table in document["acts"].items()}
    grouped: dict[str, list[Parameter]] = {}
    for table in document["parameter"]:
        parameter = _parse_parameter(table, acts)
        grouped.setdefault(parameter.key, []).append(parameter)
    return Law(
        version=_text(document, "version"),
        acts=acts,
        parameters={key: _ordered(versions) for key, versions in grouped.items()},
    )


def load_law() -> Law:
    """Read the law that ships with the program."""
    return parse_law(resources.files("auction.law").joinpath("parameters.toml").read_text(encoding="utf-8"))


LAW = load_law()
"""The law of this program, read once at import."""
