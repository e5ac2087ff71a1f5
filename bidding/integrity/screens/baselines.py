"""Baselines: the matched controls of every screen, as `fitting.fit_baselines` makes them from rounds that are over. Pure.

1. A round is compared with rounds of its kind, asset class, place and quarter; with too few of those, of coarser groups
   (`MIN_CONTROLS`), and a finding says with which.
2. What a price would have been is the median of hammer against reference price among comparable rounds in which two or more bid, moved
   by what the number of qualified codes (K) makes of it. How unusual a price is, is its rank among the likewise standardised
   prices of all rounds: no shape is assumed.
3. How unusual silence is, is the chance of it if codes bid as those of comparable rounds of every number of codes do (`Activity`): few
   rounds have as many codes, and a ring that always brings as many would be its own control.
4. Screens that join several measures are ranked by the joined number among the controls' own joined numbers: measures that move
   together in honest trade do not count twice.
5. A round is never its own history: defaults are counted without the round that is looked at.

The same numbers tell the harm in the evidence pack (`Baselines.predict`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Literal, Protocol

import msgspec

from bidding.integrity.findings.findings import Controls
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.measures import log_ratio, size_band
from bidding.integrity.screens.tails import Tail

MIN_CONTROLS = 60
"""Fewer rounds than these are no group of their own."""
LEAN = 50.0
"""As many rounds of the coarser group are added to a group's count of rounds without a bid."""
_FEW = 12
"""To so many, each number of qualified bidders is counted apart."""
_INTERVAL = (0.05, 0.95)
_SEP = "|"
_LEVELS = (
    ("全部标的", "all lots"),
    ("同一拍卖阶段的标的", "lots at the same stage"),
    ("同阶段、同类标的", "lots of the same stage and class"),
    ("同阶段、同类、同地标的", "lots of the same stage, class and place"),
    ("同阶段、同类、同地、同季度标的", "lots of the same stage, class, place and quarter"),
)

Side = Literal["high", "low"]
NOTHING = Tail(values=(), ranks=(), count=0)


class Likeness(Protocol):
    """What rounds are matched on: published terms, nothing of who bids."""

    @property
    def kind(self) -> str:
        """Which attempt by law."""

    @property
    def asset_class(self) -> str:
        """What is sold."""

    @property
    def place(self) -> str:
        """Where it lies."""

    @property
    def closes_at(self) -> datetime:
        """When it was to end."""

    @property
    def reference_fen(self) -> int:
        """What it was valued at."""


class Location(msgspec.Struct, frozen=True):
    """Where the logarithm of hammer against reference price lies in a group, and how far it spreads."""

    center: float
    scale: float
    count: int


class Activity(msgspec.Struct, frozen=True):
    """How likely a qualified bidder bids in a group of rounds, and how alike those of one round are: a beta-binomial law."""

    mean: float
    alike: float
    """Correlation of two bidders of one round: a defect, a falling market keeps all of them away (0: they know nothing in common)."""

    def at_most(self, active: int, qualified: int) -> float:
        """Give the chance that so many or fewer bid, given that one does."""
        return _at_most(active, qualified, self.mean, self.alike)


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What the price would have been among comparable rounds: its median and the interval of nine in ten."""

    expected_fen: int
    low_fen: int
    high_fen: int
    expected_ratio: float
    center: float
    scale: float
    controls: Controls

    def standardised(self, price_fen: int, reference_fen: int) -> float:
        """Give how many spreads a price lies above (or, negative, below) the predicted one."""
        return (math.log(price_fen / reference_fen) - self.center) / self.scale


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of earlier rounds by name: failed ones, defaults, who was seen before, decided links.

    ``defaults`` names the defaulted rounds of each debtor, buyer and agency; ``sold`` and ``seen`` count rounds. ``links`` holds each
    pair of parties that the court decided to be one, in order of their tokens.
    """

    failed: Mapping[str, RoundRecord] = {}
    defaults: Mapping[str, tuple[str, ...]] = {}
    sold: Mapping[str, int] = {}
    seen: Mapping[str, tuple[str, ...]] = {}
    sold_all: int = 0
    defaults_all: int = 0
    links: frozenset[tuple[str, str]] = frozenset()


class Baselines(msgspec.Struct, frozen=True, kw_only=True):
    """The fitted controls; without history every screen says nothing that rests on controls."""

    fitted_on: int = 0
    fitted_until: datetime | None = None
    prices: Mapping[str, Location] = {}
    by_size: Mapping[str, float] = {}
    standardised: Tail = NOTHING
    silence: Mapping[str, Mapping[int, int]] = {}
    activity: Mapping[str, Activity] = {}
    tails: Mapping[str, Tail] = {}
    joined: Mapping[str, Tail] = {}
    history: History = History()

    def predict(self, like: Likeness, qualified: int) -> Prediction | None:
        """Predict the price under ordinary competition, `None` without reference price or controls."""
        found = self._location(like)
        if found is None or like.reference_fen <= 0:
            return None
        level, place = found
        center = place.center + self.by_size.get(size_band(qualified), 0.0)
        low, high = (self.standardised.quantile(share) or 0.0 for share in _INTERVAL)

        def fen(score: float) -> int:
            return round(like.reference_fen * math.exp(center + score * place.scale))

        return Prediction(
            expected_fen=fen(0.0),
            low_fen=fen(low),
            high_fen=fen(high),
            expected_ratio=math.exp(center),
            center=center,
            scale=place.scale,
            controls=said_controls(level, place.count, median=math.exp(center)),
        )

    def price_p(self, predicted: Prediction, price_fen: int, reference_fen: int, side: Side) -> float:
        """Give the share of rounds whose price was as far above (or below) what was predicted, or farther."""
        return share_of(self.standardised, predicted.standardised(price_fen, reference_fen), side)

    def silence_p(self, like: Likeness, active: int, qualified: int) -> float:
        """Give the chance that of so many qualified bidders no more bid, given that somebody did, as codes of comparable rounds do."""
        found = next((self.activity[group] for group in reversed(groups(like)) if group in self.activity), None)
        return 1.0 if found is None else found.at_most(active, qualified)

    def nobody_p(self, like: Likeness, qualified: int) -> float:
        """Give the share of rounds with so many qualified bidders, or fewer, in which nobody bid.

        More bidders never make it likelier in honest trade: so the least share of all numbers to this one is taken, and rings that always
        bring as many do not hide one another. Never rarer than the rounds counted allow.
        """
        sizes = {size_band(count) for count in range(1, min(qualified, _FEW) + 1)} | {size_band(qualified)}
        return min(self._nobody_at(groups(like), size) for size in sizes)

    def _nobody_at(self, names: tuple[str, ...], size: str) -> float:
        share, lean, least = 1.0, 0.0, 0.0
        for group in names:
            counts = self.silence.get(_SEP.join((group, size)), {})
            total = sum(counts.values())
            share = max((counts.get(0, 0) + share + lean * share) / (total + 1 + lean), least)
            lean, least = (
                LEAN,
                least or 1 / (total + 1),
            )  # the rounds of a group are in its coarser one: never counted twice
        return share

    def silence_controls(self, like: Likeness, qualified: int) -> Controls:
        """Say with how many rounds silence was compared: the finest group that counts for itself."""
        best = 0, self._seen(groups(like)[0], qualified)
        for level, group in enumerate(groups(like)):
            if (count := self._seen(group, qualified)) >= MIN_CONTROLS:
                best = level, count
        return said_controls(*best)

    def tail(self, measure: str, like: Likeness) -> tuple[int, Tail]:
        """Give the finest tail of a measure with enough controls, and its level; an empty one without any."""
        for level, group in reversed(tuple(enumerate(groups(like)))):
            found = self.tails.get(_SEP.join((measure, group)))
            if found is not None and (found.count >= MIN_CONTROLS or level == 0):
                return level, found
        return 0, NOTHING

    def measure_p(self, measure: str, like: Likeness, value: float, side: Side) -> tuple[float, Controls]:
        """Give the share of controls that are as extreme, and who they are."""
        level, tail = self.tail(measure, like)
        p_value = share_of(tail, value, side)
        extreme = tail.quantile(0.99 if side == "high" else 0.01)
        return p_value, said_controls(level, tail.count, median=tail.quantile(0.5), high=extreme, p_value=p_value)

    def joined_p(self, screen: str, value: float) -> float:
        """Give the share of controls whose joined number is as high."""
        return share_of(self.joined.get(screen, NOTHING), value, "high")

    def knowing(self, history: History) -> Baselines:
        """Give the same controls with this history."""
        return msgspec.structs.replace(self, history=history)

    def _location(self, like: Likeness) -> tuple[int, Location] | None:
        for level, group in reversed(tuple(enumerate(groups(like)))):
            if (place := self.prices.get(group)) is not None:
                return level, place
        return None

    def _seen(self, group: str, qualified: int) -> int:
        return sum(self.silence.get(_SEP.join((group, size_band(qualified))), {}).values())


@lru_cache(maxsize=100_000)
def _at_most(active: int, qualified: int, mean: float, alike: float) -> float:
    """Add up the beta-binomial law from one to ``active``, over all but none."""
    if active >= qualified:
        return 1.0
    scale = 1 / alike - 1
    bids, stays = mean * scale, (1 - mean) * scale

    def chance(number: int) -> float:
        ways = math.lgamma(qualified + 1) - math.lgamma(number + 1) - math.lgamma(qualified - number + 1)
        met = _log_beta(number + bids, qualified - number + stays) - _log_beta(bids, stays)
        return math.exp(ways + met)

    return min(1.0, math.fsum(chance(number) for number in range(1, active + 1)) / (1 - chance(0)))


def _log_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)


def groups(like: Likeness) -> tuple[str, ...]:
    """Name the groups that a round belongs to, from all rounds to those of its quarter."""
    quarter = f"{like.closes_at.year}Q{(like.closes_at.month + 2) // 3}"
    parts = ("all", like.kind, like.asset_class, like.place, quarter)
    return tuple(_SEP.join(parts[: depth + 1]) for depth in range(len(parts)))


def share_of(tail: Tail, value: float, side: Side) -> float:
    """Give the share of a tail on one side of a value."""
    return tail.at_least(value) if side == "high" else tail.at_most(value)


def surprise(p_value: float) -> float:
    """Give minus the decimal logarithm of a probability."""
    return -math.log10(max(min(p_value, 1.0), 1e-12))


def said_controls(
    level: int, count: int, *, median: float | None = None, high: float | None = None, p_value: float | None = None
) -> Controls:
    """Say which controls these are, in both languages."""
    zh, en = _LEVELS[level]
    return Controls(matched_on_zh=zh, matched_on_en=en, count=count, median=median, high=high, p_value=p_value)


def hammer_ratio(record: RoundRecord) -> float | None:
    """Give the logarithm of hammer against reference price."""
    return log_ratio(record.hammer_fen, record.reference_fen)
