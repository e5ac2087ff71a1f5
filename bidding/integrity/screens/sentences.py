"""Sentences: what a finding saw, in words, from its catalogue entry and its facts. Pure.

A fact whose name ends in ``_fen`` is shown as money, in ``_share`` as a part of a hundred, in ``_p`` as a probability; ``True`` and
``False`` as yes and no. A fact that is not known is shown as a dash.
"""

from __future__ import annotations

from auction.kernel.money import Money
from auction.kernel.sentences import Locale
from bidding.integrity.findings.findings import Finding, Value
from bidding.integrity.screens.catalogue import catalogue

_YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}


def seen(finding: Finding, locale: Locale) -> str:
    """Say what this finding saw."""
    facts = {name: fact_in_words(name, value, locale) for name, value in finding.facts.items()}
    return catalogue()[finding.screen].sees[locale].format_map(facts)


def fact_in_words(name: str, value: Value, locale: Locale) -> str:
    """Show one fact as people read it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _YES_NO[locale][value]
    if name.endswith("_fen"):
        return str(Money(int(value)))
    if name.endswith("_share"):
        return f"{float(value):.1%}"
    return f"{float(value):.2g}" if isinstance(value, float) else str(value)
