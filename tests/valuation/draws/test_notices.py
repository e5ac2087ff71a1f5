"""Parties are told of a draw beforehand: who is, from when it counts, and what follows where somebody was not."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from auction.contracts import DocumentServed, DrawAnnounced
from auction.kernel.actors import SYSTEM
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job
from tests.unchanged import picture
from tests.valuation.agencies import world
from valuation.draws.fail_draw import FailDraw, fail_draw
from valuation.draws.notices import (
    ISSUE_DRAW_NOTICE,
    Addressee,
    PartiesNotTold,
    Told,
    addressees_of,
    count_told,
    handle_note_notice,
    notice_id,
    notices_of,
    was_told,
)
from valuation.selections import store_of_draws
from valuation.selections.set_rules_of_court import SetRulesOfCourt, set_rules_of_court

SECOND = timedelta(seconds=1)
PARTIES = (world.APPLICANT, world.DEBTOR, world.TENANT)
DRAW_DAY = local_day(world.DRAW_AT)


def served(party_id: UUID, on: date, **changes: object) -> Job:
    """Make the word of a service, as the file sends it."""
    values: dict[str, object] = {
        "service_id": named_id("service", str(party_id), str(on)),
        "case_id": world.CASE,
        "document_id": notice_id(world.DRAW),
        "document_kind": "draw_notice",
        "party_id": party_id,
        "effective_on": on,
        **changes,
    }
    payload = msgspec.json.encode(DocumentServed(**values))  # type: ignore[arg-type] # a test's own values
    return Job(job_id=new_id(), kind="valuation.note_service", payload=payload, attempts=0)


async def told(db: Database) -> Told:
    """Count who was told."""
    async with db.reading() as tx:
        return count_told(await addressees_of(tx, world.DRAW), world.DRAW_AT)


async def frozen_where_all_are_told(db: Database) -> None:
    """Have a frozen draw of a court that draws nothing before every party is told."""
    await world.set_time(db, world.START)
    setting = SetRulesOfCourt(
        command_id=new_id(),
        court="示例市第一法院",
        drawing_office="judicial_technology",
        second="secret",
        notice_hours=24,
        all_told=True,
        reason="本院规定",
        document_sha256=world.PAPER,
    )
    await set_rules_of_court(db, world.PRESIDENT, setting)
    await world.frozen(db)


@pytest.mark.parametrize(
    ("effective_on", "noted_at", "counts"),
    [
        (DRAW_DAY - timedelta(days=1), world.DRAW_AT + SECOND, True),
        (DRAW_DAY, world.DRAW_AT - SECOND, True),
        (DRAW_DAY, world.DRAW_AT, False),
        (DRAW_DAY, world.DRAW_AT + SECOND, False),
        (DRAW_DAY + timedelta(days=1), world.DRAW_AT - SECOND, False),
        (None, None, False),
    ],
)
def test_told_is_who_was_served_before_the_hour(
    effective_on: date | None, noted_at: datetime | None, counts: bool
) -> None:
    """A service counts from an earlier day, or from the day itself if it was on record before the hour."""
    addressee = Addressee(party_id=world.APPLICANT, effective_on=effective_on, noted_at=noted_at)

    assert was_told(addressee, world.DRAW_AT) is counts


async def test_freezing_has_a_notice_made_for_every_party(database: Database) -> None:
    """The notice is asked for with the freezing, with its times; addressees are all parties on file, not the two sides only."""
    published = await world.frozen(database)
    async with database.reading() as tx:
        rows = await tx.session.execute(
            text("SELECT payload FROM kernel.job WHERE kind = :kind"), {"kind": ISSUE_DRAW_NOTICE}
        )
        announced = msgspec.json.decode(bytes(rows.scalar_one()), type=DrawAnnounced)
        addressees = await addressees_of(tx, world.DRAW)

    assert {one.party_id for one in addressees} == set(PARTIES)
    assert (announced.document_id, announced.draw_at) == (notice_id(world.DRAW), published.draw_at)
    assert (announced.commit_by, announced.reveal_by) == (published.commit_by, published.reveal_by)
    assert announced.pool_sha256 == published.sha256
    assert await told(database) == Told(addressees=3, told=0)


async def test_first_service_on_an_addressee_counts(database: Database) -> None:
    """A service is noted once; another day, another paper, another case or somebody else changes nothing."""
    await world.frozen(database)
    await handle_note_notice(database, served(world.DEBTOR, DRAW_DAY - timedelta(days=2)))
    once = await picture(database)
    for job in (
        served(world.DEBTOR, DRAW_DAY - timedelta(days=2)),
        served(world.DEBTOR, DRAW_DAY - timedelta(days=1)),
        served(world.TENANT, DRAW_DAY, document_kind="appraisal_report"),
        served(world.TENANT, DRAW_DAY, document_id=new_id()),
        served(named_id("draw test", "stranger"), DRAW_DAY),
    ):
        await handle_note_notice(database, job)
    async with database.reading() as tx:
        own = await notices_of(tx, [world.DEBTOR])
        others = await notices_of(tx, [world.TENANT])

    assert await picture(database) == once
    assert await told(database) == Told(addressees=3, told=1)
    assert own == {world.DRAW: DRAW_DAY - timedelta(days=2)}
    assert others == {}


async def test_untold_party_is_a_flaw_that_stops_nothing(database: Database) -> None:
    """Without a setting of the court the draw is made, and it stays public how many were told."""
    await world.frozen(database)
    await handle_note_notice(database, served(world.APPLICANT, DRAW_DAY - timedelta(days=1)))
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await world.execute(database)

    assert await told(database) == Told(addressees=3, told=1)


async def test_court_may_draw_nothing_before_all_are_told(database: Database) -> None:
    """Where the court set it so, the draw is refused while one party lacks its service, and made when none does."""
    await frozen_where_all_are_told(database)
    for party in PARTIES[:2]:
        await handle_note_notice(database, served(party, DRAW_DAY - timedelta(days=1)))
    await world.set_time(database, world.DRAW_AT - SECOND)
    late = served(PARTIES[2], DRAW_DAY + timedelta(days=1))
    await handle_note_notice(database, served(PARTIES[2], DRAW_DAY))
    await handle_note_notice(database, late)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)

    assert len((await world.execute(database)).picks) == 3


async def test_service_after_the_hour_does_not_make_up_for_it(database: Database) -> None:
    """A party that was served when the hour had come was not told beforehand; nothing changes by trying."""
    await frozen_where_all_are_told(database)
    for party in PARTIES[:2]:
        await handle_note_notice(database, served(party, DRAW_DAY - timedelta(days=1)))
    await world.set_time(database, world.DRAW_AT)
    await handle_note_notice(database, served(PARTIES[2], DRAW_DAY))
    await world.open_second(database)
    with pytest.raises(PartiesNotTold) as refused:
        await world.execute(database)

    assert refused.value.facts["untold"] == 1


async def test_untold_party_is_the_handlers_failure_and_nobody_elses(database: Database) -> None:
    """A draw that died because somebody was not told names the office that had to tell him, not the one that was ready to draw."""
    await frozen_where_all_are_told(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    async with database.reading() as tx:
        dies_at = (await store_of_draws.draw(tx, world.DRAW)).dies_at
    assert dies_at is not None
    await world.set_time(database, dies_at)

    assert await fail_draw(database, SYSTEM, FailDraw(command_id=new_id(), draw_id=world.DRAW))
    async with database.reading() as tx:
        record = await tx.session.scalar(
            text("SELECT record FROM valuation.draw_failure WHERE draw_id = :id"), {"id": world.DRAW}
        )
    told = json.loads(bytes(record))
    assert (told["missing"], told["office"]) == ("parties_told", "case_handler")
