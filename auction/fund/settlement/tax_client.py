"""The tax office over signed HTTP; see `auction.fund.settlement.tax_office.TaxOffice`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from auction.fund.gateway import ProviderRefused
from auction.fund.settlement.tax_office import Assessment, AssessmentAsked, TaxHead
from auction.kernel.signed_calls import PartnerRefused, SignedClient
from auction.kernel.signing import check_document


class _Signed(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _Assessment(msgspec.Struct):
    state: Literal["pending", "done", "refused"]
    signed: _Signed | None = None


class _Shown(msgspec.Struct):
    assessment: _Assessment


class TaxClient:
    """A tax office."""

    def __init__(self, client: SignedClient) -> None:
        """Bind."""
        self._client = client
        self._public_key = bytes.fromhex(client.partner.public_key)

    async def assess(self, asked: AssessmentAsked) -> Assessment:
        """Ask for an assessment; the same key gives the same one as it stands now, its signature checked."""
        try:
            found = (await self._client.post("/v1/assessments", asked, _Shown)).assessment
        except PartnerRefused as refused:
            raise ProviderRefused(refused.code, refused.message) from refused
        if found.signed is None:
            return Assessment(state=found.state)
        signed = found.signed
        check_document(signed.document, sha256=signed.sha256, signature=signed.signature, public_key=self._public_key)
        heads = msgspec.convert(signed.document["heads"], list[_Head])
        return Assessment(
            state=found.state,
            heads=tuple(TaxHead(head=h.head, name=h.name, amount_fen=h.amount_fen) for h in heads),
            document_sha256=signed.sha256,
        )


class _Head(msgspec.Struct):
    head: str
    name: str
    amount_fen: int
