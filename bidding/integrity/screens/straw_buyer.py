"""Straw buyer (职业背债人): a price above value, paid by somebody never seen before who came at the last hour, perhaps by an agent. Pure.

A weak screen: newcomers who decide late are ordinary buyers. It is told only beside another finding, and only to the court.

Source: collusion study 5.11.
"""

from __future__ import annotations

from bidding.integrity.findings.findings import Finding, Subject, Value
from bidding.integrity.records import CodeRecord, RoundRecord
from bidding.integrity.screens.baselines import Baselines, surprise
from bidding.integrity.screens.making import make_finding
from bidding.integrity.screens.measures import bidders_behind, buyer_entry, deposit_lead

NAME = "straw_buyer"


def joined(record: RoundRecord, baselines: Baselines) -> float | None:
    """Add up how unusual price and lateness are for a newcomer; `None` for a known buyer or where either cannot be told."""
    buyer = buyer_entry(record)
    predicted = baselines.predict(record, bidders_behind(record))
    if record.hammer_fen is None or predicted is None or buyer is None or not _is_new(buyer, record, baselines):
        return None
    lead = deposit_lead(buyer, record)
    if lead is None:
        return None
    price_p = baselines.price_p(predicted, record.hammer_fen, record.reference_fen, "high")
    return surprise(price_p) + surprise(baselines.measure_p("deposit_lead", record, lead, "low")[0])


def screen(record: RoundRecord, baselines: Baselines) -> Finding | None:
    """Find a buyer whose profile is that of one who lends his name."""
    score = joined(record, baselines)
    buyer = buyer_entry(record)
    predicted = baselines.predict(record, bidders_behind(record))
    if score is None or buyer is None or predicted is None or record.hammer_fen is None or buyer.deposited_at is None:
        return None
    if record.hammer_fen <= predicted.expected_fen:
        return None
    facts: dict[str, Value] = {
        "code": buyer.code,
        "hammer_fen": record.hammer_fen,
        "expected_fen": predicted.expected_fen,
        "high_fen": predicted.high_fen,
        "hours": int((record.closes_at - buyer.deposited_at).total_seconds() // 3600),
        "has_agent": buyer.has_agent,
    }
    subject = Subject(rounds=(record.round_id,), codes=(buyer.code,), debtors=record.debtors)
    return make_finding(NAME, subject, baselines.joined_p(NAME, score), facts, predicted.controls)


def _is_new(buyer: CodeRecord, record: RoundRecord, baselines: Baselines) -> bool:
    return all(name == record.round_id for name in baselines.history.seen.get(buyer.party, ()))
