"""Default risk (悔拍风险): a price far above value under a small deposit, with defaults before on the same debtor, buyer or agency. Pure.

1. Only rounds that are over count as history, and never the round itself.
2. A price alone says nothing here: there must be a small deposit or an earlier default beside it.

Source: collusion study 5.11 (four flats of one debtor, ten planned defaults); 网拍 24.
"""

from __future__ import annotations

from math import comb, erfc, sqrt

from bidding.integrity.findings.findings import Finding, Subject
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines, History, surprise
from bidding.integrity.screens.making import make_finding
from bidding.integrity.screens.measures import bidders_behind, buyer_entry, deposit_share

NAME = "default_risk"
_COUNTED_EXACTLY = 200
"""Beyond so many sales (an agency's) the binomial is taken as normal."""


def joined(record: RoundRecord, baselines: Baselines) -> float | None:
    """Add up how unusual price, deposit and earlier defaults are; `None` where nothing was sold or nothing but a price is known."""
    predicted = baselines.predict(record, bidders_behind(record))
    if record.hammer_fen is None or predicted is None:
        return None
    share = deposit_share(record.hammer_fen, record.deposit_fen)
    earlier = defaults_surprise(record, baselines.history)
    if share is None and not earlier:
        return None
    deposit_p = 1.0 if share is None else baselines.measure_p("deposit_share", record, share, "low")[0]
    price_p = baselines.price_p(predicted, record.hammer_fen, record.reference_fen, "high")
    return surprise(price_p) + surprise(deposit_p) + earlier


def defaults_surprise(record: RoundRecord, history: History) -> float:
    """Give how unusual the most unusual ledger is, of debtor, buyer or agency (0: no default before)."""
    return max((surprise(_ledger_p(token, record, history)) for token in _behind(record)), default=0.0)


def screen(record: RoundRecord, baselines: Baselines) -> Finding | None:
    """Find a sale that may not be paid, while there is time to look to the deposit and to the persons."""
    score = joined(record, baselines)
    predicted = baselines.predict(record, bidders_behind(record))
    if score is None or predicted is None or record.hammer_fen is None or record.buyer_code is None:
        return None
    buyer = buyer_entry(record)
    facts = {
        "hammer_fen": record.hammer_fen,
        "expected_fen": predicted.expected_fen,
        "high_fen": predicted.high_fen,
        "deposit_fen": record.deposit_fen,
        "deposit_share": round(record.deposit_fen / record.hammer_fen, 4),
        "debtor_defaults": sum(_defaults(token, record, baselines.history) for token in record.debtors),
        "buyer_defaults": _defaults(buyer.party, record, baselines.history) if buyer else 0,
        "agency_defaults": _defaults(record.agency, record, baselines.history),
    }
    subject = Subject(rounds=(record.round_id,), codes=(record.buyer_code,), debtors=record.debtors)
    return make_finding(NAME, subject, baselines.joined_p(NAME, score), facts, predicted.controls)


def _behind(record: RoundRecord) -> tuple[str, ...]:
    buyer = buyer_entry(record)
    named = (*record.debtors, record.agency, buyer.party if buyer else "")
    return tuple(token for token in dict.fromkeys(named) if token)


def _defaults(token: str, record: RoundRecord, history: History) -> int:
    return sum(name != record.round_id for name in history.defaults.get(token, ()))


def _ledger_p(token: str, record: RoundRecord, history: History) -> float:
    """Give the chance of so many defaults among the token's other sales at the rate of all."""
    found = _defaults(token, record, history)
    if not found:
        return 1.0
    sales = max(history.sold.get(token, 0), found)
    rate = (history.defaults_all + 1) / (history.sold_all + 2)
    if sales > _COUNTED_EXACTLY:
        return 0.5 * erfc((found - 0.5 - sales * rate) / sqrt(2 * sales * rate * (1 - rate)))
    none_to_less = sum(comb(sales, k) * rate**k * (1 - rate) ** (sales - k) for k in range(found))
    return max(1.0 - none_to_less, 1e-9)
