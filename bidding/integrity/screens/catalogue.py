"""The catalogue of screens: what each sees, what it does not prove, and which innocent explanations there are, in both languages. Pure.

One file a screen in ``catalogue/``, named by its id; checked when it is loaded. A sentence takes its facts by name (``{active}``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, get_args

from auction.kernel.sentences import Locale
from bidding.integrity.findings.findings import Moment

Sign = Literal["down", "up", "stall", "either"]
_FIELDS = frozenset({"version", "moment", "sign", "weak", "title", "sees", "proves_not", "innocent", "source"})


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen as it is published: ``sees`` is a sentence with facts in braces, ``innocent`` are sentences of their own."""

    screen: str
    version: str
    moment: Moment
    sign: Sign
    is_weak: bool
    title: Mapping[Locale, str]
    sees: Mapping[Locale, str]
    proves_not: Mapping[Locale, str]
    innocent: Mapping[Locale, tuple[str, ...]]
    source: str
    """Whence the method comes (author, year) and the article that it serves."""


@cache
def catalogue() -> Mapping[str, Screen]:
    """Give every screen by its id. Raises `AssertionError` for a file that is not complete."""
    folder = resources.files(__package__) / "catalogue"
    found = {
        path.name.removesuffix(".toml"): _screen(
            path.name.removesuffix(".toml"), tomllib.loads(path.read_text("utf-8"))
        )
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".toml")
    }
    return MappingProxyType(found)


def _screen(name: str, text: Mapping[str, Any]) -> Screen:
    assert set(text) == _FIELDS, f"{name}: fields {set(text) ^ _FIELDS}"
    assert text["moment"] in get_args(Moment), f"{name}: moment"
    assert text["sign"] in get_args(Sign), f"{name}: sign"
    assert text["innocent"]["zh"], f"{name}: an innocent explanation is always possible"
    assert len(text["innocent"]["zh"]) == len(text["innocent"]["en"]), f"{name}: as many explanations in both languages"
    return Screen(
        screen=name,
        version=text["version"],
        moment=text["moment"],
        sign=text["sign"],
        is_weak=text["weak"],
        title=_both(text["title"]),
        sees=_both(text["sees"]),
        proves_not=_both(text["proves_not"]),
        innocent={"zh": tuple(text["innocent"]["zh"]), "en": tuple(text["innocent"]["en"])},
        source=text["source"],
    )


def _both(texts: Mapping[str, str]) -> Mapping[Locale, str]:
    assert set(texts) == {"zh", "en"}, f"both languages: {texts}"
    assert all(texts.values()), f"no empty text: {texts}"
    return {"zh": texts["zh"], "en": texts["en"]}
