"""A lot under load, as drivers know it."""

from __future__ import annotations

from typing import Final

import msgspec

from bidding.rules.session import BidderCode, SessionTerms

START_FEN: Final = 1_000_000_00
STEP_FEN: Final = 1_000_00


class Lot(msgspec.Struct, kw_only=True):
    """One lot under load, with its bidders; `next_bid` walks up the ladder."""

    terms: SessionTerms
    codes: tuple[BidderCode, ...]
    steps: int = 0
    """Bids that were drawn so far: the next one offers so many increments above the start price."""

    def next_bid(self) -> tuple[BidderCode, int]:
        """Give whose turn it is, and the next amount on the ladder; nobody follows himself."""
        drawn = self.steps
        self.steps += 1
        return self.codes[drawn % len(self.codes)], self.terms.start_price_fen + drawn * self.terms.increment_fen
