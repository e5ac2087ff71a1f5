"""Live screens: what they may know of a running round (published terms, the tape, decided links), and how one runs. Pure.

1. Nothing here knows a person: terms are published, the tape shows codes and amounts; whether two codes are linked is asked of a
   port (`watch.ports`), which answers yes or no.
2. A live screen run over a finished record finds what it would have found live, as it stood when it was strongest, the latest of equals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeVar

import msgspec

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import BidMark, RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.measures import bidders_behind

StateT = TypeVar("StateT")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The published terms of a round; ``qualified`` is how many codes were admitted so far."""

    round_id: str
    kind: str
    asset_class: str
    place: str
    reserve_fen: int
    increment_fen: int
    deposit_fen: int
    reference_fen: int
    opens_at: datetime
    closes_at: datetime
    extension: timedelta
    qualified: int = 0


@dataclass(frozen=True, slots=True)
class LiveScreen(Generic[StateT]):
    """One live screen: how its running state begins, and what a bid does to it."""

    name: str
    begin: Callable[[Terms, Baselines], StateT]
    watch: Callable[[StateT, BidMark], Finding | None]

    def started(self, terms: Terms, baselines: Baselines) -> Callable[[BidMark], Finding | None]:
        """Begin a round and give what each of its bids is handed to."""
        return partial(self.watch, self.begin(terms, baselines))

    def run(self, terms: Terms, baselines: Baselines, bids: Iterable[BidMark]) -> list[Finding]:
        """Follow a whole tape and give each finding once, as it stood when it was strongest, the latest of equals."""
        watch = self.started(terms, baselines)
        strongest: dict[object, Finding] = {}
        for bid in bids:
            found = watch(bid)
            if found is not None and found.strength >= getattr(strongest.get(found.finding_id), "strength", 0.0):
                strongest[found.finding_id] = found
        return list(strongest.values())


def terms_of(record: RoundRecord) -> Terms:
    """Give the published terms of a round that is over."""
    return Terms(
        round_id=record.round_id,
        kind=record.kind,
        asset_class=record.asset_class,
        place=record.place,
        reserve_fen=record.reserve_fen,
        increment_fen=record.increment_fen,
        deposit_fen=record.deposit_fen,
        reference_fen=record.reference_fen,
        opens_at=record.opens_at,
        closes_at=record.closes_at,
        extension=record.extension,
        qualified=bidders_behind(record),
    )
