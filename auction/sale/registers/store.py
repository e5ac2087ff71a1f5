"""Queries of what keepers of lists were asked and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from auction.kernel.persons import find_person, identity_commitment, identity_of
from auction.kernel.signed_questions import ENDED, Gap, GapReason
from auction.sale.cases.assets import AssetClass
from auction.sale.columns import add
from auction.sale.registers.lists import (
    Entry,
    ListKey,
    ListsAnswer,
    Moment,
    Reply,
    Standing,
    Told,
    lists_for,
    standing_of,
)
from auction.sale.registers.paper_store import papers_told
from auction.sale.registers.tables import JointSubjectRow, ListAnswerRow, ListGapRow, ListQuestionRow

DETAIL_LENGTH = 300
MATTERS_MOST = 100
"""Most registrations on one page of what the lists say."""
_MATTERS = text(
    "SELECT DISTINCT r.registration_id, q.person_id, r.lot_id, r.registered_at, a.asset_class FROM sale.registration r "
    "JOIN sale.lot l ON l.lot_id = r.lot_id JOIN sale.asset a USING (asset_id) "
    "CROSS JOIN LATERAL (SELECT r.person_id AS asked_id UNION SELECT j.subject_id FROM sale.joint_subject j "
    " JOIN sale.joint_member m USING (registration_id, commitment) WHERE j.registration_id = r.registration_id) who "
    "JOIN sale.list_question q ON q.person_id = who.asked_id LEFT JOIN sale.list_answer t USING (question_id) "
    "WHERE r.case_id = :case_id AND r.state IN ('awaiting_deposit', 'admitted', 'won') AND "
    '(t.question_id IS NULL OR t.entries @> \'[{"state": "listed"}]\') ORDER BY r.registered_at LIMIT :most'
)

_BUYERS = text(
    "SELECT c.buyer_person_id AS subject_id, p.person_id, p.identity_commitment AS commitment, false AS is_joint "
    "FROM sale.confirmation c JOIN kernel.person p ON p.person_id = c.buyer_person_id WHERE c.round_id = :round_id "
    "UNION SELECT j.subject_id, p.person_id, j.commitment, true FROM sale.confirmation c "
    "JOIN sale.registration r ON r.round_id = c.round_id AND r.person_id = c.buyer_person_id "
    "JOIN sale.joint_subject j USING (registration_id) JOIN sale.joint_member m USING (registration_id, commitment) "
    "LEFT JOIN kernel.person p ON p.identity_commitment = j.commitment "
    "WHERE c.round_id = :round_id ORDER BY is_joint, subject_id"
)


class LotAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What a question about a person needs to know of the lot."""

    case_id: UUID
    lot_id: UUID
    asset_class: AssetClass


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it stands."""

    row: ListQuestionRow
    answered: bool
    tries: int
    last_reason: GapReason | None

    @property
    def is_open(self) -> bool:
        """Whether the same question may still be answered."""
        return not self.answered and self.last_reason not in ENDED


async def lot_asked(tx: Transaction, lot_id: UUID) -> LotAsked | None:
    """Give case and class of a lot, ``None`` if there is no such lot."""
    found = await tx.session.execute(
        text(
            "SELECT l.case_id, l.lot_id, a.asset_class FROM sale.lot l JOIN sale.asset a USING (asset_id) "
            "WHERE l.lot_id = :lot_id"
        ),
        {"lot_id": lot_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else msgspec.convert(dict(row), LotAsked)


async def name_subject(
    tx: Transaction, *, registration_id: UUID, kind: Literal["natural", "organisation"], number: str
) -> UUID:
    """Give the id under which the lists are asked about a joint bidder: his person's, or one made from his number.

    On a bidder's word nobody becomes a person on file: whoever is one cannot open an account without the court's counter.
    """
    commitment = identity_commitment(tx, number)
    subject_id = await find_person(tx, number) or named_id("joint bidder", commitment)
    row = insert(JointSubjectRow).values(
        registration_id=registration_id,
        subject_id=subject_id,
        commitment=commitment,
        kind=kind,
        number_sealed=tx.sealer.seal(number),
        named_at=tx.now,
    )
    await tx.session.execute(row.on_conflict_do_nothing())
    return subject_id


async def identity_asked(tx: Transaction, subject_id: UUID) -> tuple[str, str]:
    """Open kind and number of whom a question is about; a joint bidder may be nobody on file. Raises: `PersonUnknown`."""
    found = select(JointSubjectRow).where(JointSubjectRow.subject_id == subject_id).limit(1)
    row = await tx.session.scalar(found)
    if row is None:
        return await identity_of(tx, subject_id)
    return row.kind, tx.sealer.open(row.number_sealed)


class BuyerSubject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the lists are asked about for a sale: the buyer himself, or one of those who bought with him."""

    subject_id: UUID
    person_id: UUID | None
    """His person, who may have come on file since he was named; ``None``: he is nobody on file."""
    commitment: str
    is_joint: bool

    @property
    def ids(self) -> set[UUID]:
        """Every id under which something may be known of him."""
        return {self.subject_id} if self.person_id is None else {self.subject_id, self.person_id}


async def buyers_of_round(tx: Transaction, round_id: UUID) -> list[BuyerSubject]:
    """Give the buyer of a round and those who bought with him, each once; nobody where it was not sold."""
    rows = (await tx.session.execute(_BUYERS, {"round_id": round_id})).mappings().all()
    found = [msgspec.convert(dict(row), BuyerSubject) for row in rows]
    own = {one.subject_id for one in found if not one.is_joint}
    return [one for one in found if not one.is_joint or one.subject_id not in own]


async def buyers_of(tx: Transaction, lot_id: UUID) -> list[UUID]:
    """Give the buyer of the lot's newest sale and those who bought with him; nobody where it was not sold."""
    found = await tx.session.execute(
        text("SELECT round_id FROM sale.confirmation WHERE lot_id = :lot_id ORDER BY published_at DESC LIMIT 1"),
        {"lot_id": lot_id},
    )
    round_id = cast("UUID | None", found.scalar_one_or_none())
    return [] if round_id is None else [one.subject_id for one in await buyers_of_round(tx, round_id)]


async def taking_part(tx: Transaction, round_id: UUID, *, after: UUID, most: int) -> Sequence[UUID]:
    """Give the next persons who take part in a round, in the order of their ids."""
    found = await tx.session.execute(
        text(
            "WITH live AS (SELECT registration_id, person_id FROM sale.registration WHERE round_id = :round_id "
            "AND state IN ('awaiting_deposit', 'admitted', 'won')), asked AS (SELECT person_id FROM live UNION "
            "SELECT j.subject_id FROM live JOIN sale.joint_subject j USING (registration_id) "
            "JOIN sale.joint_member m USING (registration_id, commitment)) "
            "SELECT person_id FROM asked WHERE person_id > :after ORDER BY person_id LIMIT :most"
        ),
        {"round_id": round_id, "after": after, "most": most},
    )
    return list(found.scalars())


async def takes_part(tx: Transaction, *, person_id: UUID, lot_id: UUID) -> bool:
    """Whether the person still takes part in the lot's sale, as bidder or as buyer before the ruling."""
    found = await tx.session.execute(
        text(
            "SELECT 1 FROM sale.registration r WHERE r.lot_id = :lot_id AND (r.person_id = :person_id OR EXISTS "
            "(SELECT 1 FROM sale.joint_subject j JOIN sale.joint_member m USING (registration_id, commitment) "
            " WHERE j.registration_id = r.registration_id AND j.subject_id = :person_id)) "
            "AND (r.state IN ('awaiting_deposit', 'admitted') OR r.state = 'won' AND NOT EXISTS "
            "(SELECT 1 FROM sale.sale_ruling s WHERE s.lot_id = r.lot_id)) LIMIT 1"
        ),
        {"person_id": person_id, "lot_id": lot_id},
    )
    return found.first() is not None


async def asked_lately(tx: Transaction, *, person_id: UUID, lot_id: UUID, keeper: str, within: timedelta) -> int:
    """Count the questions that one keeper was put about a person for a lot lately."""
    counted = select(func.count()).where(
        ListQuestionRow.person_id == person_id,
        ListQuestionRow.lot_id == lot_id,
        ListQuestionRow.keeper == keeper,
        ListQuestionRow.asked_at > tx.now - within,
    )
    return int((await tx.session.scalar(counted)) or 0)


async def add_question(
    tx: Transaction, *, question_id: UUID, keeper: tuple[str, str], person_id: UUID, lot: LotAsked, moment: Moment
) -> ListQuestionRow:
    """Put a question on file, to a keeper with his title."""
    row = ListQuestionRow(
        question_id=question_id,
        keeper=keeper[0],
        keeper_title=keeper[1],
        person_id=person_id,
        case_id=lot.case_id,
        lot_id=lot.lot_id,
        lists=list(lists_for(lot.asset_class)),
        moment=moment,
        asked_at=tx.now,
    )
    await add(tx, row)
    return row


async def asked(tx: Transaction, question_id: UUID) -> Asked:
    """Give a question as it stands."""
    row = await tx.session.get_one(ListQuestionRow, question_id)
    last = await tx.session.scalar(
        select(ListGapRow).where(ListGapRow.question_id == question_id).order_by(ListGapRow.number.desc()).limit(1)
    )
    return Asked(
        row=row,
        answered=await tx.session.get(ListAnswerRow, question_id) is not None,
        tries=0 if last is None else last.number,
        last_reason=None if last is None else cast("GapReason", last.reason),
    )


async def open_question(
    tx: Transaction, *, person_id: UUID, lot_id: UUID, keeper: str, moment: Moment
) -> ListQuestionRow | None:
    """Give the question of this moment that still waits, the newest first; ``None`` if none waits."""
    found = (
        select(ListQuestionRow)
        .where(
            ListQuestionRow.person_id == person_id,
            ListQuestionRow.lot_id == lot_id,
            ListQuestionRow.keeper == keeper,
            ListQuestionRow.moment == moment,
        )
        .order_by(ListQuestionRow.asked_at.desc())
        .limit(1)
    )
    row = await tx.session.scalar(found)
    if row is None or not (await asked(tx, row.question_id)).is_open:
        return None
    return row


async def add_gap(tx: Transaction, question_id: UUID, gap: Gap) -> int:
    """Date a try that brought no answer; gives its number."""
    number = (await asked(tx, question_id)).tries + 1
    await add(
        tx,
        ListGapRow(
            question_id=question_id, number=number, reason=gap.reason, detail=gap.detail[:DETAIL_LENGTH], at=tx.now
        ),
    )
    return number


async def add_answer(tx: Transaction, reply: Reply) -> None:
    """Keep an answer: sealed whole, what decides beside it."""
    row = ListAnswerRow(
        question_id=reply.question_id,
        answer_no=reply.answer_no,
        as_of=reply.as_of,
        entries=[
            {"list": entry.list, "state": entry.state, "covers": [str(kind) for kind in entry.covers]}
            for entry in reply.entries
        ],
        content_sealed=tx.sealer.seal(reply.content.decode()),
        fingerprint=tx.sealer.commit(f"list answer:{reply.signature}"),
        answered_at=tx.now,
    )
    await add(tx, row)


async def told_of(tx: Transaction, person_id: UUID) -> list[Told]:
    """Give all that keepers answered about a person, over the line or on confirmed paper, of every lot."""
    found = (
        select(ListAnswerRow, ListQuestionRow.keeper_title)
        .join(ListQuestionRow, ListQuestionRow.question_id == ListAnswerRow.question_id)
        .where(ListQuestionRow.person_id == person_id)
    )
    answers, on_paper = await tx.together(tx.session.execute(found), papers_told(tx, person_id))
    over_the_line = [
        Told(
            keeper=keeper,
            entry=msgspec.convert(entry, Entry),
            answer_no=row.answer_no,
            as_of=row.as_of,
            answered_at=row.answered_at,
            fingerprint=row.fingerprint,
        )
        for row, keeper in answers.all()
        for entry in row.entries
    ]
    return over_the_line + on_paper


async def unanswered_since(tx: Transaction, person_id: UUID, list_: ListKey) -> datetime | None:
    """Since when a person's newest question about a list waits, by keeper; the oldest of them, ``None`` if none waits."""
    found = await tx.session.execute(
        text(
            "SELECT min(q.asked_at) FROM sale.list_question q WHERE q.person_id = :person_id AND :list = ANY(q.lists) "
            "AND NOT EXISTS (SELECT 1 FROM sale.list_answer a WHERE a.question_id = q.question_id) "
            "AND NOT EXISTS (SELECT 1 FROM sale.list_question l JOIN sale.list_answer a USING (question_id) "
            " WHERE l.person_id = q.person_id AND l.keeper = q.keeper AND a.answered_at >= q.asked_at)"
        ),
        {"person_id": person_id, "list": list_},
    )
    return cast("datetime | None", found.scalar_one())


async def standings_of(
    tx: Transaction, person_id: UUID, asset_class: AssetClass, *, came_since: datetime | None = None
) -> ListsAnswer:
    """Say how a person stands to the lists that can matter for this class; ``came_since``: older answers do not count."""
    told, unanswered = await tx.together(
        told_of(tx, person_id), tx.each(lists_for(asset_class), lambda each: unanswered_since(tx, person_id, each))
    )
    standings = [
        standing_of(each, told, asset_class=asset_class, unanswered_since=since, came_since=came_since)
        for each, since in unanswered.items()
    ]
    return ListsAnswer(asset_class=asset_class, standings=tuple(standings))


class ListMatter(msgspec.Struct, frozen=True, kw_only=True):
    """A registration about which a list has not answered, or says what the judge must know; no name and no code."""

    registration_id: UUID
    lot_id: UUID
    registered_at: datetime
    standing: Standing


async def matters_of(tx: Transaction, case_id: UUID) -> list[ListMatter]:
    """Give the registrations of a case whose bidder is listed, contradicted, or not answered about; at most `MATTERS_MOST`."""
    found = await tx.session.execute(_MATTERS, {"case_id": case_id, "most": MATTERS_MOST})
    matters = []
    for row in found.all():
        answer = await standings_of(tx, row.person_id, AssetClass(row.asset_class))
        matters += [
            ListMatter(
                registration_id=row.registration_id,
                lot_id=row.lot_id,
                registered_at=row.registered_at,
                standing=standing,
            )
            for standing in answer.standings
            if standing.state != "clear" or standing.unanswered_since is not None
        ]
    return matters


async def silent_since(tx: Transaction, person_id: UUID, lot_id: UUID) -> datetime | None:
    """Since when no keeper has answered about a person for a lot, ``None``: an answer is there, or nobody was asked."""
    lot = await lot_asked(tx, lot_id)
    if lot is None:
        return None
    standings = (await standings_of(tx, person_id, lot.asset_class)).standings
    waits = [each.unanswered_since for each in standings if each.state == "unanswered"]
    return min((since for since in waits if since is not None), default=None)


async def listed_since(tx: Transaction, person_id: UUID, asset_class: AssetClass) -> datetime | None:
    """Give when the newest listing that bars a person from this class was first told; ``None``: none does now."""
    standings = (await standings_of(tx, person_id, asset_class)).standings
    return max((each.barred_at for each in standings if each.barred_at is not None), default=None)
