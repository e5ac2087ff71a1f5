"""Queries of findings, named by what they answer; a finding that is known is not raised again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Text, Uuid, and_, any_, cast, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from auction.kernel.db import Transaction
from bidding.integrity.findings.acts import CONCLUDING, WITH_RESULT
from bidding.integrity.findings.findings import Finding
from bidding.integrity.findings.tables import FindingActRow, FindingRow, FindingWordRow, RoundRecordRow

_OF_SET_ASIDE_SALE = (
    select(RoundRecordRow.round_id)
    .join(FindingRow, FindingRow.round_ids.contains(array([cast(RoundRecordRow.round_id, Text)])))
    .where(
        FindingRow.finding_id == FindingWordRow.finding_id,
        RoundRecordRow.case_id == FindingActRow.case_id,
        RoundRecordRow.fate == "set_aside",
    )
    .correlate(FindingWordRow, FindingActRow)
    .exists()
)
_CONCLUDED = (
    select(FindingActRow.finding_id, FindingActRow.case_id)
    .join(
        FindingWordRow,
        (FindingActRow.finding_id == FindingWordRow.finding_id) & (FindingActRow.number == FindingWordRow.number),
    )
    .where(
        or_(
            FindingWordRow.act.in_(CONCLUDING),
            and_(FindingWordRow.act == WITH_RESULT, _OF_SET_ASIDE_SALE),
        )
    )
)
"""Findings that a court concluded, with the case in which it did."""


async def raise_findings(tx: Transaction, findings: Sequence[Finding], case_of: dict[str, UUID]) -> tuple[UUID, ...]:
    """Store what is new of these findings and give the ids of the new ones; ``case_of`` tells the case of each round named."""
    new: list[UUID] = []
    for finding in findings:
        cases = sorted({str(case_of[name]) for name in finding.subject.rounds if name in case_of})
        row = insert(FindingRow).values(
            finding_id=finding.finding_id,
            screen=finding.screen,
            version=finding.version,
            moment=finding.moment,
            strength=finding.strength,
            is_weak=finding.is_weak,
            round_ids=list(finding.subject.rounds),
            case_ids=cases,
            parties=list(finding.subject.parties),
            finding=msgspec.to_builtins(finding),
            raised_at=tx.now,
        )
        put = row.on_conflict_do_nothing(index_elements=["finding_id"]).returning(FindingRow.finding_id)
        new += (await tx.session.execute(put)).scalars()
    return tuple(new)


async def findings_of_cases(tx: Transaction, case_ids: Collection[UUID], *, limit: int) -> Sequence[FindingRow]:
    """Give the findings about rounds of these cases, the strongest first."""
    found = (
        select(FindingRow)
        .where(FindingRow.case_ids.overlap([str(case_id) for case_id in case_ids]))
        .order_by(FindingRow.strength.desc(), FindingRow.raised_at, FindingRow.finding_id)
        .limit(limit)
    )
    return (await tx.session.execute(found)).scalars().all()


async def queue_of_cases(tx: Transaction, case_ids: Collection[UUID], *, limit: int) -> Sequence[FindingRow]:
    """Give the findings of these cases in the order of the court's work.

    What no court concluded comes first, weak ones after the others, the strongest first: neither what is done with nor a heap of weak
    leads pushes an open finding out of a queue that has its limit.
    """
    names = [str(case_id) for case_id in case_ids]
    of_cases = FindingActRow.case_id == any_(literal(list(case_ids), ARRAY(Uuid())))
    concluded = _CONCLUDED.where(FindingWordRow.finding_id == FindingRow.finding_id, of_cases).exists()
    found = (
        select(FindingRow)
        .where(FindingRow.case_ids.overlap(names))
        .order_by(
            concluded, FindingRow.is_weak, FindingRow.strength.desc(), FindingRow.raised_at, FindingRow.finding_id
        )
        .limit(limit)
    )
    return (await tx.session.execute(found)).scalars().all()


async def concluded_among(tx: Transaction, finding_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Give those of these findings that a court concluded, each with the case in which it did: what one concludes stays open in another."""
    found = _CONCLUDED.where(FindingWordRow.finding_id.in_(finding_ids)).distinct()
    return {(row.finding_id, row.case_id) for row in (await tx.session.execute(found)).all()}


async def set_aside_among(tx: Transaction, findings: Collection[FindingRow]) -> set[tuple[UUID, UUID]]:
    """Give those of these findings a sale of which was set aside, each with the case of that sale."""
    of_round = {name for row in findings for name in row.round_ids}
    rounds = select(RoundRecordRow.round_id, RoundRecordRow.case_id).where(
        RoundRecordRow.round_id.in_([UUID(name) for name in of_round]), RoundRecordRow.fate == "set_aside"
    )
    ended = (await tx.session.execute(rounds)).all()
    return {(row.finding_id, one.case_id) for row in findings for one in ended if str(one.round_id) in row.round_ids}


async def findings_beside(tx: Transaction, row: FindingRow, case_id: UUID, *, limit: int) -> Sequence[FindingRow]:
    """Give the other findings of a case on the same rounds or parties, the strongest first."""
    found = (
        select(FindingRow)
        .where(
            FindingRow.case_ids.contains([str(case_id)]),
            FindingRow.finding_id != row.finding_id,
            FindingRow.round_ids.overlap(row.round_ids) | FindingRow.parties.overlap(row.parties),
        )
        .order_by(FindingRow.strength.desc(), FindingRow.raised_at, FindingRow.finding_id)
        .limit(limit)
    )
    return (await tx.session.execute(found)).scalars().all()


async def words_on(tx: Transaction, finding_ids: Collection[UUID]) -> Sequence[FindingWordRow]:
    """Give the court's words on these findings, in their order."""
    found = (
        select(FindingWordRow)
        .where(FindingWordRow.finding_id.in_(finding_ids))
        .order_by(FindingWordRow.finding_id, FindingWordRow.number)
    )
    return (await tx.session.execute(found)).scalars().all()
