"""Value overrun (价格异常偏高): the running price beyond what comparable rounds ever fetched. Pure; live.

The price is compared with final prices, so a running one is judged too mildly, never too harshly.

Source: collusion study 5.11 (a telephone started at 100 yuan under a deposit of 20 and driven to 270,550); 民诉法 114.
"""

from __future__ import annotations

from dataclasses import dataclass

from bidding.integrity.findings.findings import Finding, Subject
from bidding.integrity.records import BidMark
from bidding.integrity.screens.baselines import Baselines, Prediction
from bidding.integrity.screens.live import LiveScreen, Terms
from bidding.integrity.screens.making import make_finding

NAME = "value_overrun"


@dataclass(slots=True)
class Overrun:
    """What the price was predicted to be."""

    terms: Terms
    baselines: Baselines
    predicted: Prediction | None


def begin(terms: Terms, baselines: Baselines) -> Overrun:
    """Predict once: neither terms nor controls change while a round runs."""
    return Overrun(terms, baselines, baselines.predict(terms, terms.qualified))


def watch(state: Overrun, bid: BidMark) -> Finding | None:
    """Find a price beyond the interval that was predicted; one finding a round."""
    predicted, terms = state.predicted, state.terms
    if predicted is None or bid.amount_fen <= predicted.high_fen:
        return None
    p_value = state.baselines.price_p(predicted, bid.amount_fen, terms.reference_fen, "high")
    facts = {
        "price_fen": bid.amount_fen,
        "expected_fen": predicted.expected_fen,
        "high_fen": predicted.high_fen,
        "reference_fen": terms.reference_fen,
        "deposit_fen": terms.deposit_fen,
        "deposit_share": round(terms.deposit_fen / bid.amount_fen, 6),
    }
    return make_finding(NAME, Subject(rounds=(terms.round_id,)), p_value, facts, predicted.controls)


SCREEN = LiveScreen(NAME, begin, watch)
