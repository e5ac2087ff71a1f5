"""SQL of the facts of an asset."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from valuation.facts.facts import Fact


async def add_facts(tx: Transaction, case_id: UUID, asset_id: UUID, facts: Sequence[Fact]) -> None:
    """Append facts in the order given."""
    for fact in facts:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.fact (fact_id, case_id, asset_id, subject, state, statement_zh, statement_en, "
                "source, as_of, document_sha256, recorded_at) VALUES (:fact_id, :case_id, :asset_id, :subject, :state, "
                ":statement_zh, :statement_en, :source, :as_of, :document_sha256, :now)"
            ),
            {
                **msgspec.structs.asdict(fact),
                "fact_id": new_id(),
                "case_id": case_id,
                "asset_id": asset_id,
                "now": tx.now,
            },
        )


async def facts_of(tx: Transaction, asset_id: UUID) -> list[Fact]:
    """Give all facts of an asset, oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT subject, state, statement_zh, statement_en, source, as_of, document_sha256 FROM valuation.fact "
            "WHERE asset_id = :asset_id ORDER BY recorded_at, fact_id"
        ),
        {"asset_id": asset_id},
    )
    return [Fact(**row) for row in rows.mappings()]
