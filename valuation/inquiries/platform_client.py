"""A listed inquiry platform over signed HTTP: mandates out, reports in, by callback or by polling."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from auction.kernel.errors import FaultOfOthers
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signing import canonical_json, check_document, fingerprint
from valuation.inquiries.online_inquiry import missing_parts
from valuation.inquiries.platforms import Mandate, News, Report

VERSIONS_LIMIT = 1000
REASON_LIMIT = 500
"""Characters kept of the reason that a platform gives."""
REFUSED = "refused"


class ReportUnusable(FaultOfOthers):
    """What the platform sent is not the signed report of this mandate."""


class _SignedReport(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _MandateShown(msgspec.Struct):
    state: str
    report: _SignedReport | None = None
    reason: str = ""
    extension_asked: bool = False


class _Shown(msgspec.Struct):
    mandate: _MandateShown


class _Content(msgspec.Struct):
    """What we read of a report's document; the rest is kept as it came."""

    platform_id: str
    request_id: UUID
    features: dict[str, Any]
    price_kinds: tuple[str, ...]
    value_fen: int
    valid_until: date
    version: Annotated[int, msgspec.Meta(ge=1, le=VERSIONS_LIMIT)] = 1


class _Told(msgspec.Struct):
    """What a callback without a report says."""

    request_id: UUID
    reason: str = ""


class PlatformClient:
    """One listed platform; see `valuation.inquiries.platforms.Platform`."""

    def __init__(self, platform_id: str, partner: Partner, client: SignedClient) -> None:
        """Bind one platform to its client."""
        self.platform_id = platform_id
        self.name = partner.title or platform_id
        self._client = client
        self._public_key = bytes.fromhex(partner.public_key)

    async def ask(self, mandate: Mandate, *, business_at: datetime) -> None:
        """Send the mandate; repeated under the same inquiry id it is the same mandate (参考价 10)."""
        body: dict[str, object] = {
            "request_id": str(mandate.inquiry_id),
            "features": msgspec.to_builtins(mandate.features),
            "purpose": mandate.purpose,
            "quantity": mandate.quantity,
            "deadline_at": mandate.deadline_at,
        }
        if mandate.reissue_of is not None:
            body["reissue_of"] = str(mandate.reissue_of)
        await self._client.post("/v1/mandates", body, _Shown, business_at=business_at)

    async def fetch_news(self, inquiry_id: UUID, *, business_at: datetime) -> News:
        """Poll for the report, a refusal, or a wish for more time; raises `ReportUnusable` for another inquiry's report."""
        shown = await self._client.get(f"/v1/mandates/{inquiry_id}", _Shown, business_at=business_at)
        mandate = shown.mandate
        report = None if mandate.report is None else self._verified(mandate.report)
        if report is not None and report.inquiry_id != inquiry_id:
            raise ReportUnusable(f"report of inquiry {report.inquiry_id}")
        return News(
            report=report,
            refused_because=mandate.reason[:REASON_LIMIT] if mandate.state == REFUSED else None,
            asks_for_more=mandate.extension_asked,
        )

    async def fetch_report(self, inquiry_id: UUID, *, business_at: datetime) -> Report | None:
        """Poll for the report alone; ``None`` while there is none."""
        return (await self.fetch_news(inquiry_id, business_at=business_at)).report

    async def demand_correction(self, inquiry_id: UUID, *, key: str, business_at: datetime) -> None:
        """Send the report back; repeated under the same key it is the same demand (参考价 12)."""
        body: dict[str, object] = {"key": key, "reason": "correction"}
        await self._client.post(f"/v1/mandates/{inquiry_id}/reissue", body, _Shown, business_at=business_at)

    async def withdraw(self, inquiry_id: UUID, *, business_at: datetime) -> None:
        """Withdraw the mandate; repeated it stays withdrawn (参考价 29)."""
        await self._client.post(f"/v1/mandates/{inquiry_id}/withdraw", {}, _Shown, business_at=business_at)

    def read_told(self, content: object) -> tuple[UUID, str]:
        """Read which mandate a verified callback is about, and the reason it gives; raises `ReportUnusable`."""
        try:
            told = msgspec.convert(content, _Told)
        except msgspec.ValidationError as fault:
            raise ReportUnusable(str(fault)) from fault
        return told.request_id, told.reason[:REASON_LIMIT]

    def read_callback(self, report: object) -> Report:
        """Read the report that a verified callback carried; raises `ReportUnusable`."""
        try:
            return self._verified(msgspec.convert(report, _SignedReport))
        except msgspec.ValidationError as fault:
            raise ReportUnusable(str(fault)) from fault

    def _verified(self, signed: _SignedReport) -> Report:
        """Check fingerprint and signature, then read; raises `DocumentSignatureWrong` or `ReportUnusable`."""
        check_document(signed.document, sha256=signed.sha256, signature=signed.signature, public_key=self._public_key)
        try:
            content = msgspec.convert(signed.document, _Content)
        except msgspec.ValidationError as fault:
            raise ReportUnusable(str(fault)) from fault
        if content.platform_id != self.platform_id:
            raise ReportUnusable(f"report of {content.platform_id}")
        return Report(
            inquiry_id=content.request_id,
            platform_id=content.platform_id,
            value_fen=content.value_fen,
            valid_until=content.valid_until,
            price_kinds=content.price_kinds,
            content=canonical_json(signed.document),
            sha256=signed.sha256,
            features_sha256=fingerprint(content.features),
            missing=missing_parts(signed.document),
            version=content.version,
        )
