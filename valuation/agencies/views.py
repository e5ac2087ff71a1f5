"""What is published of draws and mandates, for lists and for the register."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from auction.kernel.db import Transaction
from valuation.agencies.register import Agency, Appraiser, Profession, Recusal, Suspension
from valuation.agencies.register_store import Proposed
from valuation.agencies.rules_of_court import Office, Second

LISTED = 500


class PublicAgency(msgspec.Struct, frozen=True, kw_only=True):
    """An institution as everybody reads it: in which cases it was recused, and why, is of those files."""

    agency_id: UUID
    name: str
    credit_code: str
    licence_no: str
    licence_from: date
    licence_until: date
    professions: tuple[Profession, ...]
    province: str
    city: str
    appraisers: tuple[Appraiser, ...]
    entered_on: date
    removed_on: date | None
    barred_until: date | None
    suspensions: tuple[Suspension, ...]


class PublicChange(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmed change as everybody reads it."""

    kind: str
    decided_at: datetime | None
    ground: str | None
    """The word of its ground where only that is public; then neither reason nor document is told."""
    reason: str = ""
    document_sha256: str = ""


def public_agency(agency: Agency) -> PublicAgency:
    """Give what is public of an institution."""
    return PublicAgency(**{name: getattr(agency, name) for name in PublicAgency.__struct_fields__})


def public_history(changes: Iterable[Proposed]) -> list[PublicChange]:
    """Give what is public of the confirmed changes; the free words of a recusal may name persons and stay in the file."""
    return [
        PublicChange(kind=one.kind, decided_at=one.decided_at, ground="conflict")
        if isinstance(one.content, Recusal)
        else PublicChange(
            kind=one.kind,
            decided_at=one.decided_at,
            ground=None,
            reason=one.reason,
            document_sha256=one.document_sha256,
        )
        for one in changes
    ]


class DrawLine(msgspec.Struct, frozen=True, kw_only=True):
    """One draw in a list; who requested and drew are offices here, never persons."""

    draw_id: UUID
    mandate_id: UUID
    attempt: int
    purpose: str
    profession: str
    province: str
    city: str
    court: str
    drawing_office: Office
    second: Second
    requested_at: datetime
    frozen_at: datetime | None
    draw_at: datetime | None
    pool_sha256: str | None
    drawn_at: datetime | None
    record_sha256: str | None
    failed_at: datetime | None
    withdrawn_at: datetime | None
    restarted_at: datetime | None

    @property
    def state(self) -> str:
        """How far it is."""
        if self.restarted_at is not None:
            return "restarted"
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.failed_at is not None:
            return "failed"
        if self.drawn_at is not None:
            return "drawn"
        return "requested" if self.frozen_at is None else "frozen"


class MandateLine(msgspec.Struct, frozen=True, kw_only=True):
    """One mandate for which an institution was ranked."""

    mandate_id: UUID
    court: str
    rank: int
    origin: str
    draw_id: UUID | None
    ranked_at: datetime
    replaced_for: str | None
    replaced_at: datetime | None
    has_turn: bool


class RulesLine(msgspec.Struct, frozen=True, kw_only=True):
    """A court's setting as it stands."""

    court: str
    number: int
    drawing_office: Office
    second: Second
    workload_limit: int | None
    notice_hours: int
    all_told: bool
    reason: str
    document_sha256: str
    set_at: datetime


async def public_draws(tx: Transaction, *, limit: int, before: int = 0) -> list[DrawLine]:
    """Give draws, the newest first, after leaving out the first ``before``."""
    rows = await tx.session.execute(
        text(
            "SELECT d.draw_id, d.mandate_id, d.attempt, s.purpose, s.profession, s.province, s.city, d.court, "
            "d.drawing_office, d.second, d.requested_at, p.frozen_at, p.draw_at, p.sha256 AS pool_sha256, r.drawn_at, "
            "r.sha256 AS record_sha256, f.failed_at, w.withdrawn_at, a.entered_at AS restarted_at FROM valuation.draw d "
            "JOIN valuation.agency_selection s USING (mandate_id) LEFT JOIN valuation.draw_pool p USING (draw_id) "
            "LEFT JOIN valuation.draw_result r USING (draw_id) LEFT JOIN valuation.draw_failure f USING (draw_id) "
            "LEFT JOIN valuation.draw_withdrawal w USING (draw_id) "
            "LEFT JOIN valuation.draw_restart a USING (draw_id) ORDER BY d.requested_at DESC, d.draw_id "
            "LIMIT :limit OFFSET :before"
        ),
        {"limit": limit, "before": before},
    )
    return [DrawLine(**row) for row in rows.mappings()]


async def mandates_of(tx: Transaction, agency_id: UUID) -> list[MandateLine]:
    """Give the mandates for which an institution was ranked, the newest first."""
    rows = await tx.session.execute(
        text(
            "SELECT r.mandate_id, coalesce(d.court, '') AS court, r.rank, r.origin, r.draw_id, r.ranked_at, "
            "p.reason AS replaced_for, p.replaced_at, p.rank IS NULL AND NOT EXISTS (SELECT FROM valuation.ranked_agency e "
            "LEFT JOIN valuation.agency_replacement q USING (mandate_id, rank) WHERE e.mandate_id = r.mandate_id "
            "AND e.rank < r.rank AND q.rank IS NULL) AS has_turn FROM valuation.ranked_agency r "
            "LEFT JOIN valuation.draw d ON d.draw_id = r.draw_id "
            "LEFT JOIN valuation.agency_replacement p ON (p.mandate_id, p.rank) = (r.mandate_id, r.rank) "
            "WHERE r.agency_id = :id ORDER BY r.ranked_at DESC, r.mandate_id LIMIT :limit"
        ),
        {"id": agency_id, "limit": LISTED},
    )
    return [MandateLine(**row) for row in rows.mappings()]


async def newest_rules(tx: Transaction) -> list[RulesLine]:
    """Give each court's setting as it stands, by court."""
    rows = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (court) court, number, drawing_office, second, workload_limit, notice_hours, all_told, "
            "reason, document_sha256, set_at FROM valuation.court_draw_rules ORDER BY court, number DESC LIMIT :limit"
        ),
        {"limit": LISTED},
    )
    return [RulesLine(**row) for row in rows.mappings()]


class RankedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One chosen institution at its rank, which it keeps when its turn is over."""

    rank: int
    name: str
    is_replaced: bool


class ChoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """How far the choice of institutions for an asset is; what a side proposed is not here."""

    mandate_id: UUID
    asset_id: UUID
    profession: str
    proposals_until: datetime
    draw_id: UUID | None
    """The newest attempt."""
    frozen_at: datetime | None
    commit_by: datetime | None
    reveal_by: datetime | None
    draw_at: datetime | None
    drawn_at: datetime | None
    ended_at: datetime | None
    """When the newest attempt failed or was withdrawn; ``None``: it did not."""
    ranks: tuple[str, ...]
    """Names in their order; those whose turn is over are left out."""
    order: tuple[RankedLine, ...] = ()
    """Everybody who was chosen, in the order of the choice."""


async def choices_of(tx: Transaction, asset_id: UUID) -> list[ChoiceLine]:
    """Give the choices for an asset, the oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT s.mandate_id, s.asset_id, s.profession, s.proposals_until, d.draw_id, p.frozen_at, p.commit_by, "
            "p.reveal_by, p.draw_at, r.drawn_at, coalesce(f.failed_at, w.withdrawn_at) AS ended_at, "
            "ARRAY(SELECT a.name FROM valuation.ranked_agency a LEFT JOIN valuation.agency_replacement q "
            "USING (mandate_id, rank) WHERE a.mandate_id = s.mandate_id AND q.rank IS NULL ORDER BY a.rank) AS ranks, "
            "(SELECT coalesce(jsonb_agg(jsonb_build_object('rank', a.rank, 'name', a.name, 'is_replaced', "
            "q.rank IS NOT NULL) ORDER BY a.rank), '[]')::text FROM valuation.ranked_agency a LEFT JOIN "
            'valuation.agency_replacement q USING (mandate_id, rank) WHERE a.mandate_id = s.mandate_id) AS "order" '
            "FROM valuation.agency_selection s LEFT JOIN LATERAL (SELECT draw_id FROM valuation.draw "
            "WHERE mandate_id = s.mandate_id ORDER BY attempt DESC LIMIT 1) d ON true "
            "LEFT JOIN valuation.draw_pool p ON p.draw_id = d.draw_id "
            "LEFT JOIN valuation.draw_result r ON r.draw_id = d.draw_id "
            "LEFT JOIN valuation.draw_failure f ON f.draw_id = d.draw_id "
            "LEFT JOIN valuation.draw_withdrawal w ON w.draw_id = d.draw_id "
            "WHERE s.asset_id = :id ORDER BY s.opened_at, s.mandate_id LIMIT :limit"
        ),
        {"id": asset_id, "limit": LISTED},
    )
    return [_choice(row) for row in rows.mappings()]


def _choice(row: RowMapping) -> ChoiceLine:
    order = msgspec.json.decode(row["order"], type=tuple[RankedLine, ...])
    return ChoiceLine(**{**row, "ranks": tuple(row["ranks"]), "order": order})


class ComingDraw(msgspec.Struct, frozen=True, kw_only=True):
    """A draw whose time was told and that has not ended."""

    draw_id: UUID
    case_id: UUID
    frozen_at: datetime
    draw_at: datetime


async def coming_draws(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, list[ComingDraw]]:
    """Give for each of these cases the draws to come, the next first."""
    rows = await tx.session.execute(
        text(
            "SELECT d.draw_id, d.case_id, p.frozen_at, p.draw_at FROM valuation.draw d JOIN valuation.draw_pool p USING (draw_id) "
            "WHERE d.case_id = ANY(:cases) AND NOT EXISTS (SELECT FROM valuation.draw_result r WHERE r.draw_id = d.draw_id) "
            "AND NOT EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = d.draw_id) "
            "AND NOT EXISTS (SELECT FROM valuation.draw_withdrawal w WHERE w.draw_id = d.draw_id) "
            "ORDER BY p.draw_at, d.draw_id LIMIT :limit"
        ),
        {"cases": list(case_ids), "limit": LISTED},
    )
    found: dict[UUID, list[ComingDraw]] = {}
    for row in rows.mappings():
        found.setdefault(row["case_id"], []).append(ComingDraw(**row))
    return found


class FailuresOfOffice(msgspec.Struct, frozen=True, kw_only=True):
    """How often an office let a draw die: it did not commit, freeze or open in time."""

    office: str
    failed: int


async def failures_by_office(tx: Transaction) -> list[FailuresOfOffice]:
    """Count the failed draws by the office that let them die, the most first; withdrawn ones count for nobody."""
    rows = await tx.session.execute(
        text(
            "SELECT convert_from(record, 'UTF8')::jsonb ->> 'office' AS office, count(*) AS failed "
            "FROM valuation.draw_failure GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"limit": LISTED},
    )
    return [FailuresOfOffice(**row) for row in rows.mappings()]
