"""Records: what a screen reads of a round that is over, or of a simulated or foreign one in the same shape. Pure.

1. Money is integer fen; instants are aware and in order of `BidMark.sequence`.
2. A *party* is a keyed token of a person (`auction.contracts.RosterEntry`), the same in every round; nobody's name is here.
3. A record holds everybody whose deposit was confirmed (*qualified* codes), not only who bid: silence is what rings trade in.
4. A running round has no record: before the close nobody joins codes to parties (security 2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

import msgspec

Fate = Literal["open", "paid", "defaulted", "set_aside"]
"""What became of the sale after the close; ``open``: nothing yet."""


class BidMark(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted bid of the tape."""

    sequence: int
    code: str
    amount_fen: int
    at: datetime
    is_match: bool = False
    """A holder of a first refusal took the price as it stood (网拍 21): equal prices of his mean nothing."""


class CodeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One qualified code of a round and what may be said of who stood behind it."""

    code: str
    party: str
    deposited_at: datetime | None = None
    has_agent: bool = False
    joint_group: str = ""
    """Declared joint bidders share one word; they are one bidder by law."""
    first_refusal_rank: int | None = None
    is_applicant: bool = False
    is_debtor: bool = False


class RoundRecord(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A round that is over: its terms, who was qualified, every bid, and how it ended.

    ``reference_fen`` is the reference price; ``debtors``, ``agency`` are keyed tokens as parties are; ``place`` and ``asset_class``
    with the quarter of ``closed_at`` are what controls are matched on. ``previous`` is the round before of the same lot.
    """

    round_id: str
    lot_id: str
    case_id: str
    kind: str
    asset_class: str
    place: str
    reserve_fen: int
    increment_fen: int
    deposit_fen: int
    reference_fen: int
    opens_at: datetime
    closes_at: datetime
    """The scheduled end, before any extension."""
    closed_at: datetime
    extension: timedelta
    """By how much a late bid moved the end."""
    codes: tuple[CodeRecord, ...]
    bids: tuple[BidMark, ...]
    buyer_code: str | None
    hammer_fen: int | None
    debtors: tuple[str, ...] = ()
    agency: str = ""
    previous: str | None = None
    fate: Fate = "open"

    @cached_property
    def qualified(self) -> int:
        """How many codes were qualified (K)."""
        return len(self.codes)

    @cached_property
    def active_codes(self) -> tuple[str, ...]:
        """The codes that bid, in the order of their first bid (A of them)."""
        return tuple(dict.fromkeys(bid.code for bid in self.bids))

    @cached_property
    def silent_codes(self) -> tuple[str, ...]:
        """The codes whose deposit stood and who never bid."""
        active = set(self.active_codes)
        return tuple(entry.code for entry in self.codes if entry.code not in active)

    @cached_property
    def party_of(self) -> dict[str, str]:
        """Give the party behind each code."""
        return {entry.code: entry.party for entry in self.codes}

    @cached_property
    def highest(self) -> dict[str, int]:
        """The highest bid of each active code, in fen: for losers, where they gave up."""
        best: dict[str, int] = {}
        for bid in self.bids:
            best[bid.code] = max(bid.amount_fen, best.get(bid.code, 0))
        return best

    @cached_property
    def bids_of(self) -> Counter[str]:
        """How many bids each code made."""
        return Counter(bid.code for bid in self.bids)

    @cached_property
    def late_bids(self) -> tuple[BidMark, ...]:
        """The bids after the scheduled end: each of them was in an extension."""
        return tuple(bid for bid in self.bids if bid.at >= self.closes_at)


def parties_of(records: Iterable[RoundRecord]) -> dict[str, set[str]]:
    """Give, for each party, the rounds for which it was qualified."""
    rounds: dict[str, set[str]] = {}
    for record in records:
        for entry in record.codes:
            rounds.setdefault(entry.party, set()).add(record.round_id)
    return rounds
