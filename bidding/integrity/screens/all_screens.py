"""All screens of one round by their moment: at the close, and live (also over a round that is over). Pure.

A screen stands in one of these lists, or in that of `all_cross_lot`, and has a file in ``catalogue/``; nothing else runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import (
    default_risk,
    extension_storm,
    last_two_linked,
    linked_codes,
    solo_ladder,
    straw_buyer,
    suppressed_competition,
    value_overrun,
    waiting_for_second_round,
)
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.live import terms_of

CloseScreen: TypeAlias = Callable[[RoundRecord, Baselines], Finding | None]

CLOSE: Mapping[str, CloseScreen] = {
    suppressed_competition.NAME: suppressed_competition.screen,
    waiting_for_second_round.NAME: waiting_for_second_round.screen,
    straw_buyer.NAME: straw_buyer.screen,
    default_risk.NAME: default_risk.screen,
    linked_codes.NAME: linked_codes.screen,
}
LIVE = (value_overrun.SCREEN, solo_ladder.SCREEN, extension_storm.SCREEN)
"""The live screens that need only the tape; `last_two_linked` asks a port beside (`watch.ports`)."""


def at_close(record: RoundRecord, baselines: Baselines) -> list[Finding]:
    """Run every close screen over a round that is over."""
    found = (screen(record, baselines) for screen in CLOSE.values())
    return [finding for finding in found if finding is not None]


def live_over(record: RoundRecord, baselines: Baselines) -> list[Finding]:
    """Run every live screen over a round that is over, each finding as it stood when it was strongest."""
    terms = terms_of(record)
    found = [finding for screen in LIVE for finding in screen.run(terms, baselines, record.bids)]
    linked = last_two_linked.over_record(record, baselines, terms)
    return found if linked is None else [*found, linked]


def of_one_round(record: RoundRecord, baselines: Baselines) -> list[Finding]:
    """Run every screen that needs one round alone: the live ones and those of the close."""
    return [*live_over(record, baselines), *at_close(record, baselines)]
