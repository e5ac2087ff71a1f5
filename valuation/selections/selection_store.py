"""SQL of the choice of institutions: the selection, the sealed proposals, the ranked three, replacements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.agencies.register import Purpose
from valuation.agencies.rules_of_court import DrawRules
from valuation.agencies.sub_lists import Level
from valuation.selections.selection import Proposal, Selection, SelectionUnknown, Standing, standing
from valuation.sides.speaking import OnSide, Side, speakers

Origin = Literal["draw", "agreement"]
_AWAITED = (
    "coalesce((SELECT (convert_from(e.content, 'UTF8')::jsonb ->> 'choice_id')::uuid FROM valuation.appraisal_event e "
    "WHERE e.appraisal_id = s.step_id AND e.kind IN ('started', 'choice_ordered') ORDER BY e.number DESC LIMIT 1), s.step_id)"
)
"""The choice that the appraisal of step ``s`` waits for: its own, an inherited one, or one that the court ordered."""


class Named(Protocol):
    """An institution as the register or a frozen pool names it."""

    @property
    def id(self) -> str:
        """Its id as records write it."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def licence_no(self) -> str:
        """The number of its licence."""
        ...


class RankRow(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three, with what became of its turn."""

    mandate_id: UUID
    rank: int
    agency_id: UUID
    name: str
    licence_no: str
    origin: Origin
    draw_id: UUID | None
    ranked_at: datetime
    replaced_for: str | None
    replacement_document: str | None
    replaced_at: datetime | None


class SubListDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The court's decision to draw from a wider list; who decided is not here."""

    level: Level
    reason: str
    document_sha256: str
    decided_at: datetime


async def add_selection(tx: Transaction, selection: Selection) -> None:
    """Record that the choice was opened."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agency_selection (mandate_id, purpose, case_id, asset_id, profession, province, city, "
            "opened_by, opened_at, proposals_until, place_from, place_reason) VALUES (:mandate_id, :purpose, :case_id, "
            ":asset_id, :profession, :province, :city, :opened_by, :opened_at, :proposals_until, :place_from, :place_reason)"
        ),
        msgspec.structs.asdict(selection),
    )


async def find_selection(tx: Transaction, mandate_id: UUID) -> Selection | None:
    """Give the choice of a mandate, ``None``: none was opened."""
    rows = await tx.session.execute(
        text("SELECT * FROM valuation.agency_selection WHERE mandate_id = :id"), {"id": mandate_id}
    )
    row = rows.mappings().one_or_none()
    return None if row is None else Selection(**row)


async def selection(tx: Transaction, mandate_id: UUID) -> Selection:
    """Give the choice of a mandate; raises `SelectionUnknown`."""
    found = await find_selection(tx, mandate_id)
    if found is None:
        raise SelectionUnknown(mandate_id=mandate_id)
    return found


async def selection_in(tx: Transaction, mandate_id: UUID, case_id: UUID) -> Selection:
    """Give the choice of a mandate of this case; raises `SelectionUnknown` for another case's."""
    found = await selection(tx, mandate_id)
    if found.case_id != case_id:
        raise SelectionUnknown(mandate_id=mandate_id)
    return found


async def selections_of(tx: Transaction, case_id: UUID) -> list[Selection]:
    """Give the choices of a case, the oldest first."""
    rows = await tx.session.execute(
        text("SELECT * FROM valuation.agency_selection WHERE case_id = :id ORDER BY opened_at"), {"id": case_id}
    )
    return [Selection(**row) for row in rows.mappings()]


async def awaited_choice(tx: Transaction, step_id: UUID) -> UUID | None:
    """Give the choice that an appraisal waits for or works with, ``None``: the step is no appraisal."""
    found = await tx.session.execute(
        text(
            f"SELECT {_AWAITED} FROM valuation.method_step s "  # noqa: S608 - a constant
            "WHERE s.step_id = :id AND s.method = 'entrusted_appraisal'"
        ),
        {"id": step_id},
    )
    choice: UUID | None = found.scalar_one_or_none()
    return choice


async def live_choice(tx: Transaction, asset_id: UUID, purpose: Purpose) -> UUID | None:
    """Give the choice that binds an asset on its way to a price: not all of its three have failed (V45)."""
    found = await tx.session.execute(
        text("SELECT valuation.live_choice(:asset_id, :purpose)"), {"asset_id": asset_id, "purpose": purpose}
    )
    choice: UUID | None = found.scalar_one()
    return choice


async def add_asked(tx: Transaction, mandate_id: UUID, parties: Sequence[OnSide]) -> None:
    """Record who is asked for institutions, and who through whom."""
    for party in parties:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.selection_asked (mandate_id, party_id, side, represented_by) "
                "VALUES (:mandate_id, :party_id, :side, :represented_by)"
            ),
            {"mandate_id": mandate_id, **msgspec.structs.asdict(party)},
        )


async def asked_of(tx: Transaction, mandate_id: UUID) -> list[OnSide]:
    """Give the parties of both sides as the choice found them."""
    rows = await tx.session.execute(
        text(
            "SELECT party_id, side, represented_by FROM valuation.selection_asked WHERE mandate_id = :id "
            "ORDER BY side, party_id"
        ),
        {"id": mandate_id},
    )
    return [OnSide(**row) for row in rows.mappings()]


async def add_proposal(
    tx: Transaction,
    mandate_id: UUID,
    side: Side,
    proposal: Proposal,
    *,
    party_id: UUID,
    recorded_by: UUID,
    proposed_at: datetime,
    document_sha256: str | None,
    paper_id: UUID | None,
) -> None:
    """Keep what one party proposed, sealed; without a paper it typed it itself."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agency_proposal (mandate_id, side, party_id, sealed, document_sha256, recorded_by, "
            "proposed_at, paper_id) VALUES (:mandate_id, :side, :party_id, :sealed, :document, :by, :at, :paper_id)"
        ),
        {
            "mandate_id": mandate_id,
            "side": side,
            "party_id": party_id,
            "sealed": tx.sealer.seal(msgspec.json.encode(proposal).decode()),
            "document": document_sha256,
            "by": recorded_by,
            "at": proposed_at,
            "paper_id": paper_id,
        },
    )


async def proposals(tx: Transaction, mandate_id: UUID) -> dict[UUID, Proposal]:
    """Open the proposals, by party; only the rule that compares them may look (`selection` rule 2)."""
    rows = await tx.session.execute(
        text("SELECT party_id, sealed FROM valuation.agency_proposal WHERE mandate_id = :id"), {"id": mandate_id}
    )
    return {row.party_id: msgspec.json.decode(tx.sealer.open(bytes(row.sealed)), type=Proposal) for row in rows}


async def agreement_of(tx: Transaction, selection: Selection) -> Standing:
    """Give how the parties' agreement on institutions stands now."""
    asked = speakers(await asked_of(tx, selection.mandate_id))
    return standing(await proposals(tx, selection.mandate_id), asked, at=tx.now, until=selection.proposals_until)


async def recorded_other_side(tx: Transaction, mandate_id: UUID, side: Side, person_id: UUID) -> bool:
    """Whether this natural person recorded a paper of the other side that counts."""
    found = await tx.session.execute(
        text(
            "SELECT EXISTS (SELECT FROM valuation.agency_proposal WHERE mandate_id = :id AND side <> :side "
            "AND recorded_by = :person AND document_sha256 IS NOT NULL)"
        ),
        {"id": mandate_id, "side": side, "person": person_id},
    )
    return bool(found.scalar_one())


async def spoken(tx: Transaction, mandate_id: UUID) -> list[UUID]:
    """Give who has proposed, not what."""
    rows = await tx.session.execute(
        text("SELECT party_id FROM valuation.agency_proposal WHERE mandate_id = :id ORDER BY side, party_id"),
        {"id": mandate_id},
    )
    return [row.party_id for row in rows]


async def add_sub_list_decision(
    tx: Transaction, mandate_id: UUID, level: Level, *, reason: str, document_sha256: str, decided_by: UUID
) -> None:
    """Record the court's decision on the list."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.sub_list_decision (mandate_id, level, reason, document_sha256, decided_by, decided_at) "
            "VALUES (:id, :level, :reason, :document, :by, :now)"
        ),
        {
            "id": mandate_id,
            "level": level,
            "reason": reason,
            "document": document_sha256,
            "by": decided_by,
            "now": tx.now,
        },
    )


async def sub_list_decision(tx: Transaction, mandate_id: UUID) -> SubListDecision | None:
    """Give the court's decision on the list as it is published, ``None``: it decided nothing."""
    found = await tx.session.execute(
        text(
            "SELECT level, reason, document_sha256, decided_at FROM valuation.sub_list_decision WHERE mandate_id = :id"
        ),
        {"id": mandate_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else SubListDecision(**row)


async def decided_level(tx: Transaction, mandate_id: UUID) -> Level | None:
    """Give the list that the court decided on, ``None``: it decided nothing."""
    found = await tx.session.execute(
        text("SELECT level FROM valuation.sub_list_decision WHERE mandate_id = :id"), {"id": mandate_id}
    )
    level: Level | None = found.scalar_one_or_none()
    return level


# The ranked three ----------------------------------------------------------------------------------------------------


async def add_ranks(
    tx: Transaction, mandate_id: UUID, agencies: Sequence[Named], *, origin: Origin, draw_id: UUID | None
) -> None:
    """Record the ranked institutions of a mandate, once."""
    for rank, agency in enumerate(agencies, start=1):
        await tx.session.execute(
            text(
                "INSERT INTO valuation.ranked_agency (mandate_id, rank, agency_id, name, licence_no, origin, draw_id, "
                "ranked_at) VALUES (:mandate_id, :rank, :agency_id, :name, :licence_no, :origin, :draw_id, :now)"
            ),
            {
                "mandate_id": mandate_id,
                "rank": rank,
                "agency_id": UUID(agency.id),
                "name": agency.name,
                "licence_no": agency.licence_no,
                "origin": origin,
                "draw_id": draw_id,
                "now": tx.now,
            },
        )


async def ranks(tx: Transaction, mandate_id: UUID) -> list[RankRow]:
    """Give the ranked institutions in their order; none: not chosen yet."""
    rows = await tx.session.execute(
        text(
            "SELECT r.*, p.reason AS replaced_for, p.document_sha256 AS replacement_document, p.replaced_at "
            "FROM valuation.ranked_agency r LEFT JOIN valuation.agency_replacement p USING (mandate_id, rank) "
            "WHERE r.mandate_id = :id ORDER BY r.rank"
        ),
        {"id": mandate_id},
    )
    return [RankRow(**row) for row in rows.mappings()]


async def add_replacement(
    tx: Transaction, mandate_id: UUID, rank: int, *, reason: str, document_sha256: str | None
) -> None:
    """Record that an institution's turn is over, and why."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.agency_replacement (mandate_id, rank, reason, document_sha256, replaced_at) "
            "VALUES (:id, :rank, :reason, :document, :now)"
        ),
        {"id": mandate_id, "rank": rank, "reason": reason, "document": document_sha256, "now": tx.now},
    )


async def open_mandates(tx: Transaction) -> dict[UUID, int]:
    """Count, for each institution, the appraisals in which it has the turn and whose step has not ended.

    Audit and auxiliary mandates do not count: nothing here tells when one of them ends.
    """
    rows = await tx.session.execute(
        text(
            "SELECT agency_id, count(*) AS mandates FROM (SELECT DISTINCT ON (r.mandate_id) r.mandate_id, r.agency_id "  # noqa: S608
            "FROM valuation.ranked_agency r LEFT JOIN valuation.agency_replacement p USING (mandate_id, rank) "
            "JOIN valuation.agency_selection c USING (mandate_id) WHERE p.rank IS NULL AND c.purpose = 'valuation_agency' "
            "AND EXISTS (SELECT FROM valuation.method_step s WHERE s.asset_id = c.asset_id AND s.outcome IS NULL "
            f"AND s.method = 'entrusted_appraisal' AND c.mandate_id = {_AWAITED}) "
            "ORDER BY r.mandate_id, r.rank) AS turn GROUP BY agency_id"
        )
    )
    return {row.agency_id: row.mandates for row in rows}


async def failed_before(tx: Transaction, selection: Selection) -> frozenset[UUID]:
    """Give the institutions whose turn ended without a report in an earlier mandate on the same asset."""
    rows = await tx.session.execute(
        text(
            "SELECT DISTINCT r.agency_id FROM valuation.ranked_agency r "
            "JOIN valuation.agency_replacement p USING (mandate_id, rank) JOIN valuation.agency_selection s USING (mandate_id) "
            "WHERE s.asset_id = :asset_id"
        ),
        {"asset_id": selection.asset_id},
    )
    return frozenset(row.agency_id for row in rows)


# The court's setting -------------------------------------------------------------------------------------------------


async def rules_of(tx: Transaction, court: str) -> DrawRules:
    """Give how a court draws; the house's own rules where it set none."""
    rows = await tx.session.execute(
        text(
            "SELECT drawing_office, second, workload_limit, notice_hours, all_told FROM valuation.court_draw_rules "
            "WHERE court = :court ORDER BY number DESC LIMIT 1"
        ),
        {"court": court},
    )
    row = rows.mappings().one_or_none()
    return DrawRules() if row is None else DrawRules(**row)


async def add_rules(
    tx: Transaction, court: str, rules: DrawRules, *, reason: str, document_sha256: str, set_by: UUID
) -> int:
    """Record a court's new setting; gives its number."""
    await tx.lock(f"draw rules:{court}")
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.court_draw_rules (court, number, drawing_office, second, workload_limit, notice_hours, "
            "all_told, reason, document_sha256, set_by, set_at) SELECT :court, coalesce(max(number), 0) + 1, "
            ":drawing_office, :second, :workload_limit, :notice_hours, :all_told, :reason, :document, :by, :now FROM valuation.court_draw_rules "
            "WHERE court = :court RETURNING number"
        ),
        {
            **msgspec.structs.asdict(rules),
            "court": court,
            "reason": reason,
            "document": document_sha256,
            "by": set_by,
            "now": tx.now,
        },
    )
    number: int = found.scalar_one()
    return number
