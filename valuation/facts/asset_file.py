"""The port to the case's file: what valuation may know of an asset that the sale recorded."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from auction.contracts import AssetOnFile
from auction.kernel.db import Transaction


class AssetFile(Protocol):
    """Reads the file within the caller's transaction."""

    async def asset(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> AssetOnFile:
        """Give an asset of this case; refuses an unknown one and one of another case."""
        ...
