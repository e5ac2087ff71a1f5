"""Who looks a file through for what does harm (port)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

import msgspec


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What the scanner said of a file."""

    is_clean: bool
    engine: str
    """Name and version of what looked, and what it found; at most 200 characters count."""


@runtime_checkable
class Scanner(Protocol):
    """A scanner of files."""

    async def scan(self, picture_id: UUID, content: bytes, *, business_at: datetime) -> Scanned:
        """Look a file through; the same id asks about the same file again, which is always safe.

        Raises: `FaultOfOthers` where no answer came that counts; the file stays in quarantine and is asked about again.
        """
        ...
