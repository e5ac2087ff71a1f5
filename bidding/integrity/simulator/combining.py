"""Combining: one number for a lot from all findings on its rounds, by which an evaluation puts lots in order. Pure; no label is used.

1. Strengths are minus logarithms of probabilities against matched controls, so they can be compared between screens and, where they rest
   on different evidence, added.
2. Screens of one round read the same tape and the same price: of those the strongest counts. Screens across lots rest on other rounds:
   the strongest of them is added.
3. Frauds of opposite sign are not added up: the best sign counts; a finding that could be of either goes with each.
4. A weak screen adds nothing: it is told beside others, and moves no lot forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from bidding.integrity.findings.findings import Finding
from bidding.integrity.screens.catalogue import Sign

SIGNS: Final = tuple(sign for sign in get_args(Sign) if sign != "either")


def combined(findings: Sequence[Finding]) -> float:
    """Give the strength of all findings about one lot."""
    return max((_of_sign([one for one in findings if one.sign in {sign, "either"}]) for sign in SIGNS), default=0.0)


def _of_sign(findings: Sequence[Finding]) -> float:
    across = [one.strength for one in findings if one.moment == "nightly" and not one.is_weak]
    single = [one.strength for one in findings if one.moment != "nightly" and not one.is_weak]
    return max(across, default=0.0) + max(single, default=0.0)
