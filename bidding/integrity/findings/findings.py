"""The finding: what a screen saw, how strong it is, against what it was compared, and about whom it says nothing. Pure.

1. A finding points; it proves nothing and has no effect by itself (D6). What it does not prove and which innocent explanations there
   are stand in the catalogue of its screen, and every page and paper that shows the finding shows them too.
2. It names codes and rounds while a round runs; parties (keyed tokens) only of rounds that are over (security 2).
3. The same screen on the same records gives the same finding under the same id: found again, it is not told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.ids import named_id

Moment = Literal["live", "close", "nightly"]
"""When a screen runs."""

Value = int | float | str | bool | None


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """The matched controls: which rounds, how many, and what the same measure was there."""

    matched_on_zh: str
    matched_on_en: str
    count: int
    median: float | None = None
    high: float | None = None
    """The 99th percentile (1st for a measure that is extreme when low)."""
    p_value: float | None = None
    """Share of controls, or of permutations, at least as extreme; corrected where several were tested."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """About what a finding is: rounds, and codes in them or parties."""

    rounds: tuple[str, ...]
    codes: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    debtors: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of one screen.

    ``strength`` orders the queue: minus the decimal logarithm of the (corrected) probability under honest trade, so 2 is one in a
    hundred; ``sign`` says which fraud it would point to (price held down, pushed up, or sale stalled). ``facts`` fill the sentences
    of the catalogue. A finding that ``is_weak`` is told
    only together with another one on the same subject.
    """

    screen: str
    version: str
    moment: Moment
    subject: Subject
    strength: float
    sign: Literal["down", "up", "stall", "either"]
    facts: Mapping[str, Value]
    controls: Controls
    is_weak: bool = False

    @property
    def finding_id(self) -> UUID:
        """Made from screen, version and subject: the same finding has the same id."""
        subject = msgspec.json.encode(self.subject, order="deterministic").decode()
        return named_id("finding", f"{self.screen}|{self.version}|{self.moment}|{subject}")
