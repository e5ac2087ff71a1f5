"""Solo ladder (独自抬价): one code raises far with nobody against it, in one jump or many steps. Pure; live.

1. The least step is never a finding, however often it is made in turns (collusion study §0.5).
2. Where a room refuses a raise of one's own lead, what is left to see is the jump.

Source: collusion study 5.11 (a lone account that raised itself by 530,000 yuan); 网拍 28, 民诉法 114.
"""

from __future__ import annotations

from dataclasses import dataclass

from bidding.integrity.findings.findings import Finding, Subject, Value
from bidding.integrity.records import BidMark
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.live import LiveScreen, Terms
from bidding.integrity.screens.making import make_finding
from bidding.integrity.screens.measures import SoloRun, nobody_yet

NAME = "solo_ladder"
MIN_STEPS = 3
"""A run that raised by fewer increments than these is an ordinary bid."""


@dataclass(slots=True)
class Ladder:
    """The run of the code that bid last."""

    terms: Terms
    baselines: Baselines
    run: SoloRun


def begin(terms: Terms, baselines: Baselines) -> Ladder:
    """Begin at the reserve: the price before the first bid."""
    return Ladder(terms, baselines, nobody_yet(terms.reserve_fen))


def watch(state: Ladder, bid: BidMark) -> Finding | None:
    """Find a run that raised the price as no run in comparable rounds did; one finding for each code."""
    if bid.is_match:
        return None
    state.run = run = state.run.after(bid)
    terms = state.terms
    if run.gain_fen < MIN_STEPS * terms.increment_fen or run.gain <= 0:
        return None
    p_value, controls = state.baselines.measure_p("solo_gain", terms, run.gain, "high")
    facts: dict[str, Value] = {
        "code": run.code,
        "raises": run.bids,
        "gain_fen": run.gain_fen,
        "from_fen": run.from_fen,
        "to_fen": run.to_fen,
    }
    return make_finding(NAME, Subject(rounds=(terms.round_id,), codes=(run.code,)), p_value, facts, controls)


SCREEN = LiveScreen(NAME, begin, watch)
