"""SQL of records: what happened in each part of a way, and the record that is kept."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from auction.kernel.db import Transaction
from valuation.record.system_record import Entries, RecordUnknown, SystemRecord

STEPS = (
    "SELECT step_id, ordinal, method, ground, opened_at, outcome, reason, ended_at FROM valuation.method_step "
    "WHERE asset_id = :id ORDER BY ordinal"
)
CIRCUMSTANCES = (
    "SELECT kind, holds, document_sha256, recorded_at FROM valuation.circumstance WHERE asset_id = :id "
    "ORDER BY recorded_at, circumstance_id"
)
REQUESTS = (
    "SELECT method, side, party_id, ordinal, attempt, agreed_on, document_sha256, recorded_at FROM valuation.method_request "
    "WHERE asset_id = :id ORDER BY recorded_at, party_id, method"
)
AGREEMENTS = (
    "SELECT a.step_id, a.until, a.state, i.party_id, i.side, i.represented_by, p.proposed_at, p.document_sha256 "
    "FROM valuation.agreement a JOIN valuation.method_step s USING (step_id) JOIN valuation.agreement_invited i USING (step_id) "
    "LEFT JOIN valuation.agreement_proposal p USING (step_id, party_id) WHERE a.asset_id = :id "
    "ORDER BY s.ordinal, i.side, i.party_id"
)
LETTERS = (
    "SELECT t.step_id, t.authority, t.price_kind, t.letter_sha256, t.until, t.state, a.received_on, a.amount_fen::text AS "
    "amount_fen, a.valid_until, a.document_sha256, a.is_right, r.document_id, r.checked_at, ARRAY(SELECT v.party_id || ' ' || "
    "v.effective_on FROM valuation.targeted_service v WHERE v.step_id = t.step_id ORDER BY v.party_id) AS served "
    "FROM valuation.targeted_inquiry t JOIN valuation.method_step s USING (step_id) LEFT JOIN valuation.targeted_answer a "
    "USING (step_id) LEFT JOIN valuation.targeted_result r ON r.answer_id = a.answer_id WHERE t.asset_id = :id "
    "ORDER BY s.ordinal, a.recorded_at, a.answer_id"
)
PLATFORMS = (
    "SELECT q.inquiry_id, q.state, a.platform_id, a.asked_at, a.deadline_at, a.extended_until, a.received_at, a.outcome, r.version, "
    "r.arrived_at, r.in_time, r.value_fen::text AS value_fen, r.valid_until, r.sha256 FROM valuation.inquiry q "
    "JOIN valuation.platform_ask a USING (inquiry_id) LEFT JOIN valuation.platform_report r USING (inquiry_id, platform_id) "
    "WHERE q.asset_id = :id ORDER BY q.started_at, q.inquiry_id, a.platform_id, r.version"
)
OBJECTIONS = (
    "SELECT o.inquiry_id, o.objection_id, o.party_id, o.platform_id, o.ground, o.document_sha256, o.raised_at, o.decision, "
    "o.decided_at FROM valuation.objection o JOIN valuation.inquiry q USING (inquiry_id) WHERE q.asset_id = :id "
    "ORDER BY o.raised_at, o.objection_id"
)
APPRAISALS = (
    "SELECT e.appraisal_id, e.number, e.kind, e.at, encode(sha256(e.content), 'hex') AS sha256 FROM valuation.appraisal_event e "
    "JOIN valuation.appraisal a USING (appraisal_id) WHERE a.asset_id = :id ORDER BY a.started_at, e.appraisal_id, e.number"
)
CHOICES = (
    "SELECT s.mandate_id, s.profession, s.province, s.city, s.opened_at, s.proposals_until, g.rank, g.agency_id, g.origin, "
    "g.draw_id, p.reason AS replaced_for, p.replaced_at FROM valuation.agency_selection s "
    "LEFT JOIN valuation.ranked_agency g USING (mandate_id) LEFT JOIN valuation.agency_replacement p USING (mandate_id, rank) "
    "WHERE s.asset_id = :id ORDER BY s.opened_at, s.mandate_id, g.rank"
)
DRAWS = (
    "SELECT d.mandate_id, d.draw_id, d.attempt, d.requested_at, p.frozen_at, p.draw_at, p.sha256 AS pool_sha256, r.drawn_at, "
    "r.sha256 AS record_sha256, f.failed_at, f.sha256 AS failure_sha256 FROM valuation.draw d "
    "JOIN valuation.agency_selection s USING (mandate_id) LEFT JOIN valuation.draw_pool p USING (draw_id) "
    "LEFT JOIN valuation.draw_result r USING (draw_id) LEFT JOIN valuation.draw_failure f USING (draw_id) "
    "WHERE s.asset_id = :id ORDER BY d.requested_at, d.draw_id"
)


async def entries(tx: Transaction, query: str, asset_id: UUID) -> Entries:
    """Give the rows of one of these queries as JSON has them; what is empty is left out of a row."""
    rows = await tx.session.execute(
        text(f"SELECT jsonb_strip_nulls(to_jsonb(found)) AS entry FROM ({query}) found"),  # noqa: S608 - queries of ours
        {"id": asset_id},
    )
    return [row.entry for row in rows]


async def add_record(tx: Transaction, reference_price_id: UUID, content: bytes) -> None:
    """Keep the record of a price, once."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.system_record (reference_price_id, content, sha256, made_at) "
            "VALUES (:id, :content, :sha256, :now) ON CONFLICT DO NOTHING"
        ),
        {
            "id": reference_price_id,
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "now": tx.now,
        },
    )


async def record_of(tx: Transaction, reference_price_id: UUID) -> SystemRecord:
    """Give the record of a price; raises `RecordUnknown`."""
    rows = await tx.session.execute(
        text(
            "SELECT reference_price_id, content, sha256, made_at FROM valuation.system_record WHERE reference_price_id = :id"
        ),
        {"id": reference_price_id},
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise RecordUnknown
    return _record(row)


async def records_of(tx: Transaction, asset_id: UUID) -> list[SystemRecord]:
    """Give the records of an asset's prices, the newest first."""
    rows = await tx.session.execute(
        text(
            "SELECT r.reference_price_id, r.content, r.sha256, r.made_at FROM valuation.system_record r "
            "JOIN valuation.reference_price p USING (reference_price_id) WHERE p.asset_id = :id ORDER BY r.made_at DESC"
        ),
        {"id": asset_id},
    )
    return [_record(row) for row in rows.mappings()]


def _record(row: RowMapping) -> SystemRecord:
    values: dict[str, Any] = {**row, "content": bytes(row["content"])}
    return SystemRecord(**values)
