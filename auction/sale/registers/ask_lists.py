"""Ask the keepers of lists about a person, outside any transaction, as often as it takes; each answer is kept once.

1. The question is on file, with a job, before a keeper hears of it. Who registers (or rules) waits `ANSWER_WITHIN_S` for
   the answer; after that the job asks on under the same id. A process that dies anywhere costs time, nothing else.
2. Where no keeper answers in time, the step goes on without: the guard says "unknown" and the job goes on asking.
3. A gap is dated; what ended without an answer (refused, unusable) is asked anew after an hour, under a new id.
4. Asking ends when the person takes no part in the sale any more, or after `MAX_QUESTIONS`.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import cast
from uuid import UUID

import msgspec

from auction.fund.look_again import MAX_LOOKS, pause_after
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from auction.kernel.signed_questions import ENDED, Gap
from auction.sale.registers import store
from auction.sale.registers.lists import DOOR, Keepers, ListKey, Moment, Question, Reply, lists_for, what_is_wrong
from auction.sale.registers.tables import ListQuestionRow

ASK_LISTS = "sale.ask_lists"
ASK_LIST_QUESTION = "sale.ask_list_question"
ANSWER_WITHIN_S = 3.0
"""A person waits no longer than this for the keepers."""
JOB_AFTER = timedelta(seconds=5)
"""The job's first try; later than the person's wait, so that the two seldom ask at once."""
ANEW_AFTER = timedelta(hours=1)
BATCH = 200
"""Persons of a round whose questions are put in one transaction at the opening."""
QUESTIONS_AT_DOOR = 20
"""More than these within `DOOR` a keeper is not asked about one person for one lot: their answers still count there."""
MAX_QUESTIONS = 500

log = get_log("sale.registers")


class AskLists(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `ASK_LISTS`: ask about a person, or (``person_id`` is ``None``) about all who take part in a round."""

    lot_id: UUID
    moment: Moment
    person_id: UUID | None = None
    round_id: UUID | None = None
    after: UUID = UUID(int=0)


class AskNow(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job `ASK_LIST_QUESTION`."""

    question_id: UUID


async def plan_asking(tx: Transaction, asking: AskLists) -> None:
    """Have the lists asked with what this transaction does, once for each round, person and moment."""
    names = (str(asking.round_id), str(asking.person_id), asking.moment, str(asking.after))
    await enqueue(tx, ASK_LISTS, asking, only_once_as=named_id("ask lists", str(asking.lot_id), *names))


async def ask_before(db: Database, keepers: Keepers, *, lot_id: UUID, person_id: UUID | None, moment: Moment) -> None:
    """Ask the keepers and take what they answer within the wait.

    ``person_id`` ``None``: about the lot's buyer and those who bought with him. Never raises for what keepers or lines do, and refuses nothing: whoever decides reads what came (`check_lists`).
    """
    if not keepers:
        return

    async def work(tx: Transaction) -> list[UUID]:
        persons = [person_id] if person_id is not None else sorted(await store.buyers_of(tx, lot_id))
        return [question for person in persons for question in await _put(tx, keepers, lot_id, person, moment)]

    questions = await db.transact(work)
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await asyncio.gather(*(_ask(db, keepers, question_id) for question_id in questions))
    except TimeoutError:
        log.warning("lists_not_answered_in_time", lot_id=str(lot_id), moment=moment)


async def handle_ask_lists(db: Database, keepers: Keepers, job: Job) -> None:
    """Put the questions of a moment, each with its own job; a whole round in batches."""
    asking: AskLists = job.decode(AskLists)
    if not keepers:
        return

    async def work(tx: Transaction) -> None:
        if asking.person_id is not None:
            await _put(tx, keepers, asking.lot_id, asking.person_id, asking.moment)
            return
        assert asking.round_id is not None, "a round or a person is asked about"
        persons = await store.taking_part(tx, asking.round_id, after=asking.after, most=BATCH)
        for person in persons:
            await _put(tx, keepers, asking.lot_id, person, asking.moment)
        if len(persons) == BATCH:
            await plan_asking(tx, msgspec.structs.replace(asking, after=persons[-1]))

    await db.transact(work)


async def handle_list_question(db: Database, keepers: Keepers, job: Job) -> None:
    """Ask once; a gap is dated and asked again later until there is an answer or nobody needs it."""
    await _ask(db, keepers, job.decode(AskNow).question_id)


async def _put(tx: Transaction, keepers: Keepers, lot_id: UUID, person_id: UUID, moment: Moment) -> list[UUID]:
    """Put the question of a moment to every keeper, or give the one that waits; nobody is asked about what cannot matter."""
    lot = await store.lot_asked(tx, lot_id)
    if lot is None or not lists_for(lot.asset_class):
        return []
    await tx.lock(f"lists:{person_id}")
    questions = []
    for key, keeper in sorted(keepers.items()):
        row = await store.open_question(tx, person_id=person_id, lot_id=lot_id, keeper=key, moment=moment)
        if row is None:
            if await _too_often(tx, person_id, lot_id, key):
                continue
            row = await store.add_question(
                tx, question_id=new_id(), keeper=(key, keeper.title), person_id=person_id, lot=lot, moment=moment
            )
            await _plan(tx, row.question_id, number=0, after=JOB_AFTER)
        questions.append(row.question_id)
    return questions


async def _too_often(tx: Transaction, person_id: UUID, lot_id: UUID, keeper: str) -> bool:
    lately = await store.asked_lately(tx, person_id=person_id, lot_id=lot_id, keeper=keeper, within=DOOR)
    return lately >= QUESTIONS_AT_DOOR


async def _plan(tx: Transaction, question_id: UUID, *, number: int, after: timedelta) -> None:
    await enqueue(
        tx,
        ASK_LIST_QUESTION,
        AskNow(question_id=question_id),
        due_at=tx.now + after,
        only_once_as=named_id("ask list question", str(question_id), str(number)),
    )


async def _ask(db: Database, keepers: Keepers, question_id: UUID) -> None:
    async with db.reading() as tx:
        state, business_at = await store.asked(tx, question_id), tx.now
        kind, number = await store.identity_asked(tx, state.row.person_id)
    if not state.is_open:
        return
    question = msgspec.convert(
        {"question_id": question_id, "kind": kind, "identity_number": number, "lists": state.row.lists}, Question
    )
    keeper = keepers.get(state.row.keeper)
    outcome = (
        Gap(reason="down", detail="not connected")
        if keeper is None
        else await keeper.ask(question, business_at=business_at)
    )
    await _take(db, question, outcome)


async def _take(db: Database, question: Question, outcome: Reply | Gap) -> None:
    """Keep an answer once, or date the gap and plan the next try; an answer to something else ends the question."""

    async def work(tx: Transaction) -> str:
        row = (await store.asked(tx, question.question_id)).row
        await tx.about_case(row.case_id)
        state = await store.asked(tx, question.question_id)
        if not state.is_open:
            return "ended before"
        if isinstance(outcome, Reply):
            wrong = what_is_wrong(outcome, question, asked_at=row.asked_at, now=tx.now)
            if not wrong:
                await store.add_answer(tx, outcome)
                return "answered"
            return await _note_gap(tx, row, Gap(reason="unusable", detail=wrong))
        return await _note_gap(tx, row, outcome)

    said = await db.transact(work)
    log.info("list_question_asked", question_id=str(question.question_id), outcome=said)


async def _note_gap(tx: Transaction, row: ListQuestionRow, gap: Gap) -> str:
    tries = await store.add_gap(tx, row.question_id, gap)
    if not await _is_needed(tx, row):
        return f"{gap.reason}, not needed any more"
    if gap.reason in ENDED:
        await _put_anew(tx, row)
    elif tries < MAX_LOOKS:
        await _plan(tx, row.question_id, number=tries, after=pause_after(tries + 2))
    return gap.reason


async def _is_needed(tx: Transaction, row: ListQuestionRow) -> bool:
    """Whether an answer would still serve: the person takes part, or is just registering."""
    if tx.now <= row.asked_at + ANEW_AFTER:
        return True
    return await store.takes_part(tx, person_id=row.person_id, lot_id=row.lot_id)


async def _put_anew(tx: Transaction, row: ListQuestionRow) -> None:
    """Put another question in the place of one that ended without an answer, to be asked after `ANEW_AFTER`."""
    put = await store.asked_lately(
        tx, person_id=row.person_id, lot_id=row.lot_id, keeper=row.keeper, within=timedelta(days=3650)
    )
    if put >= MAX_QUESTIONS:
        return
    anew = ListQuestionRow(
        question_id=named_id("list question anew", str(row.question_id)),
        keeper=row.keeper,
        keeper_title=row.keeper_title,
        person_id=row.person_id,
        case_id=row.case_id,
        lot_id=row.lot_id,
        lists=cast("list[ListKey]", row.lists),
        moment="recheck",
        asked_at=tx.now,
    )
    tx.session.add(anew)
    await tx.session.flush()
    await _plan(tx, anew.question_id, number=0, after=ANEW_AFTER)
