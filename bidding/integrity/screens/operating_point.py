"""The operating point: which findings a judge is told of, and in which order rounds are reviewed. Pure.

1. A finding is told alone when it is as rare as one round in a thousand (`TOLD_FROM`) and its screen is not weak.
2. A weak one (what was done in the room alone: a ladder, a storm, a price; a buyer's profile) is told only beside a finding of
   another screen on the same round, each of them at least as rare as one in a hundred (`BESIDE_FROM`).
3. The probability of a finding across lots is corrected for the whole market already, where those above are one round's: unless its
   screen is weak, it is kept, and told alone, from `CORRECTED_FROM` on.
4. So no round is flagged by one behavioural screen alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bidding.integrity.findings.findings import Finding

CORRECTED_FROM = 1.0
"""From here on one in ten of the findings across lots is false (rule 3)."""
TOLD_FROM = 3.0
BESIDE_FROM = 2.0
COUNTED_FROM = 1.0
"""Every tenth round is as unusual in some respect: it adds nothing to the order of review."""
FAMILIES: Mapping[str, str] = {
    "value_overrun": "price",
    "straw_buyer": "price",
    "default_risk": "default",
    "default_ledger": "default",
    "suppressed_competition": "silence",
    "waiting_for_second_round": "silence",
    "last_two_linked": "link",
    "linked_codes": "link",
}
"""Screens that look at the same thing; one that is not named is a family of its own."""


def told(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings about one round of which its judge is told, the strongest first."""
    kept = sorted(
        (finding for finding in findings if is_kept(finding)), key=lambda finding: (-finding.strength, finding.screen)
    )
    is_beside = len({finding.screen for finding in kept}) > 1
    return tuple(finding for finding in kept if is_beside or _is_told_alone(finding))


def is_kept(finding: Finding) -> bool:
    """Tell whether a finding is kept at all: told beside others at least (rules 2 and 3)."""
    return finding.strength >= (CORRECTED_FROM if _is_corrected(finding) else BESIDE_FROM)


def _is_told_alone(finding: Finding) -> bool:
    return not finding.is_weak and (_is_corrected(finding) or finding.strength >= TOLD_FROM)


def _is_corrected(finding: Finding) -> bool:
    return finding.moment == "nightly" and not finding.is_weak


def review_score(findings: Iterable[Finding]) -> float:
    """Give the number by which rounds are put in the order of review: what each family of screens saw beyond `COUNTED_FROM`, added up.

    Screens of one family look at the same thing and count once. What weak screens of one family alone saw counts nothing.
    """
    best: dict[str, float] = {}
    is_weak = True
    for finding in findings:
        family = FAMILIES.get(finding.screen, finding.screen)
        best[family] = max(best.get(family, 0.0), finding.strength - COUNTED_FROM)
        is_weak = is_weak and finding.is_weak
    return 0.0 if is_weak and len(best) < 2 else sum(score for score in best.values() if score > 0)
