"""What the documents say exists: commands, paths, settings, links, tests; and both READMEs say the same."""

from __future__ import annotations

import re
from itertools import zip_longest
from pathlib import Path

import click
import pytest

from auction.kernel.config import as_rows
from tests.architecture.measure import ROOT
from web.auth.sample_accounts import SAMPLE_PASSWORD, SAMPLES
from web.cli import main

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
READMES = (ENGLISH, CHINESE)
OPERATORS = (
    ROOT / "docs" / "operate.md",
    ROOT / "docs" / "threats.md",
    ROOT / "docs" / "complaints.md",
    ROOT / "CHANGELOG.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:auction|valuation|bidding|web|migrations|tests|loadtests|docs)(?:/[\w.-]+)+/?")
NOT_THERE = ("no `fapai", "没有 `fapai", "| `fapai backup`")
"""A line with one of these names commands that do not exist, and says so."""


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def _fences(document: Path, language: str) -> list[str]:
    return [body for name, body in FENCE.findall(_text(document)) if name == language]


def _headings(document: Path) -> list[str]:
    return re.findall(r"^(#+) ", FENCE.sub("", _text(document)), re.MULTILINE)


def _table(document: Path, first: str) -> list[list[str]]:
    """Cells of the rows that follow the heading row beginning with ``first``."""
    _, _, after = _text(document).partition(f"| {first} |")
    rows = [line for line in after.split("\n\n")[0].splitlines()[2:] if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def _commands(document: Path) -> list[str]:
    """Names of the commands that the document quotes or lets one call, without those it calls missing."""
    lines = [line for line in _text(document).splitlines() if not any(mark in line for mark in NOT_THERE)]
    code = [*QUOTED.findall("\n".join(lines)), *_fences(document, "sh")]
    return sorted(name for part in code for name in re.findall(r"\bfapai ([a-z][a-z-]+)", part))


def _targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return {name for line in re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE) for name in line.split()}


@pytest.mark.parametrize("document", [*READMES, *OPERATORS], ids=lambda path: path.name)
def test_every_command_exists(document: Path) -> None:
    """Each ``fapai`` command and each ``make`` target that a document names can be called."""
    quoted = " ; ".join([*_fences(document, "sh"), *QUOTED.findall(_text(document))])
    context = click.Context(main)

    assert [name for name in _commands(document) if main.get_command(context, name) is None] == []
    assert set(re.findall(r"\bmake (?:[A-Z]+=\S+ )?([a-z][a-z-]*)", quoted)) <= _targets()


def test_every_option_of_a_named_command_exists() -> None:
    """Options that the table of commands names are options of that command."""
    named = [
        row for document, first in zip(READMES, ("Command", "命令"), strict=True) for row in _table(document, first)
    ]
    missing = []
    for cells in named:
        name = cells[0].strip("`").removeprefix("fapai ")
        command = main.get_command(click.Context(main), name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        missing += [(name, option) for option in re.findall(r"`(--[a-z-]+)`", cells[1]) if option not in options]

    assert missing == []


@pytest.mark.parametrize("document", [*READMES, *OPERATORS], ids=lambda path: path.name)
def test_every_path_exists(document: Path) -> None:
    """Each link and each quoted path leads to something; a test that is named is there."""
    text = _text(document)
    links = [link for link in LINK.findall(text) if "://" not in link]
    quoted = [part for part in QUOTED.findall(text) if PATH.match(part)]
    in_commands = [path for body in _fences(document, "sh") for path in PATH.findall(body)]

    assert [link for link in links if not (document.parent / link).exists()] == []
    assert [part for part in [*quoted, *in_commands] if not (ROOT / part.partition("::")[0]).exists()] == []
    for file, _, name in (part.partition("::") for part in quoted if "::" in part):
        assert f"def {name}(" in _text(ROOT / file), f"{file} has no {name}"


@pytest.mark.parametrize(("document", "first"), [(ENGLISH, "Setting"), (CHINESE, "设置")], ids=["en", "zh"])
def test_settings_are_those_of_the_code(document: Path, first: str) -> None:
    """The table lists every setting in order with its default; the English one with its purpose, word for word."""
    shown = [(cells[0].strip("`"), cells[1].strip("`"), cells[2]) for cells in _table(document, first)]
    settings = list(as_rows())

    assert [(name, default) for name, default, _ in settings] == [row[:2] for row in shown]
    assert all(purpose for _, _, purpose in shown)
    if document is ENGLISH:
        assert [purpose for _, _, purpose in settings] == [purpose for _, _, purpose in shown]


def test_both_languages_say_the_same() -> None:
    """Same headings level by level, same commands and examples, tables of the same length, same links."""
    english, chinese = _headings(ENGLISH), _headings(CHINESE)
    rows = [[len(line.split("|")) for line in _text(readme).splitlines() if line.startswith("|")] for readme in READMES]

    assert english == chinese
    assert [
        pair for pair in zip_longest(*(FENCE.findall(_text(readme)) for readme in READMES)) if pair[0] != pair[1]
    ] == []
    assert rows[0] == rows[1]
    assert _commands(ENGLISH) == _commands(CHINESE)
    assert _document_links(ENGLISH) == _document_links(CHINESE)


def _document_links(readme: Path) -> list[str]:
    return sorted(
        link for link in LINK.findall(_text(readme)) if link.endswith((".md", ".yaml")) and "README." not in link
    )


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_sample_accounts_are_those_of_the_code(readme: Path) -> None:
    """Every sample account stands in the table (a range by its ends), and the password is the real one."""
    table = next(part for part in _text(readme).split("\n\n") if "`bidder1`" in part)
    first, last = re.findall(r"`bidder(\d)` … `bidder(\d)`", table)[0]
    named = set(QUOTED.findall(table)) | {f"bidder{number}" for number in range(int(first), int(last) + 1)}

    assert {sample.username for sample in SAMPLES} == named
    assert f"`{SAMPLE_PASSWORD}`" in _text(readme)


def test_alarms_and_incidents_are_explained() -> None:
    """The operators' guide explains each kind of alarm and of incident that can be stored, and no other."""
    guide = _text(ROOT / "docs" / "operate.md")
    fund = [_text(path) for path in (ROOT / "auction" / "fund").rglob("*.py")]
    raised = {kind for text in fund for kind in re.findall(r"raise_alarm\(\s*tx,\s*(\"\w+\"|[A-Z_]+)", text)}
    named = {name: value for text in fund for name, value in re.findall(r"^([A-Z_]+) = \"(\w+)\"$", text, re.MULTILINE)}
    alarms = {kind.strip('"') if kind.startswith('"') else named[kind] for kind in raised}
    schema = _text(ROOT / "migrations" / "versions" / "0013_court_report.sql")
    kinds = schema.partition("ADD CONSTRAINT incident_kind_check")[2].partition("kind IN (")[2].partition(")")[0]

    assert alarms == {cells[0].split("`")[1] for cells in _table_under(guide, "## Alarms")}
    assert set(re.findall(r"'(\w+)'", kinds)) == {
        cells[0].split("`")[1] for cells in _table_under(guide, "## Incidents")
    }


def _table_under(text: str, heading: str) -> list[list[str]]:
    section = text.partition(heading)[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_pictures_are_small(readme: Path) -> None:
    """Each picture of a README is there and has at most 300 kB."""
    pictures = [ROOT / link for link in LINK.findall(_text(readme)) if link.endswith(".png")]

    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 300_000] == []
