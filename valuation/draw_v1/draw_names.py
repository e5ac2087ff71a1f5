"""A plain pool: names in a file, one a line. Pure.

1. Lines end with a line feed, or carriage return and line feed; blanks around a name are no part of it.
2. Empty lines after the last name do not count; one between names is refused, for it would be picked as a name.
3. A name stands there once. There is at least one and at most `MOST`.
"""

from __future__ import annotations

from typing import Final

from auction.kernel.errors import Conflict, Malformed

MOST: Final = 65_536
"""Most names: RFC 3797 counts its rounds in two bytes."""


class NamesEmpty(Malformed):
    """The file has no name."""

    code = "draw_names_empty"
    article = "house: a pool has members"
    zh = "名单文件为空。"
    en = "The pool file holds no name."


class NamesUnreadable(Malformed):
    """The file is not UTF-8 text, or has an empty line between names."""

    code = "draw_names_unreadable"
    article = "house: one name a line"
    zh = "名单文件无法读取：第 {line} 行。应为 UTF-8 文本，每行一个名称。"
    en = "The pool file cannot be read at line {line}: it is UTF-8 text with one name a line."


class NameTwice(Malformed):
    """A name stands in the pool twice."""

    code = "draw_name_twice"
    article = "house: one institution, one chance"
    zh = "名单中有重复名称：{name}。"
    en = "A name stands in the pool twice: {name}."


class NamesTooMany(Malformed):
    """More names than the method can number."""

    code = "draw_names_too_many"
    article = "house: every input has a limit"
    zh = "名单有 {given} 个名称，上限为 {limit} 个。"
    en = "The pool has {given} names; the limit is {limit}."


class PicksOutOfRange(Conflict):
    """Fewer than one, or more than there are names, are to be picked."""

    code = "draw_picks_out_of_range"
    article = "house: picked is from one to all"
    zh = "应选取 1 至 {names} 个，不能选取 {picks} 个。"
    en = "From 1 to {names} names can be picked, not {picks}."


def read_names(given: bytes) -> tuple[str, ...]:
    """Read the names of a pool file; raises the refusals of this module."""
    try:
        text = given.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NamesUnreadable(line=given[: error.start].count(b"\n") + 1) from None
    names = [line.strip() for line in text.rstrip().split("\n")]
    if names == [""]:
        raise NamesEmpty
    if len(names) > MOST:
        raise NamesTooMany(given=len(names), limit=MOST)
    _check_each(names)
    return tuple(names)


def _check_each(names: list[str]) -> None:
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if not name:
            raise NamesUnreadable(line=number)
        if name in seen:
            raise NameTwice(name=name)
        seen.add(name)


def check_picks(names: int, picks: int) -> None:
    """Refuse a number of picks that cannot be (`PicksOutOfRange`)."""
    if not 1 <= picks <= names:
        raise PicksOutOfRange(names=names, picks=picks)
