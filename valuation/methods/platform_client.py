"""A listed inquiry platform over signed HTTP: mandates out, reports in, by callback or by polling."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.errors import FaultOfOthers
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signing import canonical_json, check_document, fingerprint
from valuation.methods.platforms import Mandate, Report


class ReportUnusable(FaultOfOthers):
    """What the platform sent is not the signed report of this mandate."""


class _SignedReport(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _MandateShown(msgspec.Struct):
    state: str
    report: _SignedReport | None = None


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


class PlatformClient:
    """One listed platform; see `valuation.methods.platforms.Platform`."""

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
            "deadline_at": mandate.deadline_at,
        }
        await self._client.post("/v1/mandates", body, _Shown, business_at=business_at)

    async def fetch_report(self, inquiry_id: UUID, *, business_at: datetime) -> Report | None:
        """Poll for the report; ``None`` while there is none."""
        shown = await self._client.get(f"/v1/mandates/{inquiry_id}", _Shown, business_at=business_at)
        return None if shown.mandate.report is None else self._verified(shown.mandate.report)

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
        )
