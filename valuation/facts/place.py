"""Where an asset lies, as its facts say: the finding on its title names province and city. Pure.

1. The newest finding that names a place counts; one that names none contradicts nothing.
2. A place is named whole, province and city, and only by a finding on the title that was established.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auction.kernel.sentences import Said
from valuation.facts.facts import Fact


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A province and a city, as the register of institutions names its lists."""

    province: str
    city: str

    @property
    def said(self) -> Said:
        """Name it."""
        return Said(f"{self.province} {self.city}", f"{self.province} {self.city}")


def place_of(facts: Sequence[Fact]) -> Place | None:
    """Give where the asset lies, from its facts, oldest first; ``None``: the file does not say."""
    named = [fact for fact in facts if fact.city]
    return Place(province=named[-1].province, city=named[-1].city) if named else None
