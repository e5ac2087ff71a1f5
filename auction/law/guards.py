"""The register of guards (规则): what refuses a listing, a registration or a bid by itself, published with number, article and remedy. Pure.

1. A guard is published, uniform and deterministic: the same facts have the same answer for everybody (网拍 8(2)).
2. Its number never means another rule; a change has a new version with its day of effect.
3. Each refusal code stands under one guard only, so whoever is refused can be told by which.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any, Literal, get_args

Place = Literal["listing", "registration", "room"]
"""Where a guard stands: at the listing, at the door (registration, opening, ruling), in the room."""

_FIELDS = frozenset(
    {"number", "version", "place", "article", "valid_from", "refusals", "title_zh", "title_en"}
    | {"text_zh", "text_en", "remedy_zh", "remedy_en"}
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard in one version; ``valid_to`` is ``None`` while it is in force."""

    number: str
    version: int
    place: Place
    article: str
    valid_from: date
    valid_to: date | None
    refusals: tuple[str, ...]
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    remedy_zh: str
    remedy_en: str

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on ``on`` (first and last day included)."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Guards:
    """The whole register; immutable after loading."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Read and check a parsed file; what is malformed fails an assertion that names it."""
        self.version = str(document["version"])
        self.every = tuple(_guard(table) for table in document["guard"])
        keys = [(guard.number, guard.version) for guard in self.every]
        assert len(set(keys)) == len(keys), "a guard has each version once"

    def in_force(self, on: date, place: Place | None = None) -> tuple[Guard, ...]:
        """Give the guards that hold on a day, in the order of the file; of one place only if it is named."""
        return tuple(guard for guard in self.every if guard.is_in_force(on) and place in (None, guard.place))

    def named(self, number: str, *, on: date) -> Guard:
        """Give the version of a guard that holds on a day. Raises: `KeyError` (no such guard, or not yet in force)."""
        for guard in self.in_force(on):
            if guard.number == number:
                return guard
        raise KeyError(number)

    def behind(self, refusal: str, *, on: date) -> Guard | None:
        """Give the guard that answers with a refusal code; ``None``: the refusal is no guard's (a typing error, say)."""
        return next((guard for guard in self.in_force(on) if refusal in guard.refusals), None)


def _guard(table: Mapping[str, Any]) -> Guard:
    number = table["number"]
    assert set(table) - {"valid_to"} == _FIELDS, f"{number}: fields {(set(table) - {'valid_to'}) ^ _FIELDS}"
    assert table["place"] in get_args(Place), f"{number}: unknown place"
    assert all(str(table[field]).strip() for field in _FIELDS), f"{number}: an empty field"
    return Guard(**{**table, "refusals": tuple(table["refusals"]), "valid_to": table.get("valid_to")})


GUARDS = Guards(tomllib.loads(resources.files(__package__).joinpath("guards.toml").read_text("utf-8")))
"""The register of this installation."""
