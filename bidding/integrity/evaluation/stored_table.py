"""The table as it is stored: one JSON object with a key for each row, and a page to read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from bidding.integrity.evaluation.rows import Figure, Row

COMMAND: Final = "fapai evaluate-screens --data FOLDER --store docs/screens-measured.md"


def as_json(rows: Sequence[Row]) -> dict[str, object]:
    """Give one object, a key for each row."""
    return {row.key: row.as_json() for row in rows}


def as_markdown(rows: Sequence[Row]) -> str:
    """Give the page: each row's protocol, figures, counts and choices."""
    return "\n".join([*_head(), *(line for row in rows for line in _section(row))]) + "\n"


def _head() -> list[str]:
    return [
        "# What the screens are worth, measured",
        "",
        f"Written by `{COMMAND}`; the same files give the same figures. *Ours* is the product's method, *floor again* the floor's",
        "method run on the same splits, *floor* the figure to exceed, *reach* the aim. Everything is fitted inside folds. The files are",
        "named in each row and are not part of the product; another folder with files of the same columns is measured the same way.",
        "",
    ]


def _section(row: Row) -> Iterator[str]:
    yield from (f"## {row.key}", "", f"`{row.data}` ({row.state}): {row.protocol_en}.", "")
    if row.figures:
        yield from ("| figure | ours | floor again | floor | reach | holds |", "|---|---|---|---|---|---|")
        yield from (_line(figure) for figure in row.figures)
        yield ""
    yield from (line for note in row.notes_en for line in (note, ""))
    yield from (f"Counts: `{json.dumps(row.counts, ensure_ascii=False)}`", "")
    yield from (f"Choices: `{json.dumps(row.choices, ensure_ascii=False)}`", "")


def _line(figure: Figure) -> str:
    holds = {True: "yes", False: "no", None: "–"}[figure.holds]
    reach = _number(figure.reach)
    bound = f"≤ {reach}" if figure.at_most and figure.reach is not None else reach
    numbers = " | ".join(_number(number) for number in (figure.value, figure.reproduced, figure.floor))
    return f"| {figure.name} | {numbers} | {bound} | {holds} |"


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:.4g}"
