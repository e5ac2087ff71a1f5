"""The seal port: who puts the court's electronic seal on a document.

A real installation connects the court's seal service. The sandbox signs with a key of its own and refuses to stand
in a production installation (security 1).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.signing import DocumentKey
from auction.kernel.stamp import Stamp, require_pretending


class SealMark(msgspec.Struct, frozen=True, kw_only=True):
    """What the seal service gives back: its reference and its signature over the fingerprint."""

    seal_ref: str
    signature: str


class Seal(Protocol):
    """A seal service. Asking again for the same document id gives the same mark; a timeout is unknown, ask again.

    Raises ``OutcomeUnknown`` or ``Unavailable`` (``auction.kernel.errors``).
    """

    async def stamp(self, *, document_id: UUID, court: str, title: str, body_sha256: str) -> SealMark:
        """Put the seal of ``court`` on the document with this fingerprint."""
        ...


class SandboxSeal:
    """A seal for test and demo installations; its marks say so."""

    def __init__(self, key: DocumentKey, stamp: Stamp) -> None:
        """Refuse to be made in production (`WrongInstallation`)."""
        require_pretending(stamp, "sandbox seal")
        self._key = key

    async def stamp(self, *, document_id: UUID, court: str, title: str, body_sha256: str) -> SealMark:
        """Sign the fingerprint; deterministic, so asking twice gives the same mark."""
        content = {"document_id": str(document_id), "court": court, "title": title, "sha256": body_sha256}
        return SealMark(seal_ref=f"sandbox-{document_id}", signature=self._key.sign(content))
