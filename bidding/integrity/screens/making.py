"""Making: put a finding of a screen together with what its catalogue entry says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bidding.integrity.findings.findings import Controls, Finding, Subject, Value
from bidding.integrity.screens.baselines import surprise
from bidding.integrity.screens.catalogue import catalogue

FOUND_FROM = 1.0
"""What is as common as one round in ten, or more, is nothing that a screen saw."""


def make_finding(
    screen: str, subject: Subject, p_value: float, facts: Mapping[str, Value], controls: Controls
) -> Finding | None:
    """Make the finding of a screen at this probability under honest trade; `None` when it is nothing unusual."""
    strength = surprise(p_value)
    if strength < FOUND_FROM:
        return None
    published = catalogue()[screen]
    return Finding(
        screen=screen,
        version=published.version,
        moment=published.moment,
        subject=subject,
        strength=round(strength, 3),
        sign=published.sign,
        facts=facts,
        controls=msgspec.structs.replace(controls, p_value=p_value),
        is_weak=published.is_weak,
    )
