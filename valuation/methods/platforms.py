"""The port to an inquiry platform (网络询价平台): what a client must do, and what may go wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import msgspec


class AssetFeatures(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform is told of the asset; no person, no case party (参考价 10)."""

    asset_class: str
    city: str
    district: str
    address: str
    area_cm2: int
    """Floor area in square centimetres, so that 89.76 m² stays exact."""
    built_year: int
    floor: int
    floors: int
    orientation: str
    decoration: str


class Mandate(msgspec.Struct, frozen=True, kw_only=True):
    """One mandate (委托) to one platform; the same inquiry has one deadline for all."""

    inquiry_id: UUID
    features: AssetFeatures
    purpose: str
    deadline_at: datetime
    reissue_of: UUID | None = None
    """The inquiry whose reports lapsed, for a re-issue (参考价 11(4))."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, verified: signature and fingerprint were checked by the client."""

    inquiry_id: UUID
    platform_id: str
    value_fen: int
    valid_until: date
    price_kinds: tuple[str, ...]
    content: bytes
    """The signed document as it came, canonical JSON."""
    sha256: str
    features_sha256: str
    """Fingerprint of the features that the platform valued; another asset's report is refused."""
    version: int = 1
    """Above one: it takes the place of a report that was sent back."""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """How a mandate stands at the platform: its newest report, its refusal, or that it asks for more time."""

    report: Report | None = None
    refused_because: str | None = None
    asks_for_more: bool = False


class Platform(Protocol):
    """One listed platform. All calls may raise ``OutcomeUnknown`` or ``Unavailable`` and may be repeated."""

    platform_id: str
    name: str

    async def ask(self, mandate: Mandate, *, business_at: datetime) -> None:
        """Send the mandate; the platform takes a repeated inquiry id as the same mandate."""
        ...

    async def fetch_news(self, inquiry_id: UUID, *, business_at: datetime) -> News:
        """Poll for the report, a refusal, or a wish for more time."""
        ...

    async def demand_correction(self, inquiry_id: UUID, *, key: str, business_at: datetime) -> None:
        """Send the report back; repeated under the same key it is the same demand (参考价 12)."""
        ...

    async def withdraw(self, inquiry_id: UUID, *, business_at: datetime) -> None:
        """Withdraw the mandate; repeated it stays withdrawn (参考价 29)."""
        ...
