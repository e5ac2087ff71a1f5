"""A court's seal service over signed HTTP; see `auction.sale.cases.seal.Seal`."""

from __future__ import annotations

from typing import Literal

import msgspec

from auction.fund.gateway import ProviderRefused
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
from auction.sale.cases.seal import NOT_AGREED_FORM, SealAnswer, SealAsked, SealMarkWrong, SignedMark, check_mark

ASKED_FIELDS = ("key", "document_id", "case_number", "court", "kind", "title", "body_sha256")
"""What the service is told of a paper: never its text."""


class _Sealing(msgspec.Struct):
    key: str
    state: Literal["pending", "sealed", "refused"]
    reason: str = ""
    signed: SignedMark | None = None


class _Shown(msgspec.Struct):
    seal: _Sealing


class SealClient:
    """A seal service."""

    def __init__(self, client: SignedClient) -> None:
        """Bind."""
        self._client = client

    async def ask(self, asked: SealAsked) -> SealAnswer:
        """Ask for the seal; the same key gives the same sealing as it stands now, its mark verified (`SealMarkWrong`).

        *Sealed* without a mark, an answer under another key and one of another form are `SealMarkWrong` too.
        """
        body: dict[str, object] = {name: getattr(asked, name) for name in ASKED_FIELDS}
        try:
            found = (await self._client.post("/v1/seals", body, _Shown, business_at=asked.asked_at)).seal
        except PartnerRefused as refused:
            raise ProviderRefused(refused.code, refused.message) from refused
        except PartnerAnswerMalformed as fault:
            raise SealMarkWrong(why=NOT_AGREED_FORM) from fault
        if found.key != asked.key or (found.state == "sealed" and found.signed is None):
            raise SealMarkWrong(why=NOT_AGREED_FORM)
        if found.state != "sealed" or found.signed is None:
            return SealAnswer(state=found.state, reason=found.reason)
        mark = check_mark(asked, found.signed, public_key=self._client.partner.public_key)
        return SealAnswer(state="sealed", mark=mark)
