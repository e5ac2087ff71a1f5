"""The tax office over signed HTTP; see `auction.fund.claims.tax_office.TaxOffice`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from auction.fund.claims.tax_office import Assessment, AssessmentAsked, TaxHead
from auction.fund.gateway import ProviderRefused
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
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
        """Ask for an assessment; the same key gives the same one as it stands now, its signature checked.

        A document on another sale, or whose heads do not sum up, is `PartnerAnswerMalformed`.
        """
        try:
            found = (await self._client.post("/v1/assessments", asked, _Shown)).assessment
        except PartnerRefused as refused:
            raise ProviderRefused(refused.code, refused.message) from refused
        if found.state != "done":
            return Assessment(state=found.state)
        if found.signed is None:
            raise PartnerAnswerMalformed("an assessment that is done without its document")
        signed = found.signed
        check_document(signed.document, sha256=signed.sha256, signature=signed.signature, public_key=self._public_key)
        return Assessment(state=found.state, heads=_heads_of(asked, signed.document), document_sha256=signed.sha256)


class _Head(msgspec.Struct):
    head: str
    name: str
    amount_fen: Annotated[int, msgspec.Meta(ge=0)]


class _Content(msgspec.Struct):
    """What we read of an assessment's document; the rest is kept as it came."""

    sale_ref: str
    price_fen: int
    heads: Annotated[list[_Head], msgspec.Meta(min_length=1)]
    total_fen: int


def _heads_of(asked: AssessmentAsked, document: dict[str, Any]) -> tuple[TaxHead, ...]:
    """Read the heads; a document on another sale, or whose heads do not sum up, is `PartnerAnswerMalformed`."""
    try:
        content = msgspec.convert(document, _Content)
    except msgspec.ValidationError as fault:
        raise PartnerAnswerMalformed(f"assessment: {fault}") from fault
    if (content.sale_ref, content.price_fen) != (asked.sale_ref, asked.price_fen):
        raise PartnerAnswerMalformed("the assessment is on another sale")
    if content.total_fen != sum(head.amount_fen for head in content.heads):
        raise PartnerAnswerMalformed("the assessment does not sum up")
    return tuple(TaxHead(head=h.head, name=h.name, amount_fen=h.amount_fen) for h in content.heads)
