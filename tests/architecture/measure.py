"""Figures of the source: how long functions and files are. Run as a script, it prints them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
PRODUCT = ("auction", "valuation", "bidding", "web", "migrations")
ALL = (*PRODUCT, "tests", "loadtests")


@dataclass(frozen=True)
class Function:
    """One function: where it stands, its lines in all, and its lines without the docstring."""

    place: str
    lines: int
    body_lines: int
    is_public: bool
    has_docstring: bool


def files_of(*packages: str) -> list[Path]:
    """The Python files of these folders."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def functions_of(*packages: str) -> Iterator[Function]:
    """Every function and method of these folders."""
    for path in files_of(*packages):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield _measured(node, path)


def _measured(node: ast.FunctionDef | ast.AsyncFunctionDef, path: Path) -> Function:
    lines = _length(node)
    documented = ast.get_docstring(node) is not None
    return Function(
        place=f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
        lines=lines,
        body_lines=lines - (_length(node.body[0]) if documented else 0),
        is_public=not node.name.startswith("_"),
        has_docstring=documented,
    )


def _length(node: ast.stmt) -> int:
    assert node.end_lineno is not None, "parsed source has line numbers"
    return node.end_lineno - node.lineno + 1


def report() -> str:
    """Four lines: product, tests, the longest function, the largest file."""
    lines = []
    for title, packages in (("product", PRODUCT), ("tests and load tests", ("tests", "loadtests"))):
        lengths = [function.body_lines for function in functions_of(*packages)]
        ninth = quantiles(lengths, n=10)[-1] if len(lengths) > 1 else 0
        files = files_of(*packages)
        lines.append(
            f"{title}: {len(files)} files, {len(lengths)} functions, "
            f"median {median(lengths):g} lines, nine in ten up to {ninth:.0f}, longest {max(lengths)}"
        )
    longest = max(functions_of(*ALL), key=lambda function: function.lines)
    largest = max(files_of(*ALL), key=_line_count)
    lines.append(f"longest function: {longest.place}, {longest.lines} lines with its docstring")
    lines.append(f"largest file: {largest.relative_to(ROOT)}, {_line_count(largest)} lines")
    return "\n".join(lines)


def _line_count(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


if __name__ == "__main__":
    print(report())
