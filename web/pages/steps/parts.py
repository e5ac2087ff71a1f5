"""How fields are declared in few words; a field's place in the command is its name unless it is said otherwise."""

from __future__ import annotations

from typing import Any

from web.pages.steps.choices import Options, papers
from web.pages.steps.fields import Field, Kind
from web.pages.steps.known import Known


def _field(kind: Kind, name: str, label: str, more: dict[str, Any]) -> Field:
    return Field(name=name, label=label, kind=kind, **{"at": name, **more})


def text(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for one line."""
    return _field(Kind.TEXT, name, label, more)


def long_text(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for several lines."""
    return _field(Kind.LONG_TEXT, name, label, more)


def day(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for a day."""
    return _field(Kind.DAY, name, label, more)


def instant(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for a day and a time of Beijing."""
    return _field(Kind.INSTANT, name, label, more)


def yuan(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for an amount in yuan."""
    return _field(Kind.YUAN, name, label, more)


def whole(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for a whole number."""
    return _field(Kind.WHOLE, name, label, more)


def choice(name: str, label: str, options: Options, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask to choose one."""
    return _field(Kind.CHOICE, name, label, {"options": options, **more})


def ticks(name: str, label: str, options: Options, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask to choose some."""
    return _field(Kind.TICKS, name, label, {"options": options, **more})


def tick(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for yes or no."""
    return _field(Kind.TICK, name, label, more)


def fingerprint(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for a paper: one of the case, or the fingerprint of a file."""
    return _field(Kind.FINGERPRINT, name, label, {"options": papers, **more})


def area(name: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - what a field takes
    """Ask for square metres."""
    return _field(Kind.AREA, name, label, more)


def today(known: Known) -> str:
    """Let the court day stand there at first."""
    return known.today.isoformat()
