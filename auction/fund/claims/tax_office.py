"""The tax office as a port: it assesses the seller-side taxes of one sale."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec


class AssessmentAsked(msgspec.Struct, frozen=True, kw_only=True):
    """One sale to be assessed."""

    key: str
    sale_ref: str
    asset_class: str
    price_fen: int
    seller_kind: Literal["individual", "organisation"]
    held_years: int
    sole_home: bool
    cost_fen: int


class TaxHead(msgspec.Struct, frozen=True, kw_only=True):
    """One head of an assessment."""

    head: str
    name: str
    amount_fen: int


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """The office's answer; ``heads`` and fingerprint are there once it is ``done``."""

    state: Literal["pending", "done", "refused"]
    heads: tuple[TaxHead, ...] = ()
    document_sha256: str = ""


class TaxOffice(Protocol):
    """A tax office. Each call raises `OutcomeUnknown`, `Unavailable`, `ProviderRefused`."""

    async def assess(self, asked: AssessmentAsked) -> Assessment:
        """Ask for an assessment; the same key gives the same one as it stands now, its signature checked."""
