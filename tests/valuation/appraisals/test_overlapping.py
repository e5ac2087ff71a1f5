"""Commands on one appraisal that overlap in time: each is carried out, and the history goes on without a step back."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.valuation.appraisals import stage
from valuation.appraisals import store
from valuation.appraisals.keep_history import keep
from valuation.appraisals.mandates.ask_court import AskCourt, ask_court
from valuation.appraisals.rules import history as h

AT_ONCE = 12


async def mandated(db: Database) -> tuple[UUID, UUID]:
    """Come to an open mandate, and let the clock run."""
    appraisal_id = await stage.begin(db)
    mandate_id = await stage.send(db, appraisal_id)
    await move_clock(db, to=stage.at(date(2027, 3, 2)))
    return appraisal_id, mandate_id


def question(mandate_id: UUID, text: str) -> AskCourt:
    """Make a question to the court."""
    return AskCourt(command_id=new_id(), mandate_id=mandate_id, for_material=False, text=text)


async def test_overtaken_command_is_written_down_after_what_overtook_it(database: Database) -> None:
    """Who came first but got the case second is not turned away as breaking the history; its arrival stays what it was."""
    appraisal_id, mandate_id = await mandated(database)
    async with database.transaction() as early:
        arrived = early.now
        await ask_court(database, stage.FIRST, question(mandate_id, "后到先办"))
        file = await store.lock_file(early, appraisal_id)
        asked = h.Asked(question_id=new_id(), mandate_id=mandate_id, for_material=False, text="先到后办")
        await keep(early, stage.FIRST, file, asked)
        assert early.now == arrived
    first, second = (await stage.read(database, appraisal_id)).questions

    assert (first.text, second.text) == ("后到先办", "先到后办")
    assert arrived < first.asked_at == second.asked_at


async def test_many_commands_at_once_are_all_carried_out(database: Database) -> None:
    """A dozen questions sent at the same moment all stand in the history, in an order without a gap or a step back."""
    appraisal_id, mandate_id = await mandated(database)
    asking = (ask_court(database, stage.FIRST, question(mandate_id, f"问题{number}")) for number in range(AT_ONCE))
    await asyncio.gather(*asking)
    async with database.reading() as tx:
        entries = await store.history_of(tx, appraisal_id)

    asked = [entry.event.text for entry in entries if isinstance(entry.event, h.Asked)]
    assert sorted(asked) == sorted(f"问题{number}" for number in range(AT_ONCE))
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    gaps = [later.at - earlier.at for earlier, later in pairwise(entries)]
    assert min(gaps) >= timedelta(0)
