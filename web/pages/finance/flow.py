"""A case's money as a picture: receipts at the left, where their money lies or went at the right, ribbons between. Pure.

1. Heights are in proportion to amounts, never below what can be seen; both sides are as high as the higher one.
2. Receipts stand in the order in which they came, ends in the order in which they were reached; so ribbons of first in, first out cross little.
3. The picture shows nothing that the table beneath it does not say; a name that is too long for two lines is cut there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

WIDTH: Final = 960
NODE: Final = 14
LEFT: Final = 300
RIGHT: Final = WIDTH - 300 - NODE
HEIGHT: Final = 320
GAP: Final = 52
LEAST: Final = 4
TOP: Final = 22
LINE: Final = 17
COLUMNS: Final = 42
"""Half-width signs that a line of a name has room for; a Chinese sign takes two."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """So many fen of one receipt that came to one end, under names that the reader may see."""

    source: str
    end: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Node:
    """A receipt or an end: its name, what it amounts to, and its bar."""

    name: str
    amount_fen: int
    y: int
    height: int

    @property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """Its name in at most two lines, each with its height; the amount comes one line below."""
        written = wrapped(self.name)
        first = self.y + self.height // 2 - LINE * len(written) // 2
        return tuple((first + LINE * number, line) for number, line in enumerate(written))

    @property
    def amount_y(self) -> int:
        """Where its amount stands."""
        return self.lines[-1][0] + LINE


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The way of one stream as an SVG path, and its words for who points at it."""

    stream: Stream
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws."""

    width: int
    height: int
    sources: tuple[Node, ...]
    ends: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def wrapped(name: str) -> tuple[str, ...]:
    """Break a name into at most two lines, at a blank where there is one; what does not fit ends in an ellipsis."""
    if _columns(name) <= COLUMNS:
        return (name,)
    fits = _fitting(name, COLUMNS)
    cut = name.rfind(" ", 1, fits + 1)
    head, rest = (name[:cut], name[cut + 1 :]) if cut > fits // 2 else (name[:fits], name[fits:])
    if _columns(rest) > COLUMNS:
        rest = rest[: _fitting(rest, COLUMNS - 2)] + "…"
    return head, rest


def _columns(name: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in name)


def _fitting(name: str, columns: int) -> int:
    return max(length for length in range(len(name) + 1) if _columns(name[:length]) <= columns)


def join(streams: Iterable[Stream]) -> tuple[Stream, ...]:
    """Join streams of the same two names, in the order of first appearance."""
    sums: dict[tuple[str, str], int] = {}
    for stream in streams:
        key = (stream.source, stream.end)
        sums[key] = sums.get(key, 0) + stream.amount_fen
    return tuple(Stream(source=source, end=end, amount_fen=fen) for (source, end), fen in sums.items())


def draw(streams: Sequence[Stream]) -> Picture | None:
    """Lay the picture out; ``None`` where nothing flowed."""
    if not streams:
        return None
    total = sum(stream.amount_fen for stream in streams)
    sources = _nodes([(stream.source, stream.amount_fen) for stream in streams], total)
    ends = _nodes([(stream.end, stream.amount_fen) for stream in streams], total)
    height = max(side[-1].y + side[-1].height for side in (sources, ends)) + GAP
    return Picture(WIDTH, height, sources, ends, _ribbons(streams, sources, ends))


def _nodes(parts: Iterable[tuple[str, int]], total: int) -> tuple[Node, ...]:
    sums: dict[str, int] = {}
    for name, fen in parts:
        sums[name] = sums.get(name, 0) + fen
    nodes: list[Node] = []
    y = TOP
    for name, fen in sums.items():
        height = max(LEAST, fen * HEIGHT // total)
        nodes.append(Node(name, fen, y, height))
        y += height + GAP
    return tuple(nodes)


def _ribbons(streams: Sequence[Stream], sources: Sequence[Node], ends: Sequence[Node]) -> tuple[Ribbon, ...]:
    left, right = _spans(streams, sources, "source"), _spans(streams, ends, "end")
    return tuple(Ribbon(stream, _path(*start, *end)) for stream, start, end in zip(streams, left, right, strict=True))


def _spans(streams: Sequence[Stream], nodes: Sequence[Node], side: str) -> list[tuple[int, int]]:
    """Give from where to where on its bar each stream begins or ends: parts of a bar follow each other without a gap."""
    by_name, passed = {node.name: node for node in nodes}, dict.fromkeys((node.name for node in nodes), 0)
    spans: list[tuple[int, int]] = []
    for stream in streams:
        node = by_name[getattr(stream, side)]
        start = node.y + node.height * passed[node.name] // node.amount_fen
        passed[node.name] += stream.amount_fen
        spans.append((start, node.y + node.height * passed[node.name] // node.amount_fen))
    return spans


def _path(top_left: int, bottom_left: int, top_right: int, bottom_right: int) -> str:
    from_x, to_x = LEFT + NODE, RIGHT
    bend = (from_x + to_x) // 2
    bottom_left, bottom_right = max(bottom_left, top_left + 1), max(bottom_right, top_right + 1)
    return (
        f"M{from_x} {top_left}C{bend} {top_left} {bend} {top_right} {to_x} {top_right}"
        f"V{bottom_right}C{bend} {bottom_right} {bend} {bottom_left} {from_x} {bottom_left}Z"
    )
