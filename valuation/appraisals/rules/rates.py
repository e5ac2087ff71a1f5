"""The rates that an agency filed with its association: dated data that the agency gives with its acceptance, not law.

1. They were filed before the mandate came: nobody files new ones for a case (V21).
2. Bands rise, each with an exact ratio; the last one is open.
"""

from __future__ import annotations

from datetime import date

import msgspec

from auction.kernel.errors import Malformed, Unlawful
from auction.law.parameters import parse_ratio

BANDS_LIMIT = 20


class RatesMalformed(Malformed):
    """Filed rates do not rise band by band, or a ratio is not exact."""

    code = "appraisal_rates_malformed"
    article = "house: rates are bands of exact ratios"
    zh = "评估收费标准的分段有误。"
    en = "The bands of the filed rates are not well formed."


class RatesFiledLate(Unlawful):
    """The rates were filed on or after the day of the mandate."""

    code = "appraisal_rates_filed_late"
    article = "评估规范; 参考价 32"
    zh = "收费标准的备案日期 {filed_on} 不早于委托日期。"
    en = "The rates were filed on {filed_on}, not before the mandate."


class RateBand(msgspec.Struct, frozen=True, kw_only=True):
    """One marginal band of filed rates: an exact ratio (``1/200``) up to an amount; ``None``: the last band."""

    up_to_fen: int | None
    ratio: str


class FiledRates(msgspec.Struct, frozen=True, kw_only=True):
    """Rates as an agency filed them with its association; ``least_fen`` is the smallest fee."""

    association: str
    filed_on: date
    bands: tuple[RateBand, ...]
    least_fen: int = 0
    document_sha256: str


def check_rates(rates: FiledRates, *, mandated_on: date) -> None:
    """Refuse rates that break rules 1 or 2."""
    lows = [0, *(band.up_to_fen for band in rates.bands[:-1] if band.up_to_fen is not None)]
    is_open = bool(rates.bands) and rates.bands[-1].up_to_fen is None
    if not is_open or len(rates.bands) > BANDS_LIMIT or len(lows) != len(rates.bands) or rates.least_fen < 0:
        raise RatesMalformed
    if lows != sorted(set(lows)):
        raise RatesMalformed
    for band in rates.bands:
        try:
            parse_ratio(band.ratio)
        except (AssertionError, ZeroDivisionError):
            raise RatesMalformed from None
    if rates.filed_on >= mandated_on:
        raise RatesFiledLate(filed_on=rates.filed_on.isoformat())
