"""Queries of the court's acts on findings, named by what they answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from bidding.integrity.findings.acts import (
    RESTS,
    WORDS_MOST,
    FindingUnknown,
    Spoken,
    TooManyWords,
    Word,
    approved_among,
)
from bidding.integrity.findings.findings import Finding
from bidding.integrity.findings.tables import (
    ExplanationRequestRow,
    ExplanationRow,
    FindingActRow,
    FindingLookRow,
    FindingRow,
    FindingWordRow,
    RosterOpeningRow,
    RoundRecordRow,
)

FoundRow: TypeAlias = FindingRow
"""A finding as it is stored, for readers who know no tables."""
LOOKS_MOST = 2_000
"""Most looks that one page or pack lists, the newest first."""


class WordSpoken(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the court with what it rests on."""

    number: int
    act: str
    reason: str
    article: str
    document_id: UUID | None
    account_id: UUID
    at: datetime
    round_id: UUID | None = None
    code: str | None = None
    fine_fen: int | None = None
    detention_days: int | None = None
    of_number: int | None = None
    case_id: UUID | None = None
    """In which case it was said; ``None``: before words had their case."""

    @property
    def spoken(self) -> Spoken:
        """Give what the label needs of it."""
        return Spoken(number=self.number, act=self.act, of_number=self.of_number)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A bidder was asked under his code; ``answer`` is ``None`` until he has answered."""

    request_id: UUID
    finding_id: UUID
    number: int
    case_id: UUID
    round_id: UUID
    code: str
    question: str
    asked_at: datetime
    due_on: date
    answer: str | None = None
    answered_on: date | None = None

    @property
    def is_late(self) -> bool:
        """Whether the answer came after its last day."""
        return self.answered_on is not None and self.answered_on > self.due_on


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a finding, an opened roster or a pack."""

    what: str
    round_id: UUID | None
    account_id: UUID
    at: datetime


class Sanction(msgspec.Struct, frozen=True, kw_only=True):
    """A fine or detention that the president approved, with the finding behind it."""

    finding: Finding
    proposed: WordSpoken
    approved: WordSpoken


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Who opened a roster, when and why."""

    round_id: UUID
    case_id: UUID
    reason: str
    account_id: UUID
    at: datetime


async def finding_in_case(tx: Transaction, finding_id: UUID, case_id: UUID) -> FindingRow:
    """Give a finding about this case, or refuse as if there were none (`FindingUnknown`)."""
    row = await tx.session.get(FindingRow, finding_id)
    if row is None or str(case_id) not in row.case_ids:
        raise FindingUnknown(finding_id=finding_id)
    return row


def finding_of(row: FindingRow) -> Finding:
    """Read a finding as it was raised."""
    return msgspec.convert(row.finding, Finding)


async def finding_when_over(tx: Transaction, finding_id: UUID) -> Finding | None:
    """Give a finding once every round that it names is over and recorded, ``None`` before: it may tie one code to another (网拍 18(2))."""
    row = await tx.session.get(FindingRow, finding_id)
    if row is None:
        return None
    named = [UUID(name) for name in row.round_ids]
    over = select(func.count()).select_from(RoundRecordRow).where(RoundRecordRow.round_id.in_(named))
    return finding_of(row) if await tx.session.scalar(over) == len(set(named)) else None


async def add_word(
    tx: Transaction,
    actor: Actor,
    act: Word,
    *,
    finding_id: UUID,
    case_id: UUID,
    reason: str,
    document_id: UUID | None = None,
    round_id: UUID | None = None,
    code: str | None = None,
    fine_fen: int | None = None,
    detention_days: int | None = None,
    of_number: int | None = None,
) -> int:
    """Store the next word on a finding and give its number; words on one finding follow each other. Raises `TooManyWords`."""
    await tx.lock(f"finding:{finding_id}")
    counted = select(func.coalesce(func.max(FindingWordRow.number), 0)).where(FindingWordRow.finding_id == finding_id)
    number = int((await tx.session.scalar(counted)) or 0) + 1
    if number > WORDS_MOST:
        raise TooManyWords
    tx.session.add(
        FindingWordRow(
            finding_id=finding_id,
            number=number,
            act=act,
            reason=reason,
            document_id=document_id,
            account_id=actor.account_id,
            at=tx.now,
        )
    )
    await tx.session.flush()
    tx.session.add(
        FindingActRow(
            finding_id=finding_id,
            number=number,
            case_id=case_id,
            article=RESTS[act].article,
            round_id=round_id,
            code=code,
            fine_fen=fine_fen,
            detention_days=detention_days,
            of_number=of_number,
        )
    )
    await tx.session.flush()
    return number


async def spoken_on(tx: Transaction, finding_ids: Collection[UUID]) -> dict[UUID, list[WordSpoken]]:
    """Give the court's words on these findings, each finding's in their order."""
    found = (
        select(FindingWordRow, FindingActRow)
        .outerjoin(
            FindingActRow,
            (FindingActRow.finding_id == FindingWordRow.finding_id) & (FindingActRow.number == FindingWordRow.number),
        )
        .where(FindingWordRow.finding_id.in_(list(finding_ids)))
        .order_by(FindingWordRow.finding_id, FindingWordRow.number)
    )
    words: dict[UUID, list[WordSpoken]] = {finding_id: [] for finding_id in finding_ids}
    for word, act in await tx.session.execute(found):
        words[word.finding_id].append(_spoken(word, act))
    return words


def _spoken(word: FindingWordRow, act: FindingActRow | None) -> WordSpoken:
    said = WordSpoken(
        number=word.number,
        act=word.act,
        reason=word.reason,
        article="",
        document_id=word.document_id,
        account_id=word.account_id,
        at=word.at,
    )
    if act is None:
        return said
    return msgspec.structs.replace(
        said,
        article=act.article,
        round_id=act.round_id,
        code=act.code,
        fine_fen=act.fine_fen,
        detention_days=act.detention_days,
        of_number=act.of_number,
        case_id=act.case_id,
    )


def said_in(words: Iterable[WordSpoken], case_id: UUID) -> list[WordSpoken]:
    """Give the words that one case's court said: what another case's judge said or asked labels and decides nothing here."""
    return [word for word in words if word.case_id in (None, case_id)]


async def asked_about(tx: Transaction, finding_id: UUID, case_id: UUID) -> list[Asked]:
    """Give what was asked about a finding in a case, with the answers; another case's questions are that case's."""
    found = select(ExplanationRequestRow).where(
        ExplanationRequestRow.finding_id == finding_id, ExplanationRequestRow.case_id == case_id
    )
    rows = (await tx.session.scalars(found.order_by(ExplanationRequestRow.number))).all()
    return await _with_answers(tx, rows)


async def asked_of(tx: Transaction, codes: Collection[tuple[UUID, str]]) -> list[Asked]:
    """Give what was asked of these codes of rounds, the newest first."""
    if not codes:
        return []
    rounds = {round_id for round_id, _code in codes}
    found = select(ExplanationRequestRow).where(ExplanationRequestRow.round_id.in_(rounds))
    rows = (await tx.session.scalars(found.order_by(ExplanationRequestRow.asked_at.desc()))).all()
    return await _with_answers(tx, [row for row in rows if (row.round_id, row.code) in codes])


async def request_row(tx: Transaction, request_id: UUID) -> ExplanationRequestRow | None:
    """Give a request, ``None`` if there is no such one."""
    return await tx.session.get(ExplanationRequestRow, request_id)


async def is_answered(tx: Transaction, request_id: UUID) -> bool:
    """Whether a request has its answer."""
    return await tx.session.get(ExplanationRow, request_id) is not None


async def _with_answers(tx: Transaction, rows: Sequence[ExplanationRequestRow]) -> list[Asked]:
    found = select(ExplanationRow).where(ExplanationRow.request_id.in_([row.request_id for row in rows]))
    answers = {row.request_id: row for row in (await tx.session.scalars(found)).all()}
    return [_asked(row, answers.get(row.request_id)) for row in rows]


def _asked(row: ExplanationRequestRow, answer: ExplanationRow | None) -> Asked:
    return Asked(
        request_id=row.request_id,
        finding_id=row.finding_id,
        number=row.number,
        case_id=row.case_id,
        round_id=row.round_id,
        code=row.code,
        question=row.question,
        asked_at=row.asked_at,
        due_on=row.due_on,
        answer=None if answer is None else answer.answer,
        answered_on=None if answer is None else answer.answered_on,
    )


async def record_of_round(tx: Transaction, round_id: UUID) -> RoundRecordRow | None:
    """Give the record of a round, ``None`` while it is not over."""
    return await tx.session.get(RoundRecordRow, round_id)


async def opening_of(tx: Transaction, round_id: UUID, case_id: UUID) -> Opening | None:
    """Give who opened this round's roster in this case, ``None``: it is sealed."""
    row = await tx.session.get(RosterOpeningRow, (round_id, case_id))
    if row is None:
        return None
    return Opening(round_id=round_id, case_id=case_id, reason=row.reason, account_id=row.account_id, at=row.opened_at)


async def note_look(
    tx: Transaction, actor: Actor, what: str, *, case_id: UUID, finding_id: UUID, round_id: UUID | None = None
) -> None:
    """Log a look; what is looked at is shown only after this is committed."""
    tx.session.add(
        FindingLookRow(
            look_id=new_id(),
            case_id=case_id,
            finding_id=finding_id,
            round_id=round_id,
            what=what,
            account_id=actor.account_id,
            looked_at=tx.now,
        )
    )
    await tx.session.flush()


async def looks_at(tx: Transaction, finding_id: UUID, case_id: UUID) -> list[Look]:
    """Give who looked at a finding in a case, the newest first, at most `LOOKS_MOST`."""
    found = select(FindingLookRow).where(FindingLookRow.finding_id == finding_id, FindingLookRow.case_id == case_id)
    rows = await tx.session.scalars(found.order_by(FindingLookRow.looked_at.desc()).limit(LOOKS_MOST))
    return [Look(what=row.what, round_id=row.round_id, account_id=row.account_id, at=row.looked_at) for row in rows]


async def findings_with_act(tx: Transaction, acts: Collection[str], *, limit: int) -> Sequence[FindingRow]:
    """Give the findings on which one of these words was said, the newest first."""
    said = select(FindingWordRow.finding_id).where(FindingWordRow.act.in_(list(acts)))
    found = select(FindingRow).where(FindingRow.finding_id.in_(said)).order_by(FindingRow.raised_at.desc()).limit(limit)
    return (await tx.session.scalars(found)).all()


async def sanctions_of(tx: Transaction, codes: Collection[tuple[UUID, str]]) -> list[Sanction]:
    """Give what the president approved against these codes of rounds, the newest first; a proposal is nobody's but the court's."""
    if not codes:
        return []
    named = select(FindingActRow.finding_id).where(FindingActRow.round_id.in_({round_id for round_id, _code in codes}))
    rows = {
        row.finding_id: row
        for row in await tx.session.scalars(select(FindingRow).where(FindingRow.finding_id.in_(named)))
    }
    spoken = await spoken_on(tx, list(rows))
    found = [
        Sanction(finding=finding_of(rows[finding_id]), proposed=proposed, approved=approved)
        for finding_id, words in spoken.items()
        for proposed, approved in approved_among(words)
        if (proposed.round_id, proposed.code) in codes
    ]
    return sorted(found, key=lambda one: one.approved.at, reverse=True)


async def earlier_about(tx: Transaction, row: FindingRow, case_id: UUID, *, limit: int) -> Sequence[FindingRow]:
    """Give this case's earlier findings of the same screen about a party of this one, the newest first.

    A group that meets again is a finding of its own (its id names the rounds): what the court said before is read here.
    """
    if not row.parties:
        return []
    found = (
        select(FindingRow)
        .where(
            FindingRow.parties.overlap(row.parties),
            FindingRow.case_ids.contains([str(case_id)]),
            FindingRow.screen == row.screen,
            FindingRow.raised_at < row.raised_at,
            FindingRow.finding_id != row.finding_id,
        )
        .order_by(FindingRow.raised_at.desc(), FindingRow.finding_id)
        .limit(limit)
    )
    return (await tx.session.scalars(found)).all()
