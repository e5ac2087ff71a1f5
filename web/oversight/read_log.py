"""Read the log of interference: all of it for supervision, one's own notes for their writer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.audit import read_chain
from auction.kernel.db import Transaction
from auction.sale.case_access import cases_named
from web.auth.tables import AccountRow
from web.oversight.interference import CHAIN, Interference, LogSound, Note, is_sound
from web.oversight.tables import InterferenceNoteRow

NOTES_MOST = 1_000


async def own_notes(tx: Transaction, account_id: UUID) -> tuple[Note, ...]:
    """Give the notes of one writer, the newest first."""
    found = select(InterferenceNoteRow).where(InterferenceNoteRow.account_id == account_id)
    rows = (await tx.session.scalars(found.order_by(InterferenceNoteRow.noted_at.desc()).limit(NOTES_MOST))).all()
    return await _shown(tx, rows)


async def whole_log(tx: Transaction) -> tuple[tuple[Note, ...], LogSound]:
    """Give the newest notes, and whether the whole log is as its chain says (rule 4)."""
    entries = await read_chain(tx.session, CHAIN)
    by_command = [named.fact.content_hash for named in entries]
    rows = (await tx.session.scalars(select(InterferenceNoteRow).order_by(InterferenceNoteRow.noted_at))).all()
    place = {commitment: at for at, commitment in enumerate(by_command)}
    ordered = sorted(rows, key=lambda row: place.get(_recomputed(tx, row), -1))
    sound = LogSound(notes=len(rows), is_sound=is_sound(entries, [_recomputed(tx, row) for row in ordered]))
    return await _shown(tx, list(reversed(ordered))[:NOTES_MOST]), sound


def _recomputed(tx: Transaction, row: InterferenceNoteRow) -> str:
    return tx.sealer.commit(tx.sealer.open(row.sealed))


async def _shown(tx: Transaction, rows: Sequence[InterferenceNoteRow]) -> tuple[Note, ...]:
    told = [msgspec.json.decode(tx.sealer.open(row.sealed), type=Interference) for row in rows]
    cases = await cases_named(tx, {one.case_id for one in told if one.case_id is not None})
    named = select(AccountRow).where(AccountRow.account_id.in_({row.account_id for row in rows}))
    names = {row.account_id: row.username for row in await tx.session.scalars(named)}
    return tuple(
        Note(
            told=one,
            case_number=cases[one.case_id].case_number if one.case_id else "",
            noted_by=names[row.account_id],
            noted_at=row.noted_at,
        )
        for one, row in zip(told, rows, strict=True)
    )
