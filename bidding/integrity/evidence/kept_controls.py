"""The matched controls that are kept: those with which a finding was made, and those of today."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from bidding.integrity.evidence.reruns import encode_controls, screens_again
from bidding.integrity.findings.tables import FindingRow
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.watch import store
from bidding.integrity.watch.tables import BaselineRow


class KeptControls:
    """The port of packs to the controls of screens, which the watch fits each night and keeps.

    History by name (defaults, the round before) is asked anew, as of today: where something came in since, the finding does not come
    out the same, and its pack says so.
    """

    async def controls_of(self, tx: Transaction, row: FindingRow) -> bytes | None:
        """Give the controls that were the newest when the finding was raised; empty for a screen that is not run again by itself."""
        if row.screen not in screens_again():
            return b""
        controls = await self._fitted(tx, row.raised_at)
        for round_id in reversed(row.round_ids):
            record = await store.record_row(tx, UUID(round_id))
            if record is not None:
                history = await store.history_for(
                    tx, await store.record(tx, record), controls.history, links=store.links_on(record)
                )
                return encode_controls(controls.knowing(history))
        return None

    async def newest(self, tx: Transaction) -> bytes | None:
        """Give the controls of today, ``None`` before the first fit."""
        baseline_id, controls = await store.newest_controls(tx)
        return None if baseline_id is None else encode_controls(controls)

    async def _fitted(self, tx: Transaction, at: datetime) -> Baselines:
        found = select(BaselineRow).where(BaselineRow.fitted_at <= at).order_by(BaselineRow.fitted_at.desc()).limit(1)
        row = await tx.session.scalar(found)
        return Baselines() if row is None else msgspec.convert(row.controls, Baselines, strict=False)
