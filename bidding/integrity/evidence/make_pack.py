"""Make the evidence pack of a finding for the judge: read everything in one state of the database, sign it, keep it, log it.

1. Nothing of a running round goes in: a round without its record is named as not held (网拍 18(2)).
2. Names go in only beside codes of rounds whose roster this case's judge opened; making the pack is a look at them, and logged so.
3. The pack is kept as it was signed. Sent again, the command gives the same pack; it is never made twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import SessionId
from bidding.integrity.evidence.assemble import FindingRead, Read, assemble, joint_rounds_of
from bidding.integrity.evidence.pack import (
    PACK_LIMIT,
    ROUNDS_MOST,
    Access,
    Answer,
    Earlier,
    EvidencePack,
    History,
    KeyShared,
    LinkHeld,
    OpenedBy,
    PackKey,
    Roster,
    SpokenWord,
    Tape,
    encode_pack,
    fingerprint,
)
from bidding.integrity.evidence.reruns import predict_harm, screens_again
from bidding.integrity.findings import act_store
from bidding.integrity.findings.acts import JUDGES, label_of, require_reason
from bidding.integrity.findings.participants import Participants
from bidding.integrity.findings.store import findings_beside, set_aside_among
from bidding.integrity.findings.tables import EvidencePackRow, FindingRow, RoundRecordRow
from bidding.integrity.links.find_links import links_of_round
from bidding.integrity.links.links import Link
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.catalogue import catalogue
from bidding.integrity.watch import store as watch_store
from bidding.journal.export_journal import export_journal

OTHERS_MOST = 200
"""Most other findings of one pack."""


class ControlsKept(Protocol):
    """Where the matched controls of screens are kept, as JSON."""

    async def controls_of(self, tx: Transaction, row: FindingRow) -> bytes | None:
        """Give the controls with which a finding was made, ``None``: they were not kept."""
        ...

    async def newest(self, tx: Transaction) -> bytes | None:
        """Give the controls of today, ``None`` before the first fit."""
        ...


class NothingIsOver(Conflict):
    """None of the finding's rounds is over: there is nothing yet that a pack may hold."""

    code = "pack_nothing_is_over"
    article = "网拍 18(2)"
    zh = "该发现涉及的竞价尚未结束，不能制作证据包。"
    en = "None of the rounds of this finding is over; no evidence pack can be made yet."


class PackTooLarge(Conflict):
    """The pack would be larger than anybody could check."""

    code = "pack_too_large"
    article = "house: limits of a pack"
    zh = "证据包过大，最多{most}字节；请按拍次分别下载竞价日志。"
    en = "The pack is too large, at most {most} bytes; download the journals of its rounds one by one."


class PackMade(Conflict):
    """There is a pack of this id already, made by another command."""

    code = "pack_made"
    article = "house: a pack is made once"
    zh = "该编号的证据包已经制作。"
    en = "A pack of this id was made before."


class MakePack(Command, frozen=True, kw_only=True):
    """Make the pack of this finding in this case."""

    pack_id: UUID
    case_id: UUID
    finding_id: UUID
    reason: str


async def make_pack(
    db: Database,
    actor: Actor,
    command: MakePack,
    *,
    participants: Participants,
    controls: ControlsKept,
    pack_key: PackKey,
) -> UUID:
    """Make, sign and keep the pack; gives its id.

    Raises: `RoleLacking`, `ReasonNeeded`, `FindingUnknown`, `NothingIsOver`, `PackMade`, `PackTooLarge`. Source: 网拍 29, 31(3).
    """
    require_role(actor, *JUDGES)
    reason = require_reason(command.reason)
    # The tapes are read before the transaction that keeps the pack: a closed journal does not change any more.
    async with db.reading() as tx:
        row = await act_store.finding_in_case(tx, command.finding_id, command.case_id)
        records = await _records(tx, row)
        is_made = await tx.session.get(EvidencePackRow, command.pack_id) is not None
    tapes = () if is_made else tuple([await _tape(db, record) for record in records])

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await tx.lock(f"pack:{command.pack_id}")
        if await tx.session.get(EvidencePackRow, command.pack_id) is not None:
            raise PackMade(field="pack_id")
        await act_store.add_word(
            tx, actor, "pack", finding_id=command.finding_id, case_id=command.case_id, reason=reason
        )
        await act_store.note_look(tx, actor, "pack", case_id=command.case_id, finding_id=command.finding_id)
        read = await _read(tx, actor, command, row, records, tapes, participants=participants, controls=controls)
        pack, written = await asyncio.to_thread(_signed, read, pack_key)
        tx.session.add(_kept(command, actor, pack, written, pack_key))
        await tx.session.flush()
        return command.pack_id

    return await db.carry_out(actor, command, work, UUID)


def _signed(read: Read, key: PackKey) -> tuple[EvidencePack, bytes]:
    pack = key.sign_pack(assemble(read, catalogue(), screens_again(), predict_harm))
    written = encode_pack(pack)
    if len(written) > PACK_LIMIT:
        raise PackTooLarge(most=PACK_LIMIT)
    return pack, written


def _kept(command: MakePack, actor: Actor, pack: EvidencePack, written: bytes, key: PackKey) -> EvidencePackRow:
    return EvidencePackRow(
        pack_id=command.pack_id,
        finding_id=command.finding_id,
        case_id=command.case_id,
        written=written,
        fingerprint=fingerprint(written),
        key_id=key.key_id,
        public_key=key.public,
        account_id=actor.account_id,
        made_at=pack.made_at,
    )


async def _records(tx: Transaction, row: FindingRow) -> tuple[RoundRecordRow, ...]:
    """Give the records of the finding's rounds that are over, or refuse (`NothingIsOver`)."""
    found = select(RoundRecordRow).where(RoundRecordRow.round_id.in_([UUID(name) for name in row.round_ids]))
    rows = (await tx.session.scalars(found.order_by(RoundRecordRow.closed_at).limit(ROUNDS_MOST))).all()
    if not rows:
        raise NothingIsOver
    return tuple(rows)


async def _tape(db: Database, record: RoundRecordRow) -> Tape:
    lines = [line async for line in export_journal(db, SessionId(record.session_id))]
    if sum(map(len, lines)) > PACK_LIMIT:
        raise PackTooLarge(most=PACK_LIMIT)
    return Tape(round_id=str(record.round_id), session_id=record.session_id, lines=tuple(lines))


async def _read(
    tx: Transaction,
    actor: Actor,
    command: MakePack,
    row: FindingRow,
    records: Sequence[RoundRecordRow],
    tapes: tuple[Tape, ...],
    *,
    participants: Participants,
    controls: ControlsKept,
) -> Read:
    rosters = tuple([await _roster(tx, actor, command, record, participants) for record in records])
    others = await findings_beside(tx, row, command.case_id, limit=OTHERS_MOST)
    earlier = {one.round_id: one for roster in rosters for one in await _before(tx, roster.record)}
    return Read(
        pack_id=command.pack_id,
        case_id=command.case_id,
        finding_id=command.finding_id,
        made_by=actor.account_id,
        made_at=tx.now,
        tapes=tapes,
        rosters=rosters,
        links=tuple([link for record in records for link in await _links(tx, record)]),
        findings=tuple([await _finding(tx, one, controls) for one in (row, *others)]),
        earlier_records=earlier,
        harm_controls=await controls.newest(tx),
        history=await _history(tx, command.case_id, (row, *others), [roster.record for roster in rosters]),
        answers=await _answers(tx, command),
        access=await _access(tx, command),
    )


async def _roster(
    tx: Transaction, actor: Actor, command: MakePack, row: RoundRecordRow, participants: Participants
) -> Roster:
    """Give a round by tokens; with its names where this case's judge opened it, which is a look at them (rule 2)."""
    record = await watch_store.record(tx, row)
    opening = await act_store.opening_of(tx, row.round_id, command.case_id)
    if opening is None:
        return Roster(record=record, opened=None, names={})
    await act_store.note_look(
        tx, actor, "roster", case_id=command.case_id, finding_id=command.finding_id, round_id=row.round_id
    )
    names = {entry.code: await participants.name_behind(tx, row.round_id, entry.code) for entry in record.codes}
    opened = OpenedBy(account_id=opening.account_id, at=opening.at, reason=opening.reason)
    return Roster(record=record, opened=opened, names=names)


async def _before(tx: Transaction, record: RoundRecord) -> list[RoundRecord]:
    if record.previous is None:
        return []
    row = await tx.session.get(RoundRecordRow, UUID(record.previous))
    if row is None:
        return []
    return [await watch_store.record(tx, row)]


async def _links(tx: Transaction, record: RoundRecordRow) -> list[LinkHeld]:
    """Give what parties of a round share; a link that a court decided is marked, also where nothing else is known to be shared."""
    decided = {tuple(sorted(both)) for both in watch_store.links_on(record)}
    found = [_held(link, record.round_id, decided) for link in await links_of_round(tx, record.round_id)]
    bare = decided - {tuple(sorted(link.parties)) for link in found}
    return found + [
        LinkHeld(
            round_id=str(record.round_id),
            parties=(one, other),
            declared=(),
            keys=(),
            weight=0.0,
            unknown=(),
            is_decided=True,
        )
        for one, other in sorted(bare)
    ]


def _held(link: Link, round_id: UUID, decided: Collection[tuple[str, ...]]) -> LinkHeld:
    return LinkHeld(
        round_id=str(round_id),
        parties=link.parties,
        declared=link.declared,
        keys=tuple(
            KeyShared(kind=key.kind, popularity=key.popularity, weight=round(key.weight, 6), counts=key.counts)
            for key in link.shared
        ),
        weight=round(link.weight, 6),
        unknown=link.unknown,
        is_decided=tuple(sorted(link.parties)) in decided,
    )


async def _finding(tx: Transaction, row: FindingRow, controls: ControlsKept) -> FindingRead:
    return FindingRead(
        finding=act_store.finding_of(row), raised_at=row.raised_at, controls=await controls.controls_of(tx, row)
    )


async def _history(
    tx: Transaction, case_id: UUID, every: Sequence[FindingRow], records: Sequence[RoundRecord]
) -> History:
    words = await act_store.spoken_on(tx, [one.finding_id for one in every])
    set_aside = await set_aside_among(tx, every)
    parties = sorted({party for record in records for party in record.party_of.values()})
    return History(
        findings=tuple(
            _earlier(
                one,
                act_store.said_in(words[one.finding_id], case_id),
                is_set_aside=(one.finding_id, case_id) in set_aside,
            )
            for one in every
        ),
        joint_rounds=joint_rounds_of(records, parties),
    )


def _earlier(row: FindingRow, words: Sequence[act_store.WordSpoken], *, is_set_aside: bool) -> Earlier:
    return Earlier(
        finding_id=row.finding_id,
        screen=row.screen,
        strength=row.strength,
        raised_at=row.raised_at,
        label=label_of((word.spoken for word in words), is_set_aside=is_set_aside),
        words=tuple(
            SpokenWord(
                number=word.number,
                act=word.act,
                article=word.article,
                reason=word.reason,
                account_id=word.account_id,
                at=word.at,
                of_number=word.of_number,
            )
            for word in words
        ),
    )


async def _answers(tx: Transaction, command: MakePack) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            round_id=str(one.round_id),
            code=one.code,
            question=one.question,
            due_on=one.due_on,
            answer=one.answer,
            answered_on=one.answered_on,
        )
        for one in await act_store.asked_about(tx, command.finding_id, command.case_id)
    )


async def _access(tx: Transaction, command: MakePack) -> tuple[Access, ...]:
    return tuple(
        Access(what=look.what, round_id=str(look.round_id or ""), account_id=look.account_id, at=look.at)
        for look in await act_store.looks_at(tx, command.finding_id, command.case_id)
    )
