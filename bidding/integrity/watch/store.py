"""Queries of records, history and controls, named by what they answer. Never a row of a round before its close."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from auction.contracts import RoundRoster
from auction.kernel.db import Transaction
from auction.kernel.ids import SessionId, new_id
from bidding.integrity.findings.tables import RoundRecordRow
from bidding.integrity.records import Fate, RoundRecord
from bidding.integrity.screens.baselines import Baselines, History
from bidding.integrity.screens.fitting import history_of
from bidding.integrity.watch.assemble import record_of, tape_of
from bidding.integrity.watch.tables import BaselineRow
from bidding.journal import store as journal
from bidding.journal.chain import decode_event
from bidding.journal.tables import OutcomeRow
from bidding.rules.session import Event

CHUNK = 1_000
"""Events in one query."""
MOST_EVENTS = 200_000
"""A tape longer than this is cut, and the screens see its beginning (some 31,674 extensions were the most ever told of)."""
MOST_ROUNDS_OF_PARTY = 500
"""So many rounds of one party, the newest first, are its history."""


async def put_roster(tx: Transaction, roster: RoundRoster, closed_at: datetime) -> bool:
    """Store the record of a round that is over; false where it stands already, which changes nothing."""
    row = insert(RoundRecordRow).values(
        round_id=roster.round_id,
        session_id=roster.session_id,
        case_id=roster.case_id,
        roster=msgspec.to_builtins(roster),
        closed_at=closed_at,
        fate="open",
    )
    put = row.on_conflict_do_nothing(index_elements=["round_id"]).returning(RoundRecordRow.round_id)
    return (await tx.session.execute(put)).first() is not None


async def record_row(tx: Transaction, round_id: UUID, *, lock: bool = False) -> RoundRecordRow | None:
    """Give the stored record of a round, ``None`` before its roster came."""
    return await tx.session.get(RoundRecordRow, round_id, populate_existing=True, with_for_update=lock)


async def events(tx: Transaction, session_id: UUID, *, after: int = 0) -> list[Event]:
    """Give the committed events of a session after a number, read in chunks."""
    read: list[Event] = []
    while len(read) < MOST_EVENTS:
        rows = await journal.events_after(tx.session, SessionId(session_id), after, CHUNK)
        read += [decode_event(row.body) for row in rows]
        if len(rows) < CHUNK:
            break
        after = rows[-1].sequence
    return read


def links_on(row: RoundRecordRow) -> tuple[tuple[str, str], ...]:
    """Give the decided links between parties of a stored round."""
    return msgspec.convert(row.roster, RoundRoster).links


async def record(tx: Transaction, row: RoundRecordRow) -> RoundRecord:
    """Assemble the record of a stored round."""
    roster = msgspec.convert(row.roster, RoundRoster)
    fate = msgspec.convert(row.fate, Fate)
    return record_of(roster, tape_of(await events(tx, row.session_id)), closed_at=row.closed_at, fate=fate)


async def links_since(tx: Transaction, since: datetime) -> set[tuple[str, str]]:
    """Give the decided links between parties of all rounds that closed since a moment."""
    found = await tx.session.scalars(
        select(RoundRecordRow).where(
            RoundRecordRow.closed_at >= since, RoundRecordRow.roster["links"].astext.not_in(["[]"])
        )
    )
    return {pair for row in found.all() for pair in links_on(row)}


async def rounds_since(tx: Transaction, since: datetime) -> int:
    """Count the rounds that closed since a moment."""
    found = select(func.count()).select_from(RoundRecordRow).where(RoundRecordRow.closed_at >= since)
    return await tx.session.scalar(found) or 0


async def records_page(
    tx: Transaction, *, since: datetime, before: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[RoundRecord], tuple[datetime, UUID] | None]:
    """Give the next records of rounds that closed since a moment, the newest first, and where to go on; ``None`` at the end."""
    found = select(RoundRecordRow).where(RoundRecordRow.closed_at >= since)
    if before is not None:
        found = found.where(tuple_(RoundRecordRow.closed_at, RoundRecordRow.round_id) < before)
    ordered = found.order_by(RoundRecordRow.closed_at.desc(), RoundRecordRow.round_id.desc())
    rows = (await tx.session.scalars(ordered.limit(limit))).all()
    last = (rows[-1].closed_at, rows[-1].round_id) if len(rows) == limit else None
    return [await record(tx, row) for row in rows], last


async def history_for(
    tx: Transaction, of: RoundRecord, known: History, *, links: Iterable[tuple[str, str]] = ()
) -> History:
    """Give what screens of one round ask of earlier rounds: its own parties', debtors' and agency's, and the round before it.

    Totals come with the controls (``known``), ``links`` with the roster; bids are read only of the round before.
    """
    buyer = of.party_of.get(of.buyer_code or "")
    tokens = [token for token in (buyer, of.agency, *of.debtors) if token]
    ended = history_of(await _rounds_of_tokens(tx, tokens))
    before = await record_row(tx, UUID(of.previous)) if of.previous else None
    earlier = {} if before is None else {str(before.round_id): await record(tx, before)}
    failed = {name: found for name, found in earlier.items() if found.buyer_code is None}
    return msgspec.structs.replace(
        ended, failed=failed, sold_all=known.sold_all, defaults_all=known.defaults_all, links=frozenset(links)
    )


async def newest_controls(tx: Transaction) -> tuple[UUID | None, Baselines]:
    """Give the controls fitted last, and empty ones before the first fit."""
    row = await tx.session.scalar(select(BaselineRow).order_by(BaselineRow.fitted_at.desc()).limit(1))
    if row is None:
        return None, Baselines()
    return row.baseline_id, msgspec.convert(row.controls, Baselines, strict=False)


async def newest_controls_id(tx: Transaction) -> UUID | None:
    """Give the id of the controls fitted last."""
    found = select(BaselineRow.baseline_id).order_by(BaselineRow.fitted_at.desc()).limit(1)
    return await tx.session.scalar(found)


async def put_controls(tx: Transaction, fitted: Baselines) -> UUID:
    """Store fitted controls without their history by name, of which only the totals are kept."""
    totals = History(sold_all=fitted.history.sold_all, defaults_all=fitted.history.defaults_all)
    row = BaselineRow(
        baseline_id=new_id(),
        fitted_on=fitted.fitted_on,
        controls=msgspec.to_builtins(fitted.knowing(totals), str_keys=True),
        fitted_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row.baseline_id


async def running_sessions(tx: Transaction, *, limit: int) -> Sequence[tuple[UUID, int]]:
    """Give the sessions that run, with the number through which each is committed."""
    found = await tx.session.execute(
        text(
            "SELECT session_id, sequence FROM bidding.session WHERE phase IN ('running', 'stopped') "
            "ORDER BY session_id LIMIT :most"
        ),
        {"most": limit},
    )
    return [(row.session_id, row.sequence) for row in found]


async def cases_of(tx: Transaction, round_ids: Iterable[str]) -> dict[str, UUID]:
    """Give the case of each of these rounds that is over."""
    wanted = [UUID(name) for name in round_ids]
    found = select(RoundRecordRow.round_id, RoundRecordRow.case_id).where(RoundRecordRow.round_id.in_(wanted))
    return {str(round_id): case_id for round_id, case_id in (await tx.session.execute(found)).all()}


async def _rounds_of_tokens(tx: Transaction, tokens: Collection[str]) -> list[RoundRecord]:
    """Give the rounds in which a token stands as bidder, debtor or agency, for counting: without their tapes."""
    found: dict[str, RoundRecord] = {}
    for token in tokens:
        for part in ({"entries": [{"party": token}]}, {"debtors": [token]}, {"agency": token}):
            rows = (
                select(RoundRecordRow, OutcomeRow.buyer_code)
                .outerjoin(OutcomeRow, OutcomeRow.session_id == RoundRecordRow.session_id)
                .where(RoundRecordRow.roster.contains(part))
            )
            newest = rows.order_by(RoundRecordRow.closed_at.desc()).limit(MOST_ROUNDS_OF_PARTY)
            for row, buyer_code in (await tx.session.execute(newest)).all():
                found[str(row.round_id)] = _counted(row, buyer_code)
    return list(found.values())


def _counted(row: RoundRecordRow, buyer_code: str | None) -> RoundRecord:
    roster = msgspec.convert(row.roster, RoundRoster)
    told = record_of(roster, tape_of(()), closed_at=row.closed_at, fate=msgspec.convert(row.fate, Fate))
    return msgspec.structs.replace(told, buyer_code=buyer_code)
