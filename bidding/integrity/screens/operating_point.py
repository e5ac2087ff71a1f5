"""The operating point: which findings a judge is told of, and in which order rounds are reviewed. Pure.

1. A finding is told alone when it is as rare as one round in a thousand (`TOLD_FROM`) and its screen is not weak.
2. A weak one (what was done in the room alone: a ladder, a storm, a price; a buyer's profile) is told only beside a finding of
   another screen on the same round, each of them at least as rare as one in a hundred (`BESIDE_FROM`).
3. So no round is flagged by one behavioural screen alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bidding.integrity.findings.findings import Finding

TOLD_FROM = 3.0
BESIDE_FROM = 2.0


def told(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings about one round of which its judge is told, the strongest first."""
    strong = sorted(
        (finding for finding in findings if finding.strength >= BESIDE_FROM),
        key=lambda finding: (-finding.strength, finding.screen),
    )
    is_beside = len({finding.screen for finding in strong}) > 1
    return tuple(finding for finding in strong if is_beside or (not finding.is_weak and finding.strength >= TOLD_FROM))


def review_score(findings: Iterable[Finding]) -> float:
    """Give the number by which rounds are put in the order of review: of each screen its strongest finding, added up.

    What one weak screen alone saw counts nothing.
    """
    best: dict[str, Finding] = {}
    for finding in findings:
        if finding.screen not in best or finding.strength > best[finding.screen].strength:
            best[finding.screen] = finding
    if len(best) == 1 and next(iter(best.values())).is_weak:
        return 0.0
    return sum(finding.strength for finding in best.values())
