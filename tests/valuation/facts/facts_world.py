"""A file of our own making: assets by class, and registers that answer as a test tells them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import AssetOnFile
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.jobs import Job
from auction.kernel.move_clock import move_clock
from auction.kernel.signed_questions import Gap
from auction.law.asset_facts import FACT_LAW
from valuation.facts import store
from valuation.facts.ask_register import AskNow, AskRegister, RegisterAsked, ask_register, handle_ask_register
from valuation.facts.establish_facts import EstablishFacts, establish_facts
from valuation.facts.facts import Fact, FactState, Subject
from valuation.facts.register import Answer, Finding, Question, Register, RegisterKey

START = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)
TODAY = date(2027, 3, 1)
NUMBER = "京(2014)朝阳不动产权第0001234号"
CASE = named_id("test", "case")


def officer(name: str, *roles: Role) -> Actor:
    """Make an officer; the same name is the same natural person."""
    return Actor(
        account_id=AccountId(named_id("account", name)),
        person_id=PersonId(named_id("person", name)),
        roles=frozenset(roles or {Role.CASE_HANDLER}),
    )


HANDLER, CLERK = officer("handler"), officer("clerk", Role.CLERK)


def fact(subject: Subject, state: FactState = "established", **changes: object) -> Fact:
    """Make a fact on a subject."""
    made = Fact(
        subject=subject,
        state=state,
        statement_zh="已查明",
        statement_en="established",
        source="现场勘查笔录",
        as_of=date(2027, 2, 1),
        document_sha256=None if state == "unanswered" else "a" * 64,
    )
    return msgspec.structs.replace(made, **changes)


class OneFile:
    """The port to the file: any asset asked for is of this class and number."""

    def __init__(self, asset_class: str, number: str = NUMBER) -> None:
        """Keep what the file says."""
        self.asset_class, self.number = asset_class, number

    async def asset(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> AssetOnFile:
        """Give the asset."""
        return AssetOnFile(
            asset_id=asset_id, case_id=case_id, asset_class=self.asset_class, registry_number=self.number
        )


class TestRegister:
    """A register of ours: gives the next of its told outcomes, then always the last."""

    __test__ = False

    def __init__(self, key: RegisterKey, *outcomes: Answer | Gap | Literal["answer"]) -> None:
        """Keep what it is to give; ``answer``: a right answer to the question."""
        self.key: RegisterKey = key
        self.outcomes = list(outcomes) or ["answer"]
        self.asked: list[Question] = []

    async def ask(self, question: Question, *, business_at: datetime) -> Answer | Gap:
        """Give the next outcome."""
        self.asked.append(question)
        told = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return answer_to(question) if isinstance(told, str) else told


def answer_to(question: Question, **changes: object) -> Answer:
    """Make the right answer to a question."""
    made = Answer(
        question_id=question.question_id,
        register=question.register,
        identifier=question.identifier,
        answer_no="REG-1",
        as_of=TODAY,
        findings=tuple(
            Finding(subject=subject, state="established", zh=f"登记：{subject}", en=f"registered: {subject}")
            for subject in question.subjects
        ),
        content=b"{}",
        sha256="b" * 64,
        signature="s",
    )
    return msgspec.structs.replace(made, **changes)


class Desk:
    """An officer's desk for one asset."""

    def __init__(self, db: Database, asset_class: str, number: str = NUMBER) -> None:
        """Take a new asset of this class."""
        self.db, self.file, self.asset_id = db, OneFile(asset_class, number), new_id()

    async def establish(self, *facts: Fact, actor: Actor = HANDLER) -> tuple[str, ...]:
        """Establish facts; gives what is missing."""
        command = EstablishFacts(command_id=new_id(), case_id=CASE, asset_id=self.asset_id, facts=facts)
        return (await establish_facts(self.db, actor, command, asset_file=self.file)).missing

    async def ask(self, register: TestRegister | RegisterKey, *connected: Register) -> RegisterAsked:
        """Ask a register; one that is only named must be connected."""
        key = register.key if isinstance(register, TestRegister) else register
        lines = {each.key: each for each in (*connected, register) if not isinstance(each, str)}
        command = AskRegister(command_id=new_id(), case_id=CASE, asset_id=self.asset_id, register=key)
        return await ask_register(self.db, HANDLER, command, asset_file=self.file, registers=lines)

    async def work(self, asked: RegisterAsked, *registers: Register) -> None:
        """Run the job that asks, as the worker would."""
        job = Job(
            job_id=uuid.uuid4(),
            kind="valuation.ask_register",
            payload=msgspec.json.encode(AskNow(question_id=asked.question_id)),
            attempts=0,
        )
        await handle_ask_register(self.db, {each.key: each for each in registers}, job)

    async def state(self, asked: RegisterAsked) -> store.QuestionState:
        """Give a question as it stands."""
        async with self.db.reading() as tx:
            return await store.question_state(tx, asked.question_id)

    async def facts(self) -> list[Fact]:
        """Give all facts."""
        async with self.db.reading() as tx:
            return await store.facts_of(tx, self.asset_id)

    async def jobs(self) -> int:
        """Count the jobs that ask registers."""
        async with self.db.reading() as tx:
            found = await tx.session.execute(text("SELECT count(*) FROM kernel.job WHERE kind LIKE 'valuation.ask%'"))
            return int(found.scalar_one())


async def desk_for(db: Database, asset_class: str, number: str = NUMBER) -> Desk:
    """Set the clock and give a desk."""
    await move_clock(db, to=START, freeze=True)
    return Desk(db, asset_class, number)


def owed(asset_class: str) -> list[Subject]:
    """Give what a class owes before a price is asked, from the table's own rows."""
    return [
        msgspec.convert(duty.subject, Subject)
        for duty in FACT_LAW.all_duties
        if asset_class in duty.classes and duty.before == "price" and duty.held_by == "facts"
    ]
