"""Screens run again on the records of a pack: the finding must come out under the same id, as strong, with the same facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord

Rerun: TypeAlias = Callable[[Sequence[RoundRecord], bytes], Iterable[Finding]]
"""Runs one screen over records with the controls (JSON; empty: none) and gives all that it finds."""
Reruns: TypeAlias = Mapping[str, Rerun]
"""By the screen's name."""
STRENGTH_WITHIN: Final = 1e-6
"""Strengths are decimal logarithms of floats: another machine may differ in the last digits, and in nothing else."""


def comes_again(finding: Finding, records: Sequence[RoundRecord], controls: bytes, reruns: Reruns) -> str:
    """Run a finding's screen again and say in a word why it does not come out the same; empty: it does."""
    rerun = reruns.get(finding.screen)
    if rerun is None:
        return "no_such_screen"
    same = [found for found in rerun(records, controls) if found.finding_id == finding.finding_id]
    if not same:
        return "not_found_again"
    if any(_is_same(found, finding) for found in same):
        return ""
    return "other_numbers"


def _is_same(found: Finding, finding: Finding) -> bool:
    return (
        abs(found.strength - finding.strength) <= STRENGTH_WITHIN
        and found.sign == finding.sign
        and dict(found.facts) == dict(finding.facts)
    )
