"""Tell integrity what became of a sale: paid in full, defaulted, set aside; each once, with the change that makes it so."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.contracts import RoundFate
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue

TAKE_FATE = "bidding.take_fate"


async def send_fate(tx: Transaction, round_id: UUID, fate: Literal["paid", "defaulted", "set_aside"]) -> None:
    """Tell it, once for each fate."""
    told = RoundFate(round_id=round_id, fate=fate, at=tx.now)
    await enqueue(tx, TAKE_FATE, told, only_once_as=named_id("round-fate", str(round_id), fate))
