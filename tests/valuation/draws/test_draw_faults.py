"""A draw outlives the process that makes it: killed after a commit, the next process finds one pool and one result."""

from __future__ import annotations

import signal

import pytest

from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from tests.executioner import Executioner
from tests.valuation.agencies import world
from tests.valuation.draws.test_draws import head_of, transcript_of
from valuation.draw_v1.transcript_check import check_transcript
from valuation.draws.committing import PoolFrozen
from valuation.selections import store_of_draws


async def killed_after(executioner: Executioner, url: str, step: str) -> None:
    """Let another process take the step and die by SIGKILL right after its commit."""
    assert await executioner.end_of("tests.valuation.draws.draw_child", url, step) == -signal.SIGKILL


async def test_kill_after_the_draw_leaves_one_transcript(
    database: Database, database_url: str, executioner: Executioner, sealer: Sealer
) -> None:
    """Whoever presses again after the death gets what was drawn; the transcript is whole and verifies."""
    await world.frozen(database)
    kept = await head_of(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await killed_after(executioner, database_url, "execute")
    transcript = await transcript_of(database)
    later = Database(database_url, sealer)
    try:
        result = await world.execute(later)
    finally:
        await later.close()

    verdict = check_transcript(transcript, world.KEYS, kept)

    assert verdict.why is None
    assert verdict.transcript is not None
    assert verdict.transcript.picks == result.picks
    assert transcript == await transcript_of(database)


async def test_kill_between_freezing_and_drawing_changes_no_pool(
    database: Database, database_url: str, executioner: Executioner
) -> None:
    """The pool that the dead process froze is the one that is drawn from."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    await killed_after(executioner, database_url, "freeze")
    kept = await head_of(database)
    with pytest.raises(PoolFrozen):
        await world.freeze(database)
    async with database.reading() as tx:
        frozen = (await store_of_draws.draw(tx, world.DRAW)).frozen_pool
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await world.execute(database)

    verdict = check_transcript(await transcript_of(database), world.KEYS, kept)

    assert verdict.why is None
    assert verdict.transcript is not None
    assert verdict.transcript.pool == frozen
