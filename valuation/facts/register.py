"""The port to a register (title, vehicles, companies, tax): one question about one asset, an answer or a dated gap.

1. A question carries its id, the asset's number in the register and the subjects asked; no person, no case party.
2. An answer is a signed document about that asset, on subjects that were asked; it is stored once.
3. No answer is a gap with its reason, never "no" (practice 8): the register has not answered yet, was not reached, broke
   off, refused, or sent what cannot be used.
4. The same question id gives the same answer, so it may be asked again after anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, get_args
from uuid import UUID

import msgspec

from auction.kernel.errors import Malformed
from auction.kernel.sentences import Said
from auction.kernel.signed_questions import Gap
from auction.law.asset_facts import FACT_LAW
from valuation.facts.facts import Fact, Subject

RegisterKey = Literal["registry", "vehicles", "companies", "tax"]
REGISTERS: tuple[RegisterKey, ...] = get_args(RegisterKey)

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
IDENTIFIER_LIMIT = 200


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one register."""

    question_id: UUID
    register: RegisterKey
    asset_class: str
    identifier: str
    subjects: tuple[Subject, ...]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What the register says on one subject; it says "none" only where it has looked."""

    subject: Subject
    state: Literal["established", "none_found"]
    zh: str
    en: str
    province: str = ""
    """Where the asset lies, where the register says it with the title."""
    city: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A register's answer, verified: signature and fingerprint were checked by the client."""

    question_id: UUID
    register: RegisterKey
    identifier: str
    """Which asset the register looked up."""
    answer_no: str
    as_of: date
    findings: tuple[Finding, ...]
    content: bytes
    """The signed document as it came, canonical JSON."""
    sha256: str
    signature: str


class Register(Protocol):
    """One register. A call never raises for what the other side or the line does: that is a `Gap`."""

    key: RegisterKey

    async def ask(self, question: Question, *, business_at: datetime) -> Answer | Gap:
        """Ask; the register takes a repeated question id as the same question."""
        ...


class RegisterNotAsked(Malformed):
    """This register holds nothing about assets of this class."""

    code = "register_not_asked"
    article = "参考价 3; 238号 1"
    zh = "{register}不掌握该类财产的调查事项。"
    en = "The {register} holds nothing about assets of this class."


class AssetNotNumbered(Malformed):
    """The file holds no number under which a register could know the asset."""

    code = "asset_not_numbered"
    article = "house: a register is asked by the asset's number"
    zh = "财产没有登记号，无法向{register}查询；可以采用书面答复。"
    en = "The asset has no registry number to ask the {register} by; a reply on paper may be taken."


def named(register: RegisterKey) -> Said:
    """Name a register in both languages."""
    listed = FACT_LAW.registers[register]
    return Said(listed.title_zh, listed.title_en)


def make_question(question_id: UUID, register: RegisterKey, *, asset_class: str, identifier: str) -> Question:
    """Make the question about an asset; raises `RegisterNotAsked` and `AssetNotNumbered`."""
    subjects = FACT_LAW.asked_of(register, asset_class)
    if not subjects:
        raise RegisterNotAsked(register=named(register))
    if not 0 < len(identifier.strip()) <= IDENTIFIER_LIMIT:
        raise AssetNotNumbered(register=named(register))
    return msgspec.convert(
        {
            "question_id": question_id,
            "register": register,
            "asset_class": asset_class,
            "identifier": identifier.strip(),
            "subjects": subjects,
        },
        Question,
    )


def what_is_wrong(answer: Answer, question: Question) -> str:
    """Say (in a code) why an answer is none to this question; empty: it is one."""
    if (answer.question_id, answer.register) != (question.question_id, question.register):
        return "other_question"
    if answer.identifier != question.identifier:
        return "other_asset"
    said = [finding.subject for finding in answer.findings]
    if not said or len(set(said)) != len(said) or not set(said) <= set(question.subjects):
        return "other_subjects"
    return ""


def facts_in(answer: Answer) -> list[Fact]:
    """Give an answer's findings as facts; the source names the register and its number."""
    listed = FACT_LAW.registers[answer.register]
    return [
        Fact(
            subject=finding.subject,
            state=finding.state,
            statement_zh=finding.zh,
            statement_en=finding.en,
            source=f"{listed.title_zh} {answer.answer_no}",
            as_of=answer.as_of,
            document_sha256=answer.sha256,
            province=finding.province,
            city=finding.city,
        )
        for finding in answer.findings
    ]


def pause_after(tries: int) -> timedelta:
    """Give how long to wait before asking again: longer and longer, never over an hour."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)


def unanswered_subjects(questions: Sequence[Question]) -> frozenset[Subject]:
    """Give the subjects of questions that still wait."""
    return frozenset(subject for question in questions for subject in question.subjects)
