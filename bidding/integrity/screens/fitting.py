"""Fitting: make the matched controls from rounds that are over (rules in `baselines`). Pure; the order of the rounds does not matter.

A fit for an evaluation is made inside the training fold only; the product fits each night on what is over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

import msgspec

from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import default_risk, last_two_linked, straw_buyer, suppressed_competition
from bidding.integrity.screens.baselines import (
    MIN_CONTROLS,
    Activity,
    Baselines,
    History,
    Location,
    groups,
    hammer_ratio,
)
from bidding.integrity.screens.measures import (
    activity,
    bidders_active,
    bidders_behind,
    buyer_entry,
    deposit_lead,
    deposit_share,
    longest_solo,
    size_band,
    storm,
)
from bidding.integrity.screens.tails import Tail, tail_of
from bidding.integrity.screens.waiting_for_second_round import silent_before, silent_share

_SCALE_OF_MAD = 1.4826
_MIN_SCALE = 0.02
_LEAST_SHARE = 0.001
"""No share or likeness is taken for none or for all."""

_JOINED: Mapping[str, Callable[[RoundRecord, Baselines], float | None]] = {
    "suppressed_competition": suppressed_competition.joined,
    "straw_buyer": straw_buyer.joined,
    "default_risk": default_risk.joined,
    "last_two_linked": last_two_linked.joined,
}


def fit_baselines(records: Iterable[RoundRecord], links: Iterable[tuple[str, str]] = ()) -> Baselines:
    """Fit the controls of every screen on these rounds and keep their history."""
    rounds = tuple(records)
    priced = [(record, ratio) for record in rounds if (ratio := hammer_ratio(record)) is not None]
    prices = _locations(priced)
    by_size = _sizes(priced, prices)
    history = history_of(rounds, links)
    fitted = Baselines(
        fitted_on=len(rounds),
        fitted_until=max((record.closed_at for record in rounds), default=None),
        prices=prices,
        by_size=by_size,
        standardised=tail_of(_standardised(record, ratio, prices, by_size) for record, ratio in priced),
        silence=_silence(rounds),
        activity=_activities(rounds),
        tails=_tails(rounds, history),
        history=history,
    )
    return msgspec.structs.replace(fitted, joined={name: _joined(name, rounds, fitted) for name in _JOINED})


def history_of(records: Iterable[RoundRecord], links: Iterable[tuple[str, str]] = ()) -> History:
    """Keep by name what screens ask of earlier rounds."""
    failed: dict[str, RoundRecord] = {}
    defaults: defaultdict[str, list[str]] = defaultdict(list)
    seen: defaultdict[str, list[str]] = defaultdict(list)
    sold: Counter[str] = Counter()
    sold_all = defaults_all = 0
    for record in records:
        if record.buyer_code is None:
            failed[record.round_id] = record
        for entry in record.codes:
            seen[entry.party].append(record.round_id)
        behind = _behind(record) if record.buyer_code is not None else ()
        sold_all += bool(behind)
        sold.update(behind)
        if behind and record.fate == "defaulted":
            defaults_all += 1
            for token in behind:
                defaults[token].append(record.round_id)
    return History(
        failed=failed,
        defaults={token: tuple(sorted(names)) for token, names in defaults.items()},
        sold=dict(sold),
        seen={token: tuple(sorted(names)) for token, names in seen.items()},
        sold_all=sold_all,
        defaults_all=defaults_all,
        links=frozenset((min(pair), max(pair)) for pair in links),
    )


def _behind(record: RoundRecord) -> set[str]:
    """Name on whom a default of this sale is counted: its debtors, its buyer, its agency."""
    buyer = buyer_entry(record)
    return {token for token in (*record.debtors, record.agency, buyer.party if buyer else "") if token}


def _locations(priced: Sequence[tuple[RoundRecord, float]]) -> dict[str, Location]:
    """Locate prices by group among rounds with competition; a group too small is left out, but the widest never."""
    ratios: defaultdict[str, list[float]] = defaultdict(list)
    for record, ratio in priced:
        if bidders_active(record) > 1:
            for group in groups(record):
                ratios[group].append(ratio)
    return {
        group: _location(found)
        for group, found in sorted(ratios.items())
        if len(found) >= MIN_CONTROLS or group == "all"
    }


def _location(ratios: Sequence[float]) -> Location:
    center = median(ratios)
    spread = median(abs(ratio - center) for ratio in ratios)
    return Location(center=center, scale=max(_SCALE_OF_MAD * spread, _MIN_SCALE), count=len(ratios))


def _finest(record: RoundRecord, prices: Mapping[str, Location]) -> Location:
    found = (prices.get(group) for group in reversed(groups(record)))
    return next((place for place in found if place is not None), Location(center=0.0, scale=1.0, count=0))


def _sizes(priced: Sequence[tuple[RoundRecord, float]], prices: Mapping[str, Location]) -> dict[str, float]:
    """Tell what a number of qualified bidders makes of the price beside its group: the median of what is left."""
    left: defaultdict[str, list[float]] = defaultdict(list)
    for record, ratio in priced:
        left[size_band(bidders_behind(record))].append(ratio - _finest(record, prices).center)
    return {band: median(found) for band, found in sorted(left.items()) if len(found) >= MIN_CONTROLS}


def _standardised(
    record: RoundRecord, ratio: float, prices: Mapping[str, Location], by_size: Mapping[str, float]
) -> float:
    place = _finest(record, prices)
    return (ratio - place.center - by_size.get(size_band(bidders_behind(record)), 0.0)) / place.scale


def _silence(rounds: Sequence[RoundRecord]) -> dict[str, dict[int, int]]:
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for record in rounds:
        qualified = bidders_behind(record)
        bid = activity(bidders_active(record), qualified)
        for group in groups(record):
            counts[f"{group}|{size_band(qualified)}"][bid] += 1
    return {group: dict(sorted(found.items())) for group, found in sorted(counts.items())}


def _activities(rounds: Sequence[RoundRecord]) -> dict[str, Activity]:
    """Tell how qualified bidders of sold rounds bid, by group; a group too small is left out, but the widest never."""
    shown: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for record in rounds:
        if record.bids and (qualified := bidders_behind(record)) > 1:
            for group in groups(record):
                shown[group].append((bidders_active(record), qualified))
    return {
        group: _activity(found)
        for group, found in sorted(shown.items())
        if len(found) >= MIN_CONTROLS or group == "all"
    }


def _activity(shown: Sequence[tuple[int, int]]) -> Activity:
    """Fit mean and likeness by their moments: by how much more than chance the number that bid varies between rounds."""
    mean = min(max(sum(bid for bid, _ in shown) / sum(of for _, of in shown), _LEAST_SHARE), 1 - _LEAST_SHARE)
    spread = mean * (1 - mean)
    more = sum((bid - of * mean) ** 2 - of * spread for bid, of in shown)
    pairs = sum(of * (of - 1) for _, of in shown)
    return Activity(mean=mean, alike=min(max(more / (pairs * spread), _LEAST_SHARE), 1 - _LEAST_SHARE))


def _tails(rounds: Sequence[RoundRecord], history: History) -> dict[str, Tail]:
    """Keep the tails of the single measures for all rounds, each stage and each class in it."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for record in rounds:
        for measure, value in _measured(record, history):
            for group in groups(record)[:3]:
                values[f"{measure}|{group}"].append(value)
    return {
        name: tail_of(found)
        for name, found in sorted(values.items())
        if len(found) >= MIN_CONTROLS or name.endswith("|all")
    }


def _measured(record: RoundRecord, history: History) -> list[tuple[str, float]]:
    run = longest_solo(record.bids, record.reserve_fen)
    buyer = buyer_entry(record)
    told = {
        "solo_gain": None if run is None else run.gain,
        "storm": storm(len(record.late_bids)) if record.bids else None,
        "deposit_share": deposit_share(record.hammer_fen, record.deposit_fen),
        "again": None if silent_before(record, history) is None else silent_share(record),
        "deposit_lead": None if buyer is None else deposit_lead(buyer, record),
    }
    return [(name, value) for name, value in told.items() if value is not None]


def _joined(name: str, rounds: Sequence[RoundRecord], fitted: Baselines) -> Tail:
    values = (_JOINED[name](record, fitted) for record in rounds)
    return tail_of(value for value in values if value is not None)
