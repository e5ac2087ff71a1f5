"""SQL of the facts of an asset: findings, questions to registers with their gaps and answers, replies on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from auction.contracts import AssetOnFile
from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound
from auction.kernel.ids import new_id
from auction.kernel.signed_questions import ENDED, GapReason
from valuation.facts.facts import Fact, FactState, Subject
from valuation.facts.register import REGISTERS, Answer, Question, RegisterKey


class QuestionUnknown(NotFound):
    """No such question to a register."""

    code = "register_question_unknown"
    article = "house: a question is known by its id"
    zh = "没有该查询。"
    en = "There is no such question to a register."


class PaperUnknown(NotFound):
    """No such reply on paper of this asset."""

    code = "paper_answer_unknown"
    article = "house: a reply on paper is known by its id"
    zh = "没有该书面答复。"
    en = "There is no such reply on paper."


# Findings -----------------------------------------------------------------------------------------------------------


async def add_facts(
    tx: Transaction,
    case_id: UUID,
    asset_id: UUID,
    facts: Sequence[Fact],
    *,
    question_id: UUID | None = None,
    paper_id: UUID | None = None,
) -> None:
    """Append facts in the order given, with the answer or the paper that they came from."""
    for fact in facts:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.fact (fact_id, case_id, asset_id, subject, state, statement_zh, statement_en, "
                "source, as_of, document_sha256, province, city, recorded_at, question_id, paper_id) VALUES (:fact_id, "
                ":case_id, :asset_id, :subject, :state, :statement_zh, :statement_en, :source, :as_of, :document_sha256, "
                ":province, :city, :now, :question_id, :paper_id)"
            ),
            {
                **msgspec.structs.asdict(fact),
                "fact_id": new_id(),
                "case_id": case_id,
                "asset_id": asset_id,
                "now": tx.now,
                "question_id": question_id,
                "paper_id": paper_id,
            },
        )


async def facts_of(tx: Transaction, asset_id: UUID) -> list[Fact]:
    """Give all facts of an asset, oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT subject, state, statement_zh, statement_en, source, as_of, document_sha256, province, city "
            "FROM valuation.fact WHERE asset_id = :asset_id ORDER BY recorded_at, fact_id"
        ),
        {"asset_id": asset_id},
    )
    return [Fact(**row) for row in rows.mappings()]


async def note_class(tx: Transaction, asset: AssetOnFile) -> None:
    """Note the class by which this asset's facts are measured; the first time counts, as the file never changes it."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.asset_class (asset_id, case_id, asset_class, noted_at) "
            "VALUES (:asset_id, :case_id, :asset_class, :now) ON CONFLICT DO NOTHING"
        ),
        {"asset_id": asset.asset_id, "case_id": asset.case_id, "asset_class": asset.asset_class, "now": tx.now},
    )


async def class_of(tx: Transaction, asset_id: UUID) -> str | None:
    """Give the class that was noted of an asset; ``None``: none was."""
    found = await tx.session.execute(
        text("SELECT asset_class FROM valuation.asset_class WHERE asset_id = :id"), {"id": asset_id}
    )
    noted: str | None = found.scalar_one_or_none()
    return noted


# Questions to registers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class QuestionState:
    """A question as it stands: who was asked what, since when it is unanswered, and how it ended."""

    question: Question
    case_id: UUID
    asset_id: UUID
    asked_at: datetime
    answered_at: datetime | None
    answer_no: str | None
    as_of: date | None
    tries: int
    """How often it was asked without an answer that counts."""
    last_reason: GapReason | None
    last_tried_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether an answer is still awaited: neither in, nor refused or unusable for good."""
        return self.answered_at is None and self.last_reason not in ENDED


async def add_question(tx: Transaction, question: Question, *, case_id: UUID, asset_id: UUID, asked_by: UUID) -> None:
    """Record that a register is asked."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.register_question (question_id, case_id, asset_id, register, asset_class, identifier, "
            "subjects, asked_by, asked_at) VALUES (:question_id, :case_id, :asset_id, :register, :asset_class, "
            ":identifier, :subjects, :asked_by, :now)"
        ),
        {
            "question_id": question.question_id,
            "case_id": case_id,
            "asset_id": asset_id,
            "register": question.register,
            "asset_class": question.asset_class,
            "identifier": question.identifier,
            "subjects": list(question.subjects),
            "asked_by": asked_by,
            "now": tx.now,
        },
    )


_STATES = "SELECT * FROM valuation.register_question_state AS q "


async def question_state(tx: Transaction, question_id: UUID) -> QuestionState:
    """Give a question as it stands; raises `QuestionUnknown`."""
    found = await tx.session.execute(text(_STATES + "WHERE q.question_id = :id"), {"id": question_id})
    row = found.mappings().one_or_none()
    if row is None:
        raise QuestionUnknown
    return _state(row)


async def questions_of(tx: Transaction, asset_id: UUID) -> list[QuestionState]:
    """Give all questions about an asset, oldest first."""
    rows = await tx.session.execute(
        text(_STATES + "WHERE q.asset_id = :id ORDER BY q.asked_at, q.question_id"), {"id": asset_id}
    )
    return [_state(row) for row in rows.mappings()]


def _state(found: RowMapping) -> QuestionState:
    return QuestionState(
        question=Question(
            question_id=found["question_id"],
            register=found["register"],
            asset_class=found["asset_class"],
            identifier=found["identifier"],
            subjects=tuple(found["subjects"]),
        ),
        **{
            name: found[name]
            for name in (
                *("case_id", "asset_id", "asked_at", "answered_at", "answer_no", "as_of"),
                *("tries", "last_reason", "last_tried_at"),
            )
        },
    )


async def add_gap(tx: Transaction, question_id: UUID, reason: GapReason, detail: str) -> int:
    """Note that the register was asked once more and gave no answer that counts; gives how often now."""
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.register_gap (question_id, number, reason, detail, tried_at) SELECT :id, "
            "coalesce(max(number), 0) + 1, :reason, :detail, :now FROM valuation.register_gap WHERE question_id = :id "
            "RETURNING number"
        ),
        {"id": question_id, "reason": reason, "detail": detail[:200], "now": tx.now},
    )
    return int(found.scalar_one())


async def add_answer(tx: Transaction, answer: Answer) -> bool:
    """Keep a signed answer with its fingerprint; ``False``: one was kept before, and nothing was changed."""
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.register_answer (question_id, answer_no, as_of, content, sha256, signature, "
            "answered_at) VALUES (:question_id, :answer_no, :as_of, :content, :sha256, :signature, :now) "
            "ON CONFLICT DO NOTHING RETURNING question_id"
        ),
        {
            "question_id": answer.question_id,
            "answer_no": answer.answer_no,
            "as_of": answer.as_of,
            "content": answer.content,
            "sha256": answer.sha256,
            "signature": answer.signature,
            "now": tx.now,
        },
    )
    return found.first() is not None


# Two statements, so that the gaps of answered questions are never looked at: anybody may open the public page.
_LAST_ANSWERS = (
    "SELECT q.register, max(a.answered_at) AS at FROM valuation.register_answer a "
    "JOIN valuation.register_question q USING (question_id) GROUP BY q.register"
)
_WAITING = (
    "SELECT register, count(*) AS waiting, min(asked_at) AS since FROM valuation.register_question_state "
    "WHERE is_open GROUP BY register"
)


class RegisterStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How one register stands with this installation: what waits, since when, and its last answer."""

    register: RegisterKey
    waiting: int
    unanswered_since: datetime | None
    last_answer_at: datetime | None


async def standings(tx: Transaction) -> dict[RegisterKey, RegisterStanding]:
    """Give the standing of each register that waits or has ever answered; of the others there is nothing to say."""
    answers = {row.register: row.at for row in await tx.session.execute(text(_LAST_ANSWERS))}
    waiting = {row.register: row for row in await tx.session.execute(text(_WAITING))}
    found = {}
    for key in REGISTERS:
        row = waiting.get(key)
        if row is not None or key in answers:
            found[key] = RegisterStanding(
                register=key,
                waiting=0 if row is None else row.waiting,
                unanswered_since=None if row is None else row.since,
                last_answer_at=answers.get(key),
            )
    return found


# Replies on paper -----------------------------------------------------------------------------------------------------


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A reply on paper as one officer recorded it; ``agrees`` is ``None`` until a second person has looked."""

    paper_id: UUID
    case_id: UUID
    asset_id: UUID
    subject: Subject
    state: Literal["established", "none_found"]
    statement_zh: str
    statement_en: str
    source: str
    as_of: date
    scan_sha256: str
    recorded_by: UUID
    recorded_at: datetime
    province: str = ""
    city: str = ""
    agrees: bool | None = None

    @property
    def fact(self) -> Fact:
        """The finding that the paper bears out."""
        state: FactState = self.state
        return Fact(
            subject=self.subject,
            state=state,
            statement_zh=self.statement_zh,
            statement_en=self.statement_en,
            source=self.source,
            as_of=self.as_of,
            document_sha256=self.scan_sha256,
            province=self.province,
            city=self.city,
        )


async def add_paper(tx: Transaction, paper: Paper) -> None:
    """Record a reply on paper."""
    values = msgspec.structs.asdict(paper)
    del values["agrees"]
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    await tx.session.execute(text(f"INSERT INTO valuation.paper_answer ({names}) VALUES ({marks})"), values)  # noqa: S608 - names of ours


_PAPERS = (
    "SELECT p.*, c.agrees FROM valuation.paper_answer p LEFT JOIN valuation.paper_confirmation c USING (paper_id) "
)


async def paper(tx: Transaction, asset_id: UUID, paper_id: UUID) -> Paper:
    """Give a reply on paper about this asset; raises `PaperUnknown`."""
    found = await tx.session.execute(
        text(_PAPERS + "WHERE p.paper_id = :id AND p.asset_id = :asset_id"), {"id": paper_id, "asset_id": asset_id}
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise PaperUnknown
    return _paper(row)


async def papers_of(tx: Transaction, asset_id: UUID) -> list[Paper]:
    """Give all replies on paper about an asset, oldest first."""
    rows = await tx.session.execute(
        text(_PAPERS + "WHERE p.asset_id = :id ORDER BY p.recorded_at, p.paper_id"), {"id": asset_id}
    )
    return [_paper(row) for row in rows.mappings()]


def _paper(found: RowMapping) -> Paper:
    return msgspec.convert(dict(found), Paper)


async def add_confirmation(tx: Transaction, found: Paper, *, confirmed_by: UUID, agrees: bool) -> None:
    """Record what the second person found; the database refuses the first one's own."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.paper_confirmation (paper_id, recorded_by, confirmed_by, agrees, confirmed_at) "
            "VALUES (:paper_id, :recorded_by, :confirmed_by, :agrees, :now)"
        ),
        {
            "paper_id": found.paper_id,
            "recorded_by": found.recorded_by,
            "confirmed_by": confirmed_by,
            "agrees": agrees,
            "now": tx.now,
        },
    )
