"""A scanner over signed HTTP; see `auction.sale.pictures.scanner.Scanner`."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Refusal
from auction.kernel.signed_calls import PartnerAnswerMalformed, SignedClient
from auction.kernel.signing import check_document
from auction.sale.pictures.scanner import Scanned

ENGINE_MOST = 200


class _Signed(msgspec.Struct):
    document: dict[str, Any]
    sha256: str
    signature: str


class _Said(msgspec.Struct):
    picture_id: UUID
    content_sha256: str
    verdict: Literal["clean", "infected"]
    engine: str


class ScannerClient:
    """A scanner."""

    def __init__(self, client: SignedClient) -> None:
        """Bind."""
        self._client = client

    async def scan(self, picture_id: UUID, content: bytes, *, business_at: datetime) -> Scanned:
        """Send the file; an answer counts if it is signed and about this very file (`PartnerAnswerMalformed`)."""
        del business_at
        path = f"/v1/scans/{picture_id}"
        answer = await self._client.post_file(path, content, media_type="application/octet-stream")
        try:
            signed = msgspec.json.decode(answer, type=_Signed)
            key = bytes.fromhex(self._client.partner.public_key)
            check_document(signed.document, sha256=signed.sha256, signature=signed.signature, public_key=key)
            said = msgspec.convert(signed.document, _Said)
        except (msgspec.MsgspecError, Refusal) as fault:
            raise PartnerAnswerMalformed(f"{path}: {type(fault).__name__}") from fault
        if (said.picture_id, said.content_sha256) != (picture_id, hashlib.sha256(content).hexdigest()):
            raise PartnerAnswerMalformed(f"{path}: another file")
        return Scanned(is_clean=said.verdict == "clean", engine=said.engine[:ENGINE_MOST])
