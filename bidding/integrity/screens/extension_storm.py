"""Extension storm (延时风暴): far more extensions than comparable rounds had, each raising the price by little. Pure; live.

Source: collusion study 5.11 (some 31,674 extensions on one lot: start and increment were minute); 网拍 20.
"""

from __future__ import annotations

from dataclasses import dataclass

from bidding.integrity.findings.findings import Finding, Subject
from bidding.integrity.records import BidMark
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.live import LiveScreen, Terms
from bidding.integrity.screens.making import make_finding
from bidding.integrity.screens.measures import storm

NAME = "extension_storm"
MIN_EXTENSIONS = 20
"""Fewer are ordinary in every room."""


@dataclass(slots=True)
class Storm:
    """How many bids came after the scheduled end, and where the price stood then."""

    terms: Terms
    baselines: Baselines
    at_end_fen: int
    late: int = 0


def begin(terms: Terms, baselines: Baselines) -> Storm:
    """Begin with no extension."""
    return Storm(terms, baselines, terms.reserve_fen)


def watch(state: Storm, bid: BidMark) -> Finding | None:
    """Find a number of extensions that comparable rounds hardly reach; one finding a round."""
    terms = state.terms
    if bid.at < terms.closes_at:
        state.at_end_fen = bid.amount_fen
        return None
    state.late += 1
    if state.late < MIN_EXTENSIONS:
        return None
    p_value, controls = state.baselines.measure_p("storm", terms, storm(state.late), "high")
    gain_fen = bid.amount_fen - state.at_end_fen
    facts = {
        "extensions": state.late,
        "gain_fen": gain_fen,
        "each_fen": gain_fen // state.late,
        "minutes": int((bid.at - terms.closes_at).total_seconds() // 60),
        "price_fen": bid.amount_fen,
    }
    return make_finding(NAME, Subject(rounds=(terms.round_id,)), p_value, facts, controls)


SCREEN = LiveScreen(NAME, begin, watch)
