"""Ask a register about an asset, outside any transaction, as often as it takes; its answer is kept once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Refusal
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from auction.kernel.signed_questions import Gap
from valuation.facts import store
from valuation.facts.asset_file import AssetFile
from valuation.facts.facts import Subject, check_class, check_fact
from valuation.facts.register import (
    Answer,
    Question,
    Register,
    RegisterKey,
    facts_in,
    make_question,
    named,
    pause_after,
    what_is_wrong,
)

ASK_REGISTER = "valuation.ask_register"

log = get_log("valuation.facts")


class AskRegister(Command, frozen=True, kw_only=True):
    """Ask this register what it holds about the asset."""

    case_id: UUID
    asset_id: UUID
    register: RegisterKey


class RegisterAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The question, and on what."""

    question_id: UUID
    subjects: tuple[Subject, ...]


class AskNow(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `ASK_REGISTER`."""

    question_id: UUID


class RegisterAskedBefore(Conflict):
    """The register has this question and has not answered yet."""

    code = "register_asked_before"
    article = "house: one open question to a register about an asset"
    zh = "已向{register}查询，尚未获答复，系统会继续询问。"
    en = "The {register} was asked and has not answered yet; it is being asked again."


class RegisterNotConnected(Conflict):
    """This installation has no line to the register."""

    code = "register_not_connected"
    article = "house: practice 8, a reply on paper has equal force"
    zh = "本院尚未接入{register}，可以采用书面答复。"
    en = "This court has no line to the {register}; a reply on paper may be taken."


async def ask_register(
    db: Database,
    actor: Actor,
    command: AskRegister,
    *,
    asset_file: AssetFile,
    registers: Mapping[RegisterKey, Register],
) -> RegisterAsked:
    """Put the question on file and have it asked.

    Raises `RegisterNotConnected`, `RegisterNotAsked`, `AssetNotNumbered`, `RegisterAskedBefore`. Source: 参考价 3.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
    if command.register not in registers:
        raise RegisterNotConnected(register=named(command.register))

    async def work(tx: Transaction) -> RegisterAsked:
        await tx.about_case(command.case_id)
        asset = await asset_file.asset(tx, command.case_id, command.asset_id)
        question = make_question(
            new_id(),
            command.register,
            asset_class=asset.asset_class,
            identifier=asset.registry_number,
        )
        if any(
            s.is_open and s.question.register == command.register for s in await store.questions_of(tx, asset.asset_id)
        ):
            raise RegisterAskedBefore(register=named(command.register))
        await store.note_class(tx, asset)
        await store.add_question(tx, question, case_id=asset.case_id, asset_id=asset.asset_id, asked_by=actor.person_id)
        await enqueue(tx, ASK_REGISTER, AskNow(question_id=question.question_id))
        return RegisterAsked(question_id=question.question_id, subjects=question.subjects)

    return await db.carry_out(actor, command, work, RegisterAsked)


async def handle_ask_register(db: Database, registers: Mapping[RegisterKey, Register], job: Job) -> None:
    """Ask once; a gap is dated and the question asked again later, under the same id, until it is answered or ended."""
    question_id = job.decode(AskNow).question_id
    async with db.reading() as tx:
        state, business_at = await store.question_state(tx, question_id), tx.now
    if not state.is_open:
        return
    register = registers.get(state.question.register)
    if register is None:
        outcome: Answer | Gap = Gap(reason="down", detail="not connected")
    else:
        outcome = await register.ask(state.question, business_at=business_at)
    if isinstance(outcome, Answer):
        await take_answer(db, outcome, question_id=question_id)
    else:
        await note_gap(db, question_id, outcome)


async def take_answer(db: Database, answer: Answer, *, question_id: UUID) -> bool:
    """Keep an answer and its findings, once; ``False``: it changed nothing.

    One that is none to this question (another asset, other subjects, a finding that may not stand) ends the question
    as unusable; nothing of it is believed.
    """

    async def work(tx: Transaction) -> bool:
        state = await store.question_state(tx, question_id)
        await tx.about_case(state.case_id)
        state = await store.question_state(tx, question_id)
        if not state.is_open:
            return False
        wrong = what_is_wrong(answer, state.question) or _unlawful(answer, state.question, tx)
        if wrong:
            await store.add_gap(tx, question_id, "unusable", wrong)
            return False
        await store.add_answer(tx, answer)
        await store.add_facts(tx, state.case_id, state.asset_id, facts_in(answer), question_id=question_id)
        return True

    taken = await db.transact(work)
    log.info("register_answered", question_id=str(question_id), register=answer.register, taken=taken)
    return taken


def _unlawful(answer: Answer, question: Question, tx: Transaction) -> str:
    try:
        for fact in facts_in(answer):
            check_fact(fact, today=local_day(tx.now))
            check_class(fact, question.asset_class)
    except Refusal as refusal:
        return refusal.code
    return ""


async def note_gap(db: Database, question_id: UUID, gap: Gap) -> None:
    """Date a gap, and plan the next asking unless asking again would give the same."""

    async def work(tx: Transaction) -> None:
        state = await store.question_state(tx, question_id)
        await tx.about_case(state.case_id)
        if not (await store.question_state(tx, question_id)).is_open:
            return
        tries = await store.add_gap(tx, question_id, gap.reason, gap.detail)
        if gap.reason in ("pending", "down", "unknown"):
            await enqueue(
                tx,
                ASK_REGISTER,
                AskNow(question_id=question_id),
                due_at=tx.now + pause_after(tries),
                only_once_as=named_id("ask register again", str(question_id), str(tries)),
            )

    await db.transact(work)
    log.warning("register_gap", question_id=str(question_id), reason=gap.reason)
