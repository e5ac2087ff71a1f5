"""Truth: which lots were rigged, by whom and how. Screens never read it; only the evaluation counts by it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bidding.integrity.simulator.parameters import RingKind


class RingLot(msgspec.Struct, frozen=True, kw_only=True):
    """One rigged lot: what the ring set out to do there (a member may have broken the agreement)."""

    lot_id: str
    kind: RingKind
    ring: str
    size: int
    discipline: float
    effect: float
    """Intended effect on the price, as a share of what honest competition would have given."""
    turn: int
    """The how manieth lot of the ring it is, from zero."""
    members: tuple[str, ...]
    has_decided_link: bool = False


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """All rigged lots by their id, and the links between parties that the court has decided (true ones and honest ones)."""

    lots: Mapping[str, RingLot]
    decided_links: frozenset[frozenset[str]]
