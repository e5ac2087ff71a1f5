"""Every figure that the program asks the law for exists, and is of the kind that it is asked as."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from auction.law.parameters import KINDS, LAW

ROOT = Path(__file__).parents[3]
PACKAGES = ("auction", "valuation", "bidding", "web")


def asked_in(source: str) -> Iterator[tuple[str, str]]:
    """Yield method and key of every ``LAW.method("key", …)`` in a source text."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        target, key = node.func.value, node.args[0]
        if isinstance(target, ast.Name) and target.id == "LAW" and isinstance(key, ast.Constant):
            yield node.func.attr, str(key.value)


def asked_in_program() -> Iterator[tuple[str, str, str]]:
    """Yield file, method and key of every question to the law in the program."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for method, key in asked_in(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(ROOT)), method, key


def test_every_figure_asked_for_exists_and_has_the_kind() -> None:
    """Each literal key names a figure of the law, of the kind of the method that asks."""
    asked = list(asked_in_program())
    unknown = [question for question in asked if question[2] not in LAW.all_keys()]
    wrong_kind = [
        (path, method, key)
        for path, method, key in asked
        if method in KINDS and key in LAW.all_keys() and {method} != {version.kind for version in LAW.versions(key)}
    ]

    assert asked
    assert [] == unknown
    assert [] == wrong_kind


def test_scan_finds_what_it_looks_for() -> None:
    """The scan sees a call, and passes over other objects and computed keys."""
    source = 'LAW.days("a.b", on=day)\nlaw.days("c.d", on=day)\nLAW.days(key, on=day)\n'

    assert [("days", "a.b")] == list(asked_in(source))
