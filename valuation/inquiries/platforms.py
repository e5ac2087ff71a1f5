"""The port to an inquiry platform (网络询价平台): what a client must do, and what may go wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.errors import Malformed
from auction.kernel.sentences import Said

PURPOSE = "确定财产处置参考价"
"""For what a platform is asked (目的要求)."""


class MandateIncomplete(Malformed):
    """The mandate does not say what is to be valued, how much of it, or what for."""

    code = "inquiry_mandate_incomplete"
    article = "参考价 10"
    zh = "网络询价委托书内容不完整：{missing}。"
    en = "The mandate to the platforms is incomplete: {missing}."


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
    quantity: int = 1
    """How many things of these features are valued together."""
    reissue_of: UUID | None = None
    """The inquiry whose reports lapsed, for a re-issue (参考价 11(4))."""


def check_mandate(mandate: Mandate) -> None:
    """Refuse a mandate without name, features, quantity or purpose; its deadline it always has. Source: 参考价 10."""
    features = mandate.features
    if not features.asset_class.strip():
        raise MandateIncomplete(missing=Said("财产名称", "the name of the thing"))
    if not features.address.strip():
        raise MandateIncomplete(missing=Said("物理特征", "its features"))
    if mandate.quantity < 1:
        raise MandateIncomplete(missing=Said("规格数量", "its quantity"))
    if not mandate.purpose.strip():
        raise MandateIncomplete(missing=Said("目的要求", "the purpose"))


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
    missing: tuple[str, ...] = ()
    """What the law wants in a report and this one lacks (`online_inquiry.missing_parts`)."""
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
