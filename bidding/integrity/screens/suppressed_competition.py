"""Suppressed competition (串通压价): deposits paid against bidders that bid, together with the price against the predicted one. Pure.

1. Silence alone or a low price alone is nothing: both are joined, and the joined number is ranked among honest rounds' own.
2. One bidder at the reserve is a lawful sale (网拍 11): this never says that a sale was wrong.

Source: collusion study 5.4; 网拍 31(3).
"""

from __future__ import annotations

from bidding.integrity.findings.findings import Finding, Subject
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines, surprise
from bidding.integrity.screens.making import make_finding
from bidding.integrity.screens.measures import bidders_active, bidders_behind

NAME = "suppressed_competition"
MIN_QUALIFIED = 2


def joined(record: RoundRecord, baselines: Baselines) -> float | None:
    """Add up how unusual the silence and the price are; `None` where there was nobody to compete or no price to compare."""
    qualified = bidders_behind(record)
    predicted = baselines.predict(record, qualified)
    if record.hammer_fen is None or predicted is None or qualified < MIN_QUALIFIED:
        return None
    price_p = baselines.price_p(predicted, record.hammer_fen, record.reference_fen, "low")
    return surprise(baselines.silence_p(record, bidders_active(record), qualified)) + surprise(price_p)


def screen(record: RoundRecord, baselines: Baselines) -> Finding | None:
    """Find a round in which deposits stayed silent and the price is low, jointly beyond what honest rounds show."""
    score = joined(record, baselines)
    qualified, active = bidders_behind(record), bidders_active(record)
    predicted = baselines.predict(record, qualified)
    if score is None or predicted is None or record.hammer_fen is None or active >= qualified:
        return None
    if record.hammer_fen >= predicted.expected_fen:
        return None
    facts = {
        "qualified": qualified,
        "active": active,
        "silent": qualified - active,
        "at_rest_fen": record.deposit_fen * len(record.silent_codes),
        "hammer_fen": record.hammer_fen,
        "expected_fen": predicted.expected_fen,
        "low_fen": predicted.low_fen,
        "high_fen": predicted.high_fen,
        "below_share": round(1 - record.hammer_fen / predicted.expected_fen, 4),
        "silence_p": baselines.silence_p(record, active, qualified),
    }
    subject = Subject(rounds=(record.round_id,), codes=record.silent_codes, debtors=record.debtors)
    controls = baselines.silence_controls(record, qualified)
    return make_finding(NAME, subject, baselines.joined_p(NAME, score), facts, controls)
