"""Ask the company register who controls a company, outside any transaction, as often as it takes; each answer is kept once.

1. The question is on file, with a job, before the register hears of it. Who registers waits `ANSWER_WITHIN_S`; after that the job asks
   on under the same id. A process that dies anywhere costs time, nothing else.
2. A gap is dated; what ended without an answer (refused, unusable) is asked anew after an hour, under a new id, while the company takes part.
3. An answer that comes after the registration adds the controllers to what others are compared with, and the judge is told of those who share
   one. Answer and registration both hold the case, so one of them always sees the other.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec

from auction.fund.look_again import MAX_LOOKS, pause_after
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from auction.kernel.persons import identity_commitment, identity_of
from auction.kernel.signed_questions import ENDED, Gap
from auction.law.identity import same_number
from auction.sale.columns import add
from auction.sale.guards import control_store as store
from auction.sale.guards.control import CompanyRegister, ControlQuestion, ControlReply, what_is_wrong
from auction.sale.guards.tables import ControlQuestionRow
from auction.sale.registers.ask_lists import (
    ANEW_AFTER,
    ANSWER_WITHIN_S,
    BATCH,
    JOB_AFTER,
    MAX_QUESTIONS,
    QUESTIONS_AT_DOOR,
)
from auction.sale.registers.lists import DOOR
from auction.sale.registers.store import lot_asked, taking_part

ASK_CONTROL = "sale.ask_control"
ASK_CONTROL_OF_ROUND = "sale.ask_control_of_round"
EVER = timedelta(days=3650)

log = get_log("sale.control")


class AskControl(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `ASK_CONTROL`."""

    question_id: UUID


class AskControlOfRound(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `ASK_CONTROL_OF_ROUND`: ask about every company that takes part, those after this person."""

    lot_id: UUID
    round_id: UUID
    after: UUID = UUID(int=0)


async def ask_control_before(db: Database, companies: CompanyRegister | None, *, lot_id: UUID, person_id: UUID) -> None:
    """Ask about a company and take what comes within the wait; of a natural person nothing is asked.

    Never raises for what the register or the line does, and refuses nothing: whoever decides reads what came.
    """
    if companies is None:
        return
    question_id = await db.transact(lambda tx: _put(tx, companies, lot_id, person_id))
    if question_id is None:
        return
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await _ask(db, companies, question_id)
    except TimeoutError:
        log.warning("control_not_answered_in_time", lot_id=str(lot_id))


async def plan_asking_control(
    tx: Transaction, asking: AskControlOfRound, *, moment: Literal["opening", "ruling"]
) -> None:
    """Have the register asked about a round's companies with what this transaction does, once for each round and moment."""
    once = named_id("ask control of round", str(asking.round_id), moment)
    await enqueue(tx, ASK_CONTROL_OF_ROUND, asking, only_once_as=once)


async def handle_ask_control(db: Database, companies: CompanyRegister | None, job: Job) -> None:
    """Ask once; a gap is dated and asked again later until there is an answer or nobody needs it."""
    await _ask(db, companies, job.decode(AskControl).question_id)


async def handle_ask_control_of_round(db: Database, companies: CompanyRegister | None, job: Job) -> None:
    """Put the question about every company of a round, each with its own job; one that waits is not put twice."""
    asking = job.decode(AskControlOfRound)
    if companies is None:
        return

    async def work(tx: Transaction) -> None:
        persons = await taking_part(tx, asking.round_id, after=asking.after, most=BATCH)
        for person_id in persons:
            await _put(tx, companies, asking.lot_id, person_id)
        if len(persons) == BATCH:
            await enqueue(tx, ASK_CONTROL_OF_ROUND, msgspec.structs.replace(asking, after=persons[-1]))

    await db.transact(work)


async def _put(tx: Transaction, companies: CompanyRegister, lot_id: UUID, person_id: UUID) -> UUID | None:
    """Put a question, or give the one that waits; ``None``: nothing is to be asked."""
    kind, _ = await identity_of(tx, person_id)
    lot = await lot_asked(tx, lot_id)
    if kind != "organisation" or lot is None:
        return None
    await tx.lock(f"control:{person_id}")
    row = await store.open_question(tx, person_id=person_id, lot_id=lot_id)
    if row is not None:
        return row.question_id
    if await store.asked_lately(tx, person_id=person_id, lot_id=lot_id, within=DOOR) >= QUESTIONS_AT_DOOR:
        return None
    row = ControlQuestionRow(
        question_id=new_id(),
        register=companies.title,
        person_id=person_id,
        case_id=lot.case_id,
        lot_id=lot_id,
        asked_at=tx.now,
    )
    await add(tx, row)
    await _plan(tx, row.question_id, number=0, after=JOB_AFTER)
    return row.question_id


async def _plan(tx: Transaction, question_id: UUID, *, number: int, after: timedelta) -> None:
    once = named_id("ask control", str(question_id), str(number))
    await enqueue(tx, ASK_CONTROL, AskControl(question_id=question_id), due_at=tx.now + after, only_once_as=once)


async def _ask(db: Database, companies: CompanyRegister | None, question_id: UUID) -> None:
    async with db.reading() as tx:
        state, business_at = await store.asked(tx, question_id), tx.now
        _, number = await identity_of(tx, state.row.person_id)
    if not state.is_open:
        return
    question = ControlQuestion(question_id=question_id, credit_code=number)
    outcome: ControlReply | Gap = Gap(reason="down", detail="not connected")
    if companies is not None:
        outcome = await companies.ask(question, business_at=business_at)
    await _take(db, question, outcome)


async def _take(db: Database, question: ControlQuestion, outcome: ControlReply | Gap) -> None:
    """Keep an answer once, or date the gap and plan the next try; an answer to something else ends the question."""

    async def work(tx: Transaction) -> str:
        row = (await store.asked(tx, question.question_id)).row
        await tx.about_case(row.case_id)
        if not (await store.asked(tx, question.question_id)).is_open:
            return "ended before"
        if isinstance(outcome, Gap):
            return await _note_gap(tx, row, outcome)
        wrong = what_is_wrong(outcome, question, asked_at=row.asked_at, now=tx.now)
        if wrong:
            return await _note_gap(tx, row, Gap(reason="unusable", detail=wrong))
        await store.add_answer(tx, outcome)
        await _compare(tx, row, outcome)
        return "answered"

    said = await db.transact(work)
    log.info("control_asked", question_id=str(question.question_id), outcome=said)


async def _compare(tx: Transaction, row: ControlQuestionRow, reply: ControlReply) -> None:
    """Compare a company that registered before the answer came with the others of its round (rule 3)."""
    registered = await store.live_registration(tx, person_id=row.person_id, lot_id=row.lot_id)
    if registered is None:
        return
    keys = {identity_commitment(tx, same_number(number)) for number in reply.controllers}
    await store.keep_keys(tx, registration_id=registered.registration_id, round_id=registered.round_id, keys=keys)
    await store.note_shared(tx, registration_id=registered.registration_id, register=row.register)


async def _note_gap(tx: Transaction, row: ControlQuestionRow, gap: Gap) -> str:
    tries = await store.add_gap(tx, row.question_id, gap)
    registered = await store.live_registration(tx, person_id=row.person_id, lot_id=row.lot_id)
    if tx.now > row.asked_at + ANEW_AFTER and registered is None:
        return f"{gap.reason}, not needed any more"
    if gap.reason in ENDED:
        await _put_anew(tx, row)
    elif tries < MAX_LOOKS:
        await _plan(tx, row.question_id, number=tries, after=pause_after(tries + 2))
    return gap.reason


async def _put_anew(tx: Transaction, row: ControlQuestionRow) -> None:
    """Put another question in the place of one that ended without an answer, to be asked after `ANEW_AFTER`."""
    if await store.asked_lately(tx, person_id=row.person_id, lot_id=row.lot_id, within=EVER) >= MAX_QUESTIONS:
        return
    anew = ControlQuestionRow(
        question_id=named_id("control question anew", str(row.question_id)),
        register=row.register,
        person_id=row.person_id,
        case_id=row.case_id,
        lot_id=row.lot_id,
        asked_at=tx.now,
    )
    await add(tx, anew)
    await _plan(tx, anew.question_id, number=0, after=ANEW_AFTER)
