"""Ports of the watch: what it asks the sale for while a round runs. Facts that are published, and one word: linked or not."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from auction.contracts import PublishedRound
from auction.kernel.db import Transaction


class PublishedRounds(Protocol):
    """Where the published terms of a round stand."""

    async def published_round(self, tx: Transaction, session_id: UUID) -> PublishedRound | None:
        """Give what everybody may read of a round, ``None`` where there is no such round."""
        ...


class LinkedCodes(Protocol):
    """Who knows whether two codes are linked by decision or declaration; the answer is kept nowhere."""

    async def are_linked(self, tx: Transaction, session_id: UUID, first: str, second: str) -> bool:
        """Say whether both codes stand for linked persons."""
        ...
