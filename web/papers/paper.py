"""A paper as data: what stands on it, in which order; nothing here knows how it is set. Pure.

1. A paper says in Chinese and English what it says, so that its bytes depend on its content only, never on who reads it.
2. It carries its own date: the instant of what it records, not of its making.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec


class Both(msgspec.Struct, frozen=True):
    """A label in Chinese and English."""

    zh: str
    en: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One value under its label; ``is_code``: a fingerprint, a key or a number that somebody may compare letter by letter."""

    label: Both
    value: str
    is_code: bool = False


class Pairs(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="pairs"):
    """Labelled values, one a line."""

    lines: tuple[Line, ...]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table; ``share`` of the width, nothing: as wide as its content."""

    label: Both
    share: int = 0
    is_code: bool = False
    is_number: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="table"):
    """Rows under columns; ``none`` is said where there is no row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    none: Both = Both("无", "None")

    def __post_init__(self) -> None:
        """Assert that each row has a value in each column."""
        assert all(len(row) == len(self.columns) for row in self.rows), "a row has a value in each column"


class Words(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="words"):
    """A paragraph."""

    text: Both


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and what stands under it."""

    heading: Both
    blocks: tuple[Pairs | Table | Words, ...]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One paper."""

    SCHEME: ClassVar[str] = "fapai-paper-v1"

    issuer: str
    """Whose record it is: the court."""
    title: Both
    number: str
    """By what it is found again; stands on every page."""
    at: datetime
    """The instant of what it records; the file's own date, too."""
    sections: tuple[Section, ...]
    foot: Both
    """Where and how to check it."""
