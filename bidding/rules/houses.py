"""The rules of the houses whose logs can be replayed, as far as their records show them.

1. A recorded house decides by its own rules, not by ours: they say what was acceptable there. They run only in
   installations stamped test or demo (`bidding.rules.session`).
2. Nothing is assumed to the record's favour: a term is looser than our law only where the house's record shows it.
3. Records in whole seconds: the house's last second belongs to the session, so its end and its window are one second
   longer than published (`SECOND_US`). Logs of judicial sales need no such second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from bidding.rules.session import SPC_2016, Band, RuleSet, recorded

SECOND_US: Final = 1_000_000
"""The resolution of records in whole seconds."""


class ArtHouse(msgspec.Struct, frozen=True, kw_only=True):
    """What the record of one Chinese online art house shows of its rules."""

    self_raise: bool
    """Whether its record has bids of a leader above his own."""
    bands: tuple[Band, ...]
    """The smallest steps that it took, by price."""
    unit_fen: int
    """Every price that it took is a multiple of this."""


def _yuan_bands(*pairs: tuple[int, int]) -> tuple[Band, ...]:
    return tuple(Band(from_fen=start * 100, increment_fen=step * 100) for start, step in pairs)


ART_HOUSES: Final[Mapping[str, ArtHouse]] = {
    "1": ArtHouse(
        self_raise=True, bands=_yuan_bands((0, 50), (9_000, 200), (10_000, 1_000), (60_000, 2_000)), unit_fen=5_000
    ),
    "2": ArtHouse(self_raise=False, bands=_yuan_bands((0, 200), (10_000, 1_000)), unit_fen=10_000),
    "3": ArtHouse(
        self_raise=True, bands=_yuan_bands((0, 100), (5_000, 500), (10_000, 1_000), (50_000, 2_000)), unit_fen=10_000
    ),
    "5": ArtHouse(self_raise=True, bands=_yuan_bands((0, 500), (10_000, 1_000), (50_000, 2_000)), unit_fen=10_000),
    "6": ArtHouse(
        self_raise=False,
        bands=_yuan_bands((0, 200), (3_000, 500), (10_000, 1_000), (30_000, 2_000), (100_000, 5_000)),
        unit_fen=10_000,
    ),
}
"""Houses by their number in the record. Their soft close: each late bid adds a whole overtime to the end as it stood."""

OTHER_ART_HOUSE: Final = ArtHouse(self_raise=False, bands=(), unit_fen=1)
"""A house of which no record was studied: each bid must be higher, a leader does not raise himself."""


def judicial(*, self_raise: bool) -> RuleSet:
    """Give the rules of a recorded judicial sale: the ladder and extension of our law, rights of first refusal unseen.

    Source: 法释〔2016〕18号 art. 20(2) for window and extension.
    """
    rules = msgspec.structs.replace(SPC_2016, self_raise=self_raise, first_refusal=False)
    return recorded("judicial-self-raise" if self_raise else "judicial", rules)


def art(house: str, *, overtime_us: int, self_raise: bool = False) -> RuleSet:
    """Give the rules of a recorded art house whose log names an overtime; ``self_raise`` counts for unknown houses."""
    known = ART_HOUSES.get(house, OTHER_ART_HOUSE)
    rules = RuleSet(
        name="recorded:art",
        ladder="at_least_increment" if known.bands else "any_higher",
        self_raise=known.self_raise or (house not in ART_HOUSES and self_raise),
        price_rule="ascending",
        extension_window_us=overtime_us + SECOND_US if overtime_us else 0,
        extension_us=overtime_us,
        extension_from="end",
        first_refusal=False,
        least_left_us=0,
        bands=known.bands,
    )
    return recorded(f"art-{house[:16]}-{overtime_us // SECOND_US}s", rules)


_EBAY_CENTS: Final = (
    *((0, 5), (100, 25), (500, 50), (2_500, 100), (10_000, 250)),
    *((25_000, 500), (50_000, 1_000), (100_000, 2_500), (250_000, 5_000), (500_000, 10_000)),
)

EBAY: Final = recorded(
    "ebay",
    RuleSet(
        name="recorded:ebay",
        ladder="at_least_increment",
        self_raise=True,
        price_rule="proxy",
        extension_window_us=0,
        extension_us=0,
        first_refusal=False,
        least_left_us=0,
        bands=tuple(Band(from_fen=start, increment_fen=step) for start, step in _EBAY_CENTS),
    ),
)
"""Hidden maxima, a hard end, the classic increments in US cents: a cent of the record is a fen of the replay."""
