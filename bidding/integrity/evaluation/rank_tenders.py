"""Put sealed tenders without a finding in the order in which a person should look at them, with the reasons for each.

1. The ranker is fitted on markets in which an authority has found collusion, and travels as `measure_tenders` measures it: screens of variance
   only, as ranks inside their own market, with promised signs. Low variance never lowers a place, whatever the labels say.
2. A market that is ranked is never among those that it is ranked by.
3. A place is no probability and no finding: another market's habits differ, and honest prices may stand close together (`NOT_PROVEN`).
4. Ranks inside a market mean nothing where it has few tenders: fewer than `FEWEST_TENDERS` are named, not ranked.

Source: screens and their signs, `sealed_prices`; what the transfer is worth, docs/screens-measured.md (average AUC of one market left out).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from auction.kernel.errors import Malformed
from bidding.integrity.evaluation.files import number_in, rows_of
from bidding.integrity.evaluation.measure_tenders import COLUMNS as LABELLED_COLUMNS
from bidding.integrity.evaluation.measure_tenders import Tenders, chosen_screens, fit_across, ranks_inside, read_tenders
from bidding.integrity.screens.ranker import Ranker
from bidding.integrity.screens.sealed_prices import FEWEST, NAMES, screens_of

COLUMNS: Final = ("tender", "dataset", "bid_value_eur")
"""Columns of the file that is ranked; the currency of the prices does not matter, but is one within a tender."""
FEWEST_TENDERS: Final = 20
REASONS: Final = 3
NOT_PROVEN: Final = {
    "zh": "排序仅提示先看哪些标，不是认定：成本相近、参考价公开、品目标准化的诚信报价同样可能集中。",
    "en": "The order says where to look first and finds nothing: honest prices stand close together, too, where costs are alike, "
    "a guide price is public or the goods are standard.",
}


class NothingToLearnFrom(Malformed):
    """The file with findings has no market of both kinds, apart from those that are to be ranked."""

    code = "tenders_without_findings"
    article = (
        "house: a ranker is fitted on markets in which an authority found collusion, never on the one that it ranks"
    )
    zh = "用于训练的文件中，除待排序的市场外，没有同时含有已认定和未认定串通的市场。"
    en = "The file with findings has, apart from the markets to be ranked, none with tenders of both kinds."


class WhyRanked(msgspec.Struct, frozen=True, kw_only=True):
    """One reason: a screen, its value, and below which share of its market's tenders it stands (0: the lowest)."""

    screen: str
    value: float
    stands_at: float
    moved: float
    """By how much it moved the score, in log-odds, against the middle of the market."""


class RankedTender(msgspec.Struct, frozen=True, kw_only=True):
    """One tender with its place inside the file, the first one first."""

    market: str
    tender: str
    prices: int
    score: float
    why: tuple[WhyRanked, ...]


class RankedTenders(msgspec.Struct, frozen=True, kw_only=True):
    """All that was ranked, by what, and what was not."""

    tenders: tuple[RankedTender, ...]
    screens: tuple[str, ...]
    learned_from: tuple[str, ...]
    too_few_prices: int
    left_out: int
    """Rows without a positive price."""
    small_markets: tuple[str, ...]


def rank_tenders(file: Path, labelled: Path) -> RankedTenders:
    """Rank the tenders of one file by what another, with findings, teaches.

    Raises `FileMissing`, `ColumnsMissing`, `RowsTooMany`, `NothingToLearnFrom`.
    """
    learned = read_tenders(rows_of(labelled.parent, labelled.name, LABELLED_COLUMNS))
    return rank_rows(rows_of(file.parent, file.name, COLUMNS), learned)


def rank_rows(rows: Iterable[Mapping[str, str]], learned: Tenders) -> RankedTenders:
    """Rank the tenders of these rows (rules 1 to 4). Raises `NothingToLearnFrom`."""
    prices, left_out = _prices(rows)
    enough = {key: found for key, found in prices.items() if len(found) >= FEWEST}
    sizes: dict[str, int] = defaultdict(int)
    for market, _ in enough:
        sizes[market] += 1
    kept = [key for key in enough if sizes[key[0]] >= FEWEST_TENDERS]
    teachers = [market for market in learned.measurable if market not in {key[0] for key in prices}]
    if not teachers:
        raise NothingToLearnFrom
    screens = chosen_screens(learned, teachers)
    ranker = fit_across(learned, teachers, screens)
    return RankedTenders(
        tenders=_ranked(kept, enough, screens, ranker),
        screens=tuple(screens),
        learned_from=tuple(teachers),
        too_few_prices=len(prices) - len(enough),
        left_out=left_out,
        small_markets=tuple(sorted(market for market, size in sizes.items() if size < FEWEST_TENDERS)),
    )


def _prices(rows: Iterable[Mapping[str, str]]) -> tuple[dict[tuple[str, str], list[float]], int]:
    """Read the prices of each tender; a row without a positive one is left out and counted."""
    prices: dict[tuple[str, str], list[float]] = defaultdict(list)
    left_out = 0
    for row in rows:
        price = number_in(row["bid_value_eur"])
        if price > 0:
            prices[row["dataset"], row["tender"]].append(price)
        else:
            left_out += 1
    return prices, left_out


def _ranked(
    kept: Sequence[tuple[str, str]],
    prices: Mapping[tuple[str, str], Sequence[float]],
    screens: Sequence[str],
    ranker: Ranker,
) -> tuple[RankedTender, ...]:
    if not kept:
        return ()
    columns = [NAMES.index(name) for name in screens]
    table = np.array([screens_of(prices[key]) for key in kept])[:, columns]
    places = ranks_inside(table, np.array([market for market, _ in kept], dtype=np.str_))
    scores = ranker.score(places)
    closeness = places.mean(
        axis=1
    )  # trees give many the same score; of them those whose prices stand closest come first
    order = sorted(range(len(kept)), key=lambda at: (-scores[at], closeness[at], kept[at]))
    return tuple(
        RankedTender(
            market=kept[at][0],
            tender=kept[at][1],
            prices=len(prices[kept[at]]),
            score=round(float(scores[at]), 4),
            why=_why(ranker, places[at], dict(zip(screens, table[at], strict=True))),
        )
        for at in order
    )


def _why(ranker: Ranker, places: np.ndarray, values: Mapping[str, float]) -> tuple[WhyRanked, ...]:
    return tuple(
        WhyRanked(
            screen=reason.feature,
            value=round(float(values[reason.feature]), 6),
            stands_at=round(float(reason.value), 4),
            moved=reason.moved,
        )
        for reason in ranker.reasons(places, limit=REASONS)
        if reason.value is not None
    )
