"""Market: the lots that come up for sale, drawn all at once as columns. Pure; reproducible by seed.

1. A lot has a hidden value, which nobody sees; the reference price is a noisy look at it, the reserve a share of that.
2. Lots of one debtor stand in one place and come within some months of one another.
3. Honest trouble is drawn with the market: defects found at viewing, places whose market falls for a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bidding.integrity.simulator.parameters import Background, ClassOfAssets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUARTER_DAYS: Final = 91
DEBTOR_SPREAD_DAYS: Final = 90.0
"""Mean wait between a debtor's first lot and each other one."""


@dataclass(frozen=True)
class Market:
    """Columns, one row a lot, in the order of their opening days; money in yuan."""

    background: Background
    place: Ints
    asset_class: Ints
    day: Ints
    debtor: Ints
    agency: Ints
    value: Floats
    reference: Floats
    reserve_share: Floats
    step_share: Floats
    deposit_share: Floats
    has_defect: Flags
    is_falling: Flags

    def __len__(self) -> int:
        """How many lots."""
        return len(self.place)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, by number."""
        return tuple(self.background.classes)

    @cached_property
    def cell(self) -> Ints:
        """Place and class as one number: where specialists are at home."""
        return self.place * len(self.background.classes) + self.asset_class

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.background.places * len(self.background.classes)

    def spread(self, lot: int) -> float:
        """Give the spread of private values of a lot."""
        return self.background.classes[self.class_names[int(self.asset_class[lot])]].value_spread


def draw_market(background: Background, lots: int, rng: np.random.Generator) -> Market:
    """Draw so many lots."""
    debtor, place, day = _debtors(background, lots, rng)
    order = np.argsort(day, kind="stable")
    debtor, place, day = debtor[order], place[order], day[order]
    asset_class = rng.choice(len(background.classes), lots, p=_shares(background))
    agency = place * background.debtors.agencies_of_a_place + rng.integers(
        background.debtors.agencies_of_a_place, size=lots
    )
    defect = rng.random(lots) < background.trouble.defect_share
    falling = _falls(background, rng)[place, day // QUARTER_DAYS]
    reference = _references(background, asset_class, rng)
    return Market(
        background=background,
        place=place,
        asset_class=asset_class,
        day=day,
        debtor=debtor,
        agency=agency,
        value=_values(background, reference, agency, defect, falling, rng),
        reference=reference,
        reserve_share=rng.uniform(*background.prices.reserve_share, lots),
        step_share=_by_class(background, asset_class, rng),
        deposit_share=rng.uniform(*background.prices.deposit_share, lots),
        has_defect=defect,
        is_falling=falling,
    )


def _debtors(background: Background, lots: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw debtors with their numbers of lots; give debtor, place and day of each lot."""
    shares = np.array(background.debtors.lots_of_a_debtor)
    counts = rng.choice(len(shares), lots, p=shares / shares.sum()) + 1
    debtor = np.repeat(np.arange(lots), counts)[:lots]
    weights = (1.0 + np.arange(background.places)) ** -background.place_skew
    home = rng.choice(background.places, lots, p=weights / weights.sum())
    first = rng.integers(background.days, size=lots)
    later = rng.exponential(DEBTOR_SPREAD_DAYS, lots).astype(np.int64)
    return debtor, home[debtor], (first[debtor] + later) % background.days


def _shares(background: Background) -> Floats:
    shares: Floats = np.array([one.share for one in background.classes.values()], dtype=np.float64)
    shares /= shares.sum()
    return shares


def _falls(background: Background, rng: np.random.Generator) -> Flags:
    """Say of each place and quarter whether its market falls."""
    quarters = background.days // QUARTER_DAYS + 1
    return rng.random((background.places, quarters)) < background.trouble.fall_share


def _references(background: Background, asset_class: Ints, rng: np.random.Generator) -> Floats:
    classes = list(background.classes.values())
    middle = np.array([_middle(background, one) for one in classes])[asset_class]
    spread = np.array([one.start_spread for one in classes])[asset_class]
    return np.maximum(np.round(middle * np.exp(spread * rng.standard_normal(len(asset_class)))), 1_000.0)


def _middle(background: Background, one: ClassOfAssets) -> float:
    """Give the median reference price of a class: that of its starting prices over the mean share."""
    return one.start_yuan / (sum(background.prices.reserve_share) / 2)


def _values(
    background: Background, reference: Floats, agency: Ints, defect: Flags, falling: Flags, rng: np.random.Generator
) -> Floats:
    prices, trouble = background.prices, background.trouble
    lean = prices.agency_noise * rng.standard_normal(int(agency.max(initial=0)) + 1)
    own = float(np.sqrt(prices.reference_noise**2 - prices.agency_noise**2))
    noise = own * rng.standard_normal(len(reference)) + lean[agency]
    value: Floats = reference * prices.value_over_reference * np.exp(noise)
    value[defect] *= trouble.defect_value
    value[falling] *= trouble.fall_value
    return value


def _by_class(background: Background, asset_class: Ints, rng: np.random.Generator) -> Floats:
    low = np.array([one.step_share[0] for one in background.classes.values()])[asset_class]
    high = np.array([one.step_share[1] for one in background.classes.values()])[asset_class]
    found: Floats = rng.uniform(low, high)
    return found
