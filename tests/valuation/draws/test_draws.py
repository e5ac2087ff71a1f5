"""Draws on a real database: from the request to the transcript, and everything that must not get through."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import SYSTEM, Role, RoleLacking
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id, new_id
from tests.unchanged import picture
from tests.valuation.agencies import world
from tests.valuation.draw_v1.made_draws import ROUND, ROUNDS
from valuation.agencies.decide_change import DecideChange, decide_change
from valuation.agencies.propose_entry import propose_entry
from valuation.agencies.propose_recusal import ProposeRecusal, propose_recusal
from valuation.agencies.propose_suspension import ProposeSuspension, propose_suspension
from valuation.agencies.rules_of_court import DrawRules, DrawTooSoon, HandlerMayNotDraw, OfficeLacking, SamePersonTwice
from valuation.agencies.views import FailuresOfOffice, failures_by_office
from valuation.draw_v1.beacon import time_of_round
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw import CommitmentWrong, commitment
from valuation.draw_v1.draw_chain import sign_head
from valuation.draw_v1.draw_pool import instant
from valuation.draw_v1.transcript import read_transcript
from valuation.draw_v1.transcript_check import check_transcript
from valuation.draws.commit_entropy import CommitEntropy, DrawNotFrozen, EntropyLate, commit_entropy
from valuation.draws.committing import CommitmentMade, PoolFrozen
from valuation.draws.execute_draw import DrawTooEarly, ExecuteDraw, SecondNotOpened, execute_draw
from valuation.draws.fail_draw import FailDraw, fail_draw
from valuation.draws.freeze_pool import CommitmentsMissing
from valuation.draws.hands import PartyMayNotDraw, RegisterKeeperMayNotDraw
from valuation.draws.look_at_draws import look_at_draws, newest_look
from valuation.draws.open_entropy import EntropyEarly, OpenEntropy, open_entropy
from valuation.draws.open_second_secret import DrawDead, SecondSecretEarly
from valuation.draws.records_of_draw import records_of
from valuation.draws.request_draw import DrawRequested
from valuation.draws.restart_draw import DrawNotDead, RestartByInsider, RestartDraw, restart_draw
from valuation.selections import selection_store, store_of_draws
from valuation.selections.open_selection import MandateNotAppraisal
from valuation.selections.ranking import current_agency, has_all_failed, ranked_agencies, replace_agency
from valuation.selections.selection import AgreementStillOpen, SelectionOpened
from valuation.selections.set_rules_of_court import SetRulesOfCourt, set_rules_of_court

SECOND = timedelta(seconds=1)
AUXILIARIES = [world.entry(n, professions=("auxiliary",)) for n in range(1, 5)]


async def transcript_of(db: Database, draw_id: UUID = world.DRAW) -> bytes:
    """Give the stored transcript."""
    async with db.reading() as tx:
        found = (await store_of_draws.draw(tx, draw_id)).transcript
    assert found is not None
    return found


async def head_of(db: Database) -> bytes:
    """Publish the chain's head as the site does."""
    async with db.reading() as tx:
        entry = await store_of_draws.last_entry(tx)
        assert entry is not None
        return written(sign_head(entry, world.KEY, at=instant(tx.now)))


async def of_valuation(db: Database) -> dict[str, tuple[int, str]]:
    """Give what stands in the tables of valuation."""
    return {name: found for name, found in (await picture(db)).items() if name.startswith("valuation.")}


async def commit_by_party(db: Database, who: object = world.PARTY_A, party: UUID = world.APPLICANT) -> None:
    """Let a party commit."""
    made = commitment(str(world.DRAW), str(party), world.secret("party"))
    command = CommitEntropy(command_id=new_id(), draw_id=world.DRAW, commitment=made)
    await commit_entropy(db, who, command, case_desk=world.DESK)  # type: ignore[arg-type] # an actor


async def open_by_party(db: Database, value: str | None = None) -> None:
    """Let the applicant open."""
    command = OpenEntropy(command_id=new_id(), draw_id=world.DRAW, value=value or world.secret("party"))
    await open_entropy(db, world.PARTY_A, command, case_desk=world.DESK)


async def fail(db: Database) -> bool:
    """Let the worker look whether the draw has died."""
    return await fail_draw(db, SYSTEM, FailDraw(command_id=new_id(), draw_id=world.DRAW))


async def test_a_drawn_transcript_verifies_by_a_head_kept_before(database: Database) -> None:
    """The stored transcript holds against pinned keys and a head kept when the pool was published."""
    published = await world.frozen(database)
    kept = await head_of(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    result = await world.execute(database)

    verdict = check_transcript(await transcript_of(database), world.KEYS, kept)

    assert verdict.why is None
    assert verdict.is_frozen_before
    assert verdict.transcript is not None
    assert fingerprint_of(verdict.transcript.pool) == published.sha256
    assert verdict.transcript.picks == result.picks
    assert len(result.picks) == 3


async def test_entropy_of_a_party_is_in_the_seed_and_silence_changes_nothing(database: Database) -> None:
    """Who opens in time stands in the transcript with his value, who stays silent without."""
    published = await world.frozen(database)
    kept = await head_of(database)
    await commit_by_party(database)
    await commit_by_party(database, world.PARTY_T, world.TENANT)
    await world.set_time(database, published.commit_by + SECOND)
    await open_by_party(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await world.execute(database)

    transcript = await transcript_of(database)
    entropy = {one.party: one.value for one in read_transcript(transcript).openings.entropy}

    assert check_transcript(transcript, world.KEYS, kept).why is None
    assert entropy == {str(world.APPLICANT): world.secret("party"), str(world.TENANT): None}


@pytest.mark.parametrize(("late", "refused"), [(-SECOND, False), (timedelta(), False), (SECOND, True)])
async def test_commitment_of_a_party_ends_with_its_time(database: Database, late: timedelta, refused: bool) -> None:
    """The last instant is in time, the next second is late and changes nothing."""
    published = await world.frozen(database)
    await world.set_time(database, published.commit_by + late)

    if refused:
        with pytest.raises(EntropyLate):
            await commit_by_party(database)
    else:
        await commit_by_party(database)


@pytest.mark.parametrize(("late", "refused"), [(-SECOND, False), (timedelta(), False), (SECOND, True)])
async def test_opening_of_a_party_ends_with_its_time(database: Database, late: timedelta, refused: bool) -> None:
    """The last instant is in time, the next second is late and changes nothing."""
    published = await world.frozen(database)
    await commit_by_party(database)
    await world.set_time(database, published.reveal_by + late)

    if refused:
        with pytest.raises(EntropyLate):
            await open_by_party(database)
    else:
        await open_by_party(database)


async def test_nobody_opens_while_others_may_still_commit(database: Database) -> None:
    """An opening before the commitments are closed is refused."""
    published = await world.frozen(database)
    await commit_by_party(database)
    await world.set_time(database, published.commit_by)

    with pytest.raises(EntropyEarly):
        await open_by_party(database)


async def test_wrong_openings_change_nothing(database: Database) -> None:
    """A secret that does not match its commitment is refused, of a party, of either office, and no row changes."""
    published = await world.frozen(database)
    await commit_by_party(database)
    await world.set_time(database, published.reveal_by)
    before = await of_valuation(database)
    with pytest.raises(CommitmentWrong):
        await open_by_party(database, world.secret("other"))
    await world.set_time(database, world.DRAW_AT)
    with pytest.raises(CommitmentWrong):
        await world.open_second(database, world.secret("other"))

    assert before == await of_valuation(database)
    await world.open_second(database)
    before = await of_valuation(database)
    with pytest.raises(CommitmentWrong):
        await world.execute(database, world.secret("other"))
    assert before == await of_valuation(database)


async def test_pressing_again_gives_the_same_draw(database: Database) -> None:
    """The same message twice, a new press, and two at the same time give one transcript."""
    await world.frozen(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    command = ExecuteDraw(command_id=new_id(), draw_id=world.DRAW, court_secret=world.secret("court"))

    results = await asyncio.gather(
        *(
            execute_draw(database, world.TECHNOLOGY, command, case_desk=world.DESK, draw_key=world.KEY)
            for _ in range(2)
        ),
        world.execute(database),
        world.execute(database),
    )
    transcript = await transcript_of(database)
    again = await world.execute(database)

    assert [again] * 4 == list(results)
    assert transcript == await transcript_of(database)


async def test_draw_waits_for_the_time_that_was_told(database: Database) -> None:
    """A second before the told time nothing is drawn; at that time it is."""
    await world.frozen(database)
    await world.set_time(database, world.DRAW_AT - SECOND)
    await world.open_second(database)
    with pytest.raises(DrawTooEarly):
        await world.execute(database)
    await world.set_time(database, world.DRAW_AT)

    assert len((await world.execute(database)).picks) == 3


async def test_second_secret_stays_closed_while_parties_may_open(database: Database) -> None:
    """The second office opens after the parties' time, and the draw waits for it."""
    published = await world.frozen(database)
    await world.set_time(database, published.reveal_by)
    with pytest.raises(SecondSecretEarly):
        await world.open_second(database)
    await world.set_time(database, world.DRAW_AT)
    with pytest.raises(SecondNotOpened):
        await world.execute(database)


async def test_opened_second_secret_stays_sealed_until_the_draw(database: Database) -> None:
    """Who reads the database before the draw does not find the second secret in it."""
    await world.frozen(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    async with database.engine.connect() as line:
        [row] = (await line.exec_driver_sql("SELECT sealed FROM valuation.draw_second_opening")).all()

    assert world.secret("second").encode() not in bytes(row.sealed)
    assert bytes.fromhex(world.secret("second")) not in bytes(row.sealed)


async def test_handler_has_no_hand_in_the_draw(database: Database) -> None:
    """Whoever requested it or handles the case neither commits nor freezes nor draws, whatever his roles."""
    await world.prepare(database)
    await world.request(database)
    both = world.actor("handler", Role.CASE_HANDLER, Role.JUDICIAL_TECHNOLOGY, Role.SUPERVISOR)

    for step in (world.commit_court, world.commit_second, world.freeze):
        with pytest.raises(HandlerMayNotDraw):
            await step(database, by=both)
    for step in (world.commit_court, world.freeze):
        with pytest.raises(OfficeLacking):
            await step(database, by=world.BUREAU)


async def test_one_person_does_not_stand_for_both_offices(database: Database) -> None:
    """Natural persons are compared."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    both = world.actor("technology", Role.JUDICIAL_TECHNOLOGY, Role.SUPERVISOR)

    with pytest.raises(SamePersonTwice):
        await world.commit_second(database, by=both)


async def test_pool_is_frozen_after_both_commitments_and_once(database: Database) -> None:
    """Without both commitments it is not frozen; frozen, neither pool nor commitments change."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    with pytest.raises(CommitmentsMissing):
        await world.freeze(database)
    with pytest.raises(CommitmentMade):
        await world.commit_court(database)
    await world.commit_second(database)
    await world.freeze(database)

    with pytest.raises(PoolFrozen):
        await world.freeze(database)
    with pytest.raises(PoolFrozen):
        await world.commit_second(database)


async def test_parties_are_told_beforehand(database: Database) -> None:
    """A draw a second too soon after its publication is refused."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    earliest = world.START + timedelta(days=2, hours=1)
    with pytest.raises(DrawTooSoon):
        await world.freeze(database, draw_at=earliest - SECOND)

    assert (await world.freeze(database, draw_at=earliest)).draw_at == earliest


async def test_draw_is_requested_once_and_after_the_time_for_agreement(database: Database) -> None:
    """While the parties may agree there is no draw, and a mandate has one."""
    await world.set_time(database, world.START)
    await world.enter(database, *(world.entry(n) for n in range(1, 5)))
    await world.open_step(database)
    await world.select(database)
    await world.set_time(database, world.START + timedelta(days=1) - SECOND)
    with pytest.raises(AgreementStillOpen):
        await world.request(database)
    await world.set_time(database, world.START + timedelta(days=1))
    await world.request(database)

    with pytest.raises(DrawRequested):
        await world.request(database, draw_id=new_id())


async def test_unopened_secret_fails_the_draw_and_only_an_order_restarts_it(database: Database) -> None:
    """At the end the failure is published; the draw is dead; an outsider enters the order; the new pool names it."""
    published = await world.frozen(database)
    await commit_by_party(database)
    await world.set_time(database, published.reveal_by)
    await open_by_party(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database, by=world.actor("opener", Role.SUPERVISOR))
    await world.set_time(database, world.DRAW_AT + timedelta(days=1) - SECOND)
    assert not await fail(database)
    await world.set_time(database, world.DRAW_AT + timedelta(days=1))
    with pytest.raises(DrawDead):
        await world.execute(database)

    assert await fail(database)
    assert not await fail(database)
    with pytest.raises(DrawDead):
        await world.execute(database)
    again = named_id("second attempt")
    order = RestartDraw(
        command_id=new_id(),
        draw_id=world.DRAW,
        new_draw_id=again,
        higher_court="示例省高级人民法院",
        order_no="（2027）示执复1号",
        document_sha256=world.PAPER,
    )
    for name in ("technology", "handler", "supervisor", "opener"):
        with pytest.raises(RestartByInsider):
            await restart_draw(database, world.actor(name, Role.VICE_PRESIDENT), order)
    for outsider in (world.CLERK, world.BUREAU):
        with pytest.raises(RoleLacking):
            await restart_draw(database, outsider, order)
    assert await restart_draw(database, world.VICE, order) == again
    with pytest.raises(DrawNotDead):
        await restart_draw(database, world.PRESIDENT, order)
    async with database.engine.connect() as line:
        actions = {row.action for row in await line.execute(text("SELECT action FROM kernel.audit_entry"))}
    async with database.reading() as tx:
        counted = await failures_by_office(tx)
        records = await records_of(tx, world.DRAW)
    assert "FailDraw" in actions
    assert counted == [FailuresOfOffice(office="judicial_technology", failed=1)]
    assert [one.entry.kind for one in records] == ["pool", "entropy", "entropy", "failure", "restart"]
    for one in records:
        assert hashlib.sha256(bytes(one.record)).hexdigest() == one.entry.sha256

    await world.commit_court(database, draw_id=again)
    await world.commit_second(database, draw_id=again)
    await world.freeze(database, draw_id=again, draw_at=world.DRAW_AT + timedelta(days=5))
    kept = await head_of(database)
    await world.set_time(database, world.DRAW_AT + timedelta(days=5))
    await world.open_second(database, draw_id=again)
    await world.execute(database, draw_id=again)
    verdict = check_transcript(await transcript_of(database, again), world.KEYS, kept)
    assert verdict.why is None
    assert verdict.transcript is not None
    restarted = verdict.transcript.pool.restart_of
    assert restarted is not None
    assert (restarted.draw_id, restarted.order_no) == (str(world.DRAW), "（2027）示执复1号")


async def test_draw_with_a_round_of_the_beacon(database: Database) -> None:
    """The pool names the round of the draw's time; its published signature is verified, another is refused."""
    draw_at = time_of_round(ROUND)
    async with database.engine.begin() as line:  # the stored round lies before today
        await line.execute(text("ALTER TABLE kernel.clock DISABLE TRIGGER guard_clock"))
        await line.execute(text("UPDATE kernel.clock SET frozen_at = :at"), {"at": draw_at - timedelta(days=6)})
        await line.execute(text("ALTER TABLE kernel.clock ENABLE TRIGGER guard_clock"))
    beacon = SetRulesOfCourt(
        command_id=new_id(),
        court="示例市第一法院",
        drawing_office="bureau",
        second="drand",
        notice_hours=24,
        reason="本院规定",
        document_sha256=world.PAPER,
    )
    await set_rules_of_court(database, world.PRESIDENT, beacon)
    since, until = draw_at.date() - timedelta(days=400), draw_at.date() + timedelta(days=400)
    await world.enter(database, *(world.entry(n, licence_from=since, licence_until=until) for n in range(1, 6)))
    await world.open_step(database)
    await world.select(database, proposals_until=draw_at - timedelta(days=5))
    await world.set_time(database, draw_at - timedelta(days=5))
    await world.request(database)
    await world.commit_court(database, by=world.BUREAU)
    await world.freeze(database, by=world.BUREAU, draw_at=draw_at)
    kept = await head_of(database)
    await world.set_time(database, draw_at)
    other = next(signature for number, signature in ROUNDS.items() if number != ROUND)
    with pytest.raises(Refusal, match="draw_beacon_signature_wrong"):
        await world.execute(database, by=world.BUREAU, beacon_signature=other)
    with pytest.raises(Refusal, match="draw_beacon_signature_needed"):
        await world.execute(database, by=world.BUREAU)
    await world.execute(database, by=world.BUREAU, beacon_signature=ROUNDS[ROUND])

    verdict = check_transcript(await transcript_of(database), world.KEYS, kept)

    assert verdict.why is None
    assert verdict.is_frozen_before


async def test_replacements_come_from_the_same_order(database: Database) -> None:
    """Each replacement is the next in rank with a reason; after the third the court decides."""
    result = await world.drawn(database)

    async def replaced() -> list[str | None]:
        found: list[str | None] = []
        for _ in range(3):
            async with database.transaction() as tx:
                await tx.about_case(world.CASE)
                following = await replace_agency(
                    tx, appraisal_id=world.MANDATE, reason_code="declined", document_sha256=world.PAPER
                )
                found.append(None if following is None else str(following.agency_id))
        return found

    async with database.reading() as tx:
        ranked = await ranked_agencies(tx, appraisal_id=world.MANDATE)
        first = await current_agency(tx, appraisal_id=world.MANDATE)
    assert ranked is not None
    assert first is not None
    assert (ranked.origin, ranked.draw_id) == ("draw", world.DRAW)
    assert [str(one) for one in ranked.agency_ids] == list(result.picks)
    assert str(first.agency_id) == result.picks[0]
    assert await replaced() == [result.picks[1], result.picks[2], None]
    async with database.reading() as tx:
        assert await has_all_failed(tx, appraisal_id=world.MANDATE)


async def test_another_choice_needs_all_three_to_have_failed(database: Database) -> None:
    """While one of the three may act there is no second choice; afterwards those who failed are out of its pool."""
    result = await world.drawn(database)
    second = named_id("second choice")
    until = world.DRAW_AT + timedelta(days=1)
    for mandate_id, refused in ((second, MandateNotAppraisal), (world.MANDATE, SelectionOpened)):
        with pytest.raises(refused):
            await world.select(database, mandate_id=mandate_id, proposals_until=until)
    await world.order_choice(database, second)
    with pytest.raises(SelectionOpened):
        await world.select(database, mandate_id=second, proposals_until=until)
    async with database.transaction() as tx:
        await tx.about_case(world.CASE)
        for _ in range(3):
            await replace_agency(tx, appraisal_id=world.MANDATE, reason_code="late", document_sha256=world.PAPER)
    await world.select(database, mandate_id=second, proposals_until=until)
    async with database.reading() as tx:
        failed = await selection_store.failed_before(tx, await selection_store.selection(tx, second))

    assert {str(one) for one in failed} == set(result.picks)


FORBIDDEN = "append_only"
MANDATE_AND_POOL = "FROM valuation.draw_pool p JOIN valuation.draw d USING (draw_id)"
RESULT = (
    "INSERT INTO valuation.draw_result (draw_id, mandate_id, record, sha256, transcript, drawn_by, drawn_at) SELECT draw_id, "
    "mandate_id, :record, encode(sha256(:record), 'hex'), 'x', handler, draw_at + :off " + MANDATE_AND_POOL
)
FAILURE = (
    "INSERT INTO valuation.draw_failure (draw_id, record, sha256, reason, failed_at) SELECT draw_id, :record, "
    "encode(sha256(:record), 'hex'), 'x', dies_at + :off " + MANDATE_AND_POOL
)
PARTY = "INSERT INTO valuation.draw_entropy (draw_id, party, commitment, committed_at) SELECT draw_id, 'p', repeat('0', 64), "
OPENING = "INSERT INTO valuation.draw_entropy_opening (draw_id, party, value, opened_at) SELECT draw_id, 'p', repeat('0', 64), "
SECOND_OPENING = (
    "INSERT INTO valuation.draw_second_opening (draw_id, sealed, opened_by, opened_at) SELECT draw_id, 'x', handler, "
)
NO_TIME = timedelta()
DAY_OF_DEATH = timedelta(days=1)


async def write(database: Database, *statements: str, off: timedelta = NO_TIME, record: bytes = b"{}") -> None:
    """Write to the database past all use cases."""
    async with database.engine.begin() as line:
        for sql in statements:
            given = {name: value for name, value in (("off", off), ("record", record)) if f":{name}" in sql}
            await line.execute(text(sql), given)


@pytest.mark.parametrize(
    ("sql", "guard"),
    [
        ("UPDATE valuation.draw_pool SET record = record || ' '", FORBIDDEN),
        ("DELETE FROM valuation.draw_pool", FORBIDDEN),
        ("UPDATE valuation.draw_result SET drawn_by = frozen_by FROM valuation.draw_pool", FORBIDDEN),
        ("DELETE FROM valuation.draw_chain", FORBIDDEN),
        ("UPDATE valuation.ranked_agency SET name = 'other'", FORBIDDEN),
        ("UPDATE valuation.register_change SET reason = 'other'", FORBIDDEN),
        ("UPDATE valuation.draw_commitment SET commitment = repeat('0', 64)", FORBIDDEN),
        (
            (
                "INSERT INTO valuation.draw (draw_id, mandate_id, attempt, case_id, court, drawing_office, second, notice_hours, "
                "requested_by, handler, requested_at) SELECT gen_random_uuid(), mandate_id, 2, case_id, court, drawing_office, "
                "second, notice_hours, requested_by, handler, requested_at FROM valuation.draw"
            ),
            "draw_once",
        ),
        (FAILURE, "draw_done"),
        (
            (
                "INSERT INTO valuation.draw_chain (n, previous, kind, draw_id, sha256, entry, head, at) SELECT n + 2, head, kind, "
                "draw_id, sha256, 'x', encode(sha256('x'), 'hex'), at FROM valuation.draw_chain WHERE n = 2"
            ),
            "draw_chain_broken",
        ),
    ],
)
async def test_database_keeps_what_was_published(database: Database, sql: str, guard: str) -> None:
    """Not even whoever writes to the database changes a pool, a result, the chain, the register, or draws twice."""
    await world.drawn(database)

    with pytest.raises(DBAPIError, match=guard):
        await write(database, sql)


@pytest.mark.parametrize(
    ("statements", "off", "refused"),
    [
        ([PARTY + "commit_by + :off " + MANDATE_AND_POOL], NO_TIME, False),
        ([PARTY + "commit_by + :off " + MANDATE_AND_POOL], SECOND, True),
        ([PARTY + "frozen_at + :off " + MANDATE_AND_POOL], -SECOND, True),
        ([PARTY + "commit_by " + MANDATE_AND_POOL, OPENING + "commit_by + :off " + MANDATE_AND_POOL], NO_TIME, True),
        ([PARTY + "commit_by " + MANDATE_AND_POOL, OPENING + "commit_by + :off " + MANDATE_AND_POOL], SECOND, False),
        ([PARTY + "commit_by " + MANDATE_AND_POOL, OPENING + "reveal_by + :off " + MANDATE_AND_POOL], NO_TIME, False),
        ([PARTY + "commit_by " + MANDATE_AND_POOL, OPENING + "reveal_by + :off " + MANDATE_AND_POOL], SECOND, True),
        ([SECOND_OPENING + "reveal_by + :off " + MANDATE_AND_POOL], NO_TIME, True),
        ([SECOND_OPENING + "reveal_by + :off " + MANDATE_AND_POOL], SECOND, False),
        ([SECOND_OPENING + "dies_at + :off " + MANDATE_AND_POOL], -SECOND, False),
        ([SECOND_OPENING + "dies_at + :off " + MANDATE_AND_POOL], NO_TIME, True),
        ([RESULT], -SECOND, True),
        ([RESULT], NO_TIME, False),
        ([RESULT], DAY_OF_DEATH - SECOND, False),
        ([RESULT], DAY_OF_DEATH, True),
        ([FAILURE], -SECOND, True),
        ([FAILURE], NO_TIME, False),
    ],
)
async def test_database_keeps_the_times_of_a_draw(
    database: Database, statements: list[str], off: timedelta, refused: bool
) -> None:
    """What is written past the use cases lies in its time, too."""
    await world.frozen(database)
    if refused:
        with pytest.raises(DBAPIError, match="draw_time_wrong"):
            await write(database, *statements, off=off)
    else:
        await write(database, *statements, off=off)


@pytest.mark.parametrize(("first", "second", "guard"), [(RESULT, FAILURE, "draw_done"), (FAILURE, RESULT, "draw_dead")])
async def test_draw_ends_in_one_way(database: Database, first: str, second: str, guard: str) -> None:
    """A result and a failure exclude each other, one after the other and at the same time."""
    await world.frozen(database)
    given = {"off": NO_TIME, "record": b"{}"}
    async with database.engine.connect() as line:
        await line.execute(text(first), given)
        with pytest.raises(DBAPIError, match="lock timeout"):
            await write(database, "SET LOCAL lock_timeout = '200ms'", second)
        await line.commit()

    with pytest.raises(DBAPIError, match=guard):
        await write(database, second)


async def test_result_is_of_its_own_mandate(database: Database) -> None:
    """A result under another mandate than the draw's is refused."""
    await world.frozen(database)

    with pytest.raises(DBAPIError, match="draw_dead"):
        await write(database, RESULT.replace("mandate_id, :record", "gen_random_uuid(), :record"))


@pytest.mark.parametrize(("rank", "refused"), [(1, False), (2, True), (3, True)])
async def test_ranks_are_what_was_drawn(database: Database, rank: int, refused: bool) -> None:
    """An institution is ranked where the published result has it, and nowhere else."""
    await world.frozen(database)
    picked = world.agency_id(1)
    ranked = (
        "INSERT INTO valuation.ranked_agency (mandate_id, rank, agency_id, name, licence_no, origin, draw_id, ranked_at) "
        f"SELECT mandate_id, {rank}, '{picked}', 'x', 'x', 'draw', draw_id, draw_at " + MANDATE_AND_POOL
    )
    await write(database, RESULT, record=f'{{"picks":["{picked}","{world.agency_id(2)}"]}}'.encode())
    if refused:
        with pytest.raises(DBAPIError, match="rank_not_drawn"):
            await write(database, ranked)
    else:
        await write(database, ranked)


async def test_nothing_is_open_before_the_pool_is_frozen(database: Database) -> None:
    """A party commits only to a frozen pool, and not to a draw that is over."""
    await world.prepare(database)
    await world.request(database)

    with pytest.raises(DrawNotFrozen):
        await commit_by_party(database)


async def test_mandates_count_for_the_workload(database: Database) -> None:
    """The institution whose turn it is has an open mandate; it ends with its step."""
    result = await world.drawn(database)
    async with database.reading() as tx:
        busy = await selection_store.open_mandates(tx)

    assert busy == {UUID(result.picks[0]): 1}


async def test_mandates_whose_end_nobody_records_do_not_count(database: Database) -> None:
    """An auxiliary provider that was drawn once is not busy for ever."""
    await world.prepare(database, purpose="auxiliary_provider", agencies=AUXILIARIES)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    await world.freeze(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await world.execute(database)

    async with database.reading() as tx:
        assert await selection_store.open_mandates(tx) == {}


async def test_later_setting_does_not_touch_a_running_draw(database: Database) -> None:
    """Notice and workload limit are those of the request, whatever the court sets before the freezing."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    later = SetRulesOfCourt(
        command_id=new_id(),
        court="示例市第一法院",
        drawing_office="bureau",
        second="drand",
        notice_hours=700,
        workload_limit=1,
        reason="本院规定",
        document_sha256=world.PAPER,
    )
    await set_rules_of_court(database, world.PRESIDENT, later)
    async with database.reading() as tx:
        made = await store_of_draws.draw(tx, world.DRAW)

    assert made.rules == DrawRules()
    assert (await world.freeze(database)).draw_at == world.DRAW_AT


async def test_pool_is_not_made_to_order_after_the_request(database: Database) -> None:
    """Who enters after the request is not drawn; who is suspended or recused then is excluded, told with the instant."""
    keeper, second = world.actor("keeper 3", Role.JUDICIAL_TECHNOLOGY), world.VICE
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    at = world.START + timedelta(days=1, hours=1)
    await world.set_time(database, at)
    suspension = ProposeSuspension(
        command_id=new_id(),
        change_id=new_id(),
        agency_id=world.agency_id(1),
        from_on=world.START.date(),
        until_on=world.DRAW_AT.date(),
        reason="投诉核查",
        document_sha256=world.PAPER,
    )
    recusal = ProposeRecusal(
        command_id=new_id(),
        change_id=new_id(),
        case_id=world.CASE,
        agency_id=world.agency_id(2),
        reason="与被执行人有往来",
        document_sha256=world.PAPER,
    )
    changes = [
        await propose_entry(database, keeper, world.entry(9)),
        await propose_suspension(database, keeper, suspension),
        await propose_recusal(database, keeper, recusal),
    ]
    for change_id in changes:
        decision = DecideChange(command_id=new_id(), change_id=change_id, decision="confirmed")
        await decide_change(database, second, decision)
    with pytest.raises(RegisterKeeperMayNotDraw):
        await world.freeze(database, by=keeper)
    await world.freeze(database)
    async with database.reading() as tx:
        pool = (await store_of_draws.draw(tx, world.DRAW)).frozen_pool
    excluded = {one.id: (one.reason, one.detail) for one in pool.excluded}

    assert {one.id for one in pool.members} == {str(world.agency_id(n)) for n in range(3, 9)}
    assert [place.count for place in pool.sub_list.places] == [8]
    assert set(excluded) == {str(world.agency_id(1)), str(world.agency_id(2))}
    assert excluded[str(world.agency_id(1))][0] == "suspended"
    assert excluded[str(world.agency_id(1))][1].endswith(f"({instant(at)})")
    assert excluded[str(world.agency_id(2))] == ("conflict", instant(at))
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    with pytest.raises(RegisterKeeperMayNotDraw):
        await world.execute(database, by=keeper)


async def test_who_works_on_the_register_after_the_freezing_may_still_draw(database: Database) -> None:
    """What comes after the freezing cannot touch the pool, and a draw does not die of daily work."""
    await world.frozen(database)
    await world.set_time(database, world.DRAW_AT)
    await world.enter(database, world.entry(9))
    await world.open_second(database)

    assert len((await world.execute(database)).picks) == 3


async def test_parties_and_second_openers_take_no_other_part(database: Database) -> None:
    """A party who is an officer draws nothing, and whoever opened the second secret does not execute."""
    await world.prepare(database)
    await world.request(database)
    party = world.actor("tenant", Role.JUDICIAL_TECHNOLOGY, Role.SUPERVISOR)
    for step in (world.commit_court, world.commit_second, world.freeze):
        with pytest.raises(PartyMayNotDraw):
            await step(database, by=party)
    await world.commit_court(database)
    await world.commit_second(database)
    await world.freeze(database)
    await world.set_time(database, world.DRAW_AT)
    with pytest.raises(PartyMayNotDraw):
        await world.open_second(database, by=party)
    drawing = world.actor("technology", Role.SUPERVISOR)
    with pytest.raises(SamePersonTwice):
        await world.open_second(database, by=drawing)
    opener = world.actor("opener", Role.SUPERVISOR, Role.JUDICIAL_TECHNOLOGY)
    await world.open_second(database, by=opener)

    with pytest.raises(SamePersonTwice):
        await world.execute(database, by=opener)


async def test_draws_are_looked_at_once_a_day(database: Database) -> None:
    """The look is kept and counted; a second one on the same day changes nothing."""
    await world.drawn(database)
    first = await look_at_draws(database)
    again = await look_at_draws(database)
    await world.set_time(database, world.DRAW_AT + timedelta(days=1))
    second = await look_at_draws(database)
    async with database.reading() as tx:
        kept = await newest_look(tx)

    assert first is not None
    assert second is not None
    assert kept is not None
    assert again is None
    assert (first.draws, first.looks, second.looks) == (1, 1, 2)
    assert kept.look == second
    assert [seen.sub_list for seen in second.sub_lists] == ["real_estate/示例市"]
